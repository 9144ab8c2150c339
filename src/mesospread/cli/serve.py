"""``mesospread serve``: the page and the REST API."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from mesospread.cli.console import out, tell_if_first_time

#: a token is a secret: it comes from the environment, so that no list of processes shows it
_TOKEN = "MESOSPREAD_TOKEN"


def serve(
    host: Annotated[
        str, typer.Option(help=f"Where to listen; others than this machine need {_TOKEN}.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65_535, help="Port.")] = 8000,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Forecasts at the same time; default: all cores.")
    ] = None,
) -> None:
    """The page in a browser, and the REST API; nothing typed is stored or logged."""
    from mesospread.web.server import serve as run

    def tell(address: str) -> None:
        tell_if_first_time()
        out.print(f"Open {address} in a browser. Stop with Ctrl-C.", soft_wrap=True)
        out.print("Nothing that is typed there is stored or logged.")

    run(host=host, port=port, token=os.environ.get(_TOKEN), workers=workers, ready=tell)
