"""The arrays a compiled model consists of, and those a history comes in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RANDOM = 0
SCHEDULED = 1

PROCESS = np.dtype(
    [
        ("start_level", np.int64),
        ("n_levels", np.int64),
        ("terminal", np.int64),  # 1: reaching the last level ends the history
        ("first_step", np.int64),
        ("stream", np.uint64),
    ]
)
STEP = np.dtype(
    [
        ("process", np.int64),
        ("kind", np.int64),  # RANDOM or SCHEDULED
        ("routes", np.int64),  # first route ...
        ("routes_end", np.int64),  # ... and one past the last
        ("listeners", np.int64),  # whose hazard changes when this step is taken (itself first)
        ("listeners_end", np.int64),
        ("actions", np.int64),
        ("actions_end", np.int64),
        ("anchor_process", np.int64),  # scheduled: what it waits for; -1 the start
        ("anchor_level", np.int64),
        ("delay", np.int64),  # column of the patient delays
    ]
)
ROUTE = np.dtype(
    [
        ("rate", np.float64),  # per month
        ("group", np.int64),  # column of the patient factors
        ("parent", np.int64),  # first parent (itself, with multipliers 1, if there is none)
        ("table", np.int64),  # its multipliers, by level
        ("terms", np.int64),  # the other parents
        ("terms_end", np.int64),
    ]
)
TERM = np.dtype([("parent", np.int64), ("table", np.int64)])  # table: offset into multipliers
LISTENER = np.dtype(
    [
        ("process", np.int64),
        ("level", np.int64),  # listens only while in this level
        ("step", np.int64),  # its next step then; never a scheduled one
    ]
)
ACTION = np.dtype(
    [
        ("process", np.int64),
        ("from_level", np.int64),  # acts on this level and above
        ("to_level", np.int64),
        ("stream", np.uint64),
    ]
)


class Tables(NamedTuple):
    """A compiled model: record arrays with the fields above."""

    processes: NDArray[np.void]
    steps: NDArray[np.void]
    routes: NDArray[np.void]
    terms: NDArray[np.void]
    multipliers: NDArray[np.float64]
    listeners: NDArray[np.void]
    actions: NDArray[np.void]


class Events(NamedTuple):
    """Histories of consecutive patients: every event, in order of time.

    Attributes
    ----------
    offset
        (n + 1,) int64; the events of patient ``i`` are ``offset[i]:offset[i + 1]``.
    time_months
        (n_events,) float64.
    process, level
        (n_events,) int16; ``level`` is the level entered.
    overflow
        Patients with more events than allowed; their histories are cut short.
    """

    offset: NDArray[np.int64]
    time_months: NDArray[np.float64]
    process: NDArray[np.int16]
    level: NDArray[np.int16]
    overflow: int
