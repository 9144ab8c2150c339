"""Condition simulated patients on what is known of one.

Patients are simulated from the disease model under the person's treatments; each
is weighted by the probability of the findings given where its disease is (likelihood
weighting). Answers are weighted averages. This costs many histories when findings
are rare, but it is exact in the limit and needs no further mathematics.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import ContradictionError
from mesospread.infer.likelihood import Likelihood
from mesospread.infer.questions import Histories, Question, ask, ask_spread
from mesospread.infer.timeline import Timeline
from mesospread.model.compiled import CompiledModel, compile_model
from mesospread.model.definition import ObservationModel
from mesospread.model.parameters import draw_values
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, run_batch

Floats = NDArray[np.float64]

#: follow-up from the start of the disease; nobody lives longer with it in the model
HORIZON_MONTHS = 600.0


@dataclass(frozen=True)
class Effort:
    """How hard to try.

    Attributes
    ----------
    draws
        Parameter draws averaged over.
    paths
        Histories per draw and round.
    enough
        Effective sample size at which to stop.
    too_few
        Effective sample size below which no answer is given.
    max_rounds
        Rounds after which to stop.
    """

    draws: int = 100
    paths: int = 500
    enough: float = 4_000.0
    too_few: float = 200.0
    max_rounds: int = 64


@dataclass
class Moments:
    """Weighted sums over the histories of one parameter draw.

    Attributes
    ----------
    weight, weight2
        Sums of the weights and of their squares.
    first, cross, second
        Sums over histories of w x, w**2 x and w**2 x**2, one entry per question.
    without
        Sum of the weights with one finding left out, one entry per finding.
    paths
        Histories simulated.
    """

    weight: float = 0.0
    weight2: float = 0.0
    first: Floats = field(default_factory=lambda: np.zeros(0))
    cross: Floats = field(default_factory=lambda: np.zeros(0))
    second: Floats = field(default_factory=lambda: np.zeros(0))
    without: Floats = field(default_factory=lambda: np.zeros(0))
    paths: int = 0

    def add(self, other: Moments) -> None:
        """Add the sums of more histories of the same draw."""
        self.weight += other.weight
        self.weight2 += other.weight2
        self.paths += other.paths
        for name in ("first", "cross", "second", "without"):
            mine, theirs = getattr(self, name), getattr(other, name)
            if theirs.size:
                setattr(self, name, mine + theirs if mine.size else theirs)


@dataclass(frozen=True)
class Answer:
    """An estimate with its 95 % credible band and its simulation error."""

    estimate: float
    low: float
    high: float
    standard_error: float


@dataclass(frozen=True)
class Posterior:
    """What follows for one patient.

    Attributes
    ----------
    questions
        Position of each question in the moments.
    draws
        Moments of each parameter draw.
    labels
        Names of the findings, in the order of ``Moments.without``.
    """

    questions: Mapping[Question, int]
    draws: tuple[Moments, ...]
    labels: tuple[str, ...]

    def effective_sample_size(self) -> float:
        """Return Kish's effective number of histories."""
        squares = sum(m.weight2 for m in self.draws)
        return sum(m.weight for m in self.draws) ** 2 / squares if squares > 0 else 0.0

    def surprise(self) -> dict[str, float]:
        """Return, for each finding, its probability given all others."""
        if not self.labels:
            return {}
        total = sum(m.weight for m in self.draws)
        without = np.sum([m.without for m in self.draws if m.without.size], axis=0)
        return dict(zip(self.labels, (total / np.maximum(without, 1e-300)).tolist(), strict=True))

    def answer(self, *question: str | int) -> Answer:
        """Return the answer to one question."""
        k = self.questions[question]
        return self._summary(np.array([m.first[k] / m.weight for m in self._used()]), k)

    def conditional(self, question: Question, given: Question) -> float:
        """Return P(question | given): the ratio of two averages."""
        a, b = self.questions[question], self.questions[given]
        numerator = sum(m.first[a] for m in self._used())
        denominator = sum(m.first[b] for m in self._used())
        return float(numerator / denominator) if denominator > 0 else 0.0

    def per_draw(self, *question: str | int) -> Floats:
        """Return the answer under each parameter draw, with `draw_weights` beside it."""
        k = self.questions[question]
        return np.array([m.first[k] / m.weight for m in self._used()])

    def draw_weights(self) -> Floats:
        """Return the posterior weight of each parameter draw; sums to 1."""
        weights = np.array([m.weight for m in self._used()])
        normalised: Floats = weights / weights.sum()
        return normalised

    def _used(self) -> list[Moments]:
        return [m for m in self.draws if m.weight > 0]

    def _summary(self, by_draw: Floats, k: int) -> Answer:
        """Pool the draws; take the simulation noise out of the spread between them."""
        share = self.draw_weights()
        estimate = float(share @ by_draw)
        noise = np.array(
            [
                max(m.second[k] - 2 * x * m.cross[k] + x * x * m.weight2, 0.0) / m.weight**2
                for m, x in zip(self._used(), by_draw, strict=True)
            ]
        )
        total = sum(m.weight for m in self._used())
        squares = sum(
            m.second[k] - 2 * estimate * m.cross[k] + estimate**2 * m.weight2 for m in self._used()
        )
        spread = float(share @ (by_draw - estimate) ** 2)
        real = max(spread - float(share @ noise), 0.0)
        kept = np.sqrt(real / spread) if spread > 0 else 0.0
        low, high = weighted_quantiles(estimate + kept * (by_draw - estimate), share)
        return Answer(
            estimate=estimate,
            low=min(low, estimate),
            high=max(high, estimate),
            standard_error=float(np.sqrt(max(squares, 0.0)) / total),
        )


def weighted_quantiles(
    values: Floats, weights: Floats, levels: tuple[float, float] = (0.025, 0.975)
) -> tuple[float, float]:
    """Return two quantiles of weighted values (weights sum to 1)."""
    order = np.argsort(values)
    middle = np.cumsum(weights[order]) - weights[order] / 2
    low, high = np.interp(levels, middle, values[order])
    return float(low), float(high)


def condition(
    timeline: Timeline,
    observation: ObservationModel,
    *,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
    workers: int | None = None,
    progress: Callable[[float], None] = lambda share: None,
    options: Sequence[Structure] = (),
) -> Posterior:
    """Simulate until the findings are explained well enough.

    Parameters
    ----------
    timeline
        The patient.
    observation
        How the disease is seen.
    seed
        The same seed gives the same answer, for any number of workers.
    effort
        How hard to try.
    life_table
        Population of the background mortality.
    workers
        Threads; the number of cores if None.
    progress
        Called with the share done, 0 to 1.
    options
        The same disease under different treatments from today on. If given, only these
        are asked about: ``("option", k, ...)`` for each, and ``("change", k, ...)``, the
        difference of option ``k`` to the first, history by history on the same clocks.

    Raises
    ------
    ContradictionError
        If too few histories explain the findings; it names those that fit least.
    """
    effort = effort or Effort()
    run = _Run(timeline, observation, seed, effort, life_table, tuple(options))
    draws = [Moments() for _ in range(effort.draws)]
    posterior = Posterior({}, (), timeline.labels())
    with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
        for round_ in range(effort.max_rounds):
            for draw, moments in enumerate(pool.map(run.chunk, *_pairs(effort.draws, round_))):
                draws[draw].add(moments)
            posterior = Posterior(run.questions, tuple(draws), timeline.labels())
            size = posterior.effective_sample_size()
            progress(min(size / effort.enough, 1.0))
            if size >= effort.enough:
                return posterior
    if posterior.effective_sample_size() < effort.too_few:
        raise _contradiction(posterior)
    return posterior


def _pairs(n_draws: int, round_: int) -> tuple[range, list[int]]:
    return range(n_draws), [round_] * n_draws


class _Run:
    """Simulates and weighs one block of histories of one parameter draw."""

    def __init__(
        self,
        timeline: Timeline,
        observation: ObservationModel,
        seed: int,
        effort: Effort,
        life_table: str,
        options: tuple[Structure, ...] = (),
    ) -> None:
        self.timeline = timeline
        self.options = options
        self.observation = observation
        self.seed = seed
        self.effort = effort
        self.life_table = life_table
        self.questions: dict[Question, int] = {}
        self._models: dict[tuple[int, int], tuple[CompiledModel, Likelihood]] = {}

    def model(self, draw: int, option: int = -1) -> tuple[CompiledModel, Likelihood]:
        """Return disease and observation under one draw of all parameters."""
        if (draw, option) not in self._models:
            structure = self.timeline.structure if option < 0 else self.options[option]
            parameters = {**structure.parameters, **self.observation.parameters}
            values = draw_values(parameters, self.seed, draw)
            likelihood = Likelihood(structure, self.observation, values)
            self._models[draw, option] = compile_model(structure, values), likelihood
        return self._models[draw, option]

    def simulate(self, draw: int, round_: int, option: int = -1) -> Batch:
        """Simulate one block; the same people on the same clocks for every option."""
        return run_batch(
            self.model(draw, option)[0],
            seed=self.seed,
            first=(draw * self.effort.max_rounds + round_) * self.effort.paths,
            n=self.effort.paths,
            horizon_months=HORIZON_MONTHS,
            fixed=self.timeline.fixed,
            life_table=self.life_table,
        )

    def chunk(self, draw: int, round_: int) -> Moments:
        """Return the moments of one block."""
        likelihood = self.model(draw)[1]
        batch = self.simulate(draw, round_)
        diagnosis = self.timeline.structure.of_role("diagnosis")[0]
        level = self.timeline.structure.process(diagnosis).levels[1]
        now = batch.first_entry(diagnosis, level) + self.timeline.now_months
        end, reason = batch.end()
        with np.errstate(invalid="ignore"):
            alive = np.flatnonzero((now < end) | ((reason < 0) & ~np.isnan(now)))
        chances = self._chances(likelihood, batch.states_at(self._times(now))[alive])
        weights = chances.prod(axis=1)
        kept = weights > 0
        moments = Moments(paths=self.effort.paths, without=_without_each(chances))
        rows = alive[kept]
        if rows.size == 0:
            return moments
        levels_now = batch.states_at(now[:, None])[rows, 0]
        histories = Histories(batch, rows, now[rows], levels_now)
        if self.options:
            asked = self._compare(draw, round_, histories)
        else:
            asked = ask(self.timeline, likelihood, histories)
        if not self.questions:
            self.questions = {question: k for k, question in enumerate(asked)}
        x, w = np.column_stack(list(asked.values())), weights[kept]
        moments.weight, moments.weight2 = float(w.sum()), float((w**2).sum())
        moments.first, moments.cross, moments.second = w @ x, w**2 @ x, w**2 @ x**2
        return moments

    def _compare(self, draw: int, round_: int, h: Histories) -> dict[Question, Floats]:
        """Ask the same histories about their future under each option."""
        asked: dict[Question, Floats] = {}
        first: dict[Question, Floats] = {}
        for k in range(len(self.options)):
            batch = self.simulate(draw, round_, k)
            answers = ask_spread(
                self.model(draw, k)[1], Histories(batch, h.kept, h.now_months, h.levels_now)
            )
            first = first or answers
            asked |= {("option", k, *q): a for q, a in answers.items()}
            asked |= {("change", k, *q): a - first[q] for q, a in answers.items() if k > 0}
        return asked

    def _observed_at(self) -> list[float]:
        """Return the months since diagnosis of all findings, in the order of the labels."""
        t = self.timeline
        stage = [t.stage.at_months] if t.stage else []
        return [
            *stage,
            *(f.at_months for f in t.findings),
            *(t.now_months for _ in t.symptoms),
        ]

    def _times(self, now: Floats) -> Floats:
        """Return the distinct times of the findings on each history's clock, (n, T)."""
        offsets = np.unique(self._observed_at())
        times: Floats = np.maximum(now[:, None] - self.timeline.now_months + offsets, 0.0)
        return times

    def _chances(self, likelihood: Likelihood, levels: NDArray[np.int8]) -> Floats:
        """Return P(each finding | history), (k, F)."""
        t = self.timeline
        observed_at = self._observed_at()
        moment = {at: i for i, at in enumerate(np.unique(observed_at))}
        columns = []
        reports = iter([moment[at] for at in observed_at])
        if t.stage:
            columns.append(likelihood.stage(t.stage, levels[:, next(reports)]))
        columns += [likelihood.finding(f, levels[:, next(reports)]) for f in t.findings]
        columns += [likelihood.reported_symptom(s, levels[:, next(reports)]) for s in t.symptoms]
        return np.column_stack(columns) if columns else np.ones((len(levels), 1))


def _without_each(chances: Floats) -> Floats:
    """Return the sum of weights with each finding left out in turn."""
    n_findings = chances.shape[1]
    return np.array([np.delete(chances, j, axis=1).prod(axis=1).sum() for j in range(n_findings)])


def _contradiction(posterior: Posterior) -> ContradictionError:
    """Name the findings that the others make least likely."""
    ranked = sorted(posterior.surprise().items(), key=lambda item: item[1])
    total = sum(m.paths for m in posterior.draws)
    named = [f"{label} (chance given the rest: {_small(chance)})" for label, chance in ranked[:3]]
    return ContradictionError(
        f"the findings do not fit together in this model: of {total:,} simulated patients too "
        f"few explain them all",
        given="; ".join(named) if named else "nothing",
        remedy="Check these facts and their dates. If they are right, the model cannot speak "
        "about this patient",
    )


def _small(chance: float) -> str:
    return "less than 1 in 100,000" if chance < 1e-5 else f"{100 * chance:.2g} %"
