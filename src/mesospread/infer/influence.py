"""What pushed an answer up or down: the patient once more, with one fact left out.

A fact is a finding, something known of the person (age, cell type, …), or a treatment.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import ContradictionError
from mesospread.infer.left_out import LeftOut
from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import Question
from mesospread.infer.result import Band, FactInfluence, Influence
from mesospread.infer.spread import Floats, shares_given, spread_of
from mesospread.infer.timeline import Timeline

#: standard errors from which on a change counts
_CLEAR = 2.0
#: months from now at which what a fact does to the future is told
_LATER_MONTHS = (6, 12, 24)


def influences(
    timeline: Timeline,
    posterior: Posterior,
    infer: Callable[[Timeline], Posterior],
    progress: Callable[[float], None] = lambda share: None,
) -> list[Influence]:
    """Return what each scan, stage and symptom does to the answers, the strongest first.

    The same random numbers stand behind both answers, so that their difference is sharper
    than each of them.

    Parameters
    ----------
    timeline
        The patient.
    posterior
        What follows from all findings.
    infer
        Answers for a patient.
    progress
        Called with the share done.
    """
    found = []
    # how a treatment worked is part of the disease from then on: it cannot be left out alone
    labels = posterior.labels[: len(posterior.labels) - len(timeline.responses)]
    sites = timeline.structure.of_role("site")
    for place, label in enumerate(labels):
        found.append(_influence(label, posterior, infer(timeline.without(place)), sites))
        progress((place + 1) / len(labels))
    return sorted(found, key=lambda i: -sum(abs(c) for c in i.involved_now.values()))


def fact_influences(
    posterior: Posterior,
    each: Sequence[LeftOut],
    infer: Callable[[Timeline], Posterior],
    sites: Sequence[str],
    *,
    prognosis: bool = False,
    progress: Callable[[float], None] = lambda share: None,
) -> list[FactInfluence]:
    """Return what each background fact and each treatment does to the answers.

    They change the histories themselves, so these are simulated once more, with the same
    random numbers.

    Parameters
    ----------
    posterior
        What follows from all facts.
    each
        The patient without each of them.
    infer
        Answers for a patient.
    sites
        Whose changes are told.
    prognosis
        Whether the change of survival is told.
    progress
        Called with the share done.
    """
    found = []
    for k, one in enumerate(each):
        found.append(_fact_influence(posterior, one, infer, sites, prognosis=prognosis))
        progress((k + 1) / len(each))
    return found


def _fact_influence(
    posterior: Posterior,
    one: LeftOut,
    infer: Callable[[Timeline], Posterior],
    sites: Sequence[str],
    *,
    prognosis: bool,
) -> FactInfluence:
    """Return what one fact does; without it, the findings may not be explained at all."""
    told = {"fact": one.fact, "value": one.value, "left_out": one.left_out}
    try:
        other = infer(one.timeline)
    except ContradictionError:
        return FactInfluence(
            **told, distant_now_band=None, involved_now_bands={}, distant_by_month={}, alive=None
        )
    distant = _changes(posterior, other, [("distant", "involved")])[0]
    by_site = _changes(posterior, other, [("involved", site) for site in sites])
    return FactInfluence(
        **told,
        distant_now_band=distant,
        involved_now_bands={
            site: change for site, change in zip(sites, by_site, strict=True) if change.estimate
        },
        distant_by_month=_by_month(posterior, other, ("by", "any_distant")),
        alive=_by_month(posterior, other, ("alive",)) if prognosis else None,
    )


def _by_month(posterior: Posterior, other: Posterior, question: Question) -> dict[str, Band]:
    """Return how an answer changes by month."""
    changes = _changes(posterior, other, [(*question, months) for months in _LATER_MONTHS])
    return {str(months): change for months, change in zip(_LATER_MONTHS, changes, strict=True)}


def _influence(
    label: str, posterior: Posterior, other: Posterior, sites: Sequence[str]
) -> Influence:
    """Return what one finding does, from the answers with it and without it."""
    questions: list[Question] = [("distant", "involved"), *(("involved", site) for site in sites)]
    distant, *by_site = _changes(posterior, other, questions)
    moved = {site: change for site, change in zip(sites, by_site, strict=True) if change.estimate}
    chance = _chance(posterior, other)
    return Influence(
        finding=label,
        chance=chance.estimate,
        chance_band=chance,
        distant_now=distant.estimate,
        distant_now_band=distant,
        involved_now={site: change.estimate for site, change in moved.items()},
        involved_now_bands=moved,
    )


def _changes(posterior: Posterior, other: Posterior, questions: Sequence[Question]) -> list[Band]:
    """Return the answers with the fact less those without it; 0 for what could be noise.

    The band is the spread of this difference over the parameter draws, as for an answer, about
    the whole difference: to that a fact adds by making some draws likelier than others.
    """
    pairs = [(posterior.answer(*q).estimate, other.answer(*q).estimate) for q in questions]
    change = np.array([a - b for a, b in pairs])
    error = _paired_error(posterior, other, questions, np.array(pairs))
    share, by_draw, noise = _by_draw(posterior, other, questions)
    found = spread_of(by_draw + (change - share @ by_draw), share, noise, error, (-1.0, 1.0))
    clear = np.abs(change) > _CLEAR * error
    return [
        Band(estimate=c, low=low, high=high)
        if is_clear
        else Band(estimate=0.0, low=min(low, 0.0), high=max(high, 0.0))
        for c, low, high, is_clear in zip(
            found.estimate.tolist(), found.low.tolist(), found.high.tolist(), clear, strict=True
        )
    ]


def _paired_error(
    posterior: Posterior, other: Posterior, questions: Sequence[Question], estimates: Floats
) -> Floats:
    """Return the standard error of differences, (K,): replicates share their random numbers.

    What one replicate adds to the error of a ratio (equation 16), less what it adds to that of
    the other; ``estimates`` are the two answers to each question, (K, 2).
    """
    gaps = []
    for p, estimate in zip((posterior, other), estimates.T, strict=True):
        part, whole = p.sums(questions).sum(axis=0), p.everybody.sum(axis=0)
        gaps.append((part - estimate * whole) / whole.sum())
    n = len(gaps[0])
    error: Floats = np.sqrt(n / (n - 1) * ((gaps[0] - gaps[1]) ** 2).sum(axis=0))
    return error


def _by_draw(
    posterior: Posterior, other: Posterior, questions: Sequence[Question]
) -> tuple[Floats, Floats, Floats]:
    """Return what each draw changes, (D, K), the draws' weights, and the noise in it, (K,).

    A draw has too few histories to tell its noise from their spread about its own average. What
    any two replicates have in common, about the average of all draws, is no noise.

    Returns
    -------
    share, by_draw, noise
        Weights of the draws in use for both, (D,); changes; simulation variance of a change.
    """
    _, mine, its = np.intersect1d(
        np.flatnonzero(posterior.draws_in_use),
        np.flatnonzero(other.draws_in_use),
        return_indices=True,
    )
    share = posterior.draw_weights()[mine]
    share = share / share.sum()
    with_it, gap_with = _gaps(posterior, questions, mine, share)
    without, gap_without = _gaps(other, questions, its, share)
    by_draw, gap = with_it - without, gap_with - gap_without
    n = gap.shape[1]
    squares = gap.sum(axis=1) ** 2
    common = share @ (n / (n - 1) * (squares - (gap**2).sum(axis=1)))
    spread = share @ squares
    return share, by_draw, np.clip(spread - common, 0.0, spread)


def _gaps(
    posterior: Posterior, questions: Sequence[Question], draws: NDArray[np.intp], share: Floats
) -> tuple[Floats, Floats]:
    """Return answers under some draws, (D, K), and their gaps by replicate, (D, R, K).

    The gaps of a draw add up to that of its answer from the average of all draws.
    """
    part, whole = posterior.sums(questions)[draws], posterior.everybody[draws]
    held = whole.sum(axis=1)
    by_draw: Floats = part.sum(axis=1) / held
    gaps: Floats = (part - (share @ by_draw) * whole) / held[:, None]
    return by_draw, gaps


def _chance(posterior: Posterior, other: Posterior) -> Band:
    """Return the probability of the finding, given all others."""
    chance = min(posterior.evidence() / other.evidence(), 1.0)
    # the two forms of inference may have been asked for unlike numbers of draws
    n_draws = min(posterior.n_draws, other.n_draws)
    mine, its = (p.tally.weight[:n_draws, :, None] / p.tally.paths for p in (posterior, other))
    found = shares_given(mine * (posterior.n_draws / other.n_draws), its)
    low, high = float(found.low[0]), float(found.high[0])
    return Band(estimate=chance, low=min(low, chance), high=max(high, chance))
