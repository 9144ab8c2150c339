"""The first words of a validation: the aim, by how much it is missed, and what lies beyond."""

from __future__ import annotations

from typing import Any

import pytest

from mesospread.app.page_validation import shipped_validation
from mesospread.report.validation_html import validation_fragment
from mesospread.report.validation_lead import exact_interval, lead, limits


def made(inside: int, of: int, *, kind: str = "all", primary: str = "pleural") -> dict[str, Any]:
    results = [
        {"study": "s", "result": str(i), "use": "validate", "inside": i < inside} for i in range(of)
    ]
    return {"primary": primary, "results": results, "coverage": [{"kind": kind}]}


@pytest.mark.parametrize(
    ("inside", "of", "low", "high"),
    # the ends have closed forms; the one between is of R's binom.test
    [(0, 10, 0.0, 1 - 0.025**0.1), (10, 10, 0.025**0.1, 1.0), (7, 10, 0.3475, 0.9333)],
)
def test_the_interval_is_exact(inside: int, of: int, low: float, high: float) -> None:
    assert exact_interval(inside, of) == pytest.approx((low, high), abs=1e-4)


@pytest.mark.parametrize(
    ("inside", "words"),
    [
        (80, "missed: this is 10.0 percentage points below"),
        (95, "is met"),
        (100, "missed: this is 2.0 percentage points above"),
    ],
)
def test_the_aim_is_met_or_missed_by_so_much(inside: int, words: str) -> None:
    assert words in lead(made(inside, 100))
    assert f"{inside} lie inside" in lead(made(inside, 100))


def test_no_verdict_where_figures_are_left_out_or_another_primary_is_meant() -> None:
    assert "are left out" in lead(made(80, 100, kind="nodes"))
    assert "aim" not in lead(made(80, 100, primary="peritoneal"))
    assert "none was kept back" in lead(made(0, 0))


def test_figures_that_helped_to_set_a_number_are_told_apart() -> None:
    found = made(8, 10)
    assert "sources of numbers" not in lead(found)
    for row in found["results"][:3]:
        row["stands_behind"] = ["mortality"]
    assert "3 of them are sources of numbers" in lead(found)
    assert "of the other 7, 5 lie inside" in lead(found)


def test_a_figure_is_named_only_while_it_lies_outside_or_is_wide() -> None:
    row = {"study": "collins-2020", "result": "any", "inside": False, "reported": 0.67}
    wide = {
        "study": "iaslc-9", "result": "os-m1", "inside": True, "reported": 10.5,
        "predicted_low": 6.0, "predicted_high": 27.0,
    }  # fmt: skip
    said = limits({"results": [row, wide]})
    assert said[0].startswith("Referrals to phase I trials (67 % in collins-2020): outside")
    assert "6–27 months" in said[1]
    narrow = wide | {"predicted_high": 12.0}
    assert len(limits({"results": [row | {"inside": True}, narrow]})) == 1


def test_the_page_begins_with_them_and_tells_no_survival_unasked() -> None:
    for prognosis in (True, False):
        found = shipped_validation("pleural", prognosis=prognosis)
        assert found is not None
        page = str(validation_fragment(found))
        assert lead(found) in page
        assert ("IASLC 9" in page) <= prognosis
        assert ("TCGA-MESO has no" in page) == prognosis
