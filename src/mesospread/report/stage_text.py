"""The answer about a stage, ready to print."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["stage_text"]


def stage_text(answer: Mapping[str, Any]) -> list[str]:
    """Return the answer of ``mesospread stage`` as lines, the stage itself first.

    Parameters
    ----------
    answer
        What `mesospread.app.stage.stage` returns.
    """
    return list(_lines(answer))


def _lines(answer: Mapping[str, Any]) -> Iterator[str]:
    if answer["stage"]:
        edition = f"edition {answer['edition']}" if answer["current"] else answer["system"]
        yield f"Stage {answer['stage']} ({edition})"
    else:
        yield f"Stages still possible: {', '.join(answer['possible'])}"
    yield answer["rule"]
    for group, meaning in answer["means"].items():
        yield f"{group} means: {meaning}."
    if answer["note"]:
        yield answer["note"]
    for reading in answer["elsewhere"]:
        yield from _reading(reading)
    if answer["forecast"]:
        yield answer["forecast"]
    yield f"Source: {answer['source']}"
    yield f"mesospread {answer['version']}"


def _reading(reading: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a stage is in another edition."""
    stages = " or ".join(filter(None, (", ".join(reading["stages"][:-1]), reading["stages"][-1])))
    same = reading["same_letters"]
    if same is None:
        yield f"In {reading['name']}: {stages} ({reading['categories']})"
    elif len(reading["stages"]) == 1:
        yield f"In {reading['name']}: {stages}"
    else:
        yield (
            f"In {reading['name']}: {same} if T, N and M keep their names; {stages} if T is judged "
            f"anew ({reading['categories']})"
        )
