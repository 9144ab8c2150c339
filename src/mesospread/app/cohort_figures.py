"""The gross figures of a cohort as plain data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mesospread.app.simulate import cohort_spec
from mesospread.model.structure import Structure
from mesospread.simulate.cohort import CohortSpec, simulate_cohort
from mesospread.simulate.summary import CohortSummary, wilson

__all__ = ["cohort_figures", "cohort_spec", "simulated_figures"]

#: they steer the simulation and say nothing about spread
_NOT_SHOWN = ("treatment", "response", "death", "diagnosis")
_YEARS = (1, 2, 3, 5)
_NOTE = (
    "Intervals are 95 % sampling intervals (Wilson). How uncertain the model's own numbers are is "
    "not in them."
)


def simulated_figures(
    spec: CohortSpec, *, workers: int = 1, prognosis: bool = False
) -> dict[str, Any]:
    """Simulate a cohort in memory and return its gross figures.

    Parameters
    ----------
    spec
        From `cohort_spec`.
    workers
        Threads; changes no result.
    prognosis
        Whether survival is wanted.

    Returns
    -------
    dict
        As `cohort_figures`.
    """
    cohort = simulate_cohort(spec, workers)
    return cohort_figures(spec.structure, cohort.summary, cohort.provenance, prognosis=prognosis)


def cohort_figures(
    structure: Structure,
    summary: CohortSummary,
    run: Mapping[str, str],
    *,
    prognosis: bool = False,
) -> dict[str, Any]:
    """Return the gross figures of a cohort; survival only if it is wanted.

    Parameters
    ----------
    structure
        The disease.
    summary
        Its counts.
    run
        What is needed to make the same cohort again.
    prognosis
        Whether survival is wanted.

    Returns
    -------
    dict
        ``run``; ``patients`` and ``diagnosed``, counts; ``reached``: for each process and level
        the share ``at_diagnosis`` (None if nobody was diagnosed) and ``by_the_end``, at this level
        or above, as proportions; ``survival`` from diagnosis by group (None unless wanted);
        ``notes``.
    """
    note = structure.definition.note
    return {
        "run": dict(run),
        "patients": summary.n,
        "diagnosed": summary.n_diagnosed,
        "reached": [
            {
                "process": process.name,
                "level": level,
                "at_diagnosis": _share(
                    summary.at_diagnosis[f"{process.name}.{level}"], summary.n_diagnosed
                ),
                "by_the_end": _share(summary.ever[f"{process.name}.{level}"], summary.n),
            }
            for process in structure.processes
            if process.role not in _NOT_SHOWN
            for level in process.levels[1:]
        ],
        "survival": _survival(summary) if prognosis else None,
        "notes": [_NOTE, *([f"The model: {note}"] if note else [])],
    }


def _share(events: int, n: int) -> dict[str, float] | None:
    if n == 0:
        return None
    low, high = wilson(events, n)
    return {"estimate": events / n, "low": low, "high": high}


def _survival(summary: CohortSummary) -> list[dict[str, Any]]:
    """Return survival by group: median in months, and the share alive at some years."""
    rows = []
    for group, counts in summary.survival.items():
        n = int(counts.sum())
        if n == 0:
            continue
        median = summary.median_survival_months(group)
        rows.append(
            {
                "group": group,
                "number": n,
                "median_months": None
                if median is None
                else dict(zip(("estimate", "low", "high"), map(float, median), strict=True)),
                "alive_at_years": {
                    str(year): summary.alive_at(group, 12.0 * year) for year in _YEARS
                },
            }
        )
    return rows
