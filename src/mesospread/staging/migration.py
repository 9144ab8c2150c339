"""What a stage of one edition may be in another: one to many, as the rules allow."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

from mesospread.staging.groups import compatible_tnm, fits
from mesospread.staging.tables import Change, Combination, Edition, edition_table, editions

Stated = tuple[str | None, str | None, str | None]


@dataclass(frozen=True)
class Reading:
    """A stage read in another edition.

    Attributes
    ----------
    edition, name
        That edition, short and for people.
    stages
        Stage groups it may be there, from early to late.
    combinations
        Every (t, n, m) it may be there.
    categories
        The same in words, e.g. ``"T1 or T2, N1, M0"``.
    same_letters
        The stage group there if T, N and M keep their names; None if that says nothing.
    rule, source
        Why, and where it is published.
    """

    edition: str
    name: str
    stages: tuple[str, ...]
    combinations: tuple[Combination, ...]
    categories: str
    same_letters: str | None
    rule: str
    source: str


def read_elsewhere(
    stated: Stated,
    group: str | None,
    edition: str,
    *,
    primary: str = "pleural",
    pathological: bool = False,
) -> tuple[Reading, ...]:
    """Return what a stage may be in each other edition in use.

    Parameters
    ----------
    stated
        T, N and M as the edition writes them; None if unknown.
    group
        Stage group; None if unknown.
    edition
        Edition they are stated in.
    primary
        Name of the primary.
    pathological
        Whether it was judged on tissue from an operation, not on scans.

    Raises
    ------
    InputError
        If the edition is unknown or has no such group.
    """
    table = edition_table(primary, edition)
    held = _held(stated, group, table)
    return tuple(
        _reading(held, table, edition_table(primary, other), pathological=pathological)
        for other in reversed(editions(primary))
        if other != table.edition
    )


def model_tnm(
    stated: Stated, group: str | None, edition: str | None, *, primary: str = "pleural"
) -> frozenset[Stated]:
    """Return every (t, n, m) that a stage may stand for, in categories that the model has.

    Editions in use have these categories; a stage of an earlier system is read in the edition
    that followed it.

    Parameters
    ----------
    stated
        T, N and M; None if unknown.
    group
        Stage group; None if unknown.
    edition
        Edition they are stated in; None if nothing but the categories is known.
    primary
        Name of the primary.

    Raises
    ------
    InputError
        If the edition is unknown or has no such group.
    """
    if edition is None:
        return frozenset({stated})
    table = edition_table(primary, edition)
    if group is not None or (table.categories_of != table.edition and any(stated)):
        held: Iterable[Stated] = _held(stated, group, table)
    else:
        # a category that is not stated stays open
        may_be = (_covered(table, category) for category in stated)
        held = {(t, n, m) for t, n, m in product(*may_be)}
    if table.current or table.categories_of != table.edition:
        return frozenset(held)
    return _changed(held, next(iter(table.becomes.values())))


def forecast_reading(
    stated: Stated, group: str | None, edition: str, *, primary: str = "pleural"
) -> str:
    """Return in a sentence how the forecast reads a stage of an earlier edition; empty if in use.

    Parameters
    ----------
    stated
        T, N and M; None if unknown.
    group
        Stage group; None if unknown.
    edition
        Edition they are stated in.
    primary
        Name of the primary.
    """
    table = edition_table(primary, edition)
    if table.current:
        return ""
    to = edition_table(primary, next(iter(table.becomes), table.categories_of))
    held = model_tnm(stated, group or "unknown", edition, primary=primary)
    if len(held) == len(to.table):
        return f"A forecast learns nothing from it: it allows every category of {to.name}."
    told = in_words([(t, n, m) for t, n, m in held if t and n and m], to)
    return f"A forecast reads it as any of these categories of {to.name}: {told}."


def in_words(combinations: Iterable[Combination], table: Edition) -> str:
    """Return combinations in words, those of one T, N and M taken together.

    Parameters
    ----------
    combinations
        Every (t, n, m).
    table
        The edition they are of.
    """
    left = set(combinations)
    by_m = {m: _by_nodes({(t, n) for t, n, found in left if found == m}, table) for m in table.m}
    if len({tuple(parts) for parts in by_m.values()}) == 1:
        # M makes no difference
        return "; ".join(f"{part}, any M" for part in next(iter(by_m.values())))
    return "; ".join(f"{part}, {m}" for m, parts in by_m.items() for part in parts)


def _by_nodes(left: set[tuple[str, str]], table: Edition) -> list[str]:
    """Return pairs of T and N in words, the Ts with the same Ns together."""
    by_nodes: dict[tuple[str, ...], list[str]] = {}
    for t in table.t:
        nodes = tuple(n for n in table.n if (t, n) in left)
        if nodes:
            by_nodes.setdefault(nodes, []).append(t)
    return [
        f"{_one_of(ts, list(table.t), 'T')}, {_one_of(list(ns), list(table.n), 'N')}"
        for ns, ts in by_nodes.items()
    ]


def _one_of(names: list[str], every: list[str], axis: str) -> str:
    if len(names) == len(every):
        return f"any {axis}"
    return " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))).replace("_", " ")


def _covered(table: Edition, category: str | None) -> tuple[str | None, ...]:
    return (None,) if category is None else table.covers.get(category, (category,))


def _held(stated: Stated, group: str | None, table: Edition) -> frozenset[Combination]:
    """Return the complete combinations of an edition that agree with what is stated."""
    held = compatible_tnm(group or "unknown", table.edition, primary=table.primary)
    known = dict(zip("tnm", stated, strict=True))
    return frozenset(c for c in held if fits(table, known, c))


def _changed(held: Iterable[Stated], change: Change) -> frozenset[Stated]:
    maps = (change.t, change.n, change.m)
    found: set[Stated] = set()
    for combination in held:
        may_be = [
            (None,) if category is None else becomes.get(category, (category,))
            for category, becomes in zip(combination, maps, strict=True)
        ]
        found |= {(t, n, m) for t, n, m in product(*may_be)}
    return frozenset(found)


def _steps(start: Edition, to: Edition) -> list[Change]:
    """Return the changes on the way from one edition to another."""
    steps: list[Change] = []
    at = edition_table(start.primary, start.categories_of)
    while at.edition != to.edition:
        following = to.edition if to.edition in at.becomes else next(iter(at.becomes))
        steps.append(at.becomes[following])
        at = edition_table(start.primary, following)
    return steps


def _reading(
    held: frozenset[Combination], start: Edition, to: Edition, *, pathological: bool
) -> Reading:
    steps = _steps(start, to)
    if pathological:
        steps = [step.pathological or step for step in steps]
    there: frozenset[Stated] = frozenset(held)
    for step in steps:
        there = _changed(there, step)
    stages = {to.table[t, n, m] for t, n, m in there if t and n and m}
    combinations = tuple(c for c in product(to.t, to.n, to.m) if c in there)
    kept = {to.table.get(c) for c in held} if start.table else set()
    return Reading(
        edition=to.edition,
        name=to.name,
        stages=tuple(group for group in to.groups if group in stages),
        combinations=combinations,
        categories=in_words(combinations, to),
        same_letters=kept.pop() if len(kept) == 1 and start.current else None,
        rule="; then ".join(step.rule for step in steps) or start.note,
        source="; ".join(dict.fromkeys(step.source for step in steps)) or start.source,
    )
