"""The server under test: a process of its own, on this machine only, on chosen cores."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"

_PROGRAM = """
import os
import sys

port, cores = int(sys.argv[1]), [int(core) for core in sys.argv[2].split(",") if core]
if cores:
    os.sched_setaffinity(0, cores)
import uvicorn
from mesospread.web.server import create_app
from mesospread.web.settings import Settings

settings = Settings(port=port, workers=len(cores) or 2, requests_per_minute=1_000_000)
uvicorn.run(create_app(settings), host="127.0.0.1", port=port, log_level="error", access_log=False)
"""


class Failed(Exception):
    """The server did not start; its own words are the message."""


@dataclass(frozen=True)
class Server:
    """A server that runs.

    Attributes
    ----------
    address
        Where, as ``http://127.0.0.1:port``.
    pid
        Its process.
    start_seconds
        From the start of the process to its first answer.
    """

    address: str
    pid: int
    start_seconds: float

    def peak_mb(self) -> float:
        """Return its peak resident memory so far, MiB; NaN where the system cannot say."""
        status = Path(f"/proc/{self.pid}/status")
        if status.exists():
            for line in status.read_text().splitlines():
                if line.startswith("VmHWM:"):
                    return int(line.split()[1]) / 1024
        return float("nan")

    def cpu_seconds(self) -> float:
        """Return the processor time it has used; NaN where the system cannot say."""
        stat = Path(f"/proc/{self.pid}/stat")
        if not stat.exists():
            return float("nan")
        fields = stat.read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(cores: list[int], timeout_seconds: float = 120.0) -> Iterator[Server]:
    """Run a server while the block runs, and end it whatever happens.

    Parameters
    ----------
    cores
        To run on, one worker each; empty: all, two workers.
    timeout_seconds
        Longest time to its first answer.

    Raises
    ------
    Failed
        If it does not start.
    """
    with socket.socket() as held:
        held.bind((HOST, 0))
        port = held.getsockname()[1]
    began = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, str(port), ",".join(map(str, cores))],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT / "src")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )
    address = f"http://{HOST}:{port}"
    try:
        _wait_for(address, process, began + timeout_seconds)
        yield Server(address, process.pid, time.perf_counter() - began)
    finally:
        process.terminate()
        try:
            process.communicate(timeout=10.0)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _wait_for(address: str, process: subprocess.Popen[bytes], until: float) -> None:
    while time.perf_counter() < until:
        try:
            httpx.get(f"{address}/api/v1/health", timeout=5.0)
            return
        except httpx.TransportError:
            if process.poll() is not None:
                raise Failed(process.communicate()[1].decode(errors="replace")) from None
            time.sleep(0.05)
    raise Failed(f"no answer from {address}")
