"""The section on each place: today and over time, as sentence, icons, curve and table."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.report.svg import Picture, bars, curve, icons
from mesospread.report.view_blocks import (
    Block,
    Folded,
    Group,
    Heading,
    Paragraph,
    Section,
    Table,
    starting_big,
)
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import MAIN_MONTH, MONTHS, SiteView, Words, icon_key_picture

#: places that stand open and are printed, far away and near the tumour: the likeliest of each
_MOST_OPEN = 2
#: and, but for the first, at least this likely
_LEAST = 0.02
#: bars in the picture of all places
_MOST_BARS = 12


def time_section(sites: Sequence[SiteView], words: Words) -> Section:
    """Return how the chance of each place grows, with every place drawn, likeliest first."""
    timed = sorted((s for s in sites if s.by), key=lambda s: -s.by[MAIN_MONTH].estimate)
    rows = [(starting_big(site.label), site.by[MAIN_MONTH]) for site in timed[:_MOST_BARS]]
    alt = words("time.bars_alt", months=MAIN_MONTH)
    blocks: list[Block] = [
        Paragraph(words("time.intro")),
        Group(
            (
                Picture(
                    bars(rows, alt, unit=words("time.bars_unit", months=MAIN_MONTH)),
                    alt,
                    "bars",
                    words("time.bars_caption", months=MAIN_MONTH),
                ),
                Folded(words("time.all"), (_time_table(timed, words),)),
            )
        ),
        Paragraph(words("time.each", table=words("time.all")), "note"),
        icon_key_picture(words),
        *_places(words("time.far"), [s for s in sites if s.distant], words),
        *_places(words("time.near"), [s for s in sites if not s.distant], words),
    ]
    return Section("time", words("time.title"), tuple(blocks))


def over_time(site: SiteView) -> list[tuple[float, Share]]:
    """Return the points of a curve: today, and every month of the answer."""
    start = [(0.0, site.seen_now)] if site.seen_now else []
    return [*start, *((float(m), share) for m, share in sorted(site.by.items()))]


def _places(title: str, sites: Sequence[SiteView], words: Words) -> list[Block]:
    """Return the places of one kind below their heading: the likeliest open, all others closed."""
    ranked = sorted(sites, key=lambda site: -_told(site).estimate)
    likely = max(1, sum(_told(site).estimate >= _LEAST for site in ranked))
    places = [
        _one_place(site, words, opened=rank < min(likely, _MOST_OPEN))
        for rank, site in enumerate(ranked)
    ]
    return [Heading(title), *places] if places else []


def _told(site: SiteView) -> Share:
    """Return the number in the title of a place; some places have one for today alone."""
    return site.by[MAIN_MONTH] if site.by else site.now


def _one_place(site: SiteView, words: Words, *, opened: bool) -> Folded:
    name = "time.one" if site.by else "time.one_today"
    title = words(name, place=starting_big(site.label), share=_told(site).cell(), months=MAIN_MONTH)
    blocks = _today_and_later(site, words) if site.by else _today(site, words)
    # on paper the table of all places holds those that are closed
    return Folded(title, blocks, printed=opened, about=site.label, opened=opened)


def _today(site: SiteView, words: Words) -> tuple[Block, ...]:
    """Return a place of which only today is known."""
    return (
        Paragraph(words("time.sentence_today", share=site.now.words(words.lang)), "lead"),
        Paragraph(words("time.only_today")),
        Group((_people("any_size", site, site.now, words),)),
    )


def _today_and_later(site: SiteView, words: Words) -> tuple[Block, ...]:
    later = site.by[MAIN_MONTH]
    people = [_people("any_size", site, site.now, words)]
    if site.seen_now:
        people.append(_people("seen", site, site.seen_now, words))
    people.append(_people("later", site, later, words))
    return (
        Paragraph(words("time.sentence", share=later.words(words.lang), months=MAIN_MONTH), "lead"),
        *_today_sentence(site, words),
        Group(tuple(people)),
        Group((_curve(site, words), _place_table(site, words))),
    )


def _today_sentence(site: SiteView, words: Words) -> list[Block]:
    if site.seen_now is None:
        return []
    seen, any_size = site.seen_now.words(words.lang), site.now.words(words.lang)
    return [Paragraph(words("time.today", seen=seen, any_size=any_size))]


def _people(kind: str, site: SiteView, share: Share, words: Words) -> Picture:
    """Draw one number of a place as 100 people, with the number as its table writes it."""
    alt = words(
        f"time.people_alt.{kind}",
        place=starting_big(site.label),
        share=share.words(words.lang),
        months=MAIN_MONTH,
    )
    caption = words(f"time.people.{kind}", share=share.cell(), months=MAIN_MONTH)
    return Picture(icons(share, alt), alt, "people", caption)


def _curve(site: SiteView, words: Words) -> Picture:
    told = [words("time.curve_value", months=m, share=site.by[m].words(words.lang)) for m in MONTHS]
    if site.seen_now:
        told.insert(0, words("time.curve_today", share=site.seen_now.words(words.lang)))
    alt = words("time.curve_alt", place=site.label, values="; ".join(told))
    drawn = curve(over_time(site), alt, below=words("curve.below"), unit=words("curve.unit"))
    return Picture(drawn, alt, "curve", words("curve.caption"))


def _place_table(site: SiteView, words: Words) -> Table:
    today = {"any_size": site.now} | ({"seen": site.seen_now} if site.seen_now else {})
    return Table(
        words("time.place_table", place=site.label),
        (words("time.column.by"), words("time.column.of_100")),
        (
            *((words(f"time.row.{kind}"), share.cell()) for kind, share in today.items()),
            *((words("time.row.months", months=m), site.by[m].cell()) for m in MONTHS),
        ),
    )


def _time_table(timed: Sequence[SiteView], words: Words) -> Table:
    header = [words("now.column.place")]
    header += [words("time.column.months", months=m) for m in MONTHS]
    return Table(
        words("time.table"),
        tuple(header),
        tuple((s.label, *(s.by[m].cell() for m in MONTHS)) for s in timed),
        note=words("table.range"),
    )
