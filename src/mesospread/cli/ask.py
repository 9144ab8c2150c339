"""The command that answers a question in plain words."""

from __future__ import annotations

from typing import Annotated

import typer

from mesospread.cli.console import Json, Language, out, print_json


def ask(
    question: Annotated[list[str], typer.Argument(help="In your own words, in quotes.")],
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """Answer a question with checked text and its sources, or say that there is no answer."""
    from mesospread.app.guide import AskText
    from mesospread.app.guide import ask as compute

    found = compute(" ".join(question), language)
    if as_json:
        print_json(found)
    else:
        out.print(AskText(found))
