"""The command that lists centres near a place."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from mesospread.cli.console import Json, out, print_json

Primary = Annotated[
    str | None,
    typer.Option(help="pleural, peritoneal, pericardial or testicular; default: all."),
]
Also = Annotated[
    Path | None, typer.Option(help="CSV file of your own entries, in the same columns.")
]
Today = Annotated[
    str | None, typer.Option(help="Judge the age of entries on this day; default: now.")
]


def centres(
    near: Annotated[
        str, typer.Option(help='A town ("Tampa, FL"), a US ZIP code, or "27.95,-82.46".')
    ],
    primary: Primary = None,
    within_km: Annotated[float | None, typer.Option(help="Farthest distance, km.")] = None,
    within_miles: Annotated[float | None, typer.Option(help="Farthest distance, miles.")] = None,
    limit: Annotated[int, typer.Option(help="Most centres to show.")] = 10,
    support: Annotated[
        bool, typer.Option("--support", help="Also list support organisations in that country.")
    ] = False,
    also: Also = None,
    today: Today = None,
    as_json: Json = False,
) -> None:
    """Centres for mesothelioma near a place, by distance. Works offline."""
    from mesospread.app.centres import CentresText
    from mesospread.app.centres import centres_near as compute

    found = compute(
        near,
        primary=primary,
        within_km=within_km,
        within_miles=within_miles,
        limit=limit,
        also=also,
        support=support,
        today=today,
    )
    if as_json:
        print_json(found)
    else:
        # links longer than a line stay whole
        out.print(CentresText(found), crop=False)
