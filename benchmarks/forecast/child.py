"""Run one part in this process: ``python -m ….child PART``, the task as JSON on standard input.

The order matters: pin to a core, import, warm up, then measure. The report is the only thing on
standard output.
"""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Callable
from typing import Any

from benchmarks.natural_history import process

PARTS = ("warm", "compare", "stages", "batch")


def _part(name: str) -> Callable[[dict[str, Any]], dict[str, Any]]:
    # imported here: after the process is pinned
    from benchmarks.forecast import batch, peer, stages, warm

    parts = (warm.measure, peer.measure, stages.measure, batch.measure)
    return dict(zip(PARTS, parts, strict=True))[name]


def main() -> None:
    """Read the task, do it, print the report."""
    task = json.load(sys.stdin)
    process.pin(task["core"])
    with contextlib.redirect_stdout(sys.stderr):
        report = _part(sys.argv[1])(task)
    print(json.dumps(report))


if __name__ == "__main__":
    main()
