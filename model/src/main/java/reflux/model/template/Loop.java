// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import java.util.List;

/** The variable {@code loop} at one turn of a for loop. */
record Loop(List<Object> items, int index) {
    Object attribute(String name) {
        return switch (name) {
            case "index" -> index + 1L;
            case "index0" -> (long) index;
            case "revindex" -> (long) items.size() - index;
            case "revindex0" -> items.size() - index - 1L;
            case "length" -> (long) items.size();
            case "first" -> index == 0;
            case "last" -> index == items.size() - 1;
            case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("loop.previtem");
            case "nextitem" -> index + 1 < items.size() ? items.get(index + 1) : new Undefined("loop.nextitem");
            case "cycle" ->
                (Callable) (run, arguments) -> arguments
                        .positional()
                        .get(index % Math.max(1, arguments.positional().size()));
            default -> new Undefined("loop." + name);
        };
    }
}
