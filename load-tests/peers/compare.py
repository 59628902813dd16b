# SPDX-License-Identifier: Apache-2.0
"""Runs peers and Reflux in turn, adds each run to results/PIECE.json, and writes RESULTS.md from all of them.

usage: compare.py [--rounds N] PIECE...      pieces: sample, sample-batch, score, train, loop-135m, loop-demo-same, ...
       compare.py --table                    only writes RESULTS.md
"""
import argparse
import importlib.metadata
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
from dataclasses import dataclass

from shapes import DEMO, ROOT, SHAPES, WORK

HERE = pathlib.Path(__file__).resolve().parent
MODELS = WORK / "models"
STUDENT = MODELS / "smollm2-135m"
DTYPES = ("f32", "bf16")


@dataclass(frozen=True)
class Row:
    system: str
    dtype: str
    command: list


@dataclass(frozen=True)
class Piece:
    """The peer that Reflux is held against comes first among the systems; goal is the ratio to it in the same type."""

    title: str
    goal: float
    rows: list


def python(script, *arguments):
    return ["python", script, *map(str, arguments)]


def trl(system, trainer, shape, *more):
    return [Row(system, dtype, python("trl_loop.py", trainer, shape, dtype, *more)) for dtype in DTYPES]


def reflux_loop(objective, shape):
    return [Row(f"Reflux {objective}", dtype, python("reflux_loop.py", objective, shape, dtype)) for dtype in DTYPES]


def transformers(what, system="transformers", model=STUDENT):
    return [Row(system, dtype, python("transformers_parts.py", what, model, dtype)) for dtype in DTYPES]


def reflux(what, model=STUDENT):
    return [Row("Reflux", dtype, python("reflux_parts.py", what, model, dtype)) for dtype in DTYPES]


def llama(sequences):
    names = {"f32": "f32", "bf16": "bf16", "q4_1": "q4_1"}
    return [Row("llama.cpp", dtype, ["node", "llama_sample.mjs", str(MODELS / f"smollm2-135m.{name}.gguf"), str(sequences)]) for dtype, name in names.items()]


GOLD = "TRL GOLDTrainer"
PIECES = {
    "sample": Piece("Sampling, one sequence, 135M", 1.0, transformers("sample") + llama(1) + reflux("sample")),
    "sample-batch": Piece("Sampling, 8 sequences, 135M", 1.5, transformers("sample-batch") + llama(8) + reflux("sample-batch")),
    "score": Piece("Scoring 4 x 128 tokens to hidden states, 135M", 1.0, transformers("score") + reflux("score")),
    "train": Piece("Training step on 4 x 128 tokens, 135M", 1.0, transformers("train") + reflux("train")),
    "loop-135m": Piece(
        "Whole loop, one tokenizer, 135M to 135M",
        2.0,
        trl("TRL GKDTrainer", "gkd", "135m") + reflux_loop("gkd", "135m") + reflux_loop("dskd-v2", "135m"),
    ),
    "loop-135m-distillation": Piece(
        "Whole loop, one tokenizer, 135M to 135M: TRL's newer trainer", 2.0, trl("TRL DistillationTrainer", "distillation", "135m") + reflux_loop("gkd", "135m")
    ),
    "loop-demo-same": Piece(
        "Whole loop, one tokenizer, the demo's models",
        2.0,
        trl("TRL GKDTrainer", "gkd", "demo-same")
        + trl("TRL DistillationTrainer", "distillation", "demo-same")
        + reflux_loop("gkd", "demo-same")
        + reflux_loop("dskd-v2", "demo-same"),
    ),
    "loop-135m-two-tokenizers": Piece(
        "Whole loop, two tokenizers, 135M to 135M",
        2.0,
        trl(GOLD, "gold", "135m-two-tokenizers", "--extended") + reflux_loop("gold", "135m-two-tokenizers") + reflux_loop("dskd-v2", "135m-two-tokenizers"),
    ),
    "loop-demo": Piece(
        "Whole loop, two tokenizers, the demo's models", 2.0, trl(GOLD, "gold", "demo") + reflux_loop("gold", "demo") + reflux_loop("dskd-v2", "demo")
    ),
}


def shown(command):
    """As it is typed in this folder."""
    return " ".join(command).replace(str(ROOT), "../..")


def run(command):
    interpreter = {"python": sys.executable}
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PEERS_WORK": str(WORK)}
    done = subprocess.run(
        [interpreter.get(command[0], command[0]), *command[1:]], cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        print(done.stderr[-2000:], file=sys.stderr)
        raise SystemExit(f"failed: {shown(command)}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def file_of(piece):
    return HERE / "results" / f"{piece}.json"


def read(piece):
    return json.loads(file_of(piece).read_text()) if file_of(piece).exists() else {}


def measure(piece):
    """One run of each row, in turn."""
    for row in PIECES[piece].rows:
        found = run(row.command)
        kept = read(piece)
        of_row = kept.setdefault(f"{row.system} {row.dtype}", {"command": shown(row.command), "runs": []})
        of_row["runs"].append(found)
        file_of(piece).parent.mkdir(exist_ok=True)
        file_of(piece).write_text(json.dumps(kept, indent=1) + "\n")
        print(f"{piece}: {row.system} {row.dtype}: {found['tokens_per_second']:.1f} tokens/s", flush=True)


def rates(kept, row):
    return [each["tokens_per_second"] for each in kept.get(f"{row.system} {row.dtype}", {"runs": []})["runs"]]


def table(piece):
    kept = read(piece)
    rows = PIECES[piece].rows
    peer = {row.dtype: rates(kept, row) for row in rows if row.system == rows[0].system}
    lines = [f"### {PIECES[piece].title}", "", "| | type | tokens/s, median | runs | beside " + rows[0].system + " | goal |", "|---|---|---|---|---|---|"]
    for row in rows:
        found = rates(kept, row)
        if not found:
            continue
        median = statistics.median(found)
        beside = statistics.median(peer[row.dtype]) if peer.get(row.dtype) else None
        ratio = f"{median / beside:.2f} ×" if beside and row.system != rows[0].system else ""
        goal = f"{PIECES[piece].goal:.1f} ×" if ratio and row.system.startswith("Reflux") else ""
        runs = ", ".join(f"{each:,.0f}" for each in found)
        lines.append(f"| {row.system} | {row.dtype} | {median:,.0f} | {runs} | {ratio} | {goal} |")
    return "\n".join(lines) + "\n" if len(lines) > 4 else ""


def machine():
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    flags = next(line for line in lines if line.startswith("flags"))
    known = ", ".join(flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in flags)
    packages = ", ".join(f"{each} {importlib.metadata.version(each)}" for each in ("torch", "transformers", "trl", "accelerate"))
    llama_cpp = json.loads((WORK / "node_modules/node-llama-cpp/package.json").read_text())["version"]
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    return f"{name}, {os.cpu_count()} cores ({known}), Linux {platform.release()}; Python {platform.python_version()}, {packages}, node-llama-cpp {llama_cpp}; {java}"


def write_results():
    parts = ["# Reflux beside its peers", "", f"Written by `load-tests/peers/run`; what is compared and how stands in [README.md](README.md).", "", f"Machine: {machine()}.", ""]
    parts += [each for each in map(table, PIECES) if each]
    (HERE / "RESULTS.md").write_text("\n".join(parts).rstrip() + "\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pieces", nargs="*", metavar="PIECE")
    arguments.add_argument("--rounds", type=int, default=3)
    arguments.add_argument("--table", action="store_true")
    chosen = arguments.parse_args()
    for _ in range(0 if chosen.table else chosen.rounds):
        for piece in chosen.pieces or PIECES:
            measure(piece)
    write_results()


if __name__ == "__main__":
    main()
