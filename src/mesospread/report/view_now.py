"""The sections on where it is, and where it may go next."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.infer.result import Forecast
from mesospread.report.bodymap import body_map
from mesospread.report.svg import Picture, icons
from mesospread.report.view_blocks import (
    Block,
    Callout,
    Folded,
    Group,
    Paragraph,
    Section,
    Table,
)
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import SiteView, Words, icon_key_picture, provenance

#: the next place is named if it is at least this likely
_LEAST = 0.02
#: places named in a sentence
_MOST_NAMED = 4
#: rows of the list of next places
_MOST_NEXT = 6


def short_section(result: Forecast, sites: Sequence[SiteView], words: Words) -> Section:
    """Return the answer in a few sentences."""
    distant = result.stage["now"]["distant"]
    seen, any_size = Share.of(distant["detectable"]), Share.of(distant["involved"])
    blocks: list[Block] = [
        Group(
            (
                Picture(
                    icons(seen, words("short.alt", share=seen.words(words.lang))),
                    words("short.alt", share=seen.words(words.lang)),
                    "icons",
                    words("icons.caption"),
                ),
                Paragraph(words("short.seen", share=seen.words(words.lang)), "lead"),
                Paragraph(words("short.any_size", share=any_size.words(words.lang))),
                Paragraph(words("short.hidden")),
                *(_next_sentence(sites, words)),
                icon_key_picture(words),
            )
        ),
        Paragraph(words("short.far_away", near=_near(sites)), "note"),
        Paragraph(words("short.like_you"), "note"),
    ]
    made = provenance(result.model)
    told = "calibrated" if made.calibrated else "not_calibrated"
    texts = [words(f"about.{told}"), words("about.not_a_device")]
    little = f"about.little.{made.disease}"
    known_little = words.maybe(little, "")
    if known_little:
        texts.insert(0, known_little)
    blocks.append(Callout("note", words("short.read_first"), tuple(texts)))
    return Section("short", words("short.title"), tuple(blocks))


def _near(sites: Sequence[SiteView]) -> str:
    """Name some places that do not count as further away, likeliest first."""
    near = sorted((s for s in sites if not s.distant), key=lambda s: -s.now.estimate)
    return ", ".join(site.label for site in near[:_MOST_NAMED])


def _next_sentence(sites: Sequence[SiteView], words: Words) -> list[Block]:
    ranked = _by_next(sites)
    if not ranked or ranked[0].next is None or ranked[0].next.estimate < _LEAST:
        return []
    first = ranked[0]
    assert first.next is not None
    return [
        Paragraph(
            words(
                "short.next",
                place=first.label,
                share=first.next.words(words.lang),
                route=words(f"route.{first.routes[0].route}") if first.routes else "",
                way=words(f"route.{first.routes[0].route}_way") if first.routes else "",
            ).strip()
        )
    ]


def now_section(result: Forecast, sites: Sequence[SiteView], words: Words) -> Section:
    """Return where it is now: the body map with its list."""
    primary = str(result.patient["primary"])
    side = str(result.patient.get("side", ""))
    alt = words("now.alt")
    blocks: list[Block] = [
        Paragraph(words("now.intro")),
        Group(
            (
                Picture(
                    body_map(primary, sites, side, words),
                    alt,
                    "body",
                    words("now.key"),
                ),
                _now_table(sites, words),
            )
        ),
        Paragraph(words("now.hidden"), "note"),
    ]
    if words.clinical:
        blocks.append(_true_stage(result, words))
    return Section("now", words("now.title"), tuple(blocks))


def _now_table(sites: Sequence[SiteView], words: Words) -> Table:
    scanned = any(site.findings for site in sites)
    columns = ["place", "any_size", "seen"] + (["finding"] if scanned else [])
    rows = []
    for site in sites:
        row = [
            f"{site.number}. {site.label}",
            site.now.cell(),
            site.seen_now.cell() if site.seen_now else words("table.no_figure"),
        ]
        if scanned:
            row.append(site.findings[0] if site.findings else words("finding.none"))
        rows.append(tuple(row))
    return Table(
        words("now.table"),
        tuple(words(f"now.column.{name}") for name in columns),
        tuple(rows),
        words=(3,) if scanned else (),
        note=words("table.range"),
    )


def _true_stage(result: Forecast, words: Words) -> Table:
    now = result.stage["now"]
    rows = [
        (words(f"now.true_{axis}"), level.replace("_", " "), Share.of(band).cell())
        for axis in ("t", "n")
        for level, band in now[f"{axis}_bands"].items()
    ]
    return Table(
        words("now.true_stage"),
        tuple(words(f"now.column.{name}") for name in ("axis", "level", "chance")),
        tuple(rows),
        words=(1,),
    )


def next_section(result: Forecast, sites: Sequence[SiteView], words: Words) -> Section:
    """Return where it may show next, and by which way."""
    ranked = [s for s in _by_next(sites) if s.next is not None and s.next.estimate >= 0.005]
    shown, others = ranked[:_MOST_NEXT], ranked[_MOST_NEXT:]
    nowhere = (words("next.none"), Share.of(result.no_new_site).cell(), "")
    note = words("next.note")
    blocks: list[Block] = [
        Paragraph(words("next.intro")),
        _next_table(words("next.table"), shown, words, [nowhere], note=note),
    ]
    if others:
        table = _next_table(words("next.others_table"), others, words)
        blocks.append(Folded(words("next.others"), (table,), printed=words.clinical))
    used = list(dict.fromkeys(way.route for site in shown for way in site.routes))
    blocks += [
        Paragraph(words(f"route.{route}_means"))
        for route in ("direct", "lymphatic", "haematogenous")
        if route in used
    ]
    return Section("next", words("next.title"), tuple(blocks))


def _next_table(
    caption: str,
    sites: Sequence[SiteView],
    words: Words,
    further: Sequence[tuple[str, ...]] = (),
    *,
    note: str = "",
) -> Table:
    rows = [
        (site.label, site.next.cell() if site.next else "", _ways(site, words)) for site in sites
    ]
    return Table(
        caption,
        tuple(words(f"next.column.{name}") for name in ("place", "next", "way")),
        (*rows, *further),
        words=(2,),
        note=note,
    )


def _ways(site: SiteView, words: Words) -> str:
    if not site.routes:
        return ""
    parts = [
        words("next.way", route=words(f"route.{way.route}"), n=way.share.cell())
        for way in site.routes
        if way.share.estimate >= 0.05
    ]
    if len(parts) == 1:
        return words(f"route.{site.routes[0].route}")
    return ", ".join(parts)


def _by_next(sites: Sequence[SiteView]) -> list[SiteView]:
    ranked = [site for site in sites if site.next is not None]
    return sorted(ranked, key=lambda site: -(site.next.estimate if site.next else 0.0))
