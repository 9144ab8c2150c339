"""The API alone, for its tests."""

import json
import tomllib
import warnings
from pathlib import Path
from typing import Any

from fastapi import FastAPI

from mesospread.infer.solve import Effort
from mesospread.web.api import router
from mesospread.web.limits import install
from mesospread.web.settings import Settings
from mesospread.web.work import Workers

with warnings.catch_warnings():
    # it only says that another HTTP library is to follow
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient

ROOT = Path(__file__).parents[3]
LITTLE = Effort(
    draws=20, core_paths=64, leaf_paths=320, standard_error=0.1, too_few=5.0, max_rounds=3
)
OPEN = Settings(requests_per_minute=1_000_000, workers=2, time_limit_s=300.0)


def api(settings: Settings = OPEN) -> FastAPI:
    """Return an application with nothing but the API."""
    app = FastAPI(openapi_url="/api/v1/openapi.json")
    app.state.settings = settings
    app.state.workers = Workers(settings.workers, settings.time_limit_s)
    app.include_router(router)
    install(app, settings)
    return app


def client(settings: Settings = OPEN) -> TestClient:
    """Return a client of it."""
    return TestClient(api(settings))


def example(name: str = "pleural_epithelioid_stage3") -> dict[str, Any]:
    """Return an example patient as JSON."""
    text = (ROOT / "examples" / f"{name}.toml").read_text(encoding="utf-8")
    facts: dict[str, Any] = json.loads(json.dumps(tomllib.loads(text), default=str))
    return facts
