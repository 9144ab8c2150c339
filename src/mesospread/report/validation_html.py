"""A validation as a page: every figure reported beside predicted, misfits by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from markupsafe import Markup

from mesospread.report.html import environment, stylesheet
from mesospread.report.strings import ENGLISH
from mesospread.report.validation_curves import curve_name, curve_picture, curve_rows
from mesospread.report.validation_lead import lead, limits
from mesospread.report.validation_learnt import learnt_parts
from mesospread.report.validation_questions import DECIMALS, by_question, signed
from mesospread.report.validation_svg import comparison, staircase
from mesospread.report.validation_text import by_kind, coverage_rows, misfits, ranged, unit
from mesospread.report.validation_words import Said


def validation_fragment(validation: Mapping[str, Any], lang: str = ENGLISH) -> Markup:
    """Return the validation without the page around it.

    Parameters
    ----------
    validation
        As `mesospread.app.validate.Validation` is written to JSON.
    lang
        Language; what study files say stays in English.
    """
    said = Said(lang)
    rows = validation["results"]
    # a validation made by an earlier version has none
    curves, learnt = validation.get("curves", []), validation.get("learnt")
    return Markup(
        environment()
        .get_template("validation.html")
        .render(
            said=said,
            validation=validation,
            ranged=partial(ranged, said=said),
            unit=partial(unit, said=said),
            kinds=_kinds(rows, said),
            curves=[(c, curve_name(c, said), curve_picture(c, said)) for c in curves],
            curve_rows=curve_rows(curves, said),
            coverage=coverage_rows(validation["coverage"], said),
            learnt=learnt_parts(learnt, rows, said) if learnt else [],
            misfits=misfits(rows),
            lead=lead(validation, said),
            limits=limits(validation, said),
            questions=_questions(validation["reconciliation"], said),
            signed=partial(signed, said=said),
        )
    )


def _kinds(rows: Sequence[Mapping[str, Any]], said: Said) -> list[dict[str, Any]]:
    """Return name, rows and pictures of each kind of figures."""
    return [
        {
            "name": said.named("kind", kind),
            "rows": listed,
            "pictures": comparison(kind, listed, said),
        }
        for kind, listed in by_kind(rows).items()
    ]


def _questions(rows: Sequence[Mapping[str, Any]], said: Said) -> list[dict[str, Any]]:
    """Return name, decimals, rows and picture of each question whose rates are taken apart."""
    return [
        {
            "name": name,
            "decimals": DECIMALS[name],
            "rows": rates,
            "picture": staircase(rates, said),
        }
        for name, rates in by_question(rows).items()
    ]


def validation_document(validation: Mapping[str, Any], lang: str = ENGLISH) -> str:
    """Return one file with all it needs: style inside, no script, nothing to load.

    Parameters
    ----------
    validation, lang
        As for `validation_fragment`.
    """
    return (
        environment()
        .get_template("validation_document.html")
        .render(
            said=Said(lang),
            body=validation_fragment(validation, lang),
            style=Markup(stylesheet()),
            validation=validation,
        )
    )
