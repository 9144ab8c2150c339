"""All checks of the engine under short names, with the subject each is run on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.support import graphs, identities, lattice_checks, rescaling, twin_checks
from tests.support.faults import Fault
from tests.support.statistics import Score, sample_size
from tests.support.subjects import Subject

Examine = Callable[[Subject, int, int], list[Score]]


def reference() -> Subject:
    """Return the subject on which most faults are planted."""
    return Subject(graphs.reference_structure(), 30.0)


def frail() -> Subject:
    """Return a subject with a random effect."""
    return Subject(graphs.frail_structure(), 30.0)


def monotone() -> Subject:
    """Return a subject in which no level slows another."""
    features = graphs.Features(sites=(4, 4), death=False, monotone=True)
    return Subject(graphs.random_structure(5, features), 36.0)


@dataclass(frozen=True)
class Planted:
    """A check as it is used on planted faults.

    Attributes
    ----------
    examine
        The check.
    subject
        What it is run on.
    n
        Patients; a sampling check must see an error of 2 %.
    """

    examine: Examine
    subject: Callable[[], Subject]
    n: int


#: a level error of 2 % in a step that nearly everyone takes
LARGE = sample_size(0.02)

CHECKS = {
    "twin": Planted(twin_checks.twin_agrees, reference, 300),
    "states": Planted(lattice_checks.state_distribution, reference, LARGE),
    # a wait through several steps varies more than the step with the error
    "arrivals": Planted(lattice_checks.first_arrivals, reference, 2 * LARGE),
    "rescaling": Planted(rescaling.time_rescaling, reference, LARGE),
    "frailty": Planted(lattice_checks.frailty_mixture, frail, LARGE),
    "blocks": Planted(identities.any_blocks, reference, 2_000),
    "threads": Planted(identities.any_threads, reference, 2_000),
    "one more": Planted(identities.one_more_patient, reference, 2_000),
    "bystander": Planted(identities.bystander, reference, 500),
    "idle": Planted(identities.idle_treatment, reference, 500),
    "slower": Planted(identities.slower_route, reference, 2_000),
    "monotone": Planted(identities.monotone_model, monotone, 2_000),
}


def examine(check: str, seed: int, fault: Fault | None = None, scale: float = 1.0) -> list[Score]:
    """Run a check on its subject, sound or with a fault planted.

    Parameters
    ----------
    check
        Name in `CHECKS`.
    seed
        Of the random numbers.
    fault
        What to plant.
    scale
        Multiplies the sample sizes.
    """
    planned = CHECKS[check]
    subject, n = planned.subject(), round(scale * planned.n)
    if fault is None:
        return planned.examine(subject, n, seed)
    return planned.examine(fault.plant(subject), min(fault.larger * n, fault.at_most), seed)
