"""A check of forecasts against a table of patients, as a page."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from mesospread.report.html import environment, stylesheet
from mesospread.report.validation_cohort_svg import calibration_plot
from mesospread.report.validation_cohort_text import (
    AT_CAPTION,
    AT_HEADINGS,
    at_rows,
    banded,
    cohort_foot,
    cohort_head,
    measure_rows,
    not_applied,
    score_rows,
    subgroup_rows,
)


def cohort_document(check: Mapping[str, Any]) -> str:
    """Return one file with all it needs: style inside, no script, nothing to load.

    Parameters
    ----------
    check
        As `mesospread.app.cohort_result.CohortCheck` is written to JSON.
    """
    return (
        environment()
        .get_template("validation_cohort.html")
        .render(
            check=check,
            style=Markup(stylesheet()),
            head=cohort_head(check),
            foot=cohort_foot(check),
            measures=measure_rows(check),
            at_headings=AT_HEADINGS,
            at_caption=AT_CAPTION,
            at=at_rows(check),
            banded=banded,
            plot=calibration_plot(check) if check["at"] else None,
            subgroups=subgroup_rows(check),
            scores=score_rows(check),
            not_applied=not_applied(check),
            sources=[s for s in check["scores"] if s["concordance"] is not None],
        )
    )
