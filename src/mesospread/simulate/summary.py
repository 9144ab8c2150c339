"""Figures of a cohort, gathered shard by shard so that memory does not grow."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from mesospread.model.definition import Categorical
from mesospread.model.structure import Structure

#: survival is counted in bins of a tenth of a month
_BIN_MONTHS = 0.1
_Z95 = 1.959963984540054


@dataclass
class CohortSummary:
    """Counts of a cohort; add shards in any order.

    Attributes
    ----------
    n, n_diagnosed
        Patients, and those who were diagnosed while followed.
    ever, at_diagnosis
        ``process.level`` to the number who reached it by the end, or stood at this
        level or above at diagnosis.
    survival
        Group to (2, bins) counts by time from diagnosis, in tenths of months: deaths,
        and those still alive when their follow-up ended.
    """

    n: int = 0
    n_diagnosed: int = 0
    ever: Counter[str] = field(default_factory=Counter)
    at_diagnosis: Counter[str] = field(default_factory=Counter)
    survival: dict[str, NDArray[np.int64]] = field(default_factory=dict)

    def add(self, other: CohortSummary) -> None:
        """Add the counts of another shard."""
        self.n += other.n
        self.n_diagnosed += other.n_diagnosed
        self.ever += other.ever
        self.at_diagnosis += other.at_diagnosis
        for group, counts in other.survival.items():
            self.survival[group] = self.survival.get(group, 0) + counts

    def curve(self, group: str) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the share alive after each bin and its standard error.

        Kaplan-Meier with Greenwood's error, so that patients who were followed for a
        shorter time do not count as survivors.

        References
        ----------
        Kaplan, Meier (1958), doi 10.1080/01621459.1958.10501452.
        """
        deaths, censored = self.survival[group]
        at_risk = np.maximum(
            deaths.sum() + censored.sum() - np.cumsum(deaths + censored) + deaths + censored, 1
        )
        alive = np.cumprod(1.0 - deaths / at_risk)
        with np.errstate(divide="ignore", invalid="ignore"):
            terms = np.where(at_risk > deaths, deaths / (at_risk * (at_risk - deaths)), 0.0)
        return alive, alive * np.sqrt(np.cumsum(terms))

    def median_survival_months(self, group: str) -> tuple[float, float, float] | None:
        """Return the median survival from diagnosis with its 95 % sampling interval.

        None if the curve or its upper limit stays above one half.
        """
        alive, error = self.curve(group)
        found = []
        for shift in (0.0, -_Z95, _Z95):
            below = np.flatnonzero(alive + shift * error <= 0.5)
            if below.size == 0:
                return None
            found.append((below[0] + 0.5) * _BIN_MONTHS)
        middle, low, high = found
        return middle, low, high

    def alive_at(self, group: str, months: float) -> float | None:
        """Return the share of a group alive at a time after diagnosis; None if unknown.

        It is unknown from when nobody is followed any more, unless all have died.
        """
        alive, _ = self.curve(group)
        k = round(months / _BIN_MONTHS) - 1
        if k < 0:
            return 1.0
        followed = np.flatnonzero(self.survival[group].sum(axis=0))
        if k > followed[-1]:
            return 0.0 if alive[-1] == 0 else None
        return float(alive[k])


def wilson(events: int, n: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a proportion.

    References
    ----------
    Wilson (1927), doi 10.1080/01621459.1927.10502953.
    """
    if n == 0:
        return 0.0, 1.0
    p = events / n
    z2 = _Z95**2
    centre = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = _Z95 / (1 + z2 / n) * np.sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return float(centre - half), float(centre + half)


def summarise(structure: Structure, table: pa.Table, horizon_months: float) -> CohortSummary:
    """Count one shard.

    Parameters
    ----------
    structure
        The disease.
    table
        Its cohort table.
    horizon_months
        How long the patients were followed.
    """
    entered = {
        f"{p.name}.{level}": _months(table, f"{p.name}.{level}")
        for p in structure.processes
        for level in p.levels[1:]
    }
    summary = CohortSummary(n=table.num_rows)
    summary.ever = Counter({name: int((~np.isnan(t)).sum()) for name, t in entered.items()})
    diagnosis = structure.of_role("diagnosis")
    if not diagnosis:
        return summary
    diagnosed_at = entered[f"{diagnosis[0]}.{structure.process(diagnosis[0]).levels[-1]}"]
    diagnosed = ~np.isnan(diagnosed_at)
    summary.n_diagnosed = int(diagnosed.sum())
    summary.at_diagnosis = Counter(
        {name: int((t <= diagnosed_at).sum()) for name, t in entered.items()}
    )
    survival = _months(table, "end_months") - diagnosed_at
    censored = np.asarray(table["end_reason"].combine_chunks().cast(pa.string())) == "horizon"
    n_bins = int(horizon_months / _BIN_MONTHS) + 2
    bins = survival / _BIN_MONTHS
    groups = {"all": diagnosed}
    if isinstance(structure.definition.covariates.get("histology"), Categorical):
        histology = np.asarray(table["histology"].combine_chunks().cast(pa.string()))
        groups |= {str(h): diagnosed & (histology == h) for h in np.unique(histology)}
    for group, members in groups.items():
        summary.survival[group] = np.array(
            [
                np.bincount(bins[members & kind].astype(np.int64), minlength=n_bins)
                for kind in (~censored, censored)
            ]
        )
    return summary


def _months(table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table[name].combine_chunks()
    months: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return months
