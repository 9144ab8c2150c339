"""Run checks: fresh seeds, a second look where the first was rejected, one verdict each."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from tests.support.statistics import NotEnough, Score

from verification.decision import SECOND_LOOK, Look, Verdict, derived_seed, rejected, verdict
from verification.registry import Check

#: draw at most this many times as many graphs as are wanted; the rest were refused
DRAWS = 3


@dataclass(frozen=True)
class Result:
    """A check and what came of it."""

    check: Check
    looks: tuple[Look, ...]
    verdict: Verdict


def look_at(check: Check, n: int, master_seed: int, number: int) -> Look:
    """Examine all subjects of a check once.

    The first and the second look have the same graphs, and different random numbers:
    a fault that shows on one graph shows again. A subject for which the sample is too
    small is replaced by another; if too many are, the look has no score and is
    rejected.
    """
    begun = time.perf_counter()
    graphs = np.random.default_rng(derived_seed(master_seed, check.id, "graphs"))
    seed = derived_seed(master_seed, check.id, number)
    rng = np.random.default_rng(seed)
    scores: list[Score] = []
    refused: list[str] = []
    done = 0
    while done < check.n_subjects and done + len(refused) < DRAWS * check.n_subjects:
        name, subject = check.subjects(graphs)
        try:
            found = check.examine(subject, n, int(rng.integers(1 << 62)))
        except NotEnough as problem:
            refused.append(f"{name}: {problem}")
            continue
        scores += [Score(f"{name}: {s.name}", s.kind, s.p, s.n, s.detail) for s in found]
        done += 1
    if done < check.n_subjects:
        scores = []
    return Look(seed, n, tuple(scores), tuple(refused), time.perf_counter() - begun)


def run(
    checks: Sequence[Check],
    master_seed: int,
    n_scale: float = 1.0,
    say: Callable[[str], None] = lambda line: None,
) -> list[Result]:
    """Run checks and return what came of each.

    Parameters
    ----------
    checks
        From the registry.
    master_seed
        All seeds derive from it.
    n_scale
        Multiplies the sizes; below 1 the smallest errors are no longer seen.
    say
        Takes a line of progress.
    """

    def size(check: Check) -> int:
        return max(1, round(check.n * n_scale))

    first: dict[str, Look] = {}
    for number, check in enumerate(checks, start=1):
        say(f"[{number}/{len(checks)}] {check.id}: {check.claim}")
        first[check.id] = look_at(check, size(check), master_seed, 1)
        say("    " + summary(first[check.id]))
    doubtful = rejected({name: look.p for name, look in first.items()})
    results = []
    for check in checks:
        looks = [first[check.id]]
        if check.id in doubtful:
            say(f"{check.id} is rejected; a second look, {SECOND_LOOK} times as large")
            looks.append(look_at(check, SECOND_LOOK * size(check), master_seed, 2))
            say("    " + summary(looks[-1]))
        second = looks[1] if len(looks) > 1 else None
        results.append(
            Result(check, tuple(looks), verdict(check.id in doubtful, second, len(checks)))
        )
    return results


def summary(look: Look) -> str:
    """Describe a look in one line."""
    if look.worst is None:
        return f"not enough: {'; '.join(look.refused[:2])} ({look.seconds:.1f} s)"
    sampled = [s for s in look.scores if s.kind != "exact"]
    worst = f"max |z| {max(s.z for s in sampled):.2f}, " if sampled else ""
    refused = f", {len(look.refused)} subjects refused" if look.refused else ""
    return (
        f"{len(look.scores):,} statistics, {worst}p {look.p:.3g} "
        f"({look.worst.name}{refused}; {look.seconds:.1f} s)"
    )


def select(registry: Iterable[Check], wanted: Sequence[str]) -> list[Check]:
    """Return the checks whose id is, or begins with, one of the wanted names.

    Raises
    ------
    ValueError
        Naming the ids there are, if one fits none.
    """
    registry = list(registry)
    for name in wanted:
        if not any(check.id.startswith(name) for check in registry):
            raise ValueError(
                f"there is no check {name!r}; there are {', '.join(c.id for c in registry)}"
            )
    return [c for c in registry if not wanted or any(c.id.startswith(name) for name in wanted)]
