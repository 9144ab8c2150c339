"""The command that explains a topic of the guide."""

from __future__ import annotations

from typing import Annotated

import typer

from mesospread.cli.console import Json, Language, out, print_json


def explain(
    topic: Annotated[
        list[str] | None,
        typer.Argument(
            help="A place, sign, scan, treatment or stage; without it: all topics.",
            show_default=False,
        ),
    ] = None,
    clinician: Annotated[
        bool, typer.Option("--clinician", help="Also the text and the tables for clinicians.")
    ] = False,
    numbers: Annotated[
        bool, typer.Option("--numbers", help="Also what published studies found.")
    ] = False,
    primary: Annotated[
        str | None,
        typer.Option(
            help="Numbers of the model for one primary only: pleural, peritoneal, pericardial "
            "or testicular.",
            show_default=False,
        ),
    ] = None,
    prognosis: Annotated[
        bool,
        typer.Option("--prognosis", help="With --numbers: survival too. Only if it is wanted."),
    ] = False,
    language: Language = "en",
    as_json: Json = False,
) -> None:
    """What a place, a sign, a scan or a treatment means, in plain words with sources."""
    from mesospread.app.guide import ExplainText, TopicsText, list_topics
    from mesospread.app.guide import explain as compute

    if not topic:
        listed = list_topics(language)
        if as_json:
            print_json(listed)
        else:
            out.print(TopicsText(listed))
        return
    found = compute(" ".join(topic), prognosis=prognosis, primary=primary, lang=language)
    if as_json:
        print_json(found)
    else:
        out.print(ExplainText(found, clinician=clinician, numbers=numbers or prognosis))
