"""A server in this process, with a fixed day, for the tests of the pages."""

import datetime as dt
import threading
import time

import httpx
import pytest
import uvicorn

from mesospread.web.server import create_app
from mesospread.web.settings import Settings

TODAY = dt.date(2026, 11, 22)
# the first forecast on a machine waits for the compiler
SETTINGS = Settings(
    today=TODAY, warm_up=False, requests_per_minute=100_000, workers=2, time_limit_s=600.0
)


@pytest.fixture(scope="session")
def address():
    """The address of a running server."""
    config = uvicorn.Config(
        create_app(SETTINGS), port=0, log_level="error", access_log=False, server_header=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    deadline = time.monotonic() + 30.0
    while not server.started:
        assert time.monotonic() < deadline, "the server does not start"
        time.sleep(0.02)
    yield f"http://localhost:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10.0)


@pytest.fixture(scope="session")
def client(address):
    with httpx.Client(base_url=address, timeout=600.0) as client:
        yield client
