"""The section on what symptoms may come from, which to watch for, and which cannot wait."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.infer.result import Forecast
from mesospread.model.load import observation
from mesospread.report.view_blocks import (
    Block,
    Bullets,
    Callout,
    Group,
    Heading,
    Paragraph,
    Section,
    Table,
)
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import GuideTexts, SiteView, Words, cause_label, symptom_label

_LEAST_CAUSE = 0.01
_MOST_CAUSES = 5


def symptoms_section(
    result: Forecast, sites: Sequence[SiteView], texts: GuideTexts, words: Words
) -> Section | None:
    """Return causes of the symptoms reported, signs to watch for, and red flags."""
    blocks: list[Block] = []
    if result.symptoms:
        blocks += _causes(result, words)
    if texts.watch:
        labels = {site.site: site.label for site in sites}
        blocks += [
            Heading(words("symptoms.watch")),
            Paragraph(words("symptoms.watch_intro")),
            Bullets(
                tuple(
                    words(
                        "symptoms.watch_item",
                        place=labels.get(one.site, one.site),
                        signs=", ".join(one.signs),
                    )
                    for one in texts.watch
                )
            ),
        ]
    blocks += _red_flags(texts, words)
    return Section("symptoms", words("symptoms.title"), tuple(blocks)) if blocks else None


def flags_section(texts: GuideTexts, words: Words) -> Section | None:
    """Return the red flags as a section of their own."""
    blocks = _red_flags(texts, words)[1:]
    return Section("flags", words("flags.title"), tuple(blocks)) if blocks else None


def _causes(result: Forecast, words: Words) -> list[Block]:
    primary = str(result.patient["primary"])
    names = {one.label: one.name for one in observation(primary).symptom}
    rows = []
    for symptom in result.symptoms:
        causes = [c for c in symptom.causes if c.probability >= _LEAST_CAUSE][:_MOST_CAUSES]
        label = symptom_label(names.get(symptom.symptom, ""), symptom.symptom, words)
        for cause in causes:
            told = cause_label(cause.cause, primary, words)
            rows.append((label, told, Share.of(cause.probability_band).cell()))
    return [
        Heading(words("symptoms.causes")),
        Paragraph(words("symptoms.causes_intro")),
        Table(
            words("symptoms.table"),
            tuple(words(f"symptoms.column.{name}") for name in ("symptom", "cause", "chance")),
            tuple(rows),
            words=(1,),
            note=words("symptoms.note"),
        ),
    ]


def _red_flags(texts: GuideTexts, words: Words) -> list[Block]:
    blocks: list[Block] = []
    for urgency in ("emergency", "today"):
        flags = [flag for flag in texts.red_flags if flag.urgency == urgency]
        if not flags:
            continue
        if not blocks:
            blocks += [Heading(words("flags.title")), Paragraph(words("flags.intro"))]
        blocks.append(
            Paragraph(words(f"flags.{urgency}", numbers=words("emergency.numbers")), "lead")
        )
        blocks.append(
            Group(
                tuple(
                    Callout(
                        flag.urgency,
                        flag.title,
                        (flag.signs, flag.what_to_do),
                        opens=words("flags.do"),
                    )
                    for flag in flags
                )
            )
        )
    return blocks
