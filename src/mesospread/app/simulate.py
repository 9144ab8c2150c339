"""Virtual cohorts, in memory or streamed to a folder."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Required, TypedDict, Unpack

from mesospread.errors import InputError, MissingExtraError
from mesospread.model.load import disease, read_definition, treatments
from mesospread.model.parameters import draw_values
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, with_treatments
from mesospread.simulate.cohort import SHARD_SIZE, Cohort, CohortSpec, simulate_cohort, write_cohort
from mesospread.simulate.summary import CohortSummary


def cohort_spec(
    *,
    primary: str | None = None,
    definition: str | Path | None = None,
    n: int,
    seed: int,
    treatment: Sequence[str] = (),
    fixed: Mapping[str, str | float] | None = None,
    horizon_months: float = 600.0,
    life_table: str = "uk",
    times_months: Sequence[float] = (),
    since: str = "",
    events: bool = False,
    shard_size: int = SHARD_SIZE,
    draw: int | None = None,
) -> CohortSpec:
    """Say which cohort is wanted.

    Parameters
    ----------
    primary
        A disease that ships with the package; or
    definition
        the file of one of your own.
    n, seed
        Patients, and the key of their random numbers.
    treatment
        Treatments given after diagnosis, in order of their lines.
    fixed
        Covariates that all patients share, e.g. ``{"histology": "sarcomatoid"}``.
    horizon_months
        Follow-up from the start of the disease.
    life_table
        Population of the background mortality.
    times_months, since
        Times at which states are wanted, counted from a ``process.level``
        (``"diagnosis"`` for the diagnosis, empty for the start).
    events
        Whether the event lists are wanted.
    shard_size
        Patients per shard; changes no result.
    draw
        Take the numbers of the model from this draw of their ranges instead of their
        central values: several draws show how uncertain the model itself is.

    Raises
    ------
    InputError
        For names or numbers that make no sense.
    """
    structure = _structure(primary, definition, treatment)
    times = tuple(sorted(float(t) for t in times_months))
    if not all(0 <= t <= horizon_months for t in times):
        raise InputError(
            "states can be asked for within the follow-up only",
            where="times_months",
            given=", ".join(f"{t:g}" for t in times),
            allowed=f"0 to {horizon_months:g}",
        )
    if shard_size <= 0:
        raise InputError("a shard needs patients", where="shard_size", given=str(shard_size))
    spec = CohortSpec(
        structure=structure,
        n=n,
        seed=seed,
        horizon_months=horizon_months,
        fixed=fixed or {},
        life_table=life_table,
        times_months=times,
        since=_since(structure, since),
        events=events,
        shard_size=shard_size,
        values={} if draw is None else draw_values(structure.parameters, seed, draw),
    )
    spec.check()
    return spec


class Wanted(TypedDict, total=False):
    """The arguments of `cohort_spec`."""

    primary: str | None
    definition: str | Path | None
    n: Required[int]
    seed: Required[int]
    treatment: Sequence[str]
    fixed: Mapping[str, str | float] | None
    horizon_months: float
    life_table: str
    times_months: Sequence[float]
    since: str
    events: bool
    shard_size: int
    draw: int | None


def cohort(*, workers: int = 1, **wanted: Unpack[Wanted]) -> Cohort:
    """Simulate a cohort in memory.

    Parameters
    ----------
    workers
        Threads; changes no result.
    **wanted
        As for `cohort_spec`.

    Returns
    -------
    Cohort
        ``patients`` (and, if asked for, ``events`` and ``states``) as Arrow tables;
        ``to_pandas()`` and ``polars.from_arrow`` take them from there.
    """
    return simulate_cohort(cohort_spec(**wanted), workers)


def simulate_to_folder(
    spec: CohortSpec,
    folder: str | Path,
    *,
    workers: int = 1,
    scheduler: str | None = None,
    resume: bool = False,
    progress: Callable[[int], None] = lambda n: None,
) -> CohortSummary:
    """Simulate a cohort and stream it to Parquet files.

    Parameters
    ----------
    spec
        From `cohort_spec`.
    folder
        Where the files go; new or empty, unless ``resume``.
    workers
        Threads on this machine.
    scheduler
        Address of a Dask scheduler; its workers must see the folder.
    resume
        Go on with an interrupted run of the same cohort.
    progress
        Called with the number of patients of each finished shard.
    """
    if workers <= 0:
        raise InputError("workers must be 1 or more", where="workers", given=str(workers))
    with _executor(workers, scheduler) as executor:
        return write_cohort(
            spec,
            Path(folder).absolute(),
            executor=executor,
            ahead=2 * workers if scheduler is None else 64,
            resume=resume,
            progress=progress,
        )


@contextmanager
def _executor(workers: int, scheduler: str | None) -> Iterator[Executor]:
    if scheduler is None:
        with ThreadPoolExecutor(workers) as pool:
            yield pool
        return
    try:
        from distributed import Client
    except ImportError:
        raise MissingExtraError(
            "a Dask cluster needs the extra 'cluster'",
            remedy="Install it with: pip install 'mesospread[cluster]'",
        ) from None
    try:
        client = Client(scheduler, timeout="10s")
    except (OSError, ValueError, TypeError) as problem:
        raise InputError(
            "cannot reach the Dask scheduler",
            where="scheduler",
            given=scheduler,
            allowed="an address such as tcp://host:8786",
            remedy=str(problem),
        ) from None
    with client:
        yield client.get_executor(pure=False)


def _structure(
    primary: str | None, definition: str | Path | None, treatment: Sequence[str]
) -> Structure:
    if (primary is None) == (definition is None):
        raise InputError(
            "say which disease",
            allowed="either a primary that ships with the package, or a definition file",
        )
    if definition is not None:
        if treatment:
            raise InputError(
                "treatments belong to a shipped disease",
                where="treatment",
                remedy="Write the treatment into the definition, as a scheduled process",
            )
        return read_definition(Path(definition))
    assert primary is not None
    return with_treatments(
        disease(primary), treatments(primary), [Course(name) for name in treatment]
    )


def _since(structure: Structure, since: str) -> str:
    """Return ``process.level``; a process alone means its first step."""
    if not since or since == "start":
        return ""
    process, dot, level = since.partition(".")
    levels = structure.process(process).levels
    if not dot:
        return f"{process}.{levels[1]}"
    if level not in levels[1:]:
        raise InputError(
            "no such level", where="since", given=repr(since), allowed=", ".join(levels[1:])
        )
    return since
