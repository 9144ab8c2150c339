"""What pushed an answer up or down: the patient once more, with one finding left out."""

from __future__ import annotations

from collections.abc import Callable

from mesospread.infer.posterior import Posterior
from mesospread.infer.result import Influence
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
    for place, label in enumerate(labels):
        other = infer(timeline.without(place))
        found.append(
            Influence(
                finding=label,
                chance=min(posterior.evidence() / other.evidence(), 1.0),
                distant_now=_change(posterior, other, "distant", "involved") or 0.0,
                involved_now={
                    site: change
                    for site in timeline.structure.of_role("site")
                    if (change := _change(posterior, other, "involved", site)) is not None
                },
            )
        )
        progress((place + 1) / len(labels))
    return sorted(found, key=lambda i: -sum(abs(c) for c in i.involved_now.values()))


def _change(posterior: Posterior, other: Posterior, *question: str) -> float | None:
    """Return with the finding less without it, or None if it could be noise."""
    a, b = posterior.answer(*question), other.answer(*question)
    change = a.estimate - b.estimate
    error = (a.standard_error**2 + b.standard_error**2) ** 0.5
    return change if abs(change) > _CLEAR * error else None
