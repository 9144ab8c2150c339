"""The section on what each scan would find and miss."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.infer.result import Forecast, ScanForecast, SearchForecast
from mesospread.report.view_blocks import Block, Folded, Paragraph, Section, Table
from mesospread.report.view_numbers import Share
from mesospread.report.view_parts import Words, scan_name, site_label

_LEAST_YIELD = 0.02
_MOST_PER_SITE = 2
_MOST_SCANS = {"plain": 6, "clinician": 16}
_MOST_SEARCHES = {"plain": 3, "clinician": 4}


def scans_section(result: Forecast, words: Words) -> Section | None:
    """Return what a scan today would find, and what it leaves open if it finds nothing."""
    if not result.scans and not result.searches:
        return None
    blocks: list[Block] = [Paragraph(words("scans.intro"))]
    alone = [s for s in result.searches if len(s.modalities) == 1]
    if alone:
        blocks += _best_search(alone[0], words)
        blocks.append(_searches(result, words))
    shown = _shown(result.scans, words)
    if shown:
        blocks.append(Folded(words("scans.by_place"), (_scans(result, shown, words),)))
    blocks.append(Paragraph(words("scans.ask"), "note"))
    return Section("scans", words("scans.title"), tuple(blocks))


def _best_search(search: SearchForecast, words: Words) -> list[Block]:
    finds, left = Share.of(search.finds), Share.of(search.left_behind_band)
    return [
        Paragraph(
            words(
                "scans.search_sentence",
                scan=_first_upper(scan_name(search.modalities[0], words)),
                share=finds.words(words.lang),
            ),
            "lead",
        ),
        Paragraph(words("scans.left_sentence", share=left.words(words.lang))),
    ]


def _searches(result: Forecast, words: Words) -> Table:
    most = _MOST_SEARCHES[words.mode]
    alone = [s for s in result.searches if len(s.modalities) == 1][:most]
    pairs = [s for s in result.searches if len(s.modalities) > 1][:most]
    rows = [
        (
            f", {words('scans.then')} ".join(scan_name(m, words) for m in search.modalities),
            Share.of(search.finds).cell(),
            Share.of(search.adds_band).cell() if len(search.modalities) > 1 else "–",
            Share.of(search.left_behind_band).cell(),
        )
        for search in (*alone, *pairs)
    ]
    return Table(
        words("scans.search_table"),
        tuple(words(f"scans.column.{name}") for name in ("scans", "finds", "adds", "left")),
        tuple(rows),
        note=words("scans.search_note"),
    )


def _shown(scans: Sequence[ScanForecast], words: Words) -> list[ScanForecast]:
    """Return the scans most likely to find something, not many of one place."""
    shown: list[ScanForecast] = []
    for scan in scans:
        same = sum(other.site == scan.site for other in shown)
        if scan.expected_yield >= _LEAST_YIELD and same < _MOST_PER_SITE:
            shown.append(scan)
    return shown[: _MOST_SCANS[words.mode]]


def _scans(result: Forecast, shown: Sequence[ScanForecast], words: Words) -> Table:
    primary = str(result.patient["primary"])
    rows = [
        (
            words(
                "scans.of_place",
                scan=scan_name(scan.modality, words),
                place=site_label(primary, scan.site, words),
            ),
            Share(scan.expected_yield, scan.low, scan.high).cell(),
            Share.of(scan.true_if_positive_band).cell(),
            Share.of(scan.involved_if_negative_band).cell(),
        )
        for scan in shown
    ]
    return Table(
        words("scans.table"),
        tuple(words(f"scans.column.{name}") for name in ("scan", "finds", "right", "missed")),
        tuple(rows),
        note=words("scans.note"),
    )


def _first_upper(name: str) -> str:
    return name[:1].upper() + name[1:]
