"""Give treatments: add their windows, responses and effects to a structure.

A treatment is two more processes. ``treatment_1`` (before, on, after) steps at known
times after diagnosis; ``response_1`` (none, responding, resistant) starts to respond
by chance when treatment starts, and loses the response after a random time. Effects
are multipliers on routes by the level of these two. The names do not depend on which
treatment is given, so two arms share the chance of a response and its duration. An effect
that holds only among some people needs one more process, ``among_1_1`` (no, yes): whoever
belongs to them steps to *yes* when treatment starts, and nobody else does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from mesospread.errors import InputError, nearest, unknown_name
from mesospread.model.definition import Categorical, ChanceByCovariate, Process, Value
from mesospread.model.library import (
    Among,
    TreatmentDefinition,
    TreatmentEffect,
    TreatmentLibrary,
)
from mesospread.model.names import Term
from mesospread.model.structure import (
    FlatAction,
    FlatRoute,
    FlatSchedule,
    Structure,
    extend_structure,
)

KnownResponse = Literal["responding", "not_responding"]


@dataclass(frozen=True)
class Course:
    """One treatment as given to a patient.

    Attributes
    ----------
    name
        Name or alias in the library.
    start_months
        After diagnosis. If None: the usual start of a first line, or the end of the line
        before.
    duration_months
        The usual one if None.
    response
        What was seen, if anything; None leaves it to chance.
    """

    name: str
    start_months: float | None = None
    duration_months: float | None = None
    response: KnownResponse | None = None


def find_treatment(library: TreatmentLibrary, name: str, where: str = "") -> TreatmentDefinition:
    """Return a treatment by name or alias.

    Raises
    ------
    InputError
        If there is none, with the nearest name.
    """
    key = _normal(name)
    for treatment in library.treatment:
        if key in {_normal(n) for n in (treatment.name, *treatment.aliases)}:
            return treatment
    spellings = {n.lower(): t.name for t in library.treatment for n in (t.name, *t.aliases)}
    guess = nearest(name, spellings)
    raise InputError(
        "unknown treatment",
        where=where,
        given=repr(name),
        allowed=", ".join(t.name for t in library.treatment),
        remedy=f"Did you mean {guess!r}?" if guess else "",
    )


def _normal(name: str) -> str:
    """Return a name without case, order of partners and punctuation."""
    parts = name.lower().replace(" and ", "+").replace("/", "+").replace(",", "+").split("+")
    return "+".join(sorted(" ".join(part.replace("-", " ").split()) for part in parts))


def with_treatments(
    structure: Structure, library: TreatmentLibrary, courses: Sequence[Course]
) -> Structure:
    """Return the structure of a disease under treatment.

    Parameters
    ----------
    structure
        The disease; it must have a process with the role ``diagnosis``.
    library
        Its treatments.
    courses
        In order of their lines, after those the structure has already. No courses: the
        structure itself.

    Raises
    ------
    InputError
        For an unknown treatment, or a disease without diagnosis.
    """
    if not courses:
        return structure
    if not structure.of_role("diagnosis"):
        raise InputError("treatment needs a disease with a diagnosis", where=structure.name)
    structure = extend_structure(
        structure,
        processes=(),
        routes=structure.routes,
        schedule=(),
        parameters=library.parameters,
    )
    for course in courses:
        line = len(structure.treatments) + 1
        treatment = find_treatment(library, course.name, f"treatments[{line - 1}].name")
        structure = _with_line(structure, treatment, course, line)
    return structure


def _with_line(
    structure: Structure, treatment: TreatmentDefinition, course: Course, line: int
) -> Structure:
    window, response = len(structure.processes), len(structure.processes) + 1
    diagnosis = structure.position(structure.of_role("diagnosis")[0])
    processes = [
        Process(name=f"treatment_{line}", levels=("before", "on", "after"), role="treatment"),
        Process(
            name=f"response_{line}", levels=("none", "responding", "resistant"), role="response"
        ),
    ]
    groups = list(dict.fromkeys(e.among for e in treatment.effects if e.among is not None))
    marks = {among: response + 1 + place for place, among in enumerate(groups)}
    processes += [
        Process(name=f"among_{line}_{place}", levels=("no", "yes"), role="treatment")
        for place in range(1, len(groups) + 1)
    ]
    at = _Places(window, response, marks)
    routes = [_treated(structure, route, treatment.effects, at) for route in structure.routes]
    actions = [_resolved_action(structure, treatment, i) for i in range(len(treatment.actions))]
    if treatment.response is not None:
        chance = treatment.response.probability
        if course.response is not None:
            chance = 1.0 if course.response == "responding" else 0.0
        actions.append(FlatAction(response, 0, 1, chance))
        routes.append(
            FlatRoute(response, 1, "response", None, treatment.response.median_duration_months)
        )
    actions += [
        FlatAction(mark, 0, 1, _belongs(structure, treatment.name, among))
        for among, mark in marks.items()
    ]
    start: Value = treatment.start_after_diagnosis_months
    if course.start_months is not None:
        start = course.start_months
    anchor = (diagnosis, 1)
    if course.start_months is None and line > 1:
        # the next line, when the one before has ended
        anchor, start = (structure.position(f"treatment_{line - 1}"), 2), 0.0
    duration = treatment.duration_months
    schedule = [
        FlatSchedule(window, 0, *anchor, start, tuple(actions)),
        FlatSchedule(
            window,
            1,
            window,
            1,
            duration if course.duration_months is None else course.duration_months,
        ),
    ]
    extended = extend_structure(
        structure, processes=processes, routes=routes, schedule=schedule, parameters={}
    )
    return replace(extended, treatments=(*structure.treatments, treatment.name))


@dataclass(frozen=True)
class _Places:
    """Positions of the processes of one line: its window, its response, whom it is for."""

    window: int
    response: int
    marks: Mapping[Among, int]


def _belongs(structure: Structure, treatment: str, among: Among) -> ChanceByCovariate:
    """Return the chance of belonging to some people: 1 or 0, by their covariate."""
    covariates = structure.definition.covariates
    where = f"{treatment} › effects › among"
    spec = covariates.get(among.covariate)
    if not isinstance(spec, Categorical):
        known = [name for name, one in covariates.items() if isinstance(one, Categorical)]
        raise unknown_name("categorical covariate", among.covariate, known, where=where)
    for level in among.levels:
        if level not in spec.levels:
            raise unknown_name(f"level of {among.covariate}", level, spec.levels, where=where)
    chances = {level: float(level in among.levels) for level in spec.levels}
    return ChanceByCovariate(covariate=among.covariate, values=chances)


def _treated(
    structure: Structure, route: FlatRoute, effects: Iterable[TreatmentEffect], at: _Places
) -> FlatRoute:
    """Return a route with one more term for each effect that acts on it."""
    name = structure.processes[route.process].name
    terms = [
        _term(effect, at)
        for effect in effects
        if route.via in effect.on and (not effect.processes or name in _members(structure, effect))
    ]
    return replace(route, terms=(*route.terms, *terms))


def _members(structure: Structure, effect: TreatmentEffect) -> set[str]:
    groups = structure.definition.groups
    return {member for name in effect.processes for member in groups.get(name, (name,))}


def _term(effect: TreatmentEffect, at: _Places) -> Term:
    one: Value = 1.0
    if effect.among is not None:
        return Term(at.marks[effect.among], (one, effect.ratio))
    if effect.while_ == "on_treatment":
        return Term(at.window, (one, effect.ratio, one))
    if effect.while_ == "after_start":
        return Term(at.window, (one, effect.ratio, effect.ratio))
    return Term(at.response, (one, effect.ratio, one))


def _resolved_action(
    structure: Structure, treatment: TreatmentDefinition, number: int
) -> FlatAction:
    action = treatment.actions[number]
    where = f"{treatment.name} › actions[{number}]"
    process = structure.position(action.process)
    levels = structure.processes[process].levels
    for level in (action.to, action.at_least or action.to):
        if level not in levels:
            raise unknown_name(f"level of {action.process}", level, levels, where=where)
    from_level = levels.index(action.at_least) if action.at_least else 0
    return FlatAction(process, from_level, levels.index(action.to), action.probability)
