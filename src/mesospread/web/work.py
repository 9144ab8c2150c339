"""Long work in threads, so that the server goes on answering.

The kernels let go of Python's lock, so two forecasts run beside each other. Nothing is queued
beyond a few per worker: who comes later is told at once to come back. Work stops at its next
sign of progress when nobody waits for it any more.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import Request

from mesospread.errors import MesospreadError

T = TypeVar("T")
#: takes the share done, 0 to 1
Progress = Callable[[float], None]

#: requests that may wait per worker
_WAITING_PER_WORKER = 16
#: seconds between two looks at whether somebody still waits
_LOOK_S = 0.25


class BusyError(MesospreadError):
    """The server has as much work as it takes on."""

    code = "E-BUSY"


class TooSlowError(MesospreadError):
    """An answer took longer than the server allows."""

    code = "E-TIME"


class NobodyWaits(MesospreadError):
    """Who asked has gone, or the time is up."""

    code = "E-GONE"


class Workers:
    """A few threads for long work, with a limit on what may wait.

    Parameters
    ----------
    workers
        Threads.
    time_limit_s
        Seconds after which an answer is given up; its thread goes on to the end.

    Attributes
    ----------
    closed
        Whether the server ends: work that can stop early should.
    """

    def __init__(self, workers: int, time_limit_s: float) -> None:
        self.time_limit_s = time_limit_s
        self.closed = False
        self._most = workers * (1 + _WAITING_PER_WORKER)
        self._inside = 0
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="mesospread")

    async def run(self, function: Callable[[], T]) -> T:
        """Run a function in a thread and wait for its result.

        Raises
        ------
        BusyError
            If too much work waits already.
        TooSlowError
            If the result does not come in time.
        """
        if self._inside >= self._most:
            raise BusyError(
                "the server is busy", remedy="Please try again in a minute", reason="busy"
            )
        self._inside += 1
        work = asyncio.get_running_loop().run_in_executor(self._pool, function)
        work.add_done_callback(self._leave)
        try:
            return await asyncio.wait_for(asyncio.shield(work), self.time_limit_s)
        except TimeoutError:
            raise TooSlowError(
                "the answer took too long",
                given=f"more than {self.time_limit_s:g} seconds",
                remedy="Please try again in a minute, or use the command line",
                reason="too_slow",
            ) from None

    def start(self, function: Callable[[], object]) -> None:
        """Run a function in a thread without waiting for it."""
        self._pool.submit(function)

    def close(self) -> None:
        """Let go of the threads; what waits is dropped."""
        self.closed = True
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _leave(self, work: asyncio.Future[T]) -> None:
        self._inside -= 1
        if not work.cancelled():
            # taken here, so that a late failure is not told on the console
            work.exception()


async def in_worker(request: Request, work: Callable[[Progress], T]) -> T:
    """Do long work in a thread of the server.

    Parameters
    ----------
    request
        Whose work it is. If it is cancelled, or its sender goes away, the work stops at its next
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
    finally:
        stop.set()
        result.cancel()
