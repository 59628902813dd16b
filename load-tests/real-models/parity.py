# SPDX-License-Identifier: Apache-2.0
"""Compares Reflux's prompts and greedy responses (`reflux eval --json`) with those of transformers, token by token, both in f32.

usage: python parity.py MODEL_DIR PROMPTS.jsonl REFLUX.json OUT.json NEW_TOKENS
"""
import json
import pathlib
import sys
import time

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer


def prompt_ids(tokenizer, messages):
    """As a user of transformers makes them: by the chat template; without one the text, with the tokens that belong before it."""
    if tokenizer.chat_template:
        return tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_dict=True)["input_ids"]
    return tokenizer(messages[-1]["content"])["input_ids"]


def first_difference(left, right):
    return next((i for i, (a, b) in enumerate(zip(left, right)) if a != b), min(len(left), len(right)))


@torch.no_grad()
def margin(model, prompt, response, at, other):
    """How much transformers' logit of its own token is above that of Reflux's, where they part."""
    logits = model(torch.tensor([prompt + response[:at]])).logits[0, -1]
    return float(logits[response[at]] - logits[other])


@torch.no_grad()
def compare(model, tokenizer, messages, reflux, new_tokens):
    prompt = prompt_ids(tokenizer, messages)
    inputs = torch.tensor([prompt])
    output = model.generate(inputs, attention_mask=torch.ones_like(inputs), do_sample=False, max_new_tokens=new_tokens)
    response = output[0, len(prompt):].tolist()
    found = {
        "prompt_equal": prompt == reflux["prompt_ids"],
        "equal": response == reflux["response_ids"],
        "tokens": len(response),
        "text": tokenizer.decode(response, skip_special_tokens=True),
        "reflux_text": reflux["response"],
    }
    if found["prompt_equal"] and not found["equal"]:
        at = first_difference(response, reflux["response_ids"])
        found["differs_at"] = at
        if at < min(len(response), len(reflux["response_ids"])):
            found["margin"] = margin(model, prompt, response, at, reflux["response_ids"][at])
    return found


def main():
    directory, prompts, reflux, out = map(pathlib.Path, sys.argv[1:5])
    new_tokens = int(sys.argv[5])
    torch.set_num_threads(2)
    tokenizer = AutoTokenizer.from_pretrained(directory)
    model = AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32).eval()
    items = json.loads(reflux.read_text())["items"]
    lines = [json.loads(line) for line in prompts.read_text().splitlines()]
    began = time.time()
    found = [compare(model, tokenizer, line["prompt"], item, new_tokens) for line, item in zip(lines, items, strict=True)]
    result = {
        "model": directory.name,
        "chat_template": bool(tokenizer.chat_template),
        "prompts": len(found),
        "prompts_equal": sum(each["prompt_equal"] for each in found),
        "responses_equal": sum(each["equal"] for each in found),
        "max_new_tokens": new_tokens,
        "tokens": sum(each["tokens"] for each in found),
        "seconds": time.time() - began,
        "items": found,
    }
    out.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n")
    print(f"{directory.name}: prompts equal {result['prompts_equal']}/{len(found)}, greedy responses equal "
          f"{result['responses_equal']}/{len(found)} ({result['tokens']} tokens)")
    for index, each in enumerate(found):
        if not each["equal"]:
            print(f"  prompt {index}: parts at token {each.get('differs_at')}, margin {each.get('margin')}")


if __name__ == "__main__":
    main()
