"""What is typed into a page is neither logged nor stored: a server runs, then all is searched."""

import httpx
from tests.web.serving import serving

TYPED = "zq7typed"


def test_nothing_typed_is_in_a_log_or_on_the_disk(tmp_path):
    with (
        serving(tmp_path) as port,
        httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=300.0) as client,
    ):
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
    assert any(TYPED in answer.text for answer in sent), "nothing was typed"
    assert not any("set-cookie" in answer.headers for answer in sent)
    assert "Open http://localhost" in (tmp_path / "log").read_text()
    found = [
        path
        for path in tmp_path.rglob("*")
        if path.is_file() and TYPED.encode() in path.read_bytes()
    ]
    assert found == []
