"""Pictures of one simulated cohort, of two arms or of a planned trial, as files."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

from mesospread.app.arm_measures import match
from mesospread.app.cohort_files import read_cohort
from mesospread.app.figure_charts import arm_charts, cohort_charts
from mesospread.app.trial_figures import read_trial, trial_charts
from mesospread.errors import InputError, MissingExtraError, OutputError
from mesospread.report.research_figures import picture
from mesospread.writing import write_whole


def write_figures(
    cohort: str | Path, other: str | Path | None, out: str | Path, *, png: bool = False
) -> list[Path]:
    """Draw the figures of a cohort, of two arms or of a trial; return the files written.

    Parameters
    ----------
    cohort
        Folder of a cohort, or file with the result of a trial.
    other
        Folder of a second cohort, to compare.
    out
        Folder to write to, new or empty.
    png
        Also write PNG.

    Raises
    ------
    InputError
        As `read_cohort` and `read_trial`; or if a trial is to be compared.
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
    charts = _charts(Path(cohort), None if other is None else Path(other))
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


def _charts(first: Path, other: Path | None) -> dict[str, Any]:
    """Return the charts of what a path holds, by file name."""
    if first.is_file():
        if other is not None:
            raise InputError(
                "a trial has both its arms already",
                where=str(first),
                given=f"also {other}",
                remedy="Give the trial alone, or two cohorts",
            )
        return trial_charts(read_trial(first))
    cohort = read_cohort(first)
    charts = cohort_charts(cohort)
    if other is not None:
        charts |= arm_charts(match(cohort, read_cohort(other)))
    return charts
