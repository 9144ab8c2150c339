"""Centres and support organisations as aligned lists in the terminal; every link is whole."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.style import Style
from rich.table import Table
from rich.text import Text

#: columns of the two distances, and where the text beside them begins
_NUMBER = 6
_INDENT = 2 * _NUMBER + 4


@dataclass(frozen=True)
class CentresText:
    """The centres near a place; rich prints it. Print with ``crop=False`` to keep links whole."""

    found: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts from top to bottom."""
        found = self.found
        yield Text(_title(found), style="bold")
        if found["place"]["note"]:
            yield Text(found["place"]["note"])
        yield Text()
        yield from _centres(found["centres"])
        if not found["centres"]:
            yield Text(_nothing(found["next"]))
        if found["not_shown"]:
            yield Text()
            yield Text(f"Farther away: {found['not_shown']} more. --limit shows them.")
        if found["few"]:
            yield Text()
            yield Text(found["few"])
            yield Text()
            yield from _centres(found["others"])
            if not found["others"]:
                yield Text(_nothing(found["next_other"]))
        if found["support"] is not None:
            yield from _support_there(found)
        yield from _notes(found, [*found["centres"], *found["others"], *(found["support"] or [])])


@dataclass(frozen=True)
class SupportText:
    """Support organisations by country; rich prints it. Print with ``crop=False``."""

    found: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts from top to bottom."""
        found = self.found
        if not found["organisations"]:
            where = found["country_name"] or "any country"
            disease = f" for {found['primary']} mesothelioma" if found["primary"] else ""
            yield Text(f"No organisation in {where}{disease} is in this list.", style="bold")
            yield Text(f"There are some in: {', '.join(found['countries'])}.")
            return
        yield from _organisations(found["organisations"])
        yield from _notes(found, found["organisations"])


def _title(found: dict[str, Any]) -> str:
    what = f"{found['primary']} mesothelioma" if found["primary"] else "mesothelioma"
    far = found["within_km"], found["within_miles"]
    limit = f", within {_both(*far)}" if far[0] else ""
    return f"Centres for {what} near {found['place']['name']}{limit}"


def _both(kilometres: float, miles: float) -> str:
    return f"{_whole(kilometres)} km ({_whole(miles)} {'mile' if round(miles) == 1 else 'miles'})"


def _whole(number: float) -> str:
    """Write a distance: the points are not known to better than a kilometre."""
    return "<1" if number < 1 else f"{number:,.0f}"


def _nothing(following: dict[str, Any] | None) -> str:
    """Say that nothing is near enough, and how far the nearest is."""
    if following is None:
        return "None is in this list."
    far = _both(following["distance_km"], following["distance_miles"])
    return f"None so near. The nearest is {far} away: {following['name']}, {_where(following)}."


def _centres(rows: list[dict[str, Any]]) -> Iterator[RenderableType]:
    if rows:
        yield _beside("km", "miles", Text())
    for i, row in enumerate(rows):
        if i:
            yield Text()
        details = Text()
        details.append(f"{row['name']}\n", style="bold")
        details.append(f"{_where(row)}\n")
        details.append(f"{row['kind']}: {', '.join(row['primaries'])}")
        _append_remarks(details, row)
        yield _beside(_whole(row["distance_km"]), _whole(row["distance_miles"]), details)
        yield from _links(row, _INDENT)


def _beside(kilometres: str, miles: str, text: Text) -> Table:
    table = Table.grid(padding=(0, 2, 0, 0), expand=True)
    for width in (_NUMBER, _NUMBER):
        table.add_column(justify="right", width=width)
    table.add_column(ratio=1)
    table.add_row(kilometres, miles, text)
    return table


def _where(row: dict[str, Any]) -> str:
    parts = (row["city"], row["region"], row["country_name"])
    return ", ".join(part for part in parts if part)


def _append_remarks(details: Text, row: dict[str, Any]) -> None:
    """Add what a reader must know of an entry."""
    if row["note"]:
        details.append(f"\n{row['note']}")
    if row["yours"]:
        details.append("\nFrom your own file.", style="cyan")
    if row["stale"]:
        told = f"\nChecked on {row['checked_on']}, more than a year ago: ask before you rely on it."
        details.append(told, style="yellow")


def _links(row: dict[str, Any], indent: int) -> Iterator[RenderableType]:
    """Yield the address of its own, or the pages where it was found, unbroken."""
    for address in [row["web"]] if row["web"] else row["sources"]:
        line = Text(" " * indent, no_wrap=True, overflow="ignore")
        line.append("" if row["web"] else "named on ")
        yield line.append(address, style=Style(link=address))


def _support_there(found: dict[str, Any]) -> Iterator[RenderableType]:
    yield Text()
    if found["support"]:
        yield from _organisations(found["support"])
    else:
        yield Text("No support organisation in that country is in this list.", style="bold")
        yield Text("mesospread support lists those of all countries.")


def _organisations(rows: list[dict[str, Any]]) -> Iterator[RenderableType]:
    country = ""
    for row in rows:
        if row["country_name"] != country:
            if country:
                yield Text()
            country = row["country_name"]
            yield Text(f"Support: {country}", style="bold underline")
        yield Text()
        yield Text(row["name"], style="bold")
        yield Padding(_about(row), (0, 0, 0, 2), expand=False)
        yield from _links(row, 2)


def _about(row: dict[str, Any]) -> Text:
    about = Text(row["kind"])
    if row["offers"]:
        about.append(f": {row['offers']}")
    place = ", ".join(part for part in (row["city"], row["region"]) if part)
    if place:
        about.append(f" · {place}")
    if len(row["primaries"]) < 4:
        about.append(f" · {', '.join(row['primaries'])}")
    if row["phone"]:
        about.append(f"\nphone {row['phone']}", style="bold")
    _append_remarks(about, row)
    return about


def _notes(found: dict[str, Any], rows: list[dict[str, Any]]) -> Iterator[RenderableType]:
    """Yield what holds for all entries, and when they were checked."""
    yield Text()
    yield from map(Text, found["notes"])
    days = sorted({row["checked_on"] for row in rows})
    if days:
        yield Text(f"Pages read on {' to '.join(dict.fromkeys((days[0], days[-1])))}.")
