// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import static java.util.Objects.requireNonNull;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Clock;
import java.util.List;
import java.util.Map;

/**
 * A model's chat template: renders what {@code apply_chat_template} of transformers renders, by the part of Jinja that chat
 * templates use. What comes with a conversation is never read as template code, and every character of the result knows who
 * wrote it. Immutable; safe for several threads.
 */
public final class ChatTemplate {
    private static final int MAX_SOURCE = 1 << 20;

    private final List<Statement> statements;
    private final Bounds bounds;
    private final Clock clock;

    private ChatTemplate(List<Statement> statements, Bounds bounds, Clock clock) {
        this.statements = statements;
        this.bounds = requireNonNull(bounds, "bounds is null");
        this.clock = requireNonNull(clock, "clock is null");
    }

    /** With the usual bounds and the system's clock. Throws {@link TemplateException} for what cannot be read. */
    public static ChatTemplate parse(String source) {
        return parse(source, Bounds.DEFAULT, Clock.systemDefaultZone());
    }

    /** The clock is what {@code strftime_now} tells. Throws {@link TemplateException} for what cannot be read. */
    public static ChatTemplate parse(String source, Bounds bounds, Clock clock) {
        if (source.length() > MAX_SOURCE) {
            throw new TemplateException(
                    "a chat template must be <= " + MAX_SOURCE + " characters, was " + source.length());
        }
        return new ChatTemplate(TemplateParser.parse(source), bounds, clock);
    }

    /**
     * Renders the variables of a conversation, {@code messages} for one, together with the special tokens that the template
     * may write ({@code bos_token} and so on). Throws {@link TemplateException} if the template raises, or passes a bound.
     */
    public Rendered render(JsonNode conversation, Map<String, String> specialTokens) {
        Run run = new Run(bounds, clock);
        Scope scope = new Scope(run);
        Globals.ALL.forEach(scope::set);
        specialTokens.forEach((name, piece) -> scope.set(name, Text.of(piece)));
        conversation.properties().forEach(entry -> scope.set(entry.getKey(), Values.of(entry.getValue())));
        scope.execute(statements, run.output());
        return run.rendered();
    }
}
