"""Research figures of simulated cohorts, drawn with Altair from finished tables."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Literal

#: Okabe and Ito (2008), told apart with the usual kinds of colour blindness
_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#7F7F7F"]
_DASHES = [[1, 0], [5, 4]]
_GREY = "#444"
_WIDTH = 600
_FOREST_WIDTH = 260
#: where the axis of ratios has its ticks
_RATIOS = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0, 1.25, 1.5, 2.0, 3.0, 5.0, 10.0, 20.0)
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class Words:
    """What a figure says.

    Attributes
    ----------
    title
        Above it.
    found
        The main figures, under the title.
    notes
        How it was made, below it.
    """

    title: str
    found: Sequence[str] = field(default_factory=list)
    notes: Sequence[str] = field(default_factory=list)


def curves(
    rows: Rows, words: Words, *, y: str, group: str, whole: bool = False, at_risk: Rows = ()
) -> Any:
    """Return a chart of curves in steps, with bands.

    Parameters
    ----------
    rows
        Each with ``months``, ``group``, and the proportions ``estimate``, ``low``, ``high``; and
        ``event`` where there are two, of which the first has bands and the second is dashed.
    words
        Title, figures and notes.
    y, group
        Titles of the axis and of the legend.
    whole
        Whether the axis runs from 0 to 1.
    at_risk
        Each with ``months``, ``group`` and ``number``; written below the curves.
    """
    import altair as alt

    order = _order(rows, "group")
    axis = alt.Y(
        "estimate:Q",
        title=y,
        axis=alt.Axis(format="~%"),
        scale=alt.Scale(domain=[0, 1]) if whole else alt.Scale(zero=True),
    )
    base = alt.Chart(alt.InlineData([dict(row) for row in rows])).encode(
        x=_months(rows, "Months from diagnosis"), color=_colour(group, order)
    )
    line = base.mark_line(strokeWidth=2, interpolate="step-after").encode(y=axis)
    banded = base
    events = _order(rows, "event") if "event" in rows[0] else []
    if events:
        line = line.encode(
            strokeDash=alt.StrokeDash(
                "event:N",
                title="Event",
                sort=events,
                scale=alt.Scale(domain=events, range=_DASHES),
                legend=alt.Legend(orient="top"),
            )
        )
        banded = base.transform_filter(alt.datum.event == events[0])
    band = banded.mark_area(opacity=0.2, interpolate="step-after").encode(
        y=alt.Y("low:Q", title=y), y2="high:Q"
    )
    chart = (band + line).properties(width=_WIDTH, height=320)
    parts = [chart, _numbers(at_risk, order)] if at_risk else [chart]
    return _finish(parts, words)


def dots(rows: Rows, words: Words, *, x: str, group: str) -> Any:
    """Return a chart of one row per site, with a dot and an interval for each group.

    Parameters
    ----------
    rows
        Each with ``site``, ``group``, and the proportions ``estimate``, ``low``, ``high``.
    words
        Title, figures and notes.
    x, group
        Titles of the axis and of the legend.
    """
    import altair as alt

    order, sites = _order(rows, "group"), _order(rows, "site")
    base = alt.Chart(alt.InlineData([dict(row) for row in rows])).encode(
        y=alt.Y("site:N", title=None, sort=sites, axis=alt.Axis(labelLimit=260, grid=True)),
        yOffset=alt.YOffset("group:N", sort=order),
        color=_colour(group, order),
    )
    percent = alt.Axis(format="~%")
    dot = base.mark_circle(size=45, opacity=1).encode(x=alt.X("estimate:Q", title=x, axis=percent))
    rule = base.mark_rule().encode(x=alt.X("low:Q", title=x, axis=percent), x2="high:Q")
    chart = (rule + dot).properties(width=_WIDTH, height=max(220, 36 * len(sites)))
    return _finish([chart], words)


def chances(rows: Rows, words: Words, *, x: str, y: str, levels: Sequence[float], at: float) -> Any:
    """Return a chart of a chance against a size: a line with dots and a band.

    Parameters
    ----------
    rows
        Each with ``size`` and the proportions ``estimate``, ``low``, ``high``.
    words
        Title, figures and notes.
    x, y
        Titles of the axes.
    levels
        Proportions at which a line is drawn across.
    at
        The size at which a line is drawn upwards.
    """
    import altair as alt

    scale = alt.Scale(domain=[0, 1.05 * max(float(row["size"]) for row in rows)], nice=False)
    base = alt.Chart(alt.InlineData([dict(row) for row in rows])).encode(
        x=alt.X("size:Q", title=x, scale=scale, axis=alt.Axis(grid=False, format=",d"))
    )
    up = alt.Y("estimate:Q", title=y, axis=alt.Axis(format="~%"), scale=alt.Scale(domain=[0, 1]))
    across = (
        alt.Chart(alt.InlineData([{"level": level} for level in levels]))
        .mark_rule(strokeDash=[4, 3], color="#777")
        .encode(y=alt.Y("level:Q", title=y))
    )
    planned = (
        alt.Chart(alt.InlineData([{"size": at}]))
        .mark_rule(strokeDash=[1, 3], color=_GREY)
        .encode(x=alt.X("size:Q", title=x, scale=scale))
    )
    band = base.mark_area(opacity=0.2, color=_COLOURS[0]).encode(
        y=alt.Y("low:Q", title=y), y2="high:Q"
    )
    line = base.mark_line(strokeWidth=2, color=_COLOURS[0]).encode(y=up)
    dot = base.mark_circle(size=45, opacity=1, color=_COLOURS[0]).encode(y=up)
    chart = alt.layer(across, planned, band, line, dot).properties(width=_WIDTH, height=320)
    return _finish([chart], words)


def forest(
    rows: Rows, words: Words, *, x: str, columns: Mapping[str, str], ratio: bool = False
) -> Any:
    """Return a forest plot: a row of text and an interval for each comparison, in panels.

    Parameters
    ----------
    rows
        Each with ``panel``, ``label``, ``estimate``, ``low``, ``high``, and a text for each of
        the columns.
    words
        Title, figures and notes.
    x
        Title of the axis.
    columns
        Names of the texts and their headings; the last stands right of the intervals.
    ratio
        Whether these are ratios: no difference is then 1, and the axis logarithmic.
    """
    import altair as alt

    even = 1.0 if ratio else 0.0
    ends = [even, *(float(row[name]) for row in rows for name in ("low", "high"))]
    scale = alt.Scale(domain=[min(ends), max(ends)], nice=True)
    ticks: dict[str, Any] = {"tickCount": 5}
    if ratio:
        low, high = min(ends) / 1.1, max(ends) * 1.1
        scale = alt.Scale(domain=[low, high], nice=False, type="log")
        ticks = {"values": [tick for tick in _RATIOS if low <= tick <= high], "format": "~g"}
    panels = _order(rows, "panel")

    def axis(panel: str, name: str) -> Any:
        # the panels share one axis, written below the last
        title = x if panel == panels[-1] else None
        return alt.X(f"{name}:Q", title=title, scale=scale, axis=alt.Axis(grid=False, **ticks))

    parts = [
        _panel(
            [row for row in rows if row["panel"] == panel],
            panel,
            columns,
            partial(axis, panel),
            even,
        )
        for panel in panels
    ]
    return _finish(parts, words)


def _panel(
    rows: Rows,
    panel: str,
    columns: Mapping[str, str],
    axis: Callable[[str], Any],
    even: float,
) -> Any:
    """Return the part of a forest plot with its own heading."""
    import altair as alt

    labels = _order(rows, "label")
    height = 24 * len(labels)
    base = alt.Chart(alt.InlineData([dict(row) for row in rows]))
    bare = alt.Y("label:N", sort=labels, axis=None)

    def written(name: str, width: int, heading: str, align: Literal["left", "right"]) -> Any:
        at = {"left": 4, "right": width - 4}[align]
        marks = base.mark_text(align=align, fontSize=11).encode(
            y=bare, text=f"{name}:N", x=alt.value(at)
        )
        title = alt.TitleParams(
            heading,
            fontSize=11,
            fontWeight="bold" if name == "label" else "normal",
            anchor="start" if align == "left" else "end",
        )
        return marks.properties(width=width, height=height, title=title)

    line = alt.Chart(alt.InlineData([{"even": even}])).mark_rule(strokeDash=[4, 3], color="#777")
    drawn = alt.layer(
        line.encode(x=axis("even")),
        base.mark_rule(strokeWidth=1.5, color=_COLOURS[0]).encode(
            y=bare, x=axis("low"), x2="high:Q"
        ),
        base.mark_square(size=50, opacity=1, color=_COLOURS[0]).encode(y=bare, x=axis("estimate")),
    )
    *left, last = columns
    return alt.hconcat(
        written("label", 130, panel, "left"),
        *(
            written(name, 64, columns[name] if any(r[name] for r in rows) else "", "right")
            for name in left
        ),
        drawn.properties(width=_FOREST_WIDTH, height=height),
        written(last, 170, columns[last], "left"),
        spacing=10,
        # else a wide title of the axis moves its panel out of line with the others
        bounds="flush",
    )


def picture(chart: Any, *, png: bool = False) -> bytes:
    """Return a chart as SVG, or as PNG; nothing is fetched."""
    import vl_convert as convert

    spec = chart.to_json()
    if png:
        return bytes(convert.vegalite_to_png(spec, scale=2))
    return str(convert.vegalite_to_svg(spec)).encode()


def _order(rows: Rows, name: str) -> list[str]:
    return list(dict.fromkeys(str(row[name]) for row in rows))


def _colour(title: str, order: list[str]) -> Any:
    import altair as alt

    return alt.Color(
        "group:N",
        title=title,
        sort=order,
        scale=alt.Scale(domain=order, range=_COLOURS),
        legend=alt.Legend(labelLimit=320, orient="top", columns=4, symbolOpacity=1),
    )


def _months(rows: Rows, title: str | None) -> Any:
    import altair as alt

    last = float(max(row["months"] for row in rows))
    return alt.X(
        "months:Q",
        title=title,
        scale=alt.Scale(domain=[0, last], nice=False),
        axis=alt.Axis(values=list(range(0, int(last) + 1, 6)), grid=False),
    )


def _numbers(rows: Rows, order: list[str]) -> Any:
    """Return the numbers at risk, each below its month."""
    import altair as alt

    return (
        alt.Chart(alt.InlineData([dict(row) for row in rows]))
        .mark_text(fontSize=11)
        .encode(
            x=_months(rows, None).axis(None),
            y=alt.Y(
                "group:N",
                title=None,
                sort=order,
                axis=alt.Axis(domain=False, ticks=False, labelLimit=400, labelPadding=26),
            ),
            text="number:N",
            color=alt.Color(
                "group:N", sort=order, scale=alt.Scale(domain=order, range=_COLOURS), legend=None
            ),
        )
        .properties(
            width=_WIDTH,
            height=18 * len(order),
            title=alt.TitleParams("Number at risk", anchor="start", fontSize=11),
        )
    )


def _finish(parts: Sequence[Any], words: Words) -> Any:
    """Stack the parts of a figure, its title above and its notes below."""
    import altair as alt

    heading = alt.TitleParams(
        words.title,
        subtitle=list(words.found),
        anchor="start",
        subtitleColor=_GREY,
        subtitleFontSize=12,
        fontSize=15,
        offset=12,
    )
    notes = (
        alt.Chart(alt.InlineData([{"text": "\n".join(words.notes)}]))
        .mark_text(align="left", baseline="top", lineBreak="\n", fontSize=10, color=_GREY)
        .encode(text="text:N", x=alt.value(0), y=alt.value(0))
        .properties(width=_WIDTH, height=13 * len(words.notes))
    )
    return (
        alt.vconcat(*parts, notes, title=heading, spacing=14)
        .properties(description=words.title)
        .configure_axis(labelFontSize=12)
        .configure_view(stroke=None)
    )
