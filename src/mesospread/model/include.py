"""Take tables and numbers over from another file, so that each stands in one place.

``include = [{ file = "shared.toml", widen = 2 }]`` at the top of a file puts the content of
``shared.toml``, from the same folder, under its own:

- tables are merged key by key, and lists of entries that have a ``name`` entry by entry;
  for all else, what the file itself says stands;
- of the parameters only those are taken over that something uses;
- with ``widen`` above 1 the numbers count as borrowed from another primary: each range becomes
  so many times as wide, and no trial counts as evidence for this disease.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import ConfigDict

from mesospread.errors import DefinitionError
from mesospread.model.definition import Include, Part
from mesospread.reading import checked, read_mapping

#: changes what is included before it is merged
Trim = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Merged:
    """A file with all that it includes.

    Attributes
    ----------
    data
        The merged content, ready to be checked.
    widen
        Parameter that was taken over -> how many times as wide its range becomes.
    borrowed
        Names of entries (of treatments, say) that come whole from another primary.
    """

    data: dict[str, Any]
    widen: dict[str, float]
    borrowed: frozenset[str]


class _Head(Part):
    """The part of a file that says what it includes."""

    model_config = ConfigDict(extra="ignore")
    include: tuple[Include, ...] = ()


def read_merged(path: Path, trim: Trim = lambda data: data) -> Merged:
    """Read a file and all that it includes.

    Parameters
    ----------
    path
        The file.
    trim
        What to do to the content of each included file first.

    Raises
    ------
    DefinitionError
        If a file cannot be read, an included file includes another, or a parameter stands
        in both files with the same content.
    """
    own = read_mapping(path, DefinitionError)
    head = checked(_Head, own, path.name, DefinitionError)
    own.pop("include", None)
    widen: dict[str, float] = {}
    borrowed: set[str] = set()
    base: dict[str, Any] = {}
    for part in head.include:
        data = trim(_included(path.parent / part.file, path.name))
        numbers = _table(data, "parameters")
        _check_repeats(numbers, _table(own, "parameters"), f"{path.name} › parameters", part.file)
        widen |= dict.fromkeys(numbers.keys() - _table(own, "parameters").keys(), part.widen)
        if part.widen > 1:
            borrowed |= _entries(data) - _entries(own)
        base = _merge(base, data)
    merged = _merge(base, own)
    if head.include:
        _drop_unused(merged, set(_table(base, "parameters")) - set(_table(own, "parameters")))
    return Merged(merged, widen, frozenset(borrowed))


def _included(path: Path, by: str) -> dict[str, Any]:
    data = read_mapping(path, DefinitionError)
    if "include" in data:
        raise DefinitionError(
            "an included file cannot include another",
            where=f"{path.name} › include",
            given=repr(data["include"]),
            remedy=f"Write all files into the include of {by}",
        )
    return {key: value for key, value in data.items() if key != "format"}


def _table(data: dict[str, Any], key: str) -> dict[str, Any]:
    """Return a table; one that is none is left to the check of the whole."""
    found = data.get(key, {})
    return found if isinstance(found, dict) else {}


def _check_repeats(
    shared: dict[str, Any], own: dict[str, Any], where: str, shared_file: str
) -> None:
    for name, parameter in own.items():
        if shared.get(name) == parameter:
            raise DefinitionError(
                "the same parameter stands in an included file",
                where=f"{where}.{name}",
                given=f"also in {shared_file}",
                remedy="Remove it here; or give it the value that it has for this disease",
            )


def _entries(data: dict[str, Any]) -> set[str]:
    """Return the names of all entries in the lists of a file."""
    lists = [value for value in data.values() if isinstance(value, list)]
    return {entry["name"] for rows in lists for entry in rows if _is_named(entry)}


def _is_named(entry: Any) -> bool:
    return isinstance(entry, dict) and isinstance(entry.get("name"), str)


def _merge(base: Any, own: Any) -> Any:
    """Return two contents as one; what stands in ``own`` goes before."""
    if isinstance(base, dict) and isinstance(own, dict):
        return base | {k: _merge(base[k], v) if k in base else v for k, v in own.items()}
    if isinstance(base, list) and isinstance(own, list) and all(map(_is_named, [*base, *own])):
        by_name = {entry["name"]: entry for entry in base}
        for entry in own:
            by_name[entry["name"]] = _merge(by_name.get(entry["name"], {}), entry)
        return list(by_name.values())
    return own


def _drop_unused(data: dict[str, Any], taken_over: set[str]) -> None:
    """Drop parameters that were taken over and that nothing names."""
    texts = set(_texts({key: value for key, value in data.items() if key != "parameters"}))
    processes = [entry["name"] for entry in data.get("process", []) if _is_named(entry)]
    for text in [text for text in texts if "{" in text]:
        for process in processes:
            texts.add(text.replace("{process}", process).replace("{member}", process))
    data["parameters"] = {
        name: parameter
        for name, parameter in _table(data, "parameters").items()
        if name in texts or name not in taken_over
    }


def _texts(part: Any) -> Iterator[str]:
    """Yield every text in a content."""
    if isinstance(part, str):
        yield part
    elif isinstance(part, dict):
        for inner in part.values():
            yield from _texts(inner)
    elif isinstance(part, list):
        for inner in part:
            yield from _texts(inner)
