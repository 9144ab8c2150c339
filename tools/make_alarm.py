"""Fit the weights of words that sound like danger, and write guide/data/alarm.csv.

    python tools/make_alarm.py

The examples are the questions in tests/guide. Those that only measure (the halves left untouched,
and the set that was run once) are not among them.
"""

from __future__ import annotations

import csv
import hashlib
import io
import tomllib
from pathlib import Path

import numpy as np

from mesospread.guide.alarm import CONSTANT, features
from mesospread.guide.phrases import words_of
from mesospread.guide.topics import load_guide

ROOT = Path(__file__).parents[1]
FILE = ROOT / "src" / "mesospread" / "guide" / "data" / "alarm.csv"
COMMAND = "python tools/make_alarm.py"
#: strength of the ridge penalty, and steps of gradient descent
RIDGE = 0.02
STEPS = 300
#: weights smaller than this are left out
LEAST = 0.05


def untouched(question: str) -> bool:
    """Whether a question of a halved set belongs to the half that only measures."""
    return hashlib.sha256(question.encode()).digest()[0] % 2 == 1


def examples() -> tuple[list[str], list[str]]:
    """Return questions that tell of danger, and questions that do not."""
    folder = ROOT / "tests" / "guide"
    kept = tomllib.loads((folder / "questions.toml").read_text(encoding="utf-8"))
    fresh = tomllib.loads((folder / "fresh_questions.toml").read_text(encoding="utf-8"))
    strange = tomllib.loads((folder / "strangers.toml").read_text(encoding="utf-8"))
    topics = load_guide().topics
    calm_topics = {name for name, topic in topics.items() if topic.red_flag is None}
    urgent = [
        *(q for part in ("urgent", "urgent_too") for qs in kept[part].values() for q in qs),
        *(q for qs in fresh["urgent"].values() for q in qs if not untouched(q)),
        *(q for k in ("second", "third") for qs in fresh[f"urgent_{k}"].values() for q in qs),
        *(q for qs in strange["urgent"].values() for q in qs if not untouched(q)),
    ]
    calm = [
        *kept["calm"]["questions"],
        *(q for part in ("declined", "more_declined", "fresh_declined")
          for q in kept[part]["questions"]),
        *(q for name, qs in kept["answered"].items() if name in calm_topics for q in qs),
        *(q for part in ("ambiguous", "more", "fresh") for q, names in kept[part].items()
          if set(names) <= calm_topics),
        *(q for q in fresh["harmless"]["questions"] if not untouched(q)),
        *(q for k in ("second", "third") for q in fresh[f"harmless_{k}"]["questions"]),
        *(q for q in fresh["everyday"] if not untouched(q)),
        *(q for part in ("outside", "harmless")
          for q in strange[part]["questions"] if not untouched(q)),
    ]  # fmt: skip
    return urgent, calm


def fitted(urgent: list[str], calm: list[str]) -> dict[str, float]:
    """Return the weights of a logistic regression with a ridge penalty."""
    rows = [features(words_of(question)) for question in (*urgent, *calm)]
    names = sorted(set().union(*rows))
    column = {name: k for k, name in enumerate(names)}
    x = np.zeros((len(rows), len(names)))
    for row, held in enumerate(rows):
        x[row, [column[name] for name in held]] = 1.0
    y = np.r_[np.ones(len(urgent)), np.zeros(len(calm))]
    weight, constant = np.zeros(len(names)), -1.0
    for _ in range(STEPS):
        gap = 1.0 / (1.0 + np.exp(-(x @ weight + constant))) - y
        weight -= 2.0 * (x.T @ gap) / len(y) + 0.1 * RIDGE * weight
        constant -= 2.0 * float(gap.mean())
    found = dict(zip(names, weight.tolist(), strict=True))
    return {CONSTANT: constant} | {n: w for n, w in found.items() if abs(w) >= LEAST}


def table() -> str:
    """Return the content of the file."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(("words", "weight"))
    writer.writerows((name, f"{weight:.2f}") for name, weight in fitted(*examples()).items())
    return text.getvalue()


if __name__ == "__main__":
    FILE.write_text(table(), encoding="utf-8")
