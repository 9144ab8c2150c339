"""When is a check red? Holm's rule over the family, and a second look before the verdict."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.support.statistics import Score

#: chance that any check of a run is rejected in the first look although nothing is wrong
FAMILY_ERROR = 1e-3
#: the second look is this much larger
SECOND_LOOK = 4

Verdict = Literal["green", "amber", "red"]


@dataclass(frozen=True)
class Look:
    """One look at a check.

    Attributes
    ----------
    seed
        Of the random numbers.
    n
        Patients per subject.
    scores
        Every statistic.
    refused
        Subjects for which the sample was too small, in words.
    seconds
        How long it took.
    """

    seed: int
    n: int
    scores: tuple[Score, ...]
    refused: tuple[str, ...]
    seconds: float

    @property
    def p(self) -> float:
        """Chance of the worst score, corrected for their number (Bonferroni)."""
        # NaN, or no score at all, is a rejection
        if not self.scores or any(not s.p >= 0.0 for s in self.scores):
            return 0.0
        return min(1.0, len(self.scores) * min(s.p for s in self.scores))

    @property
    def worst(self) -> Score | None:
        """The score with the smallest p value."""
        return min(self.scores, key=lambda s: s.p, default=None)


def rejected(p_values: Mapping[str, float], family_error: float = FAMILY_ERROR) -> set[str]:
    """Return the members of a family that Holm's step-down rule rejects.

    Parameters
    ----------
    p_values
        By name.
    family_error
        Chance of rejecting any of them if nothing is wrong.

    References
    ----------
    Holm (1979). A simple sequentially rejective multiple test procedure. Scandinavian
    Journal of Statistics 6:65-70.
    """
    found: set[str] = set()
    ordered = sorted(p_values.items(), key=lambda item: item[1])
    for rank, (name, p) in enumerate(ordered):
        if p > family_error / (len(ordered) - rank):
            break
        found.add(name)
    return found


def verdict(first_rejected: bool, second: Look | None, family: int) -> Verdict:
    """Return the verdict on a check.

    Parameters
    ----------
    first_rejected
        Whether the first look was rejected.
    second
        The look after that, if there was one.
    family
        Number of checks.
    """
    if not first_rejected:
        return "green"
    if second is None or second.p <= FAMILY_ERROR / family:
        return "red"
    return "amber"


def derived_seed(master: int, *parts: object) -> int:
    """Return the seed of one look, from the seed of the run and the names of the look."""
    text = "/".join(str(part) for part in (master, *parts))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:7], "big")


def reds(verdicts: Iterable[Verdict]) -> int:
    """Return how many checks are red."""
    return sum(v == "red" for v in verdicts)
