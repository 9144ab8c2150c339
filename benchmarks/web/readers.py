"""Readers who change one fact, look at the answer, and change the next."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from mesospread.patient import read_patient
from mesospread.web.filled_form import form_of

ROOT = Path(__file__).resolve().parents[2]
AGES = range(45, 86)


@dataclass(frozen=True)
class Ask:
    """One request.

    Attributes
    ----------
    path
        Where to.
    body
        What to send, as the arguments of httpx.
    """

    path: str
    body: dict[str, Any]


@dataclass(frozen=True)
class Told:
    """How one request went.

    Attributes
    ----------
    at_seconds
        When it was sent, from the beginning.
    seconds
        From sending it to the last byte of the answer.
    status
        Of the answer; 0 if there was none.
    size_bytes
        Of the answer.
    """

    at_seconds: float
    seconds: float
    status: int
    size_bytes: int


def patients() -> list[dict[str, Any]]:
    """Return the facts of all example patients, in the words of the program."""
    return [read_patient(file).to_dict() for file in sorted((ROOT / "examples").glob("*.toml"))]


def page_ask(facts: dict[str, Any], dice: random.Random) -> Ask:
    """Return the form about a patient with one fact changed, as a browser sends it."""
    form = form_of({**facts, "age": dice.choice(AGES)}, "plain")
    return Ask(f"/patient/{facts['primary']}/result", {"data": dict(form.values)})


def api_ask(facts: dict[str, Any], dice: random.Random) -> Ask:
    """Return a call of the API about a patient with one fact changed."""
    call = {"patient": {**facts, "age": dice.choice(AGES)}, "precision": "quick"}
    return Ask("/api/v1/forecast", {"json": call})


def visit(
    address: str,
    ask: Callable[[dict[str, Any], random.Random], Ask],
    *,
    readers: int,
    seconds: float,
    think_seconds: tuple[float, float],
    most: int,
    seed: int,
) -> list[Told]:
    """Let readers use a server side by side.

    Parameters
    ----------
    address
        The server.
    ask
        Makes the next request of a reader from the facts of a patient.
    readers
        How many there are.
    seconds
        After this long nobody begins a new request.
    think_seconds
        Shortest and longest time that a reader looks at an answer; both equally likely, as all
        times between.
    most
        Requests in all, after which everybody stops.
    seed
        Of who asks what and when.
    """
    return asyncio.run(_visit(address, ask, readers, seconds, think_seconds, most, seed))


async def _visit(
    address: str,
    ask: Callable[[dict[str, Any], random.Random], Ask],
    readers: int,
    seconds: float,
    think_seconds: tuple[float, float],
    most: int,
    seed: int,
) -> list[Told]:
    told: list[Told] = []
    everybody = patients()
    began = time.perf_counter()

    async def reader(number: int) -> None:
        dice = random.Random(1_000 * seed + number)
        async with httpx.AsyncClient(base_url=address, timeout=60.0) as client:
            # they do not all come at the same moment
            pause = dice.uniform(0.0, min(think_seconds[1], seconds))
            while time.perf_counter() - began + pause < seconds and len(told) < most:
                await asyncio.sleep(pause)
                told.append(await _send(client, ask(dice.choice(everybody), dice), began))
                pause = dice.uniform(*think_seconds)

    await asyncio.gather(*(reader(number) for number in range(readers)))
    return told


async def _send(client: httpx.AsyncClient, one: Ask, began: float) -> Told:
    sent = time.perf_counter()
    try:
        answer = await client.post(one.path, **one.body)
        status, size = answer.status_code, len(answer.content)
    except httpx.TransportError:
        status, size = 0, 0
    return Told(sent - began, time.perf_counter() - sent, status, size)


def quantile(values: Sequence[float], share: float) -> float:
    """Return a quantile: the smallest value that this share of all does not exceed."""
    ordered = sorted(values)
    if not ordered:
        return float("nan")
    return ordered[max(0, min(len(ordered) - 1, int(-(-share * len(ordered) // 1)) - 1))]
