"""What every answer is made of: a number with its interval, and the kind of interval."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict


class Result(BaseModel):
    """Base of all parts of an answer."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Band(Result):
    """An estimate with its 95 % credible band (from the spread of parameter draws)."""

    estimate: float
    low: float
    high: float


class IntervalKind(Result):
    """What kind of interval stands beside an estimate.

    Attributes
    ----------
    level
        Share that it is meant to hold.
    kind
        ``credible`` (of a model) or ``confidence`` (of a count in a study).
    covers, leaves_out
        Which uncertainty is in it, and which is not.
    """

    level: float
    kind: Literal["credible", "confidence"]
    covers: str
    leaves_out: str


#: the kind of every `Band` of an answer of the model
CREDIBLE = IntervalKind(
    level=0.95,
    kind="credible",
    covers="the model's numbers: the spread of the answer over draws of them, weighted by how "
    "well each explains the findings; at least the simulation error",
    leaves_out="that the model itself may be wrong; chance in one person",
)
#: the kind of the bands of a share alive, and of how long half live
OF_SURVIVAL = IntervalKind(
    level=0.95,
    kind="credible",
    covers=f"{CREDIBLE.covers}; how much the rate of dying differs between groups of patients "
    "that are alike in all that the model knows of them",
    leaves_out=CREDIBLE.leaves_out,
)
#: the kind of the band of a harm
COUNTED = IntervalKind(
    level=0.95,
    kind="confidence",
    covers="chance in a study of this size (Wilson), or as the study reports it",
    leaves_out="that people in the study differ from others",
)
