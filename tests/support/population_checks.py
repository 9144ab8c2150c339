"""Patients as drawn: covariates, random effects, and death from other causes."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy import stats

from mesospread.evidence.lifetable import load_life_table
from mesospread.model.compiled import compile_model
from mesospread.model.definition import Categorical, Numeric
from mesospread.model.population import draw_patients
from tests.support.graphs import structure_of
from tests.support.statistics import Floats, Score, chi_square, kolmogorov_smirnov, normal
from tests.support.subjects import Subject
from tests.support.twin_checks import number_of


def population(subject: Subject, n: int, seed: int) -> list[Score]:
    """Compare covariates and random effects with their distributions, and with each other."""
    structure = subject.structure
    patients = draw_patients(compile_model(structure), seed=seed, first=0, n=n)
    scores, normals = [], {}
    for name, spec in structure.definition.covariates.items():
        x = np.asarray(patients.covariates[name], np.float64)
        if isinstance(spec, Categorical):
            weights = np.array([number_of(structure, w) for w in spec.levels.values()])
            counts = np.bincount(x.astype(np.int64), minlength=len(weights))
            scores.append(chi_square(f"frequencies of {name}", counts, weights / weights.sum()))
            normals[name] = x == 0
        else:
            law = truncated_normal(subject, spec)
            z = float(x.mean() - law.mean()) / math.sqrt(law.var() / n)
            scores.append(normal(f"mean of {name}", "level", z, n))
            scores.append(kolmogorov_smirnov(f"distribution of {name}", x, law.cdf))
            normals[name] = x
    for name, x in patients.frailty.items():
        scores.append(normal(f"mean of {name}", "level", float(x.mean()) * math.sqrt(n), n))
        scores.append(kolmogorov_smirnov(f"distribution of {name}", x, stats.norm.cdf))
        normals[name] = x
    for (a, x), (b, y) in itertools.combinations(normals.items(), 2):
        z = float(np.corrcoef(x, y)[0, 1]) * math.sqrt(n)
        scores.append(normal(f"{a} and {b}", "independence", z, n))
    return scores


def truncated_normal(subject: Subject, spec: Numeric) -> stats.rv_continuous:
    """Return the distribution of a numeric covariate."""
    mean, sd, low, high = (
        number_of(subject.structure, v) for v in (spec.mean, spec.sd, spec.low, spec.high)
    )
    return stats.truncnorm((low - mean) / sd, (high - mean) / sd, loc=mean, scale=sd)


def background_subject() -> Subject:
    """Return people who die of nothing but other causes, from a random time on."""
    structure = structure_of(
        process=[
            {"name": "entry", "levels": ["no", "yes"]},
            {"name": "death", "levels": ["alive", "dead"], "terminal": True},
        ],
        route=[{"step": "entry.yes", "via": "other", "rate": 0.1}],
        schedule=[{"step": "death.dead", "background": True}],
        covariates={
            "age": {"mean": 65.0, "sd": 15.0, "low": 20.0, "high": 100.0},
            "sex": {"levels": {"male": 0.7, "female": 0.3}},
        },
    )
    return Subject(structure, 1500.0)


def background_mortality(subject: Subject, n: int, seed: int) -> list[Score]:
    """The life table's hazard, integrated to each death, is unit exponential in both sexes."""
    batch = subject.run(seed, n)
    age = np.asarray(batch.patients.covariates["age"], np.float64)
    sex = subject.structure.definition.covariates["sex"]
    assert isinstance(sex, Categorical)
    is_male = batch.patients.covariates["sex"] == list(sex.levels).index("male")
    months, cause = batch.end()
    table = load_life_table("uk")
    scores = [normal("everybody dies", "level", float((cause < 0).sum()), n)]
    used: Floats = table.cumulative_hazard(age + months / 12.0, is_male)
    used = used - table.cumulative_hazard(age, is_male)
    for label, who in (("men", is_male), ("women", ~is_male)):
        x = used[who]
        z = float(x.mean() - 1.0) * math.sqrt(len(x))
        scores.append(normal(f"mortality of {label}", "level", z, len(x)))
        scores.append(kolmogorov_smirnov(f"time to death of {label}", x, stats.expon.cdf))
    z = float(np.corrcoef(used, age)[0, 1]) * math.sqrt(n)
    scores.append(normal("clock of death and age", "independence", z, n))
    return scores
