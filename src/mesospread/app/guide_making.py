"""Make the numbers of the model that the guide shows: many simulated populations, counted.

One population for each draw of the parameters, so that an interval says how sure the model is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np

from mesospread._version import __version__
from mesospread.model.calibrated import LENDER, shipped_posterior
from mesospread.model.definition import CategoricalEffect, ChanceByCovariate, Parameter, Value
from mesospread.model.library import TreatmentLibrary
from mesospread.model.load import disease, observation, shipped_primaries, treatments
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.model.structure import Structure
from mesospread.model.treatments import find_treatment
from mesospread.studies.census import Cells, Census, Key
from mesospread.studies.effects import WAITS, effects_by_name, stated
from mesospread.studies.lives import regime_plan
from mesospread.studies.protocol import CourseGiven

FORMAT = 1
DRAWS = 200
LIVES = 20_000
SEED = 1
#: what everybody is given after diagnosis: of a testicular tumour, nearly all had an operation
COURSE = {"testicular": "orchiectomy"}
USUAL_COURSE = "pemetrexed + cisplatin"
#: a count is told if at least this share of the populations was large enough for it
_ENOUGH_DRAWS = 0.8
#: causes and ways that are rarer than this even at the upper end are left out
_RARE = 0.005

Triple = tuple[float, float, float]


def make_numbers(
    *,
    draws: int = DRAWS,
    lives: int = LIVES,
    seed: int = SEED,
    workers: int = 1,
    progress: Callable[[str, int, int], None] = lambda primary, done, total: None,
) -> dict[str, Any]:
    """Return the numbers of all primaries, as they are written to the file.

    Parameters
    ----------
    draws
        Draws of the parameters.
    lives
        Simulated under each.
    seed
        Of the first population; the next has the next seed.
    workers
        Threads; they change no result.
    progress
        Called with the primary, the draws done and the draws in all.
    """
    # all files are read first, so that a fault in one is found at once
    for primary in shipped_primaries():
        fingerprint(primary)
    return {
        "format": FORMAT,
        "software": f"mesospread {__version__}",
        "draws": draws,
        "lives": lives,
        "seed": seed,
        "primaries": {
            primary: _of_primary(primary, draws, lives, seed, workers, progress)
            for primary in shipped_primaries()
        },
    }


def _of_primary(
    primary: str,
    draws: int,
    lives: int,
    seed: int,
    workers: int,
    progress: Callable[[str, int, int], None],
) -> dict[str, Any]:
    def one(k: int) -> Cells:
        return count(primary, draw=k, lives=lives, seed=seed + k)

    counted: list[Cells] = []
    with ThreadPoolExecutor(workers) as pool:
        for cells in pool.map(one, range(draws)):
            counted.append(cells)
            progress(primary, len(counted), draws)
    own = shipped_posterior(primary)
    posterior = own or shipped_posterior(LENDER)
    return {
        "posterior": posterior.digest if posterior else "",
        "calibrated": own is not None,
        "fingerprint": fingerprint(primary),
        "course": COURSE.get(primary, USUAL_COURSE),
        "grades": _grades(treatments(primary)),
        "kinds": _kinds(primary),
        "numbers": _nested(summary(counted)),
    }


def count(primary: str, *, draw: int, lives: int, seed: int) -> Cells:
    """Count one population: everybody with this disease, under one draw of the parameters.

    Parameters
    ----------
    primary
        Which disease.
    draw
        Number of the draw.
    lives
        How many are simulated; those who are never diagnosed are not counted.
    seed
        Of the simulation.
    """
    structure, library, seen = disease(primary), treatments(primary), observation(primary)
    spread = ranges({**structure.parameters, **library.parameters, **seen.parameters})
    values = dict(zip(spread.names, spread.draws(DRAWS_SEED, draw, 1)[0].tolist(), strict=True))
    regime = regime_plan(structure, library, (_course(primary, structure, library),))
    population = Census(regime, seen, values, seed=seed, n=lives)
    return population.counted() | stated(structure, library, values)


def _course(primary: str, structure: Structure, library: TreatmentLibrary) -> CourseGiven:
    name = COURSE.get(primary, USUAL_COURSE)
    start: Value = find_treatment(library, name).start_after_diagnosis_months
    if isinstance(start, str):
        start = {**structure.parameters, **library.parameters}[start].value
    return CourseGiven(name=name, start_months=start)


def summary(counted: list[Cells]) -> dict[Key, Triple]:
    """Return the median and the central 95 % of each cell over the draws.

    A cell that too few populations could fill is left out, and so is a cause or a way that is
    rare even at its upper end.
    """
    found: dict[Key, Triple] = {}
    for key in dict.fromkeys(key for cells in counted for key in cells):
        values = np.array([cells.get(key, np.nan) for cells in counted])
        values = values[np.isfinite(values)]
        if values.size < _ENOUGH_DRAWS * len(counted):
            continue
        low, middle, high = np.quantile(values, [0.025, 0.5, 0.975])
        if key[1].startswith(("cause:", "route:")) and high < _RARE:
            continue
        found[key] = (_short(middle), _short(low), _short(high))
    return found


def _short(number: float) -> float:
    """Round to three digits: more would be noise of the simulation."""
    return float(f"{number:.3g}")


def _nested(cells: Mapping[Key, Triple]) -> dict[str, dict[str, dict[str, Triple]]]:
    nested: dict[str, dict[str, dict[str, Triple]]] = {}
    for (about, what, when), triple in cells.items():
        nested.setdefault(about, {}).setdefault(what, {})[when] = triple
    return nested


def _grades(library: TreatmentLibrary) -> dict[str, dict[str, str]]:
    """Return by which evidence each treatment acts on each kind of route."""
    return {
        treatment.name: {
            name: ", ".join(dict.fromkeys(effect.grade for effect in effects))
            for name, effects in effects_by_name(treatment).items()
        }
        for treatment in library.treatment
    }


def _kinds(primary: str) -> dict[str, dict[str, str]]:
    """Return how the numbers came about that stand in the model: about, what -> kind."""
    structure, library, seen = disease(primary), treatments(primary), observation(primary)
    found: dict[str, dict[str, str]] = {}
    for modality in seen.modality:
        rates = {site: levels.get("detectable") for site, levels in modality.sensitivity.items()}
        found[f"scan:{modality.name}"] = {
            site: _kind(seen.parameters, rate) for site, rate in rates.items() if rate is not None
        }
    for treatment in library.treatment:
        chances = {f"clears:{a.process}:{a.to}": a.probability for a in treatment.actions}
        if treatment.response is not None:
            chances["response"] = treatment.response.probability
        found[f"treatment:{treatment.name}"] = {
            what: _kind(library.parameters, _one(chance)) for what, chance in chances.items()
        }
    for name, effect in structure.definition.effects.items():
        if isinstance(effect, CategoricalEffect):
            found[f"effect:{name}"] = {
                level: _kind(structure.parameters, ratio) for level, ratio in effect.ratios.items()
            }
        else:
            what = f"{effect.covariate} +{effect.per:g}"
            found[f"effect:{name}"] = {what: _kind(structure.parameters, effect.ratio)}
    for name, frailty in structure.definition.frailty.items():
        kind = _kind(structure.parameters, frailty.log_sd)
        found[f"frailty:{name}"] = {"fast against slow": kind}
    found["wait:outgrowth"] = {
        what: _kind(structure.parameters, name)
        for name, what in WAITS.items()
        if name in structure.parameters
    }
    return found


def _one(chance: Value | ChanceByCovariate) -> Value:
    """Return a chance, or the first of those that differ between people."""
    return next(iter(chance.values.values())) if isinstance(chance, ChanceByCovariate) else chance


def _kind(parameters: Mapping[str, Parameter], value: Value) -> str:
    """Return the kind of a number in the words of the definition."""
    if not isinstance(value, str):
        return "fixed"
    parameter = parameters[value]
    return f"{parameter.kind}, calibrated" if parameter.draws else parameter.kind


def fingerprint(primary: str) -> str:
    """Return a short fingerprint of all numbers and routes of a primary.

    It does not depend on notes and sources, so that to explain a number better makes nothing
    out of date.
    """
    structure, library, seen = disease(primary), treatments(primary), observation(primary)
    parameters = {**structure.parameters, **library.parameters, **seen.parameters}
    rows = [
        (name, p.unit, *(f"{number:.6g}" for number in (p.value, p.low, p.high)))
        for name, p in sorted(parameters.items())
    ]
    shape = (structure.processes, structure.routes, structure.schedule)
    return hashlib.sha256(repr((rows, shape)).encode()).hexdigest()[:12]


def written(numbers: Mapping[str, Any]) -> bytes:
    """Return the numbers as JSON, one line for each thing that they are about."""
    return "".join(_lines(numbers)).encode()


def _lines(numbers: Mapping[str, Any]) -> Iterable[str]:
    def short(part: Any) -> str:
        return json.dumps(part, ensure_ascii=False, separators=(",", ":"))

    head = {key: value for key, value in numbers.items() if key != "primaries"}
    yield f'{short(head)[:-1]},"primaries":{{'
    for i, (primary, part) in enumerate(numbers["primaries"].items()):
        rest = {key: value for key, value in part.items() if key != "numbers"}
        yield f'{"," if i else ""}\n{short(primary)}:{short(rest)[:-1]},"numbers":{{'
        rows = [f"\n{short(about)}:{short(cells)}" for about, cells in part["numbers"].items()]
        yield ",".join(rows) + "}}"
    yield "}}\n"
