"""Tables and pictures of one simulated cohort, or of two arms."""

from __future__ import annotations

import importlib.util
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from mesospread.errors import InputError, MissingExtraError, OutputError
from mesospread.simulate.summary import wilson
from mesospread.writing import write_whole

#: fewer people give figures that are mostly noise
FEWEST = 200
MONTHS = 60
_TOP = 8
_Z95 = 1.959963984540054
Row = dict[str, Any]


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


def survival(cohort: Diagnosed, groups: NDArray[np.str_]) -> list[Row]:
    """Return the share alive by month and group, with 95 % Wilson intervals.

    Nobody is censored before `MONTHS`, so these are plain shares, not Kaplan-Meier's.
    """
    rows = []
    for group in np.unique(groups):
        death = cohort.death[groups == group]
        for month in range(MONTHS + 1):
            rows.append(
                _row(int((death > month).sum()), death.size, group=str(group), months=month)
            )
    return rows


def incidence(cohort: Diagnosed, site: str) -> list[Row]:
    """Return the share with detectable spread at a site, by month from diagnosis.

    Those who die without it never have it: death competes. Spread that was detectable
    at diagnosis counts from month 0.
    """
    when = cohort.sites[site]
    return [
        _row(int((when <= month).sum()), when.size, group=_plain(site), months=month)
        for month in range(MONTHS + 1)
    ]


def top_sites(cohort: Diagnosed) -> list[str]:
    """Return the sites most often detectable by `MONTHS`, most frequent first."""
    return sorted(cohort.sites, key=lambda s: -int((cohort.sites[s] <= MONTHS).sum()))[:_TOP]


def at_diagnosis(cohort: Diagnosed) -> list[Row]:
    """Return the share with each site detectable at diagnosis, by T."""
    levels = sorted(np.unique(cohort.extent), key=lambda t: (not t.startswith("below"), t))
    return [
        _row(
            int((cohort.sites[s][cohort.extent == t] <= 0).sum()),
            int((cohort.extent == t).sum()),
            site=_plain(s),
            group=str(t),
        )
        for s in top_sites(cohort)
        for t in levels
    ]


def is_paired(first: Diagnosed, second: Diagnosed) -> bool:
    """Return whether both cohorts consist of the same people."""
    same = all(
        first.run.get(k) == second.run.get(k)
        for k in ("seed", "n", "model", "fixed", "life_table", "horizon_months")
    )
    return same and np.array_equal(first.patient, second.patient)


def differences(first: Diagnosed, second: Diagnosed) -> list[Row]:
    """Return second minus first, the share with detectable spread at 12 and 24 months.

    The 95 % interval is Wald's: of the mean difference within people if the cohorts are
    paired, else of two independent proportions.
    """
    paired = is_paired(first, second)
    rows = []
    for site in top_sites(first):
        if site not in second.sites:
            continue
        for month in (12, 24):
            a = (first.sites[site] <= month).astype(float)
            b = (second.sites[site] <= month).astype(float)
            error = (
                np.sqrt((b - a).var() / a.size)
                if paired
                else np.sqrt(a.var() / a.size + b.var() / b.size)
            )
            gap = float(b.mean() - a.mean())
            low, high = gap - _Z95 * float(error), gap + _Z95 * float(error)
            rows.append(
                {"site": _plain(site), "group": f"{month} months"}
                | {"estimate": gap, "low": low, "high": high}
            )
    return rows


def write_figures(
    cohort: str | Path, other: str | Path | None, out: str | Path, *, png: bool = False
) -> list[Path]:
    """Draw the figures of a cohort, and of two arms; return the files written.

    Raises
    ------
    InputError
        As `read_cohort`.
    OutputError
        If the folder is not empty or cannot be written.
    MissingExtraError
        If Altair or vl-convert is not installed.
    """
    missing = [n for n in ("altair", "vl_convert") if importlib.util.find_spec(n) is None]
    if missing:
        raise MissingExtraError(
            f"{', '.join(missing)} not installed",
            remedy="Install what figures need with: pip install 'mesospread[figures]'",
        )
    folder = Path(out)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise OutputError("not a new or empty folder", where=str(folder))
    first = read_cohort(cohort)
    charts = _charts(first)
    if other is not None:
        charts |= _arms(first, read_cohort(other))
    from mesospread.report.research_figures import picture

    files = {f"{name}.svg": picture(chart) for name, chart in charts.items()}
    if png:
        files |= {f"{name}.png": picture(chart, png=True) for name, chart in charts.items()}
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as reason:
        raise OutputError("cannot make the folder", where=str(folder), given=str(reason)) from None
    for name, content in files.items():
        write_whole(folder / name, content)
    return [folder / name for name in files]


#: else a treatment that lengthens life is read as one that spreads the disease
_DEATH_COMPETES = (
    "Death competes: who lives longer has more time to show spread, so a treatment that",
    "lengthens life can raise these shares without causing any spread.",
)


def _charts(cohort: Diagnosed) -> dict[str, Any]:
    from mesospread.report.research_figures import curves, dots

    source = _source(cohort)
    spread = [row for site in top_sites(cohort) for row in incidence(cohort, site)]
    true = "True simulated times, nobody censored. Bands: 95 % sampling interval (Wilson)."
    return {
        "survival": curves(
            survival(cohort, cohort.histology), "Survival from diagnosis by cell type",
            "Alive", "Cell type", [true, *source]),
        "incidence": curves(
            spread, "Detectable spread by site, death as competing event",
            "Cumulative incidence", "Site", [true, *source]),
        "at-diagnosis": dots(
            at_diagnosis(cohort), "Detectable at diagnosis, by T",
            "Share of those diagnosed at this T", "T", ["95 % interval: Wilson.", *source]),
    }  # fmt: skip


def _arms(first: Diagnosed, second: Diagnosed) -> dict[str, Any]:
    from mesospread.report.research_figures import curves, dots

    source = [*_source(first, "First: "), *_source(second, "Second: ")]
    both = [
        row
        for name, arm in (("first", first), ("second", second))
        for row in survival(arm, np.full(arm.death.size, name))
    ]
    how = "paired by patient" if is_paired(first, second) else "independent cohorts"
    return {
        "arms-survival": curves(
            both, "Survival from diagnosis in both cohorts", "Alive", "Cohort",
            ["True simulated times, nobody censored. Bands: 95 % (Wilson).", *source]),
        "arms-spread": dots(
            differences(first, second), "Difference in detectable spread: second minus first",
            "Difference in share of all diagnosed", "After diagnosis",
            [f"95 % interval: Wald, {how}.", *_DEATH_COMPETES, *source]),
    }  # fmt: skip


def _source(cohort: Diagnosed, before: str = "") -> list[str]:
    run = cohort.run
    treated = ", ".join(map(str, json.loads(run["treatments"]))) or "untreated"
    return [
        f"{before}{run['software']}, {run['model']} {run['model_digest'][:12]}, {treated}, "
        f"seed {run['seed']}, {cohort.death.size} diagnosed early enough of {run['n']}"
    ]


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
        np.asarray(table["patient"])[kept],
        cells[kept],
        death[kept],
        {s: np.nan_to_num(t[kept], nan=np.inf) for s, t in sites.items()},
        extent[kept],
    )


def _months(table: pa.Table, name: str) -> NDArray[np.float64]:
    return np.asarray(table[name].to_numpy(), np.float64)


def _row(events: int, n: int, **labels: str | int) -> Row:
    low, high = wilson(events, n)
    return {**labels, "estimate": events / n, "low": low, "high": high}


def _plain(site: str) -> str:
    return site.replace("_", " ")
