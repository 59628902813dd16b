// SPDX-License-Identifier: Apache-2.0
package reflux.model.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Comparator;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import reflux.model.template.Origin;
import reflux.model.template.Rendered;

/** Finds the names of added tokens in a rendered prompt as the native tokenizer does: the leftmost, of these the longest. */
final class AddedNames {
    private final Map<String, String> hidden;
    private final TreeMap<Integer, Set<String>> byLength = new TreeMap<>(Comparator.reverseOrder());
    private final Set<Character> firsts = new HashSet<>();

    /** Of the added tokens of tokenizer.json and the hidden names of those that are special. */
    AddedNames(JsonNode tokens, Map<String, String> hidden) {
        this.hidden = Map.copyOf(hidden);
        for (JsonNode token : tokens) {
            String name = token.path("content").asText();
            boolean early =
                    hidden.containsKey(name) || !token.path("normalized").asBoolean();
            if (early && !name.isEmpty()) {
                byLength.computeIfAbsent(name.length(), length -> new HashSet<>())
                        .add(name);
                firsts.add(name.charAt(0));
            }
        }
    }

    /** The text with special tokens that the template wrote under their hidden names; all others stay text. */
    String revealed(Rendered rendered) {
        String text = rendered.text();
        StringBuilder out = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); ) {
            String name = firsts.contains(text.charAt(i)) ? nameAt(rendered, i) : "";
            if (name.isEmpty()) {
                out.append(text.charAt(i++));
            } else {
                out.append(hidden.getOrDefault(name, name));
                i += name.length();
            }
        }
        return out.toString();
    }

    private String nameAt(Rendered rendered, int start) {
        for (Map.Entry<Integer, Set<String>> names : byLength.entrySet()) {
            int end = start + names.getKey();
            if (end <= rendered.text().length()) {
                String part = rendered.text().substring(start, end);
                if (names.getValue().contains(part)
                        && (!hidden.containsKey(part) || isTemplates(rendered, start, end))) {
                    return part;
                }
            }
        }
        return "";
    }

    /** Whether the template wrote it; it may take the role into the middle, as in {@code '<|' + role + '|>'}. */
    private static boolean isTemplates(Rendered rendered, int start, int end) {
        for (int i = start; i < end; i++) {
            if (rendered.origin(i) == Origin.CONTENT) {
                return false;
            }
        }
        return rendered.origin(start) == Origin.TEMPLATE && rendered.origin(end - 1) == Origin.TEMPLATE;
    }
}
