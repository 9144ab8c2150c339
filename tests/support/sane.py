"""Bounds around the gross figures of a model, and the figures that all models have.

The bounds ask for sanity, not for a fit: the models are not calibrated, and the published
figures come from cohorts that differ in selection, in what was looked at, and in treatment.
Each bound names the published values it stands around, and contains all of them that are on
the same scale. A figure must keep its five standard errors inside; so a cohort too small for
its bounds cannot pass.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from mesospread.app.simulate import cohort
from mesospread.evidence.published import load_published
from tests.support.statistics import require_enough

Figure = tuple[float, float]


@dataclass(frozen=True)
class Bound:
    """A range for a figure of a model.

    Attributes
    ----------
    figure
        Name.
    low, high
        The range.
    like
        Published values on the same scale: they lie in the range, too.
    beside
        Published values that say something about it, on another scale.
    """

    figure: str
    low: float
    high: float
    like: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()

    def check(self, figures: Mapping[str, Figure]) -> None:
        """Fail if a figure lies outside, or is too uncertain to tell."""
        value, error = figures[self.figure]
        assert error > 0
        assert 10 * error < self.high - self.low, "the cohort is too small for this bound"
        assert self.low <= value - 5 * error, f"{value:.3g} ± {error:.2g}"
        assert value + 5 * error <= self.high, f"{value:.3g} ± {error:.2g}"

    def check_published(self, primary: str) -> None:
        """Fail if a published value on the same scale lies outside."""
        published = load_published()
        assert self.like or self.beside
        for name in (*self.like, *self.beside):
            assert published[name].primary in (primary, "any")
        for name in self.like:
            value = published[name].value
            assert value is not None
            assert self.low <= value <= self.high, name


@cache
def people(
    primary: str, treatment: str = "", n: int = 6_000, fixed: tuple[tuple[str, str], ...] = ()
) -> pd.DataFrame:
    """Return all who were diagnosed, with survival in months from diagnosis and from treatment."""
    table = cohort(
        primary=primary,
        n=n,
        seed=2026,
        workers=2,
        treatment=[treatment] if treatment else [],
        fixed=dict(fixed),
    ).patients.to_pandas()
    table["diagnosed"] = table["diagnosis.diagnosed"]
    table["survival"] = table["end_months"] - table["diagnosed"]
    found = table[table["diagnosed"].notna()].copy()
    found.attrs["n"] = n
    if treatment:
        found = found[found["treatment_1.on"].notna()].copy()
        found["survival_treated"] = found["end_months"] - found["treatment_1.on"]
    return found


def share(hits: ArrayLike) -> Figure:
    """Return a proportion and its standard error."""
    p = float(np.mean(hits))
    return p, math.sqrt(p * (1.0 - p) / np.size(hits))


def median(values: ArrayLike) -> Figure:
    """Return a median and its standard error, from the order statistics one of them away."""
    x = np.sort(np.asarray(values, np.float64))
    require_enough(x.size, 400, "for a median")
    spread = 0.5 / math.sqrt(x.size)
    low, high = np.quantile(x, [0.5 - spread, 0.5 + spread])
    return float(np.median(x)), float(high - low) / 2.0


def mean(values: ArrayLike) -> Figure:
    """Return a mean and its standard error."""
    x = np.asarray(values, np.float64)
    return float(x.mean()), float(x.std(ddof=1) / math.sqrt(x.size))


def ratio(a: Figure, b: Figure) -> Figure:
    """Return the ratio of two independent figures."""
    value = a[0] / b[0]
    return value, value * math.hypot(a[1] / a[0], b[1] / b[0])


def by_diagnosis(table: pd.DataFrame, step: str) -> np.ndarray:
    """Tell who had taken a step when diagnosed."""
    return np.asarray(table[step] <= table["diagnosed"])


def visible(table: pd.DataFrame, sites: tuple[str, ...], *, at_diagnosis: bool) -> np.ndarray:
    """Tell who had visible tumour in any of some sites, at diagnosis or ever."""
    steps = [f"{site}.detectable" for site in sites]
    if at_diagnosis:
        return np.any([by_diagnosis(table, step) for step in steps], axis=0)
    return np.any([table[step].notna() for step in steps], axis=0)


def extent_mix(table: pd.DataFrame, levels: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return, for each level of the extent, who stood there when diagnosed."""
    reached = [np.ones(len(table), bool)]
    reached += [by_diagnosis(table, f"extent.{level}") for level in levels[1:]]
    reached.append(np.zeros(len(table), bool))
    return {
        level: here & ~further
        for level, here, further in zip(levels, reached[:-1], reached[1:], strict=True)
    }
