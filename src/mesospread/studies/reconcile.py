"""Why published rates differ: one disease, seen at another time, in other people, by other eyes.

Each rate of spread is compared with one reference: everybody at diagnosis, PET-CT, the sites that
count as M1. Each rate of spread to the brain is compared with: everybody at diagnosis, MRI of the
brain. The way from the reference to the study changes four things; how much each of them
accounts for is its mean effect over all orders in which the four can be changed (Shapley).

References
----------
Shapley (1953), doi 10.1515/9781400881970-018.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from math import factorial

import numpy as np
from numpy.typing import NDArray

from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.structure import Structure
from mesospread.studies.many import predict_many
from mesospread.studies.predict import Protocols
from mesospread.studies.protocol import Cohort, Entry, Result, Seen, Study
from mesospread.studies.targets import Target

Floats = NDArray[np.float64]

#: what a protocol changes, with the words for it
FACTORS = {
    "time": "when they were looked at",
    "selection": "who was looked at",
    "eyes": "with which eyes",
    "definition": "what counted",
}


@dataclass(frozen=True)
class Reconciled:
    """One published rate, taken apart.

    Attributes
    ----------
    target
        The figure.
    question
        ``spread`` or ``brain``: each has a reference of its own.
    reference
        What the model says to the reference, (D,) over draws.
    predicted
        What it says through the protocol of the study, (D,).
    parts
        Factor to what it accounts for, (D,); they add up to ``predicted - reference``.
    """

    target: Target
    question: str
    reference: Floats
    predicted: Floats
    parts: Mapping[str, Floats]


def question(target: Target) -> str:
    """Return what a rate can be taken apart for: ``spread``, ``brain``, or nothing."""
    result, seen = target.result, target.result.seen
    if result.statistic != "proportion" or result.use == "inform":
        return ""
    if seen is not None and seen.sites == ("brain",):
        return "brain"
    by_m = result.staged is not None and result.staged.m == "M1" and not result.staged.t
    # any other single organ is another question than whether there is spread
    several = seen is not None and (len(seen.sites) > 1 or seen.sites == ("distant",))
    return "spread" if by_m or (several and result.kind in ("distant spread", "autopsy")) else ""


def reconcile(
    listed: Sequence[Target],
    structure: Structure,
    library: TreatmentLibrary,
    observation: ObservationModel,
    draws: Callable[[Protocols], Sequence[Mapping[str, float]]],
    *,
    lives: int,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Reconciled]:
    """Take published rates of spread apart.

    Parameters
    ----------
    listed
        Figures; those that are no rate of spread or of the brain are left out.
    structure, library, observation
        The disease.
    draws
        Gives the draws of the parameters of some protocols.
    lives
        Simulated for each way of treatment.
    seed, workers, progress
        As for `predict_many`.
    """
    chosen = [t for t in listed if question(t)]
    if not chosen:
        return []
    references = {
        q: _reference(chosen[0].study.primary, q, observation) for q in ("spread", "brain")
    }
    names = list(FACTORS)
    subsets = [frozenset(c) for k in range(5) for c in combinations(names, k)]
    hybrids = [
        _hybrid(references[question(t)], t, subset, number * len(subsets) + s, observation)
        for number, t in enumerate(chosen)
        for s, subset in enumerate(subsets)
    ]
    protocols = Protocols(hybrids, structure, library, observation, n=lives)
    found = predict_many(
        protocols, draws(protocols), first_seed=seed, workers=workers, progress=progress
    )
    values = np.array([[p[f"{h.study}/rate"].value for h in hybrids] for p in found])
    values = values.reshape(len(found), len(chosen), len(subsets))
    answers = []
    for k, target in enumerate(chosen):
        by_subset = {subset: values[:, k, s] for s, subset in enumerate(subsets)}
        answers.append(
            Reconciled(
                target=target,
                question=question(target),
                reference=by_subset[frozenset()],
                predicted=by_subset[frozenset(names)],
                parts={name: _shapley(name, names, by_subset) for name in names},
            )
        )
    return answers


def _shapley(name: str, names: list[str], value: Mapping[frozenset[str], Floats]) -> Floats:
    """Return the mean effect of one factor over all orders."""
    others = [n for n in names if n != name]
    total = np.zeros_like(next(iter(value.values())))
    for k in range(len(others) + 1):
        weight = factorial(k) * factorial(len(others) - k) / factorial(len(names))
        for subset in combinations(others, k):
            with_it = value[frozenset({*subset, name})]
            total = total + weight * (with_it - value[frozenset(subset)])
    return total


def _reference(primary: str, about: str, observation: ObservationModel) -> Study:
    """Return the reference of a question: everybody, at diagnosis."""
    looks = {
        "spread": Seen(sites=("distant",), by=(observation.staging[0].m,)),
        "brain": Seen(sites=("brain",), by=("MRI",)),
    }
    return Study(
        format=1,
        study="reference",
        title="Everybody at diagnosis",
        citation="mesospread",
        primary=primary,
        read_in="full_text",
        result=(_rate(looks[about]),),
    )


def _rate(seen: Seen) -> Result:
    return Result(
        id="rate",
        subject="rate",
        kind="distant spread",
        statistic="proportion",
        use="inform",
        value=0.0,
        n=1,
        seen=seen,
    )


def _hybrid(
    reference: Study,
    target: Target,
    changed: frozenset[str],
    number: int,
    observation: ObservationModel,
) -> Study:
    """Return the reference with some of the four things as in a study."""
    study, result = target.study, target.result
    theirs = result.seen or Seen(sites=("distant",), by=(observation.staging[0].m,))
    ours = reference.result[0].seen
    assert ours is not None
    by_time = "time" in changed
    seen = Seen(
        sites=theirs.sites if "definition" in changed else ours.sites,
        by=theirs.by if "eyes" in changed else ours.by,
        at=theirs.at if by_time else ours.at,
        every_months=theirs.every_months,
        until_months=theirs.until_months,
    )
    selected = "selection" in changed
    entry = Entry(
        months=study.entry.months if by_time else 0.0,
        log_sd=study.entry.log_sd if by_time else 0.0,
        staged=study.entry.staged if selected else None,
        free_of=study.entry.free_of if selected else None,
    )
    return reference.model_copy(
        update={
            "study": f"hybrid-{number}",
            "cohort": study.cohort if selected else Cohort(),
            "entry": entry,
            "result": (_rate(seen),),
        }
    )
