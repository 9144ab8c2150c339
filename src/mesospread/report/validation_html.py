"""A validation as a page: every figure reported beside predicted, misfits by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from mesospread.report.html import environment, stylesheet
from mesospread.report.validation_curves import CURVE_CAPTION, curve_picture, curve_rows
from mesospread.report.validation_lead import lead, limits
from mesospread.report.validation_learnt import (
    FURTHER_CAPTION,
    FURTHER_HEADINGS,
    LEFT_OUT_CAPTION,
    LEFT_OUT_HEADINGS,
    NUMBERS_HEADINGS,
    further_rows,
    left_out_rows,
    numbers_caption,
    numbers_rows,
)
from mesospread.report.validation_questions import QUESTIONS, by_question, signed
from mesospread.report.validation_svg import comparison, staircase
from mesospread.report.validation_text import by_kind, coverage_rows, misfits, ranged, unit


def validation_fragment(validation: Mapping[str, Any]) -> Markup:
    """Return the validation without the page around it.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    """
    rows = validation["results"]
    kinds = [
        {"name": kind, "rows": listed, "pictures": comparison(kind, listed)}
        for kind, listed in by_kind(rows).items()
    ]
    # a validation made by an earlier version has none
    curves = validation.get("curves", [])
    return Markup(
        environment()
        .get_template("validation.html")
        .render(
            validation=validation,
            ranged=ranged,
            unit=unit,
            kinds=kinds,
            curves=[(c, curve_picture(c)) for c in curves],
            curve_rows=curve_rows(curves),
            curve_caption=CURVE_CAPTION,
            coverage=coverage_rows(validation["coverage"]),
            learnt=_learnt_tables(validation.get("learnt"), rows),
            misfits=misfits(rows),
            lead=lead(validation),
            limits=limits(validation),
            questions=[
                {"put": QUESTIONS[name], "name": name, "rows": rates, "picture": staircase(rates)}
                for name, rates in by_question(validation["reconciliation"]).items()
            ],
            signed=signed,
        )
    )


def _learnt_tables(
    learnt: Mapping[str, Any] | None, results: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Return title, headings, rows and caption of what the evidence taught."""
    if learnt is None:
        return []
    return [
        {"title": title, "headings": headings, "rows": rows, "caption": caption}
        for title, headings, rows, caption in (
            (
                "What the studies taught",
                NUMBERS_HEADINGS,
                numbers_rows(learnt),
                numbers_caption(learnt),
            ),
            (
                "Which study moves what",
                LEFT_OUT_HEADINGS,
                left_out_rows(learnt, results),
                LEFT_OUT_CAPTION,
            ),
            (
                "Which further study would help most",
                FURTHER_HEADINGS,
                further_rows(learnt, results),
                FURTHER_CAPTION,
            ),
        )
    ]


def validation_document(validation: Mapping[str, Any]) -> str:
    """Return one file with all it needs: style inside, no script, nothing to load."""
    return (
        environment()
        .get_template("validation_document.html")
        .render(
            body=validation_fragment(validation),
            style=Markup(stylesheet()),
            validation=validation,
        )
    )
