"""What follows for one patient."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from mesospread._version import __version__
from mesospread.app.left_out import why_so
from mesospread.errors import MesospreadError
from mesospread.evidence.published import cite
from mesospread.infer.answers import (
    diagnostics,
    no_new_site,
    scan_forecasts,
    search_forecasts,
    site_forecasts,
    symptom_forecasts,
    true_stage,
)
from mesospread.infer.posterior import Posterior
from mesospread.infer.result import Forecast
from mesospread.infer.solve import Effort, solve
from mesospread.infer.survival import survival
from mesospread.infer.timeline import Timeline, build_timeline
from mesospread.model.calibrated import between_studies, shipped_posterior
from mesospread.model.definition import Parameter
from mesospread.model.load import digest, disease, observation, treatments
from mesospread.patient import Patient, parse_patient, read_patient
from mesospread.staging import edition_table, stage_group


def forecast(
    patient: str | Path | Mapping[str, Any] | Patient,
    *,
    prognosis: bool = False,
    why: bool = False,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
    progress: Callable[[float], None] = lambda share: None,
) -> Forecast:
    """Say where the disease of one patient probably is, and where it may go.

    Parameters
    ----------
    patient
        A patient file, its contents as a mapping, or a patient.
    prognosis
        Whether survival is wanted. Nobody is told who has not asked.
    why
        Whether to say what each finding, each fact about the person and each treatment
        does to the answers: they are worked out once more without it.
    seed
        Of the simulation; the same seed gives the same answer.
    effort
        How hard to try.
    life_table
        ``"uk"`` or ``"us"``: whose background mortality applies.
    progress
        Called with the share done.

    Raises
    ------
    PatientError
        If the file is wrong.
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    source = f"{patient} › " if isinstance(patient, str | Path) else ""
    patient = the_patient(patient)
    model = disease(patient.primary)
    library, seen = treatments(patient.primary), observation(patient.primary)
    with naming(source):
        timeline = build_timeline(patient, model, library, seen)

    def infer(
        known: Timeline,
        trying: Effort,
        tell: Callable[[float], None] = lambda share: None,
    ) -> Posterior:
        return solve(
            known,
            seen,
            seed=seed,
            effort=trying,
            life_table=life_table,
            prognosis=prognosis,
            progress=tell,
        )

    effort = effort or Effort()
    posterior = infer(timeline, effort, progress)
    found, pushes = (
        why_so(
            patient,
            timeline,
            library,
            posterior,
            infer,
            effort,
            prognosis=prognosis,
            progress=progress,
        )
        if why
        else (None, None)
    )
    parameters = {**timeline.structure.parameters, **seen.parameters}
    return Forecast(
        patient=patient.to_dict(),
        model=model_facts(patient.primary, posterior.n_draws, seed, life_table)
        | {"input_hash": input_hash(patient.to_dict())},
        stage={"stated": _stated_stage(patient), "now": true_stage(posterior, timeline.structure)},
        sites=site_forecasts(posterior, timeline.structure, seen),
        no_new_site=no_new_site(posterior, timeline.structure),
        scans=scan_forecasts(posterior),
        searches=search_forecasts(posterior),
        symptoms=symptom_forecasts(posterior, timeline.structure, seen),
        survival=(
            survival(posterior, between_studies("survival", patient.primary)) if prognosis else None
        ),
        influences=found,
        fact_influences=pushes,
        sources=cite(sources_of(parameters), prognosis=prognosis),
        assumptions=[*timeline.assumptions, *patient.assumed_days()],
        diagnostics=diagnostics(posterior),
    )


def is_prepared() -> bool:
    """Return whether the program was compiled on this machine before: it takes its time."""
    from mesospread.kernels.solve import is_compiled

    return is_compiled()


@contextmanager
def naming(source: str) -> Iterator[None]:
    """Put the name of the patient file before the place that an error points at."""
    try:
        yield
    except MesospreadError as error:
        error.where = f"{source}{error.where}"
        raise


def the_patient(given: str | Path | Mapping[str, Any] | Patient) -> Patient:
    """Return a patient: as it is, from its contents, or from a file."""
    if isinstance(given, str | Path):
        return read_patient(given)
    return parse_patient(given) if isinstance(given, Mapping) else given


def input_hash(facts: Mapping[str, Any]) -> str:
    """Return a fingerprint of what was given: the same facts have the same one."""
    canonical = json.dumps(facts, sort_keys=True, separators=(",", ":"), default=str)
    return hashlib.sha256(canonical.encode()).hexdigest()[:12]


def model_facts(primary: str, draws: int, seed: int, life_table: str) -> dict[str, Any]:
    """Return what is needed to name the model behind an answer and to repeat it."""
    model, library, seen = disease(primary), treatments(primary), observation(primary)
    posterior = shipped_posterior(primary)
    return {
        "version": __version__,
        "disease": model.name,
        "definition": digest(model.definition, library, seen),
        "evidence": model.definition.note,
        "calibration": None if posterior is None else posterior.digest,
        "draws": draws,
        "seed": seed,
        "life_table": life_table,
    }


def sources_of(parameters: Mapping[str, Parameter]) -> set[str]:
    """Return the identifiers of all published values that parameters rest on."""
    return {source for parameter in parameters.values() for source in parameter.sources}


def _stated_stage(patient: Patient) -> dict[str, Any] | None:
    stage = patient.stage
    if stage is None or stage.edition is None:
        return None
    table = edition_table(patient.primary, stage.edition)
    # a stage of an earlier system says so wherever it is named
    earlier = {} if table.current else {"system": table.name}
    if stage.t_stated is None and stage.n is None and stage.m is None:
        return {"stage": stage.group, "edition": stage.edition} | earlier
    answer = stage_group(stage.t_stated, stage.n, stage.m, stage.edition, primary=patient.primary)
    return {
        "stage": answer.stage,
        "t": answer.t,
        "n": answer.n,
        "m": answer.m,
        "edition": answer.edition,
        "rule": answer.rule,
    } | earlier
