"""What is typed into a page is neither logged nor stored: a server runs, then all is searched."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx

SOURCE = Path(__file__).parents[2] / "src"
TYPED = "zq7typed"


def _free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def _wait_for(client, process, log):
    for _ in range(600):
        try:
            return client.get("/about")
        except httpx.ConnectError:
            assert process.poll() is None, log.read_text()
            time.sleep(0.1)
    raise AssertionError("the server does not start")


def test_nothing_typed_is_in_a_log_or_on_the_disk(tmp_path):
    port, log = _free_port(), tmp_path / "log"
    places = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = {**os.environ, **dict.fromkeys(places, str(tmp_path)), "PYTHONPATH": str(SOURCE)}
    with log.open("wb") as writing:
        process = subprocess.Popen(
            [sys.executable, "-m", "mesospread", "serve", "--port", str(port)],
            cwd=tmp_path,
            env=environment,
            stdout=writing,
            stderr=subprocess.STDOUT,
        )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300.0) as client:
            assert _wait_for(client, process, log).status_code == 200
            sent = [
                client.post("/patient/pleural/result", data={"age": TYPED}),
                client.post("/patient/pleural", data={"diagnosed": TYPED, "action": "add:scan"}),
                client.post("/patient/pleural/result", data={TYPED: "yes"}),
                client.post("/ask", data={"question": f"Can {TYPED} spread to the liver?"}),
                client.post("/centres", data={"near": TYPED}),
                client.post("/patient/pleural/report", content=f"{TYPED}=%%%".encode()),
                client.get(f"/guide/{TYPED}"),
                client.get("/patient", params={"age": TYPED}),
            ]
    finally:
        process.terminate()
        process.wait(30.0)
    assert any(TYPED in answer.text for answer in sent), "nothing was typed"
    assert not any("set-cookie" in answer.headers for answer in sent)
    assert "Open http://localhost" in log.read_text()
    found = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and TYPED.encode() in path.read_bytes()
    ]
    assert found == []
