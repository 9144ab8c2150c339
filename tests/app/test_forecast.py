"""The forecast of one patient: its shape, its sense, and that it keeps nothing."""

from __future__ import annotations

import itertools
import json
import math
import os
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import mesospread
from mesospread.app.forecast import forecast
from mesospread.errors import MesospreadError, PatientError
from mesospread.evidence.published import load_published
from mesospread.infer.result import Forecast
from mesospread.infer.solve import Effort
from mesospread.model.load import disease, observation, shipped_primaries

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.toml"))
LITTLE = Effort(
    draws=30, core_paths=64, leaf_paths=500, standard_error=0.05, too_few=50.0, max_rounds=6
)
BASE = {"primary": "pleural", "diagnosed": "2026-03-02", "as_of": "2026-11-20"}


@cache
def example(path: Path) -> dict[str, Any]:
    """Return the JSON of an example, with prognosis."""
    return as_json(forecast(path, prognosis=True, effort=LITTLE))


def as_json(result: Forecast) -> dict[str, Any]:
    return json.loads(json.dumps(result.model_dump(mode="json"), allow_nan=False))


def little(seed: int = 1, prognosis: bool = False, **facts: Any) -> dict[str, Any]:
    return as_json(forecast({**BASE, **facts}, seed=seed, prognosis=prognosis, effort=LITTLE))


def site(answer: dict[str, Any], name: str) -> dict[str, Any]:
    (found,) = (s for s in answer["sites"] if s["site"] == name)
    return found


def scan(modality: str = "CT", **sites: list[str]) -> dict[str, Any]:
    return {"date": "2026-11-10", "modality": modality, **sites}


def numbers(part: Any, key: str = "") -> list[tuple[str, float]]:
    """Return every number with the nearest key above it."""
    if isinstance(part, dict):
        return [n for k, inner in part.items() for n in numbers(inner, k)]
    if isinstance(part, list):
        return [n for inner in part for n in numbers(inner, key)]
    return [(key, part)] if isinstance(part, int | float) and not isinstance(part, bool) else []


# --- shape ------------------------------------------------------------------------

each_example = pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)


def test_there_are_examples_of_every_primary():
    assert {path.stem.split("_")[0] for path in EXAMPLES} == set(shipped_primaries())


@each_example
def test_json_has_the_keys_that_others_rely_on(path):
    answer = example(path)
    assert set(answer) >= {
        "patient", "model", "stage", "sites", "scans", "symptoms", "survival", "sources",
        "diagnostics",
    }  # fmt: skip
    primary = answer["patient"]["primary"]
    assert path.stem.startswith(primary)
    assert answer["model"]["disease"] == primary
    assert answer["model"]["version"] == mesospread.__version__
    assert isinstance(answer["model"]["evidence"], str)
    assert answer["model"]["draws"] == LITTLE.draws
    for listed in ("sites", "scans", "symptoms", "sources"):
        assert isinstance(answer[listed], list)
    for s in answer["sites"]:
        assert isinstance(s["site"], str)
        assert set(s["now"]) == {"free", "microscopic", "detectable", "symptomatic"}
        assert set(s["by_month"]) >= {"6", "12", "24"}
        assert all(set(b) == {"estimate", "low", "high"} for b in s["by_month"].values())
        assert set(s["routes"]) == {"direct", "lymphatic", "haematogenous"}
    for s in answer["scans"]:
        assert isinstance(s["modality"], str)
        assert isinstance(s["site"], str)
        assert isinstance(s["expected_yield"], float)
    assert set(answer["survival"]) == {"interval", "median_months", "curve", "conditional"}
    median = answer["survival"]["median_months"]
    assert median is None or set(median) == {"estimate", "low", "high"}
    assert answer["diagnostics"]["effective_sample_size"] > LITTLE.too_few
    assert 0 < answer["diagnostics"]["standard_error"] < 0.2


@each_example
def test_all_sites_and_all_examinations_are_there(path):
    answer = example(path)
    primary = answer["patient"]["primary"]
    assert {s["site"] for s in answer["sites"]} == set(disease(primary).of_role("site"))
    offered = {(s["modality"], s["site"]) for s in answer["scans"]}
    assert len(offered) == len(answer["scans"]) > 50
    assert ("MRI", "brain") in offered
    assert {m for m, _ in offered} <= {m.name for m in observation(primary).modality}
    assert "autopsy" not in {m for m, _ in offered}


@each_example
def test_probabilities_are_probabilities(path):
    answer = example(path)
    shares = [
        *numbers(
            [[s["now"], s["by_month"], s["involved_now"], s["next"]] for s in answer["sites"]]
        ),
        *numbers(answer["scans"]),
        *numbers(answer["symptoms"]),
        *numbers([answer["stage"]["now"]["t"], answer["stage"]["now"]["n"]]),
        *((k, v) for k, v in numbers(answer["survival"]["curve"]) if k != "month"),
    ]
    assert len(shares) > 500
    assert [(k, v) for k, v in shares if not 0.0 <= v <= 1.0 + 1e-9] == []


@each_example
def test_levels_add_up_and_time_only_adds(path):
    answer = example(path)
    for s in answer["sites"]:
        assert sum(s["now"].values()) == pytest.approx(1.0, abs=1e-9)
        assert s["involved_now"]["estimate"] == pytest.approx(1.0 - s["now"]["free"], abs=1e-9)
        seen = s["now"]["detectable"] + s["now"]["symptomatic"]
        ordered = [s["by_month"][m]["estimate"] for m in sorted(s["by_month"], key=int)]
        assert ordered == sorted(ordered)
        assert ordered[0] >= seen - 1e-9
        for band in (s["involved_now"], *s["by_month"].values()):
            assert band["low"] <= band["estimate"] <= band["high"]
    for axis in ("t", "n"):
        assert sum(answer["stage"]["now"][axis].values()) == pytest.approx(1.0, abs=1e-9)
    assert sum(s["next"] for s in answer["sites"]) <= 1.0 + 1e-9


@each_example
def test_routes_add_up_to_one(path):
    for s in example(path)["sites"]:
        total = sum(s["routes"].values())
        assert total == pytest.approx(1.0, abs=1e-9) or total == 0.0
        assert all(share >= 0 for share in s["routes"].values())


def test_routes_add_up_to_one_after_surgery_too():
    """A site that was cleared and seeded again was first seeded once."""
    answer = little(treatments=[{"name": "surgery", "start": "2026-05-01"}])
    for s in answer["sites"]:
        assert sum(s["routes"].values()) == pytest.approx(1.0, abs=1e-9), s["site"]


@each_example
def test_scans_are_sensible(path):
    for s in example(path)["scans"]:
        assert s["low"] <= s["expected_yield"] <= s["high"]
        involved = site(example(path), s["site"])["involved_now"]["estimate"]
        split = (
            s["expected_yield"] * s["true_if_positive"]
            + (1 - s["expected_yield"]) * s["involved_if_negative"]
        )
        assert split == pytest.approx(involved, abs=1e-6)
        assert s["true_if_positive"] >= involved - 1e-9 >= s["involved_if_negative"] - 2e-9


@each_example
def test_survival_falls(path):
    curve = example(path)["survival"]["curve"]
    assert [point["month"] for point in curve] == list(range(len(curve)))
    assert curve[0]["alive"] == pytest.approx(1.0, abs=1e-12)
    alive = [point["alive"] for point in curve]
    assert all(a >= b - 1e-12 for a, b in itertools.pairwise(alive))
    assert all(p["low"] <= p["alive"] <= p["high"] for p in curve)
    median = example(path)["survival"]["median_months"]
    if median is None:
        assert alive[-1] > 0.5
        return
    assert median["low"] <= median["estimate"] <= median["high"]
    below = next(point["month"] for point in curve if point["alive"] <= 0.5)
    assert below - 1 <= median["estimate"] <= below


@each_example
def test_nobody_is_told_how_long_who_has_not_asked(path):
    answer = as_json(forecast(path, effort=LITTLE))
    assert answer["survival"] is None
    # sources lose what they tell about survival, and nothing else
    kept = ("survival", "sources")
    with_it = {k: v for k, v in example(path).items() if k not in kept}
    assert {k: v for k, v in answer.items() if k not in kept} == with_it
    for ours, theirs in zip(answer["sources"], example(path)["sources"], strict=True):
        assert ours | {"says": ""} == theirs | {"says": ""}
        assert ours["says"] in ("", theirs["says"])
    assert not any("surviv" in k or "median" in k or "alive" in k for k, _ in numbers(answer))


@each_example
def test_every_source_is_a_published_value(path):
    sources = example(path)["sources"]
    assert len(sources) > 50
    text = json.dumps(sources)
    assert sum(name in text for name in load_published()) > 50


# --- sense ------------------------------------------------------------------------


def test_the_primary_alone_is_enough():
    answer = as_json(forecast({"primary": "pleural"}, effort=LITTLE))
    assert len(answer["sites"]) == len(disease("pleural").of_role("site"))
    assert any("diagnosed today" in sentence for sentence in answer["assumptions"])


def test_the_same_seed_gives_the_same_answer():
    assert little(seed=5) == little(seed=5)
    assert little(seed=5)["sites"] != little(seed=6)["sites"]


def test_a_file_a_mapping_and_a_patient_are_the_same(tmp_path):
    from mesospread.patient import parse_patient

    file = tmp_path / "patient.json"
    file.write_text(json.dumps(BASE))
    answers = [as_json(forecast(p, effort=LITTLE)) for p in (file, str(file), BASE)]
    answers.append(as_json(forecast(parse_patient(BASE), effort=LITTLE)))
    assert all(answer == answers[0] for answer in answers)


def seen_in(name: str, answer: dict[str, Any]) -> float:
    now = site(answer, name)["now"]
    return now["detectable"] + now["symptomatic"]


LATE: dict[str, Any] = {"diagnosed": "2026-02-01", "stage": {"edition": "9", "t": "T4", "n": "N2"}}


@cache
def before_the_scan() -> dict[str, Any]:
    return little(**LATE)


@pytest.mark.parametrize(
    ("modality", "name"), [("CT", "liver"), ("PET-CT", "bone"), ("MRI", "brain")]
)
def test_a_finding_moves_the_site_it_is_about(modality, name):
    """Up by more than five simulation errors; down by a third, with the same people."""
    before = before_the_scan()
    positive = little(**LATE, scans=[scan(modality, positive=[name])])
    negative = little(**LATE, scans=[scan(modality, negative=[name])])
    rise = seen_in(name, positive) - seen_in(name, before)
    fall = seen_in(name, before) - seen_in(name, negative)
    error = math.hypot(
        positive["diagnostics"]["standard_error"], before["diagnostics"]["standard_error"]
    )
    assert rise > 5 * error
    assert fall > seen_in(name, before) / 3
    later = [site(a, name)["by_month"]["12"]["estimate"] for a in (negative, before, positive)]
    assert later == sorted(later)


def gain_in_survival(better: dict[str, Any], worse: dict[str, Any]) -> tuple[float, float]:
    """Return the difference in the share alive at a year, over seeds, and its standard error."""
    gains = [
        float(np.subtract(*(
            little(seed, prognosis=True, **facts)["survival"]["curve"][12]["alive"]
            for facts in (better, worse)
        )))
        for seed in range(1, 6)
    ]  # fmt: skip
    return float(np.mean(gains)), float(np.std(gains, ddof=1)) / math.sqrt(len(gains))


def test_sarcomatoid_disease_shortens_life():
    gain, error = gain_in_survival({"histology": "epithelioid"}, {"histology": "sarcomatoid"})
    assert gain > 5 * error
    assert gain > 0.05


def test_the_order_of_findings_does_not_matter():
    scans = [
        {"date": "2026-03-05", "modality": "PET-CT", "negative": ["liver", "bone"]},
        {"date": "2026-11-10", "modality": "CT", "negative": ["adrenal", "liver"]},
        {"date": "2026-11-10", "modality": "MRI", "positive": ["chest_wall"]},
    ]
    turned = [
        {**s, **{k: s[k][::-1] for k in ("positive", "negative") if k in s}} for s in scans[::-1]
    ]
    symptoms = [{"name": "bone pain", "present": False}, {"name": "cough"}]
    one = little(scans=scans, symptoms=symptoms)
    other = little(scans=turned, symptoms=symptoms[::-1])
    for mine, theirs in zip(one["sites"], other["sites"], strict=True):
        assert mine["site"] == theirs["site"]
        for (k, a), (_, b) in zip(numbers(mine), numbers(theirs), strict=True):
            assert a == pytest.approx(b, abs=1e-9), k


def test_m1_beside_a_negative_liver_scan_is_still_spread():
    """The scan says where it is not; the stage says that it is somewhere."""
    m1 = {"edition": "9", "t": "T3", "n": "N1", "m": "M1"}
    with_scan = [{"date": "2026-03-02", "modality": "CT", "negative": ["liver"]}]
    answer = little(stage=m1, scans=with_scan)
    assert answer["stage"]["now"]["distant"]["involved"]["estimate"] > 0.999


def test_a_treatment_that_works_lengthens_life():
    given = {"name": "immunotherapy", "start": "2026-04-01"}
    gain, error = gain_in_survival(
        {"treatments": [{**given, "response": "complete"}]}, {"treatments": []}
    )
    assert gain > 5 * error
    assert gain > 0.05


def test_an_unexpected_finding_is_pointed_out():
    """Brain metastases a month after a T1 N0 M0 diagnosis, on two scans."""
    answer = as_json(
        forecast(
            {
                "primary": "pleural",
                "diagnosed": "2026-03-02",
                "stage": {"edition": "9", "t": "T1", "n": "N0", "m": "M0"},
                "scans": [
                    {"date": "2026-03-30", "modality": "MRI", "positive": ["brain"]},
                    {"date": "2026-03-30", "modality": "CT", "negative": ["liver"]},
                ],
            },
            effort=Effort(draws=60, core_paths=256, leaf_paths=2_000, standard_error=0.05),
        )
    )
    assert answer["diagnostics"]["unexpected_findings"] == ["MRI of 30 March 2026: brain positive"]


def test_bad_facts_are_refused():
    with pytest.raises(PatientError, match="Did you mean"):
        forecast({"primary": "plueral"})
    with pytest.raises(PatientError, match="male body"):
        forecast({"primary": "testicular", "sex": "female"})
    with pytest.raises(MesospreadError, match="uk, us"):
        forecast(BASE, life_table="fr", effort=LITTLE)
    with pytest.raises(MesospreadError, match="seed"):
        forecast(BASE, seed=-1, effort=LITTLE)


# --- privacy ----------------------------------------------------------------------


def test_nothing_typed_is_kept(tmp_path):
    """A forecast in a fresh home leaves no file there, and logs nothing."""
    places = {name: tmp_path / name for name in ("home", "work", "temp")}
    for place in places.values():
        place.mkdir()
    secret = "zanzibar therapy"
    patient = tmp_path / "patient.json"
    patient.write_text(
        json.dumps({**BASE, "treatments": [{"name": secret, "start": "2026-04-01"}]})
    )
    result = subprocess.run(
        [sys.executable, "-m", "mesospread", "forecast", str(patient), "--json"],
        cwd=places["work"],
        env={
            **os.environ,
            "PYTHONPATH": str(Path(mesospread.__file__).parents[1]),
            "HOME": str(places["home"]),
            "XDG_CACHE_HOME": str(places["home"]),
            "TMPDIR": str(places["temp"]),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    assert secret in result.stdout
    assert result.stderr == ""
    assert [file for place in places.values() for file in place.rglob("*")] == []
    # compiled code is kept with the package
    package = Path(mesospread.__file__).parent
    assert not [f for f in package.rglob("*") if f.is_file() and secret.encode() in f.read_bytes()]


def test_sources_tell_nothing_about_survival_unasked():
    known = {"primary": "pleural", "diagnosed": "2026-01-01", "as_of": "2026-01-01"}
    silent = forecast(known, effort=Effort(draws=2, core_paths=8, leaf_paths=2, too_few=1))
    told = [s["says"] for s in silent.sources if "OS" in s["says"] or "overall surv" in s["says"]]
    assert told == []
    asked = forecast(
        known, effort=Effort(draws=2, core_paths=8, leaf_paths=2, too_few=1), prognosis=True
    )
    assert any("OS" in s["says"] for s in asked.sources)


def test_many_symptoms_take_no_longer_than_few():
    """Beyond a number of present symptoms the plain form answers: work does not double."""
    names = [s.name for s in observation("pleural").symptom][:12]
    patient = {
        "primary": "pleural",
        "diagnosed": "2026-01-01",
        "as_of": "2026-01-01",
        "symptoms": [{"name": n, "present": True} for n in names],
    }
    found = forecast(patient)
    assert found.diagnostics.effective_sample_size > 200
