"""Plan a trial by simulating it many times."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from mesospread.app.drug_gains import lasting_notes, trial_notes
from mesospread.app.forecast import input_hash, model_facts, sources_of
from mesospread.evidence.published import cite
from mesospread.model.calibrated import shipped_posterior
from mesospread.model.load import disease, observation, treatments
from mesospread.model.treatments import find_treatment
from mesospread.trials.design import TrialDesign, parse_design, read_design
from mesospread.trials.result import TrialResult
from mesospread.trials.run import Settings, Trials
from mesospread.trials.summary import summarise

_DESIGN = (str, Path)


def trial(
    design: str | Path | Mapping[str, Any] | TrialDesign,
    *,
    trials: int = 1_000,
    draws: int = 100,
    lives: int = 4_000,
    seed: int = 1,
    life_table: str = "uk",
    progress: Callable[[int], None] = lambda done: None,
) -> TrialResult:
    """Say what a trial with two arms would probably find.

    Parameters
    ----------
    design
        A trial file, its contents as a mapping, or a design.
    trials
        Simulated in all, 100 or more.
    draws
        Of the parameters, 40 or more: trials are spread evenly over them.
    lives
        Simulated people of each arm and draw, 1,000 or more; more are made if few fit.
    seed
        Of the simulation; the same seed gives the same answer.
    life_table
        ``"uk"`` or ``"us"``: whose background mortality applies.
    progress
        Called with the number of draws done.

    Raises
    ------
    InputError
        If the file is wrong, or next to nobody in the model fits who is to come in.
    """
    if isinstance(design, _DESIGN):
        design = read_design(Path(design))
    elif isinstance(design, Mapping):
        design = parse_design(design)
    structure, library = disease(design.primary), treatments(design.primary)
    settings = Settings(trials, draws, lives, seed, life_table)
    planned = Trials(design, structure, library, observation(design.primary), settings)
    found = planned.run(shipped_posterior(design.primary), progress)
    facts = design.model_dump(mode="json", exclude_defaults=True) | {"format": design.format}
    return TrialResult(
        trial=design.trial,
        title=design.title,
        primary=design.primary,
        design=facts,
        input_hash=input_hash(facts),
        **summarise(planned, found),
        assumptions=assumptions(design),
        sources=cite(sources_of(_used(planned))),
        model=model_facts(design.primary, draws, seed, life_table),
    )


def _used(planned: Trials) -> dict[str, Any]:
    """Return the parameters of the disease, the treatments given, and how spread is seen."""
    used: dict[str, Any] = dict(planned.observation.parameters)
    for plan in planned.plans.values():
        used |= plan.structure.parameters
    return used


def assumptions(design: TrialDesign) -> tuple[str, ...]:
    """Return what a reader must know beside the figures."""
    told = [
        f"Everybody is randomised {design.entry.months:g} months after diagnosis; arms are drawn "
        "independently from the same people.",
        "Trials are spread over the draws of the model's numbers: the share that succeeds allows "
        "for not knowing how well a treatment works (assurance).",
        "Trials of alike people differ in how fast all goes by as much as studies were found to "
        "differ in survival; each draw has another level.",
        "Not in it: how real trials differ beyond that and chance, people who stop or change "
        "treatment, drugs given later, and interim looks.",
    ]
    if design.setting != "population":
        told.append(
            "All that happens after randomisation is slower than age, fitness and treatment "
            f"explain, as was learnt from studies of this kind ({design.setting})."
        )
    if design.scans is not None:
        told += [
            "Readings of one place at different visits are independent given what is there; what "
            "looks like tumour and is not is taken to have been on the first scan.",
            "Growth of the first tumour is not counted: this is not progression by RECIST.",
        ]
    given = (
        find_treatment(treatments(design.primary), course.name)
        for arm in design.arms
        for course in arm.treatments
    )
    if lasting_notes(given):
        told += trial_notes(design.primary)
    return tuple(told)
