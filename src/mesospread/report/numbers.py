"""How numbers are written: the same everywhere."""

from __future__ import annotations

from mesospread.infer.result import Band


def percent(probability: float) -> str:
    """Write a probability in per cent: whole numbers, but no false 0 or 100."""
    value = 100 * probability
    if 0 < value < 1:
        return "<1 %"
    if 99 < value < 100:
        return ">99 %"
    return f"{value:.0f} %"


def percent_band(estimate: float, low: float, high: float) -> str:
    """Write a probability with its interval, e.g. ``12 % (8–17)``; all below 1 is ``(<1)``."""
    ends = [percent(x).removesuffix(" %") for x in (low, high)]
    if ends[0] == ends[1] and ends[0] in ("<1", ">99"):
        ends.pop()
    return f"{percent(estimate)} ({'–'.join(ends)})"


def points(change: Band) -> str:
    """Write a difference of probabilities in percentage points with its band."""
    estimate, low, high = (
        f"{100 * x:+.1f}".replace("-", "−") for x in (change.estimate, change.low, change.high)
    )
    return f"{estimate} ({low} to {high})"


def months(value: float) -> str:
    """Write a time in months."""
    return f"{value:.1f}"


def plain_name(name: str) -> str:
    """Write the name of a process, level or site without underscores."""
    return name.replace("_", " ")
