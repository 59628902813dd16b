// SPDX-License-Identifier: Apache-2.0
package reflux.model.engine;

import ai.djl.engine.EngineException;
import ai.djl.pytorch.jni.TorchBridge;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Maths written in TorchScript: method definitions in {@code .py} resources, packed in memory and type-checked at load. Gradients
 * flow through a call made inside {@link Engine#recording}. May be called from several engine threads.
 *
 * <p>Arguments: {@link Tensor}, {@link TensorList}, a list of tensors, Integer and Long (int), Float and Double (float), Boolean,
 * String, {@code long[]} (List[int]) and null (None).
 */
public final class Script implements AutoCloseable {
    private final ScriptSource source;
    private final long module;
    private final long none;
    private boolean closed;

    private Script(ScriptSource source, long module) {
        this.source = source;
        this.module = module;
        this.none = TorchBridge.runMethod(module, "none", new long[0]);
    }

    /**
     * Packs and compiles resources.
     *
     * @param resources method definitions, indented by two as members of one class, concatenated in this order; found beside anchor
     * @throws ScriptException if they do not compile
     */
    public static Script load(Engine engine, Class<?> anchor, String... resources) {
        engine.check();
        ScriptSource source = ScriptSource.read(anchor, resources);
        try {
            return new Script(source, TorchBridge.loadModule(source.archive()));
        } catch (EngineException e) {
            throw new ScriptException(source.locate(String.valueOf(e.getMessage())), e);
        }
    }

    /** Calls a method that returns one tensor, which out will own. */
    public Tensor call(Scope out, String method, @Nullable Object... arguments) {
        long result = invoke(method, arguments);
        try {
            if (!TorchBridge.isTensor(result)) {
                throw new IllegalArgumentException(method + " does not return a tensor");
            }
            return out.adopt(TorchBridge.tensor(result));
        } finally {
            TorchBridge.deleteValue(result);
        }
    }

    /** Calls a method that returns a list or a tuple of tensors, which out will own. */
    public List<Tensor> callAll(Scope out, String method, @Nullable Object... arguments) {
        long result = invoke(method, arguments);
        try {
            long[] handles = TorchBridge.isTuple(result) ? tuple(result) : TorchBridge.tensors(result);
            List<Tensor> tensors = new ArrayList<>(handles.length);
            for (long handle : handles) {
                tensors.add(out.adopt(handle));
            }
            return tensors;
        } finally {
            TorchBridge.deleteValue(result);
        }
    }

    /** Calls a method for its effect. */
    public void run(String method, @Nullable Object... arguments) {
        TorchBridge.deleteValue(invoke(method, arguments));
    }

    long integer(String method, @Nullable Object... arguments) {
        long result = invoke(method, arguments);
        try {
            return TorchBridge.integer(result);
        } finally {
            TorchBridge.deleteValue(result);
        }
    }

    private static long[] tuple(long value) {
        long[] members = TorchBridge.tuple(value);
        long[] tensors = new long[members.length];
        for (int i = 0; i < members.length; i++) {
            tensors[i] = TorchBridge.tensor(members[i]);
            TorchBridge.deleteValue(members[i]);
        }
        return tensors;
    }

    private long invoke(String method, @Nullable Object[] arguments) {
        EngineThread.checkCurrent();
        if (closed) {
            throw new IllegalStateException("script is closed");
        }
        long[] values = new long[arguments.length];
        int made = 0;
        try {
            for (; made < arguments.length; made++) {
                values[made] = value(arguments[made]);
            }
            return TorchBridge.runMethod(module, method, values);
        } catch (EngineException e) {
            throw new ScriptException(method + ": " + source.locate(String.valueOf(e.getMessage())), e);
        } finally {
            for (int i = 0; i < made; i++) {
                if (!(arguments[i] == null || arguments[i] instanceof TensorList)) {
                    TorchBridge.deleteValue(values[i]);
                }
            }
        }
    }

    private long value(@Nullable Object argument) {
        if (argument == null) {
            return none;
        } else if (argument instanceof Tensor tensor) {
            return TorchBridge.valueOf(tensor.handle());
        } else if (argument instanceof TensorList list) {
            return list.value();
        } else if (argument instanceof List<?> list) {
            return TorchBridge.valueOf(
                    list.stream().mapToLong(item -> ((Tensor) item).handle()).toArray());
        } else if (argument instanceof Integer || argument instanceof Long) {
            return TorchBridge.valueOfInteger(((Number) argument).longValue());
        } else if (argument instanceof Float || argument instanceof Double) {
            return TorchBridge.valueOfReal(((Number) argument).doubleValue());
        } else if (argument instanceof Boolean bool) {
            return TorchBridge.valueOfBoolean(bool);
        } else if (argument instanceof String string) {
            return TorchBridge.valueOfString(string);
        } else if (argument instanceof long[] integers) {
            return TorchBridge.valueOfIntegers(integers);
        }
        throw new IllegalArgumentException(
                "a script takes no " + argument.getClass().getName());
    }

    @Override
    public void close() {
        if (!closed) {
            EngineThread.checkCurrent();
            closed = true;
            TorchBridge.deleteValue(none);
            TorchBridge.deleteModule(module);
        }
    }
}
