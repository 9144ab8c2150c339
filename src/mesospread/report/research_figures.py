"""Research figures of simulated cohorts, drawn with Altair from finished tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

#: Okabe and Ito (2008), told apart with the usual kinds of colour blindness
_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F"]
Rows = Sequence[Mapping[str, Any]]


def curves(rows: Rows, title: str, y: str, group: str, caption: Sequence[str]) -> Any:
    """Return a chart of curves with bands.

    Parameters
    ----------
    rows
        Each with ``months``, ``group``, and the proportions ``estimate``, ``low``, ``high``.
    title, y, group
        Titles of the chart, its axis and its legend.
    caption
        Lines under the title.
    """
    import altair as alt

    order = list(dict.fromkeys(str(row["group"]) for row in rows))
    base = alt.Chart(alt.InlineData([dict(row) for row in rows])).encode(
        x=alt.X("months:Q", title="Months from diagnosis", axis=alt.Axis(values=_ticks(rows))),
        color=alt.Color(
            "group:N", title=group, sort=order, scale=alt.Scale(domain=order, range=_COLOURS)
        ),
    )
    percent = alt.Axis(format="~%")
    line = base.mark_line(strokeWidth=2).encode(y=alt.Y("estimate:Q", title=y, axis=percent))
    band = base.mark_area(opacity=0.2).encode(y=alt.Y("low:Q", title=y, axis=percent), y2="high:Q")
    return _finish(band + line, title, caption)


def dots(rows: Rows, title: str, x: str, group: str, caption: Sequence[str]) -> Any:
    """Return a chart of one row per site, with a dot and an interval for each group.

    Parameters
    ----------
    rows
        Each with ``site``, ``group``, and the proportions ``estimate``, ``low``, ``high``.
    title, x, group
        Titles of the chart, its axis and its legend.
    caption
        Lines under the title.
    """
    import altair as alt

    order = list(dict.fromkeys(str(row["group"]) for row in rows))
    sites = list(dict.fromkeys(str(row["site"]) for row in rows))
    base = alt.Chart(alt.InlineData([dict(row) for row in rows])).encode(
        y=alt.Y("site:N", title=None, sort=sites, axis=alt.Axis(labelLimit=260, grid=True)),
        yOffset=alt.YOffset("group:N", sort=order),
        color=alt.Color(
            "group:N", title=group, sort=order, scale=alt.Scale(domain=order, range=_COLOURS)
        ),
    )
    percent = alt.Axis(format="~%")
    dot = base.mark_circle(size=45, opacity=1).encode(x=alt.X("estimate:Q", title=x, axis=percent))
    rule = base.mark_rule().encode(x=alt.X("low:Q", title=x, axis=percent), x2="high:Q")
    return _finish(rule + dot, title, caption, height=max(220, 30 * len(sites)))


def picture(chart: Any, *, png: bool = False) -> bytes:
    """Return a chart as SVG, or as PNG; nothing is fetched."""
    import vl_convert as convert

    spec = chart.to_json()
    if png:
        return bytes(convert.vegalite_to_png(spec, scale=2))
    return str(convert.vegalite_to_svg(spec)).encode()


def _ticks(rows: Rows) -> list[int]:
    return list(range(0, int(max(row["months"] for row in rows)) + 1, 12))


def _finish(chart: Any, title: str, caption: Sequence[str], height: int = 320) -> Any:
    import altair as alt

    heading = alt.TitleParams(title, subtitle=list(caption), anchor="start", subtitleColor="#444")
    return chart.properties(title=heading, width=560, height=height).configure_axis(
        labelFontSize=12
    )
