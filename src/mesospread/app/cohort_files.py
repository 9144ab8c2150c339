"""The people of a simulated cohort, read back from its files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mesospread.errors import InputError
from mesospread.model.load import observation, shipped_primaries

#: fewer people give figures that are mostly noise
FEWEST = 200
#: how long everybody is followed from diagnosis, unless death comes first
MONTHS = 60


@dataclass(frozen=True)
class Diagnosed:
    """The diagnosed people of a cohort who are followed for `MONTHS` or to death.

    Attributes
    ----------
    run
        How the cohort was made.
    patient, histology
        (n,) numbers and cell types.
    death
        (n,) months from diagnosis; infinite if alive at the end.
    sites
        Site to (n,) months from diagnosis of detectable spread; infinite if never.
    extent
        (n,) T level at diagnosis.
    """

    run: dict[str, str]
    patient: NDArray[np.int64]
    histology: NDArray[np.str_]
    death: NDArray[np.float64]
    sites: dict[str, NDArray[np.float64]]
    extent: NDArray[np.str_]

    @property
    def treatments(self) -> str:
        """What was given, in words."""
        return ", then ".join(map(str, json.loads(self.run["treatments"]))) or "untreated"

    @property
    def distant(self) -> tuple[str, ...]:
        """The distant sites of a disease that ships; all sites of any other."""
        model = self.run["model"]
        known = observation(model).distant_sites if model in shipped_primaries() else ()
        return tuple(s for s in self.sites if s in known) or tuple(self.sites)

    def first_of(self, sites: tuple[str, ...]) -> NDArray[np.float64]:
        """Return (n,) months from diagnosis to the first detectable spread at any of the sites."""
        first = np.full(self.patient.size, np.inf)
        for site in sites:
            first = np.minimum(first, self.sites[site])
        return first

    def some(self, chosen: NDArray[np.bool_]) -> Diagnosed:
        """Return some of the people."""
        return Diagnosed(
            self.run,
            self.patient[chosen],
            self.histology[chosen],
            self.death[chosen],
            {site: months[chosen] for site, months in self.sites.items()},
            self.extent[chosen],
        )


def read_cohort(folder: str | Path) -> Diagnosed:
    """Read what ``mesospread simulate --out`` wrote.

    Raises
    ------
    InputError
        If the folder holds no complete cohort, or fewer than `FEWEST` diagnosed people.
    """
    path = Path(folder)
    try:
        run = json.loads((path / "run.json").read_text(encoding="utf-8"))
        n, horizon = int(run["n"]), float(run["horizon_months"])
        table = pa.concat_tables([pq.read_table(f) for f in sorted(path.glob("cohort-*.parquet"))])
        table = table.unify_dictionaries().combine_chunks()
        at = _months(table, "diagnosis.diagnosed")
    except (OSError, ValueError, KeyError, TypeError, pa.ArrowException):
        raise InputError(
            "not a cohort",
            where=str(path),
            allowed="a folder that `mesospread simulate --out` wrote",
        ) from None
    if table.num_rows != n:
        raise InputError(
            "the cohort is not complete",
            where=str(path),
            given=f"{table.num_rows} of {n} patients",
            remedy="Repeat the simulation with --resume",
        )
    kept = at <= horizon - MONTHS
    if kept.sum() < FEWEST:
        raise InputError(
            f"too few people diagnosed {MONTHS} months or more before the end of follow-up",
            where=str(path),
            given=str(int(kept.sum())),
            allowed=f"{FEWEST} or more",
            remedy="Simulate more with --n",
        )
    return _diagnosed(run, table, at, kept)


def _diagnosed(
    run: dict[str, str], table: pa.Table, at: NDArray[np.float64], kept: NDArray[np.bool_]
) -> Diagnosed:
    ended = np.asarray(table["end_reason"].cast(pa.string())) != "horizon"
    death = np.where(ended, _months(table, "end_months"), np.inf) - at
    names = table.column_names
    levels = [n for n in names if n.startswith("extent.")]
    extent = np.full(at.size, f"below {levels[0].partition('.')[2]}" if levels else "-", "<U24")
    for name in levels:
        extent[_months(table, name) <= at] = name.partition(".")[2]
    sites = {
        n.partition(".")[0]: _months(table, n) - at for n in names if n.endswith(".detectable")
    }
    cells = np.full(at.size, "all")
    if "histology" in names:
        cells = np.asarray(table["histology"].cast(pa.string())).astype(str)
    return Diagnosed(
        run,
        np.asarray(table["patient"]),
        cells,
        death,
        {s: np.nan_to_num(t, nan=np.inf) for s, t in sites.items()},
        extent,
    ).some(kept)


def _months(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(), np.float64)
