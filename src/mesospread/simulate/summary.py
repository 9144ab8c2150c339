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
        Group to histogram of survival from diagnosis, in tenths of months; the last
        bin holds those alive at the end of follow-up.
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

    def median_survival_months(self, group: str) -> tuple[float, float, float] | None:
        """Return the median survival from diagnosis with its 95 % sampling interval.

        None if fewer than half died while followed. The interval is the
        distribution-free one from binomial order statistics.
        """
        counts = self.survival[group]
        total = counts.sum()
        cumulative = np.cumsum(counts[:-1]) / total
        spread = _Z95 * np.sqrt(0.25 / total)
        found = [np.searchsorted(cumulative, q) for q in (0.5, 0.5 - spread, 0.5 + spread)]
        if max(found) >= cumulative.size:
            return None
        middle, low, high = ((bin_ + 0.5) * _BIN_MONTHS for bin_ in found)
        return middle, low, high

    def alive_at(self, group: str, months: float) -> float:
        """Return the share of a group alive at a time after diagnosis."""
        counts = self.survival[group]
        return float(1.0 - counts[: round(months / _BIN_MONTHS)].sum() / counts.sum())


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
    followed_up = np.asarray(table["end_reason"].combine_chunks().cast(pa.string())) == "horizon"
    n_bins = int(horizon_months / _BIN_MONTHS) + 2
    with np.errstate(invalid="ignore"):
        bins = np.where(followed_up, n_bins - 1, survival / _BIN_MONTHS)
    groups = {"all": diagnosed}
    if isinstance(structure.definition.covariates.get("histology"), Categorical):
        histology = np.asarray(table["histology"].combine_chunks().cast(pa.string()))
        groups |= {str(h): diagnosed & (histology == h) for h in np.unique(histology)}
    for group, members in groups.items():
        chosen = bins[members].astype(np.int64)
        summary.survival[group] = np.bincount(chosen, minlength=n_bins)
    return summary


def _months(table: pa.Table, name: str) -> NDArray[np.float64]:
    column = table[name].combine_chunks()
    months: NDArray[np.float64] = column.to_numpy(zero_copy_only=False).astype(np.float64)
    return months
