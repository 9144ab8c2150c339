"""The reference natural history: its rates, and what every engine reports.

A primary climbs through four stages. Ten organs, kept separate, are seeded at a
rate that depends on the stage, stay occult for a while and become detectable.
Death comes faster in stage 4 and with every detectable organ. All start in stage
1 with ten free organs. Rates are per year.
"""

from typing import NamedTuple

N_ORGANS = 10
STAGE_RATE = 0.5
SEEDING_RATE = (0.05, 0.05, 0.15, 0.40)
OUTGROWTH_RATE = 2.0
DEATH_RATE = 0.02
DEATH_RATE_STAGE_4 = 0.3
DEATH_RATE_PER_ORGAN = 0.2
FOLLOW_UP_YEARS = 10.0
LANDMARK_YEARS = 5.0


class Result(NamedTuple):
    """What one simulation of ``n`` patients found.

    Attributes
    ----------
    dead10
        Fraction dead at 10 years.
    det5
        Mean number of detectable organs at 5 years among those alive then.
    alive5
        Fraction alive at 5 years.
    sim_seconds
        Wall-clock time of the simulation and its summary; no import, no model building.
    """

    dead10: float
    det5: float
    alive5: float
    sim_seconds: float
