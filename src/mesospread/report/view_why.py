"""The section on why the numbers are what they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from mesospread.infer.result import Band, FactInfluence, Forecast, Influence
from mesospread.report.assumed import assumptions_told
from mesospread.report.view_blocks import Block, Bullets, Heading, Paragraph, Section, Table
from mesospread.report.view_findings import fact_label, finding_labels
from mesospread.report.view_numbers import Change, Share
from mesospread.report.view_parts import MAIN_MONTH, Words, site_label

_MOST_PLACES = {"plain": 6, "clinician": 20}
#: changes smaller than this, in probability, are not told
_LEAST_CHANGE = 0.005
_MOST_FINDINGS = {"plain": 6, "clinician": 20}
#: facts told for one place, on either side
_MOST_PUSHES = {"plain": 2, "clinician": 3}
#: the month by which the change of what can show, and of survival, is told
_LATER = str(MAIN_MONTH)

#: a fact by its name, with what it does to each place
_Push = tuple[str, Mapping[str, Band]]


def why_section(result: Forecast, words: Words) -> Section:
    """Return what each finding did to the numbers, and what had to be taken for granted."""
    blocks: list[Block] = [Paragraph(words("why.intro"))]
    labels = finding_labels(result, words)
    if result.influences:
        blocks += _by_finding(result.influences, labels, words)
    elif result.influences is not None:
        blocks.append(Paragraph(words("why.no_findings")))
    if result.fact_influences:
        # of survival only who has asked is told
        told = result.survival is not None
        blocks += _by_fact(result.fact_influences, words, survival=told)
    blocks += _by_place(result, _pushes_of(result, labels, words), words)
    unexpected = result.diagnostics.unexpected_findings
    if unexpected:
        blocks += [Heading(words("why.unexpected")), Paragraph(words("why.unexpected_intro"))]
        blocks.append(Bullets(tuple(labels[one] for one in unexpected)))
    if result.assumptions:
        blocks += [
            Heading(words("why.assumed")),
            Bullets(assumptions_told(result.assumptions, words)),
        ]
    blocks += [Paragraph(words("why.range")), Paragraph(words("why.changes"))]
    return Section("why", words("why.title"), tuple(blocks))


def _by_finding(
    influences: Sequence[Influence], labels: Mapping[str, str], words: Words
) -> list[Block]:
    """Return what each finding does to the chance of any distant spread, the strongest first."""
    ranked = sorted(influences, key=lambda one: -abs(one.distant_now))
    if not words.clinical:
        ranked = [one for one in ranked if abs(one.distant_now) >= _LEAST_CHANGE]
    if not ranked:
        return [Paragraph(words("why.none_clear"))]
    columns = ["finding", "far", *(["chance"] if words.clinical else [])]
    rows = [
        (
            labels[one.finding],
            _cell(one.distant_now_band, words),
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


def _by_fact(facts: Sequence[FactInfluence], words: Words, *, survival: bool) -> list[Block]:
    """Return what each fact about the person and each treatment does, now and later."""
    columns = ["fact", "far_now", "far_later", *(["alive_later"] if survival else [])]
    rows = []
    for one in facts:
        later = [one.distant_by_month, *([one.alive or {}] if survival else [])]
        bands = [one.distant_now_band, *(by_month.get(_LATER) for by_month in later)]
        rows.append((fact_label(one, words), *(_cell(band, words) for band in bands)))
    table = Table(
        words("why.fact_table"),
        tuple(words(f"why.column.{name}", months=_LATER) for name in columns),
        tuple(rows),
        note=words("why.fact_note"),
    )
    return [Heading(words("why.facts")), Paragraph(words("why.facts_intro")), table]


def _cell(band: Band | None, words: Words) -> str:
    """Write a change; that there is no clear one; or that the rest does not fit without it."""
    if band is None:
        return words("why.cannot")
    if not band.estimate:
        return words("why.hardly")
    return Change.of(band).cell(words.lang, whole=not words.clinical)


def _pushes_of(result: Forecast, labels: Mapping[str, str], words: Words) -> list[_Push]:
    """Return all facts by name, each with what it does to the places."""
    return [
        *((labels[one.finding], one.involved_now_bands) for one in result.influences or ()),
        *((fact_label(one, words), one.involved_now_bands) for one in result.fact_influences or ()),
    ]


def _by_place(result: Forecast, pushes: Sequence[_Push], words: Words) -> list[Block]:
    """Return for the places moved most what pushed their numbers up, and what down."""
    primary = str(result.patient["primary"])
    moved = {
        site.site: sum(abs(own[site.site].estimate) for _, own in pushes if site.site in own)
        for site in result.sites
    }
    rows = []
    for site in sorted(result.sites, key=lambda one: -moved[one.site]):
        up, down = (_pushed(pushes, site.site, words, sign) for sign in (1, -1))
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


def _pushed(pushes: Sequence[_Push], site: str, words: Words, sign: int) -> str:
    """Name what pushed the number of a place in one direction, the strongest first."""
    changes = [(name, own[site]) for name, own in pushes if site in own]
    pushed = [
        (name, band)
        for name, band in changes
        if sign * band.estimate >= _LEAST_CHANGE and Change.of(band).clear
    ]
    ranked = sorted(pushed, key=lambda push: -abs(push[1].estimate))[: _MOST_PUSHES[words.mode]]
    return "; ".join(
        words(
            "why.push",
            finding=name,
            change=Change.of(band).cell(words.lang, whole=not words.clinical),
        )
        for name, band in ranked
    )
