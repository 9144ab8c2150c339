"""Both forms of the inference on the same patient, one after the other, timed.

The peer is the plain form (`infer.condition`): it simulates the whole disease and weighs every
history by the findings. It knows nothing of leaves, so it judges the fast form as well.
"""

from __future__ import annotations

import math
import time
from typing import Any

from benchmarks.forecast.patients import PRIMARY, Person, timeline
from mesospread.errors import ContradictionError
from mesospread.infer import condition as plain
from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import Question
from mesospread.infer.solve import Effort, solve
from mesospread.infer.timeline import Timeline
from mesospread.model.load import observation

#: kinds of questions whose answers are compared; others are sums or products of these
COMPARED = ("now", "by", "next", "true", "distant", "symptom")
#: those that the stated standard error is about
_SPREAD = ("now", "by")


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Answer for everybody by both forms.

    Parameters
    ----------
    task
        ``people`` (fields of `Person`), ``effort``, ``plain_paths``, ``seed``.

    Returns
    -------
    dict
        ``comparisons``: fields of `agreement.Comparison`, one each.
    """
    people = [Person(**person) for person in task["people"]]
    effort = Effort(**task["effort"])
    draws, paths = effort.draws, task["plain_paths"]
    warm_up = timeline(people[0].facts)
    solve(warm_up, observation(PRIMARY), seed=task["seed"], effort=Effort(max_rounds=1, too_few=0))
    _by_plain(warm_up, draws, 1, task["seed"])
    found = []
    for number, person in enumerate(people):
        # seeds of their own: the scores of patients on the same clocks would go together, and
        # so would those of the two forms
        seed = task["seed"] + 2 * number
        try:
            found.append(_compared(person, effort, draws, paths, seed))
        except ContradictionError:
            # the fast form refuses; `warm` counts these
            continue
    return {"comparisons": found}


def _compared(person: Person, effort: Effort, draws: int, paths: int, seed: int) -> dict[str, Any]:
    known = timeline(person.facts)
    begin = time.perf_counter()
    ours = solve(known, observation(PRIMARY), seed=seed, effort=effort)
    ours_seconds = time.perf_counter() - begin
    _, setup_seconds = _by_plain(known, draws, 1, seed + 1)
    theirs, plain_seconds = _by_plain(known, draws, paths, seed + 1)
    both = [q for q in ours.questions if q in theirs.questions]
    spread = [q for q in both if q[0] in _SPREAD]
    return {
        "name": person.name,
        "ours_seconds": ours_seconds,
        "ours_error": max(_error(ours, q) for q in spread) if spread else math.nan,
        "setup_seconds": setup_seconds,
        "plain_seconds": plain_seconds,
        "plain_error": max(_error(theirs, q) for q in spread) if spread else math.nan,
        "plain_size": theirs.effective_sample_size(),
        "limited_by": _words(max(spread, key=lambda q: _error(ours, q))) if spread else "",
        "answers": {_words(q): _pair(ours, theirs, q) for q in both if q[0] in COMPARED},
    }


def _by_plain(known: Timeline, draws: int, paths: int, seed: int) -> tuple[Posterior, float]:
    """Run the plain form once, however few histories explain the findings; and time it."""
    effort = plain.Effort(draws=draws, paths=paths, enough=math.inf, too_few=0.0, max_rounds=1)
    begin = time.perf_counter()
    posterior = plain.condition(known, observation(PRIMARY), seed=seed, effort=effort)
    return posterior, time.perf_counter() - begin


def _error(posterior: Posterior, question: Question) -> float:
    return posterior.answer(*question).standard_error


def _words(question: Question) -> str:
    return " ".join(map(str, question))


def _pair(ours: Posterior, theirs: Posterior, question: Question) -> tuple[float, ...]:
    a, b = ours.answer(*question), theirs.answer(*question)
    return a.estimate, a.standard_error, b.estimate, b.standard_error
