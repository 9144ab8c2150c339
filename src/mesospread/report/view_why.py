"""The section on why the numbers are what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mesospread.infer.result import Forecast, Influence
from mesospread.report.view_blocks import Block, Bullets, Heading, Paragraph, Section, Table
from mesospread.report.view_findings import finding_labels
from mesospread.report.view_numbers import Change, Share, signed
from mesospread.report.view_parts import Words, effort_line, site_label

_MOST_PLACES = {"plain": 6, "clinician": 20}
#: changes smaller than this, in probability, are not told
_LEAST_CHANGE = 0.005
_MOST_FINDINGS = {"plain": 6, "clinician": 20}
#: facts told for one place, on either side
_MOST_PUSHES = 3


def why_section(result: Forecast, words: Words) -> Section:
    """Return what each finding did to the numbers, and what had to be taken for granted."""
    blocks: list[Block] = [Paragraph(words("why.intro"))]
    labels = finding_labels(result, words)
    if result.influences:
        blocks += _by_finding(result.influences, labels, words)
        blocks += _by_place(result, result.influences, labels, words)
    elif result.influences is not None:
        blocks.append(Paragraph(words("why.no_findings")))
    unexpected = result.diagnostics.unexpected_findings
    if unexpected:
        blocks += [Heading(words("why.unexpected")), Paragraph(words("why.unexpected_intro"))]
        blocks.append(Bullets(tuple(labels[one] for one in unexpected)))
    if result.assumptions:
        blocks += [Heading(words("why.assumed")), Bullets(tuple(result.assumptions))]
    blocks += [Paragraph(words("why.range")), Paragraph(words("why.changes"))]
    if words.clinical:
        blocks.append(Paragraph(effort_line(result.diagnostics, words), "note"))
    return Section("why", words("why.title"), tuple(blocks))


def _by_finding(
    influences: Sequence[Influence], labels: Mapping[str, str], words: Words
) -> list[Block]:
    """Return what each finding does to the chance of any distant spread, the strongest first."""
    ranked = sorted(influences, key=lambda one: -abs(one.distant_now))
    if not words.clinical:
        ranked = [one for one in ranked if one.distant_now]
    if not ranked:
        return [Paragraph(words("why.none_clear"))]
    columns = ["finding", "far", *(["chance"] if words.clinical else [])]
    rows = [
        (
            labels[one.finding],
            Change.of(one.distant_now_band).cell(words.lang, whole=not words.clinical)
            if one.distant_now
            else words("why.hardly"),
            *([Share.of(one.chance_band).cell()] if words.clinical else []),
        )
        for one in ranked[: _MOST_FINDINGS[words.mode]]
    ]
    table = Table(
        words("why.table"),
        tuple(words(f"why.column.{name}") for name in columns),
        tuple(rows),
        note=words("why.note"),
    )
    return [table]


def _by_place(
    result: Forecast, influences: Sequence[Influence], labels: Mapping[str, str], words: Words
) -> list[Block]:
    """Return for the places moved most what pushed their numbers up, and what down."""
    primary = str(result.patient["primary"])
    moved = {
        site.site: sum(abs(one.involved_now.get(site.site, 0.0)) for one in influences)
        for site in result.sites
    }
    rows = []
    for site in sorted(result.sites, key=lambda one: -moved[one.site]):
        up, down = (_pushes(influences, site.site, labels, words, sign) for sign in (1, -1))
        if up or down:
            label = words(
                "why.place_now",
                place=site_label(primary, site.site, words),
                share=Share.of(site.involved_now).cell(),
            )
            rows.append((label, up or words("why.nothing"), down or words("why.nothing")))
    if not rows:
        return []
    table = Table(
        words("why.place_table"),
        tuple(words(f"why.column.{name}") for name in ("place", "up", "down")),
        tuple(rows[: _MOST_PLACES[words.mode]]),
        words=(1, 2),
        note=words("why.place_note"),
    )
    return [Heading(words("why.places")), table]


def _pushes(
    influences: Sequence[Influence],
    site: str,
    labels: Mapping[str, str],
    words: Words,
    sign: int,
) -> str:
    """Name what pushed the number of a place in one direction, the strongest first."""
    changes = [(one.finding, one.involved_now.get(site, 0.0)) for one in influences]
    pushed = [(name, change) for name, change in changes if sign * change >= _LEAST_CHANGE]
    ranked = sorted(pushed, key=lambda push: -abs(push[1]))[:_MOST_PUSHES]
    return "; ".join(
        words(
            "why.push",
            finding=labels[name],
            change=signed(change, whole=not words.clinical),
        )
        for name, change in ranked
    )
