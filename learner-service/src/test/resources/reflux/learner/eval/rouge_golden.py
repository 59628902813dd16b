# SPDX-License-Identifier: Apache-2.0
"""Writes porter_golden.tsv and rouge_golden.jsonl beside itself, from nltk's stemmer and Google's rouge_score.

    python3 -m venv venv && venv/bin/pip install rouge_score==0.1.2 nltk==3.10.4
    venv/bin/python rouge_golden.py ../../../../../../../deploy/demo-data/cmudict.tsv.gz
"""
import gzip
import json
import pathlib
import random
import re
import sys

from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer

HERE = pathlib.Path(__file__).parent
RANDOM = random.Random(20)

SUFFIXES = """s es ies ied sses ss eed ed ing ings y ly ily ally fully ational tional enci anci izer bli abli alli entli
eli ousli ization ation ator alism iveness fulness ousness aliti ality iviti ivity biliti bility fulli logi logy icate
ative alize iciti icity ical ful ness al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous
ive ize e ll le bled ated ized""".split()
ODD = """sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed
died dies tied ties flies spied fly enjoy happy yyyy yyyyy yayy ayyyed 1234 2nds 90s a1b2s eeed feed agreed sing bring
oed aed ing ings eing hoping hopping falling hissing fizzed failing filing controll roll geology theology archaeology
vietnamization conditionally radically generically x1ing aeiou syzygy toyed""".split()

PROSE = [
    "The quick brown fox jumps over the lazy dog.",
    "She had been running through the fields, singing happily, when the rain began to fall.",
    "Relational databases organise information into tables; each table has rows and columns.",
    "In 1969, the first astronauts landed on the Moon and returned safely to the Earth.",
    "To bake a cake, mix flour, sugar, eggs and butter, then bake for 35-40 minutes at 180 °C.",
    "It's the dog's toy, isn't it? No: it's the children's!",
    "He said: \"Running, jumping and swimming are healthier than sitting.\"",
    "The hopefulness of the nation was conditional on the generalisation of educational opportunities.",
    "Die Häuser der Straße sind größer als früher; naïve café owners disagree.",
    "深度学习 models learn representations 🙂 of data, e.g. e-mail addresses such as a.b@c.org.",
    "Photosynthesis is the process by which green plants convert sunlight, water and carbon dioxide into glucose.",
    "The committee's decision-making was criticised by engineers, electricians, and economists alike.",
    "def f(x_1, y2): return x_1 + y2  # adds two numbers",
    "Cats, cats and more cats; ponies, ties and caresses; plastered, motoring, conflated, troubled and sized.",
    "The United States of America (U.S.A.) was founded on July 4th, 1776.",
    "I enjoyed the enjoyment of enjoyable employment while employers employ employees.",
    "Whereas recognition of the inherent dignity of all members is the foundation of freedom and justice,",
    "ﬁne ligatures, K as kelvin, İstanbul, ΑΣ sigma, and ½ of a cup\tof\u00a0tea\u2003with milk\r\nare odd.",
    "Supercalifragilisticexpialidocious adjectives intensify, specifying the unnecessarily lengthy adverbs.",
    "No.",
    "",
    "   ",
    "?!...",
]


def words(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        found = sorted({line.split("\t")[0].lower() for line in lines})
    return [word for word in found if re.fullmatch("[a-z]{4,}", word)]


def vocabulary(known):
    chosen = set(ODD) | set(RANDOM.sample(known, 4000))
    for suffix in SUFFIXES:
        ending = [word for word in known if word.endswith(suffix)]
        chosen |= set(RANDOM.sample(ending, min(12, len(ending))))
        for _ in range(8):
            chosen.add(RANDOM.choice(known)[: RANDOM.randint(1, 6)] + suffix)
    return sorted(word for word in chosen if len(word) > 3)


def changed(text, known):
    """Another text that shares some words with this one."""
    tokens = text.split(" ")
    for _ in range(RANDOM.randint(0, 2 + len(tokens) // 3)):
        at = RANDOM.randrange(len(tokens)) if tokens else 0
        kind = RANDOM.randrange(6)
        if kind == 0 and tokens:
            del tokens[at]
        elif kind == 1:
            tokens.insert(at, RANDOM.choice(known))
        elif kind == 2 and tokens:
            tokens[at] = tokens[at] + RANDOM.choice(["s", "ing", "ed", "ly", "'s", ","])
        elif kind == 3 and tokens:
            tokens[at] = tokens[at].upper()
        elif kind == 4 and tokens:
            tokens.insert(at, tokens[at])
        else:
            RANDOM.shuffle(tokens)
    return " ".join(tokens)


def pairs(known):
    for reference in PROSE:
        yield [reference], reference
        for _ in range(9):
            yield [reference], changed(reference, known)
    for _ in range(60):
        yield RANDOM.sample(PROSE, RANDOM.randint(2, 5)), changed(RANDOM.choice(PROSE), known)
    for _ in range(40):
        few = RANDOM.sample(known, 6)
        yield [" ".join(RANDOM.choices(few, k=RANDOM.randint(1, 40)))], " ".join(RANDOM.choices(few, k=RANDOM.randint(1, 40)))
    for _ in range(10):
        text = " ".join(RANDOM.choice(PROSE) for _ in range(25))
        yield [text], changed(text, known)
    for _ in range(40):
        letters = "abY sS9 é.'-\n\u00e4\u4e2d"
        one, other = ("".join(RANDOM.choices(letters, k=RANDOM.randint(0, 60))) for _ in range(2))
        yield [one], other


def main():
    known = words(sys.argv[1])
    stemmer = PorterStemmer()
    with open(HERE / "porter_golden.tsv", "w", encoding="utf-8") as out:
        for word in vocabulary(known):
            print(word, stemmer.stem(word), sep="\t", file=out)
    scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
    with open(HERE / "rouge_golden.jsonl", "w", encoding="utf-8") as out:
        for references, response in pairs(known):
            score = scorer.score_multi(references, response)["rougeL"].fmeasure
            print(json.dumps({"references": references, "response": response, "rouge_l": score}), file=out)


main()
