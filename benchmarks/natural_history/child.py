"""Run one engine in this process and print one line of JSON: ``python -m ….child '{…}'``.

The order matters: pin to a core, import the engine, warm up, then measure.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.metadata
import importlib.util
import json
import platform
import sys
import time
import traceback
from typing import Any

from benchmarks.natural_history import process
from benchmarks.natural_history.engines import ENGINES
from benchmarks.natural_history.reference import Result


def pool(results: list[tuple[int, Result]]) -> dict[str, float]:
    """Pool simulations of (n, result) into one; seconds add up."""
    n = sum(size for size, _ in results)
    alive = sum(size * result.alive5 for size, result in results)
    detectable = sum(size * result.alive5 * result.det5 for size, result in results)
    return {
        "n": n,
        "sim_seconds": sum(result.sim_seconds for _, result in results),
        "dead10": sum(size * result.dead10 for size, result in results) / n,
        "det5": detectable / alive,
        "alive5": alive / n,
    }


def _version(package: str) -> str:
    """Return the installed version; a package may also be used from its source tree."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "source"


def measure(task: dict[str, Any]) -> dict[str, Any]:
    """Run the engine that ``task`` names; see `runner.run_once` for its keys."""
    process.pin(task["core"])
    engine = ENGINES[task["engine"]]
    if importlib.util.find_spec(engine.imports) is None:
        return {"status": "not installed", "problem": f"no module {engine.imports!r}"}
    module = importlib.import_module(f"benchmarks.natural_history.engines.{engine.module}")
    # Seconds since the parent started this process: interpreter and imports.
    startup = time.monotonic() - task["started"]
    begin = time.perf_counter()
    module.run(task["warm_up"], task["seed"])
    warm_up = time.perf_counter() - begin
    results: list[tuple[int, Result]] = []
    while not results or sum(r.sim_seconds for _, r in results) < task["min_seconds"]:
        results.append((task["n"], module.run(task["n"], task["seed"] + 1 + len(results))))
    return {
        "status": "ok",
        "simulations": len(results),
        "startup_seconds": startup,
        "warm_up_seconds": warm_up,
        "peak_rss_mb": process.peak_rss_mb(),
        "version": _version(engine.package),
        "python": platform.python_version(),
        **pool(results),
    }


def main() -> None:
    """Read the task, run it, print the report as the only line on standard output."""
    with contextlib.redirect_stdout(sys.stderr):
        try:
            report = measure(json.loads(sys.argv[1]))
        except Exception:
            report = {"status": "failed", "problem": traceback.format_exc()}
    print(json.dumps(report))


if __name__ == "__main__":
    main()
