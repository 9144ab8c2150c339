"""Compare the model with what studies reported: those it was fitted to, and those it never saw."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from mesospread._version import __version__
from mesospread.app.validate_curves import validated_curve
from mesospread.app.validate_learnt import learnt
from mesospread.app.validation_result import (
    BandedPart,
    Coverage,
    ReconciledRate,
    ValidatedResult,
    Validation,
)
from mesospread.errors import InputError
from mesospread.model.calibrated import Calibrated, shipped_posterior
from mesospread.model.definition import Parameter
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.load import disease, observation, treatments
from mesospread.model.structure import Structure
from mesospread.studies.check import (
    MIN_DRAWS,
    Checked,
    check_figures,
    parameter_draws,
    predictions,
)
from mesospread.studies.intervals import check_intervals
from mesospread.studies.library import read_folder, shipped_studies
from mesospread.studies.predict import Protocols
from mesospread.studies.protocol import Study
from mesospread.studies.reconcile import FACTORS, Reconciled, reconcile
from mesospread.studies.targets import Target, targets
from mesospread.writing import write_whole

#: lives of each way of treatment for each draw: a simulation error well below study errors
LIVES = 8_000
DRAWS = 100


def validate(
    studies: str | Path | None = None,
    *,
    primary: str = "pleural",
    draws: int = DRAWS,
    lives: int = LIVES,
    workers: int | None = None,
    seed: int = 1,
    reconciliation: bool = True,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> Validation:
    """Compare the model with studies.

    Parameters
    ----------
    studies
        A folder of study files; those that ship with the package if None.
    primary
        Which model.
    draws
        Draws of the parameters.
    lives
        Simulated for each way of treatment and draw.
    workers
        Processes; one for each core if None.
    seed
        Of the simulation.
    reconciliation
        Whether rates of spread are taken apart, too.
    progress
        Called with the stage, what is done and the total.

    Raises
    ------
    InputError
        If a study is wrong, none is about this primary, or a number is out of range.
    """
    _check_numbers(draws, lives, workers)
    chosen = _studies(studies, primary)
    listed = targets(chosen, ("calibrate", "validate"))
    if not listed and not any(r.intervals for s in chosen for r in s.result):
        raise InputError(
            "no result is there to compare with",
            where=str(studies),
            allowed="results with use = 'calibrate' or 'validate'",
        )
    processes = workers or os.cpu_count() or 1
    model = (disease(primary), treatments(primary), observation(primary))
    posterior = shipped_posterior(primary)
    found = predictions(
        Protocols(chosen, *model, n=lives),
        draws=draws,
        seed=seed,
        workers=processes,
        progress=lambda done: progress("comparing with studies", done, draws),
    )
    checked = check_figures(found, listed, posterior, seed=seed)
    curves = check_intervals(found, chosen, posterior, seed=seed)
    taken_apart: list[Reconciled] = []
    if reconciliation:
        some = max(draws // 2, 1)
        taken_apart = reconcile(
            listed,
            *model,
            lambda protocols: parameter_draws(protocols, some),
            lives=max(lives // 2, 1_000),
            seed=seed,
            workers=processes,
            progress=lambda done: progress("taking rates apart", done, some),
        )
    behind = _behind(_parameters(*model))
    results = [_result(c, behind) for c in checked]
    return Validation(
        primary=primary,
        software=f"mesospread {__version__}",
        posterior=None if posterior is None else posterior.digest,
        draws=draws,
        lives=lives,
        results=results,
        curves=[validated_curve(c) for c in curves],
        coverage=_coverage(results),
        reconciliation=[_reconciled(r) for r in taken_apart],
        learnt=None if posterior is None else learnt(posterior, _parameters(*model)),
        made=_made(posterior),
        informs=[
            _result(c, behind)
            for c in check_figures(found, targets(chosen, ("inform",)), posterior, seed=seed)
        ],
    )


def _check_numbers(draws: int, lives: int, workers: int | None) -> None:
    for name, number, least in (("draws", draws, MIN_DRAWS), ("lives", lives, 1_000)):
        if number < least:
            raise InputError(
                f"too few {name} to say anything",
                where=name,
                given=str(number),
                allowed=f"{least} or more",
            )
    if workers is not None and workers <= 0:
        raise InputError("workers must be 1 or more", where="workers", given=str(workers))


def _studies(folder: str | Path | None, primary: str) -> tuple[Study, ...]:
    disease(primary)
    if folder is None:
        found = shipped_studies(primary)
    else:
        found = tuple(s for s in read_folder(Path(folder)) if s.primary == primary)
    if not found:
        raise InputError(
            f"there is no study of {primary} mesothelioma",
            where=str(folder or "the studies that ship with the package"),
            remedy="Choose another --primary, or give a folder with --studies",
        )
    return found


def _parameters(
    structure: Structure, library: TreatmentLibrary, seen: ObservationModel
) -> dict[str, Parameter]:
    return {**structure.parameters, **library.parameters, **seen.parameters}


def _made(posterior: Calibrated | None) -> dict[str, Any]:
    return {} if posterior is None else dict(posterior.made)


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _behind(parameters: Mapping[str, Parameter]) -> dict[str, list[str]]:
    """Return the numbers of the model that each published value is a source of."""
    found: dict[str, list[str]] = {}
    for name, parameter in parameters.items():
        for source in parameter.sources:
            found.setdefault(source, []).append(name)
    return found


def _result(checked: Checked, behind: Mapping[str, list[str]]) -> ValidatedResult:
    target = checked.target
    study, result, seen = target.study, target.result, target.observed
    return ValidatedResult(
        study=study.study,
        result=result.id,
        title=study.title,
        subject=result.subject,
        kind=result.kind,
        statistic=result.statistic,
        use=result.use,
        n=seen.n,
        reported=seen.value,
        reported_low=seen.low,
        reported_high=seen.high,
        interval_is=seen.interval_is,
        predicted=_finite(checked.predicted),
        predicted_low=_finite(checked.low),
        predicted_high=_finite(checked.high),
        model_low=_finite(checked.model_low),
        model_high=_finite(checked.model_high),
        inside=checked.inside,
        rank=_finite(checked.rank),
        assumed=result.assumed,
        stands_behind=behind.get(result.evidence, []),
        citation=study.citation,
        doi=study.doi,
        read_in=study.read_in,
    )


def _coverage(results: Sequence[ValidatedResult]) -> list[Coverage]:
    """Count by use and kind; ``all`` stands for all kinds."""
    kept = [r for r in results if r.use == "validate"]
    groups = {
        "calibrate": [r for r in results if r.use == "calibrate"],
        "validate": kept,
        "independent": [r for r in kept if not r.stands_behind],
    }
    rows = []
    for use, of_use in groups.items():
        for kind in ["all", *sorted({r.kind for r in of_use})]:
            chosen = [r for r in of_use if kind in ("all", r.kind)]
            inside = sum(r.inside for r in chosen)
            rows.append(Coverage(use=use, kind=kind, inside=inside, figures=len(chosen)))
    return rows


def _reconciled(taken_apart: Reconciled) -> ReconciledRate:
    target: Target = taken_apart.target
    low, middle, high = np.nanquantile(taken_apart.predicted, [0.025, 0.5, 0.975])
    parts = []
    for factor, meaning in FACTORS.items():
        points = 100.0 * taken_apart.parts[factor]
        a, b, c = np.nanquantile(points, [0.025, 0.5, 0.975])
        parts.append(
            BandedPart(factor=factor, meaning=meaning, points=float(b), low=float(a), high=float(c))
        )
    seen = target.observed
    return ReconciledRate(
        study=target.study.study,
        result=target.result.id,
        title=target.study.title,
        subject=target.result.subject,
        use=target.result.use,
        reported=seen.value,
        reported_low=seen.low,
        reported_high=seen.high,
        reference=float(np.nanmedian(taken_apart.reference)),
        predicted=float(middle),
        predicted_low=float(low),
        predicted_high=float(high),
        parts=parts,
        question=taken_apart.question,
    )


def write_page(validation: Validation, path: Path) -> None:
    """Write the page of a validation into one file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    from mesospread.report.validation_html import validation_document

    write_whole(path, validation_document(validation.model_dump(mode="json")).encode())
