"""What a process can do to, and know about, itself: core, threads, peak memory."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

ONE_THREAD = dict.fromkeys(
    ("MKL_NUM_THREADS", "NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"
)


def allowed_cores() -> list[int]:
    """Return the cores this process may run on; empty where the system cannot say."""
    return sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []


def pin(core: int) -> None:
    """Bind this process to one core (-1: leave it as it is)."""
    if core >= 0:
        os.sched_setaffinity(0, {core})


def peak_rss_mb() -> float:
    """Return the peak resident memory of this process, in MiB.

    On Linux this is ``VmHWM``. ``ru_maxrss`` would not do: a child inherits it from
    its parent across fork and exec, so a large parent makes every child look large.
    """
    status = Path("/proc/self/status")
    if status.exists():
        for line in status.read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return _in_mb(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def peak_rss_of_children_mb() -> float:
    """Return the peak of the largest finished child of this process, in MiB; 0 if none."""
    return _in_mb(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)


def _in_mb(maxrss: int) -> float:
    """Convert ``ru_maxrss`` (KiB, on macOS bytes) to MiB."""
    return maxrss / (1024 * 1024 if sys.platform == "darwin" else 1024)
