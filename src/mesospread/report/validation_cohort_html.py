"""A check of forecasts against a table of patients, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from markupsafe import Markup

from mesospread.report.html import environment, stylesheet
from mesospread.report.strings import ENGLISH
from mesospread.report.validation_cohort_svg import calibration_plot
from mesospread.report.validation_cohort_text import (
    at_rows,
    banded,
    cohort_foot,
    cohort_head,
    measure_rows,
    not_applied,
    score_rows,
    subgroup_rows,
)
from mesospread.report.validation_words import Said


def cohort_document(check: Mapping[str, Any], lang: str = ENGLISH) -> str:
    """Return one file with all it needs: style inside, no script, nothing to load.

    Parameters
    ----------
    check
        As `mesospread.app.cohort_result.CohortCheck` is written to JSON.
    lang
        Language; what the check itself says, of intervals and of scores, stays in English.
    """
    said = Said(lang)
    return (
        environment()
        .get_template("validation_cohort.html")
        .render(
            check=check,
            said=said,
            style=Markup(stylesheet()),
            head=cohort_head(check, said),
            foot=cohort_foot(check, said),
            measures=measure_rows(check, said),
            at=at_rows(check, said),
            banded=partial(banded, said=said),
            plot=calibration_plot(check, said) if check["at"] else None,
            subgroups=subgroup_rows(check, said),
            scores=score_rows(check, said),
            not_applied=not_applied(check),
            sources=[s for s in check["scores"] if s["concordance"] is not None],
        )
    )
