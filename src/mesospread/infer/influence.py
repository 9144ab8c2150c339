"""What pushed an answer up or down: the patient once more, with one finding left out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import Question
from mesospread.infer.result import Band, Influence
from mesospread.infer.spread import Floats, shares_given, simulation_variance, spread_of
from mesospread.infer.timeline import Timeline

#: standard errors from which on a change counts
_CLEAR = 2.0


def influences(
    timeline: Timeline,
    posterior: Posterior,
    infer: Callable[[Timeline], Posterior],
    progress: Callable[[float], None] = lambda share: None,
) -> list[Influence]:
    """Return what each scan, stage and symptom does to the answers, the strongest first.

    The same simulated histories stand behind both answers, so that their difference is
    sharper than the stated errors, which are taken as if they did not.

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
    """Return the answers with the finding less those without it; 0 for what could be noise.

    The band is the spread of this difference over the parameter draws, as for an answer, about
    the whole difference: to that a finding adds by making some draws likelier than others.
    """
    pairs = [(posterior.answer(*q), other.answer(*q)) for q in questions]
    change = np.array([a.estimate - b.estimate for a, b in pairs])
    error = np.array([np.hypot(a.standard_error, b.standard_error) for a, b in pairs])
    _, mine, its = np.intersect1d(
        np.flatnonzero(posterior.draws_in_use),
        np.flatnonzero(other.draws_in_use),
        return_indices=True,
    )
    with_it, noise_with = _by_draw(posterior, questions, mine)
    without, noise_without = _by_draw(other, questions, its)
    share = posterior.draw_weights()[mine]
    share = share / share.sum()
    by_draw = with_it - without
    found = spread_of(
        by_draw + (change - share @ by_draw),
        share,
        share @ (noise_with + noise_without),
        error,
        (-1.0, 1.0),
    )
    clear = np.abs(change) > _CLEAR * error
    return [
        Band(estimate=c, low=low, high=high)
        if is_clear
        else Band(estimate=0.0, low=min(low, 0.0), high=max(high, 0.0))
        for c, low, high, is_clear in zip(
            found.estimate.tolist(), found.low.tolist(), found.high.tolist(), clear, strict=True
        )
    ]


def _by_draw(
    posterior: Posterior, questions: Sequence[Question], draws: NDArray[np.intp]
) -> tuple[Floats, Floats]:
    """Return answers under some of the draws in use, (D, K), and their simulation variance."""
    by_draw = np.column_stack([posterior.per_draw(*question) for question in questions])
    noise = simulation_variance(posterior.sums(questions), posterior.everybody, by_draw)
    return by_draw[draws], noise[draws]


def _chance(posterior: Posterior, other: Posterior) -> Band:
    """Return the probability of the finding, given all others."""
    chance = min(posterior.evidence() / other.evidence(), 1.0)
    # the two forms of inference may have been asked for unlike numbers of draws
    n_draws = min(posterior.n_draws, other.n_draws)
    mine, its = (p.tally.weight[:n_draws, :, None] / p.tally.paths for p in (posterior, other))
    found = shares_given(mine * (posterior.n_draws / other.n_draws), its)
    low, high = float(found.low[0]), float(found.high[0])
    return Band(estimate=chance, low=min(low, chance), high=max(high, chance))
