"""Long work of a call: as of a page, with other advice if it takes too long."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from mesospread.web import work as threads
from mesospread.web.work import NobodyWaits, Progress, TooSlowError

__all__ = ["NobodyWaits", "Progress", "in_worker"]

T = TypeVar("T")


async def in_worker(request: Request, work: Callable[[Progress], T]) -> T:
    """Do long work in a thread of the server; see `mesospread.web.work.in_worker`.

    Raises
    ------
    BusyError, TooSlowError, NobodyWaits
        As there.
    """
    try:
        return await threads.in_worker(request, work)
    except TooSlowError as error:
        error.remedy = (
            'Ask for "precision": "quick", leave out symptoms that say least, or use the '
            "command line"
        )
        raise
