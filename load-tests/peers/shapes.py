# SPDX-License-Identifier: Apache-2.0
"""What is run: one place for both sides."""
import pathlib
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parents[2]
WORK = ROOT / "target/peers"
DEMO = ROOT / "deploy/demo-models"


@dataclass(frozen=True)
class Shape:
    """A student, a teacher and a batch.

    warmup and steps count steps of TRL's optimiser, of which only steps are timed; a ring first fills, and its steps overlap, so it
    has ring_warmup and ring_steps.
    """

    student: pathlib.Path
    teacher: pathlib.Path
    prompts: pathlib.Path
    batch: int
    max_new_tokens: int
    warmup: int
    steps: int
    ring_warmup: int
    ring_steps: int
    max_length: int
    reflux: dict


BIG = {"prompts": WORK / "prompts-135m.jsonl", "batch": 8, "max_new_tokens": 64, "max_length": 128, "warmup": 1, "steps": 3, "ring_warmup": 4, "ring_steps": 8}
BIG_STUDENT = WORK / "models/smollm2-135m-noisy"
SMALL = {"prompts": WORK / "demo-data/prompts.jsonl", "batch": 64, "max_new_tokens": 40, "max_length": 96, "warmup": 5, "steps": 30, "ring_warmup": 20, "ring_steps": 100}
SHAPES = {
    "135m": Shape(BIG_STUDENT, WORK / "models/smollm2-135m", **BIG, reflux={}),
    "135m-two-tokenizers": Shape(BIG_STUDENT, WORK / "models/gpt2-135m", **BIG, reflux={}),
    "demo-same": Shape(DEMO / "student-same", DEMO / "teacher", **SMALL, reflux={}),
    # The demo's own setting: its student's tokens are numbered by frequency.
    "demo": Shape(DEMO / "student", DEMO / "teacher", **SMALL, reflux={"topk_vocab": 110}),
}
