# SPDX-License-Identifier: Apache-2.0
"""Writes RESULTS.md and results.json from what run left. usage: python report.py WORK_DIR OUT_DIR"""
import datetime
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys


def read(path):
    return json.loads(path.read_text())


def machine():
    model = next((line.split(":")[1].strip() for line in open("/proc/cpuinfo") if line.startswith("model name")), platform.machine())
    java = subprocess.run(["java", "-version"], capture_output=True, text=True, check=True).stderr.splitlines()[0]
    return f"{model}, {os.cpu_count()} cores, {java}"


def spread(items, key):
    values = [item[key] for item in items]
    return {"mean": statistics.mean(values), "sd": statistics.stdev(values), "least": min(values), "most": max(values)}


def change(before, after, key):
    differences = [b[key] - a[key] for b, a in zip(before, after, strict=True)]
    return {
        "mean": statistics.mean(differences),
        "standard_error": statistics.stdev(differences) / len(differences) ** 0.5,
        "fell": sum(difference > 0 for difference in differences),
        "of": len(differences),
    }


def peaks(run):
    found = {}
    for role in ("teacher", "generator", "learner"):
        file = run / f"{role}.memory"
        if file.exists():
            found[role] = round(int(file.read_text().split()[1]) / 1024 / 1024, 2)
    return found


def collect(work):
    before, after = read(work / "before.json"), read(work / "after.json")
    lines = [json.loads(line) for line in (work / "run/out/metrics.jsonl").read_text().splitlines()]
    summary = read(work / "run/out/summary.json")
    kinds = {"kl_per_token": "KL(teacher‖student)", "kl_reverse_per_token": "KL(student‖teacher)", "loss": "−ln q of the references"}
    return {
        "date": datetime.date.today().isoformat(),
        "machine": machine(),
        "parity": [read(work / f"parity-{name}.json") for name in ("SmolLM2-135M-Instruct", "gemma-3-270m")],
        "held_out": {
            key: {
                "name": name,
                "before": before[key],
                "after": after[key],
                "spread_before": spread(before["items"], key),
                "spread_after": spread(after["items"], key),
                "fell_by": change(before["items"], after["items"], key),
            }
            for key, name in kinds.items()
        },
        "align_ratio": before["align_ratio"],
        "evaluations": [
            {key: line[key] for key in ("step", "eval_kl_forward", "eval_kl_reverse", "eval_loss")}
            for line in lines if "eval_kl_forward" in line
        ],
        "steps": [
            {key: line[key] for key in ("step", "loss", "kl_per_token", "align_ratio", "tokens_per_second")}
            for line in lines if "loss" in line
        ],
        "summary": {key: summary[key] for key in (
            "completed", "reason", "steps", "seconds", "trained_tokens", "tokens_per_second", "rollouts_trained", "lost", "duplicated",
            "staleness_max", "align_ratio", "kl_per_token_first", "kl_per_token_last")},
        "peak_gib": peaks(work / "run"),
        "responses": [
            {"before": b["response"], "after": a["response"]} for b, a in zip(before["items"][:5], after["items"][:5])
        ],
    }


def parity_table(results):
    yield "| model | prompts | same prompt ids | same greedy tokens | tokens compared |"
    yield "|---|---|---|---|---|"
    for each in results:
        form = "its chat template" if each["chat_template"] else "no template: the text, begin token before it"
        yield (f"| {each['model']} | {form} | {each['prompts_equal']} of {each['prompts']} "
               f"| {each['responses_equal']} of {each['prompts']} | {each['tokens']} |")
    yield ""
    for each in results:
        for index, item in enumerate(each["items"]):
            if not item["equal"]:
                yield (f"{each['model']}, prompt {index + 1}: parts at token {item.get('differs_at', 0) + 1}, where the two tokens' logits "
                       f"are {item.get('margin', float('nan')):.1e} apart.")


def held_out_table(results):
    yield "| on the held-out references | before | after | per prompt before | per prompt after | fell by, per prompt | fell in |"
    yield "|---|---|---|---|---|---|---|"
    for each in results.values():
        was, now, fell = each["spread_before"], each["spread_after"], each["fell_by"]
        yield (f"| {each['name']} | {each['before']:.3f} | {each['after']:.3f} | {was['mean']:.2f} ± {was['sd']:.2f} "
               f"| {now['mean']:.2f} ± {now['sd']:.2f} | {fell['mean']:.2f} ± {fell['standard_error']:.2f} (s.e.) | {fell['fell']} of {fell['of']} |")


def markdown(found):
    summary = found["summary"]
    yield "# Real models"
    yield ""
    yield f"`load-tests/real-models/run`, {found['date']}, {found['machine']}."
    yield ""
    yield "## Greedy text beside transformers"
    yield ""
    yield "The same directories, f32, the 20 prompts of data/held-out.jsonl, at most 64 new tokens."
    yield ""
    yield from parity_table(found["parity"])
    yield ""
    yield "## Gemma-3-270M teaches SmolLM2-135M-Instruct"
    yield ""
    yield (f"DSKDv2, on-policy, LoRA r 16, {summary['steps']} steps of {summary['rollouts_trained'] // summary['steps']} rollouts ({summary['reason']}): {summary['seconds']:.0f} s, {summary['trained_tokens']} tokens "
           f"at {summary['tokens_per_second']:.0f}/s, {100 * summary['align_ratio']:.1f}% of them paired, staleness at most {summary['staleness_max']}, "
           f"lost {summary['lost']}, duplicated {summary['duplicated']}. Peak resident memory, GiB: "
           + ", ".join(f"{role} {gib}" for role, gib in found["peak_gib"].items()) + ".")
    yield ""
    yield from held_out_table(found["held_out"])
    yield ""
    yield f"In nats per paired token (loss: per token); {100 * found['align_ratio']:.1f}% of the references' tokens pair. ± is the standard deviation over the 20 prompts."
    yield ""
    yield "| evaluated in the run at step | KL(teacher‖student) | KL(student‖teacher) | loss |"
    yield "|---|---|---|---|"
    for each in found["evaluations"]:
        yield f"| {each['step']} | {each['eval_kl_forward']:.3f} | {each['eval_kl_reverse']:.3f} | {each['eval_loss']:.3f} |"
    yield ""
    first, last = found["steps"][:5], found["steps"][-5:]
    mean = lambda steps: statistics.mean(step["kl_per_token"] for step in steps)
    yield f"KL(teacher‖student) on the student's own samples: {mean(first):.3f} in the first five steps, {mean(last):.3f} in the last five."


def main():
    work, out = map(pathlib.Path, sys.argv[1:3])
    found = collect(work)
    (out / "results.json").write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n")
    (out / "RESULTS.md").write_text("\n".join(markdown(found)) + "\n")


if __name__ == "__main__":
    main()
