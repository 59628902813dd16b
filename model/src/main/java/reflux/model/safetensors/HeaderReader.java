// SPDX-License-Identifier: Apache-2.0
package reflux.model.safetensors;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import reflux.model.safetensors.Header.Place;

/**
 * Reads a header as something that an enemy may have written: sizes are checked before memory is taken, the text is read as a
 * stream, and nothing is guessed.
 */
final class HeaderReader {
    static final long MAX_HEADER_BYTES = 100_000_000;
    static final int MAX_TENSORS = 100_000;
    static final int MAX_NAME = 4096;
    private static final int MAX_METADATA_CHARACTERS = 4 << 20;
    private static final int MAX_NAME_CHARACTERS = 16 << 20;
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNameLength(MAX_NAME)
                    .maxStringLength(1 << 20)
                    .maxNumberLength(20)
                    .build())
            .build();

    private final Path file;
    private final Map<String, Place> places = new HashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private boolean metadataSeen;
    private int metadataCharacters;
    private int nameCharacters;
    private String current = "";

    private HeaderReader(Path file) {
        this.file = file;
    }

    /** Throws {@link SafetensorsException} for anything but a sound header. */
    static Header read(Path file, FileChannel channel) throws IOException {
        return new HeaderReader(file).read(channel);
    }

    private Header read(FileChannel channel) throws IOException {
        long size = channel.size();
        long length = headerLength(channel, size);
        InputStream bytes = new BoundedInput(Channels.newInputStream(channel.position(8)), length);
        try (JsonParser parser = JSON.createParser(new InputStreamReader(bytes, StandardCharsets.UTF_8.newDecoder()))) {
            readRoot(parser);
        } catch (CharacterCodingException e) {
            throw fault("header is not UTF-8");
        } catch (JsonProcessingException e) {
            throw fault("header is not sound JSON: " + e.getOriginalMessage());
        }
        current = "";
        return Header.of(ordered(size - 8 - length), metadata, 8 + length);
    }

    private long headerLength(FileChannel channel, long size) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(9).order(ByteOrder.LITTLE_ENDIAN);
        while (start.hasRemaining() && channel.read(start, start.position()) >= 0) {}
        if (start.position() < 9) {
            throw fault("file must be longer than 8 bytes, was " + size);
        }
        long length = start.getLong(0);
        if (length <= 0 || length > MAX_HEADER_BYTES) {
            throw fault("header must be of 1 to " + MAX_HEADER_BYTES + " bytes, was " + Long.toUnsignedString(length));
        }
        if (length > size - 8) {
            throw fault("header of " + length + " bytes does not fit into a file of " + size);
        }
        if (start.get(8) != '{') {
            throw fault("header must begin with '{'");
        }
        return length;
    }

    private void readRoot(JsonParser parser) throws IOException {
        expect(parser.nextToken() == JsonToken.START_OBJECT, "header must be a JSON object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            current = parser.currentName();
            nameCharacters += current.length();
            expect(
                    nameCharacters <= MAX_NAME_CHARACTERS,
                    "is one name too many: all have > " + MAX_NAME_CHARACTERS + " characters");
            if (current.equals("__metadata__")) {
                expect(!metadataSeen, "occurs twice");
                metadataSeen = true;
                readMetadata(parser);
            } else {
                expect(places.size() < MAX_TENSORS, "is one too many: at most " + MAX_TENSORS + " tensors are read");
                readTensor(parser);
            }
        }
        current = "";
        expect(parser.nextToken() == null, "header must hold one JSON object only");
    }

    private void readMetadata(JsonParser parser) throws IOException {
        expect(parser.nextToken() == JsonToken.START_OBJECT, "must be an object of strings");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            expect(parser.nextToken() == JsonToken.VALUE_STRING, "must be an object of strings");
            String value = parser.getText();
            metadataCharacters += key.length() + value.length();
            expect(
                    metadataCharacters <= MAX_METADATA_CHARACTERS,
                    "must be <= " + MAX_METADATA_CHARACTERS + " characters");
            expect(metadata.put(key, value) == null, "has a key twice");
        }
    }

    private void readTensor(JsonParser parser) throws IOException {
        TensorEntry entry = new TensorEntry(file, current);
        expect(parser.nextToken() == JsonToken.START_OBJECT, "must be described by an object");
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            entry.read(parser);
        }
        expect(places.put(current, entry.place()) == null, "occurs twice");
    }

    private List<Place> ordered(long dataLength) {
        List<Place> ordered = new ArrayList<>(places.values());
        ordered.sort(Comparator.comparingLong(Place::begin)
                .thenComparingLong(Place::end)
                .thenComparing(place -> place.info().name()));
        long cursor = 0;
        for (Place place : ordered) {
            current = place.info().name();
            if (place.end() > dataLength) {
                throw fault("ends at " + place.end() + " of " + dataLength + " bytes of data");
            }
            if (place.begin() != cursor) {
                String what = place.begin() < cursor ? "overlaps another" : "leaves a gap";
                throw fault(what + ": begins at " + place.begin() + ", not at " + cursor);
            }
            cursor = place.end();
        }
        current = "";
        if (cursor != dataLength) {
            throw fault((dataLength - cursor) + " bytes after the last tensor belong to none");
        }
        return ordered;
    }

    private void expect(boolean fact, String otherwise) {
        if (!fact) {
            throw fault(otherwise);
        }
    }

    private SafetensorsException fault(String fact) {
        return new SafetensorsException(file, current, fact);
    }
}
