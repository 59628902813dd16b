# SPDX-License-Identifier: Apache-2.0
"""Trained response tokens a second of one of TRL's trainers, on-policy, after a warm-up.

usage: trl_loop.py gkd|distillation|gold SHAPE f32|bf16|bf16-weights [--steps N] [--extended]
"""
import argparse
import itertools
import json
import tempfile
import time

import torch
import transformers
from datasets import Dataset
from shapes import SHAPES
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import DistillationConfig, DistillationTrainer
from trl.experimental.gkd import GKDConfig, GKDTrainer
from trl.experimental.gold import GOLDConfig, GOLDTrainer


def counting(trainer):
    """The same trainer, which counts the response tokens that enter its loss and the seconds it samples."""

    class Counting(trainer):
        trained_tokens = 0

        def compute_loss(self, model, inputs, **rest):
            mask = inputs["completion_mask"] if "labels" not in inputs else inputs["labels"][:, 1:] != -100
            self.trained_tokens += int(mask.sum())
            return super().compute_loss(model, inputs, **rest)

    return Counting


class Clock(TrainerCallback):
    """(time, trained tokens, seconds of sampling) at the end of each step."""

    def __init__(self):
        self.trainer = None
        self.sampling = 0.0
        self.marks = []

    def on_step_end(self, args, state, control, **rest):
        self.marks.append((time.perf_counter(), self.trainer.trained_tokens, self.sampling))

    def time_sampling(self, model):
        generate = model.generate

        def timed(*args, **kwargs):
            start = time.perf_counter()
            found = generate(*args, **kwargs)
            self.sampling += time.perf_counter() - start
            return found

        model.generate = timed


def prompt_lines(shape):
    with open(shape.prompts) as lines:
        return [json.loads(line)["prompt"] for line in itertools.islice(lines, 8192)]


def tokenised(texts, tokenizer):
    """What GKD's collator takes: prompt and a response, which on-policy training never looks at."""
    rows = []
    for text in texts:
        ids = tokenizer(text).input_ids
        response = [tokenizer.eos_token_id]
        mask = [0] * len(ids) + [1]
        rows.append({"prompt": text, "input_ids": ids + response, "completion_mask": mask})
    return Dataset.from_list(rows)


def trainer_of(kind, shape, dtype, steps, extended, clock):
    tokenizer = AutoTokenizer.from_pretrained(shape.student, padding_side="left")
    tokenizer.pad_token = tokenizer.pad_token or tokenizer.eos_token
    held = torch.bfloat16 if dtype == "bf16-weights" else torch.float32
    student = AutoModelForCausalLM.from_pretrained(shape.student, dtype=held)
    teacher = AutoModelForCausalLM.from_pretrained(shape.teacher, dtype=torch.float32 if dtype == "f32" else torch.bfloat16)
    clock.time_sampling(student)
    common = dict(
        output_dir=tempfile.mkdtemp(),
        per_device_train_batch_size=shape.batch,
        max_steps=steps,
        learning_rate=1e-4,
        lr_scheduler_type="constant",
        max_grad_norm=1.0,
        temperature=1.0,
        beta=0.5,
        bf16=dtype == "bf16",
        gradient_checkpointing=False,
        use_cpu=True,
        report_to="none",
        save_strategy="no",
        logging_strategy="no",
        disable_tqdm=True,
        disable_dropout=True,
        seed=1,
    )
    parts = dict(model=student, teacher_model=teacher, processing_class=tokenizer, callbacks=[clock])
    texts = prompt_lines(shape)
    new = shape.max_new_tokens
    if kind == "gkd":
        config = GKDConfig(**common, lmbda=1.0, max_new_tokens=new, max_length=None)
        return counting(GKDTrainer)(args=config, train_dataset=tokenised(texts, tokenizer), **parts)
    if kind == "distillation":
        config = DistillationConfig(**common, max_completion_length=new)
        return counting(DistillationTrainer)(args=config, train_dataset=Dataset.from_dict({"prompt": texts}), **parts)
    config = GOLDConfig(
        **common,
        lmbda=1.0,
        top_p=1.0,
        max_completion_length=new,
        max_length=shape.max_length,
        use_uld_loss=True,
        use_extended_uld=extended,
        uld_use_hybrid_loss=True,
        teacher_tokenizer_name_or_path=str(shape.teacher),
    )
    data = Dataset.from_dict({"prompt": texts, "completion": [" a"] * len(texts)})
    return counting(GOLDTrainer)(args=config, train_dataset=data, **parts)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("trainer", choices=["gkd", "distillation", "gold"])
    arguments.add_argument("shape", choices=SHAPES)
    arguments.add_argument("dtype", choices=["f32", "bf16", "bf16-weights"])
    arguments.add_argument("--steps", type=int, default=0)
    arguments.add_argument("--warmup", type=int, default=0)
    arguments.add_argument("--extended", action="store_true")
    chosen = arguments.parse_args()
    transformers.logging.set_verbosity_error()
    torch.set_num_threads(2)
    torch.set_float32_matmul_precision("medium")
    shape = SHAPES[chosen.shape]
    steps, warmup = chosen.steps or shape.steps, chosen.warmup or shape.warmup
    clock = Clock()
    trainer = trainer_of(chosen.trainer, shape, chosen.dtype, warmup + steps, chosen.extended, clock)
    clock.trainer = trainer
    trainer.train()
    first, last = clock.marks[warmup - 1], clock.marks[-1]
    seconds = last[0] - first[0]
    print(json.dumps({
        "tokens_per_second": (last[1] - first[1]) / seconds,
        "tokens": last[1] - first[1],
        "seconds": seconds,
        "sampling_seconds": last[2] - first[2],
    }))


if __name__ == "__main__":
    main()
