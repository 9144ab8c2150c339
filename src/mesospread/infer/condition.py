"""Condition simulated patients on what is known of one: the plain form.

Patients are simulated from the disease model under the person's treatments; each
is weighted by the probability of the findings given where its disease is (likelihood
weighting). Answers are weighted averages. This costs many histories when findings
are rare, but it is exact in the limit and needs no further mathematics: it is what
`solve` is checked against.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.infer.contradiction import contradiction
from mesospread.infer.likelihood import Likelihood
from mesospread.infer.posterior import REPLICATES, Floats, Posterior, Tally
from mesospread.infer.questions import Histories, Question, ask, ask_spread
from mesospread.infer.timeline import Timeline
from mesospread.model.compiled import CompiledModel, plan
from mesospread.model.library import ObservationModel
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.model.structure import Structure
from mesospread.simulate.batch import Batch, check_run, run_batch

#: rounds after which a run that will not come to an answer is given up
_HOPELESS_AFTER = 5
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

    draws: int = 200
    paths: int = 400
    enough: float = 4_000.0
    too_few: float = 200.0
    max_rounds: int = 40


def condition(
    timeline: Timeline,
    observation: ObservationModel,
    *,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
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
        Of the histories; the same seed gives the same answer.
    effort
        How hard to try.
    life_table
        Population of the background mortality.
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
    check_run(seed, effort.draws * effort.paths, HORIZON_MONTHS)
    run = _Run(timeline, observation, seed, effort, life_table, tuple(options))
    for round_ in range(effort.max_rounds):
        for draw in range(effort.draws):
            run.add_block(draw, round_)
        posterior = run.posterior()
        size = posterior.effective_sample_size()
        if size >= effort.enough:
            return posterior
        if round_ >= _HOPELESS_AFTER and size * effort.max_rounds < effort.too_few * round_:
            break
    if size < effort.too_few:
        raise contradiction(posterior, timeline.now_months)
    return posterior


class _Run:
    """Simulates and weighs blocks of histories of one parameter draw each."""

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
        self.tally: Tally | None = None
        self._plans = {
            option: (plan(s), ranges({**s.parameters, **observation.parameters}))
            for option, s in enumerate((*self.options, timeline.structure))
        }
        # option -1: the disease as it is
        self._plans[-1] = self._plans.pop(len(self.options))
        self._models: dict[tuple[int, int], tuple[CompiledModel, Likelihood]] = {}

    def model(self, draw: int, option: int = -1) -> tuple[CompiledModel, Likelihood]:
        """Return disease and observation under one draw of all parameters."""
        if (draw, option) not in self._models:
            layout, parameters = self._plans[option]
            values = parameters.draw(DRAWS_SEED, draw)
            likelihood = Likelihood(layout.structure, self.observation, values)
            self._models[draw, option] = layout.bind(values), likelihood
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

    def posterior(self) -> Posterior:
        """Return what the blocks so far say."""
        tally = self.tally or self._empty()
        return Posterior(self.questions, tally, self.timeline.labels())

    def _empty(self) -> Tally:
        shape = (self.effort.draws, REPLICATES)
        n_labels = len(self.timeline.labels())
        return Tally(
            np.zeros(shape), np.zeros((*shape, len(self.questions))), 0.0, np.zeros(n_labels), 0
        )

    def add_block(self, draw: int, round_: int) -> None:
        """Simulate one block and add it to the sums."""
        likelihood = self.model(draw)[1]
        batch = self.simulate(draw, round_)
        diagnosis = self.timeline.structure.of_role("diagnosis")[0]
        level = self.timeline.structure.process(diagnosis).levels[1]
        now = batch.first_entry(diagnosis, level) + self.timeline.now_months
        end, reason = batch.end()
        with np.errstate(invalid="ignore"):
            alive = np.flatnonzero((now < end) | ((reason < 0) & ~np.isnan(now)))
        chances = np.column_stack(
            [
                self._chances(likelihood, batch.states_at(self._times(now))[alive]),
                *(likelihood.response(r, batch.patients, alive) for r in self.timeline.responses),
            ]
        )
        weights = chances.prod(axis=1)
        kept = weights > 0
        rows = alive[kept]
        asked: dict[Question, Floats] = {}
        if rows.size:
            levels_now = batch.states_at(now[:, None])[rows, 0]
            histories = Histories(batch, rows, now[rows], levels_now)
            if self.options:
                asked = self._compare(draw, round_, histories)
            else:
                asked = ask(self.timeline, likelihood, histories)
        if asked and not self.questions:
            self.questions = {question: k for k, question in enumerate(asked)}
            # blocks without any history that fits may have come before
            paths, without = (self.tally.paths, self.tally.without) if self.tally else (0, None)
            self.tally = self._empty()
            self.tally.paths = paths
            self.tally.without += 0.0 if without is None else without
        self.tally = self.tally or self._empty()
        self.tally.paths += self.effort.paths
        self.tally.without += _without_each(chances)
        if asked:
            replicate = np.eye(REPLICATES)[rows % REPLICATES] * weights[kept, None]
            self.tally.weight[draw] += replicate.sum(axis=0)
            self.tally.first[draw] += replicate.T @ np.array(list(asked.values())).T
            self.tally.squares += float((weights**2).sum())

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
            *(t.symptom_months(s) for s in t.symptoms),
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
        return np.column_stack(columns) if columns else np.ones((len(levels), 0))


def _without_each(chances: Floats) -> Floats:
    """Return the sum of weights with each finding left out in turn."""
    n_findings = chances.shape[1]
    sums = [np.delete(chances, j, axis=1).prod(axis=1).sum() for j in range(n_findings)]
    return np.array(sums, np.float64)
