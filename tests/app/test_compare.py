"""One patient under several treatments: paired, graded, and silent about survival unless asked."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.console import Console
from typer.testing import CliRunner

from mesospread.app.compare import compare
from mesospread.cli.main import app
from mesospread.errors import InputError
from mesospread.infer.result import Band, Comparison
from mesospread.infer.solve import Effort
from mesospread.model.load import treatments
from mesospread.report.compare_text import CompareText

PATIENT = {
    "primary": "pleural",
    "histology": "epithelioid",
    "age": 66,
    "sex": "male",
    "performance_status": 1,
    "stage": {"edition": "9", "t": "T2", "n": "N0", "m": "M0"},
}
SMALL = Effort(draws=40, core_paths=64, leaf_paths=600, standard_error=0.05, max_rounds=4)
IMMUNOTHERAPY, CHEMOTHERAPY = "nivolumab + ipilimumab", "pemetrexed + cisplatin"


@cache
def compared(*names: str, prognosis: bool = True) -> Comparison:
    return compare(PATIENT, names, prognosis=prognosis, effort=SMALL)


def bands(comparison: Comparison) -> list[Band]:
    return [
        band
        for option in comparison.options
        for site in option.sites
        for band in (*site.by_month.values(), *site.change.values())
    ]


def test_every_figure_lies_in_its_band_and_spread_does_not_fall_with_time():
    comparison = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY)
    assert [o.treatment for o in comparison.options] == ["none", IMMUNOTHERAPY, CHEMOTHERAPY]
    assert all(b.low <= b.estimate <= b.high for b in bands(comparison))
    for option in comparison.options:
        for site in option.sites:
            by = [site.by_month[m].estimate for m in ("3", "6", "12", "24")]
            assert all(0 <= p <= 1 for p in by)
            assert np.all(np.diff(by) >= -1e-12)


def test_a_change_is_the_difference_of_the_two_forecasts():
    first, other, _ = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY).options
    assert all(not site.change for site in first.sites)
    for before, after in zip(first.sites, other.sites, strict=True):
        for month, change in after.change.items():
            gap = after.by_month[month].estimate - before.by_month[month].estimate
            assert change.estimate == pytest.approx(gap, abs=1e-9)


def test_a_treatment_without_effects_changes_nothing():
    """Supportive care: the same clocks give the same histories, so every change is exactly 0."""
    care = next(t for t in treatments("pleural").treatment if t.name == "supportive care")
    assert not care.effects
    assert not care.actions
    second = compared("none", "supportive care").options[1]
    changes = [b for site in second.sites for b in site.change.values()]
    assert changes
    assert all(b.estimate == b.low == b.high == 0 for b in changes)


def test_the_second_treatment_of_a_pair_can_be_the_first_of_another():
    there = compared("none", IMMUNOTHERAPY).options[1].sites
    back = compared(IMMUNOTHERAPY, "none").options[1].sites
    for a, b in zip(there, back, strict=True):
        assert a.change["12"].estimate == pytest.approx(-b.change["12"].estimate, abs=1e-9)


def test_pairing_makes_differences_sharper_than_the_forecasts():
    other = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY).options[1]
    site = next(s for s in other.sites if s.site == "any_distant")
    change, level = site.change["12"], site.by_month["12"]
    assert change.high - change.low < level.high - level.low


def test_survival_is_shown_only_to_those_who_ask():
    silent = compared("none", IMMUNOTHERAPY, prognosis=False)
    assert all(o.survival is None and not o.alive_change for o in silent.options)
    asked = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY)
    assert all(o.survival is not None for o in asked.options)
    assert asked.options[1].alive_change["12"].low > 0


def test_each_effect_carries_its_grade_and_no_spread_claim_is_randomised():
    comparison = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY)
    library = {t.name: t for t in treatments("pleural").treatment}
    for name in (IMMUNOTHERAPY, CHEMOTHERAPY):
        shown = [e for e in comparison.evidence if e.treatment == name]
        assert [e.grade for e in shown] == [e.grade for e in library[name].effects]
        assert any(s.startswith(f"{name}: no randomised trial") for s in comparison.statements)


@pytest.mark.parametrize(
    ("names", "words"),
    [
        ((), "nothing"),
        (("none",), "two different treatments"),
        (("none", "None"), "two different treatments"),
        (("immunotherapy", IMMUNOTHERAPY), "two different treatments"),
        (("none", "nivolumap + ipilimumab"), "Did you mean 'nivolumab + ipilimumab'?"),
    ],
)
def test_what_cannot_be_compared_is_refused(names, words):
    with pytest.raises(InputError) as caught:
        compare(PATIENT, names, effort=SMALL)
    assert words in str(caught.value)


@pytest.mark.parametrize("width", [80, 120])
def test_the_tables_fit_the_terminal(width, monkeypatch, tmp_path):
    monkeypatch.setenv("COLUMNS", str(width))
    file = Path(tmp_path) / "patient.toml"
    file.write_text('primary = "pleural"\nage = 66\n')
    given = ["compare", str(file), "--treatment", "none", "--treatment", "immunotherapy"]
    answer = CliRunner().invoke(app, given)
    assert answer.exit_code == 0
    assert "any distant" in answer.stdout
    assert "mechanism" in answer.stdout
    assert "How long people" not in answer.stdout


# --- two readings of one study -------------------------------------------------------


def readings() -> dict[str, Any]:
    """Return what each reading says about the brain a year from now."""
    found = compared("none", IMMUNOTHERAPY).readings
    assert {(r.treatment, r.site) for r in found} == {(IMMUNOTHERAPY, "brain")}
    return {r.reading: r for r in found}


def test_both_readings_of_the_brain_study_are_reported_and_told_apart():
    """More metastases change the disease; more visible ones only what is seen of it."""
    options = compared("none", IMMUNOTHERAPY).options[1].sites
    brain = next(s for s in options if s.site == "brain").by_month["12"].estimate
    more, revealed = readings()["more of them form"], readings()["hidden ones become visible"]
    assert more.there_by["12"].estimate > brain + 0.005
    assert more.shows_by["12"].estimate == pytest.approx(more.there_by["12"].estimate, abs=1e-9)
    assert revealed.there_by["12"].estimate == pytest.approx(brain, abs=1e-9)
    assert revealed.shows_by["12"].estimate > brain + 0.005


def test_readings_name_the_study_and_touch_no_other_answer():
    for reading in readings().values():
        assert set(reading.sources) == {"stalker-2025-brain-io", "stalker-2025-brain-chemo"}
        assert reading.note
    without = compared("none", CHEMOTHERAPY)
    assert without.readings == []
    with_them, alone = (
        next(o for o in c.options if o.treatment == "none").sites
        for c in (compared("none", IMMUNOTHERAPY), without)
    )
    assert [s.by_month for s in with_them] == [s.by_month for s in alone]


def test_harms_stand_beside_the_gains():
    comparison = compared("none", IMMUNOTHERAPY, CHEMOTHERAPY)
    assert {harm.treatment for harm in comparison.harms} == {IMMUNOTHERAPY, CHEMOTHERAPY}
    (severe,) = [h for h in comparison.harms if h.sources == ["maps-severe-pc"]]
    assert severe.share == 0.62
    assert "maps-severe-pc" in {source["id"] for source in comparison.sources}
    console = Console(width=100, record=True, file=io.StringIO())
    console.print(CompareText(comparison))
    text = console.export_text()
    assert "any severe side effect" in text
    assert text.index("compared with none") < text.index("Main harms") < text.index("How long")
