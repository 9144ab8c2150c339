"""``python -m benchmarks.web``: the page and the API under load, with the goals beside."""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import statistics
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import httpx

from benchmarks.web import readers, weight
from benchmarks.web.server import Failed, Server, running

#: a reader changes a fact, and then looks at the answer for this long
THINK_SECONDS = (2.0, 6.0)
#: no run may last longer or ask more, whatever is typed
MOST_SECONDS, MOST_READERS, MOST_REQUESTS = 300.0, 100, 5_000
#: load of a machine, per core, above which times mean little
_BUSY = 0.25
_PAGES = (
    ("first page", "/"),
    ("form", "/patient/pleural"),
    ("example result", "/patient/pleural/example"),
    ("guide", "/guide"),
)


@dataclass(frozen=True)
class Settings:
    """How to run.

    Attributes
    ----------
    readers
        At the same time.
    seconds
        Of each part.
    cores
        On which the server runs, one worker each.
    seed
        Of who asks what and when.
    tries
        Times that each page is fetched by itself.
    """

    readers: int = 20
    seconds: float = 60.0
    cores: tuple[int, ...] = ()
    seed: int = 1
    tries: int = 10


@dataclass(frozen=True)
class Load:
    """How a server did under load.

    Attributes
    ----------
    what
        What was asked for.
    requests, failed
        How many, and how many of them were not answered with 200.
    median, p99, slowest
        Seconds to the last byte.
    per_second
        Answers in a second.
    """

    what: str
    requests: int
    failed: int
    median: float
    p99: float
    slowest: float
    per_second: float


@dataclass(frozen=True)
class Goal:
    """What is wanted, and what was found; both in the unit that the name says."""

    name: str
    most: float
    value: float

    @property
    def verdict(self) -> str:
        """Whether it was reached."""
        if math.isnan(self.value):
            return "not measured"
        return "met" if self.value < self.most else "missed"


def load(what: str, told: Sequence[readers.Told]) -> Load:
    """Sum up how requests went; those that failed count with the time they took."""
    seconds = [one.seconds for one in told]
    last = max((one.at_seconds + one.seconds for one in told), default=math.nan)
    return Load(
        what=what,
        requests=len(told),
        failed=sum(one.status != 200 for one in told),
        median=statistics.median(seconds) if seconds else math.nan,
        p99=readers.quantile(seconds, 0.99),
        slowest=max(seconds, default=math.nan),
        per_second=len(told) / last if told else math.nan,
    )


def goals(pages: Sequence[weight.Page], loads: Sequence[Load]) -> list[Goal]:
    """Hold the figures against the goals."""
    page, api = loads[:2]
    first = statistics.median(pages[0].seconds)
    return [
        Goal("first page with all it loads, median, ms", 200.0, 1_000 * first),
        Goal("heaviest page with all it loads, sent, kB", 300.0, weight.heaviest(pages).weight_kb),
        Goal("the same, unpacked, kB", 400.0, max(page.unpacked_kb for page in pages)),
        Goal(f"{page.what}, median, ms", 400.0, 1_000 * page.median),
        Goal(f"{page.what}, 99th percentile, ms", 1_500.0, 1_000 * page.p99),
        Goal(f"{api.what}, median, ms", 400.0, 1_000 * api.median),
        Goal(f"{api.what}, 99th percentile, ms", 1_500.0, 1_000 * api.p99),
    ]


def measure(settings: Settings, server: Server) -> tuple[list[weight.Page], list[Load]]:
    """Take all figures from a server."""
    for kind in (readers.page_ask, readers.api_ask):
        # the engine is loaded, and every primary met once, before anything counts
        _visit(settings, server, kind, seconds=1.0, number=len(readers.patients()), think=(0, 0))
    pages = [weight.weigh(server.address, *page, settings.tries) for page in _PAGES]
    loads = []
    for what, kind in (("page update", readers.page_ask), ("API forecast", readers.api_ask)):
        told = _visit(settings, server, kind)
        loads.append(load(f"{what}, {settings.readers} readers", told))
    told = _visit(
        settings, server, readers.page_ask, seconds=min(15.0, settings.seconds), think=(0, 0)
    )
    loads.append(load(f"page update, {settings.readers} readers who never pause", told))
    return pages, loads


def _visit(
    settings: Settings,
    server: Server,
    kind: Any,
    *,
    seconds: float | None = None,
    number: int | None = None,
    think: tuple[float, float] | None = None,
) -> list[readers.Told]:
    return readers.visit(
        server.address,
        kind,
        readers=number or settings.readers,
        seconds=settings.seconds if seconds is None else seconds,
        think_seconds=THINK_SECONDS if think is None else think,
        most=MOST_REQUESTS,
        seed=settings.seed,
    )


def report(pages: Sequence[weight.Page], loads: Sequence[Load], server: Server) -> str:
    """Return all figures as text, the goals last."""
    lines = [f"{'page':<48}{'median, ms':>12}{'html, kB':>10}{'all, kB':>10}{'unpacked':>10}"]
    for page in pages:
        median = 1_000 * statistics.median(page.seconds)
        lines.append(
            f"{page.name:<48}{median:>12.0f}{page.html_bytes / 1_000:>10.0f}{page.weight_kb:>10.0f}"
            f"{page.unpacked_kb:>10.0f}"
        )
    lines += [
        "",
        f"{'load':<48}{'median, ms':>12}{'99 %, ms':>10}{'slowest':>10}{'per s':>8}{'n':>7}",
    ]
    for one in loads:
        failed = f", {one.failed} FAILED" if one.failed else ""
        lines.append(
            f"{one.what:<48}{1_000 * one.median:>12.0f}{1_000 * one.p99:>10.0f}"
            f"{1_000 * one.slowest:>10.0f}{one.per_second:>8.1f}{one.requests:>7}{failed}"
        )
    lines += [
        "",
        f"server: up after {server.start_seconds:.1f} s, peak memory {server.peak_mb():.0f} MiB, "
        f"processor time {server.cpu_seconds():.0f} s",
        "",
        f"{'goal':<58}{'less than':>10}{'found':>10}",
    ]
    for goal in goals(pages, loads):
        lines.append(f"{goal.name:<58}{goal.most:>10.0f}{goal.value:>10.0f}  {goal.verdict}")
    return "\n".join(lines)


def run(settings: Settings, out: Path | None = None) -> int:
    """Run everything; return 1 if any request failed, since then the times mean nothing."""
    busy = load_per_core()
    with running(list(settings.cores)) as server:
        pages, loads = measure(settings, server)
        print(report(pages, loads, server))
        if busy > _BUSY:
            print(f"\nThe machine was busy before (load {busy:.1f} per core): measure again.")
        if out is not None:
            figures = {
                "machine": {
                    "system": platform.platform(),
                    "cores": os.cpu_count(),
                    "load_per_core_before": busy,
                },
                "settings": asdict(settings),
                "pages": [asdict(page) for page in pages],
                "loads": [asdict(one) for one in loads],
                "peak_mb": server.peak_mb(),
                "goals": [
                    {**asdict(goal), "verdict": goal.verdict} for goal in goals(pages, loads)
                ],
            }
            out.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    return 1 if any(one.failed for one in loads) else 0


def load_per_core() -> float:
    """Return how much the machine does already; 0 where the system cannot say."""
    try:
        return os.getloadavg()[0] / (os.cpu_count() or 1)
    except (AttributeError, OSError):
        return 0.0


def _allowed_cores() -> list[int]:
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.web", description=__doc__)
    usual = Settings()
    add = parser.add_argument
    add("--readers", type=int, default=usual.readers, help=f"at once, up to {MOST_READERS}")
    add("--seconds", type=float, default=usual.seconds, help=f"of a part, up to {MOST_SECONDS:g}")
    add("--cores", type=int, default=2, help="of the server; the readers share them if need be")
    add("--seed", type=int, default=usual.seed)
    add("--tries", type=int, default=usual.tries, help="of each page by itself")
    add("--json", type=Path, metavar="FILE", help="also write every figure to this file")
    return parser


def _problem(args: argparse.Namespace) -> str:
    """Return what is wrong with the options, if anything is."""
    checks = (
        (1 <= args.readers <= MOST_READERS, f"--readers {args.readers}: 1 to {MOST_READERS}"),
        (1 <= args.seconds <= MOST_SECONDS, f"--seconds {args.seconds:g}: 1 to {MOST_SECONDS:g}"),
        (args.cores >= 1, f"--cores {args.cores}: 1 or more"),
        (args.tries >= 1, f"--tries {args.tries}: 1 or more"),
        (
            args.json is None or args.json.absolute().parent.is_dir(),
            f"--json {args.json}: the folder does not exist",
        ),
    )
    return "; ".join(text for fits, text in checks if not fits)


def main() -> int:
    """Read the options and run."""
    parser = _parser()
    args = parser.parse_args()
    if problem := _problem(args):
        parser.error(problem)
    cores = tuple(_allowed_cores()[: args.cores])
    try:
        return run(
            Settings(args.readers, args.seconds, cores, args.seed, args.tries), out=args.json
        )
    except Failed as problem:
        print(f"the server did not start: {problem}", file=sys.stderr)
    except httpx.HTTPError as problem:
        print(f"the server did not answer as it should: {problem}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
