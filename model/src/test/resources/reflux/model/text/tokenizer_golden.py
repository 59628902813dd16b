# SPDX-License-Identifier: Apache-2.0
"""Token ids as transformers gives them, for RealTokenizersTest.

    mvn -pl model -am test -Dtest=RealTokenizersTest -Dsurefire.failIfNoSpecifiedTests=false   # fetches the tokenizers
    python tokenizer_golden.py --tokenizers model/target/tokenizers/3.7.2 --out tokenizer_golden.json

Needs transformers (5.23.0 made the committed file). Tokenizers are read by PreTrainedTokenizerFast, which takes tokenizer.json as it
stands; LlamaTokenizer of transformers 5 replaces its normalizer and reads texts that begin with a space in another way.
"""

import argparse
import json
import pathlib

import transformers

TEXTS = [
    "",
    " ",
    "   ",
    "Hello world",
    " Hello world ",
    "Hello,  world!   Three   spaces",
    "\n",
    "\n\n\n  indented\n\ttab\r\nwindows\r",
    "It's we'll I'VE don't 'S",
    "12345 3.14159 1,000,000 2026-11-22",
    "def f(x):\n    return x ** 2  # square\n\n\nprint(f(3))\n",
    "caf\u00e9 na\u00efve",
    "cafe\u0301 nai\u0308ve",
    "\u1100\u1161\u11a8 \uac01 \ud55c\uad6d\uc5b4",
    "\u4f60\u597d\uff0c\u4e16\u754c\u3002 \u65e5\u672c\u8a9e\u306e\u30c6\u30ad\u30b9\u30c8",
    "\u0645\u0631\u062d\u0628\u0627 \u0628\u0627\u0644\u0639\u0627\u0644\u0645",
    "\u0928\u092e\u0938\u094d\u0924\u0947 \u0915\u093c",
    "\U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f3f3\ufe0f\u200d\U0001f308 \U0001f1f3\U0001f1f5 1\ufe0f\u20e3",
    "\u0000 nul \u0001\u001f\u007f\u0085",
    "\ufeffbom \ufffd \uffff \ue000",
    "\u2581 \u2581\u2581x\u2581",
    "\u00a0\u2003\u3000 wide",
    "\U00020000\U0010fffd\U000e0001",
    "\ufb01 \u212b \u00b2 \u1e9b\u0323",
    "<s>hi</s> <unk>",
    " a<s>b",
    "<|begin_of_text|>x <|eot_id|>",
    "<|start_header_id|>user<|end_header_id|>",
    "<|im_start|>user\nhi<|im_end|>",
    "<|endoftext|>",
    "<bos>hi<eos> <start_of_turn>user\nhi<end_of_turn>",
    "<think>\n\n</think>\n<tool_call>{}</tool_call>",
    "<table><tr><td>x</td></tr></table> [multimodal] <unused7>",
    "<0x0A> <0xE2>",
    "https://example.org/a?b=c&d=%20#e",
    "a" * 70,
    "the " * 20,
]

CHATS = [
    [{"role": "user", "content": "What is 2+2?"}],
    [
        {"role": "system", "content": "You are brief."},
        {"role": "user", "content": "  spaces around  "},
        {"role": "assistant", "content": "Four."},
        {"role": "user", "content": "And 3+3? \U0001f642\n\n<think> <table>"},
    ],
]

# For tokenizers that come without a template: begin, end and text side by side.
PLAIN_TEMPLATE = (
    "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content + eos_token }}{% else %}"
    "{{ bos_token + '[INST] ' + m.content + ' [/INST]' }}{% endif %}{% endfor %}"
)


def golden(directory):
    tokenizer = transformers.PreTrainedTokenizerFast.from_pretrained(directory)
    template = tokenizer.chat_template
    chats = []
    for messages in CHATS:
        ids = tokenizer.apply_chat_template(
            messages,
            chat_template=template or PLAIN_TEMPLATE,
            add_generation_prompt=True,
            return_dict=False,
        )
        chats.append({"messages": messages, "ids": ids})
    added = tokenizer.added_tokens_decoder.items()
    return {
        "size": len(tokenizer),
        "end": tokenizer.eos_token_id,
        "special": sorted(set(tokenizer.all_special_ids) | {i for i, token in added if token.special}),
        "template": "" if template else PLAIN_TEMPLATE,
        # "text": names of special tokens stay text; "prompt": with what tokenizer(text) adds
        "texts": [
            {
                "text": text,
                "ids": tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True),
                "prompt": tokenizer.encode(text, add_special_tokens=True, split_special_tokens=True),
            }
            for text in TEXTS
        ],
        "chats": chats,
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tokenizers", type=pathlib.Path, required=True)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    found = {name: golden(arguments.tokenizers / name) for name in ("llama2", "llama3", "qwen3", "gemma3")}
    found["made_by"] = "transformers " + transformers.__version__
    arguments.out.write_text(json.dumps(found, separators=(",", ":"), sort_keys=True) + "\n")


if __name__ == "__main__":
    main()
