# SPDX-License-Identifier: Apache-2.0
"""What is run: one place for both sides."""
import pathlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target/peers"
DEMO = ROOT / "deploy/demo-models"


@dataclass(frozen=True)
class Shape:
    """A student, a teacher and a batch. warmup and steps count steps of the optimiser; only steps are timed."""

    student: pathlib.Path
    teacher: pathlib.Path
    prompts: pathlib.Path
    batch: int
    max_new_tokens: int
    warmup: int
    steps: int
    max_length: int
    reflux: dict


BIG = {"prompts": WORK / "prompts-135m.jsonl", "batch": 8, "max_new_tokens": 64, "max_length": 128}
BIG_STUDENT = WORK / "models/smollm2-135m-noisy"
SMALL = {"prompts": WORK / "demo-data/prompts.jsonl", "batch": 64, "max_new_tokens": 40, "max_length": 96}
SHAPES = {
    "135m": Shape(BIG_STUDENT, WORK / "models/smollm2-135m", **BIG, warmup=3, steps=5, reflux={}),
    "135m-two-tokenizers": Shape(BIG_STUDENT, WORK / "models/gpt2-135m", **BIG, warmup=3, steps=5, reflux={}),
    "demo-same": Shape(DEMO / "student-same", DEMO / "teacher", **SMALL, warmup=20, steps=100, reflux={}),
    # The demo's own setting: its student's tokens are numbered by frequency.
    "demo": Shape(DEMO / "student", DEMO / "teacher", **SMALL, warmup=20, steps=100, reflux={"topk_vocab": 110}),
}
