"""Readers are told when figures hang on the draws of the model's numbers, and only then."""

from __future__ import annotations

import pytest

from mesospread.infer.result import Diagnostics
from mesospread.report.forecast_text import rough_draws


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (0.0, None),
        (0.01, None),
        (0.011, "about 1 percentage point,"),
        (0.038, "about 4 percentage points,"),
    ],
)
def test_an_error_above_one_point_is_told(error: float, words: str | None) -> None:
    diagnostics = Diagnostics(
        effective_sample_size=1.0,
        standard_error=0.0,
        draws_error=error,
        paths=1,
        unexpected_findings=[],
    )
    lines = rough_draws(diagnostics, 200)
    assert bool(lines) is (words is not None)
    assert words is None or (words in lines[0] and "200 sets" in lines[0])
