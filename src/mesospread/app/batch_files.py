"""The file that a batch of forecasts is streamed to."""

from __future__ import annotations

import csv
import io
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from mesospread.errors import OutputError
from mesospread.infer.result import Band, Forecast, SiteForecast, Survival

#: months from today, for spread
MONTHS = (3, 6, 12, 24)
#: months from today, for survival
ALIVE_MONTHS = (6, 12, 24)
LEVELS = ("free", "microscopic", "detectable", "symptomatic")
ROUTES = ("direct", "lymphatic", "haematogenous")
#: rows written at once, so that memory stays flat
_CHUNK = 2_000


@dataclass(frozen=True)
class Outcome:
    """What became of one patient: a forecast, or an error in words."""

    id: str
    forecast: Forecast | None
    error: str


@contextmanager
def result_file(
    out: Path, *, prognosis: bool, force: bool, table: str
) -> Iterator[Callable[[Outcome], None]]:
    """Open a result; it appears under its name if all that is done with it succeeds.

    Parameters
    ----------
    out
        Its suffix says the kind: ``.csv``, ``.parquet`` or ``.jsonl``.
    prognosis
        Whether there are columns for survival.
    force
        Replace a file of this name.
    table
        Name of the table of patients, which is never replaced.

    Yields
    ------
    A function that takes the outcomes, one by one.

    Raises
    ------
    OutputError
        If the file cannot be written, or is there already.
    """
    _check_place(out, force=force, table=table)
    unfinished = out.with_name(f"{out.name}.{os.getpid()}.partial")
    with _naming(out):
        file = unfinished.open("xb")
    try:
        with _naming(out):
            writer = _WRITERS[_suffix(out)](file, columns(prognosis=prognosis))

        def write(outcome: Outcome) -> None:
            with _naming(out):
                writer.write(outcome)

        try:
            yield write
            with _naming(out):
                writer.close()
                file.close()
                os.replace(unfinished, out)
        except BaseException:
            writer.abandon()
            raise
    finally:
        # what cannot be written out has been told, or is not wanted any more
        with suppress(OSError):
            file.close()
        unfinished.unlink(missing_ok=True)


def columns(*, prognosis: bool) -> pa.Schema:
    """Return the columns of a table of forecasts: one row per patient and site.

    All probabilities are shares of 1. A patient without a forecast has one row with the error.
    """
    levels, routes = [f"{level}_now" for level in LEVELS], [f"route_{route}" for route in ROUTES]
    shares = [
        *levels,
        *_banded("involved_now"),
        *(name for m in MONTHS for name in _banded(f"by_{m}_months")),
        "next",
        *routes,
        *(end for name in (*levels, "next", *routes) for end in _banded(name)[1:]),
    ]
    if prognosis:
        shares += _banded("median_months")
        shares += [name for m in ALIVE_MONTHS for name in _banded(f"alive_{m}_months")]
    shares += ["standard_error", "effective_sample_size"]
    return pa.schema(
        [
            ("id", pa.string()),
            ("site", pa.string()),
            ("distant", pa.bool_()),
            *((name, pa.float64()) for name in shares),
            ("assumptions", pa.string()),
            ("unexpected_findings", pa.string()),
            ("error", pa.string()),
            ("model_version", pa.string()),
            ("model_definition", pa.string()),
            ("input_hash", pa.string()),
            ("seed", pa.uint64()),
            ("life_table", pa.string()),
        ]
    )


def rows(outcome: Outcome) -> list[dict[str, Any]]:
    """Return the rows of one patient, one per site; columns that say nothing are left out."""
    forecast = outcome.forecast
    if forecast is None:
        return [{"id": outcome.id, "error": outcome.error}]
    shared = {
        "id": outcome.id,
        **_survival(forecast.survival),
        "standard_error": forecast.diagnostics.standard_error,
        "effective_sample_size": forecast.diagnostics.effective_sample_size,
        "assumptions": " ".join(forecast.assumptions) or None,
        "unexpected_findings": "; ".join(forecast.diagnostics.unexpected_findings) or None,
        "model_version": forecast.model["version"],
        "model_definition": forecast.model["definition"],
        "input_hash": forecast.model["input_hash"],
        "seed": forecast.model["seed"],
        "life_table": forecast.model["life_table"],
    }
    return [{**shared, **_site(site)} for site in forecast.sites]


def _site(site: SiteForecast) -> dict[str, Any]:
    row: dict[str, Any] = {"site": site.site, "distant": site.distant}
    for level in LEVELS:
        row |= _cells(f"{level}_now", site.now_bands[level])
    row |= _cells("involved_now", site.involved_now) | _cells("next", site.next_band)
    for month in MONTHS:
        row |= _cells(f"by_{month}_months", site.by_month[str(month)])
    for route in ROUTES:
        row |= _cells(f"route_{route}", site.routes_bands[route])
    return row


def _survival(survival: Survival | None) -> dict[str, Any]:
    if survival is None:
        return {}
    cells = _cells("median_months", survival.median_months) if survival.median_months else {}
    for point in survival.curve:
        if point.month in ALIVE_MONTHS:
            band = Band(estimate=point.alive, low=point.low, high=point.high)
            cells |= _cells(f"alive_{point.month}_months", band)
    return cells


def _banded(name: str) -> list[str]:
    return [name, f"{name}_low", f"{name}_high"]


def _cells(name: str, band: Band) -> dict[str, float]:
    return dict(zip(_banded(name), (band.estimate, band.low, band.high), strict=True))


class _Writer(Protocol):
    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None: ...

    def write(self, outcome: Outcome) -> None: ...

    def close(self) -> None:
        """Write what is left."""

    def abandon(self) -> None:
        """Write nothing more."""


class _Csv(_Writer):
    """One row per patient and site, as text."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self.text = io.TextIOWrapper(file, "utf-8", newline="")
        self.writer = csv.DictWriter(self.text, schema.names, lineterminator="\n")
        self.writer.writeheader()

    def write(self, outcome: Outcome) -> None:
        for row in rows(outcome):
            written = {k: str(v).lower() if isinstance(v, bool) else v for k, v in row.items()}
            self.writer.writerow(written)

    def close(self) -> None:
        self.text.flush()


class _Parquet(_Writer):
    """One row per patient and site, typed."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self.rows: list[dict[str, Any]] = []
        self.schema = schema
        self.writer = pq.ParquetWriter(file, schema, compression="zstd")

    def write(self, outcome: Outcome) -> None:
        self.rows += rows(outcome)
        if len(self.rows) >= _CHUNK:
            self._flush()

    def close(self) -> None:
        self._flush()
        self.writer.close()

    def abandon(self) -> None:
        # else it writes its last part to the closed file when it is collected, and complains
        self.writer.is_open = False

    def _flush(self) -> None:
        self.writer.write_table(pa.Table.from_pylist(self.rows, schema=self.schema))
        self.rows.clear()


class _Lines(_Writer):
    """One forecast per line, as JSON."""

    def __init__(self, file: IO[bytes], schema: pa.Schema) -> None:
        self.file = file

    def write(self, outcome: Outcome) -> None:
        line: dict[str, Any] = {"id": outcome.id, "error": outcome.error or None}
        if outcome.forecast is not None:
            line |= outcome.forecast.model_dump(mode="json")
        self.file.write(json.dumps(line, ensure_ascii=False).encode() + b"\n")

    def close(self) -> None:
        self.file.flush()


_WRITERS: dict[str, Callable[[IO[bytes], pa.Schema], _Writer]] = {
    ".csv": _Csv,
    ".parquet": _Parquet,
    ".jsonl": _Lines,
}


def _suffix(out: Path) -> str:
    return out.suffix.lower()


def _check_place(out: Path, *, force: bool, table: str) -> None:
    if _suffix(out) not in _WRITERS:
        raise OutputError(
            "the name of the result does not say what kind of file it is",
            where=str(out),
            given=repr(out.suffix) if out.suffix else "no ending",
            allowed=f"a name that ends in {', '.join(_WRITERS)}",
        )
    if not out.exists():
        return
    if out.is_dir():
        raise OutputError("this is a folder", where=str(out), remedy="Name a file in it")
    if out.samefile(table):
        raise OutputError(
            "the result would replace the table of patients",
            where=str(out),
            remedy="Choose another name",
        )
    if not force:
        raise OutputError(
            "there is a file of this name",
            where=str(out),
            remedy="Choose another name, or add --force to replace it",
        )


@contextmanager
def _naming(out: Path) -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        raise OutputError(
            "cannot write",
            where=str(out),
            given=problem.strerror or str(problem),
            remedy="Check that the folder is there, may be written to and has room",
        ) from None
