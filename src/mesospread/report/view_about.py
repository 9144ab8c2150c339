"""The sections at the end: questions, who to call, what this is, and where it comes from."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from mesospread.evidence.published import load_published
from mesospread.infer.result import Comparison, Forecast
from mesospread.report.strings import ENGLISH
from mesospread.report.view_blocks import (
    Block,
    Bullets,
    Contacts,
    Folded,
    Heading,
    Paragraph,
    Section,
    Table,
)
from mesospread.report.view_marks import Behind, behind_table
from mesospread.report.view_parts import GuideTexts, Words, effort_line, provenance

_SURVIVAL = re.compile(r"\bOS\b|(?<!free )surviv|death|\bdead\b|alive", re.IGNORECASE)
_GRADES = ("high", "medium", "low")


def questions_section(texts: GuideTexts, words: Words) -> Section | None:
    """Return what to ask the team, with room to write."""
    if not texts.questions:
        return None
    return Section(
        "questions",
        words("questions.title"),
        (Paragraph(words("questions.intro")), Bullets(texts.questions)),
    )


def help_section(texts: GuideTexts, words: Words) -> Section:
    """Return who to call: in the country of the reader, or one line for each country."""
    blocks: list[Block] = [Paragraph(words("help.team"))]
    if texts.contacts:
        lines = "lines" if texts.country else "lines_everywhere"
        blocks.append(Paragraph(words(f"help.{lines}", country=texts.country)))
        blocks.append(Contacts(texts.contacts))
        how = "no_merit" if texts.country else "one_each"
        blocks.append(Paragraph(words(f"help.{how}"), "note"))
        if texts.other_contacts:
            others = (Contacts(texts.other_contacts),)
            blocks.append(Folded(words("help.others"), others, printed=False))
    elif texts.other_contacts:
        blocks.append(Paragraph(words("help.none_there", country=texts.country)))
        blocks.append(Contacts(texts.other_contacts))
        blocks.append(Paragraph(words("help.one_each"), "note"))
    else:
        blocks.append(Paragraph(words("help.none")))
    return Section("help", words("help.title"), (*blocks, *_centres(texts, words)))


def _centres(texts: GuideTexts, words: Words) -> list[Block]:
    """Return where people are treated, in the country of the reader if it is known."""
    if not texts.country:
        return [Paragraph(words("help.centres_anywhere"), "note")]
    heading = Heading(words("help.centres", country=texts.country))
    if not texts.centres:
        return [heading, Paragraph(words("help.no_centres"))]
    more = words("help.more_centres", n=texts.more_centres) if texts.more_centres else ""
    told = " ".join(filter(None, (more, words("help.centres_note"))))
    return [heading, Contacts(texts.centres), Paragraph(told, "note")]


def about_section(
    result: Forecast | Comparison, words: Words, behind: Iterable[Behind] = ()
) -> Section:
    """Return what this is and is not, what it rests on, and what is needed to repeat it.

    Parameters
    ----------
    result, words
        The answer and the reader's words.
    behind
        What stands behind the numbers that carry a mark.
    """
    made = provenance(result.model)
    told = "calibrated" if made.calibrated else "not_calibrated"
    blocks: list[Block] = [
        Paragraph(words("about.what")),
        Paragraph(words(f"about.limits_{told}")),
    ]
    if words.clinical:
        foreign = "" if words.lang == ENGLISH else ENGLISH
        blocks += [Paragraph(words("about.note")), Paragraph(made.note, lang=foreign)]
    grades = Counter(source["confidence"] for source in result.sources)
    blocks.append(
        Paragraph(
            words(
                "about.sources",
                n=len(result.sources),
                **{grade: grades.get(grade, 0) for grade in _GRADES},
            )
        )
    )
    listed = list(behind)
    if listed:
        blocks.append(Folded(words("mark.title"), (behind_table(listed, words),)))
    blocks.append(_sources(result, words))
    blocks.append(Paragraph(words("about.made", **_made(made))))
    if words.clinical:
        blocks.append(Paragraph(effort_line(result.diagnostics, words), "note"))
    return Section("about", words("about.title"), tuple(blocks))


def _made(made: Any) -> dict[str, Any]:
    return {
        name: getattr(made, name)
        for name in ("version", "disease", "definition", "input_hash", "seed", "draws")
    } | {"life_table": made.life_table.upper()}


def _in_english(findings: list[list[str]], words: Words) -> frozenset[tuple[int, int]]:
    """Return the cells of the table of sources that are not in the language of the reader."""
    if words.lang == ENGLISH:
        return frozenset()
    works = {(row, 0) for row in range(len(findings))}
    return frozenset(works | {(row, 1) for row, said in enumerate(findings) if said})


def _sources(result: Forecast | Comparison, words: Words) -> Folded:
    """Return all sources; what they say about survival only if that was asked for."""
    survival = result.survival if isinstance(result, Forecast) else result.options[0].survival
    told: dict[tuple[str, str], list[str]] = {}
    for source in sorted(result.sources, key=_by_grade):
        work = f"{source['citation']}. {_where(source['doi'])}".removesuffix(". ")
        findings = told.setdefault((work, _grade(source, words)), [])
        # an answer without survival leaves out what a source says about it
        if source["says"] and (survival is not None or not about_survival(source)):
            findings.append(source["says"])
    table = Table(
        words("about.source_table"),
        tuple(words(f"about.column.{name}") for name in ("source", "says", "grade")),
        tuple(
            (work, "; ".join(findings) or words("about.not_asked"), grade)
            for (work, grade), findings in told.items()
        ),
        words=(1, 2),
        english=_in_english(list(told.values()), words),
    )
    works = len({work for work, _ in told})
    return Folded(words("about.all_sources", n=works), (table,), printed=words.clinical)


def _where(found: str) -> str:
    """Return where a work is found: an address as it is, a bare number with its kind."""
    if found.startswith("10."):
        return f"doi:{found}"
    return f"PMID {found}" if found.isdigit() else found


def _by_grade(source: Mapping[str, str]) -> tuple[int, str]:
    grade = source["confidence"]
    return _GRADES.index(grade) if grade in _GRADES else len(_GRADES), source["citation"]


def _grade(source: Mapping[str, str], words: Words) -> str:
    return words(
        "about.grade",
        grade=words(f"grade.{source['confidence']}"),
        read=words.maybe(f"read.{source['read_in']}", source["read_in"]),
    )


def about_survival(source: Mapping[str, str]) -> bool:
    """Return whether a source tells how long people lived, which nobody sees unasked."""
    value = load_published().get(source["id"])
    told = value is not None and value.topic == "survival"
    return told or bool(_SURVIVAL.search(source["says"]))
