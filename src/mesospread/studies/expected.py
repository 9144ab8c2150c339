"""What the model says to studies with death averaged out: the Rao-Blackwellised form.

Every statistic of a study has one. `mesospread.studies.predict` draws when each life ends;
here each life is weighed by its chance to be alive. Both must agree within their errors.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from mesospread.model.parameters import Values
from mesospread.studies import statistics
from mesospread.studies.averaged import AveragedLives
from mesospread.studies.predict import (
    FOLLOW_UP_MONTHS,
    MIN_EFFECTIVE_LIVES,
    Entered,
    Predicted,
    Protocols,
    chance,
    chosen,
    enter,
)
from mesospread.studies.protocol import Group, Result, Seen
from mesospread.studies.unstated import AS_ASSUMED, drawn

Floats = NDArray[np.float64]

#: lives are parted into so many groups; leaving out each in turn gives the error
GROUPS = 20
#: a median later than this is not looked for
_LATEST_MONTHS = 240.0
#: from here on steps are longer, for medians only
_FINE_UNTIL_MONTHS = 60.0
_COARSE_STEP_MONTHS = 3.0
#: looks at a life whose time of death is not known
_LOOKS = 16
#: spreads them over the lives; not the ratio that spreads the times of entry
_SPREAD = 0.4142135623730950
#: lives whose chances over time are held in memory at once
_BLOCK = 1_000


class ExpectedProtocols(Protocols):
    """Some studies, as `Protocols`, predicted with death averaged out."""

    def predict(
        self, values: Values, seed: int, unstated: int | None = None
    ) -> dict[str, Predicted]:
        """Return what the model says to every figure; see `Protocols.predict`."""
        lives = {
            regime: AveragedLives(plan, self.observation, values, seed=seed, n=self.n)
            for regime, plan in self.plans.items()
        }
        found = {}
        for study in self.studies:
            departure = AS_ASSUMED if unstated is None else drawn(study, unstated)
            entered = enter(study, lives, departure)
            arms = {name: _alive_at_entry(arm) for name, arm in entered.items()}
            for result in study.result:
                found[f"{study.study}/{result.id}"] = expected_result(result, arms)
        return found


def expected_result(result: Result, arms: Mapping[str, Entered]) -> Predicted:
    """Return what the lives of a study say to one of its figures.

    The error is that of a jackknife over groups of lives: the same lives under another
    treatment are left out together.

    Parameters
    ----------
    result
        The figure.
    arms
        Of `AveragedLives`, weighed by the chance to be alive at entry.
    """
    if result.statistic == "proportion":
        counted = sum(_counted(result, arm) for arm in chosen(arms, result.among))
        found = _jackknifed(np.asarray(counted), _ratio)
    elif result.statistic == "hazard_ratio":
        found = _hazard_ratio(result, arms)
    else:
        found = _survival(result, arms)
    return found if result.intervals is not None else Predicted(found.value, found.error)


def _hazard_ratio(result: Result, arms: Mapping[str, Entered]) -> Predicted:
    assert result.against is not None
    until = result.months or FOLLOW_UP_MONTHS
    ends = _grid(until)
    tables = [_deaths(result, arms, group, ends) for group in (result.among, result.against)]

    def log_ratio(table: Floats) -> Floats:
        first, second = (_as_lives(part, ends)[:2] for part in table)
        return np.log([statistics.hazard_ratio(first, second, until)[0]])

    log = _jackknifed(np.stack(tables, axis=1), log_ratio)
    return Predicted(float(np.exp(log.value)), log.error)


def _survival(result: Result, arms: Mapping[str, Entered]) -> Predicted:
    if result.statistic == "median_months":
        late = np.arange(_FINE_UNTIL_MONTHS, _LATEST_MONTHS, _COARSE_STEP_MONTHS)
        ends = np.append(_grid(_FINE_UNTIL_MONTHS), late + _COARSE_STEP_MONTHS)
        table = _deaths(result, arms, result.among, ends)
        return _jackknifed(table, lambda part: _median(part, ends))
    at = result.intervals.to_months if result.intervals else (result.months or 0.0,)
    ends = _grid(at[-1], at)
    table = _deaths(result, arms, result.among, ends)

    def alive(part: Floats) -> Floats:
        weight, months, of_disease = _as_lives(part, ends)
        if weight.sum() <= 0:
            return np.full(len(at), np.nan)
        if result.statistic == "net_alive_at":
            return np.array([statistics.alive_at(weight, months, of_disease, at[-1])[0]])
        return statistics.alive_at_ends(weight, months, at)[0]

    return _jackknifed(table, alive)


def _median(table: Floats, ends_months: Floats) -> Floats:
    """Return when half have died; NaN if that is not seen."""
    dead, total = np.cumsum(table[:2].sum(axis=0)), table.sum()
    if total <= 0 or dead[-1] < total / 2.0:
        return np.array([np.nan])
    half: Floats = np.interp([total / 2.0], np.append(0.0, dead), np.append(0.0, ends_months))
    return half


def _jackknifed(by_group: Floats, figure: Callable[[Floats], Floats]) -> Predicted:
    """Return a figure of sums over lives; of several numbers the last is the value.

    Parameters
    ----------
    by_group
        (GROUPS, ...) the sums of each group.
    figure
        Of the sums of all.

    References
    ----------
    Efron, Stein (1981), doi 10.1214/aos/1176345462.
    """
    total = by_group.sum(axis=0)
    numbers = figure(total)
    without = np.array([figure(total - part) for part in by_group])
    scatter = ((without - without.mean(axis=0)) ** 2).sum(axis=0)
    errors = np.sqrt((GROUPS - 1) / GROUPS * scatter)
    curve, each = tuple(numbers.tolist()), tuple(errors.tolist())
    return Predicted(curve[-1], each[-1], curve, each)


def _ratio(sums: Floats) -> Floats:
    with np.errstate(invalid="ignore"):
        return np.array([sums[0] / sums[1]])


def _averaged(arm: Entered) -> AveragedLives:
    assert isinstance(arm.lives, AveragedLives)
    return arm.lives


def _alive_at_entry(arm: Entered) -> Entered:
    """Return an arm weighed by the chance to be alive at entry; its share stays."""
    lives = _averaged(arm)
    weight = arm.weight * lives.alive(np.arange(lives.n), arm.entry_months[:, None])[:, 0]
    total = weight.sum()
    if total <= 0 or total**2 < MIN_EFFECTIVE_LIVES * (weight**2).sum():
        return replace(arm, weight=np.zeros(lives.n))
    return replace(arm, weight=weight * (arm.weight.sum() / total))


def _by_group(numbers: NDArray[np.int64], columns: Floats) -> Floats:
    """Return sums over the lives of each group, (k, T) to (GROUPS, T).

    By the number of the life, so that it falls into the same group under any treatment.
    """
    member = np.arange(GROUPS)[:, None] == numbers % GROUPS
    sums: Floats = member.astype(np.float64) @ columns
    return sums


def _counted(result: Result, arm: Entered) -> Floats:
    """Return the weight of those who count and of all, by group, (GROUPS, 2)."""
    weight = arm.among(result.among)
    seen = result.seen
    if seen is None or seen.at == "entry":
        share = chance(result, arm)
    elif seen.at == "course":
        share = _in_course(seen, arm)
    else:
        share = _at_or_before_death(seen, arm)
    return _by_group(arm.lives.rows, np.column_stack([weight * share, weight]))


def _in_course(look: Seen, arm: Entered) -> Floats:
    """Return the chance that one of the examinations before death finds something, (k,)."""
    lives = _averaged(arm)
    visits = np.arange(0.0, look.until_months + 1e-9, look.every_months)
    months = arm.entry_months[:, None] + visits
    missed = lives.not_found(look.sites, look.by, lives.levels_at_visits(months), arm.eyes)
    alive = lives.alive(np.arange(lives.n), months)
    before = np.cumprod(np.column_stack([np.ones(lives.n), missed[:, :-1]]), axis=1)
    # alive at the visit, nothing found before it, something found at it
    found: Floats = (alive / alive[:, :1] * before * (1.0 - missed)).sum(axis=1)
    return found


def _at_or_before_death(look: Seen, arm: Entered) -> Floats:
    """Return the chance that a look at death, or at some time before it, finds something, (k,).

    A look after death finds what was there at death.
    """
    lives = _averaged(arm)
    months = _deaths_of_each(arm)
    if isinstance(look.at, float | int):
        months = np.minimum(months, arm.entry_months[:, None] + look.at)
    missed = lives.not_found(look.sites, look.by, lives.levels_at_visits(months), arm.eyes)
    found: Floats = 1.0 - missed.mean(axis=1)
    return found


def _deaths_of_each(arm: Entered) -> Floats:
    """Return times of death after diagnosis, spread over the chances of each life, (k, looks)."""
    lives = _averaged(arm)
    since = np.concatenate([np.arange(0.0, 60.0, 0.5), np.arange(60.0, 500.0, 5.0)])
    shift = ((lives.rows + 1) * _SPREAD) % 1.0
    months = np.empty((lives.n, _LOOKS))
    for rows in _blocks(lives.n):
        when = arm.entry_months[rows, None] + since
        dead = 1.0 - _given_entry(arm, rows, when)
        for k, row in enumerate(rows):
            wanted = (np.arange(_LOOKS) + shift[row]) / _LOOKS
            months[row] = np.interp(wanted, dead[k], when[k])
    return months


def _given_entry(arm: Entered, rows: NDArray[np.int64], months: Floats) -> Floats:
    """Return the chance to be alive at times after diagnosis, alive at entry, (k, T)."""
    disease, other = _since_entry(arm, rows, months)
    alive: Floats = np.exp(-disease - other)
    return alive


def _since_entry(arm: Entered, rows: NDArray[np.int64], months: Floats) -> tuple[Floats, Floats]:
    """Return the hazard of the disease and of other causes since entry, (k, T) each."""
    lives, entry = _averaged(arm), arm.entry_months[rows, None]
    disease, other = lives.accumulated(rows, np.maximum(months, entry))
    disease_0, other_0 = lives.accumulated(rows, entry)
    return disease - disease_0, other - other_0


def _blocks(n: int) -> list[NDArray[np.int64]]:
    return np.array_split(np.arange(n), max(1, -(-n // _BLOCK)))


def _grid(until_months: float, also: tuple[float, ...] = ()) -> Floats:
    """Return the ends of the steps, months after the origin."""
    steps = np.arange(1, round(until_months / statistics.STEP_MONTHS) + 1)
    ends: Floats = np.union1d(steps * statistics.STEP_MONTHS, np.array(also))
    return ends[ends <= until_months]


def _deaths(
    result: Result, arms: Mapping[str, Entered], group: Group, ends_months: Floats
) -> Floats:
    """Return expected deaths in each step, by group of lives, (GROUPS, 3, T).

    Of the disease, of other causes, and, in the last step of the third row, who lives on.
    """
    table = np.zeros((GROUPS, 3, ends_months.size))
    for arm in chosen(arms, group):
        weight = arm.among(group)
        start = result.since_months + (arm.entry_months if result.origin == "entry" else 0.0)
        start = np.broadcast_to(start, weight.shape)
        for rows in _blocks(weight.size):
            when = start[rows, None] + np.concatenate([[0.0], ends_months])
            parts = weight[rows, None, None] * _steps(*_since_entry(arm, rows, when))
            sums = _by_group(arm.lives.rows[rows], parts.reshape(rows.size, -1))
            table += sums.reshape(table.shape)
    return table


def _steps(disease: Floats, other: Floats) -> Floats:
    """Return the chance to die in each step, of what, and to live on, (k, 3, T)."""
    alive = np.exp(-disease - other)
    dying = alive[:, :-1] - alive[:, 1:]
    of_disease, of_all = np.diff(disease, axis=1), np.diff(disease + other, axis=1)
    # within a step both hazards keep their proportion
    share = np.divide(of_disease, of_all, out=np.zeros_like(of_all), where=of_all > 0)
    left = np.zeros_like(dying)
    left[:, -1] = alive[:, -1]
    return np.stack([dying * share, dying * (1.0 - share), left], axis=1)


def _as_lives(table: Floats, ends_months: Floats) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """Return a table of deaths as weighted lives: weights, months, whether of the disease.

    A death within a step stands just before its end.
    """
    before = np.nextafter(ends_months, 0.0)
    weight = np.concatenate([table[0], table[1], table[2, -1:]])
    months = np.concatenate([before, before, [2.0 * ends_months[-1]]])
    of_disease = np.arange(weight.size) < ends_months.size
    return np.maximum(weight, 0.0), months, of_disease
