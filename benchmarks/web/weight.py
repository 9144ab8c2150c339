"""How heavy and how fast a first page is, with all that it loads."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

_LOADED = re.compile(
    r"<(?:link[^>]+rel=\"(?:stylesheet|icon)\"[^>]*href|link[^>]+href|script[^>]+src|img[^>]+src)"
    r"=\"([^\"]+)\"",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Page:
    """One page and what it loads.

    Attributes
    ----------
    name
        What to call it.
    seconds
        Of each try: the page and then all it loads, one after the other.
    html_bytes, loaded_bytes
        Of the page itself and of the files it loads, as sent (packed).
    unpacked_bytes
        Of all of them, as the browser has them in the end.
    """

    name: str
    seconds: tuple[float, ...]
    html_bytes: int
    loaded_bytes: int
    unpacked_bytes: int

    @property
    def weight_kb(self) -> float:
        """Everything as sent, in thousands of bytes."""
        return (self.html_bytes + self.loaded_bytes) / 1_000

    @property
    def unpacked_kb(self) -> float:
        """Everything unpacked, in thousands of bytes."""
        return self.unpacked_bytes / 1_000


def loaded_by(html: str) -> list[str]:
    """Return the addresses of all that a page loads by itself."""
    found = dict.fromkeys(address for address in _LOADED.findall(html))
    return [address for address in found if not address.startswith("data:")]


def weigh(address: str, name: str, path: str, tries: int) -> Page:
    """Fetch a page and all it loads, some times over, as a browser with an empty cache.

    Parameters
    ----------
    address
        The server.
    name, path
        The page.
    tries
        How often.

    Raises
    ------
    httpx.HTTPStatusError
        If the page or a file is not there.
    """
    times: list[float] = []
    html = loaded = unpacked = 0
    for _ in range(tries):
        with httpx.Client(base_url=address, timeout=60.0) as client:
            began = time.perf_counter()
            page = client.get(path).raise_for_status()
            files = [
                client.get(urljoin(path, inner)).raise_for_status()
                for inner in loaded_by(page.text)
            ]
            times.append(time.perf_counter() - began)
        html, loaded = page.num_bytes_downloaded, sum(file.num_bytes_downloaded for file in files)
        unpacked = sum(len(answer.content) for answer in (page, *files))
    return Page(name, tuple(times), html, loaded, unpacked)


def heaviest(pages: Sequence[Page]) -> Page:
    """Return the heaviest page."""
    return max(pages, key=lambda page: page.weight_kb)
