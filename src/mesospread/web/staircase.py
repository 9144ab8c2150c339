"""The staircase from the first tumour to the organs: where each step is drawn."""

from __future__ import annotations

from dataclasses import dataclass

#: names of the steps, from the first; their words stand in the catalogue
NAMES = ("start", "lining", "neighbours", "nodes", "blood", "organs")
WIDTH, HEIGHT = 720, 300
_STEP_WIDTH = WIDTH / len(NAMES)
_LOWEST, _RISE = 96, 36


@dataclass(frozen=True)
class Step:
    """One step of the picture; all lengths in units of the picture."""

    number: int
    name: str
    x: float
    y: float
    width: float
    height: float


def steps() -> tuple[Step, ...]:
    """Return the steps, from the first to the highest."""
    return tuple(
        Step(
            number=i + 1,
            name=name,
            x=round(i * _STEP_WIDTH, 1),
            y=HEIGHT - _LOWEST - i * _RISE,
            width=_STEP_WIDTH - 4,
            height=_LOWEST + i * _RISE,
        )
        for i, name in enumerate(NAMES)
    )
