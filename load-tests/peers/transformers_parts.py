# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of transformers alone: sampling, scoring 4 x 128 tokens, a training step on 4 x 128 tokens.

usage: transformers_parts.py sample|sample-batch|score|score-logits|train MODEL f32|bf16 [--seconds S]
"""
import argparse
import json
import statistics
import time

import torch
import transformers
from transformers import AutoModelForCausalLM

CONTEXT = 32
NEW_TOKENS = 64
ROWS = 4
LENGTH = 128


def ids(model, rows, length):
    torch.manual_seed(3)
    return torch.randint(10, model.config.vocab_size, (rows, length))


def decode(model, rows):
    """Sampling from the whole vocabulary with a full batch; the pass over the prompt is taken off."""
    context = min(CONTEXT, model.config.max_position_embeddings - NEW_TOKENS - 1)
    prompt = ids(model, rows, context)
    model.generation_config.eos_token_id = None
    common = dict(attention_mask=torch.ones_like(prompt), do_sample=True, top_k=0, top_p=1.0, temperature=1.0, pad_token_id=0)

    def once():
        start = time.perf_counter()
        with torch.inference_mode():
            model.generate(prompt, max_new_tokens=1, **common)
            first = time.perf_counter() - start
            start = time.perf_counter()
            model.generate(prompt, max_new_tokens=NEW_TOKENS + 1, **common)
        return rows * NEW_TOKENS / (time.perf_counter() - start - first)

    return once


def score(model, with_logits):
    length = min(LENGTH, model.config.max_position_embeddings)
    batch = ids(model, ROWS, length)
    run = model if with_logits else model.base_model

    def once():
        start = time.perf_counter()
        with torch.inference_mode():
            run(input_ids=batch, use_cache=False)
        return batch.numel() / (time.perf_counter() - start)

    return once


def train(model, autocast):
    """Forward, cross-entropy over all positions, backward, clipping, AdamW."""
    length = min(LENGTH, model.config.max_position_embeddings)
    batch = ids(model, ROWS, length)
    model.train()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, fused=True)

    def once():
        start = time.perf_counter()
        with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
            loss = model(input_ids=batch, labels=batch, use_cache=False).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()
        return batch.numel() / (time.perf_counter() - start)

    return once


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("what", choices=["sample", "sample-batch", "score", "score-logits", "train"])
    arguments.add_argument("model")
    arguments.add_argument("dtype", choices=["f32", "bf16"])
    arguments.add_argument("--seconds", type=float, default=6)
    chosen = arguments.parse_args()
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(2)
    torch.set_float32_matmul_precision("medium")
    in_bf16 = chosen.dtype == "bf16"
    held = torch.bfloat16 if in_bf16 and chosen.what != "train" else torch.float32
    model = AutoModelForCausalLM.from_pretrained(chosen.model, dtype=held).eval()
    once = {
        "sample": lambda: decode(model, 1),
        "sample-batch": lambda: decode(model, 8),
        "score": lambda: score(model, False),
        "score-logits": lambda: score(model, True),
        "train": lambda: train(model, in_bf16),
    }[chosen.what]()
    once()
    found = []
    until = time.monotonic() + chosen.seconds
    while len(found) < 3 or time.monotonic() < until:
        found.append(once())
    print(json.dumps({"tokens_per_second": statistics.median(found), "repeats": len(found)}))


if __name__ == "__main__":
    main()
