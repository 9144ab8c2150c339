"""Nothing that is typed is logged or stored: a server runs, then logs and disk are searched."""

import os
import socket
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest
from tests.web.api.server import ROOT

MARKER = "zq7marker"
PROGRAMS = {
    "as it is served": """
import sys
from mesospread.web.server import serve
serve(host="127.0.0.1", port=int(sys.argv[1]))
""",
    "as talkative as can be": """
import sys
import uvicorn
from mesospread.web.server import create_app
port = int(sys.argv[1])
uvicorn.run(create_app(), port=port, access_log=True, log_level="debug")
""",
}


def free_port():
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return held.getsockname()[1]


def found_in(folders, since=0.0):
    """Return the files that hold the marker, of those changed since a time."""
    return [
        path
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.stat().st_mtime >= since and MARKER.encode() in path.read_bytes()
    ]


def open_files(pid):
    """Return what a process has open for writing, also what has no name any more."""
    handles = Path(f"/proc/{pid}/fd")
    held = []
    for handle in handles.iterdir() if handles.is_dir() else ():
        try:
            if handle.is_file() and os.access(handle, os.W_OK):
                held.append((os.readlink(handle), handle.read_bytes()))
        except OSError:
            continue
    return held


@pytest.fixture(scope="module", params=PROGRAMS)
def server(tmp_path_factory, request):
    """Run a server with all its folders in one place; give its client, process and log."""
    home, port = tmp_path_factory.mktemp("home"), free_port()
    places = ("HOME", "TMPDIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
    environment = {**os.environ, **dict.fromkeys(places, str(home)), "PYTHONPATH": f"{ROOT}/src"}
    with (home / "log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-c", PROGRAMS[request.param], str(port)],
            cwd=home,
            env=environment,
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30.0) as client:
        for _ in range(300):
            try:
                client.get("/api/v1/health")
                break
            except httpx.ConnectError:
                assert process.poll() is None, (home / "log").read_text()
                time.sleep(0.1)
        yield client, process, home / "log"
    process.terminate()
    process.wait(10)


def everything_typed(client):
    """Send the marker in every way; yield the answers."""
    patient = {"primary": "pleural", "symptoms": [{"name": f"cough {MARKER}"}]}
    json_header = {"content-type": "application/json"}
    yield client.post("/api/v1/forecast", json={"patient": patient, "precision": "quick"})
    yield client.post("/api/v1/forecast", json={"patient": {"primary": MARKER, MARKER: MARKER}})
    yield client.post("/api/v1/forecast", content=f'{{"{MARKER}": ', headers=json_header)
    yield client.post("/api/v1/forecast", content=MARKER * 100_000, headers=json_header)
    yield client.post("/api/v1/forecast", content=MARKER, headers={"content-type": MARKER})
    yield client.post("/api/v1/ask", json={"question": f"Can {MARKER} reach the liver?"})
    yield client.get("/api/v1/ask", params={"question": f"Can {MARKER} reach the liver?"})
    yield client.get("/api/v1/centres", params={"near": MARKER})
    yield client.get("/api/v1/explain", params={"topic": MARKER, MARKER: MARKER})
    yield client.get(f"/api/v1/{MARKER}")
    yield client.post("/api/v1/simulate", json={"primary": "pleural", "n": 9, "fixed": {MARKER: 1}})
    yield client.request(MARKER.upper(), "/api/v1/ask", headers={"cookie": f"a={MARKER}"})
    for page, field in (
        ("ask", "question"),
        ("centres", "near"),
        ("support", "country"),
        ("evidence", "words"),
        ("claims", "words"),
    ):
        yield client.post(f"/{page}", data={field: MARKER})
        yield client.get(f"/{page}", params={field: MARKER})
    for part in ("", "/stage", "/timeline", "/result", "/compare", "/report"):
        yield client.post(f"/patient/pleural{part}", data={"age": MARKER, MARKER: MARKER})
        yield client.post(f"/patient/pleural{part}", data={"age": MARKER, "diagnosed": MARKER})
    # a form with a large part is kept on disk by many a server
    yield client.post("/ask", files={"question": (MARKER, (MARKER * 20_000).encode())})


def test_nothing_typed_is_in_the_logs_or_on_disk(server):
    client, process, log = server
    begun = time.time() - 1.0
    answers = list(everything_typed(client))
    assert all(answer.status_code < 500 for answer in answers)
    assert sum(MARKER in answer.text for answer in answers) >= 5
    assert len({answer.status_code for answer in answers}) >= 6
    # the address of a page that does not exist may be logged by who wants a log of requests
    told = [line for line in log.read_text().splitlines() if f"GET /api/v1/{MARKER} " not in line]
    assert [line for line in told if MARKER in line or "?" in line] == []
    assert [path for path in found_in([log.parent]) if path != log] == []
    assert found_in([ROOT / "src", ROOT / "docs", ROOT / "examples"], begun) == []
    assert [name for name, _ in open_files(process.pid) if name != str(log)] == []


def test_the_talkative_server_does_log_requests(server, request):
    client, _, log = server
    client.get("/api/v1/ask", params={"question": "liver?"})
    talkative = request.node.callspec.params["server"] == "as talkative as can be"
    assert ("/api/v1/ask" in log.read_text()) == talkative


def test_a_marker_on_disk_would_be_seen(tmp_path):
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "kept").write_text(f"x {MARKER}")
    assert len(found_in([tmp_path])) == 1
    with (tmp_path / "open").open("w") as kept:
        (tmp_path / "open").unlink()
        kept.write(MARKER)
        kept.flush()
        held = [text for name, text in open_files(os.getpid()) if "open" in name]
    assert [MARKER.encode()] == held


def test_nothing_is_set_in_the_browser_and_answers_may_not_be_kept(server):
    client, _, _ = server
    for answer in everything_typed(client):
        assert "set-cookie" not in answer.headers
        assert answer.headers["cache-control"] == "no-store"
