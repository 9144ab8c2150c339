"""The stage by excluding: plain yes/no questions, and the stages that are still possible."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

from mesospread.errors import ContradictionError
from mesospread.staging import edition_of_words, edition_table, t_from_pci

__all__ = ["QUESTIONS", "Question", "Remaining", "edition_of_words", "remaining_stages"]

Axis = Literal["t", "n", "m"]


@dataclass(frozen=True)
class Question:
    """One question with the answer yes, no or not known.

    Attributes
    ----------
    name
        Short name; the words of the question stand in the catalogue of the page.
    axis
        Which category it narrows down.
    yes
        Categories left by "yes"; "no" leaves the others, unless `no` says which.
    no
        Categories left by "no"; empty: those not in `yes`.
    edition
        The only edition that it belongs to; empty for all.
    implies
        The question that "yes" answers as well; empty if there is none.
    """

    name: str
    axis: Axis
    yes: tuple[str, ...]
    no: tuple[str, ...] = ()
    edition: str = ""
    implies: str = ""


def _in_words(beyond: str) -> tuple[Question, ...]:
    """Return the questions where no TNM exists, and T says how far it has grown."""
    return (
        Question("through_wall", "t", ("through_wall", "adjacent_organs", "beyond")),
        Question("neighbours", "t", ("adjacent_organs", "beyond")),
        Question(beyond, "t", ("beyond",)),
        Question("nodes", "n", ("N1",)),
        Question("far", "m", ("M1",)),
    )


#: primary -> its questions, the widest first
QUESTIONS: Mapping[str, tuple[Question, ...]] = {
    "pleural": (
        Question("far", "m", ("M1",)),
        Question("nodes", "n", ("N1", "N2")),
        Question("nodes_other_side", "n", ("N2",)),
        Question("grown_through", "t", ("T4",)),
        # a thick lining may have grown through as well; a thin one may be T2 for other reasons
        Question("over_30_mm", "t", ("T3", "T4"), ("T1", "T2", "T4"), "9", "over_12_mm"),
        Question("over_12_mm", "t", ("T2", "T3", "T4"), ("T1", "T2", "T4"), "9"),
    ),
    "peritoneal": (
        Question("far", "m", ("M1",)),
        Question("nodes", "n", ("N1",)),
    ),
    "pericardial": _in_words("out_of_chest"),
    "testicular": _in_words("out_of_groin"),
}


@dataclass(frozen=True)
class Remaining:
    """What the answers leave.

    Attributes
    ----------
    groups
        All stage groups of the edition, from early to late.
    possible
        Those still possible.
    edition, edition_name
        The staging edition, short and for people.
    stage
        What a patient file can say: ``t``, ``n``, ``m`` and ``group`` where one is left.
    """

    groups: tuple[str, ...]
    possible: tuple[str, ...]
    edition: str
    edition_name: str
    stage: Mapping[str, str]


def remaining_stages(
    primary: str,
    answers: Mapping[str, bool],
    *,
    stated: Mapping[str, str] = MappingProxyType({}),
    pci: int | None = None,
    edition: str | None = None,
) -> Remaining:
    """Return the stages that the answers leave.

    Parameters
    ----------
    primary
        Name of the primary.
    answers
        Name of a question to yes or no; one that is not known is left out.
    stated
        ``t``, ``n``, ``m`` if they are known; one that the answers rule out is passed over.
    pci
        Peritoneal cancer index; None if unknown.
    edition
        Staging edition; None for the newest, or for the one that a question belongs to.

    Raises
    ------
    ContradictionError
        If no category is left on one axis.
    InputError
        If the primary or the edition is unknown, or the index out of range.
    """
    asked = [q for q in QUESTIONS[primary] if q.name in answers]
    for question in asked:
        if answers[question.name] and answers.get(question.implies) is False:
            raise _contradiction(question)
    edition = edition or next((q.edition for q in asked if q.edition), None)
    table = edition_table(primary, edition)
    left = {"t": tuple(table.t), "n": tuple(table.n), "m": tuple(table.m)}
    for question in asked:
        if question.edition in ("", table.edition):
            left[question.axis] = _narrowed(left[question.axis], question, answers[question.name])
    known = {**stated, **({} if pci is None else {"t": t_from_pci(pci)})}
    left |= {axis: (known[axis],) for axis in left if known.get(axis) in left[axis]}
    found = {
        group
        for group, held in table.holds.items()
        if any(t in left["t"] and n in left["n"] and m in left["m"] for t, n, m in held)
    }
    possible = tuple(group for group in table.groups if group in found)
    stage = {axis: kept[0] for axis, kept in left.items() if len(kept) == 1}
    numbers = {group.rstrip("ABC") for group in possible}
    if len(numbers) == 1 and len(stage) < len(left):
        stage["group"] = possible[0] if len(possible) == 1 else numbers.pop()
    return Remaining(table.groups, possible, table.edition, table.name, stage)


def _narrowed(left: tuple[str, ...], question: Question, answer: bool) -> tuple[str, ...]:
    """Return the categories that one more answer leaves."""
    others = question.no or tuple(c for c in left if c not in question.yes)
    kept = tuple(c for c in left if c in (question.yes if answer else others))
    if not kept:
        raise _contradiction(question)
    return kept


def _contradiction(question: Question) -> ContradictionError:
    return ContradictionError(
        "these answers cannot all be true",
        where=question.name,
        remedy="Change one of them to not known",
        reason="answers_contradict",
    )
