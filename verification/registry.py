"""The checks: what each claims, by what it is judged, and how large it must be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from tests.support import (
    graphs,
    identities,
    lattice_checks,
    population_checks,
    random_numbers,
    rescaling,
    twin_checks,
)
from tests.support.checks import LARGE, Examine, examine, frail, reference
from tests.support.faults import FAULTS
from tests.support.graphs import Features
from tests.support.statistics import Score, failures, identity, sample_size
from tests.support.subjects import Subject

from mesospread.model.load import disease, treatments
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, with_treatments
from verification import inference

#: two-sided chance of a false alarm per statistic: 1e-3 over about 10,000 of them
ALPHA = 1e-7
NAMED = Callable[[np.random.Generator], tuple[str, Subject]]


@dataclass(frozen=True)
class Check:
    """One entry of the registry.

    Attributes
    ----------
    id
        Stable name.
    claim
        What is claimed, in one sentence.
    reference
        The law, oracle or publication it is judged by.
    examine
        (subject, n, seed) -> scores.
    subjects
        Makes one named subject from a generator; random graphs are fresh in every run.
    n_subjects
        How many.
    n
        Patients per subject.
    smallest_error
        The smallest error it must see: relative, of a rate whose step everyone takes;
        None if any difference is one.
    """

    id: str
    claim: str
    reference: str
    examine: Examine
    subjects: NAMED
    n_subjects: int
    n: int
    smallest_error: float | None = None

    @property
    def decision(self) -> str:
        """How it is judged, in words."""
        if self.smallest_error is None:
            return "equal"
        return f"sees {self.smallest_error:.1%}"


def sampling(error: float) -> int:
    """Return the patients that show a relative error in a family of this size."""
    return sample_size(error, alpha=ALPHA)


def drawn(features: Features, months: float, person: bool = False) -> NAMED:
    """Return a maker of random graphs."""

    def make(rng: np.random.Generator) -> tuple[str, Subject]:
        number = int(rng.integers(1 << 31))
        fixed = graphs.PEOPLE[number % 3] if person else {}
        structure = graphs.random_structure(number, features)
        return f"graph {number}", Subject(structure, months, fixed)

    return make


def lattice_graph(rng: np.random.Generator) -> tuple[str, Subject]:
    """Draw a graph for the lattice, with covariates or with treatment."""
    if rng.random() < 0.5:
        return drawn(graphs.FOR_LATTICE, 30.0, person=True)(rng)
    return drawn(graphs.FOR_LATTICE_TREATED, 30.0)(rng)


def graph_with_arrivals(rng: np.random.Generator) -> tuple[str, Subject]:
    """Draw a graph for the lattice in which some process moves by chance alone."""
    while True:
        name, subject = lattice_graph(rng)
        if lattice_checks.moved_by_chance(subject.structure):
            return name, subject


def always(name: str, make: Callable[[], Subject]) -> NAMED:
    """Return a maker of one and the same subject."""
    return lambda rng: (name, make())


def pleural() -> Subject:
    """Return the shipped pleural disease, untreated."""
    return Subject(disease("pleural"), 240.0)


def treated_pleural(rng: np.random.Generator) -> tuple[str, Subject]:
    """Draw one or two lines of treatment for the shipped pleural disease."""
    library = treatments("pleural")
    names = rng.choice([t.name for t in library.treatment], size=2, replace=False)
    courses = [Course(str(names[0])), Course(str(names[1]), 12.0)][: int(rng.integers(1, 3))]
    structure: Structure = with_treatments(disease("pleural"), library, courses)
    return ", then ".join(c.name for c in courses), Subject(structure, 240.0)


def monotone_graph(rng: np.random.Generator) -> tuple[str, Subject]:
    """Draw a graph in which no level slows another."""
    features = Features(sites=(3, 5), covariates=True, frailty=True, death=False, monotone=True)
    return drawn(features, 36.0)(rng)


def generator(examine: Callable[[int, int], list[Score]]) -> Examine:
    """Wrap a check of the random numbers, which has no subject."""
    return lambda subject, n, seed: examine(n, seed)


def faults_are_caught(subject: Subject, n: int, seed: int) -> list[Score]:
    """Plant every fault; each check that must see it has to turn red.

    Sizes grow with ``n`` above ``LARGE``; they never fall below what the faults need.
    """
    scale = max(1.0, n / LARGE)
    scores = []
    for fault in FAULTS:
        for check in fault.caught_by:
            found = examine(check, seed, fault, scale)
            size = max(s.n for s in found)
            red = bool(failures(found))
            scores.append(identity(f"{fault.name}: {check}", red, size, "not noticed"))
    return scores


EVERYTHING = drawn(graphs.EVERYTHING, 36.0)
WITHOUT_ACTIONS = drawn(
    Features(sites=(3, 5), covariates=True, frailty=True, schedule="anchored"), 36.0
)
ANDERSON = "Anderson 2007, algorithm 3, in plain Python (exact.twin)"
LATTICE = "joint Markov chain, matrix exponential (exact.lattice)"
RESCALING = "time rescaling; martingales of counting processes"

REGISTRY = (
    Check(
        "random-numbers/uniform",
        "Keyed random numbers are uniform, whatever part of the key varies.",
        "uniform distribution",
        generator(random_numbers.uniformity), always("Philox4x32-10", reference), 1,
        sampling(0.005), 0.005,
    ),
    Check(
        "random-numbers/unrelated",
        "Random numbers of different seeds, streams, blocks, lanes and patients are unrelated.",
        "independence",
        generator(random_numbers.unrelatedness), always("Philox4x32-10", reference), 1,
        sampling(0.01), 0.01,
    ),
    Check(
        "twin/graphs",
        "The compiled kernel gives the event list of the plain twin on any graph.",
        ANDERSON, twin_checks.twin_agrees, drawn(graphs.AWKWARD, 48.0), 150, 100,
    ),
    Check(
        "twin/pleural",
        "So it does for the shipped pleural disease under one or two lines of treatment.",
        ANDERSON, twin_checks.twin_agrees, treated_pleural, 8, 100,
    ),
    Check(
        "lattice/dense",
        "The sparse lattice is the dense matrix exponential of the same hazards.",
        "scipy.linalg.expm",
        lattice_checks.dense_agreement, drawn(graphs.FOR_LATTICE, 30.0, person=True), 30, 1,
    ),
    Check(
        "lattice/states",
        "Simulated patients are in each joint state as often as the exact chain says.",
        LATTICE, lattice_checks.state_distribution, lattice_graph, 40, sampling(0.01), 0.01,
    ),
    Check(
        "lattice/arrivals",
        "Each level is first reached when the exact chain says, in mean and in distribution.",
        LATTICE, lattice_checks.first_arrivals, graph_with_arrivals, 30, sampling(0.01), 0.01,
    ),
    Check(
        "lattice/reference",
        "On the graph on which faults are planted, the same holds to half a per cent.",
        LATTICE,
        lambda *given: lattice_checks.state_distribution(*given)
        + lattice_checks.first_arrivals(*given),
        always("reference", reference), 1, sampling(0.005), 0.005,
    ),
    Check(
        "lattice/random-effects",
        "With a log-normal random effect the joint states are the mixture of chains.",
        LATTICE + ", Gauss-Hermite quadrature over the effect",
        lattice_checks.frailty_mixture, always("frail", frail), 1, sampling(0.01), 0.01,
    ),
    Check(
        "rescaling/graphs",
        "Integrated hazards between events are unit exponential and independent, on any graph.",
        RESCALING, rescaling.time_rescaling, EVERYTHING, 25, sampling(0.015), 0.015,
    ),
    Check(
        "rescaling/reference",
        "So they are on the graph on which faults are planted, to half a per cent.",
        RESCALING, rescaling.time_rescaling, always("reference", reference), 1,
        sampling(0.005), 0.005,
    ),
    Check(
        "rescaling/pleural",
        "So they are in the shipped pleural disease under treatment.",
        RESCALING, rescaling.time_rescaling, treated_pleural, 2, sampling(0.03), 0.03,
    ),
    Check(
        "population/pleural",
        "Patients of the shipped disease have the covariates its definition says.",
        "multinomial, truncated normal and normal distributions",
        population_checks.population, always("pleural", pleural), 1, sampling(0.01), 0.01,
    ),
    Check(
        "population/background-mortality",
        "Death from other causes follows the life table from each patient's own age.",
        "life table of the United Kingdom, Office for National Statistics 2018 to 2020",
        population_checks.background_mortality,
        always("background", population_checks.background_subject), 1, sampling(0.01), 0.01,
    ),
    Check(
        "invariance/blocks",
        "A cohort cut into blocks in any way has the same histories, to the last bit.",
        "itself", identities.any_blocks, EVERYTHING, 20, 5_000,
    ),
    Check(
        "invariance/threads",
        "So has a cohort followed in any number of threads.",
        "itself", identities.any_threads, EVERYTHING, 20, 5_000,
    ),
    Check(
        "invariance/one-more-patient",
        "One more patient changes nobody else; another seed changes all.",
        "itself", identities.one_more_patient, EVERYTHING, 20, 5_000,
    ),
    Check(
        "invariance/bystander",
        "A process that drives nobody changes no event of the others.",
        "itself", identities.bystander, EVERYTHING, 20, 500,
    ),
    Check(
        "common-random-numbers/idle",
        "A treatment that does nothing changes no event, to the last bit.",
        "itself", identities.idle_treatment, EVERYTHING, 20, 500,
    ),
    Check(
        "common-random-numbers/slower",
        "Slowing a step never makes it happen earlier, for anyone.",
        "itself", identities.slower_route, WITHOUT_ACTIONS, 20, 10_000,
    ),
    Check(
        "common-random-numbers/monotone",
        "Slowing everything makes nothing earlier where no level slows another.",
        "itself", identities.monotone_model, monotone_graph, 20, 10_000,
    ),
    Check(
        "inference/findings",
        "Answers about random patients with random diseases are exact to five stated errors.",
        LATTICE, inference.random_answers, inference.a_random_disease, 60, 4,
    ),
    Check(
        "inference/standard-errors",
        "Their errors are as large as they are stated to be, within 15 %.",
        LATTICE, generator(inference.stated_errors), always("random diseases", reference), 1,
        600, 0.5,
    ),
    Check(
        "inference/calibration",
        "Of what is said of simulated pleural patients with a chance p, a share p is true.",
        "simulation-based calibration (Talts et al. 2018), also by what was found",
        generator(inference.pleural_calibration), always("pleural", pleural), 1, 1_000, 0.25,
    ),
    Check(
        "faults/caught",
        "Every planted fault turns red each check that must see it.",
        f"{len(FAULTS)} planted faults",
        faults_are_caught, always("reference", reference), 1, LARGE,
    ),
)  # fmt: skip
