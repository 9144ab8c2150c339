"""The section on why the numbers are what they are."""

from __future__ import annotations

from mesospread.infer.result import Forecast, Influence
from mesospread.report.view_blocks import Block, Bullets, Heading, Paragraph, Section, Table
from mesospread.report.view_numbers import signed
from mesospread.report.view_parts import Words, effort_line, site_label

_MOST_PLACES = 3
#: changes smaller than this, in probability, are not told
_LEAST_CHANGE = 0.005
_MOST_FINDINGS = {"plain": 6, "clinician": 20}


def why_section(result: Forecast, words: Words) -> Section:
    """Return what each finding did to the numbers, and what had to be taken for granted."""
    blocks: list[Block] = [Paragraph(words("why.intro"))]
    if result.influences:
        blocks.append(_table(result, words))
    unexpected = result.diagnostics.unexpected_findings
    if unexpected:
        blocks += [Heading(words("why.unexpected")), Paragraph(words("why.unexpected_intro"))]
        blocks.append(Bullets(tuple(unexpected)))
    if result.assumptions:
        blocks += [Heading(words("why.assumed")), Bullets(tuple(result.assumptions))]
    blocks += [Paragraph(words("why.range")), Paragraph(words("why.changes"))]
    if words.clinical:
        blocks.append(Paragraph(effort_line(result.diagnostics, words), "note"))
    return Section("why", words("why.title"), tuple(blocks))


def _table(result: Forecast, words: Words) -> Table:
    ranked = sorted(result.influences or (), key=lambda one: -abs(one.distant_now))
    rows = [
        (
            one.finding,
            signed(one.distant_now, whole=not words.clinical),
            _places(one, result, words),
        )
        for one in ranked[: _MOST_FINDINGS[words.mode]]
    ]
    return Table(
        words("why.table"),
        tuple(words(f"why.column.{name}") for name in ("finding", "far", "places")),
        tuple(rows),
        words=(2,),
        note=words("why.note"),
    )


def _places(influence: Influence, result: Forecast, words: Words) -> str:
    primary = str(result.patient["primary"])
    moved = sorted(influence.involved_now.items(), key=lambda item: -abs(item[1]))
    shown = [
        f"{site_label(primary, site, words)} {signed(change, whole=not words.clinical)}"
        for site, change in moved[:_MOST_PLACES]
        if abs(change) >= _LEAST_CHANGE
    ]
    return ", ".join(shown) or words("why.hardly")
