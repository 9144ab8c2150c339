"""The guide in the terminal: a topic, the list of topics, and the answer to a question."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mesospread.report.numbers import percent, plain_name

DISCLAIMER = (
    "To prepare a talk with the people who treat you, not to replace it. Research and education "
    "software, not a medical device."
)
#: under every page: the signs are known by their words, and words can be missed
ALWAYS = (
    "Sudden or frightening signs? Call 911 (US, Canada), 999 (UK), 112 (EU) or your own emergency "
    "number first. This program cannot tell every time that a question is urgent."
)
#: more signs than this at once would bury what to do
_MOST_URGENT = 2
#: text is easier to read in lines no longer than this
_WIDEST = 80


@dataclass(frozen=True)
class ExplainText:
    """A topic of the guide. Rich prints it: ``console.print(ExplainText(topic))``.

    Attributes
    ----------
    topic
        As `mesospread.app.guide.explain` returns it.
    clinician
        Whether to show the text for clinicians, and what the sources say.
    numbers
        Whether to show the published values.
    """

    topic: dict[str, Any]
    clinician: bool = False
    numbers: bool = False

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts from top to bottom."""
        with_width = options.update(width=min(options.max_width, _WIDEST))
        for part in self._parts():
            yield from console.render(part, with_width)

    def _parts(self) -> Iterable[RenderableType]:
        topic = self.topic
        flag = topic["red_flag"]
        if flag and topic["kind"] == "red_flag":
            yield help_panel(flag)
        yield Text(topic["title"], style="bold")
        yield Padding(Text(topic["plain"]), (1, 0))
        if flag and topic["kind"] != "red_flag":
            yield help_panel(flag)
        yield from _harms(topic["harms"])
        if self.clinician:
            yield _section("For clinicians", [Text(topic["clinician"])])
        yield _bullets("Questions for your team", topic["questions_for_the_team"])
        if self.numbers:
            yield from _numbers(topic["numbers"])
        if topic["try_it"]:
            yield _bullets("For figures from the model", topic["try_it"])
        also = ", ".join(other["id"] for other in topic["see_also"])
        yield _section("See also", [Text(also)])
        yield from _sources(topic, says=self.clinician)
        yield Text(f"{ALWAYS}\n")
        yield Text(f"{self._more()}{DISCLAIMER}", style="dim")

    def _more(self) -> str:
        options = [] if self.clinician else ["--clinician (text for clinicians)"]
        if self.topic["numbers"] and not self.numbers:
            options.append("--numbers (what studies found)")
        return f"More: {', '.join(options)}. " if options else ""


@dataclass(frozen=True)
class TopicsText:
    """All topics by kind, as `mesospread.app.guide.list_topics` returns them."""

    listed: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield one paragraph per kind."""
        with_width = options.update(width=min(options.max_width, _WIDEST))
        for kind in self.listed["kinds"]:
            names = Text(", ".join(topic["id"] for topic in kind["topics"]))
            yield from console.render(_section(kind["label"], [names]), with_width)
        yield Text("mesospread explain NAME, e.g. mesospread explain liver", style="dim")


@dataclass(frozen=True)
class AskText:
    """The answer to a question, as `mesospread.app.guide.ask` returns it."""

    answer: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield emergency advice first, then the passages or that there is none."""
        with_width = options.update(width=min(options.max_width, _WIDEST))
        for part in self._parts():
            yield from console.render(part, with_width)

    def _parts(self) -> Iterable[RenderableType]:
        answer = self.answer
        for urgent in answer["urgent"][:_MOST_URGENT]:
            yield help_panel(urgent)
        if answer["declined"]:
            yield Text(answer["declined"])
            if answer["near"]:
                yield _bullets("These may be near", [_pointer(topic) for topic in answer["near"]])
            return
        first, *others = answer["passages"]
        yield Text(first["title"], style="bold")
        yield Padding(Text(first["plain"]), (1, 0))
        told = {urgent["id"] for urgent in answer["urgent"]}
        if first["red_flag"] and first["id"] not in told:
            yield help_panel(first["red_flag"])
        yield _bullets("Questions for your team", first["questions_for_the_team"])
        yield from _sources(first, says=False)
        for other in others:
            opening = other["plain"].split("\n\n")[0]
            more = f"{opening} (mesospread explain {other['id']})"
            yield _section(f"Perhaps also: {other['title']}", [Text(more)])
        yield Text(f"{ALWAYS}\n")
        yield Text(f"More: mesospread explain {first['id']}. {DISCLAIMER}", style="dim")


def help_panel(flag: dict[str, Any]) -> RenderableType:
    """Return whom to call, the signs, and what to do, in a frame."""
    text = Text()
    text.append(f"{flag['advice']}\n", style="bold")
    text.append("Signs: ", style="bold")
    text.append(f"{flag['signs']}\n")
    text.append("What to do: ", style="bold")
    text.append(flag["what_to_do"])
    title = flag.get("title") or "When to get help"
    return Panel(text, title=title, box=box.HEAVY, border_style="red")


def _section(heading: str, parts: Iterable[RenderableType]) -> RenderableType:
    table = Table.grid()
    table.add_row(Text(heading, style="italic"))
    for part in parts:
        table.add_row(Padding(part, (0, 0, 0, 2)))
    return Padding(table, (0, 0, 1, 0))


def _bullets(heading: str, lines: Iterable[str]) -> RenderableType:
    table = Table.grid(padding=(0, 1, 0, 0))
    for line in lines:
        table.add_row("•", Text(line))
    return _section(heading, [table])


def _harms(rows: list[dict[str, Any]]) -> Iterable[RenderableType]:
    """Yield the main harms, one list per treatment."""
    names = list(dict.fromkeys(row["treatment"] for row in rows))
    for name in names:
        of = f" of {name}" if len(names) > 1 else ""
        lines = [f"{r['harm']}{_how_often(r)}" for r in rows if r["treatment"] == name]
        yield _bullets(f"Main harms{of}, and how many had them in studies", lines)


def _how_often(row: dict[str, Any]) -> str:
    if row["share"] is None:
        return " (--prognosis tells how often)" if row["death"] else ""
    without = row["share_without"]
    compared = "" if without is None else f"; {_of_100(without)} without it"
    return f": {_of_100(row['share'])} of 100 people{compared}"


def _of_100(share: float) -> str:
    return percent(share).removesuffix(" %")


def _pointer(topic: dict[str, str]) -> str:
    return f"{topic['title']} (mesospread explain {topic['id']})"


def _sources(topic: dict[str, Any], *, says: bool) -> Iterable[RenderableType]:
    """Yield where the facts come from; each citation once."""
    lines: dict[str, list[str]] = {}
    for source in topic["sources"]:
        figures = lines.setdefault(source["citation"], [])
        if says and source["says"]:
            figures.append(source["says"])
    read = [entry["citation"] for entry in topic["reading"]]
    shown = [": ".join(filter(None, (c, "; ".join(f)))) for c, f in lines.items()]
    if shown or read:
        yield _bullets("Sources", [*shown, *read])


def _numbers(rows: list[dict[str, Any]]) -> Iterable[RenderableType]:
    """Yield the published values, one table per group."""
    for group in dict.fromkeys(row["group"] for row in rows):
        table = Table(
            title=f"{group}, as published",
            box=box.SIMPLE_HEAD,
            title_justify="left",
            pad_edge=False,
            collapse_padding=True,
        )
        table.add_column("What was found", ratio=1, overflow="fold")
        table.add_column("In whom, and where it was read", ratio=1, overflow="fold")
        for row in rows:
            if row["group"] == group:
                table.add_row(row["says"], _whom(row))
        yield table
    if rows:
        yield Padding(
            Text(
                "These figures differ because the people, the scans and the meaning of spread "
                "differ. None of them is a forecast for one person.",
                style="dim",
            ),
            (0, 0, 1, 0),
        )


def _whom(row: dict[str, Any]) -> str:
    read = f"{row['citation']} ({row['confidence']} confidence)"
    return f"{row['population']}; {plain_name(row['setting'])}. {read}"
