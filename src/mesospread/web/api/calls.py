"""Long work of a call: in the server's threads, and stopped when nobody waits for it any more."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from typing import TypeVar

from fastapi import Request

from mesospread.errors import MesospreadError
from mesospread.web.work import TooSlowError, Workers

T = TypeVar("T")
#: takes the share done, 0 to 1
Progress = Callable[[float], None]

#: seconds between two looks at whether somebody still waits
_LOOK_S = 0.25


class NobodyWaits(MesospreadError):
    """The caller has gone, or the time is up."""

    code = "E-GONE"


async def in_worker(request: Request, work: Callable[[Progress], T]) -> T:
    """Do long work in a thread of the server.

    Parameters
    ----------
    request
        Whose call it is. If it is cancelled, or its sender goes away, the work stops at its next
        sign of progress and its thread is free again.
    work
        Takes what to call with the share done.

    Raises
    ------
    BusyError
        If too much work waits already.
    TooSlowError
        If the result does not come in time.
    NobodyWaits
        If the sender has gone.
    """
    workers: Workers = request.app.state.workers
    stop = threading.Event()

    def progress(share: float) -> None:
        if stop.is_set():
            raise NobodyWaits("nobody waits for the answer")

    def run() -> T:
        progress(0.0)
        return work(progress)

    result = asyncio.ensure_future(workers.run(run))
    # taken here, so that a late failure is not told on the console
    result.add_done_callback(lambda done: done.cancelled() or done.exception())
    try:
        while not (await asyncio.wait([result], timeout=_LOOK_S))[0]:
            if await request.is_disconnected():
                raise NobodyWaits("nobody waits for the answer")
        return result.result()
    except TooSlowError as error:
        error.remedy = (
            'Ask for "precision": "quick", leave out symptoms that say least, or use the '
        )
        error.remedy += "command line"
        raise
    finally:
        stop.set()
        result.cancel()
