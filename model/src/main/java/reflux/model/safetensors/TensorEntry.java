// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import reflux.model.engine.DataType;

/** One tensor's entry of a header while it is read. */
final class TensorEntry {
    private static final int MAX_AXES = 32;
    private static final List<DataType> TYPES = List.of(DataType.values());

    private final Path file;
    private final String name;
    private @Nullable DataType type;
    private @Nullable List<Long> shape;
    private @Nullable List<Long> offsets;

    TensorEntry(Path file, String name) {
        this.file = file;
        this.name = name;
    }

    /** Reads the value of the member at which the parser stands. */
    void read(JsonParser parser) throws IOException {
        String member = parser.currentName();
        switch (member) {
            case "dtype" -> {
                expect(type == null, "has dtype twice");
                expect(parser.nextToken() == JsonToken.VALUE_STRING, "has a dtype that is not a string");
                type = typeOf(parser.getText());
            }
            case "shape" -> {
                expect(shape == null, "has shape twice");
                shape = numbers(parser, "shape", MAX_AXES);
            }
            case "data_offsets" -> {
                expect(offsets == null, "has data_offsets twice");
                offsets = numbers(parser, "data_offsets", 2);
            }
            default -> throw fault("has the unknown member '" + member + "'");
        }
    }

    /** The tensor and its place, if the entry is whole and its numbers agree. */
    Header.Place place() {
        if (type == null || shape == null || offsets == null) {
            throw fault("must have dtype, shape and data_offsets");
        }
        expect(offsets.size() == 2, "must have two data_offsets");
        long begin = offsets.get(0);
        long end = offsets.get(1);
        expect(begin <= end, "has reversed data_offsets");
        TensorInfo info = info(type, shape);
        if (end - begin != info.bytes()) {
            throw fault("needs " + info.bytes() + " bytes for " + type + shape + ", has " + (end - begin));
        }
        return new Header.Place(info, begin);
    }

    private TensorInfo info(DataType known, List<Long> axes) {
        try {
            return TensorInfo.of(name, known, axes);
        } catch (ArithmeticException e) {
            throw fault("has a shape of 2^63 bytes or more: " + axes);
        }
    }

    private DataType typeOf(String text) {
        for (DataType known : TYPES) {
            if (known.name().equals(text)) {
                return known;
            }
        }
        throw fault("has dtype '" + text + "', which is not one of " + TYPES);
    }

    private List<Long> numbers(JsonParser parser, String member, int most) throws IOException {
        if (parser.nextToken() != JsonToken.START_ARRAY) {
            throw fault("has a " + member + " that is not an array");
        }
        List<Long> numbers = new ArrayList<>(2);
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            if (!whole || parser.getLongValue() < 0) {
                throw fault("has a " + member + " with other than whole numbers in [0, 2^63)");
            }
            if (numbers.size() == most) {
                throw fault("has more than " + most + " numbers in " + member);
            }
            numbers.add(parser.getLongValue());
        }
        return numbers;
    }

    private void expect(boolean fact, String otherwise) {
        if (!fact) {
            throw fault(otherwise);
        }
    }

    private SafetensorsException fault(String fact) {
        return new SafetensorsException(file, name, fact);
    }
}
