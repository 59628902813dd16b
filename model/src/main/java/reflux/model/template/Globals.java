// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The functions that transformers gives to chat templates. */
final class Globals {
    static final Map<String, Callable> ALL = Map.of(
            "range", Globals::range,
            "namespace", Globals::namespace,
            "dict", Globals::dict,
            "raise_exception", Globals::raise,
            "strftime_now", (run, arguments) -> DateText.of(run.clock(), arguments.text(0, "format")));

    private Globals() {}

    private static Object range(Run run, Arguments arguments) {
        boolean one = arguments.positional().size() == 1;
        long start = one ? 0 : Values.integer(arguments.get(0, "start"));
        long end = Values.integer(arguments.get(one ? 0 : 1, "stop"));
        long step = arguments.number(2, "step", 1);
        if (step == 0) {
            throw new TemplateException("range of the chat template has a step of zero");
        }
        List<Object> numbers = new ArrayList<>();
        for (long i = start; step > 0 ? i < end : i > end; i += step) {
            run.charge(1);
            numbers.add(i);
        }
        return numbers;
    }

    private static Object namespace(Run run, Arguments arguments) {
        Namespace namespace = new Namespace();
        entries(arguments)
                .forEach((name, value) -> namespace.set(Values.text(name).value(), value));
        return namespace;
    }

    private static Object dict(Run run, Arguments arguments) {
        return entries(arguments);
    }

    private static Map<Object, Object> entries(Arguments arguments) {
        Map<Object, Object> entries = new LinkedHashMap<>();
        if (!arguments.positional().isEmpty() && arguments.positional().get(0) instanceof Map<?, ?> map) {
            entries.putAll(map);
        }
        arguments.named().forEach((name, value) -> entries.put(Text.of(name), value));
        return entries;
    }

    private static Object raise(Run run, Arguments arguments) {
        throw new TemplateException("the chat template refuses the conversation: "
                + Printing.print(run, arguments.get(0, "message")).value());
    }
}
