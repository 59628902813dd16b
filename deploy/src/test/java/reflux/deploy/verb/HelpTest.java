// SPDX-License-Identifier: Apache-2.0
package reflux.deploy.verb;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

class HelpTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "demo",
                "serve",
                "sft",
                "eval",
                "compare",
                "align",
                "loss",
                "selftest",
                "bench",
                "sample",
                "score",
                "feed",
                "model inspect",
                "logits",
                "export",
                "tokenizer train",
                "demo-data",
                "doctor"
            })
    void help_isGivenWithoutTheRequiredOptions(String verb) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        CommandLine line = RefluxCommand.create().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

        int code = line.execute((verb + " --help").trim().split(" "));

        assertThat(code).isZero();
        assertThat(err.toString()).isEmpty();
        assertThat(out.toString()).startsWith("Usage: reflux " + verb);
    }
}
