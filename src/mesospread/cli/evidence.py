"""The command that shows where numbers come from, and what is behind common figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, out, print_json
from mesospread.errors import InputError


def evidence(
    words: Annotated[
        list[str] | None, typer.Argument(help="Words that must occur, e.g. liver or Finn.")
    ] = None,
    primary: Annotated[str, typer.Option(help="Whose model.")] = "pleural",
    of_claims: Annotated[
        bool, typer.Option("--claims", help="Figures that people meet, and what is behind them.")
    ] = False,
    prognosis: Annotated[
        bool,
        typer.Option("--prognosis", help="With --claims: survival too. Only if it is wanted."),
    ] = False,
    as_bibtex: Annotated[
        bool, typer.Option("--bibtex", help="The works behind what is found, as BibTeX.")
    ] = False,
    answer: Annotated[
        Path | None,
        typer.Option("--from", help="With --bibtex: a JSON answer whose sources are wanted."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Where the model's numbers come from, and what is behind the figures that people meet."""
    from mesospread.app.evidence import bibliography, claims, evidence_for
    from mesospread.app.text import ClaimsText, evidence_text

    text = " ".join(words or [])
    _check(text, of_claims, prognosis, as_bibtex, answer, as_json)
    if as_bibtex:
        found = bibliography(
            text, primary=primary, answer=answer, of_claims=of_claims, prognosis=prognosis
        )
        typer.echo(found, nl=False)
    elif of_claims:
        told = claims(text, prognosis=prognosis)
        print_json(told) if as_json else out.print(ClaimsText(told))
    else:
        rows = evidence_for(text, primary=primary)
        print_json(rows) if as_json else out.print(evidence_text(rows))


def _check(
    text: str,
    of_claims: bool,
    prognosis: bool,
    as_bibtex: bool,
    answer: Path | None,
    as_json: bool,
) -> None:
    """Refuse options that have no meaning together."""
    wrong = {
        "--prognosis belongs to --claims": prognosis and not of_claims,
        "--from belongs to --bibtex": answer is not None and not as_bibtex,
        "--from takes the place of words and --claims": answer is not None
        and bool(text or of_claims),
        "--bibtex and --json are two ways to print": as_bibtex and as_json,
    }
    for problem, is_so in wrong.items():
        if is_so:
            raise InputError(problem, where="evidence", remedy="See mesospread evidence --help")
