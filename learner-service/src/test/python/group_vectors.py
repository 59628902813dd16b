# SPDX-License-Identifier: Apache-2.0
"""Writes group-vectors.json: the two losses on tokens that do not pair, by brute force over strings, in doubles.

Shares nothing with the product. Run: python3 group_vectors.py > ../resources/group-vectors.json
"""
import json
import math
import random

STUDENT = ["a", "b", "c", "ab", "bc", "abc", "ca", "", "bb"]
TEACHER = ["ca", "b", "c", "\0", "a", "bca", "cab", "aa", "", "abcc"]  # "" ends, "\0" is a control token
PADDED = len(TEACHER) + 1  # the teacher's head has a row of padding, which counts for nothing
CASES = [
    ("one teacher token over two of the student", ["cab"], ["c", "ab"], 1.0),
    ("three teacher tokens over one of the student", ["a", "b", "c"], ["abc"], 1.0),
    ("boundaries that cross", ["bca", "b"], ["bc", "ab"], 1.5),
    ("groups between pairs", ["c", "aa", "abcc", "b", ""], ["c", "a", "a", "abc", "c", "b", ""], 0.8),
    ("two groups", ["cab", "b", "ca", "b", "c"], ["ca", "bb", "c", "abc"], 2.0),
]


def softmax(logits, temperature):
    top = max(logits)
    weights = [math.exp((x - top) / temperature) for x in logits]
    return [w / sum(weights) for w in weights]


def spans(tokens):
    at, found = 0, []
    for token in tokens:
        found.append((at, at + len(token)))
        at += len(token)
    return found


def groups(teacher, student):
    """(teacher tokens, student tokens) between boundaries that both share, ends left out."""
    ends = sorted({e for _, e in spans(teacher)} & {e for _, e in spans(student)})
    found, start = [], 0
    for end in ends:
        inside = lambda tokens: [i for i, (s, e) in enumerate(spans(tokens)) if s >= start and e <= end and e > s]
        if inside(teacher):
            found.append((inside(teacher), inside(student)))
        start = end
    return [g for g in found if len(g[0]) > 1 or len(g[1]) > 1]


def longest_prefix(text):
    fitting = [w for w in STUDENT if w and text.startswith(w)]
    return STUDENT.index(max(fitting, key=len)) if fitting else None


def prefix_target(text, teacher, probs, begin, end):
    """What the teacher says of the student's token over text[begin:end]: mass of each of the student's tokens."""
    at = next(i for i, (s, e) in enumerate(spans(teacher)) if s <= begin < e)
    emitted = text[spans(teacher)[at][0] : begin]
    outcomes = []  # (string from begin on, is it the end, mass, is it what the teacher said)
    for t, word in enumerate(TEACHER):
        said = word == teacher[at]
        if word == "" and emitted == "":
            outcomes.append(("", True, probs[at][t], False))
        elif word not in ("", "\0") and word.startswith(emitted) and word != emitted:
            outcomes.append((word[len(emitted) :], False, probs[at][t], said))
    while spans(teacher)[at][1] < end:
        kept = [o for o in outcomes if not o[3]]
        path = next(o for o in outcomes if o[3])
        at += 1
        for t, word in enumerate(TEACHER):
            if word != "\0":
                kept.append((path[0] + word, False, path[2] * probs[at][t], word == teacher[at]))
        outcomes = kept
    mass = [0.0] * len(STUDENT)
    for string, ends, weight, _ in outcomes:
        token = STUDENT.index("") if ends else longest_prefix(string)
        if token is not None:
            mass[token] += weight
    return [m / sum(mass) for m in mass]


def prefix(text, teacher, student, teacher_logits, student_logits, temperature):
    probs = [softmax(row[: len(TEACHER)], temperature) for row in teacher_logits]
    rows = [j for g in groups(teacher, student) for j in g[1]]
    targets, values = [], []
    gradient = [[0.0] * len(STUDENT) for _ in student]
    for j in rows:
        target = prefix_target(text, teacher, probs, *spans(student)[j])
        q = softmax(student_logits[j], temperature)
        targets.append(target)
        values.append(sum(p * math.log(p / q[u]) for u, p in enumerate(target) if p > 0))
        gradient[j] = [(q[u] - target[u]) / temperature / len(rows) for u in range(len(q))]
    return {"rows": rows, "targets": targets, "kl": values, "mean": sum(values) / len(rows), "gradient": gradient}


def binary_kl(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


def likelihood_values(teacher, student, teacher_logits, student_logits):
    def joint(tokens, words, logits, chosen):
        return math.prod(softmax(logits[i][: len(words)], 1.0)[words.index(tokens[i])] for i in chosen)

    found = groups(teacher, student)
    p = [joint(teacher, TEACHER, teacher_logits, g[0]) for g in found]
    q = [joint(student, STUDENT, student_logits, g[1]) for g in found]
    return p, q, [binary_kl(a, b) for a, b in zip(p, q)]


def likelihood(teacher, student, teacher_logits, student_logits):
    p, q, values = likelihood_values(teacher, student, teacher_logits, student_logits)

    def mean():
        kl = likelihood_values(teacher, student, teacher_logits, student_logits)[2]
        return sum(kl) / len(kl)

    gradient = [[0.0] * len(STUDENT) for _ in student]
    for row, slopes in zip(student_logits, gradient):
        for u, value in enumerate(row):
            # five-point differences: good to about 1e-11
            found = []
            for step in (-2e-3, -1e-3, 1e-3, 2e-3):
                row[u] = value + step
                found.append(mean())
            row[u] = value
            slopes[u] = (found[0] - 8 * found[1] + 8 * found[2] - found[3]) / 12e-3
    return {"P": p, "Q": q, "kl": values, "mean": mean(), "gradient": gradient}


def main():
    draw = random.Random(1919)
    cases = []
    for name, teacher, student, temperature in CASES:
        text = "".join(teacher)
        assert text == "".join(student)
        teacher_logits = [[round(draw.gauss(0, 1.5), 2) for _ in range(PADDED)] for _ in teacher]
        student_logits = [[round(draw.gauss(0, 1.5), 2) for _ in STUDENT] for _ in student]
        cases.append({
            "name": name,
            "teacher_tokens": [TEACHER.index(t) for t in teacher],
            "student_tokens": [STUDENT.index(t) for t in student],
            "temperature": temperature,
            "teacher_logits": teacher_logits,
            "student_logits": student_logits,
            "prefix": prefix(text, teacher, student, teacher_logits, student_logits, temperature),
            "likelihood": likelihood(teacher, student, teacher_logits, student_logits),
        })
    print("[")
    print(",\n".join(json.dumps(case) for case in cases))
    print("]")


main()
