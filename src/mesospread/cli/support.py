"""The command that lists support organisations by country."""

from __future__ import annotations

from typing import Annotated

import typer

from mesospread.cli.centres import Also, Primary, Today
from mesospread.cli.console import Json, out, print_json


def support(
    country: Annotated[
        str | None, typer.Option(help="Name or two-letter code, e.g. US or UK; default: all.")
    ] = None,
    primary: Primary = None,
    also: Also = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Support organisations and helplines, by country. Works offline."""
    from mesospread.app.centres import SupportText
    from mesospread.app.centres import support_in as compute

    found = compute(country, primary=primary, also=also, today=today)
    if as_json:
        print_json(found)
    else:
        # links longer than a line stay whole
        out.print(SupportText(found), crop=False)
