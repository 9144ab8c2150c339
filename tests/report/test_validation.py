"""The validation in words, pictures and on a page: same numbers, nothing hidden."""

from __future__ import annotations

import io
import re
from typing import Any

import pytest
from rich.console import Console

from mesospread.app.page_validation import shipped_validation
from mesospread.model.calibrated import shipped_posterior
from mesospread.report.validation_html import validation_document
from mesospread.report.validation_questions import by_question, signed
from mesospread.report.validation_svg import comparison, staircase
from mesospread.report.validation_text import by_kind, figure, misfits, validation_text


@pytest.fixture(scope="module")
def validation() -> dict[str, Any]:
    found = shipped_validation("pleural", prognosis=True)
    assert found is not None
    return found


def printed(part: Any, width: int = 80) -> str:
    console = Console(file=io.StringIO(), width=width)
    console.print(part)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_the_shipped_validation_is_of_the_shipped_posterior(validation):
    posterior = shipped_posterior("pleural")
    assert posterior is not None
    assert validation["posterior"] == posterior.digest
    assert validation["draws"] >= 100


def test_it_holds_what_the_issue_names(validation):
    wanted = {
        "study", "subject", "statistic", "reported", "reported_low", "reported_high",
        "predicted", "predicted_low", "predicted_high", "inside",
    }  # fmt: skip
    assert all(wanted <= set(row) for row in validation["results"])
    for row in validation["results"]:
        assert row["reported_low"] <= row["reported"] <= row["reported_high"]
        assert row["predicted_low"] <= row["predicted"] <= row["predicted_high"]


def test_no_figure_that_was_fitted_is_counted_as_kept_back(validation):
    posterior = shipped_posterior("pleural")
    assert posterior is not None
    fitted = {
        f"{r['study']}/{r['result']}" for r in validation["results"] if r["use"] != "validate"
    }
    assert fitted == set(posterior.made["calibrated_on"])


def test_the_text_names_every_study_and_fits_a_terminal(validation):
    text = printed(validation_text(validation))
    for row in validation["results"]:
        assert row["study"] in text
    assert max(map(len, text.splitlines())) <= 80
    assert "…" not in text
    assert text.count("!") > len(misfits(validation["results"]))


def test_the_page_names_every_misfit_and_loads_nothing(validation):
    page = validation_document(validation)
    for row in misfits(validation["results"]):
        assert f"<strong>{row['study']}</strong>, {row['subject']}" in page
    assert not re.search(r'(?:src|href)="https?:', page)
    assert "<script" not in page
    assert page.count("<figure") == page.count("<figcaption")


def test_each_figure_stands_in_exactly_one_picture(validation):
    drawn = [
        picture.svg
        for kind, rows in by_kind(validation["results"]).items()
        for picture in comparison(kind, rows)
    ]
    assert sum(svg.count("<circle") for svg in drawn) == len(validation["results"])
    assert all("<title>" in svg for svg in drawn)


def test_the_steps_of_a_rate_end_at_what_the_model_says(validation):
    for rates in by_question(validation["reconciliation"]).values():
        assert staircase(rates).svg.count("<circle") == len(rates)
    for row in validation["reconciliation"]:
        end = row["reference"] + sum(part["points"] for part in row["parts"]) / 100
        # medians of parts need not add up to the median of the whole, but nearly do
        assert end == pytest.approx(row["predicted"], abs=0.04)


def test_hostile_words_stay_words(validation):
    row = validation["results"][0] | {"subject": '<script>alert("x")</script>', "inside": False}
    page = validation_document(validation | {"results": [row]})
    assert "<script>" not in page


@pytest.mark.parametrize(
    ("statistic", "number", "shown"),
    [
        ("proportion", 0.034, "3.4"),
        ("proportion", 0.442, "44"),
        ("median_months", 12.345, "12.3"),
        ("hazard_ratio", 0.8, "0.80"),
        ("alive_at", None, "–"),
    ],
)
def test_figures_are_shown_as_they_are_read(statistic, number, shown):
    assert figure({"statistic": statistic}, number) == shown


def test_no_sign_before_nothing():
    assert [signed(x) for x in (-0.4, 0.0, 0.4, 3.6, -3.6)] == ["0", "0", "0", "+4", "−4"]


def test_the_brain_has_a_table_and_a_picture_of_its_own(validation):
    rate = validation["reconciliation"][0]
    small = {k: 0.01 * rate[k] for k in rate if isinstance(rate[k], float)}
    brain = rate | small | {"question": "brain", "study": "of-the-brain", "reference": 0.004}
    others = [r for r in validation["reconciliation"] if r["question"] != "brain"]
    both = validation | {"reconciliation": [*others, brain]}
    text = printed(validation_text(both))
    assert "by MRI of the brain: 0.4 %" in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 80
    page = validation_document(both)
    assert 'id="reconciliation-brain"' in page
    assert page.count('id="reconciliation"') == 1
    assert page.count("<figure") == page.count("<figcaption")
    # its scale ends near what was found, not at 100 %
    assert ">100</text>" not in staircase([brain]).svg
    assert ">100</text>" in staircase(validation["reconciliation"]).svg
