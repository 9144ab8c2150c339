"""Compare forecasts with what became of the patients of a table."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mesospread._version import __version__
from mesospread.app.batch import Answer, in_order
from mesospread.app.cohort_measures import Followed, measured_cohort
from mesospread.app.cohort_result import CohortCheck, LeftOut
from mesospread.app.cohort_table import FollowedPatient, FollowedTable, read_followed
from mesospread.app.forecast import forecast
from mesospread.app.precision import FULL, with_precision
from mesospread.errors import ContradictionError, InputError, PatientError
from mesospread.model.calibrated import shipped_posterior
from mesospread.patient import Patient
from mesospread.writing import write_whole

if TYPE_CHECKING:
    from mesospread.infer.solve import Effort

__all__ = ["FULL", "check_cohort", "read_followed", "write_cohort_page"]

#: fewer patients or deaths say too little
MIN_PATIENTS, MIN_DEATHS = 50, 20


def check_cohort(
    patients: str | Path | FollowedTable,
    *,
    workers: int | None = None,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
    progress: Callable[[int], None] = lambda patients: None,
) -> CohortCheck:
    """Forecast every patient from what was known then, and compare with what became of them.

    Parameters
    ----------
    patients
        A table as `read_followed` reads it.
    workers
        Processes; one for each core if None. A script must call this under
        ``if __name__ == "__main__":``, since the processes read the script again.
    seed
        Of the simulation and of the bootstrap.
    effort
        How hard each forecast tries; None: quickly, and in full where that is not enough.
    life_table
        Population of the background mortality.
    progress
        Called with the number of patients done since the last call.

    Raises
    ------
    PatientError
        If the table is wrong, or has fewer than 50 patients or 20 deaths.
    """
    if workers is not None and workers <= 0:
        raise InputError("workers must be 1 or more", where="workers", given=str(workers))
    table = patients if isinstance(patients, FollowedTable) else read_followed(patients)
    _enough(table.source, table.patients, "with a known outcome")
    rows = [followed.row for followed in table.patients]
    compute = partial(_forecast, effort=effort, seed=seed, life_table=life_table)
    chosen: list[FollowedPatient] = []
    curves: list[list[float]] = []
    refused: list[LeftOut] = []
    with closing(
        in_order(rows, compute, min(workers or os.cpu_count() or 1, len(rows)))
    ) as outcomes:
        for followed, outcome in zip(table.patients, outcomes, strict=True):
            if outcome.forecast is None:
                refused.append(LeftOut(id=outcome.id, reason=outcome.error))
            else:
                assert outcome.forecast.survival is not None
                curves.append([point.alive for point in outcome.forecast.survival.curve])
                chosen.append(followed)
            progress(1)
    _enough(table.source, chosen, "with a known outcome and a forecast")
    primaries = sorted({_patient(f).primary for f in chosen})
    posterior = shipped_posterior(primaries[0]) if len(primaries) == 1 else None
    return CohortCheck(
        source=Path(table.source).name,
        software=f"mesospread {__version__}",
        posterior=None if posterior is None else posterior.digest,
        primaries=primaries,
        seed=seed,
        precision="quick" if effort is None else "full" if effort == FULL else "own",
        life_table=life_table,
        unknown_outcome=table.unknown,
        refused=refused,
        later_facts=sum(f.left_out for f in chosen),
        **measured_cohort(
            Followed(
                tuple(_patient(f) for f in chosen),
                tuple(f.blood for f in chosen),
                np.array([f.months for f in chosen]),
                np.array([f.died for f in chosen]),
                np.array(curves),
            ),
            least=(MIN_PATIENTS, MIN_DEATHS),
            seed=seed,
        ),
    )


def _patient(followed: FollowedPatient) -> Patient:
    assert followed.row.patient is not None
    return followed.row.patient


def _enough(source: str, followed: Sequence[FollowedPatient], who: str) -> None:
    deaths = sum(f.died for f in followed)
    if len(followed) >= MIN_PATIENTS and deaths >= MIN_DEATHS:
        return
    raise PatientError(
        "nobody has died, so nothing can be compared"
        if followed and not deaths
        else "too few patients to compare forecasts with what became of them",
        where=source,
        given=f"{len(followed)} patients {who}, {deaths} deaths",
        allowed=f"{MIN_PATIENTS} patients and {MIN_DEATHS} deaths, or more",
        remedy="Put several centres together, or wait",
    )


def write_cohort_page(check: CohortCheck, path: Path) -> None:
    """Write the page of a check into one file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from mesospread.report.validation_cohort_html import cohort_document

    write_whole(path, cohort_document(check.model_dump(mode="json")).encode())


# --- in the worker processes ------------------------------------------------------


def _forecast(patient: Patient, *, effort: Effort | None, seed: int, life_table: str) -> Answer:
    """Forecast one patient; errors about the patient are an answer too."""

    def work(trying: Effort) -> Answer:
        return forecast(patient, prognosis=True, seed=seed, effort=trying, life_table=life_table)

    try:
        return with_precision(work, "quick") if effort is None else work(effort)
    except (ContradictionError, PatientError) as error:
        return error
