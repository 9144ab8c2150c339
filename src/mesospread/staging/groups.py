"""From T, N and M to the stage group, and back."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from mesospread.errors import InputError
from mesospread.staging.parsing import groups_meant, parse_category
from mesospread.staging.tables import Combination, Edition, edition_table


@dataclass(frozen=True)
class StageAnswer:
    """A stage group and the rule that gave it.

    Attributes
    ----------
    stage
        Stage group; None if the unknown categories leave several possible.
    possible
        All groups that fit, from early to late.
    t, n, m
        The categories used; None if unknown.
    edition
        Staging edition.
    primary
        Name of the primary.
    rule
        The rule that decided, in words.
    source
        Where the rule is published.
    """

    stage: str | None
    possible: tuple[str, ...]
    t: str | None
    n: str | None
    m: str | None
    edition: str
    primary: str
    rule: str
    source: str


def stage_group(
    t: str | None = None,
    n: str | None = None,
    m: str | None = None,
    edition: str | None = None,
    *,
    primary: str = "pleural",
    where: str = "",
) -> StageAnswer:
    """Return the stage group of T, N and M, any of which may be unknown.

    Parameters
    ----------
    t, n, m
        Categories; case, a ``c`` or ``p`` before them and a missing letter are tolerated.
        None, ``"TX"`` and ``"unknown"`` mean unknown.
    edition
        Staging edition; None for the newest of the primary.
    primary
        Name of the primary.
    where
        Path into the input, for errors.

    Returns
    -------
    The group, or all that are possible, with the rule and its source.

    Raises
    ------
    InputError
        If the edition is unknown or has no such category.
    """
    table = edition_table(primary, edition, where=where)
    known = {
        "t": parse_category(t, "t", table.edition, primary=primary, where=where),
        "n": parse_category(n, "n", table.edition, primary=primary, where=where),
        "m": parse_category(m, "m", table.edition, primary=primary, where=where),
    }
    found = {
        group for group, held in table.holds.items() if any(fits(table, known, c) for c in held)
    }
    possible = tuple(group for group in table.groups if group in found)
    return StageAnswer(
        stage=possible[0] if len(possible) == 1 else None,
        possible=possible,
        **known,
        edition=table.edition,
        primary=primary,
        rule=_rule(table, known, possible),
        source=table.source,
    )


def compatible_tnm(
    group: str, edition: str | None = None, *, primary: str = "pleural", where: str = ""
) -> frozenset[tuple[str, str, str]]:
    """Return every (t, n, m) that an edition puts in a stage group.

    Parameters
    ----------
    group
        Stage group; ``"III"`` covers IIIA and IIIB, ``"unknown"`` covers all.
    edition
        Staging edition; None for the newest of the primary.
    primary
        Name of the primary.
    where
        Path into the input, for errors.

    Raises
    ------
    InputError
        If the edition is unknown or has no such group.
    """
    table = edition_table(primary, edition, where=where)
    wanted = groups_meant(group, table.edition, primary=primary, where=where)
    return frozenset().union(*(table.holds[name] for name in wanted))


def fits(table: Edition, known: Mapping[str, str | None], combination: Combination) -> bool:
    """Return whether a complete (t, n, m) of an edition agrees with what is known of it.

    Parameters
    ----------
    table
        The edition.
    known
        ``t``, ``n`` and ``m``; None if unknown, or a category that covers several.
    combination
        The three categories.
    """
    return all(
        stated is None or category in table.covers.get(stated, (stated,))
        for stated, category in zip((known["t"], known["n"], known["m"]), combination, strict=True)
    )


def check_group_fits(group: str, answer: StageAnswer, *, where: str = "") -> None:
    """Refuse a stated stage group that its own T, N and M rule out.

    Parameters
    ----------
    group
        The stated group.
    answer
        What T, N and M give in the same edition.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If none of the groups meant is possible.
    """
    meant = groups_meant(group, answer.edition, primary=answer.primary, where=where)
    if not set(meant) & set(answer.possible):
        raise InputError(
            "the stage group contradicts T, N and M",
            where=where,
            given=f"{group}, but {answer.rule}",
            allowed=", ".join(answer.possible),
            remedy="Check the edition, or leave out the one that is less sure",
            reason="group_contradicts",
            values={"allowed": answer.possible},
        )


def t_from_pci(pci: int, *, where: str = "") -> str:
    """Return the T category of a peritoneal cancer index.

    Yan et al. Cancer 2011;117:1855. In print 30 stands in both T3 and T4; it is T3 here. PCI 0,
    not in that table, counts as T1.

    Parameters
    ----------
    pci
        Peritoneal cancer index, 0 to 39.
    where
        Path into the input, for the error.

    Raises
    ------
    InputError
        If the index is outside 0 to 39.
    """
    limits: dict[str, int] = edition_table("peritoneal").extra["pci"]
    for t, largest in limits.items():
        if 0 <= pci <= largest:
            return t
    raise InputError(
        "the peritoneal cancer index is out of range",
        where=where,
        given=str(pci),
        allowed="a whole number from 0 to 39",
        remedy="Correct it, or leave it out if unknown",
        reason="index_range",
    )


def _rule(table: Edition, known: dict[str, str | None], possible: Collection[str]) -> str:
    """Return the deciding row of the stage-group table in words."""
    if known["m"] == "M1":
        row = "any T, any N, M1"
    else:
        row = " ".join(known[axis] or f"{axis.upper()} unknown," for axis in "tnm").rstrip(",")
    why = "stage-group table" if table.table else "what each stage takes in"
    return f"{table.name}: {row} -> {' or '.join(possible)} ({why})"
