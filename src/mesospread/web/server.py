"""The server: pages, files and the REST API in one application."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from pydantic import SecretStr
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware

from mesospread._version import __version__
from mesospread.errors import InputError, MesospreadError
from mesospread.web import pages_evidence, pages_guide, pages_patient, pages_static
from mesospread.web.api import router as api
from mesospread.web.forms import FormError
from mesospread.web.limits import install
from mesospread.web.pages_errors import error_page
from mesospread.web.render import words
from mesospread.web.security import HeadLikeGet, LanguagePrefix, QuietErrors, SecurityHeaders
from mesospread.web.settings import Settings
from mesospread.web.work import Workers

#: a reader looks at an answer for longer than the usual 5 s; facts that are sent while the
#: server hangs up are lost, since a browser may not send them again by itself
_KEEP_ALIVE_SECONDS = 75


def create_app(settings: Settings | None = None) -> FastAPI:
    """Return the application: the API, and the pages behind all other addresses.

    Parameters
    ----------
    settings
        What can be set; default: for this machine only.
    """
    settings = settings or Settings()
    workers = Workers(settings.workers, settings.time_limit_s)

    @asynccontextmanager
    async def running(app: FastAPI) -> AsyncIterator[None]:
        if settings.warm_up:
            workers.start(lambda: _warm_up(workers))
        yield
        workers.close()

    app = FastAPI(
        title="mesospread",
        version=__version__,
        lifespan=running,
        # their pages load scripts from elsewhere
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    pages = _pages()
    for part in (app, pages):
        part.state.settings = settings
        part.state.workers = workers
    app.include_router(api)
    install(app, settings)
    app.mount("/", pages)
    # no answer holds a secret, so its length may tell how well it packs
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=5)
    app.add_middleware(LanguagePrefix, languages=words().languages()[1:])
    app.add_middleware(SecurityHeaders)
    app.add_middleware(HeadLikeGet)
    app.add_middleware(QuietErrors)
    return app


def _pages() -> FastAPI:
    """Return the pages, which show errors as pages."""
    pages = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    for part in (pages_static, pages_patient, pages_guide, pages_evidence):
        pages.include_router(part.router)
    for kind in (MesospreadError, HTTPException, RequestValidationError, Exception):
        pages.add_exception_handler(kind, error_page)
    pages.add_exception_handler(FormError, pages_patient.form_again)
    return pages


def serve(
    *,
    host: str,
    port: int,
    token: str | None = None,
    workers: int | None = None,
    ready: Callable[[str], None] = lambda address: None,
) -> None:
    """Run the server until it is stopped.

    No request is logged: addresses hold no facts about a patient, and so it stays if one is
    typed into the bar by mistake.

    Parameters
    ----------
    host, port
        Where to listen.
    token
        Needed for any host but this machine.
    workers
        Forecasts at the same time; None for all cores.
    ready
        Called with the address once the port is known to be free.

    Raises
    ------
    InputError
        If the settings would open the server to others without a token, or the port is taken.
    """
    import uvicorn

    settings = Settings(
        host=host,
        port=port,
        token=SecretStr(token) if token else None,
        **({} if workers is None else {"workers": workers}),
    )
    app = create_app(settings)
    _check_port(settings)
    ready(f"http://{'localhost' if settings.is_local else host}:{port}")
    uvicorn.run(
        app,
        host=host,
        port=port,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=_KEEP_ALIVE_SECONDS,
    )


def _check_port(settings: Settings) -> None:
    """Refuse a port that somebody listens on already."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind((settings.host, settings.port))
        except OSError as problem:
            raise InputError(
                "the address cannot be used",
                where="--host, --port",
                given=f"{settings.host}:{settings.port} ({problem.strerror})",
                remedy="Another program may use it; choose another, e.g. --port 8080",
            ) from None


def _warm_up(workers: Workers) -> None:
    """Load the engine and run it once for each primary, so that the first reader need not wait."""
    from mesospread.app.forecast import forecast
    from mesospread.app.page_example import example
    from mesospread.infer.solve import Effort

    def go_on(share: float) -> None:
        if workers.closed:
            raise _Stopped

    roughly = Effort(standard_error=0.05)
    try:
        for primary in ("pleural", "peritoneal", "pericardial", "testicular"):
            go_on(0.0)
            forecast(example(primary), effort=roughly, progress=go_on)
    except _Stopped:
        pass


class _Stopped(Exception):
    """The server ends before it was warm."""
