"""What the fit has to explain: the figures of studies on the scale of comparison."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.studies.observed import Observed, is_share, observed, to_scale
from mesospread.studies.predict import Predicted
from mesospread.studies.protocol import Result, Study

Floats = NDArray[np.float64]

#: settings whose patients are selected, in the order of the fitted shifts
SELECTED = ("specialist", "trial")
#: effects of treatments: one trial each, so that a scatter between trials cannot be told
NO_SCATTER = ("treatment effect",)


@dataclass(frozen=True)
class Target:
    """One figure of one study."""

    study: Study
    result: Result
    observed: Observed

    @property
    def key(self) -> str:
        """``study/result``."""
        return f"{self.study.study}/{self.result.id}"

    @property
    def selected(self) -> int:
        """Place of the study's setting among the selected ones; -1 for the population."""
        setting = self.study.setting
        return SELECTED.index(setting) if setting in SELECTED else -1

    @property
    def per_selection(self) -> float:
        """How the figure moves when everybody lives longer by a factor, per log of the factor.

        A median moves as the factor does. If hazards fall by the factor, a share alive S =
        exp(-H) moves on the logit scale by H / (1 - S).
        """
        if self.result.statistic == "median_months":
            return 1.0
        if self.result.statistic in ("alive_at", "net_alive_at"):
            alive = min(max(self.observed.value, 0.01), 0.99)
            return -math.log(alive) / (1.0 - alive)
        return 0.0

    @property
    def scatters(self) -> bool:
        """Whether studies of its kind differ beyond their sampling error."""
        return self.result.kind not in NO_SCATTER

    @property
    def centre(self) -> float:
        """The reported figure on the scale of comparison."""
        return to_scale(self.result, self.observed.value)

    @property
    def is_count(self) -> bool:
        """Whether it is a number out of a number: then its sampling is binomial."""
        return (
            is_share(self.result)
            and self.observed.n is not None
            and self.observed.events is not None
            and self.result.statistic == "proportion"
        )


def targets(studies: Sequence[Study], uses: Sequence[str]) -> list[Target]:
    """Return the figures that are used in one of these ways; interval counts are no figures."""
    return [
        Target(study, result, observed(study, result))
        for study in studies
        for result in study.result
        if result.use in uses and result.intervals is None
    ]


def only_fitted(studies: Sequence[Study]) -> list[Study]:
    """Return the studies that have results marked ``calibrate``, with those alone."""
    kept = [
        s.model_copy(update={"result": tuple(r for r in s.result if r.use == "calibrate")})
        for s in studies
    ]
    return [s for s in kept if s.result]


def on_scale(listed: Sequence[Target], predicted: Mapping[str, Predicted]) -> tuple[Floats, Floats]:
    """Return predictions and their simulation errors on the scale of comparison, (J,) each."""
    values = np.full(len(listed), np.nan)
    errors = np.full(len(listed), np.nan)
    for j, target in enumerate(listed):
        p = predicted[target.key]
        if not np.isfinite(p.value):
            continue
        if is_share(target.result):
            # half a life is added: a share of nobody is not a chance of zero
            inside = min(max(p.value, 2e-4), 1.0 - 2e-4)
            values[j] = to_scale(target.result, inside)
            errors[j] = p.error / (inside * (1.0 - inside))
        else:
            values[j] = to_scale(target.result, p.value)
            ratio = target.result.statistic == "hazard_ratio"
            errors[j] = p.error if ratio else p.error / p.value
    return values, errors
