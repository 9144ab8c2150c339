"""Random patients with random diseases: any inference against the exact lattice."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, islice

import numpy as np
from scipy import stats
from tests.infer.exact_mixture import ExactMixture
from tests.infer.exact_posterior import ROUTES
from tests.infer.exact_schedule import appointments
from tests.infer.random_disease import random_disease, random_observation
from tests.support.statistics import Score, identity, normal, require_enough

from mesospread.errors import ContradictionError
from mesospread.infer.findings import ResponseFinding
from mesospread.infer.posterior import REPLICATES, Answer, Posterior
from mesospread.infer.predict import ObservationPlan, observe
from mesospread.infer.questions import Question
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel

#: (patient, how the disease is seen, seed) -> what follows
Infer = Callable[[Timeline, ObservationModel, int], Posterior]

PLAN = ObservationPlan(
    today_months=(0.0, 12.0), scans=(0, 3), sites=(1, 2), hidden=0.4, symptoms=(0, 3)
)
MOST_FINDINGS = 8
#: patients rarer than this are not asked about
RAREST = 1e-5
#: absolute error that always passes
CLOSE_ENOUGH = 1e-3
#: effective histories on the rarer side of a question below which its error is not normal
ENOUGH_OF_EACH = 100.0
#: standard errors may be wrong by this factor
TOLERANCE = 1.15


@dataclass(frozen=True)
class Compared:
    """One question about one patient: the exact answer, and that of the inference."""

    question: Question
    exact: float
    answer: Answer
    effective: float

    @property
    def is_rare(self) -> bool:
        """Whether too few histories speak for one side for its error to be normal."""
        return self.effective * self.exact * (1.0 - self.exact) < ENOUGH_OF_EACH

    @property
    def z(self) -> float:
        """The error in standard errors, as a normal score.

        Standard errors come from a few replicates: errors in such units follow Student's
        distribution.
        """
        error = self.answer.estimate - self.exact
        if self.answer.standard_error <= 0:
            return math.copysign(math.inf, error)
        tail = stats.t(REPLICATES - 1).sf(abs(error) / self.answer.standard_error)
        return math.copysign(float(stats.norm.isf(max(tail, 1e-300))), error)


def random_timelines(disease: int, seed: int) -> Iterator[Timeline]:
    """Yield patients with 1 to 8 findings, without end; a quarter has a surprising one."""
    structure = random_disease(disease)
    observation = random_observation(disease, structure)
    treatments = appointments(structure)
    sites = {structure.position(site) for site in structure.of_role("site")}
    rng = np.random.default_rng([disease, seed])
    # other people, looked at in other ways, for each disease
    own_seed = int(rng.integers(1 << 62))
    for block in count(0, 20):
        for simulated in observe(structure, observation, {}, PLAN, own_seed, block, 20):
            timeline = simulated.timeline
            if timeline.findings and rng.random() < 0.25:
                timeline = _surprise(timeline, rng)
            begun = treatments and treatments[0][0] < timeline.now_months
            if begun and rng.random() < 0.5:
                timeline = _with_response(timeline, disease, responded=rng.random() < 0.5)
            # a site may be found again after it was cleared: the lattice would have to
            # remember that it was found before
            cleared = all(
                at < timeline.now_months
                for at, entry in treatments
                if any(action.process in sites for action in entry.actions)
            )
            if cleared and 1 <= len(timeline.labels()) <= MOST_FINDINGS:
                yield timeline


def random_patients(
    disease: int, seed: int
) -> Iterator[tuple[Timeline, ObservationModel, ExactMixture]]:
    """Yield the same with the exact posterior; the rarest are left out."""
    observation = random_observation(disease, random_disease(disease))
    for timeline in random_timelines(disease, seed):
        exact = ExactMixture(timeline, observation)
        if exact.evidence > RAREST:
            yield timeline, observation, exact


def _with_response(timeline: Timeline, disease: int, responded: bool) -> Timeline:
    """State whether the treatment helped."""
    structure = random_disease(disease, "responding" if responded else "not_responding")
    by_chance = timeline.structure.schedule[0].actions[-1].probability
    label = "response" if responded else "no response"
    finding = ResponseFinding(label, by_chance, responded)
    return replace(timeline, structure=structure, responses=(finding,))


def _surprise(timeline: Timeline, rng: np.random.Generator) -> Timeline:
    """Turn one finding into its opposite."""
    findings = list(timeline.findings)
    k = int(rng.integers(len(findings)))
    findings[k] = replace(findings[k], positive=not findings[k].positive)
    return replace(timeline, findings=tuple(findings))


def truth_of(timeline: Timeline, exact: ExactMixture) -> dict[Question, float]:
    """Return everything that the lattice can answer, routes to the last site included."""
    truth = exact.answers()
    site = timeline.structure.of_role("site")[-1]
    by_route = exact.seeded_by(site)
    truth["seeded", site] = sum(by_route.values())
    return truth | {("route", site, route): by_route[route] for route in ROUTES}


def compare(posterior: Posterior, truth: dict[Question, float]) -> list[Compared]:
    """Put answers beside the truth."""
    size = posterior.effective_sample_size()
    return [Compared(q, p, posterior.answer(*q), size) for q, p in truth.items()]


def level_scores(compared: list[Compared]) -> list[Score]:
    """Score every answer: close enough, or off by its stated error."""
    scores = []
    for c in compared:
        close = abs(c.answer.estimate - c.exact) <= CLOSE_ENOUGH
        if close or not c.is_rare:
            scores.append(normal(str(c.question), "level", 0.0 if close else c.z, int(c.effective)))
    return scores


def surprise_scores(posterior: Posterior, exact: ExactMixture) -> list[Score]:
    """Score P(each finding | all others); the error is at most that of a binomial share."""
    size, seen = posterior.effective_sample_size(), posterior.surprise()
    scores = []
    for label, chance in exact.surprise().items():
        if label not in seen:
            continue  # what concerns leaves and core at once is not known
        error = math.sqrt(chance * (1.0 - chance) / size)
        off = seen[label] - chance
        if abs(off) <= CLOSE_ENOUGH or size * chance * (1.0 - chance) >= ENOUGH_OF_EACH:
            z = 0.0 if abs(off) <= CLOSE_ENOUGH else off / error
            scores.append(normal(label, "level", z, int(size)))
    return scores


def watched(timeline: Timeline) -> dict[str, Question]:
    """Return one question of each kind, for the spread of the errors."""
    structure = timeline.structure
    first, last = structure.of_role("site")[0], structure.of_role("site")[-1]
    return {
        "free now": ("now", first, "free"),
        "hidden now": ("now", last, "microscopic"),
        "by 12 months": ("by", last, 12),
        "first to show": ("next", first),
        "alive at 12 months": ("alive", 12),
        "true T1": ("true", "t", "T1"),
        "true N0": ("true", "n", "N0"),
        "any distant": ("distant", "involved"),
        "found by CT": ("scan", "CT", last),
        "by contact": ("route", last, "direct"),
    }


def spread_scores(z: dict[str, list[float]], tolerance: float = TOLERANCE) -> list[Score]:
    """Compare errors in stated standard errors with a standard normal, kind by kind.

    Parameters
    ----------
    z
        From `errors_in_units`: by kind of question, independent of each other.
    tolerance
        Stated errors that are wrong by less than this factor pass.

    Raises
    ------
    NotEnough
        If for half of the kinds errors stated twice too large or too small could pass.
    """
    scores = []
    for kind, values in z.items():
        if not has_power(len(values), tolerance):
            continue
        law, total = stats.chi2(len(values)), float(np.square(values).sum())
        p = 1.0
        if total > len(values) * tolerance**2:
            p = 2.0 * float(law.sf(total / tolerance**2))
        elif total < len(values) / tolerance**2:
            p = 2.0 * float(law.cdf(total * tolerance**2))
        rms = math.sqrt(total / len(values))
        scores.append(Score(f"spread, {kind}", "shape", min(p, 1.0), len(values), f"rms {rms:.2f}"))
        bias = float(np.sum(values)) / math.sqrt(len(values)) / tolerance
        scores.append(normal(f"bias, {kind}", "level", bias, len(values)))
    require_enough(len(scores), len(z) + 1, "kinds of answers with enough errors, times two")
    return scores


def has_power(n: int, tolerance: float) -> bool:
    """Return whether errors stated wrong by a factor of two would hardly ever pass."""
    law, tail = stats.chi2(n), float(stats.norm.sf(5.0))
    low, high = law.ppf(tail) / tolerance**2, law.isf(tail) * tolerance**2
    passes = [law.cdf(high / f**2) - law.cdf(low / f**2) for f in (0.5, 2.0)]
    return bool(max(passes) < 0.01)


def errors_in_units(
    infer: Infer, diseases: Iterable[int], patients: int, repeats: int, seed: int
) -> dict[str, list[float]]:
    """Return, by kind of question, the errors in stated standard errors, as normal scores.

    Parameters
    ----------
    infer
        What is examined.
    diseases
        Numbers of random diseases.
    patients, repeats
        Patients with each, and seeds of the inference for each patient.
    seed
        Of patients and inference.
    """
    found: dict[str, list[float]] = {}
    rng = np.random.default_rng(seed)
    for disease in diseases:
        for timeline, observation, exact in islice(random_patients(disease, seed), patients):
            truth = truth_of(timeline, exact)
            for inference_seed in rng.integers(1 << 62, size=repeats).tolist():
                posterior = infer(timeline, observation, inference_seed)
                by_question = {c.question: c for c in compare(posterior, truth)}
                for kind, question in watched(timeline).items():
                    c = by_question[question]
                    # what is known to the last digit has no error to speak of
                    if not c.is_rare and c.answer.standard_error > 1e-9:
                        found.setdefault(kind, []).append(c.z)
    return found


def scores_of_disease(infer: Infer, disease: int, patients: int, seed: int) -> list[Score]:
    """Score every answer about some patients with one disease; a refusal is wrong."""
    scores = []
    rng = np.random.default_rng([disease, seed])
    listed = islice(random_patients(disease, seed), patients)
    for number, (timeline, observation, exact) in enumerate(listed):
        try:
            posterior = infer(timeline, observation, int(rng.integers(1 << 62)))
        except ContradictionError as problem:
            found = [identity("answered", False, 1, str(problem.given))]
        else:
            found = level_scores(compare(posterior, truth_of(timeline, exact)))
            found += surprise_scores(posterior, exact)
        scores += [replace(s, name=f"patient {number}: {s.name}") for s in found]
    return scores
