"""The section on survival: made only if the answer holds it, because it was asked for."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from mesospread.infer.result import CurvePoint, Forecast, Survival
from mesospread.report.svg import Picture, curve, icons
from mesospread.report.view_blocks import (
    Block,
    Bullets,
    Group,
    Heading,
    Paragraph,
    Section,
    Table,
)
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import MAIN_MONTH, OutlookForm, Words

#: months of the table
TABLE_MONTHS = (6, 12, 24, 36, 60)
#: share still alive at the end of the shortest, the middle and the longest times
_SHORTEST, _LONGEST = 0.9, 0.1


def survival_section(result: Forecast, words: Words, form: OutlookForm = "all") -> Section | None:
    """Return how long people like this live, or None if nobody asked.

    Parameters
    ----------
    result
        The forecast.
    words
        Language and reader.
    form
        The form that was asked for: times in words, out of 100 people, a curve, or all of them.
    """
    survival = result.survival
    if survival is None:
        return None
    blocks: list[Block] = [
        Paragraph(words("survival.asked")),
        *survival_forms(survival, "survival", words, form),
        *(_later(survival, words) if form != "ranges" else []),
        Paragraph(words("survival.nobody_knows"), "note"),
    ]
    return Section("survival", words("survival.title"), tuple(blocks))


def survival_forms(
    survival: Survival, name: str, words: Words, form: OutlookForm = "all"
) -> list[Block]:
    """Return one curve in the form that was asked for."""
    times = _times(survival, words) if form in ("all", "ranges") else []
    return [*times, *(survival_pictures(survival, name, words, form) if form != "ranges" else [])]


def survival_pictures(
    survival: Survival, name: str, words: Words, form: OutlookForm = "all"
) -> list[Block]:
    """Return one curve as sentence, icons, picture and table, or as those asked for."""
    shares = survival_shares(survival.curve)
    share = shares[MAIN_MONTH]
    sentence = words("survival.sentence", share=share.words(words.lang), months=MAIN_MONTH)
    values = "; ".join(
        words("time.curve_value", months=m, share=shares[m].words(words.lang))
        for m in TABLE_MONTHS
        if m in shares
    )
    alt = words("survival.curve_alt", values=values)
    people = Picture(
        icons(share, sentence),
        sentence,
        "icons",
        words("survival.icons_caption", months=MAIN_MONTH),
    )
    line = Picture(
        curve(
            [(float(m), s) for m, s in sorted(shares.items())],
            alt,
            below=words("curve.below"),
            unit=words("curve.alive_unit"),
            full=True,
        ),
        alt,
        "curve",
        words("curve.caption"),
    )
    # each picture has its table, so that nobody needs to see it
    table = Table(
        words("survival.table"),
        (words("survival.column.month"), words("survival.column.alive")),
        tuple(
            (words("survival.column.months", months=m), shares[m].cell())
            for m in TABLE_MONTHS
            if m in shares
        ),
    )
    wanted: tuple[Block, ...] = {"people": (people, table), "curve": (line, table)}.get(
        form, (people, line, table)
    )
    lead = [] if form == "curve" else [Paragraph(sentence, "lead")]
    return [*lead, Group(wanted)]


def survival_shares(points: Sequence[CurvePoint]) -> dict[int, Share]:
    """Return the number behind every month of a curve."""
    return {point.month: Share(point.alive, point.low, point.high) for point in points}


def _times(survival: Survival, words: Words) -> list[Block]:
    """Return the longest, the middle and the shortest times, read off the one curve."""
    median, last = survival.median_months, survival.curve[-1].month
    short, long = (month_when(survival.curve, share) for share in (_SHORTEST, _LONGEST))
    lines = [
        words("survival.longest", months=_whole(long, words))
        if long is not None
        else words("survival.longest_beyond", months=last)
    ]
    if median is not None:
        high = str(last) if median.high >= last else _whole(median.high, words)
        lines.append(
            words(
                "survival.median",
                months=_whole(median.estimate, words),
                low=_whole(median.low, words),
                high=words("survival.beyond", months=high) if median.high >= last else high,
            )
        )
    if short is not None:
        lines.append(words("survival.shortest", months=_whole(short, words)))
    return [Paragraph(words("survival.times")), Bullets(tuple(lines))]


def _whole(months: float, words: Words) -> str:
    return words("number.less_than_one") if months < 1 else f"{months:.0f}"


def month_when(points: Sequence[CurvePoint], share: float) -> float | None:
    """Return the month at which a curve falls to a share, or None if it stays above it."""
    for before, after in pairwise(points):
        if after.alive <= share:
            fallen = before.alive - after.alive
            part = (before.alive - share) / fallen if fallen > 0 else 0.0
            return before.month + part * (after.month - before.month)
    return None


def _later(survival: Survival, words: Words) -> list[Block]:
    if not survival.conditional:
        return []
    rows = [
        (
            words("survival.given", months=later.given_alive_at_months),
            *(Share.of(later.alive[str(m)]).cell() for m in (6, 12, 24)),
        )
        for later in survival.conditional
    ]
    header = (
        words("survival.column.given"),
        *(words("survival.column.further", months=m) for m in (6, 12, 24)),
    )
    return [
        Heading(words("survival.later")),
        Paragraph(words("survival.later_intro")),
        Table(words("survival.later_table"), header, tuple(rows)),
    ]
