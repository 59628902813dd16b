# SPDX-License-Identifier: Apache-2.0
"""Tokens a second of Reflux's parts: sampling by a generator that serves, scoring and training by `reflux bench`.

usage: reflux_parts.py sample|sample-batch|score|train|train-sft MODEL f32|bf16 [--seconds S]
"""
import argparse
import contextlib
import json
import pathlib
import socket
import subprocess
import tempfile
import time

from shapes import BIG, ROOT

REFLUX = str(ROOT / "deploy/reflux")
NEW_TOKENS = 64
ROUNDS = 4
BENCH_ROW = {("score", "f32"): "score f32", ("score", "bf16"): "score bf16", ("train", "f32"): "train f32", ("train", "bf16"): "train bf16_training",
             ("train-sft", "f32"): "train-sft f32", ("train-sft", "bf16"): "train-sft bf16_training"}


@contextlib.contextmanager
def generator(model, dtype, slots):
    """A generator on a free port, stopped at the end."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        address = "127.0.0.1:%d" % free.getsockname()[1]
    config = {"model": model, "listen": address, "threads": 2, "dtype": dtype, "slots": slots, "max_length": 128}
    with tempfile.TemporaryDirectory() as folder:
        yaml = pathlib.Path(folder, "generator.yaml")
        yaml.write_text(json.dumps({"generator": config}))
        process = subprocess.Popen([REFLUX, "serve", "generator", "--config", yaml], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            yield address
        finally:
            process.kill()
            process.wait()


def sample(model, dtype, rows):
    """Seconds of ROUNDS full batches of 65 tokens each, less those of 1 token: what is left is decoding."""
    lines = pathlib.Path(BIG["prompts"]).read_text().splitlines()[: ROUNDS * rows]
    prompts = [json.loads(line)["prompt"] for line in lines]

    with generator(model, dtype, rows) as address:

        def seconds(new_tokens):
            command = [REFLUX, "sample", "--generator", address, "--max-new-tokens", str(new_tokens), *prompts]
            start = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            return time.perf_counter() - start

        until = time.monotonic() + 120
        while subprocess.run([REFLUX, "sample", "--generator", address, "ready"], capture_output=True).returncode != 0:
            if time.monotonic() > until:
                raise SystemExit("the generator does not come up")
        seconds(NEW_TOKENS)
        first = seconds(1)
        return len(prompts) * NEW_TOKENS / (seconds(NEW_TOKENS + 1) - first)


def bench(what, model, dtype, seconds):
    with tempfile.TemporaryDirectory() as folder:
        file = pathlib.Path(folder, "bench.json")
        command = [REFLUX, "bench", what, "--model", model, "--threads", "2", "--seconds", str(seconds), "--json", file]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        rows = {row["what"]: row for row in json.loads(file.read_text())["measurements"]}
        return float(rows[BENCH_ROW[what, dtype]]["details"]["tokens/s"])


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("what", choices=["sample", "sample-batch", "score", "train", "train-sft"])
    arguments.add_argument("model")
    arguments.add_argument("dtype", choices=["f32", "bf16"])
    arguments.add_argument("--seconds", type=float, default=6)
    chosen = arguments.parse_args()
    if chosen.what.startswith("sample"):
        found = sample(chosen.model, chosen.dtype, 8 if chosen.what == "sample-batch" else 1)
    else:
        found = bench(chosen.what, chosen.model, chosen.dtype, chosen.seconds)
    print(json.dumps({"tokens_per_second": found}))


if __name__ == "__main__":
    main()
