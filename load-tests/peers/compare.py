# SPDX-License-Identifier: Apache-2.0
"""Runs peers and Reflux in turn until each row has N runs in results/MACHINE/PIECE.json, and writes RESULTS.md from all of them.

usage: compare.py [--rounds N] [--seconds S] [--types T,T] [PIECE...]     pieces: sample, score, train, loop-135m, loop-demo-same, ...
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
import time
from dataclasses import dataclass

from shapes import ROOT, WORK

HERE = pathlib.Path(__file__).resolve().parent
MODELS = WORK / "models"
STUDENT = MODELS / "smollm2-135m"
TYPES = ("bf16", "f32", "q4_1")


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
    return [Row(system, dtype, python("trl_loop.py", trainer, shape, dtype, *more)) for dtype in TYPES[:2]]


def reflux_loop(objective, shape):
    return [Row(f"Reflux {objective}", dtype, python("reflux_loop.py", objective, shape, dtype)) for dtype in TYPES[:2]]


def transformers(what, system="transformers", model=STUDENT):
    return [Row(system, dtype, python("transformers_parts.py", what, model, dtype)) for dtype in TYPES[:2]]


def reflux(what, model=STUDENT, system="Reflux"):
    return [Row(system, dtype, python("reflux_parts.py", what, model, dtype)) for dtype in TYPES[:2]]


def llama(sequences):
    files = {dtype: str(MODELS / f"smollm2-135m.{dtype}.gguf") for dtype in TYPES}
    return [Row("llama.cpp", dtype, ["node", "llama_sample.mjs", file, str(sequences)]) for dtype, file in files.items()]


GKD, NEWER, GOLD = "TRL GKDTrainer", "TRL DistillationTrainer", "TRL GOLDTrainer"
TWO = "135m-two-tokenizers"
PIECES = {
    "loop-demo-same": Piece("Whole loop, one tokenizer, the demo's models", 2.0, trl(GKD, "gkd", "demo-same") + reflux_loop("gkd", "demo-same")),
    "loop-135m": Piece("Whole loop, one tokenizer, 135M to 135M", 2.0, trl(GKD, "gkd", "135m") + reflux_loop("gkd", "135m")),
    "sample-batch": Piece("Sampling, 8 sequences, 135M", 1.5, transformers("sample-batch") + reflux("sample-batch")),
    "score": Piece("Scoring 4 x 128 tokens to hidden states, 135M", 1.0, transformers("score") + reflux("score")),
    "train": Piece("Training step on 4 x 128 tokens, 135M", 1.0, transformers("train") + reflux("train-sft", system="Reflux, cross-entropy") + reflux("train", system="Reflux, dskd-v2")),
    "loop-demo": Piece("Whole loop, two tokenizers, the demo's models", 2.0, trl(GOLD, "gold", "demo") + reflux_loop("gold", "demo") + reflux_loop("dskd-v2", "demo")),
    "loop-135m-two-tokenizers": Piece(
        "Whole loop, two tokenizers, 135M to 135M", 2.0, trl(GOLD, "gold", TWO, "--extended") + reflux_loop("gold", TWO) + reflux_loop("dskd-v2", TWO)
    ),
    "llama-batch": Piece("Sampling, 8 sequences, 135M: llama.cpp", 1.0, llama(8)),
    "llama": Piece("Sampling, one sequence, 135M", 1.0, llama(1) + transformers("sample") + reflux("sample")),
    "loop-demo-newer": Piece(
        "Whole loop, one tokenizer, the demo's models: TRL's newer trainer", 2.0, trl(NEWER, "distillation", "demo-same") + reflux_loop("dskd-v2", "demo-same")
    ),
    "loop-135m-newer": Piece(
        "Whole loop, one tokenizer, 135M to 135M: TRL's newer trainer", 2.0, trl(NEWER, "distillation", "135m") + reflux_loop("dskd-v2", "135m")
    ),
}


def shown(command):
    """As it is typed in this folder."""
    return " ".join(command).replace(str(ROOT), "../..")


def run(command):
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "PEERS_WORK": str(WORK)}
    done = subprocess.run(
        [sys.executable if word == "python" else word for word in command], cwd=HERE, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"failed: {shown(command)}\n{done.stderr[-2000:]}")
    return json.loads(done.stdout.strip().splitlines()[-1])


def cpu():
    """Name and known flags."""
    lines = pathlib.Path("/proc/cpuinfo").read_text().splitlines()
    name = next(line.split(":")[1].strip() for line in lines if line.startswith("model name"))
    flags = next(line for line in lines if line.startswith("flags")).split()
    return name, [flag for flag in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if flag in flags]


def types_here():
    """A CPU without instructions for bf16 is ten times slower at it, on either side: not worth comparing."""
    multiplies_bf16 = any(flag.endswith("bf16") for flag in cpu()[1])
    return [each for each in TYPES if each != "bf16" or multiplies_bf16]


def here():
    """Where this machine's results are."""
    name, flags = cpu()
    return HERE / "results" / f"{name} {os.cpu_count()} {flags[-1]}".lower().replace(" ", "-")


def read(piece, folder=None):
    file = (folder or here()) / f"{piece}.json"
    return json.loads(file.read_text()) if file.exists() else {}


def key(row):
    return f"{row.system} {row.dtype}"


def runs(kept, row):
    return kept.get(key(row), {"runs": []})["runs"]


def measure(piece, row):
    """One run more of a row."""
    found = run(row.command)
    kept = read(piece)
    kept.setdefault(key(row), {"command": shown(row.command), "runs": []})["runs"].append(found)
    here().mkdir(parents=True, exist_ok=True)
    (here() / "machine.txt").write_text(machine() + "\n")
    (here() / f"{piece}.json").write_text(json.dumps(kept, indent=1) + "\n")
    print(f"{piece}: {key(row)}: {found['tokens_per_second']:.1f} tokens/s", flush=True)


def measure_all(pieces, types, rounds, seconds):
    """The row with the fewest runs is next, so that all take turns; rows that fail are left out. Returns whether none did."""
    until = time.monotonic() + seconds
    failed = set()
    rows = [(piece, row) for piece in pieces for row in PIECES[piece].rows if row.dtype in types]
    while time.monotonic() < until:
        left = [(len(runs(read(piece), row)), piece, row) for piece, row in rows if (piece, key(row)) not in failed]
        count, piece, row = min(left, key=lambda each: (each[0], TYPES.index(each[2].dtype)), default=(rounds, None, None))
        if count >= rounds:
            break
        try:
            measure(piece, row)
        except RuntimeError as failure:
            print(failure, file=sys.stderr)
            failed.add((piece, key(row)))
    return not failed


def rates(kept, row):
    return [each["tokens_per_second"] for each in runs(kept, row)]


def table(piece, folder):
    kept = read(piece, folder)
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
    name, flags = cpu()
    known = ", ".join(flags)
    packages = ", ".join(f"{each} {importlib.metadata.version(each)}" for each in ("torch", "transformers", "trl", "accelerate"))
    llama_cpp = json.loads((WORK / "node_modules/node-llama-cpp/package.json").read_text())["version"]
    java = subprocess.run(["java", "-version"], capture_output=True, text=True).stderr.splitlines()[0]
    return f"{name}, {os.cpu_count()} cores ({known}), Linux {platform.release()}; Python {platform.python_version()}, {packages}, node-llama-cpp {llama_cpp}; {java}"


def write_results():
    parts = ["# Reflux beside its peers", "", "Written by `load-tests/peers/run`; what is compared and how stands in [README.md](README.md).", ""]
    for folder in sorted(path.parent for path in (HERE / "results").glob("*/machine.txt")):
        parts += [f"## {(folder / 'machine.txt').read_text().strip()}", ""]
        parts += [each for each in (table(piece, folder) for piece in PIECES) if each]
    (HERE / "RESULTS.md").write_text("\n".join(parts).rstrip() + "\n")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("pieces", nargs="*", metavar="PIECE")
    arguments.add_argument("--rounds", type=int, default=3, help="how many runs each row is to have in the end; 0 only writes RESULTS.md")
    arguments.add_argument("--seconds", type=float, default=1e9, help="no run is begun after so long")
    arguments.add_argument("--types", default=",".join(types_here()), help="element types to compare; those that this CPU multiplies")
    chosen = arguments.parse_args()
    succeeded = measure_all(chosen.pieces or list(PIECES), chosen.types.split(","), chosen.rounds, chosen.seconds)
    write_results()
    sys.exit(0 if succeeded else 1)


if __name__ == "__main__":
    main()
