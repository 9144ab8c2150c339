"""Work for a page stops when its reader leaves."""

import socket
import threading
import time

import pytest

from mesospread.app import page_result


class LongWork:
    """Goes on until it is stopped; notes that it began and that it ended."""

    def __init__(self):
        self.begun, self.stopped = threading.Event(), threading.Event()

    def __call__(self, *args, **kwargs):
        *_, progress = args
        self.begun.set()
        try:
            for _ in range(3_000):
                progress(0.1)
                time.sleep(0.01)
        finally:
            self.stopped.set()


@pytest.mark.parametrize(
    ("path", "body", "work"),
    [
        ("/patient/pleural/result", "age=67", "quick_forecast"),
        ("/clinician/pleural/report", "action=pdf", "forecast_file"),
        ("/patient/pleural/compare", "option-0=yes&option-1=yes", "quick_comparison"),
    ],
)
def test_work_for_a_page_stops_when_the_reader_leaves(address, monkeypatch, path, body, work):
    long = LongWork()
    monkeypatch.setattr(page_result, work, long)
    host, port = address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10.0) as reader:
        reader.sendall(
            f"POST {path} HTTP/1.1\r\nHost: {host}\r\n"
            "Content-Type: application/x-www-form-urlencoded\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}".encode()
        )
        assert long.begun.wait(10.0)
        assert not long.stopped.is_set()
    assert long.stopped.wait(5.0)
