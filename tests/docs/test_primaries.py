"""The misfit tables say what the models give today."""

from __future__ import annotations

import re

import pytest
from tests.model import test_pericardial_sane, test_peritoneal_sane, test_testicular_sane
from tools.run_docs import ROOT

PAGE = (ROOT / "docs" / "primaries.md").read_text(encoding="utf-8")
MODELS = {
    "Peritoneal": test_peritoneal_sane,
    "Pericardial": test_pericardial_sane,
    "Testicular": test_testicular_sane,
}


def rows(primary: str) -> dict[str, tuple[str, str]]:
    """Return figure -> (published, model) of one table."""
    section = PAGE.split(f"### {primary}\n")[1].split("\n###")[0]
    cells = [re.split(r" *\| *", line.strip("| ")) for line in section.splitlines() if "|" in line]
    return {row[0]: (row[1], row[2]) for row in cells[2:]}


@pytest.mark.parametrize("primary", MODELS)
def test_what_the_model_gives_is_up_to_date(primary: str) -> None:
    figures = MODELS[primary].figures()
    assert len(rows(primary)) >= 6
    for name, (_, shown) in rows(primary).items():
        value, error = figures[name]
        decimals = len(shown.partition(".")[2])
        assert float(shown) == pytest.approx(value, abs=0.51 * 10**-decimals + error), name


@pytest.mark.parametrize("primary", MODELS)
def test_what_was_published_is_what_the_bounds_stand_around(primary: str) -> None:
    from mesospread.evidence.published import load_published

    published = load_published()
    bounds = {bound.figure: bound for bound in MODELS[primary].BOUNDS}
    for name, (shown, _) in rows(primary).items():
        cited = [published[n] for n in (*bounds[name].like, *bounds[name].beside)]
        for number, n in re.findall(r"([\d.]+) \((\d+)\)", shown):
            if name == "median under over from 65 years":
                continue  # a ratio of two published medians
            decimals = len(number.partition(".")[2])
            assert any(
                v.n == int(n) and abs(float(number) - (v.value or 0)) <= 0.51 * 10**-decimals
                for v in cited
            ), (name, number, n)
