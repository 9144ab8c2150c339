"""Answers for the tests of the report: real ones worked out roughly, and made-up ones."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from mesospread.app.compare import compare
from mesospread.app.forecast import forecast
from mesospread.infer.result import Band, Comparison, Forecast
from mesospread.infer.solve import Effort

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
#: one patient of each primary
PATIENTS = {
    "pleural": "pleural_epithelioid_stage3",
    "peritoneal": "peritoneal_pci14",
    "pericardial": "pericardial",
    "testicular": "testicular",
}
ROUGH = Effort(draws=20, core_paths=64, leaf_paths=600, standard_error=0.2, too_few=5.0)


@cache
def forecast_of(primary: str, *, prognosis: bool = False, why: bool = False) -> Forecast:
    """Return a rough forecast of the example patient of a primary."""
    file = EXAMPLES / f"{PATIENTS[primary]}.toml"
    return forecast(file, prognosis=prognosis, why=why, effort=ROUGH)


@cache
def comparison(*, prognosis: bool = False) -> Comparison:
    """Return a rough comparison of nothing, chemotherapy and immunotherapy."""
    file = EXAMPLES / f"{PATIENTS['pleural']}.toml"
    options = ("none", "chemotherapy", "immunotherapy")
    return compare(file, options, prognosis=prognosis, effort=ROUGH)


def with_band(answer: Forecast, site: str, band: Band) -> Forecast:
    """Return the same answer with another number for one site at all times."""
    sites = [
        one.model_copy(update={"by_month": dict.fromkeys(one.by_month, band), "involved_now": band})
        if one.site == site
        else one
        for one in answer.sites
    ]
    return answer.model_copy(update={"sites": sites})
