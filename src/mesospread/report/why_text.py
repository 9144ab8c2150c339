"""What pushed the numbers up or down, as tables in the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from rich import box
from rich.table import Table

from mesospread.infer.result import Band, FactInfluence, Forecast
from mesospread.report.numbers import plain_name, points

#: sites that a finding moved
_MOST_MOVED = 3
#: least change that is told, in probability
_LEAST = 0.005
#: the month by which the change of what can be found, and of survival, is told
_LATER = "12"


def why_tables(forecast: Forecast) -> Iterator[Table]:
    """Yield what each finding does, then what each background fact and treatment does."""
    if forecast.influences is not None:
        yield _of_findings(forecast)
    if forecast.fact_influences:
        yield _of_facts(forecast.fact_influences, survival=forecast.survival is not None)


def _table(title: str, caption: str) -> Table:
    return Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )


def _of_findings(forecast: Forecast) -> Table:
    assert forecast.influences is not None
    table = _table(
        "What each finding does, in percentage points",
        "Worked out once more without it, with the 95 % credible band of the change. A change "
        "that may be chance of the simulation is marked ?, or left out.",
    )
    table.add_column("Finding", min_width=14)
    table.add_column("any distant\nspread now", justify="right", no_wrap=True)
    table.add_column("sites most moved", no_wrap=True)
    for one in forecast.influences:
        table.add_row(one.finding, _change(one.distant_now_band), _moved(one.involved_now_bands))
    return table


def _of_facts(facts: list[FactInfluence], *, survival: bool) -> Table:
    table = _table(
        "What each other fact and each treatment does, in percentage points",
        "Worked out once more as if the fact were not known, or as if the treatment had not been "
        "given: plus means that the number is higher with it than without it. Found: distant "
        "spread is there and large enough by then. A treatment that lets people live longer also "
        "leaves more time in which spread can show. ?: it may be chance of the simulation.",
    )
    table.add_column("Fact", min_width=14)
    table.add_column("any distant\nspread now", justify="right", no_wrap=True)
    table.add_column("found by\n12 months", justify="right", no_wrap=True)
    table.add_column(
        "alive at\n12 months" if survival else "sites most moved",
        justify="right" if survival else "left",
        no_wrap=True,
    )
    for one in facts:
        last = (
            _change((one.alive or {}).get(_LATER)) if survival else _moved(one.involved_now_bands)
        )
        table.add_row(
            _named(one), _change(one.distant_now_band), _change(one.distant_by_month.get(_LATER)),
            last,
        )  # fmt: skip
    return table


def _named(one: FactInfluence) -> str:
    """Name a fact with its value, and a treatment with its first day."""
    if one.left_out == "not given":
        return f"{one.fact}, from {one.value}"
    return f"{plain_name(one.fact)} {one.value}"


def _change(band: Band | None) -> str:
    """Write a change; that it may be chance; or that nothing explains the findings without it."""
    if band is None:
        return "the rest does not fit"
    return points(band) if band.estimate else points(band).replace("+0.0", "?", 1)


def _moved(bands: Mapping[str, Band]) -> str:
    """Name the sites that moved most."""
    ranked = sorted(bands.items(), key=lambda item: -abs(item[1].estimate))
    shown = [
        f"{plain_name(site)} {points(band)}"
        for site, band in ranked[:_MOST_MOVED]
        if abs(band.estimate) >= _LEAST
    ]
    return "\n".join(shown) or "–"
