"""Forecasts for a table of patients, on all cores, streamed to one file."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from mesospread.app.batch_files import Outcome, result_file
from mesospread.app.forecast import forecast
from mesospread.errors import ContradictionError, InputError, MesospreadError, PatientError
from mesospread.infer.result import Forecast
from mesospread.infer.timeline import build_timeline
from mesospread.model.load import disease, observation, treatments
from mesospread.patient import Patient
from mesospread.patient.table import PatientRow, PatientTable, read_patient_table

if TYPE_CHECKING:
    from mesospread.infer.solve import Effort

__all__ = ["BatchSummary", "forecast_batch", "read_patient_table"]

# Libraries for linear algebra start a thread for each core in every process unless told
# otherwise, and the last bit of a sum may depend on how many they are.
_THREAD_SETTINGS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
#: patients handed out ahead of those written, for each worker
_AHEAD = 4

Answer = Forecast | ContradictionError | PatientError


@dataclass(frozen=True)
class BatchSummary:
    """What became of the patients of a table.

    Attributes
    ----------
    patients
        Rows of the table.
    forecasts
        Patients with a forecast.
    refused
        Patients whose facts contradict each other or the model; the result says how.
    skipped
        Bad rows, let through by ``skip_bad``; the result says what is wrong with them.
    """

    patients: int
    forecasts: int
    refused: int
    skipped: int


def forecast_batch(
    patients: str | Path | PatientTable,
    out: str | Path,
    *,
    workers: int | None = None,
    seed: int = 1,
    prognosis: bool = False,
    effort: Effort | None = None,
    life_table: str = "uk",
    skip_bad: bool = False,
    force: bool = False,
    progress: Callable[[int], None] = lambda patients: None,
) -> BatchSummary:
    """Forecast every patient of a table.

    Each patient is computed by one thread of one process, with the same seed: its forecast is
    the one that `forecast` gives, for any number of workers. The result is in the order of the
    table and appears under its name when it is complete.

    Parameters
    ----------
    patients
        A table as `read_patient_table` reads it.
    out
        ``.csv`` or ``.parquet``: one row per patient and site. ``.jsonl``: one full forecast
        per line.
    workers
        Processes; one for each core if None. A script must call this under
        ``if __name__ == "__main__":``, since the processes read the script again.
    seed, prognosis, effort, life_table
        As for `forecast`.
    skip_bad
        Write bad rows to the result with what is wrong, instead of refusing the table.
    force
        Replace the file if it exists.
    progress
        Called with the number of patients done since the last call.

    Raises
    ------
    PatientError
        If the table cannot be read; or, before anything is computed, naming all bad rows.
    OutputError
        If the result cannot be written, or a file is in its place.
    InputError
        For an option out of range.
    """
    if workers is not None and workers <= 0:
        raise InputError("workers must be 1 or more", where="workers", given=str(workers))
    table = patients if isinstance(patients, PatientTable) else read_patient_table(patients)
    rows = tuple(map(checked_row, table.rows))
    replace(table, rows=rows).refuse_bad(skip_bad=skip_bad)
    compute = partial(
        forecast_one, prognosis=prognosis, seed=seed, effort=effort, life_table=life_table
    )
    forecasts = skipped = 0
    workers = min(workers or os.cpu_count() or 1, len(rows))
    with (
        result_file(Path(out), prognosis=prognosis, force=force, table=table.source) as write,
        closing(in_order(rows, compute, workers)) as outcomes,
    ):
        for row, outcome in zip(rows, outcomes, strict=True):
            write(outcome)
            forecasts += outcome.forecast is not None
            skipped += row.patient is None
            progress(1)
    return BatchSummary(len(rows), forecasts, len(rows) - forecasts - skipped, skipped)


def checked_row(row: PatientRow) -> PatientRow:
    """Return a row with whatever in it the model does not know as a problem.

    Contradictions are left to the forecast: they concern that patient, not the table.
    """
    if row.patient is None:
        return row
    primary = row.patient.primary
    try:
        model = disease(primary)
        build_timeline(row.patient, model, treatments(primary), observation(primary))
    except ContradictionError:
        return row
    except InputError as error:
        row.locate(error)
        return replace(row, patient=None, problems=(error,))
    return row


def in_order(
    rows: Sequence[PatientRow], compute: Callable[[Patient], Answer], workers: int
) -> Generator[Outcome, None, None]:
    """Yield what became of each row, in order, with a bounded number under way.

    Close it when it is no longer wanted: that ends the worker processes.
    """
    waiting: deque[tuple[PatientRow, Future[Answer] | None]] = deque()
    pool = ProcessPoolExecutor(
        workers, multiprocessing.get_context("spawn"), initializer=_leave_interrupts_to_the_parent
    )
    with _one_thread_each(), _telling_of_lost_workers():
        try:
            for row in rows:
                waiting.append((row, pool.submit(compute, row.patient) if row.patient else None))
                if len(waiting) > _AHEAD * workers:
                    yield _outcome(*waiting.popleft())
            while waiting:
                yield _outcome(*waiting.popleft())
        except BaseException:
            _end(pool)
            raise
        finally:
            pool.shutdown(cancel_futures=True)


def _end(pool: ProcessPoolExecutor) -> None:
    """End the workers at once, in the middle of a patient."""
    # Python 3.14 has terminate_workers() for this; before, only the pool knows its processes
    for process in list((pool._processes or {}).values()):
        process.terminate()


def _outcome(row: PatientRow, future: Future[Answer] | None) -> Outcome:
    if future is None:
        return Outcome(row.id, None, "; ".join(map(str, row.problems)))
    try:
        answer = future.result()
    except MesospreadError:
        raise
    except Exception as problem:
        problem.add_note(f"while forecasting {row.where}")
        raise
    if isinstance(answer, Forecast):
        return Outcome(row.id, answer, "")
    row.locate(answer)
    return Outcome(row.id, None, str(answer))


# --- in the worker processes ------------------------------------------------------


def forecast_one(
    patient: Patient, *, prognosis: bool, seed: int, effort: Effort | None, life_table: str
) -> Answer:
    """Forecast one patient; errors about the patient are an answer too."""
    try:
        return forecast(
            patient,
            prognosis=prognosis,
            seed=seed,
            effort=effort,
            life_table=life_table,
        )
    except (ContradictionError, PatientError) as error:
        return error


def _leave_interrupts_to_the_parent() -> None:
    """Ignore Ctrl-C, which a terminal sends to all: the parent ends the workers."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Let processes that start now do linear algebra in one thread, unless the user said how."""
    added = [name for name in _THREAD_SETTINGS if name not in os.environ]
    os.environ.update(dict.fromkeys(added, "1"))
    try:
        yield
    finally:
        for name in added:
            os.environ.pop(name, None)


@contextmanager
def _telling_of_lost_workers() -> Iterator[None]:
    try:
        yield
    except BrokenProcessPool:
        raise MesospreadError(
            "a worker process ended before its answer was there",
            remedy="If memory ran out, take fewer workers. A script of your own must call this "
            'under if __name__ == "__main__":',
        ) from None
