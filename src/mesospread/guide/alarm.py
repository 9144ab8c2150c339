"""How much the words of a question sound like danger: a second look where no sign was known.

A logistic regression on words and pairs of words. It was fitted to questions that people in
danger and people out of danger may type (``tools/make_alarm.py``), and it knows nothing but the
weights of these words.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise

#: score from which a question is taken to tell of danger
THRESHOLD = 0.5
#: name of the constant among the weights
CONSTANT = "(constant)"
_ENDINGS = ("ing", "ed", "es", "s", "ly")
_SHORTEST_STEM = 3


def features(words: Sequence[str]) -> set[str]:
    """Return the stems of words, and pairs of stems that stand side by side."""
    stems = [_stem(word) for word in words if word]
    return {*stems, *(f"{one} {other}" for one, other in pairwise(stems))}


def _stem(word: str) -> str:
    for ending in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST_STEM:
            return word[: -len(ending)]
    return word


@cache
def weights() -> Mapping[str, float]:
    """Return the weight of every word and pair of words, and the constant."""
    with (files("mesospread.guide") / "data" / "alarm.csv").open(encoding="utf-8") as lines:
        return {row["words"]: float(row["weight"]) for row in csv.DictReader(lines)}


def alarm(words: Sequence[str]) -> float:
    """Return how much words sound like danger; above `THRESHOLD` they do.

    Parameters
    ----------
    words
        As `mesospread.guide.phrases.words_of` returns them.
    """
    known = weights()
    return known[CONSTANT] + sum(known.get(name, 0.0) for name in features(words))
