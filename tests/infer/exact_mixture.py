"""The exact posterior of a patient who may be one of several people."""

from __future__ import annotations

import itertools
from functools import cached_property

import numpy as np
from tests.infer.exact_posterior import ROUTES, ExactPosterior, Floats, LabelledPosterior

from mesospread.infer.questions import Question
from mesospread.infer.timeline import Timeline
from mesospread.model.definition import Categorical
from mesospread.model.hazards import Person
from mesospread.model.library import ObservationModel

#: nodes of the quadrature over each random effect
FRAILTY_NODES = 9


class ExactMixture:
    """The same over all people that the patient may be: unknown covariates, random effects.

    Random effects are integrated by Gauss-Hermite quadrature, covariates must be
    categorical.

    Parameters
    ----------
    timeline, observation
        As for `ExactPosterior`.
    """

    def __init__(self, timeline: Timeline, observation: ObservationModel) -> None:
        self.timeline = timeline
        self.people = people(timeline)
        self.parts = [
            ExactPosterior(timeline, None, observation, person) for person, _ in self.people
        ]
        self.weights = np.array([weight for _, weight in self.people])

    @property
    def evidence(self) -> float:
        """P(findings, diagnosed, alive today)."""
        return float(self.weights @ [part.evidence for part in self.parts])

    def surprise(self) -> dict[str, float]:
        """Return P(each finding | all others)."""
        rest = [part.fit_without() for part in self.parts]
        return {
            label: self.evidence / float(self.weights @ [each[label] for each in rest])
            for label in rest[0]
        }

    def answers(self) -> dict[Question, float]:
        """Return the exact answer to each question, those of routes left out."""
        each = [part.answers() for part in self.parts]
        return {q: float(self._share @ [answers[q] for answers in each]) for q in each[0]}

    def seeded_by(self, site: str) -> dict[str, float]:
        """Return P(a site was seeded by each route, or will be within 24 months)."""
        each = [
            LabelledPosterior(self.timeline, site, part.observation, person).seeded_by()
            for part, (person, _) in zip(self.parts, self.people, strict=True)
        ]
        return {route: float(self._share @ [by[route] for by in each]) for route in ROUTES}

    @cached_property
    def _share(self) -> Floats:
        """Posterior probability of each of the people."""
        share: Floats = self.weights * [part.evidence for part in self.parts] / self.evidence
        return share


def people(timeline: Timeline) -> list[tuple[Person, float]]:
    """List the people that a patient may be, each with a weight; these sum to 1."""
    definition = timeline.structure.definition
    axes: list[list[tuple[str, str | float, float]]] = []
    for name, spec in definition.covariates.items():
        assert isinstance(spec, Categorical)
        if name in timeline.fixed:
            axes.append([(name, timeline.fixed[name], 1.0)])
        else:
            total = sum(map(float, spec.levels.values()))
            axes.append([(name, level, float(w) / total) for level, w in spec.levels.items()])
    x, w = np.polynomial.hermite_e.hermegauss(FRAILTY_NODES)
    for name in definition.frailty:
        axes.append([(name, float(a), float(b)) for a, b in zip(x, w / w.sum(), strict=True)])
    listed = []
    for combination in itertools.product(*axes):
        traits = {name: value for name, value, _ in combination}
        person = Person(
            covariates={k: v for k, v in traits.items() if k in definition.covariates},
            frailty={k: float(v) for k, v in traits.items() if k in definition.frailty},
        )
        listed.append((person, float(np.prod([weight for *_, weight in combination]))))
    return listed
