"""Pictures of one simulated cohort, or of two arms, as files."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from mesospread.app.arm_measures import match
from mesospread.app.cohort_files import read_cohort
from mesospread.app.figure_charts import arm_charts, cohort_charts
from mesospread.errors import MissingExtraError, OutputError
from mesospread.report.research_figures import picture
from mesospread.writing import write_whole


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
    second = None if other is None else read_cohort(other)
    charts = cohort_charts(first)
    if second is not None:
        charts |= arm_charts(match(first, second))
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
