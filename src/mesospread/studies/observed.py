"""The figure that a study reported, with its interval."""

from __future__ import annotations

import math
from dataclasses import dataclass

from mesospread.errors import InputError
from mesospread.evidence.published import load_published
from mesospread.studies.protocol import Result, Study

#: half the width of a central 95 % normal interval, in standard deviations
Z95 = 1.959963984540054


@dataclass(frozen=True)
class Observed:
    """A reported figure.

    Attributes
    ----------
    value, low, high
        The figure and its 95 % interval, published or worked out; a share from 0 to 1, months,
        or a ratio.
    n
        Patients; None if not reported.
    events
        Those with the event; only for shares.
    error
        Standard error on the scale on which figures are compared: logit for shares, log else.
    interval_is
        ``published``, or ``computed`` from n and events.
    """

    value: float
    low: float
    high: float
    n: float | None
    events: float | None
    error: float
    interval_is: str


def is_share(result: Result) -> bool:
    """Whether a figure lies between 0 and 1."""
    return result.statistic in ("proportion", "alive_at", "net_alive_at")


def logit(p: float) -> float:
    """Return the log odds of a share; shares of 0 and 1 are moved a little inside."""
    p = min(max(p, 1e-6), 1.0 - 1e-6)
    return math.log(p / (1.0 - p))


def expit(x: float) -> float:
    """Return the share with these log odds."""
    return 1.0 / (1.0 + math.exp(-x))


def to_scale(result: Result, value: float) -> float:
    """Return a figure on the scale on which it is compared."""
    return logit(value) if is_share(result) else math.log(max(value, 1e-9))


def from_scale(result: Result, x: float) -> float:
    """Return a figure from the scale on which it is compared."""
    return expit(x) if is_share(result) else math.exp(x)


def observed(study: Study, result: Result) -> Observed:
    """Return what a study reported.

    Raises
    ------
    InputError
        If the figure is missing, impossible, or says nothing about how sure it is.
    """
    where = f"{study.study} › {result.id}"
    figures = _figures(result, where)
    n, events, value, low, high = (figures[k] for k in ("n", "events", "value", "low", "high"))
    if events is not None and n is not None:
        if events > n or n <= 0:
            raise InputError("more events than patients", where=where, given=f"{events:g} of {n:g}")
        value = events / n if value is None else value
    if value is None:
        raise InputError("the figure is missing", where=where, allowed="value, or n and events")
    share = is_share(result)
    if value < 0 or (share and value > 1) or (not share and value <= 0):
        raise InputError(
            "the figure is impossible",
            where=where,
            given=f"{value:g}",
            allowed="0 to 1" if share else "above 0",
        )
    if low is not None and high is not None:
        if not low <= value <= high:
            raise InputError(
                "the interval does not hold the figure",
                where=where,
                given=f"{low:g}, {value:g}, {high:g}",
            )
        floor = 1e-3 if share else 1e-9
        error = (
            to_scale(result, min(high, 1 - 1e-3) if share else high)
            - to_scale(result, max(low, floor))
        ) / (2 * Z95)
        return Observed(value, low, high, n, _events(share, events, n, value), error, "published")
    if n is None:
        raise InputError(
            "nothing says how sure the figure is",
            where=where,
            given=f"{value:g}",
            allowed="n, or low and high",
            remedy="Give the number of patients or the 95 % interval",
        )
    error = sampling_error(result, value, n)
    centre = to_scale(result, _inside(value, n) if share else value)
    return Observed(
        value,
        0.0 if share and value == 0 else from_scale(result, centre - Z95 * error),
        1.0 if share and value == 1 else from_scale(result, centre + Z95 * error),
        n,
        _events(share, events, n, value),
        error,
        "computed",
    )


def _figures(result: Result, where: str) -> dict[str, float | None]:
    """Return the figures of a result: its own, else those of the published value."""
    own = {k: getattr(result, k) for k in ("n", "events", "value", "low", "high")}
    if not result.evidence:
        return own
    known = load_published()
    if result.evidence not in known:
        from mesospread.errors import unknown_name

        raise unknown_name("published value", result.evidence, known, where=where)
    entry = known[result.evidence]
    published = {
        "n": entry.n,
        "events": entry.events,
        "value": entry.value,
        "low": entry.ci_low,
        "high": entry.ci_high,
    }
    return {k: published[k] if own[k] is None else own[k] for k in own}


def _events(share: bool, events: float | None, n: float | None, value: float) -> float | None:
    """Return the number with the event, rounded from the share if it was not printed."""
    if not share or n is None:
        return None
    return events if events is not None else float(round(value * n))


def _inside(value: float, n: float) -> float:
    """Move a share off 0 and 1 by half a patient (Jeffreys)."""
    return (value * n + 0.5) / (n + 1.0)


def sampling_error(result: Result, value: float, n: float) -> float:
    """Return the sampling error of a figure from n patients, on its scale of comparison.

    Shares: binomial, delta method. Medians: as of exponential survival times, all followed
    to death; a hazard ratio: two equal arms, three in four followed to death.
    """
    if is_share(result):
        p = _inside(value, n)
        return 1.0 / math.sqrt(n * p * (1.0 - p))
    if result.statistic == "median_months":
        return 1.0 / (math.log(2.0) * math.sqrt(n))
    return 2.0 / math.sqrt(0.75 * n)
