"""Studies of the two primaries that too few people have: compared, never fitted."""

from __future__ import annotations

import pytest

from mesospread.app.page_validation import shipped_validation
from mesospread.app.validate import validate
from mesospread.studies.library import shipped_studies

PRIMARIES = ("pericardial", "testicular")


@pytest.mark.parametrize("primary", PRIMARIES)
def test_nothing_is_fitted_and_every_protocol_says_what_it_leaves_open(primary: str) -> None:
    studies = shipped_studies(primary)
    assert len(studies) >= 3
    assert {r.use for s in studies for r in s.result} <= {"validate", "inform"}
    assert any(r.use == "validate" for s in studies for r in s.result)
    assert all(s.unstated.why for s in studies)


@pytest.mark.parametrize("primary", PRIMARIES)
def test_the_model_is_compared_with_them(primary: str) -> None:
    found = validate(primary=primary, draws=40, lives=4_000, workers=1, reconciliation=False)
    assert found.posterior is None
    assert found.learnt is None
    assert all(r.predicted is not None for r in found.results)
    shipped = shipped_validation(primary, prognosis=True)
    assert shipped is not None
    assert [r["result"] for r in shipped["results"]] == [r.result for r in found.results]
    # a rough run says about the same as what ships
    for rough, exact in zip(found.results, shipped["results"], strict=True):
        assert rough.predicted is not None
        assert exact["predicted_low"] <= rough.predicted <= exact["predicted_high"]
