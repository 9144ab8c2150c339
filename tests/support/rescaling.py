"""Time rescaling: the integrated hazard between events of each step is unit exponential.

It needs no oracle and holds for any hazard. For patient ``i`` and step ``k`` let ``N``
count the events and ``L`` be the hazard integrated while the step could happen. Then
``N - L`` is a martingale, whatever ended the watch (the horizon, death, a set-back):

- level: the sum of ``N - L`` has mean 0 and variance the sum of ``L``;
- shape: so has the part of it in any range of the clock's own age; and when the clocks
  of all patients are laid end to end, the gaps between events are unit exponential;
- independence: products of ``N - L`` of two steps, or of two patients, have mean 0.

References
----------
Brown, Barbieri, Ventura, Kass, Frank (2002). The time-rescaling theorem and its
application to neural spike train data analysis. Neural Computation 14:325-346.
Aalen, Borgan, Gjessing (2008). Survival and event history analysis, section 2.2
(martingales of counting processes, orthogonality).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from mesospread.model.compiled import Numbers
from mesospread.model.definition import CategoricalEffect
from mesospread.model.parameters import central_values
from mesospread.model.population import Patients
from mesospread.model.structure import FlatRoute, Structure
from mesospread.simulate.batch import Batch
from tests.support.statistics import Floats, Score, kolmogorov_smirnov, normal, require_enough
from tests.support.subjects import Subject

#: steps with fewer expected events are pooled
MIN_EVENTS = 1_000
#: ages of a clock, in integrated hazard; fine near 0 for steps that are mostly cut short
AGES = np.array(
    [0.0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.5, np.inf]
)

Step = tuple[int, int]


@dataclass(frozen=True)
class Watches:
    """All stretches of time during which one step could happen.

    Attributes
    ----------
    patient
        (m,) number within the batch, ascending.
    integral
        (m,) hazard integrated over the stretch.
    happened
        (m,) 1 if the stretch ended with the step, 0 if with something else.
    """

    patient: NDArray[np.int64]
    integral: Floats
    happened: NDArray[np.int64]

    def residuals(self, n: int) -> Floats:
        """Return events minus integrated hazard of each patient, (n,)."""
        return np.bincount(self.patient, weights=self.happened - self.integral, minlength=n).astype(
            np.float64
        )


def time_rescaling(subject: Subject, n: int, seed: int) -> list[Score]:
    """Check level, shape and independence of all steps of a model.

    Raises
    ------
    NotEnough
        If all steps together have fewer than ``MIN_EVENTS`` events.
    """
    watches = watch(subject.structure, subject.run(seed, n))
    names = subject.structure.processes
    frequent = {k: w for k, w in watches.items() if w.integral.sum() >= MIN_EVENTS}
    rare = [w for k, w in watches.items() if k not in frequent]
    scores = []
    for (process, level), w in frequent.items():
        step = f"{names[process].name}.{names[process].levels[level + 1]}"
        scores += clock_scores(step, w)
    pooled = joined(rare)
    if pooled.integral.sum() >= MIN_EVENTS:
        scores += clock_scores("rare steps", pooled)
    require_enough(len(scores), 1, "steps with enough events")
    return scores + independence({k: w.residuals(n) for k, w in frequent.items()}, subject)


def clock_scores(step: str, w: Watches) -> list[Score]:
    """Return the level and shape scores of one step."""
    events, exposure = int(w.happened.sum()), float(w.integral.sum())
    counts = np.histogram(w.integral[w.happened == 1], AGES)[0]
    spent = np.diff([np.minimum(w.integral, age).sum() for age in AGES])
    enough = spent >= 20.0
    require_enough(int(enough.sum()), 2, f"{step}: ages of the clock")
    chi2 = float((((counts - spent) ** 2)[enough] / spent[enough]).sum())
    gaps = np.diff(np.cumsum(w.integral)[w.happened == 1], prepend=0.0)
    return [
        normal(f"rate of {step}", "level", (events - exposure) / math.sqrt(exposure), events),
        Score(
            f"rate of {step} by age of its clock",
            "shape",
            float(stats.chi2.sf(chi2, int(enough.sum()))),
            events,
        ),
        kolmogorov_smirnov(f"gaps of {step}", gaps, stats.expon.cdf),
    ]


def independence(residuals: Mapping[Step, Floats], subject: Subject) -> list[Score]:
    """Return whether clocks know of each other: those of two steps, of two neighbours."""
    processes = subject.structure.processes
    names = [f"{processes[p].name}.{processes[p].levels[level + 1]}" for p, level in residuals]
    table = np.array(list(residuals.values()))
    n = table.shape[1]
    scores = []
    for whose, one, other in (
        ("of one patient", table, table),
        ("of neighbours", table[:, :-1], table[:, 1:]),
    ):
        z = (one @ other.T) / np.sqrt((one**2) @ (other**2).T)
        pairs = itertools.product(range(len(names)), repeat=2)
        scores += [
            normal(f"{names[a]} and {names[b]} {whose}", "independence", float(z[a, b]), n)
            for a, b in pairs
            if a < b or whose == "of neighbours"
        ]
    return scores


def joined(watches: list[Watches]) -> Watches:
    """Lay the stretches of several steps end to end."""
    empty = Watches(np.empty(0, np.int64), np.empty(0), np.empty(0, np.int64))
    parts = [empty, *watches]
    return Watches(
        np.concatenate([w.patient for w in parts]),
        np.concatenate([w.integral for w in parts]),
        np.concatenate([w.happened for w in parts]),
    )


def watch(structure: Structure, batch: Batch) -> dict[Step, Watches]:
    """Integrate the hazard of every random step along simulated histories."""
    n = batch.patients.n
    offset, time, process, level = batch.events[:4]
    counts = np.diff(offset)
    routes = [(r, rate_factors(structure, r, batch.patients)) for r in structure.routes]
    levels = np.tile(np.array(structure.start_levels(), np.int64), (n, 1))
    integral = np.zeros(levels.shape)
    now = np.zeros(n)
    found: dict[Step, list[tuple[NDArray[np.int64], Floats, int]]] = {}
    scheduled = {(s.process, s.level) for s in structure.schedule}

    def close(who: NDArray[np.int64], p: NDArray[np.int64], happened: NDArray[np.bool_]) -> None:
        at = levels[who, p]
        for q, level_left, did in {*zip(p.tolist(), at.tolist(), happened.tolist(), strict=True)}:
            chosen = who[(p == q) & (at == level_left) & (happened == did)]
            parts = found.setdefault((q, level_left), [])
            parts.append((chosen, integral[chosen, q], int(did)))
        integral[who, p] = 0.0

    ended, _ = batch.end()
    for k in range(int(counts.max(initial=0)) + 1):
        alive = np.flatnonzero(counts >= k)
        going = counts[alive] > k
        event = np.minimum(offset[alive] + k, len(time) - 1)
        until = np.where(going, time[event], np.maximum(ended[alive], now[alive]))
        integral[alive] += hazards_at(routes, levels[alive], alive) * (until - now[alive])[:, None]
        at_once = until == now[alive]
        now[alive] = until
        who, p, to = alive[going], process[event][going].astype(np.int64), level[event][going]
        # an action happens at the very time of the scheduled step it belongs to
        happened = (to == levels[who, p] + 1) & ~at_once[going]
        close(who, p, happened)
        levels[who, p] = to
        for q in range(levels.shape[1]):
            last = alive[~going]
            close(last, np.full(len(last), q), np.zeros(len(last), bool))
    random = {(r.process, r.level) for r in structure.routes} - scheduled
    return {step: _sorted(found[step]) for step in sorted(random & found.keys())}


def _sorted(parts: list[tuple[NDArray[np.int64], Floats, int]]) -> Watches:
    patient = np.concatenate([who for who, _, _ in parts])
    integral = np.concatenate([x for _, x, _ in parts])
    happened = np.concatenate([np.full(len(who), did) for who, _, did in parts])
    order = np.argsort(patient, kind="stable")
    return Watches(patient[order], integral[order], happened[order])


def hazards_at(
    routes: list[tuple[FlatRoute, tuple[Floats, list[Floats]]]],
    levels: NDArray[np.int64],
    patients: NDArray[np.int64],
) -> Floats:
    """Return the hazard per month of the next step of every process, (m, P)."""
    out = np.zeros(levels.shape)
    for route, (factors, tables) in routes:
        here = np.flatnonzero(levels[:, route.process] == route.level)
        hazard = factors[patients[here]]
        for term, table in zip(route.terms, tables, strict=True):
            hazard = hazard * table[levels[here, term.parent]]
        out[here, route.process] += hazard
    return out


def rate_factors(
    structure: Structure, route: FlatRoute, patients: Patients
) -> tuple[Floats, list[Floats]]:
    """Return the rate of a route for every patient, and the multipliers of its parents.

    The formula of ``model.hazards``, once more and for many patients at once.
    """
    number = Numbers(structure, central_values(structure.parameters))
    definition = structure.definition
    rate = np.full(patients.n, number.rate_per_month(route))
    for name in route.covariates:
        effect = definition.effects[name]
        x = patients.covariates[effect.covariate]
        if isinstance(effect, CategoricalEffect):
            levels = definition.covariates[effect.covariate].levels  # type: ignore[union-attr]
            rate *= np.array([number(effect.ratios.get(k, 1.0)) for k in levels])[x]
        else:
            rate *= number(effect.ratio) ** ((x - effect.centre) / effect.per)
    for name, loading in route.frailty:
        log_sd = number(definition.frailty[name].log_sd)
        rate *= np.exp(number(loading) * log_sd * patients.frailty[name])
    return rate, [np.array([number(v) for v in term.values]) for term in route.terms]
