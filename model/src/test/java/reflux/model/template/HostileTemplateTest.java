// SPDX-License-Identifier: Apache-2.0
package reflux.model.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Random;
import org.assertj.core.api.Assertions;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class HostileTemplateTest {
    private static final String NESTED =
            "{% set ns = namespace(v=[]) %}{% for i in range(9999) %}{% set ns.v = [ns.v] %}{% endfor %}";

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            quoteCharacter = '`',
            value = {
                "{% for a in range(9999999999) %}{% endfor %}#4000000 steps",
                "{% for a in range(1000) %}{% for b in range(1000) %}{% for c in range(1000) %}{% endfor %}{% endfor %}{% endfor %}#4000000 steps",
                "{{ 'a' * 9999999999 }}#4194304 characters",
                "{% for a in range(50) %}{{ 'a' * 100000 }}{% endfor %}#4194304 characters",
                "{% set ns = namespace(s='x') %}{% for a in range(99) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}#characters",
                "{% set ns = namespace(l=[1]) %}{% for a in range(99) %}{% set ns.l = ns.l + ns.l %}{% endfor %}#4000000 steps",
                "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}#400 levels",
                "{% macro m() %}{{ m() }}{{ m() }}{% endmacro %}{{ m() }}#400 levels",
                "{{ ('x' * 9999)|replace('x', 'y' * 9999) }}#more than",
                "{% set s = 'a' * 4000000 %}{% for a in range(900000) %}{{ 'b' in s }}{% endfor %}#4000000 steps",
                "{% set s = 'a' * 4000000 %}{% for a in range(900000) %}{{ s[3999999] }}{% endfor %}#4000000 steps",
                "{% set s = 'a' * 4000000 %}{% for a in range(900000) %}{{ s|length }}{% endfor %}#4000000 steps",
                "{% set n = namespace(v=[1]) %}{% for a in range(60) %}{% set n.v = [n.v, n.v] %}{% endfor %}{{ n.v == n.v + [] }}#4000000 steps",
                "{{ 2 ** 64 }}#no 64-bit value",
                "{{ 9223372036854775807 + 1 }}#no 64-bit value",
                "{{ 1 // 0 }}#no 64-bit value",
                "{{ 1 / 0 }}#divides by zero",
                "{{ messages.__class__.__mro__ }}#is undefined",
                "{{ ''.__class__.__base__ }}#is undefined",
                "{{ ''.getClass() }}#is undefined",
                "{{ messages.append(1) }}#is undefined",
                "{{ namespace.__init__.__globals__ }}#is undefined",
                "{% include 'x' %}#the tag 'include'",
                "{% import 'x' as y %}#the tag 'import'",
                "{{ 1 | nofilter }}#filter 'nofilter'",
                "{{ 1 is notest }}#test 'notest'",
                "{{ 'x#text without end",
                "{{ 1 }#tag without end",
                "{% if x %}#needs one of",
                "{% endif %}#the tag 'endif'",
                "{{ }}#needs a value"
            })
    void hostileTemplate_endsWithTheReason(String source, String reason) {
        assertThatThrownBy(() -> render(source, "hi"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining(reason);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{{ ns.v }}", "{{ ns.v|tojson }}", "{{ ns.v == [ns.v] }}", "{{ [ns.v, [ns.v]]|unique }}"})
    void valueWithinItselfManyTimes_isRefused(String use) {
        assertThatThrownBy(() -> render(NESTED + use, "hi"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nests deeper than 64 levels");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '#',
            value = {"(#)", "[#]", "- #", "'not '#", "{1:#}", "'x if y else '#", "x[#]", "f(#)"},
            ignoreLeadingAndTrailingWhitespace = false)
    void deepSource_isRefused(String opening, @Nullable String closing) {
        String source = "{{ " + opening.repeat(20_000) + "1" + (closing == null ? "" : closing).repeat(20_000) + " }}";

        assertThatThrownBy(() -> render(source, "hi"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nests deeper than 100 levels");
    }

    @ParameterizedTest
    @ValueSource(strings = {" + 1", " or 0", "|string", ".x", " is defined", " ** 1", " if 1"})
    void longChain_isRefused(String link) {
        assertThatThrownBy(() -> render("{{ 0" + link.repeat(20_000) + " }}", "hi"))
                .isInstanceOf(TemplateException.class)
                .hasMessageContaining("nests deeper than 400 levels");
    }

    @Test
    void userText_isNeverEvaluated() {
        String text = "{{ 7*7 }}{% for x in y %}{# #}\\n{%- raise_exception('x') -%}";

        assertThat(render("{{ messages[0].content }}|{{ messages[0]['content'] ~ '' }}", text)
                        .text())
                .isEqualTo(text + "|" + text);
    }

    /** Seed 4: pieces of template code in any order either render or are refused. */
    @Test
    void randomSource_neverFailsOtherwise() {
        String[] pieces = {
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "-",
            "if ",
            "for ",
            "x ",
            "in ",
            "endfor",
            "endif",
            "set ",
            "=",
            "'a'",
            "(",
            ")",
            "[",
            "]",
            ":",
            "|",
            "trim",
            "tojson",
            "messages",
            ".",
            "content",
            "1",
            "macro ",
            "endmacro",
            "is ",
            "not ",
            "\n",
            " ",
            "~",
            "+",
            "{",
            "}"
        };
        Random random = new Random(4);
        for (int i = 0; i < 20_000; i++) {
            StringBuilder source = new StringBuilder();
            for (int k = random.nextInt(14); k >= 0; k--) {
                source.append(pieces[random.nextInt(pieces.length)]);
            }
            Throwable thrown = Assertions.catchThrowable(() -> render(source.toString(), "hi"));
            if (thrown != null) {
                assertThat(thrown).as(source.toString()).isInstanceOf(TemplateException.class);
            }
        }
    }

    private static Rendered render(String source, String content) {
        ObjectNode conversation = new ObjectMapper().createObjectNode();
        conversation.putArray("messages").addObject().put("role", "user").put("content", content);
        return ChatTemplate.parse(source).render(conversation, Map.of());
    }
}
