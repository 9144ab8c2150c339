"""Read TOML and JSON files and check them against a pydantic model, with clear errors."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from mesospread.errors import InputError, nearest

M = TypeVar("M", bound=BaseModel)

#: no file that people write by hand is larger
MAX_BYTES = 1_000_000


def read_mapping(
    path: Path, error: type[InputError] = InputError, *, max_bytes: int = MAX_BYTES
) -> dict[str, Any]:
    """Read a TOML or JSON file (by its ending) into a dictionary.

    Parameters
    ----------
    path
        The file.
    error
        Class of the errors to raise.
    max_bytes
        A larger file is refused.

    Raises
    ------
    InputError
        If there is no such file, it cannot be read, it is too large, or it is broken
        (with line and column; a key that stands twice counts as broken).
    """
    where = str(path)
    text = _text(path, where, error, max_bytes)
    is_json = path.suffix.lower() == ".json"
    try:
        data = (
            json.loads(text, object_pairs_hook=_no_duplicates) if is_json else tomllib.loads(text)
        )
    except (ValueError, RecursionError) as problem:
        raise error(
            f"not valid {'JSON' if is_json else 'TOML'}",
            where=where,
            given=str(problem),
            allowed="TOML, or JSON in a file whose name ends in .json",
            remedy="Correct that line; texts stand in double quotes",
        ) from None
    if not isinstance(data, dict):
        raise error(
            "not a table of keys and values",
            where=where,
            given=type(data).__name__,
            remedy="See the files in examples/",
        )
    return data


def _text(path: Path, where: str, error: type[InputError], max_bytes: int) -> str:
    """Return the text of a file."""
    remedy = "Check the name and the folder"
    try:
        with path.open("rb") as file:
            content = file.read(max_bytes + 1)
        if len(content) > max_bytes:
            raise error(
                "the file is too large",
                where=where,
                given=f"more than {max_bytes} bytes",
                allowed=f"up to {max_bytes} bytes",
            )
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        reason = "not UTF-8 text"
    except FileNotFoundError as problem:
        reason = problem.strerror or "no such file"
        siblings = [p.name for p in path.parent.glob("*")] if path.parent.is_dir() else []
        guess = nearest(path.name, siblings)
        remedy = f"Did you mean {guess!r}?" if guess else remedy
    except (OSError, ValueError) as problem:
        reason = getattr(problem, "strerror", None) or str(problem)
    raise error(
        "the file cannot be read",
        where=where,
        given=reason,
        allowed="a TOML or JSON file",
        remedy=remedy,
    )


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return pairs as a mapping, refusing a key that stands twice."""
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise ValueError(f"the key {key!r} stands twice in one object")
        found[key] = value
    return found


def checked(model: type[M], data: Any, source: str, error: type[InputError] = InputError) -> M:
    """Build a pydantic model, turning all its complaints into one clear error.

    Parameters
    ----------
    model
        What the data should be.
    data
        As read from a file.
    source
        Name of the file, for the error.
    error
        Class of the error to raise.

    Raises
    ------
    InputError
        Listing every problem with its place.
    """
    try:
        return model.model_validate(data)
    except ValidationError as problem:
        keys = _all_keys(model)
        complaints = _distinct(_complaint(data, detail, keys) for detail in problem.errors())
    if len(complaints) == 1:
        where, text, given, remedy = complaints[0]
        # a complaint about the whole has no place in it
        place = f"{source} › {where}" if where else source
        raise error(text, where=place, given=given, remedy=remedy)
    lines = [
        f"\n  {where or 'the whole'}: {text}"
        + (f" (given: {given})" if given else "")
        + (f". {remedy}" if remedy else "")
        for where, text, given, remedy in complaints
    ]
    raise error(f"{len(complaints)} problems{''.join(lines)}", where=source)


Complaint = tuple[str, str, str, str]


def _distinct(complaints: Any) -> list[Complaint]:
    """Keep one complaint per place, and none about a whole that is about a part of it."""
    first: dict[str, Complaint] = {}
    for complaint in complaints:
        first.setdefault(complaint[0], complaint)
    inner = [place for place in first if "." in place or "[" in place]
    return [
        c
        for place, c in first.items()
        if not any(p.startswith((f"{place}[", f"{place}.")) for p in inner)
    ]


def _complaint(data: Any, detail: Any, keys: set[str]) -> Complaint:
    """Return place, problem, what was given and remedy for one pydantic error."""
    kind = detail["type"]
    where, parent = _place(data, detail["loc"], kind == "missing")
    if kind == "extra_forbidden":
        key = str(detail["loc"][-1])
        guess = nearest(key, keys - {key})
        return where, "unknown key", repr(key), f"Did you mean {guess!r}?" if guess else ""
    if kind == "missing":
        others = ", ".join(map(str, parent)) if isinstance(parent, dict) else ""
        return where, "this key is missing", f"only {others}" if others else "", ""
    message = detail["msg"].removeprefix("Value error, ")
    given = detail["input"]
    shown = repr(given) if isinstance(given, str | int | float | bool | type(None)) else ""
    return where, message[0].lower() + message[1:], shown, ""


def _place(data: Any, loc: Sequence[int | str], is_missing: bool) -> tuple[str, Any]:
    """Write a pydantic location as ``a.b[2].c``, without the names of union members."""
    path = ""
    node, parent = data, data
    for i, part in enumerate(loc):
        # what is missing is not in the data; else such a part names a member of a union
        missing = is_missing and i == len(loc) - 1
        if isinstance(part, int) and isinstance(node, list | tuple) and part < len(node):
            path += f"[{part}]"
            parent, node = node, node[part]
        elif isinstance(part, str) and isinstance(node, dict) and (part in node or missing):
            path += f".{part}" if path else part
            parent, node = node, node.get(part)
    return path, parent


def _all_keys(model: type[BaseModel]) -> set[str]:
    """Return the keys that may stand anywhere in a file of this kind."""
    schema = model.model_json_schema()
    tables = [schema, *schema.get("$defs", {}).values()]
    return {key for table in tables for key in table.get("properties", {})}
