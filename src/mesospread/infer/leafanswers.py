"""Answer every question path by path, from solved leaves and the path of the core."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.combine import LeafAnswers, LeafArrays, LeafTerm, Mass
from mesospread.infer.leafwork import Floats, LeafModel
from mesospread.infer.questions import (
    CURVE_MONTHS,
    HORIZONS_MONTHS,
    NOT_OFFERED,
    ROUTES,
    Question,
)
from mesospread.kernels.histories import first_entries, route_shares

if TYPE_CHECKING:
    from mesospread.infer.factorised import Block, Factorised


@dataclass(frozen=True)
class Solved:
    """Everything known about the chosen paths of one draw.

    Attributes
    ----------
    run, block
        Whose they are.
    arrays, terms, sums
        Leaves, terms of the sum, and the sums.
    levels_now
        (n, P) core levels today (leaves at zero).
    grid
        (T,) months from today.
    """

    run: Factorised
    block: Block
    arrays: LeafArrays
    terms: list[LeafTerm]
    sums: LeafAnswers
    levels_now: NDArray[np.int8]
    grid: Floats

    @property
    def model(self) -> LeafModel:
        """The disease under this draw."""
        return self.block.model

    def share(self, part: Floats) -> Floats:
        """Return part / total path by path, 0 where the total is nothing."""
        total = self.sums.total
        safe = np.where(total > 0, total, 1.0)
        shape = (len(total), *([1] * (part.ndim - 1)))
        found: Floats = np.where((total > 0).reshape(shape), part / safe.reshape(shape), 0.0)
        return found

    def at(self, curve: Floats, months: Floats) -> Floats:
        """Read a curve over the grid (n, T), worth its value today at 0, at a time per path."""
        today = np.concatenate([self.sums.total[:, None], curve], axis=1)
        knots = np.concatenate([[0.0], self.grid])
        k = np.clip(np.searchsorted(knots, months, side="right") - 1, 0, knots.size - 2)
        part = np.clip((months - knots[k]) / (knots[k + 1] - knots[k]), 0.0, 1.0)
        rows = np.arange(len(today))
        read: Floats = today[rows, k] * (1 - part) + today[rows, k + 1] * part
        return read


def answer_all(s: Solved) -> dict[Question, Floats]:
    """Return the answer of each path to each question, (n,) per question."""
    answers = _sites(s)
    answers |= _stage(s)
    answers |= _scans(s, answers)
    answers |= _symptoms(s)
    alive = s.share(s.sums.alive)
    knots, curve = np.concatenate([[0.0], s.grid]), np.column_stack([np.ones(len(alive)), alive])
    for months in CURVE_MONTHS:
        answers["alive", months] = _interpolated(knots, curve, float(months))
    return answers


def _interpolated(knots: Floats, curve: Floats, at: float) -> Floats:
    k = int(np.clip(np.searchsorted(knots, at, side="right") - 1, 0, knots.size - 2))
    part = (at - knots[k]) / (knots[k + 1] - knots[k])
    # survival falls geometrically between two grid times
    low, high = np.maximum(curve[:, k], 1e-300), np.maximum(curve[:, k + 1], 1e-300)
    value: Floats = low ** (1 - part) * high**part
    return value


def _core_sites(s: Solved) -> Iterable[tuple[str, int]]:
    structure = s.run.timeline.structure
    leaves = set(s.run.leaf_names)
    for site in structure.of_role("site"):
        if site not in leaves:
            yield site, structure.position(site)


def _sites(s: Solved) -> dict[Question, Floats]:
    answers: dict[Question, Floats] = {}
    structure = s.run.timeline.structure
    horizon = {m: int(np.searchsorted(s.grid, m)) for m in HORIZONS_MONTHS}
    last = horizon[HORIZONS_MONTHS[-1]]
    core_first, seeded_at, found_at, shares = _core_history(s)
    free_of_core = _share_of_interval(s.grid, core_first)
    levels = s.share(s.sums.levels)
    found = np.cumsum(s.share(s.sums.found), axis=2)
    newest = s.share((s.sums.next * free_of_core[:, None])[:, :, : last + 1].sum(axis=2))
    involved_by_class = s.share(s.sums.tags + s.sums.seeded[..., : last + 1].sum(axis=3))
    for j, site in enumerate(s.run.leaf_names):
        names = structure.process(site).levels
        for level, name in enumerate(names):
            answers["now", site, name] = levels[:, j, level]
        answers["involved", site] = levels[:, j, 1:].sum(axis=1)
        already = levels[:, j, 2:].sum(axis=1)
        for months, t in horizon.items():
            answers["by", site, months] = already + found[:, j, t]
        answers["next", site] = newest[:, j]
        answers["seeded", site] = involved_by_class[:, j].sum(axis=1)
        for c, route in enumerate(ROUTES):
            answers["route", site, route] = involved_by_class[:, j, c]
    for column, (site, position) in enumerate(_core_sites(s)):
        now = s.levels_now[:, position]
        for level, name in enumerate(structure.process(site).levels):
            answers["now", site, name] = (now == level).astype(float)
        answers["involved", site] = (now >= 1).astype(float)
        for months in HORIZONS_MONTHS:
            answers["by", site, months] = _reached(s, found_at[:, column], months)
        is_first = (found_at[:, column] == core_first) & (core_first <= HORIZONS_MONTHS[-1])
        answers["next", site] = np.where(
            is_first & (core_first > 0), s.share(s.at(s.sums.first_core, core_first)), 0.0
        )
        seeded = _reached(s, seeded_at[:, column], HORIZONS_MONTHS[-1])
        answers["seeded", site] = seeded
        for c, route in enumerate(ROUTES):
            answers["route", site, route] = seeded * shares[:, column, c]
    return answers


def _reached(s: Solved, when: Floats, months: float) -> Floats:
    """Return P(a core step happens by then, alive), given when it would happen."""
    alive_then = s.share(s.at(s.sums.alive, np.clip(when, 0.0, s.grid[-1])))
    reached: Floats = np.where(when <= 0, 1.0, np.where(when <= months, alive_then, 0.0))
    return reached


def _share_of_interval(grid: Floats, until: Floats) -> Floats:
    """Return the share of each grid interval that lies before a time, (n, T)."""
    starts = np.concatenate([[0.0], grid[:-1]])
    limit = np.where(until > 0, until, np.inf)[:, None]
    share: Floats = np.clip((limit - starts) / (grid - starts), 0.0, 1.0)
    return share


def _core_history(s: Solved) -> tuple[Floats, Floats, Floats, Floats]:
    """Return, months from today: first core site newly found; seeding, finding; and routes.

    Shapes (n,), (n, K), (n, K), (n, K, C); infinite if never.
    """
    from mesospread.infer.leafwork import take

    block, tables = s.block, s.model.whole.tables
    events = take(block.paths, block.chosen)
    first_step = np.ascontiguousarray(tables.processes["first_step"])
    entered = first_entries(first_step, tables.steps.size, *events[:4])
    today = block.paths.diagnosed_months[block.chosen] + s.run.timeline.now_months
    positions = [position for _, position in _core_sites(s)]
    column_of_step = np.full(tables.steps.size, -1)
    for column, position in enumerate(positions):
        column_of_step[first_step[position]] = column
    rows = block.paths.rows[block.chosen]
    factors = np.ascontiguousarray(block.paths.patients.factors[rows])
    shares = route_shares(
        tables, *events[:4], factors, column_of_step, s.model.class_of_route,
        len(positions), s.model.n_classes,
    )  # fmt: skip
    steps = [first_step[position] for position in positions]
    since = np.nan_to_num(entered - today[:, None], nan=np.inf)
    seeded, found = since[:, steps], since[:, [k + 1 for k in steps]]
    new = np.where(found > 0, found, np.inf)
    first = new.min(axis=1, initial=np.inf)
    return first, seeded, found, shares


def _stage(s: Solved) -> dict[Question, Floats]:
    likelihood, structure = s.model.likelihood, s.run.timeline.structure
    answers: dict[Question, Floats] = {}
    for axis, process in (("t", likelihood.extent), ("n", likelihood.nodes)):
        for level, name in enumerate(structure.processes[process].levels):
            answers["true", axis, name] = (s.levels_now[:, process] == level).astype(float)
    distant = s.run.observation.distant_sites
    leaf = np.array([name in distant for name in s.run.leaf_names])
    deepest = np.zeros(len(s.levels_now), int)
    count = np.zeros(len(s.levels_now))
    for site, position in _core_sites(s):
        if site in distant:
            deepest = np.maximum(deepest, s.levels_now[:, position])
            count += s.levels_now[:, position] >= 1
    below = {
        top: np.where(deepest <= top, s.share(_all_below(s, leaf, top)), 0.0) for top in (0, 1)
    }
    answers["distant", "involved"] = 1.0 - below[0]
    answers["distant", "hidden"] = below[1] - below[0]
    answers["distant", "detectable"] = 1.0 - below[1]
    involved = s.share(s.sums.levels)[:, leaf, 1:].sum(axis=(1, 2))
    answers["distant", "sites"] = count + involved
    return answers


def _all_below(s: Solved, chosen: NDArray[np.bool_], top: int) -> Floats:
    """Return the probability that no chosen leaf is above a level, and all findings."""
    total = np.zeros(len(s.levels_now))
    everything = s.arrays.past.shape[4] - 1
    for term in s.terms:
        now = s.arrays.past[:, :, term.branch, :, everything] * term.factor[:, :, None]
        now = now.copy()
        now[:, chosen, :, top + 1 :] = 0.0
        mass = Mass(now[:, :, 0].sum(axis=2), now[:, :, 1].sum(axis=2))
        total += term.weight * mass.product()
    return total


def _scans(s: Solved, answers: dict[Question, Floats]) -> dict[Question, Floats]:
    likelihood, structure = s.model.likelihood, s.run.timeline.structure
    found: dict[Question, Floats] = {}
    for modality in likelihood.observation.modality:
        if modality.name in NOT_OFFERED:
            continue
        for site in structure.of_role("site"):
            if site not in modality.sensitivity and "default" not in modality.sensitivity:
                continue
            names = structure.process(site).levels
            now = np.column_stack([answers["now", site, name] for name in names])
            positive = likelihood.positive_by_level(modality, site)[: len(names)]
            found["scan", modality.name, site] = now @ positive
            found["found", modality.name, site] = now[:, 1:] @ positive[1:]
            found["missed", modality.name, site] = now[:, 1:] @ (1.0 - positive[1:])
    return found


def _symptoms(s: Solved) -> dict[Question, Floats]:
    """Ask which cause is at work: the cause alone is enough, so the symptom drops out."""
    likelihood = s.model.likelihood
    everything = s.arrays.past.shape[4] - 1
    answers: dict[Question, Floats] = {}
    for finding in s.run.present:
        symptom = likelihood.symptom[finding.name]
        quiet = s.run.quiet(likelihood, finding.name)
        core = likelihood.causes(symptom, s.levels_now)
        totals = {cause: np.zeros(len(s.levels_now)) for cause in core}
        for term in s.run.terms(s.block, s.levels_now, without=finding.name):
            now = s.arrays.past[:, :, term.branch, :, everything] * term.factor[:, :, None]
            mass = Mass(now[:, :, 0].sum(axis=2), now[:, :, 1].sum(axis=2))
            first, second = (term.weight[:, None] * x for x in mass.others())
            causing = now * (1.0 - quiet)[:, None]
            by_leaf = first * causing[:, :, 0].sum(axis=2) + second * causing[:, :, 1].sum(axis=2)
            whole = term.weight * mass.product()
            for cause, chance in core.items():
                if cause in s.run.leaf_names:
                    totals[cause] += by_leaf[:, s.run.leaf_names.index(cause)]
                else:
                    totals[cause] += whole * chance
        for cause, total in totals.items():
            answers["symptom", finding.name, cause] = s.share(total)
    return answers
