"""The symptom diary in the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.table import Table
from rich.text import Text

from mesospread.report.guide_text import always, help_panel

#: text is easier to read in lines no longer than this
_WIDEST = 80
#: entries shown as a row of bars, and bars from 0 to 10
_MOST = 14
_BARS = "·▁▁▂▂▃▄▅▆▇█"
#: more red flags than this at once would bury what to do
_MOST_URGENT = 3


@dataclass(frozen=True)
class DiaryText:
    """A diary as `mesospread.app.diary.show_diary` returns it; rich prints it."""

    shown: dict[str, Any]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield what cannot wait, then one row per symptom."""
        with_width = options.update(width=min(options.max_width, _WIDEST))
        for part in self._parts():
            yield from console.render(part, with_width)

    def _parts(self) -> Iterable[RenderableType]:
        for flag in self.shown["urgent"][:_MOST_URGENT]:
            yield help_panel(flag)
        yield _table(self.shown["symptoms"])
        yield Text(f"{always()}\n")
        yield Text(
            "For your own use and for your team. The diary stays on this machine.", style="dim"
        )


def _table(rows: list[dict[str, Any]]) -> Table:
    table = Table(
        title="Symptom diary, 0 (not there) to 10 (as bad as can be)",
        caption="Trend: the last entries, oldest on the left. Change: from the lowest score of "
        "the seven days before.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
    )
    table.add_column("Symptom")
    table.add_column("first noted", no_wrap=True)
    table.add_column("last noted", no_wrap=True)
    table.add_column("score", justify="right")
    table.add_column("change", justify="right")
    table.add_column("trend", no_wrap=True)
    for row in sorted(rows, key=lambda r: (-r["score"], r["name"])):
        table.add_row(
            row["name"], row["first"], row["last"], str(row["score"]), _change(row["change"]),
            "".join(_BARS[entry["score"]] for entry in row["entries"][-_MOST:]),
        )  # fmt: skip
    return table


def _change(change: int | None) -> str:
    if change is None:
        return ""
    return "0" if change == 0 else f"{change:+d}".replace("-", "−")
