"""A validation as a page: every figure reported beside predicted, misfits by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from mesospread.report.html import environment, stylesheet
from mesospread.report.validation_svg import comparison, staircase
from mesospread.report.validation_text import by_kind, coverage_rows, misfits, ranged, signed, unit


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
    fresh = [r for r in rows if r["use"] == "validate"]
    return Markup(
        environment()
        .get_template("validation.html")
        .render(
            validation=validation,
            ranged=ranged,
            signed=signed,
            unit=unit,
            kinds=kinds,
            coverage=coverage_rows(validation["coverage"]),
            misfits=misfits(rows),
            fresh=len(fresh),
            fresh_inside=sum(r["inside"] for r in fresh),
            staircase=staircase(validation["reconciliation"])
            if validation["reconciliation"]
            else None,
        )
    )


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
