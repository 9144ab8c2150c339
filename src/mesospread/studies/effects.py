"""What treatments and traits of a person change, straight from the numbers of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from mesospread.model.definition import Action, Categorical, CategoricalEffect, Value
from mesospread.model.library import TreatmentDefinition, TreatmentEffect, TreatmentLibrary
from mesospread.model.parameters import Values
from mesospread.model.structure import Structure
from mesospread.studies.census import Cells, Key

#: of 100 people, ten are faster and ten are slower than these
_NINETIETH = 1.2815515655446004
#: waits that are told: parameter, and what waits
WAITS = {"outgrowth_organ": "organ", "outgrowth_contiguous": "contiguous"}

Number = Callable[[Value], float]


def stated(structure: Structure, library: TreatmentLibrary, values: Values) -> Cells:
    """Return the effects that a model states, under one set of values.

    Parameters
    ----------
    structure
        The disease.
    library
        Its treatments.
    values
        Of all parameters, in months.

    Returns
    -------
    dict
        Filed as by `mesospread.studies.census.Census.counted`.
    """

    def number(value: Value) -> float:
        return float(values[value]) if isinstance(value, str) else float(value)

    cells: Cells = {}
    for treatment in library.treatment:
        cells.update(_treatment(structure, treatment, number))
    cells.update(_traits(structure, number, values))
    return cells


def effect_name(via: str, effect: TreatmentEffect) -> str:
    """Return under which name an effect on a kind of route is filed.

    ``growth``, ``growth@thorax`` in some places, ``mortality/biphasic+sarcomatoid`` among some
    people.
    """
    places = f"@{'+'.join(effect.processes)}" if effect.processes else ""
    people = f"/{'+'.join(effect.among.levels)}" if effect.among is not None else ""
    return f"{via}{places}{people}"


def effects_by_name(treatment: TreatmentDefinition) -> dict[str, list[TreatmentEffect]]:
    """Return the effects of a treatment that act on each kind of route.

    Those on some places, or among some people, act there besides those on everything.
    """
    found: dict[str, list[TreatmentEffect]] = {}
    everywhere = [e for e in treatment.effects if not e.processes and e.among is None]
    for effect in treatment.effects:
        for via in effect.on:
            name = effect_name(via, effect)
            if effect not in everywhere and name not in found:
                found[name] = [other for other in everywhere if via in other.on]
            found.setdefault(name, []).append(effect)
    return found


def _treatment(
    structure: Structure, treatment: TreatmentDefinition, number: Number
) -> Iterator[tuple[Key, float]]:
    about = f"treatment:{treatment.name}"
    for name, effects in effects_by_name(treatment).items():
        always = [number(e.ratio) for e in effects if e.while_ != "responding"]
        working = [number(e.ratio) for e in effects]
        lasting = [number(e.ratio) for e in effects if e.while_ == "after_start"]
        yield (about, name, "given"), math.prod(always)
        if lasting:
            yield (about, name, "afterwards"), math.prod(lasting)
        if treatment.response is not None:
            yield (about, name, "working"), math.prod(working)
    if treatment.response is not None:
        chance = treatment.response.probability
        if isinstance(chance, float | str):
            yield (about, "response", "all"), number(chance)
        else:
            for level, value in chance.values.items():
                yield (about, "response", level), number(value)
    for action in treatment.actions:
        yield from _action(structure, about, action, number)


def _action(
    structure: Structure, about: str, action: Action, number: Number
) -> Iterator[tuple[Key, float]]:
    if structure.process(action.process).role == "death":
        return
    chance = action.probability
    if isinstance(chance, float | str):
        yield (about, f"clears:{action.process}:{action.to}", "all"), number(chance)
    else:
        for level, value in chance.values.items():
            yield (about, f"clears:{action.process}:{action.to}", level), number(value)


def _traits(structure: Structure, number: Number, values: Values) -> Iterator[tuple[Key, float]]:
    definition = structure.definition
    for name, effect in definition.effects.items():
        about = f"effect:{name}"
        if not isinstance(effect, CategoricalEffect):
            what = f"{effect.covariate} +{effect.per:g}"
            yield (about, what, "ratio"), number(effect.ratio)
            continue
        spec = definition.covariates[effect.covariate]
        assert isinstance(spec, Categorical)
        for level in spec.levels:
            yield (about, level, "ratio"), number(effect.ratios.get(level, 1.0))
    for name, frailty in definition.frailty.items():
        # how many times as fast in the fastest tenth as in the slowest tenth, at least
        ratio = math.exp(2.0 * _NINETIETH * number(frailty.log_sd))
        yield (f"frailty:{name}", "fast against slow", "ratio"), ratio
    for parameter, what in WAITS.items():
        if parameter in values:
            yield ("wait:outgrowth", what, "months"), math.log(2.0) / values[parameter]
