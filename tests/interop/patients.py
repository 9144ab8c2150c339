"""Patients of every kind, for round trips."""

from __future__ import annotations

import datetime as dt
from typing import Any

from hypothesis import strategies as st

from mesospread.anatomy import primary as primary_named
from mesospread.anatomy import sites_of
from mesospread.model.load import observation, treatments
from mesospread.patient import HISTOLOGIES, MODALITIES, RESPONSES, Patient, parse_patient
from mesospread.staging import earlier_editions, edition_table, editions, stage_group

FIRST, LAST = dt.date(2019, 1, 1), dt.date(2026, 11, 20)
DAYS = st.dates(FIRST, LAST).map(dt.date.isoformat)
PRIMARIES = st.sampled_from(["pleural", "peritoneal", "pericardial", "testicular"])


def maybe(strategy: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.none() | strategy


@st.composite
def stages(draw: st.DrawFn, primary: str) -> dict[str, Any]:
    edition = draw(st.sampled_from([*editions(primary), *earlier_editions(primary)]))
    table = edition_table(primary, edition)
    stage: dict[str, Any] = {"edition": edition, "date": draw(maybe(DAYS))}
    if table.categories_of != table.edition:
        stage["group"] = draw(st.sampled_from(table.groups))
        return stage
    for axis in ("t", "n", "m"):
        stage[axis] = draw(maybe(st.sampled_from(sorted(getattr(table, axis)))))
    if primary == "peritoneal" and edition == "2011" and stage["t"] is None:
        stage["pci"] = draw(maybe(st.integers(0, 39)))
    elif draw(st.booleans()):
        answer = stage_group(stage["t"], stage["n"], stage["m"], edition, primary=primary)
        stage["group"] = answer.stage
    stage["basis"] = draw(maybe(st.sampled_from(["clinical", "pathological"])))
    said = [stage.get(key) for key in ("t", "n", "m", "pci", "group")]
    if all(value is None for value in said):
        stage["m"] = "M0"
    return stage


@st.composite
def scans(draw: st.DrawFn, primary: str) -> dict[str, Any]:
    names = [site.name for site in sites_of(primary)]
    looked = draw(st.lists(st.sampled_from(names), unique=True, max_size=6))
    cut = draw(st.integers(0, len(looked)))
    return {
        "date": draw(maybe(DAYS)),
        "modality": draw(st.sampled_from(sorted(MODALITIES.words))),
        "positive": looked[:cut],
        "negative": looked[cut:],
    }


@st.composite
def courses(draw: st.DrawFn, primary: str) -> dict[str, Any]:
    known = [n for t in treatments(primary).treatment for n in (t.name, *t.aliases)]
    start = draw(maybe(st.dates(FIRST, LAST)))
    return {
        "name": draw(st.sampled_from(known) | st.just("a trial drug, “X-17”")),
        "start": start and start.isoformat(),
        "end": draw(maybe(st.dates(start or FIRST, LAST).map(dt.date.isoformat))),
        "response": draw(maybe(st.sampled_from(sorted(RESPONSES.words)))),
    }


@st.composite
def symptoms(draw: st.DrawFn, primary: str) -> dict[str, Any]:
    known = [n for s in observation(primary).symptom for n in (s.name, *s.aliases)]
    return {
        "name": draw(st.sampled_from(known) | st.just("itchy “nose”\\")),
        "since": draw(maybe(DAYS)),
        "present": draw(st.sampled_from([True, False, "unknown"])),
    }


@st.composite
def patients(draw: st.DrawFn) -> Patient:
    name = draw(PRIMARIES)
    known = primary_named(name)
    sexes = [known.sex] if known.sex else ["male", "female"]
    facts = {
        "primary": name,
        "side": draw(maybe(st.sampled_from(["left", "right"]))) if known.paired else None,
        "histology": draw(maybe(st.sampled_from(sorted(HISTOLOGIES.words)))),
        "age": draw(maybe(st.integers(0, 110))),
        "sex": draw(maybe(st.sampled_from(sexes))),
        "performance_status": draw(maybe(st.integers(0, 4))),
        "diagnosed": draw(maybe(DAYS)),
        "as_of": draw(maybe(st.just(LAST.isoformat()))),
        "stage": draw(maybe(stages(name))),
        "scans": draw(st.lists(scans(name), max_size=3)),
        "treatments": draw(st.lists(courses(name), max_size=3)),
        "symptoms": draw(st.lists(symptoms(name), max_size=3)),
    }
    if facts["as_of"] and draw(st.booleans()):
        facts["died"] = "2026-12-01"
    return parse_patient(facts)
