"""Limits on every request: how often, by whom, how large, how long.

Written against the server interface itself (ASGI): a refused request costs next to nothing, and
its body is never read beyond the limit. Errors of the API have its one shape; others are a line
of text.
"""

from __future__ import annotations

import asyncio
import base64
import hmac
import ipaddress
import logging
import time
from collections import OrderedDict
from collections.abc import Callable

from fastapi import FastAPI
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mesospread.errors import InputError
from mesospread.web.api.errors import ApiError, error_response
from mesospread.web.pages_errors import limit_page
from mesospread.web.settings import Settings

_API = "/api/"
#: it tells nobody anything, and the programs that watch a server have no token
_OPEN = "/api/v1/health"
_SHORTEST_TOKEN = 16
#: what a request to anything but the API counts, see `Settings.requests_per_minute`
_PAGE_COUNTS = 0.1
#: addresses remembered at a time; more than that, and the longest silent are forgotten
_ADDRESSES = 10_000
#: seconds in which a body must have come
_BODY_S = 10.0
#: seconds by which this limit lies above that of the work itself, which tells more
_GRACE_S = 2.0


def install(app: FastAPI, settings: Settings) -> None:
    """Put the limits around an application.

    Parameters
    ----------
    app
        The application.
    settings
        The limits.

    Raises
    ------
    InputError
        If the server would be open to others without a token, or the token is too short.
    """
    settings.checked()
    _check_token(settings)
    app.add_middleware(Limits, settings=settings)
    _keep_queries_out_of_logs()


class Rate:
    """How often each address may ask: a bucket that fills steadily and empties by requests.

    Parameters
    ----------
    per_minute
        Requests a bucket holds, and by which it fills in a minute.
    clock
        Seconds, from any start.
    """

    def __init__(self, per_minute: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(per_minute)
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait_s(self, address: str, counts: float = 1.0) -> float:
        """Take a request; return 0, or the seconds to wait if it cannot be taken.

        Parameters
        ----------
        address
            Who asks.
        counts
            How much the request counts.
        """
        now = self._clock()
        left, then = self._left.pop(address, (self._most, now))
        left = min(self._most, left + (now - then) * self._most / 60.0)
        wait = max(0.0, (counts - left) * 60.0 / self._most)
        self._left[address] = (left - counts if wait == 0.0 else left, now)
        if len(self._left) > _ADDRESSES:
            self._left.popitem(last=False)
        return wait


class Limits:
    """Refuses what is too often, without token or too large; gives up what takes too long.

    Parameters
    ----------
    app
        What answers.
    settings
        The limits.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self._rate = Rate(settings.requests_per_minute)
        self._most_bytes = settings.max_body_bytes
        self._time_limit_s = settings.time_limit_s
        self._token = settings.token.get_secret_value() if settings.token else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        try:
            self._check_rate(scope)
            self._check_token(scope)
            body = await self._body(scope, receive)
        except ApiError as error:
            await _answer(scope, error)(scope, receive, send)
            return
        if body is not None:
            await self._within_time(scope, _replayed(body, receive), send)

    def _check_rate(self, scope: Scope) -> None:
        wait_s = self._rate.wait_s(_address(scope), 1.0 if _is_api(scope) else _PAGE_COUNTS)
        if wait_s > 0.0:
            seconds = str(int(wait_s) + 1)
            raise ApiError(
                "E-RATE",
                "too many requests from this address",
                remedy=f"Please wait {seconds} second{'' if seconds == '1' else 's'}",
                headers={"Retry-After": seconds},
            )

    def _check_token(self, scope: Scope) -> None:
        if self._token is None or scope["path"] == _OPEN:
            return
        given = _token_in(Headers(scope=scope).get("authorization", ""), basic=not _is_api(scope))
        if not hmac.compare_digest(given.encode(), self._token.encode()):
            kind = 'Bearer realm="mesospread"'
            raise ApiError(
                "E-TOKEN",
                "this server needs a token",
                where="Authorization",
                allowed="Bearer and the token",
                remedy="Ask whoever runs the server for it",
                headers={
                    "WWW-Authenticate": kind
                    if _is_api(scope)
                    else 'Basic realm="mesospread: the token is the password", charset="UTF-8"'
                },
            )

    async def _body(self, scope: Scope, receive: Receive) -> bytes | None:
        """Read the whole body, up to the limit; None if the sender goes away."""
        stated = Headers(scope=scope).get("content-length", "")
        if stated.isdecimal() and int(stated[:20]) > self._most_bytes:
            raise self._too_large()
        body = b""
        try:
            async with asyncio.timeout(_BODY_S):
                more = True
                while more:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body += message.get("body", b"")
                    more = message.get("more_body", False)
                    if len(body) > self._most_bytes:
                        raise self._too_large()
        except TimeoutError:
            raise ApiError(
                "E-SLOW",
                "the body did not come in time",
                allowed=f"{_BODY_S:g} seconds",
                remedy="Please send it again",
                headers={"Connection": "close"},
            ) from None
        return body

    def _too_large(self) -> ApiError:
        return ApiError(
            "E-TOO-LARGE",
            "the body is too large",
            where="body",
            allowed=f"up to {self._most_bytes} bytes",
            remedy="Leave out what is not needed, or use the command line",
            headers={"Connection": "close"},
        )

    async def _within_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or say that it takes too long if nothing has been answered by then."""
        started = False

        async def noted(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            async with asyncio.timeout(self._time_limit_s + _GRACE_S) as limit:
                await self.app(scope, receive, noted)
        except TimeoutError:
            if started or not limit.expired():
                raise
            error = ApiError("E-TIME", "the answer took too long", remedy="Please try again later")
            await _answer(scope, error)(scope, receive, send)


def _replayed(body: bytes, receive: Receive) -> Receive:
    """Return what hands out a body that has been read, and then what else comes."""
    told = False

    async def replay() -> Message:
        nonlocal told
        if told:
            return await receive()
        told = True
        return {"type": "http.request", "body": body, "more_body": False}

    return replay


def _answer(scope: Scope, error: ApiError) -> Response:
    if _is_api(scope):
        return error_response(error)
    return limit_page(scope, error)


def _is_api(scope: Scope) -> bool:
    return f"{scope['path']}/".startswith(_API)


def _address(scope: Scope) -> str:
    """Return who asks; of an IPv6 address the first half, since the other is free to choose."""
    host = str((scope.get("client") or ("", 0))[0])
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((address, 64), strict=False))
    return host


def _token_in(header: str, *, basic: bool) -> str:
    """Return the token in an Authorization header; a browser sends it as a password."""
    kind, _, value = header.partition(" ")
    if kind.lower() == "bearer":
        return value.strip()
    if not basic or kind.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value, validate=True).decode().partition(":")[2]
    except ValueError:
        return ""


def _check_token(settings: Settings) -> None:
    """Refuse a token that is easily guessed or cannot stand in a header."""
    if settings.token is None:
        return
    token = settings.token.get_secret_value()
    fits = token.isascii() and token.isprintable() and " " not in token
    if len(token) < _SHORTEST_TOKEN or not fits:
        raise InputError(
            "the token cannot be used",
            where="token",
            given=f"{len(token)} characters" if fits else "characters that no header can hold",
            allowed=f"{_SHORTEST_TOKEN} letters, digits or signs or more, without spaces",
            remedy='Make one with: python -c "import secrets; print(secrets.token_urlsafe())"',
        )


class _WithoutQuery(logging.Filter):
    """Cuts what follows the path off the addresses in an access log."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change a record, and let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                one.partition("?")[0] if isinstance(one, str) else one for one in record.args
            )
        return True


def _keep_queries_out_of_logs() -> None:
    """See to it that an access log, should somebody turn it on, holds no query."""
    access = logging.getLogger("uvicorn.access")
    if not any(isinstance(one, _WithoutQuery) for one in access.filters):
        access.addFilter(_WithoutQuery())
