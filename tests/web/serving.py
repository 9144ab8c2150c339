"""``mesospread serve`` as a user runs it, in a process of its own."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

SOURCE = Path(__file__).parents[2] / "src"
_PLACES = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """Run the server on a free port, which is given; all it writes goes to the folder."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    log = folder / "log"
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "mesospread", "serve", "--port", str(port)],
            cwd=folder,
            env={**os.environ, **dict.fromkeys(_PLACES, str(folder)), "PYTHONPATH": str(SOURCE)},
            stdout=writing,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/about", process, log)
        yield port
    finally:
        process.terminate()
        process.wait(30.0)


def _wait_for(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(600):
        try:
            assert httpx.get(address, timeout=300.0).status_code == 200
        except httpx.ConnectError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError("the server does not start")
