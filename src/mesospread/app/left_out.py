"""What pushed the numbers of one patient up or down, fact by fact."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import ceil

from mesospread.errors import InputError
from mesospread.infer.influence import fact_influences, influences
from mesospread.infer.left_out import LeftOut, as_stated, without_fact, without_treatment
from mesospread.infer.posterior import Posterior
from mesospread.infer.result import FactInfluence, Influence
from mesospread.infer.solve import Effort
from mesospread.infer.timeline import Timeline, is_certain
from mesospread.model.library import TreatmentLibrary
from mesospread.model.treatments import find_treatment
from mesospread.patient import Patient
from mesospread.patient.records import Treatment

#: of the histories of the answer, so many are simulated for each fact left out
_SHARE = 1 / 3
#: times the least effective number of histories that are simulated at least
_ENOUGH = 3.0


def why_so(
    patient: Patient,
    timeline: Timeline,
    library: TreatmentLibrary,
    posterior: Posterior,
    infer: Callable[[Timeline, Effort], Posterior],
    effort: Effort,
    *,
    prognosis: bool,
    progress: Callable[[float], None] = lambda share: None,
) -> tuple[list[Influence], list[FactInfluence]]:
    """Say what each finding, each background fact and each treatment does to the answers.

    All are worked out from as many histories, so that their random numbers are the same.

    Parameters
    ----------
    patient, timeline
        The patient, as stated and on the clock of the model.
    library
        The treatments.
    posterior
        What follows from all facts: how many histories it took.
    infer
        Answers for a patient.
    effort
        How hard it was tried.
    prognosis
        Whether changes of survival are told.
    progress
        Called with the share done.
    """
    less = _less(posterior, effort)
    each = each_left_out(patient, timeline, library)
    n_findings = len(timeline.labels()) - len(timeline.responses)
    part = n_findings / max(n_findings + len(each), 1)
    stated = as_stated(timeline)
    base = infer(stated, less)
    found = influences(
        stated, base, lambda known: infer(known, less), lambda share: progress(share * part)
    )
    return found, fact_influences(
        base,
        each,
        lambda known: infer(known, less),
        timeline.structure.of_role("site"),
        prognosis=prognosis,
        progress=lambda share: progress(part + share * (1.0 - part)),
    )


def _less(posterior: Posterior, effort: Effort) -> Effort:
    """Return the effort of so many rounds, neither more nor fewer, as a change needs."""
    rounds = ceil(posterior.tally.paths / (effort.draws * effort.core_paths))
    size = max(posterior.effective_sample_size(), 1.0)
    share = max(_SHARE, _ENOUGH * effort.too_few / size)
    return replace(effort, standard_error=0.0, max_rounds=max(ceil(rounds * min(share, 1.0)), 1))


def each_left_out(patient: Patient, timeline: Timeline, library: TreatmentLibrary) -> list[LeftOut]:
    """Return the patient without each fact about the person, then without each treatment.

    A fact that is the same for everybody with this disease, as the sex of men, and a
    treatment that the model does not know say nothing, and are not among them. How a
    treatment worked is left out with it.
    """
    covariates = timeline.structure.definition.covariates
    facts = [
        LeftOut(name, str(getattr(patient, name)), "not known", without_fact(timeline, name))
        for name in covariates
        if name in timeline.fixed and not is_certain(covariates[name])
    ]
    return facts + [
        LeftOut(
            given.name,
            given.start.isoformat(),
            "not given",
            without_treatment(timeline, line, response),
        )
        for line, (given, response) in enumerate(_lines(patient, library), start=1)
    ]


def _lines(patient: Patient, library: TreatmentLibrary) -> Iterator[tuple[Treatment, int | None]]:
    """Yield the treatments that the model knows, in order, and the place of their responses."""
    n_responses = 0
    for given in sorted(patient.treatments, key=lambda treatment: treatment.start):
        try:
            known = find_treatment(library, given.name)
        except InputError:
            continue
        if given.response is None or known.response is None:
            yield given, None
        else:
            yield given, n_responses
            n_responses += 1
