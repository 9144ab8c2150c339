"""Look names up in a definition, and say where an unknown one stands."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from mesospread.errors import DefinitionError, MesospreadError, unknown_name
from mesospread.model.definition import Definition, Multiplier, Value


@dataclass(frozen=True)
class Term:
    """A parent of a route: the multiplier for each of its levels."""

    parent: int
    values: tuple[Value, ...]


class Names:
    """Looks names up in a definition and says where an unknown one stands."""

    def __init__(self, definition: Definition, source: str) -> None:
        self.definition = definition
        self.source = source
        self.index = {p.name: i for i, p in enumerate(definition.process)}

    def error(self, problem: str, path: str, **details: Any) -> MesospreadError:
        """Build an error at a place in the file."""
        return DefinitionError(problem, where=f"{self.source} › {path}", **details)

    def unknown(self, kind: str, name: str, allowed: Iterable[str], path: str) -> MesospreadError:
        """Build the error for an unknown name at a place in the file."""
        where = f"{self.source} › {path}"
        return unknown_name(kind, name, allowed, where=where, error=DefinitionError)

    def process(self, name: str, path: str) -> int:
        """Return the position of a process."""
        if name not in self.index:
            raise self.unknown("process", name, self.index, path)
        return self.index[name]

    def level(self, process: int, level: str, path: str) -> int:
        """Return the position of a level of a process."""
        levels = self.definition.process[process].levels
        if level not in levels:
            kind = f"level of {self.definition.process[process].name}"
            raise self.unknown(kind, level, levels, path)
        return levels.index(level)

    def step(self, text: str, path: str) -> tuple[int, int]:
        """Read ``process.level`` and return the process and the level it leaves."""
        process_name, dot, level_name = text.partition(".")
        if not dot:
            raise self.error("a step is written process.level", path, given=repr(text))
        process = self.process(process_name, path)
        level = self.level(process, level_name, path)
        if level == 0:
            raise self.error(
                "no step leads to the first level",
                path,
                given=repr(text),
                allowed=", ".join(self.definition.process[process].levels[1:]),
            )
        return process, level - 1

    def steps(self, written: str | tuple[str, ...], path: str) -> list[tuple[int, int]]:
        """Read one or several steps; a group stands for all its members."""
        found = []
        for text in (written,) if isinstance(written, str) else written:
            head, dot, level = text.partition(".")
            if not dot:
                raise self.error("a step is written process.level", path, given=repr(text))
            members = self.definition.groups.get(head, (head,))
            if head not in self.index and head not in self.definition.groups:
                raise self.unknown(
                    "process or group", head, [*self.index, *self.definition.groups], path
                )
            found += [self.step(f"{member}.{level}", path) for member in members]
        return found

    def value(self, value: Value, process: str, path: str) -> Value:
        """Fill in ``{process}`` and check that the parameter exists."""
        if not isinstance(value, str):
            return value
        name = value.replace("{process}", process)
        if name not in self.definition.parameters:
            raise self.unknown("parameter", name, self.definition.parameters, path)
        return name

    def multiplier(self, parent: int, given: Multiplier, process: str, path: str) -> Term:
        """Return the multiplier for each level of a parent."""
        levels = self.definition.process[parent].levels
        if isinstance(given, str):
            given = (given,)
        if isinstance(given, tuple):
            open_levels = {self.level(parent, name, path) for name in given}
            return Term(parent, tuple(float(i in open_levels) for i in range(len(levels))))
        by_level = {k: v for k, v in given.items() if k != "otherwise"}
        for name in by_level:
            self.level(parent, name, path)
        missing = [name for name in levels if name not in by_level]
        if missing and "otherwise" not in given:
            raise self.error(
                "some levels have no multiplier",
                path,
                given=", ".join(by_level),
                allowed=", ".join(levels),
                remedy=f"Add {', '.join(missing)}, or otherwise = ...",
            )
        values = tuple(by_level.get(name, given.get("otherwise", 0.0)) for name in levels)
        return Term(parent, tuple(self.value(v, process, path) for v in values))
