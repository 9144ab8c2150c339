"""One patient, with the leaves in closed form and only the core sampled.

Many core histories are simulated (cheap) and weighed by what does not depend on the
leaves: extent, nodes, findings at core sites, survival. A systematic sample of them,
in proportion to that weight, then gets its leaves solved exactly (dear). The answers
are the same as those of ``condition``, which stays as the oracle.
"""

from __future__ import annotations

import itertools
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from mesospread.infer.combine import LeafArrays, LeafTerm, combine
from mesospread.infer.condition import HORIZON_MONTHS, Moments, Posterior
from mesospread.infer.factorise import Split, split
from mesospread.infer.leafanswers import Solved, answer_all
from mesospread.infer.leafwork import CorePaths, Floats, Ints, LeafModel, simulate_core, take
from mesospread.infer.likelihood import Likelihood
from mesospread.infer.questions import Question
from mesospread.infer.timeline import Timeline
from mesospread.kernels.leaves import propagate
from mesospread.model.definition import ObservationModel
from mesospread.model.parameters import draw_values

#: months from today between which the future is summed up
GRID = np.array([1, 2, 3, 4.5, 6, 8, 10, 12, 15, 18, 21, 24, 30, 36, 42, 48, 54, 60], float)


@dataclass(frozen=True)
class LeafEffort:
    """How hard to try.

    Attributes
    ----------
    draws
        Parameter draws averaged over.
    core_paths
        Core histories per draw.
    leaf_paths
        Core histories, over all draws, whose leaves are solved.
    """

    draws: int = 100
    core_paths: int = 1_000
    leaf_paths: int = 1_500


@dataclass
class Block:
    """Core histories of one draw and the weight that does not depend on leaves.

    Attributes
    ----------
    model, paths
        Of the draw.
    whatever_m, times_m0
        (n,) coefficients of the two branches of the stage, with all core factors.
    proxy
        (n,) what the sample is drawn in proportion to.
    chosen, copies
        Paths taken, and how often.
    """

    model: LeafModel
    paths: CorePaths
    whatever_m: Floats
    times_m0: Floats
    proxy: Floats
    chosen: Ints
    copies: Floats


class Factorised:
    """Factorised inference for one patient.

    Parameters
    ----------
    timeline
        The patient.
    observation
        How the disease is seen.
    seed
        The same seed gives the same answer.
    effort
        How hard to try.
    life_table
        Population of the background mortality.
    """

    def __init__(
        self,
        timeline: Timeline,
        observation: ObservationModel,
        *,
        seed: int = 1,
        effort: LeafEffort | None = None,
        life_table: str = "uk",
    ) -> None:
        self.timeline = timeline
        self.observation = observation
        self.seed = seed
        self.effort = effort or LeafEffort()
        self.life_table = life_table
        self.split: Split = split(timeline.structure)
        self.leaf_names = [timeline.structure.processes[k].name for k in self.split.leaves]
        self.n_levels = len(timeline.structure.process(self.leaf_names[0]).levels)
        self.present = [s for s in timeline.symptoms if s.present]

    def posterior(self, workers: int | None = None) -> Posterior:
        """Return what follows for the patient."""
        with ThreadPoolExecutor(workers or os.cpu_count() or 1) as pool:
            blocks = list(pool.map(self._core, range(self.effort.draws)))
            self._choose(blocks)
            results = list(pool.map(self._leaves, blocks))
        questions = next((list(asked) for _, asked in results if asked), [])
        position: dict[Question, int] = {question: k for k, question in enumerate(questions)}
        draws = tuple(
            _moments(block, weight, asked)
            for block, (weight, asked) in zip(blocks, results, strict=True)
        )
        return Posterior(position, draws, self.timeline.labels())

    # --- the core ---------------------------------------------------------------------

    def _core(self, draw: int) -> Block:
        """Simulate and weigh the core histories of one draw."""
        structure = self.timeline.structure
        values = draw_values(
            {**structure.parameters, **self.observation.parameters}, self.seed, draw
        )
        likelihood = Likelihood(structure, self.observation, values)
        model = LeafModel(self.split, likelihood, values)
        paths = simulate_core(
            model,
            self.timeline,
            seed=self.seed,
            first=draw * self.effort.core_paths,
            n=self.effort.core_paths,
            grid_months=GRID,
            horizon_months=HORIZON_MONTHS,
            life_table=self.life_table,
        )
        whatever_m, times_m0 = self._core_weight(model, paths)
        proxy = np.abs(whatever_m) + np.abs(times_m0)
        nothing = np.zeros(0, np.int64)
        return Block(model, paths, whatever_m, times_m0, proxy, nothing, np.zeros(0))

    def _core_weight(self, model: LeafModel, paths: CorePaths) -> tuple[Floats, Floats]:
        """Return the coefficients of the two branches, with all that concerns the core."""
        t, likelihood = self.timeline, model.likelihood
        leaves = set(self.leaf_names)
        weight = paths.survival[:, 0].copy()
        at = [f.at_months for f in t.findings]
        at += [t.stage.at_months if t.stage else 0.0, t.now_months]
        levels = paths.levels_at(model, np.array(at))
        for k, finding in enumerate(t.findings):
            if finding.site not in leaves:
                weight *= likelihood.finding(finding, levels[:, k])
        for symptom in t.symptoms:
            if not symptom.present:
                weight *= self._silent(likelihood, symptom.name, levels[:, -1])
        if t.stage is None:
            return weight, np.zeros_like(weight)
        whatever_m, times_m0 = likelihood.stage_parts(t.stage, levels[:, -2])
        for site in self.observation.distant_sites:
            if site not in leaves:
                missed = likelihood.not_m1_by_level(t.stage, site)
                times_m0 = times_m0 * missed[levels[:, -2, t.structure.position(site)]]
        return weight * whatever_m, weight * times_m0

    def _silent(self, likelihood: Likelihood, name: str, levels: np.ndarray) -> Floats:
        """Return P(no cause but a leaf brings a symptom on), (n,)."""
        silent = np.ones(len(levels))
        for cause, chance in likelihood.causes(likelihood.symptom[name], levels).items():
            if cause not in self.leaf_names:
                silent *= 1.0 - chance
        return silent

    def _choose(self, blocks: list[Block]) -> None:
        """Draw a systematic sample of all core histories in proportion to their proxy."""
        total = sum(float(block.proxy.sum()) for block in blocks)
        if total <= 0:
            return
        step = total / self.effort.leaf_paths
        # one random start for the whole sample
        offset = np.random.default_rng(self.seed).random() * step
        for block in blocks:
            ends = np.cumsum(block.proxy)
            counts = np.diff(np.floor((np.concatenate([[0.0], ends]) - offset) / step))
            offset -= float(ends[-1]) if ends.size else 0.0
            block.chosen = np.flatnonzero(counts > 0)
            block.copies = counts[block.chosen] * step

    # --- the leaves -------------------------------------------------------------------

    def _leaves(self, block: Block) -> tuple[Floats, dict[Question, Floats]]:
        """Solve the leaves of the chosen paths; return weights and answers per path."""
        if block.chosen.size == 0:
            return np.zeros(0), {}
        arrays = self._propagate(block)
        now = block.paths.levels_at(block.model, np.array([self.timeline.now_months]))
        levels_now = now[block.chosen, 0]
        terms = self.terms(block, levels_now)
        alive_now = block.paths.survival[block.chosen]
        survival = alive_now[:, 1:] / np.maximum(alive_now[:, :1], 1e-300)
        solved = combine(arrays, terms, survival)
        weight = np.maximum(solved.total, 0.0) * block.copies / block.proxy[block.chosen]
        answers = answer_all(Solved(self, block, arrays, terms, solved, levels_now, GRID))
        return weight, answers

    def _propagate(self, block: Block) -> LeafArrays:
        t, model = self.timeline, block.model
        observed, seen, staged = self._leaf_findings(model)
        chosen = block.chosen
        rows = block.paths.rows[chosen]
        return LeafArrays(
            *propagate(
                model.whole.tables,
                model.start,
                *take(block.paths, chosen)[:4],
                np.ascontiguousarray(block.paths.patients.factors[rows]),
                np.ascontiguousarray(block.paths.patients.chances[rows]),
                model.leaves,
                model.death_routes,
                model.diagnosis_routes,
                self.split.diagnosis,
                model.core_diagnosis_routes,
                model.leaf_actions,
                model.class_of_route,
                model.n_classes,
                model.only_class,
                2 if np.any(block.times_m0) else 1,
                block.paths.diagnosed_months[chosen],
                observed,
                seen,
                staged,
                float(t.now_months),
                GRID,
            )
        )

    def _leaf_findings(self, model: LeafModel) -> tuple[Floats, Floats, Floats]:
        """Return the times of what was seen, and its factors per leaf and level."""
        t, likelihood = self.timeline, model.likelihood
        leaf = {name: j for j, name in enumerate(self.leaf_names)}
        n_levels = self.n_levels
        blank = np.ones((len(leaf), n_levels))
        entries: list[tuple[float, Floats, Floats]] = []
        for finding in t.findings:
            if finding.site in leaf:
                positive = likelihood.positive_by_level(
                    likelihood.modality[finding.modality], finding.site
                )[:n_levels]
                seen = blank.copy()
                seen[leaf[finding.site]] = positive if finding.positive else 1.0 - positive
                entries.append((finding.at_months, seen, blank))
        if t.stage is not None:
            staged = blank.copy()
            for site in self.observation.distant_sites:
                if site in leaf:
                    staged[leaf[site]] = likelihood.not_m1_by_level(t.stage, site)[:n_levels]
            entries.append((t.stage.at_months, blank, staged))
        for symptom in t.symptoms:
            if not symptom.present:
                entries.append((t.now_months, self.quiet(likelihood, symptom.name), blank))
        entries.sort(key=lambda entry: entry[0])
        shape = (len(entries), len(leaf), n_levels)
        return (
            np.array([entry[0] for entry in entries]),
            np.array([entry[1] for entry in entries]).reshape(shape),
            np.array([entry[2] for entry in entries]).reshape(shape),
        )

    def quiet(self, likelihood: Likelihood, name: str) -> Floats:
        """Return P(this leaf does not bring a symptom on) by level, (J, L)."""
        structure = self.timeline.structure
        symptom = likelihood.symptom[name]
        return np.array(
            [
                [
                    1.0 - likelihood.number(symptom.causes.get(leaf, {}).get(level, 0.0))
                    for level in structure.process(leaf).levels
                ]
                for leaf in self.leaf_names
            ]
        )

    def terms(
        self, block: Block, levels_now: np.ndarray, without: str | None = None
    ) -> list[LeafTerm]:
        """Return the terms of the sum: branches times subsets of the present symptoms."""
        likelihood = block.model.likelihood
        names = [s.name for s in self.present if s.name != without]
        n = block.chosen.size
        terms = []
        for size in range(len(names) + 1):
            for subset in itertools.combinations(names, size):
                core = np.full(n, (-1.0) ** size)
                factor = np.ones((len(self.leaf_names), self.n_levels))
                for name in subset:
                    core = core * self._silent(likelihood, name, levels_now)
                    factor = factor * self.quiet(likelihood, name)
                for branch, coefficient in enumerate((block.whatever_m, block.times_m0)):
                    if np.any(coefficient[block.chosen]):
                        terms.append(
                            LeafTerm(
                                core * coefficient[block.chosen],
                                branch,
                                np.broadcast_to(factor, (n, *factor.shape)),
                            )
                        )
        return terms


def _moments(block: Block, weight: Floats, asked: dict[Question, Floats]) -> Moments:
    """Return the weighted sums of one draw."""
    moments = Moments(paths=block.paths.patients.n)
    if not asked:
        return moments
    x = np.column_stack(list(asked.values()))
    moments.weight, moments.weight2 = float(weight.sum()), float((weight**2).sum())
    moments.first, moments.cross = weight @ x, weight**2 @ x
    moments.second = weight**2 @ x**2
    return moments
