"""What to type instead of a word that people try and that is no command."""

from __future__ import annotations

from typing import Any

from typer.core import TyperGroup

from mesospread.errors import InputError

_FORECAST = "mesospread forecast FILE"
_REPORT = f"{_FORECAST} --html report.html --pdf report.pdf"
_SURVIVAL = f"{_FORECAST} --prognosis"
_SOURCES = "mesospread evidence WORD --bibtex"

#: word that is tried -> the command that does it
_TRIED = {
    "report": _REPORT,
    "html": _REPORT,
    "pdf": _REPORT,
    "predict": _FORECAST,
    "run": _FORECAST,
    "patient": _FORECAST,
    "why": f"{_FORECAST} --why",
    "survival": _SURVIVAL,
    "prognosis": _SURVIVAL,
    "batch": "mesospread forecast --batch TABLE.csv --out RESULT.csv",
    "claims": "mesospread evidence --claims",
    "sources": _SOURCES,
    "works": _SOURCES,
    "bibtex": _SOURCES,
    "topics": "mesospread explain",
    "guide": "mesospread explain",
    "web": "mesospread serve",
    "page": "mesospread serve",
}


class Commands(TyperGroup):
    """The commands; a word that is none of them is told what to type instead."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Return the command that the first word names.

        Raises
        ------
        InputError
            If it is a word that people try for something that another command does.
        """
        word = args[0]
        if word in _TRIED and word not in self.commands:
            raise InputError(
                "there is no such command", given=word, remedy=f'Type "{_TRIED[word]}"'
            )
        return super().resolve_command(ctx, args)
