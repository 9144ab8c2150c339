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

from mesospread.report.guide_model_text import model_in_words, model_tables
from mesospread.report.numbers import percent, percent_band, plain_name
from mesospread.report.strings import ENGLISH, text

#: more signs than this at once would bury what to do
_MOST_URGENT = 2
#: text is easier to read in lines no longer than this
_WIDEST = 80


def always(lang: str = ENGLISH) -> str:
    """Return what stands under every page: the signs are known by words, which can be missed."""
    return text("guide.always", lang, numbers=text("emergency.numbers", lang))


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
        topic, lang = self.topic, self.topic["language"]
        flag = topic["red_flag"]
        if flag and topic["kind"] == "red_flag":
            yield help_panel(flag, lang)
        yield Text(topic["title"], style="bold")
        yield Padding(Text(topic["plain"]), (1, 0))
        if flag and topic["kind"] != "red_flag":
            yield help_panel(flag, lang)
        yield from _harms(topic["harms"], lang)
        yield from self._model()
        if self.clinician:
            yield _section(text("guide.clinicians", lang), [Text(topic["clinician"])])
            yield from model_tables(topic["model"])
        yield _bullets(text("guide.questions", lang), topic["questions_for_the_team"])
        if self.numbers:
            yield from _numbers(topic["numbers"])
        if topic["try_it"]:
            yield _bullets(text("guide.figures", lang), topic["try_it"])
        also = ", ".join(other["id"] for other in topic["see_also"])
        yield _section(text("guide.see_also", lang), [Text(also)])
        yield from _sources(topic, says=self.clinician)
        yield from _last_words(self._more(), lang)

    def _model(self) -> Iterable[RenderableType]:
        said = self.topic["model"]
        if said and (lines := model_in_words(said)):
            yield _bullets(text("guide.model", self.topic["language"]), lines)
            yield Padding(Text(said["note"], style="dim"), (0, 0, 1, 2))

    def _more(self) -> str:
        lang = self.topic["language"]
        options = [] if self.clinician else [text("guide.more_clinician", lang)]
        if self.topic["numbers"] and not self.numbers:
            options.append(text("guide.more_numbers", lang))
        return text("guide.more", lang, options=", ".join(options)) if options else ""


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
        answer, lang = self.answer, self.answer["language"]
        for urgent in answer["urgent"][:_MOST_URGENT]:
            yield help_panel(urgent, urgent["language"])
        if answer["declined"]:
            yield Text(text("guide.not_understood", lang) or answer["declined"])
            if answer["near"]:
                pointers = [_pointer(topic) for topic in answer["near"]]
                yield _bullets(text("guide.near", lang), pointers)
            return
        first, *others = answer["passages"]
        yield Text(first["title"], style="bold")
        yield Padding(Text(first["plain"]), (1, 0))
        told = {urgent["id"] for urgent in answer["urgent"]}
        if first["red_flag"] and first["id"] not in told:
            yield help_panel(first["red_flag"], lang)
        yield _bullets(text("guide.questions", lang), first["questions_for_the_team"])
        yield from _sources(first, says=False)
        for other in others:
            opening = other["plain"].split("\n\n")[0]
            more = f"{opening} (mesospread explain {other['id']})"
            yield _section(text("guide.perhaps", lang, title=other["title"]), [Text(more)])
        yield from _last_words(
            text("guide.more", lang, options=f"mesospread explain {first['id']}"), lang
        )


def _last_words(more: str, lang: str) -> Iterable[RenderableType]:
    """Yield whom to call in any case, what else there is, and what this program is not."""
    yield Text(f"{always(lang)}\n")
    notes = (more, text("guide.english", lang), text("guide.disclaimer", lang))
    yield Text(" ".join(filter(None, (*notes, text("page.machine_assisted", lang)))), style="dim")


def help_panel(flag: dict[str, Any], lang: str = ENGLISH) -> RenderableType:
    """Return whom to call, the signs, and what to do, in a frame."""
    told = Text()
    told.append(f"{flag['advice']}\n", style="bold")
    told.append(f"{text('guide.signs', lang)} ", style="bold")
    told.append(f"{flag['signs']}\n")
    told.append(f"{text('guide.do', lang)} ", style="bold")
    told.append(flag["what_to_do"])
    title = flag.get("title") or text("guide.when", lang)
    return Panel(told, title=title, box=box.HEAVY, border_style="red")


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


def _harms(rows: list[dict[str, Any]], lang: str) -> Iterable[RenderableType]:
    """Yield the main harms, one list per treatment."""
    names = list(dict.fromkeys(row["treatment"] for row in rows))
    for name in names:
        heading = text("guide.harms", lang)
        if len(names) > 1:
            heading = text("guide.harms_of", lang, treatment=name)
        lines = [f"{r['harm']}{_how_often(r)}" for r in rows if r["treatment"] == name]
        yield _bullets(heading, lines)


def _how_often(row: dict[str, Any]) -> str:
    if row["share"] is None:
        return " (--prognosis tells how often)" if row["death"] else ""
    compared = (
        "" if row["share_without"] is None else f"; {_of_100(row, 'share_without')} without it"
    )
    return f": {_of_100(row, 'share')} of 100 people{compared}"


def _of_100(row: dict[str, Any], name: str) -> str:
    """Write a counted share with its interval, if the study tells how many people it had."""
    band = row[f"{name}_band"]
    shown = percent(row[name]) if band is None else percent_band(**band)
    return shown.replace(" %", "")


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
        yield _bullets(text("guide.sources", topic["language"]), [*shown, *read])


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
