"""Which facts of a person are less well tested: said where they are typed, and in the answer."""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from mesospread.app.page_validation import shipped_validation
from mesospread.model.definition import Categorical
from mesospread.model.load import disease
from mesospread.report.tested import OF_PERSON, Facts, Notice, Tested, notices
from mesospread.report.view_parts import Mode, Words
from mesospread.studies.protocol import Cohort

__all__ = ["OF_PERSON", "Facts", "Notice", "Tested", "facts_of", "less_tested", "people_tested"]

#: kinds of figures that say where tumour is
_ON_SPREAD = frozenset({"extent", "nodes", "distant spread", "contact spread", "autopsy", "brain"})


def facts_of(patient: Mapping[str, Any]) -> Facts:
    """Return the facts of a patient, given as the keys of a patient file."""
    return Facts(
        str(patient["primary"]),
        {name: str(patient[name]) for name in OF_PERSON if name in patient},
        {
            f"scan-{k}": (
                str(scan["modality"]),
                (*scan.get("positive", ()), *scan.get("negative", ())),
            )
            for k, scan in enumerate(patient.get("scans", ()))
        },
        {f"treatment-{k}": str(one["name"]) for k, one in enumerate(patient.get("treatments", ()))},
        {f"symptom-{k}": str(one["name"]) for k, one in enumerate(patient.get("symptoms", ()))},
    )


def less_tested(facts: Facts, *, lang: str = "en", mode: Mode = "plain") -> dict[str, Notice]:
    """Return what is less well tested of some facts, under the key of each fact.

    Parameters
    ----------
    facts
        Wrong and unknown values are passed over: they are told elsewhere.
    lang, mode
        Language and reader.
    """
    return notices(facts, people_tested(facts.primary), Words(lang, mode))


@cache
def people_tested(primary: str) -> Tested:
    """Return against whom the forecasts of spread of a primary were tested."""
    validation = shipped_validation(primary)
    rows = [row for row in (validation or {}).get("results", []) if row["kind"] in _ON_SPREAD]
    people: Counter[str] = Counter()
    for row in rows:
        people[row["study"]] = max(people[row["study"]], round(row["n"] or 0))
    studies = {name: _study(name) for name in people}
    cohorts = {
        name: Cohort.model_validate(study.get("cohort", {})) for name, study in studies.items()
    }
    return Tested(
        figures=len(rows),
        people=people.total(),
        shares={
            name: _shares(
                [(people[study], getattr(c, name)) for study, c in cohorts.items()],
                _levels(primary, name),
            )
            for name in ("histology", "performance_status")
        },
        alone=frozenset(
            level
            for row in rows
            for result in studies[row["study"]]["result"]
            if result["id"] == row["result"]
            for level in result.get("among", {}).get("histology", ())
        ),
        ages=tuple((people[study], c.age) for study, c in cohorts.items() if c.age is not None),
    )


def _study(name: str) -> dict[str, Any]:
    file = files("mesospread.studies") / "data" / f"{name}.toml"
    return tomllib.loads(file.read_text("utf-8"))


def _levels(primary: str, covariate: str) -> tuple[str, ...]:
    found = disease(primary).definition.covariates.get(covariate)
    return tuple(found.levels) if isinstance(found, Categorical) else ()


def _shares(
    groups: Iterable[tuple[int, Mapping[str, float]]], levels: Iterable[str]
) -> dict[str, float]:
    """Return the share of each level among the people of all studies that say."""
    stated = [(people, shares) for people, shares in groups if shares]
    total = sum(people for people, _ in stated)
    if not total:
        return {}
    return {
        level: sum(people * shares.get(level, 0.0) for people, shares in stated) / total
        for level in levels
    }
