"""What the evidence taught: numbers before and after the fit, and the studies that move most."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from mesospread.app.page_validation import shipped_validation
from mesospread.app.text import validation_text
from mesospread.app.validate_learnt import learnt
from mesospread.model.calibrated import shipped_posterior
from mesospread.model.load import disease, observation, treatments
from mesospread.report.validation_html import validation_fragment

PRIMARIES = ("pleural", "peritoneal")


@pytest.mark.parametrize("primary", PRIMARIES)
def test_informed_numbers_are_those_that_the_fit_narrowed(primary: str) -> None:
    posterior = shipped_posterior(primary)
    assert posterior is not None
    models = (disease(primary), treatments(primary), observation(primary))
    found = learnt(posterior, {k: p for model in models for k, p in model.parameters.items()})
    silent = set(posterior.made["prior_dominated"])
    assert found.fitted == len(posterior.names)
    assert {n.name for n in found.numbers} == set(posterior.names) - silent
    assert found.informed == len(found.numbers) > 0
    assert [n.width_kept for n in found.numbers] == sorted(n.width_kept for n in found.numbers)
    # most of what the spread says was narrowed has a narrower range, too
    assert sum(n.width_kept < 1.0 for n in found.numbers) >= 0.8 * found.informed


@pytest.mark.parametrize("primary", PRIMARIES)
def test_the_page_that_ships_shows_it_and_hides_survival_unasked(primary: str) -> None:
    shown, all_of_it = (shipped_validation(primary, prognosis=asked) for asked in (False, True))
    assert shown is not None
    assert all_of_it is not None
    page, whole = str(validation_fragment(shown)), str(validation_fragment(all_of_it))
    assert "Which study moves what" in page
    section = page[page.index('id="learnt"') : page.index('id="sources"')]
    assert "mortality" not in section
    assert "median survival" not in section
    assert "mortality" in whole[whole.index('id="learnt"') :]


def test_the_tables_fit_a_terminal() -> None:
    shown = shipped_validation("pleural", prognosis=True)
    assert shown is not None
    console = Console(file=io.StringIO(), width=80)
    console.print(validation_text(shown))
    text = console.file.getvalue()  # type: ignore[attr-defined]
    assert "Which further study would help most" in text
    assert max(map(len, text.splitlines())) <= 80
