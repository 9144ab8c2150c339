"""Run ``mesospread ARGUMENTS`` in this process and write its peak memory to a file.

Usage: ``python -m benchmarks.natural_history.memory_child REPORT.json ARGUMENTS…``
"""

from __future__ import annotations

import json
import runpy
import sys
from pathlib import Path

from benchmarks.natural_history import process


def main() -> None:
    """Hand over to the command line of mesospread; measure also when it exits early."""
    report = Path(sys.argv[1])
    sys.argv = ["mesospread", *sys.argv[2:]]
    try:
        runpy.run_module("mesospread", run_name="__main__")
    finally:
        figures = {
            "peak_rss_mb": process.peak_rss_mb(),
            "largest_worker_mb": process.peak_rss_of_children_mb(),
        }
        report.write_text(json.dumps(figures))


if __name__ == "__main__":
    main()
