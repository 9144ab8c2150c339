"""The simulator against the exact lattice: where patients are, and when they got there."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass

import numpy as np
from scipy.interpolate import BarycentricInterpolator
from scipy.linalg import expm

from mesospread.exact.lattice import Lattice, build_lattice
from mesospread.model.hazards import Person, PlainHazards
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch
from tests.support.rescaling import hazards_at, rate_factors
from tests.support.statistics import (
    Floats,
    NotEnough,
    Score,
    binomial,
    chi_square,
    identity,
    kolmogorov_smirnov,
    normal,
    require_enough,
)
from tests.support.subjects import Subject

#: a first arrival is tested if at least this many patients should get there
MIN_ARRIVALS = 2_000
#: nodes of the quadrature and interpolation on each piece of time
NODES = 16
#: months after the start and after each scheduled time at which a new piece begins: a
#: rate may be as high as 40 a month
PIECES = (0.05, 0.2, 0.6, 1.5, 4.0, 10.0)
#: largest error of the interpolated distribution function, far below 1 / sqrt(n)
SMOOTH = 1e-6


def lattice_of(subject: Subject) -> Lattice:
    """Return the exact chain of a subject's patients (without random effects)."""
    person = Person(covariates=dict(subject.fixed))
    return build_lattice(PlainHazards(subject.structure, person))


def state_distribution(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare the joint state at several times: cell by cell, and level by level."""
    times = subject.horizon_months * np.array([0.1, 0.25, 0.5, 0.75, 1.0])
    lattice = lattice_of(subject)
    return compare_states(
        lattice.states, lattice.distribution(times.tolist()), times, subject.run(seed, n)
    )


def compare_states(
    states: np.ndarray, exact: Floats, times_months: Floats, batch: Batch
) -> list[Score]:
    """Compare joint states of a batch with exact probabilities.

    Parameters
    ----------
    states
        (N, P) joint states.
    exact
        (T, N) their probabilities.
    times_months
        (T,) ascending.
    batch
        The simulation.
    """
    n = batch.patients.n
    processes = batch.compiled.structure.processes
    seen = batch.states_at(np.tile(times_months, (n, 1)))
    shape = [len(p.levels) for p in processes]
    cell_of_state = np.ravel_multi_index(tuple(states.T), shape)
    scores = []
    for t, month in enumerate(times_months):
        cells = np.ravel_multi_index(tuple(seen[:, t].T.astype(np.int64)), shape)
        counts = np.bincount(cells, minlength=math.prod(shape))[cell_of_state]
        name = f"joint state at {month:.3g} months"
        if exact[t].max() > 1.0 - 1e-12:
            scores.append(identity(name, counts[exact[t].argmax()] == n, n, "not all in one state"))
        else:
            scores.append(chi_square(name, counts, exact[t]))
        for p, process in enumerate(processes):
            for level in range(1, len(process.levels)):
                probability = min(float(exact[t][states[:, p] >= level].sum()), 1.0)
                hits = int((seen[:, t, p] >= level).sum())
                name = f"{process.name}.{process.levels[level]} at {month:.3g} months"
                try:
                    scores.append(binomial(name, hits, n, probability))
                except NotEnough:
                    # rare or sure: the joint state, with merged cells, looks at these
                    continue
    return scores


@dataclass(frozen=True)
class Arrival:
    """The exact distribution of a first arrival, censored at the horizon.

    Attributes
    ----------
    edges
        Months between which it is smooth, from 0 to the horizon.
    nodes
        (pieces, NODES) months.
    values
        (pieces, NODES) probability of having arrived by then.
    weights
        (pieces, NODES) of the quadrature.
    at_horizon
        Probability of having arrived by the horizon.
    """

    edges: Floats
    nodes: Floats
    values: Floats
    weights: Floats
    at_horizon: float

    def cdf(self, months: Floats) -> Floats:
        """Return the probability of having arrived by ascending times."""
        out = np.empty(len(months))
        cuts = np.searchsorted(months, self.edges)
        cuts[0], cuts[-1] = 0, len(months)
        for piece, (start, end) in enumerate(itertools.pairwise(cuts)):
            smooth = BarycentricInterpolator(self.nodes[piece], self.values[piece])
            out[start:end] = smooth(months[start:end])
        return out

    def moments(self) -> tuple[float, float]:
        """Return mean and variance of the time of arrival or the horizon, whichever is first."""
        not_yet = self.weights * (1.0 - self.values)
        mean = float(not_yet.sum())
        return mean, float((2.0 * self.nodes * not_yet).sum()) - mean**2


def moved_by_chance(structure: Structure) -> list[int]:
    """Return the processes that follow no schedule and on which no intervention acts."""
    acted = {a.process for s in structure.schedule for a in s.actions}
    left_out = acted | {s.process for s in structure.schedule}
    return [p for p in range(len(structure.processes)) if p not in left_out]


def exact_arrivals(subject: Subject) -> dict[str, Arrival]:
    """Return the distribution of every first arrival that happens by chance.

    Only of processes that are `moved_by_chance`: the levels of the others are not first
    reached by a step alone.
    """
    structure, lattice = subject.structure, lattice_of(subject)
    appointments = sorted(
        {lattice.hazards.number(s.delay_months or 0.0) for s in structure.schedule}
    )
    begun = {0.0, *appointments}
    inner = sorted(begun | {t + piece for t in begun for piece in PIECES})
    edges = np.array([t for t in inner if t < subject.horizon_months] + [subject.horizon_months])
    x, w = np.polynomial.legendre.leggauss(NODES)
    half = np.diff(edges)[:, None] / 2.0
    nodes = edges[:-1, None] + half * (x + 1.0)
    between = edges[:-1] + 0.3 * np.diff(edges)
    times = np.concatenate([nodes.ravel(), between, [subject.horizon_months]])
    order = np.argsort(times)
    exact = np.empty((len(times), len(lattice.states)))
    exact[order] = lattice.distribution(times[order].tolist())
    arrivals = {}
    for p in moved_by_chance(structure):
        process = structure.processes[p]
        for level in range(structure.start_levels()[p] + 1, len(process.levels)):
            above = lattice.marginal(exact, process.name, level)
            arrival = Arrival(
                edges, nodes, above[: nodes.size].reshape(nodes.shape), half * w, float(above[-1])
            )
            error = abs(arrival.cdf(between) - above[nodes.size : -1]).max()
            if not error < SMOOTH:
                raise ArithmeticError(f"the interpolation is off by {error:.2g}")
            arrivals[f"{process.name}.{process.levels[level]}"] = arrival
    return arrivals


def first_arrivals(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare first arrivals: the mean wait (level), and the distribution (shape).

    Raises
    ------
    NotEnough
        If fewer than half of the arrivals are frequent enough to be tested.
    """
    arrivals = exact_arrivals(subject)
    batch = subject.run(seed, n)
    column = {name: k for k, name in enumerate(batch.compiled.step_names())}
    entries = batch.first_entries()
    frequent = {k: a for k, a in arrivals.items() if a.at_horizon * n >= MIN_ARRIVALS}
    require_enough(len(frequent), max(len(arrivals) / 2.0, 1), f"arrivals of {MIN_ARRIVALS}")
    scores = []
    for name, arrival in frequent.items():
        times = entries[:, column[name]]
        arrived = times[~np.isnan(times)]
        mean, variance = arrival.moments()
        wait = np.where(np.isnan(times), subject.horizon_months, times)
        z = float(wait.sum() - n * mean) / math.sqrt(n * variance)
        scores.append(normal(f"mean wait for {name}", "level", z, len(arrived)))
        scores.append(kolmogorov_smirnov(f"first arrival {name}", arrived, arrival.cdf, n))
    return scores


def frailty_mixture(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare joint states with the lattice averaged over one log-normal random effect."""
    (name,) = subject.structure.definition.frailty
    scores, weights = np.polynomial.hermite_e.hermegauss(40)
    times = subject.horizon_months * np.array([0.25, 0.5, 1.0])
    lattice = lattice_of(subject)
    exact = np.zeros((len(times), len(lattice.states)))
    for score, weight in zip(scores, weights / weights.sum(), strict=True):
        person = Person(covariates=dict(subject.fixed), frailty={name: float(score)})
        lattice = build_lattice(PlainHazards(subject.structure, person))
        exact += weight * lattice.distribution(times.tolist())
    return compare_states(lattice.states, exact, times, subject.run(seed, n))


def dense_agreement(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare the lattice of an untreated graph with a dense matrix exponential.

    The generator is built once more, from the other writing of the hazard formula
    (`rescaling.hazards_at`), and exponentiated whole.
    """
    structure, lattice = subject.structure, lattice_of(subject)
    patients = subject.run(seed, n).patients
    routes = [(r, rate_factors(structure, r, patients)) for r in structure.routes]
    shape = [len(p.levels) for p in structure.processes]
    states = np.array(list(itertools.product(*map(range, shape))))
    rates = hazards_at(routes, states, np.zeros(len(states), np.int64))
    for p, process in enumerate(structure.processes):
        if process.terminal:
            rates[states[:, p] == shape[p] - 1] = 0.0
    generator = np.zeros((len(states), len(states)))
    for i, p in itertools.product(range(len(states)), range(len(shape))):
        if states[i, p] + 1 < shape[p]:
            to = states[i] + np.eye(len(shape), dtype=np.int64)[p]
            generator[np.ravel_multi_index(tuple(to), shape), i] += rates[i, p]
            generator[i, i] -= rates[i, p]
    start = np.zeros(len(states))
    start[np.ravel_multi_index(structure.start_levels(), shape)] = 1.0
    times = subject.horizon_months * np.array([0.0, 0.02, 0.1, 0.4, 1.0])
    exact = lattice.distribution(times.tolist())
    dense = np.array([expm(generator * t) @ start for t in times])
    worst = float(abs(exact - dense).max())
    return [
        identity("the same states", states.tolist() == lattice.states.tolist(), len(states)),
        identity("dense exponential", worst < 1e-11, dense.size, f"differs by {worst:.3g}"),
        identity("sums to one", abs(exact.sum(axis=1) - 1.0).max() < 1e-11, len(times)),
    ]
