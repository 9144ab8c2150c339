"""The sections of a comparison: what each option changes, its harms, and how sure that is."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.infer.result import Comparison, EffectEvidence
from mesospread.report.assumed import assumptions_told
from mesospread.report.svg import Picture, icons
from mesospread.report.view_blocks import (
    Block,
    Bullets,
    Callout,
    Folded,
    Group,
    Heading,
    Paragraph,
    Section,
    Table,
    starting_big,
)
from mesospread.report.view_numbers import Change, Share, count, decimal
from mesospread.report.view_options import NOTHING, HarmView, OptionView
from mesospread.report.view_parts import (
    MAIN_MONTH,
    MONTHS,
    OutlookForm,
    Words,
    icon_key_picture,
    provenance,
    site_label,
    treatment_name,
)
from mesospread.report.view_survival import survival_forms, survival_shares

_LEAST = 0.02
_MOST_PLACES = {"plain": 7, "clinician": 18}


def compare_sections(
    result: Comparison, options: Sequence[OptionView], words: Words, outlook: OutlookForm = "all"
) -> list[Section | None]:
    """Return the sections in which the options are set side by side."""
    return [
        _short(result, options, words),
        *(_option(options[0], other, words) for other in options[1:]),
        _first(options[0], words),
        _readings(result, words),
        _survival(options, words, outlook),
        _basis(result, words),
    ]


def _short(result: Comparison, options: Sequence[OptionView], words: Words) -> Section:
    pictures: list[Block] = []
    for option in options:
        share = option.far.by[MAIN_MONTH]
        sentence = words(
            "compare.far_sentence",
            option=starting_big(option.label),
            share=share.words(words.lang),
            months=MAIN_MONTH,
        )
        pictures.append(
            Picture(
                icons(share, sentence),
                sentence,
                "icons",
                sentence,
            )
        )
    made = provenance(result.model)
    told = "calibrated" if made.calibrated else "not_calibrated"
    return Section(
        "short",
        words("compare.short"),
        (
            Paragraph(words("compare.intro")),
            Group(tuple(pictures)),
            icon_key_picture(words),
            _far_table(options, words),
            Paragraph(words("compare.longer"), "note"),
            Callout(
                "note",
                words("short.read_first"),
                (words(f"about.{told}"), words("about.not_a_device")),
            ),
        ),
    )


def _far_table(options: Sequence[OptionView], words: Words) -> Table:
    header = [words("compare.column.option")]
    header += [words("time.column.months", months=m) for m in MONTHS]
    return Table(
        words("compare.far_table"),
        tuple(header),
        tuple((o.label, *(o.far.by[m].cell() for m in MONTHS)) for o in options),
        note=words("table.range"),
    )


def _option(first: OptionView, other: OptionView, words: Words) -> Section:
    blocks: list[Block] = [Paragraph(other.about)] if other.about else []
    change = other.far.change[MAIN_MONTH]
    blocks += [
        Heading(words("compare.gains")),
        Paragraph(change_sentence(change, first.label, words), "lead"),
        _gain_table(first, other, words),
        Paragraph(other.evidence, "note"),
        *_harm_blocks(other, words),
    ]
    return Section(f"option-{other.number}", starting_big(other.label), tuple(blocks))


def change_sentence(change: Change, first: str, words: Words) -> str:
    """Say a difference within the main month: fewer, more, or not clear, with its range."""
    key = "unclear" if not change.clear else "fewer" if change.estimate < 0 else "more"
    ends = sorted((abs(change.low), abs(change.high)))
    return words(
        f"compare.{key}",
        first=first,
        months=MAIN_MONTH,
        n=_people(change.estimate, words),
        small=_people(ends[0], words),
        large=_people(ends[1], words),
        low=_way(change.low, words),
        high=_way(change.high, words),
    )


def _people(change: float, words: Words) -> str:
    """Write a number of people out of 100, whichever way the difference goes."""
    size = abs(change)
    return words("number.less_than_one") if size < 0.01 else count(size, words.lang)


def _way(change: float, words: Words) -> str:
    key = "compare.n_fewer" if change < 0 else "compare.n_more"
    return words(key, n=_people(change, words))


def _gain_table(first: OptionView, other: OptionView, words: Words) -> Table:
    before = {place.site: place for place in first.places}
    shown = [
        place
        for place in other.places
        if max(place.by[24].estimate, before[place.site].by[24].estimate) >= _LEAST
    ][: _MOST_PLACES[words.mode]]
    rows = [
        (
            place.label,
            before[place.site].by[MAIN_MONTH].cell(),
            place.by[MAIN_MONTH].cell(),
            place.change[MAIN_MONTH].cell(words.lang, whole=not words.clinical),
        )
        for place in shown
    ]
    return Table(
        words("compare.gain_table", months=MAIN_MONTH),
        (
            words("now.column.place"),
            first.label,
            other.label,
            words("compare.column.difference"),
        ),
        tuple(rows),
        note=words("compare.gain_note"),
    )


def _harm_blocks(option: OptionView, words: Words) -> list[Block]:
    blocks: list[Block] = [Heading(words("compare.harms"))]
    if option.name == NOTHING:
        return [*blocks, Paragraph(words("compare.nothing_harm"))]
    if not option.harms:
        return [*blocks, Paragraph(words("compare.harm_unknown"))]
    counted = [harm for harm in option.harms if harm.share is not None]
    others = [harm for harm in option.harms if harm.share is None]
    if counted:
        blocks.append(_harm_table(counted, words))
    if others:
        blocks.append(
            Paragraph(words("compare.harm_others" if counted else "compare.harm_uncounted"))
        )
        blocks.append(
            Bullets(
                tuple(
                    words("compare.harm_from", harm=one.what, study=one.study)
                    if one.study
                    else one.what
                    for one in others
                )
            )
        )
    return blocks


def _harm_table(harms: Sequence[HarmView], words: Words) -> Table:
    none = words("table.no_figure")
    compared = any(harm.without for harm in harms)
    columns = ["harm", "with", *(["without"] if compared else []), "study"]
    rows = []
    for harm in harms:
        row = [harm.what, harm.share.cell() if harm.share else none]
        row += [harm.without.cell() if harm.without else none] if compared else []
        rows.append((*row, harm.study))
    return Table(
        words("compare.harm_table"),
        tuple(words(f"compare.column.{name}") for name in columns),
        tuple(rows),
        words=(len(columns) - 1,),
        note=words("compare.harm_note_compared" if compared else "compare.harm_note"),
    )


def _first(option: OptionView, words: Words) -> Section | None:
    """Return the harms of the option that the others are compared with."""
    blocks: list[Block] = [Paragraph(option.about)] if option.about else []
    blocks += _harm_blocks(option, words)
    title = words("compare.first", option=option.label)
    return Section("option-1", title, tuple(blocks))


def _readings(result: Comparison, words: Words) -> Section | None:
    if not result.readings:
        return None
    primary = str(result.patient["primary"])
    month = str(MAIN_MONTH)
    rows = [
        (
            words(
                "readings.row",
                treatment=treatment_name(one.treatment, words),
                place=site_label(primary, one.site, words),
                reading=words.maybe(f"readings.{one.reading.replace(' ', '_')}", one.reading),
            ),
            Share.of(one.there_by[month]).cell(),
            Share.of(one.shows_by[month]).cell(),
        )
        for one in result.readings
    ]
    table = Table(
        words("readings.table", months=MAIN_MONTH),
        tuple(words(f"readings.column.{name}") for name in ("reading", "there", "shows")),
        tuple(rows),
    )
    return Section("readings", words("readings.title"), (Paragraph(words("readings.intro")), table))


def _survival(options: Sequence[OptionView], words: Words, form: OutlookForm) -> Section | None:
    if options[0].survival is None:
        return None
    blocks: list[Block] = [Paragraph(words("survival.asked"))]
    if form != "ranges":
        blocks.append(_survival_table(options, words))
    for option in options:
        assert option.survival is not None
        blocks.append(Heading(starting_big(option.label)))
        blocks += survival_forms(option.survival, f"survival-{option.number}", words, form)
    blocks.append(Paragraph(words("survival.nobody_knows"), "note"))
    return Section("survival", words("survival.title"), tuple(blocks))


def _survival_table(options: Sequence[OptionView], words: Words) -> Table:
    rows = []
    for option in options:
        assert option.survival is not None
        shares = survival_shares(option.survival.curve)
        change = option.alive_change.get(MAIN_MONTH)
        rows.append(
            (
                option.label,
                *(shares[m].cell() for m in MONTHS),
                change.cell(words.lang, whole=not words.clinical) if change else "–",
            )
        )
    header = [words("compare.column.option")]
    header += [words("survival.column.alive_at", months=m) for m in MONTHS]
    header.append(words("survival.column.change", months=MAIN_MONTH))
    return Table(
        words("survival.compare_table"),
        tuple(header),
        tuple(rows),
        note=words("table.range"),
    )


def _among(effect: EffectEvidence, words: Words) -> str:
    """Name the people in whom alone an effect holds."""
    named = [words.maybe(f"people.{level}", level.replace("_", " ")) for level in effect.among]
    return f" ({words('people.among', people=', '.join(named))})" if named else ""


def _ratio(effect: EffectEvidence, words: Words) -> str:
    """Write a rate ratio with its range, if it is not taken as a fixed number."""
    band = effect.ratio_band
    ends = (effect.ratio,) if band is None else (effect.ratio, band.low, band.high)
    best, *rest = (decimal(end, words.lang, places=2) for end in ends)
    return best + (f" ({rest[0]}–{rest[1]})" if rest else "")


def _basis(result: Comparison, words: Words) -> Section:
    blocks: list[Block] = [Paragraph(words("basis.intro"))]
    notes = assumptions_told(result.assumptions, words)
    if words.clinical:
        notes = (*result.statements, *notes)
    if notes:
        blocks.append(Bullets(notes))
    tables = _effects(result.evidence, words)
    if tables:
        blocks.append(Folded(words("basis.folded"), tables, printed=words.clinical))
    return Section("basis", words("basis.title"), tuple(blocks))


def _effects(evidence: Sequence[EffectEvidence], words: Words) -> tuple[Table, ...]:
    """Return what each treatment is taken to do: a table each, so that it fits a phone."""
    names = tuple(dict.fromkeys(one.treatment for one in evidence))
    header = tuple(words(f"basis.column.{n}") for n in ("on", "times", "while", "grade"))
    return tuple(
        Table(
            treatment_name(name, words),
            header,
            tuple(_effect(one, words) for one in evidence if one.treatment == name),
            words=(0, 2, 3),
            note=words("basis.note") if name == names[-1] else "",
        )
        for name in names
    )


def _effect(one: EffectEvidence, words: Words) -> tuple[str, ...]:
    on = ", ".join(words.maybe(f"acts.{name}", name.replace("_", " ")) for name in one.acts_on)
    return (
        on + _among(one, words),
        _ratio(one, words),
        words.maybe(f"holds.{one.holds}", one.holds.replace("_", " ")),
        words.maybe(f"effect_grade.{one.grade}", one.grade.replace("_", " ")),
    )
