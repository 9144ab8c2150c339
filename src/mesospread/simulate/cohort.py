"""Cohorts of any size: cut into shards, run side by side, streamed to Parquet.

A shard holds consecutive patients. Because every random number is keyed by patient,
neither the size of the shards nor who runs them changes any result.
"""

from __future__ import annotations

import functools
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from mesospread._version import __version__
from mesospread.errors import InputError, MissingExtraError, OutputError
from mesospread.model.compiled import compile_model
from mesospread.model.population import draw_patients
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, check_run, run_batch
from mesospread.simulate.summary import CohortSummary, summarise
from mesospread.simulate.tables import cohort_table, event_table, state_table, with_provenance

Which = Literal["patients", "events", "states"]
Kind = Literal["arrow", "pandas", "polars"]

SHARD_SIZE = 20_000
RUN_FILE = "run.json"


@dataclass(frozen=True)
class CohortSpec:
    """Everything that decides what a cohort is.

    Attributes
    ----------
    structure
        The disease, with treatments if any.
    n, seed
        Patients, and the key of their random numbers.
    horizon_months
        Follow-up from the start of the disease.
    fixed
        Covariates that all patients share.
    life_table
        Population of the background mortality.
    values
        Parameter values in months; the central ones if empty.
    times_months, since
        Times at which states are wanted, counted from the first entry into a
        ``process.level`` (from the start if empty).
    events
        Whether the event lists are wanted.
    shard_size
        Patients per shard; changes no result.
    """

    structure: Structure
    n: int
    seed: int
    horizon_months: float = 600.0
    fixed: Mapping[str, str | float] = field(default_factory=dict)
    life_table: str = "uk"
    values: Mapping[str, float] = field(default_factory=dict)
    times_months: tuple[float, ...] = ()
    since: str = ""
    events: bool = False
    shard_size: int = SHARD_SIZE

    def provenance(self) -> dict[str, str]:
        """Return what is needed to make the same cohort again, as text."""
        return {
            "software": f"mesospread {__version__}",
            "numpy": np.__version__,
            "model": self.structure.name,
            "model_digest": self.structure.digest(),
            "treatments": json.dumps(self.structure.treatments),
            "parameters": json.dumps(dict(self.values) or "central values", sort_keys=True),
            "n": str(self.n),
            "seed": str(self.seed),
            "horizon_months": repr(self.horizon_months),
            "fixed": json.dumps(dict(self.fixed), sort_keys=True),
            "life_table": self.life_table,
            "times_months": json.dumps(list(self.times_months)),
            "since": self.since,
            "events": json.dumps(self.events),
            "shard_size": str(self.shard_size),
        }

    def check(self) -> None:
        """Refuse a cohort that cannot be made, before anything is written.

        Raises
        ------
        InputError
            For a number out of range or an unknown covariate, level or life table.
        """
        check_run(self.seed, self.n, self.horizon_months)
        compiled = compile_model(self.structure, self.values or None)
        draw_patients(compiled, seed=0, first=0, n=1, fixed=self.fixed, life_table=self.life_table)

    def shards(self) -> range:
        """Return the number of the first patient of each shard."""
        return range(0, self.n, self.shard_size)

    def files(self, number: int) -> tuple[str, ...]:
        """Return the names of the files of a shard."""
        wanted = ("cohort", "events" if self.events else "", "states" if self.times_months else "")
        return tuple(f"{name}-{number:05d}.parquet" for name in wanted if name)


@dataclass(frozen=True)
class Cohort:
    """A cohort in memory.

    Attributes
    ----------
    patients
        One row per patient, see `tables.cohort_table`.
    events, states
        If asked for.
    summary
        Counts.
    provenance
        How it was made.
    """

    patients: pa.Table
    events: pa.Table | None
    states: pa.Table | None
    summary: CohortSummary
    provenance: Mapping[str, str]

    def table(self, which: Which = "patients", kind: Kind = "arrow") -> Any:
        """Return a table in the library of your choice.

        Parameters
        ----------
        which
            ``"patients"``, ``"events"`` or ``"states"``.
        kind
            ``"arrow"``, ``"pandas"`` or ``"polars"``.

        Raises
        ------
        InputError
            If the cohort was made without this table.
        MissingExtraError
            If the library is not installed.
        """
        table: pa.Table | None = getattr(self, which)
        if table is None:
            raise InputError(
                f"this cohort was made without {which}",
                remedy="Ask for events=True" if which == "events" else "Ask for times_months",
            )
        if kind == "arrow":
            return table
        try:
            if kind == "pandas":
                return table.to_pandas()
            return import_module("polars").from_arrow(table)
        except ImportError:
            raise MissingExtraError(
                f"{kind} is not installed",
                remedy="Install it with: pip install 'mesospread[tables]'",
            ) from None


def run_shard(spec: CohortSpec, first: int) -> Batch:
    """Simulate one shard of a cohort."""
    return run_batch(
        compile_model(spec.structure, spec.values or None),
        seed=spec.seed,
        first=first,
        n=min(spec.shard_size, spec.n - first),
        horizon_months=spec.horizon_months,
        fixed=spec.fixed,
        life_table=spec.life_table,
    )


def shard_tables(spec: CohortSpec, first: int) -> dict[str, pa.Table]:
    """Simulate a shard; return the tables that the spec asks for, with provenance."""
    batch = run_shard(spec, first)
    tables = {"cohort": cohort_table(batch)}
    if spec.events:
        tables["events"] = event_table(batch)
    if spec.times_months:
        process, _, level = spec.since.partition(".")
        since = (process, level) if spec.since else None
        tables["states"] = state_table(batch, np.array(spec.times_months), since)
    return {name: with_provenance(t, spec.provenance()) for name, t in tables.items()}


def simulate_cohort(spec: CohortSpec, workers: int = 1) -> Cohort:
    """Simulate a cohort in memory.

    Parameters
    ----------
    spec
        What to simulate.
    workers
        Threads.
    """
    spec.check()
    if workers <= 0:
        raise InputError("workers must be 1 or more", where="workers", given=str(workers))
    summary = CohortSummary()
    parts: dict[str, list[pa.Table]] = {}

    with ThreadPoolExecutor(workers) as pool:
        for tables in pool.map(functools.partial(shard_tables, spec), spec.shards()):
            summary.add(summarise(spec.structure, tables["cohort"], spec.horizon_months))
            for name, table in tables.items():
                parts.setdefault(name, []).append(table)
    joined = {name: pa.concat_tables(listed).unify_dictionaries() for name, listed in parts.items()}
    return Cohort(
        joined["cohort"], joined.get("events"), joined.get("states"), summary, spec.provenance()
    )


def write_shard(spec: CohortSpec, folder: str, number: int) -> CohortSummary:
    """Simulate one shard and write its files; return its counts.

    Files appear under their final name only when they are complete.
    """
    tables = shard_tables(spec, spec.shards()[number])
    # the cohort file comes last: once it is there, the shard is complete
    for name, table in sorted(tables.items(), reverse=True):
        final = Path(folder) / f"{name}-{number:05d}.parquet"
        partial = final.with_suffix(".partial")
        try:
            pq.write_table(table, partial, compression="zstd")
            os.replace(partial, final)
        except OSError as problem:
            partial.unlink(missing_ok=True)
            raise OutputError("cannot write", where=str(final), given=str(problem)) from None
    return summarise(spec.structure, tables["cohort"], spec.horizon_months)


def write_cohort(
    spec: CohortSpec,
    folder: Path,
    *,
    executor: Executor,
    ahead: int = 4,
    resume: bool = False,
    progress: Callable[[int], None] = lambda n: None,
) -> CohortSummary:
    """Simulate a cohort and stream it to Parquet files in a folder.

    Parameters
    ----------
    spec
        What to simulate.
    folder
        Must not exist or be empty, unless ``resume``.
    executor
        Runs the shards: threads, or a cluster that sees the folder.
    ahead
        Shards under way at once.
    resume
        Go on with an interrupted run of the same spec; finished shards are kept.
    progress
        Called with the number of patients of each finished shard.

    Raises
    ------
    OutputError
        If the folder cannot be written, is not empty, or holds another run.
    """
    spec.check()
    prepare_folder(spec, folder, resume=resume)
    summary = CohortSummary()
    for counts in _in_order(
        executor, spec, folder, _missing(spec, folder, summary, progress), ahead
    ):
        summary.add(counts)
        progress(counts.n)
    return summary


def _missing(
    spec: CohortSpec, folder: Path, summary: CohortSummary, progress: Callable[[int], None]
) -> Iterator[int]:
    """Yield the shards still to be run; count those that are there and whole."""
    for number in range(len(spec.shards())):
        try:
            tables = [pq.read_table(folder / name) for name in spec.files(number)]
        except (OSError, pa.ArrowInvalid):
            yield number
            continue
        summary.add(summarise(spec.structure, tables[0], spec.horizon_months))
        progress(tables[0].num_rows)


def _in_order(
    executor: Executor, spec: CohortSpec, folder: Path, numbers: Iterable[int], ahead: int
) -> Iterator[CohortSummary]:
    """Run shards with a bounded number under way, so that memory stays flat."""
    waiting: list[Future[CohortSummary]] = []
    for number in numbers:
        waiting.append(executor.submit(write_shard, spec, str(folder), number))
        if len(waiting) >= ahead:
            yield waiting.pop(0).result()
    for future in waiting:
        yield future.result()


def prepare_folder(spec: CohortSpec, folder: Path, *, resume: bool) -> None:
    """Create the output folder, or check that a run can be resumed in it."""
    run_file = folder / RUN_FILE
    try:
        occupied = folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError as problem:
        raise OutputError("cannot read", where=str(folder), given=str(problem)) from None
    if occupied and not resume:
        raise OutputError(
            "the output folder is not empty" if folder.is_dir() else "this is not a folder",
            where=str(folder),
            remedy="Choose another folder, or add --resume to go on with an interrupted run",
        )
    if occupied:
        _check_same_run(spec, run_file)
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _write_json(run_file, spec.provenance())
    except OSError as problem:
        raise OutputError("cannot write", where=str(folder), given=str(problem)) from None


def _check_same_run(spec: CohortSpec, run_file: Path) -> None:
    if not run_file.exists():
        raise OutputError(
            "there is no run to resume here",
            where=str(run_file.parent),
            remedy="Choose an empty folder and leave out --resume",
        )
    try:
        before = json.loads(run_file.read_text())
    except (OSError, ValueError):
        before = None
    if not isinstance(before, dict):
        raise OutputError(
            "this file does not say which run the folder holds",
            where=str(run_file),
            remedy="Choose an empty folder and leave out --resume",
        )
    now = spec.provenance()
    different = [key for key in now if before.get(key) != now[key]]
    if different:
        key = different[0]
        raise OutputError(
            "the folder holds another run",
            where=f"{run_file} › {key}",
            given=now[key],
            allowed=str(before.get(key)),
            remedy="Repeat the first command exactly, or choose another folder",
        )


def _write_json(path: Path, data: Mapping[str, Any]) -> None:
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(data, indent=1, sort_keys=True) + "\n")
    os.replace(partial, path)
