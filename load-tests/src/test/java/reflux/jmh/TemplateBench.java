// SPDX-License-Identifier: Apache-2.0
package reflux.jmh;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import reflux.model.template.ChatTemplate;
import reflux.model.template.Rendered;

/** Time to render a conversation of ten messages of some 200 characters. Run it in the repository's root. */
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 5, time = 1)
@State(Scope.Benchmark)
public class TemplateBench {
    private static final Path TEMPLATES = Path.of("model/src/test/resources/reflux/model/template/chat_templates.json");
    private static final String LLAMA3_FORM =
            "{{ bos_token }}{% for m in messages %}{{ '<|start_header_id|>' + m['role'] + '<|end_header_id|>\n\n'"
                    + " + m['content'] | trim + '<|eot_id|>' }}{% endfor %}{% if add_generation_prompt %}"
                    + "{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}";
    private static final Map<String, String> TOKENS = Map.of("bos_token", "<s>", "eos_token", "</s>");

    private final ChatTemplate llama3 = ChatTemplate.parse(LLAMA3_FORM);
    private final ObjectNode conversation = conversation();
    private String qwen3Source = "";
    private ChatTemplate qwen3 = llama3;

    @Setup
    public void readQwen3() throws IOException {
        JsonNode golden = new ObjectMapper().readTree(TEMPLATES.toFile());
        qwen3Source = golden.path("templates").path("qwen3").asText();
        if (qwen3Source.isEmpty()) {
            throw new IllegalStateException(TEMPLATES + " has no template qwen3");
        }
        qwen3 = ChatTemplate.parse(qwen3Source);
    }

    private static ObjectNode conversation() {
        ObjectNode conversation = new ObjectMapper().createObjectNode();
        ArrayNode turns = conversation.putArray("messages");
        for (int i = 0; i < 10; i++) {
            String role = i == 0 ? "system" : i % 2 == 1 ? "user" : "assistant";
            turns.addObject().put("role", role).put("content", "What a message of number " + i + " says. ".repeat(14));
        }
        return conversation.putNull("tools").put("add_generation_prompt", true);
    }

    @Benchmark
    public Rendered llama3Form() {
        return llama3.render(conversation, TOKENS);
    }

    @Benchmark
    public Rendered qwen3() {
        return qwen3.render(conversation, TOKENS);
    }

    @Benchmark
    public ChatTemplate parseQwen3() {
        return ChatTemplate.parse(qwen3Source);
    }
}
