"""One round of histories: simulate the core, weigh, choose, solve the leaves.

Many core histories are simulated (cheap) and weighed by all that does not depend on the
leaves: extent, nodes, findings at sites of the core, survival. A systematic sample of
them, in proportion to that weight, then has its leaves solved exactly (dear). Where the
leaves decide what a history weighs, those of them are followed first (in between).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.core import CoreHistories, CoreModel, simulate_core
from mesospread.infer.factorise import split
from mesospread.infer.facts import TIMES_M0, LeafFacts
from mesospread.infer.likelihood import Floats, Likelihood
from mesospread.infer.masses import Column, Masses, grid_months
from mesospread.infer.points import Block
from mesospread.infer.posterior import REPLICATES, Tally
from mesospread.infer.questions import Question
from mesospread.infer.sampling import defended, systematic_sample
from mesospread.infer.timeline import Timeline
from mesospread.kernels.chains import Facts
from mesospread.kernels.solve import solve_paths
from mesospread.kernels.telling import chance_of_leaves
from mesospread.model.definition import Parameter
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.model.structure import Structure

Ints = NDArray[np.int64]

#: rough chances that no leaf brings a symptom on, and that staging finds none of them: they
#: only decide which core histories are worth solving, not what comes out
_LEAVES_SILENT, _LEAVES_NOT_FOUND = 0.95, 0.85
#: months from today at which core histories are told apart when they are put in order
_SORTED_BY_MONTHS = (6.0, 24.0)
#: with more symptoms that are there, simulating all sites is faster than solving them
MOST_PRESENT = 5
#: times as many histories as are solved, of which the telling leaves are followed first
_FEW = 4
#: effective share of the solved histories below which a guess of their weights is not enough
_GOOD_GUESS = 0.75


@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Attributes
    ----------
    draws
        Parameter draws averaged over.
    core_paths
        Core histories per draw in the first round.
    leaf_paths
        Core histories in the first round, over all draws, whose leaves are solved.
    standard_error
        Simulation error of every probability of spread at which to stop.
    too_few
        Effective sample size below which no answer is given.
    max_rounds
        Times as many histories as in the first round after which to stop.
    """

    draws: int = 200
    core_paths: int = 192
    leaf_paths: int = 3_000
    standard_error: float = 0.005
    too_few: float = 200.0
    max_rounds: int = 40


@lru_cache(maxsize=8)
def _drawn(parameters: tuple[tuple[str, Parameter], ...], n_draws: int) -> Mapping[str, Floats]:
    """Return the draws of parameters: the same for all patients with one disease."""
    spread = ranges(dict(parameters))
    drawn = np.ascontiguousarray(spread.draws(DRAWS_SEED, 0, n_draws).T)
    drawn.setflags(write=False)
    return MappingProxyType(dict(zip(spread.names, drawn, strict=True)))


@dataclass
class Run:
    """Everything about one patient that stays the same from round to round."""

    timeline: Timeline
    observation: ObservationModel
    seed: int
    effort: Effort
    life_table: str
    prognosis: bool
    options: tuple[Structure, ...]
    questions: dict[Question, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        structure = self.timeline.structure
        self.facts = LeafFacts(self.timeline, self.observation, split(structure))
        self.likelihood = Likelihood(structure, self.observation, self._values(structure))
        self.model = self._model(structure)
        self.masses = Masses(self.facts, self.model, self.likelihood, self.prognosis)
        self.choices = [self._model(option) for option in self.options]
        found = any(f.positive for f in self.facts.on_leaves)
        self.guess_is_enough = not found and self.facts.m_categories != {"M1"}

    def _values(self, structure: Structure) -> Mapping[str, Floats]:
        """Return the draws of all parameters, (D,) each."""
        parameters = {**structure.parameters, **self.observation.parameters}
        return _drawn(tuple(parameters.items()), self.effort.draws)

    def _model(self, structure: Structure) -> CoreModel:
        own = self.facts.split if structure is self.timeline.structure else split(structure)
        values = self._values(structure)
        until = self.timeline.now_months + grid_months(self.prognosis)[-1]
        return CoreModel(own, values, self.effort.draws, until)

    def can_be_split(self) -> bool:
        """Return whether there are leaves, a diagnosis without them, and few present symptoms."""
        few = len(self.facts.present) <= MOST_PRESENT
        return few and bool(self.model.split.leaves) and self.model.tables.core_detection.size > 0

    def round(self, done: int, n_each: int) -> Tally:
        """Simulate, weigh, choose and solve one round of histories.

        Parameters
        ----------
        done
            Histories per draw before this round.
        n_each
            Histories per draw in it.
        """
        draws = self.effort.draws
        block = Block(self.seed, draws * done, draws, n_each, REPLICATES)
        histories = self._simulate(self.model, block)
        rows = np.flatnonzero(histories.survival > 0)
        coefficient, factors = self._weigh(histories, rows)
        chosen, scale = self._choose(histories, rows, coefficient, block)
        coefficient = coefficient[chosen]
        factors = [(place, factor[chosen]) for place, factor in factors]
        rows = rows[chosen]
        if not self.options:
            sums, squares = self._solve(self.masses, histories, rows, coefficient, factors, scale)
            columns: Iterable[Column] = self.masses.everything(sums)
        else:
            columns, sums, squares = self._compare(block, rows, coefficient, factors, scale)
        if squares > 0:
            effective = sums[..., 0].sum() ** 2 / squares
            self.guess_is_enough &= bool(effective >= _GOOD_GUESS * rows.size)
        return self._tally(columns, sums, squares, factors, block)

    def _simulate(self, model: CoreModel, block: Block) -> CoreHistories:
        return simulate_core(
            model,
            block,
            self.model.names(self.timeline.fixed),
            now_months=self.timeline.now_months,
            fixed=self.timeline.fixed,
            life_table=self.life_table,
        )

    def _weigh(
        self, histories: CoreHistories, rows: Ints
    ) -> tuple[Floats, list[tuple[int, Floats]]]:
        """Return what the findings make of each core history, by term, and its factors."""
        likelihood = self.likelihood.of_rows(histories.draw[rows])
        times = np.array(self.facts.at_months)
        levels = histories.levels_at(self.model.start, rows, times)
        factors = self.facts.core_factors(likelihood, levels, histories.patients, rows)
        coefficient = np.ones((rows.size, self.facts.n_terms))
        for _, factor in factors:
            coefficient *= factor
        return coefficient, factors

    def _choose(
        self, histories: CoreHistories, rows: Ints, coefficient: Floats, block: Block
    ) -> tuple[Ints, Floats]:
        """Draw the histories whose leaves are solved, in proportion to what they may weigh.

        Where a guess of the weight is not enough, the leaves that make the difference are
        followed first, for more histories than are solved in the end.

        Returns
        -------
        chosen, scale
            Places among the rows, and how many histories each stands for.
        """
        survival = histories.survival[rows]
        kind = self._kinds(histories, rows)
        replicate, draw = histories.replicate[rows], histories.draw[rows]
        rng = np.random.default_rng([self.seed, block.first])
        n_each = max(self._leaf_paths(block) // REPLICATES, 1)
        weight = self._guess(coefficient) * survival
        if self.guess_is_enough or not self.telling.size:
            return systematic_sample(weight, kind, replicate, draw, n_each, rng)
        few, scale = systematic_sample(weight, kind, replicate, draw, _FEW * n_each, rng)
        told = coefficient[few] * self._chance_of_telling(histories, rows[few])
        weight = defended(_sum_of_terms(told) * survival[few] * scale, weight[few] * scale)
        chosen, again = systematic_sample(weight, kind[few], replicate[few], draw[few], n_each, rng)
        return few[chosen], scale[chosen] * again

    def _kinds(self, histories: CoreHistories, rows: Ints) -> Ints:
        """Return a number for each history, by what its core is today and becomes."""
        since = self.timeline.now_months + np.array([0.0, *_SORTED_BY_MONTHS])
        levels = histories.levels_at(self.model.start, rows, since)
        kind = np.zeros(rows.size, np.int64)
        for k in self.model.split.core_sites:
            kind = kind * 4 + levels[:, 0, k]
            for later in range(1, since.size):
                kind = kind * 2 + (levels[:, later, k] >= 2)
        for k in (self.likelihood.extent, self.likelihood.nodes):
            kind = kind * 4 + levels[:, 0, k]
        return kind

    @cached_property
    def telling(self) -> Ints:
        """Leaves of which something is known that most histories do not explain."""
        facts = self.facts
        sites = {f.site for f in facts.on_leaves if f.positive}
        for symptom in facts.present:
            sites |= set(self.likelihood.symptom[symptom.name].causes)
        if facts.m_categories - {None}:
            sites |= set(facts.observation.distant_sites)
        return np.array(sorted(facts.leaf[site] for site in sites & set(facts.leaf)), np.int64)

    def _chance_of_telling(self, histories: CoreHistories, rows: Ints) -> Floats:
        """Return the probability of what is known of the telling leaves, by term, (n, T)."""
        n_leaves, known = len(self.facts.leaf), self._known_of_leaves
        lanes = np.arange(n_leaves + 1)
        # no finding is left out here, so each leaf has one lane
        facts = known._replace(
            factor=np.ascontiguousarray(known.factor[..., :n_leaves]),
            lanes=lanes[:-1],
            lanes_from=lanes,
        )
        paths = histories.paths(rows, np.ones(rows.size), np.ones((rows.size, 1)))
        tables = self.model.tables
        # nor does it matter by which route a leaf was reached
        tables = tables._replace(
            n_tags=np.zeros(1, np.int64), tag_of_class=np.full_like(tables.tag_of_class, -1)
        )
        found: Floats = chance_of_leaves(tables, paths, self.model.start, facts, self.telling)
        return found

    def _leaf_paths(self, block: Block) -> int:
        """Return how many histories of a round are solved."""
        return self.effort.leaf_paths * block.n_each // self.effort.core_paths

    def _guess(self, coefficient: Floats) -> Floats:
        """Guess the sum over terms, (n,), before the leaves are followed."""
        terms = np.arange(self.facts.n_terms)
        n_silent = sum(terms >> s & 1 for s in range(len(self.facts.present)))
        usual = _LEAVES_SILENT**n_silent * np.ones(terms.size)
        usual[self.facts.terms_of(TIMES_M0)] *= _LEAVES_NOT_FOUND
        return _sum_of_terms(coefficient * usual)

    def _solve(
        self,
        masses: Masses,
        histories: CoreHistories,
        rows: Ints,
        coefficient: Floats,
        factors: list[tuple[int, Floats]],
        scale: Floats,
    ) -> tuple[Floats, float]:
        """Solve the leaves of chosen histories; return the sums and the squared weights."""
        model = masses.model
        since = self.timeline.now_months + np.concatenate([[0.0], masses.grid_months])
        background = model.background(histories.patients, rows, since)
        paths = histories.paths(rows, scale, background)
        facts = self._known_of_leaves._replace(coefficient=coefficient)
        asked = masses.asked(
            self._core_causes(histories, rows), self._each_left_out(factors, coefficient)
        )
        sums, squares = solve_paths(
            model.tables, paths, model.start, facts, asked, masses.blocks, REPLICATES
        )
        return sums, float(squares.sum())

    @cached_property
    def _known_of_leaves(self) -> Facts:
        """The findings as the kernels take them, but for what they make of the core."""
        n_leaves = len(self.facts.leaf)
        factor = self.facts.leaf_factors(self.likelihood, self.model.n_draws, self.model.n_levels)
        lanes, lanes_from = self.facts.lanes
        return Facts(
            at_months=np.array(self.facts.at_months, np.float64),
            factor=factor,
            concerns=np.array((factor != 1.0).any(axis=(0, 2, 3))[:, :n_leaves].T, np.int64),
            lanes=lanes,
            lanes_from=lanes_from,
            coefficient=np.ones((0, self.facts.n_terms)),
            now_months=np.array([self.timeline.now_months]),
        )

    def _each_left_out(self, factors: list[tuple[int, Floats]], coefficient: Floats) -> Floats:
        """Return the coefficients with one finding about the core alone left out, (M, F, T)."""
        places = [place for place, _ in factors if self.facts.only_core(place)]
        left_out = np.ones((len(coefficient), len(places), coefficient.shape[1]))
        for f, left in enumerate(places):
            for place, factor in factors:
                if place != left:
                    left_out[:, f] *= factor
        return left_out

    def _core_causes(self, histories: CoreHistories, rows: Ints) -> Floats:
        """Return the chance that each core cause brings each present symptom on, (M, X, Z)."""
        names = self.masses.core_cause_names
        shape = (rows.size, len(names), max((len(own) for own in names), default=0))
        chances = np.zeros(shape)
        if not names:
            return chances
        likelihood = self.likelihood.of_rows(histories.draw[rows])
        levels = histories.levels_at(self.model.start, rows, np.array(self.facts.at_months))
        for s, finding in enumerate(self.facts.present):
            own = self.facts.core_causes(likelihood, finding, levels)
            for z, name in enumerate(names[s]):
                chances[:, s, z] = own[name]
        return chances

    def _compare(
        self,
        block: Block,
        rows: Ints,
        coefficient: Floats,
        factors: list[tuple[int, Floats]],
        scale: Floats,
    ) -> tuple[list[Column], Floats, float]:
        """Solve the same histories under each option."""
        columns: list[Column] = []
        first: dict[Question, Floats] = {}
        for k, model in enumerate(self.choices):
            masses = Masses(self.facts, model, self.likelihood, self.prognosis)
            histories = self._simulate(model, block)
            sums, squares = self._solve(masses, histories, rows, coefficient, factors, scale)
            answers = dict(masses.spread(sums))
            first = first or answers
            columns += [(("option", k, *q), a) for q, a in answers.items()]
            columns += [(("change", k, *q), a - first[q]) for q, a in answers.items() if k > 0]
        return columns, sums, squares

    def _tally(
        self,
        columns: Iterable[Column],
        sums: Floats,
        squares: float,
        factors: list[tuple[int, Floats]],
        block: Block,
    ) -> Tally:
        answers = list(columns)
        self.questions = {question: k for k, (question, _) in enumerate(answers)}
        return Tally(
            weight=sums[..., 0].copy(),
            first=np.stack([column for _, column in answers], axis=2),
            squares=squares,
            without=self.masses.without(
                sums, [place for place, _ in factors if self.facts.only_core(place)]
            ),
            paths=block.n,
        )


def _sum_of_terms(terms: Floats) -> Floats:
    """Sum over terms, (n,): a probability, kept above what rounding may leave of it."""
    total: Floats = np.maximum(terms.sum(axis=1), 1e-9 * np.abs(terms).sum(axis=1))
    return total
