"""Long work in threads, so that the server goes on answering.

The kernels let go of Python's lock, so two forecasts run beside each other. Nothing is queued
beyond a few per worker: who comes later is told at once to come back.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from mesospread.errors import MesospreadError

T = TypeVar("T")

#: requests that may wait per worker
_WAITING_PER_WORKER = 16


class BusyError(MesospreadError):
    """The server has as much work as it takes on."""

    code = "E-BUSY"


class TooSlowError(MesospreadError):
    """An answer took longer than the server allows."""

    code = "E-TIME"


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
            raise BusyError("the server is busy", remedy="Please try again in a minute")
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
