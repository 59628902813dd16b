# SPDX-License-Identifier: Apache-2.0
"""Trained response tokens a second of a Reflux ring on this machine, after a warm-up: a teacher, a generator, a learner.

usage: reflux_loop.py OBJECTIVE SHAPE f32|bf16 [--steps N] [--threads N]
"""
import argparse
import contextlib
import json
import os
import pathlib
import shutil
import socket
import subprocess
import tempfile
import time

from shapes import ROOT, SHAPES

SETTLED_BY = 600


def free_ports(count):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in range(count)]
        return [f"127.0.0.1:{each.getsockname()[1]}" for each in sockets]


def configuration(shape, objective, dtype, threads, steps, run):
    """Steps that nobody waits for are added, because a ring that nears its end admits nothing more."""
    teacher, generator, learner = free_ports(3)
    return {
        "teacher": {"model": str(shape.teacher), "listen": teacher, "threads": threads, "dtype": dtype},
        "generator": {
            "model": str(shape.student),
            "listen": generator,
            "teachers": [teacher],
            "threads": threads,
            "dtype": dtype,
            "slots": 2 * shape.batch,
            "max_length": shape.max_length,
        },
        "learner": {
            "student": str(shape.student),
            "output_dir": str(run / "out"),
            "listen": learner,
            "generators": [generator],
            "teachers": [teacher],
            "train_data": [str(shape.prompts)],
            "objective": objective,
            "beta": 0.5,
            "learning_rate": 1e-4,
            "lr_scheduler_type": "constant",
            "max_grad_norm": 1.0,
            "temperature": 1.0,
            "batch_size": shape.batch,
            "max_new_tokens": shape.max_new_tokens,
            "max_steps": steps + 10,
            "diagnostic_rows": 256,
            "score_dtype": dtype,
            "matmul_precision": "medium" if dtype == "f32" else "bf16_training",
            "threads": threads,
            "seed": 1,
            **shape.reflux,
        },
    }


def marks(file, wanted, processes):
    """(time, trained tokens) of each step, as the learner writes them."""
    found = []
    until = time.monotonic() + SETTLED_BY
    while len(found) < wanted:
        if time.monotonic() > until or any(process.poll() is not None for process in processes):
            raise SystemExit("the ring has ended or is too slow; its logs are in " + str(file.parent.parent))
        lines = file.read_bytes().count(b"\n") if file.exists() else 0
        if lines > len(found):
            now = time.perf_counter()
            last = json.loads(file.read_text().splitlines()[lines - 1])
            found += [(now, last["trained_tokens"])] * (lines - len(found))
        time.sleep(0.02)
    return found


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("objective")
    arguments.add_argument("shape", choices=SHAPES)
    arguments.add_argument("dtype", choices=["f32", "bf16"])
    arguments.add_argument("--steps", type=int, default=0)
    arguments.add_argument("--warmup", type=int, default=0)
    arguments.add_argument("--threads", type=int, default=1)
    chosen = arguments.parse_args()
    shape = SHAPES[chosen.shape]
    steps, warmup = chosen.steps or shape.ring_steps, chosen.warmup or shape.ring_warmup
    run = pathlib.Path(tempfile.mkdtemp(prefix="reflux-peers-"))
    yaml = run / "ring.yaml"
    yaml.write_text(json.dumps(configuration(shape, chosen.objective, chosen.dtype, chosen.threads, warmup + steps, run)))
    environment = {**os.environ, "REFLUX_LOG_LEVEL": "INFO"}
    processes = []
    try:
        for role in ("teacher", "generator", "learner"):
            log = (run / f"{role}.log").open("w")
            command = [str(ROOT / "deploy/reflux"), "serve", role, "--config", str(yaml)]
            processes.append(subprocess.Popen(command, stdout=log, stderr=log, env=environment))
        found = marks(run / "out/metrics.jsonl", warmup + steps, processes)
    finally:
        for process in processes:
            process.kill()
            process.wait()
    first, last = found[warmup - 1], found[warmup + steps - 1]
    seconds = last[0] - first[0]
    print(json.dumps({
        "tokens_per_second": (last[1] - first[1]) / seconds,
        "tokens": last[1] - first[1],
        "seconds": seconds,
    }))
    shutil.rmtree(run)


if __name__ == "__main__":
    main()
