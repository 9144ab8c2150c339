"""Simulate patients and what became of them, and write examples/cohort_simulated.csv.

    python tools/make_cohort_example.py

Each patient comes from the model under a draw of the calibrated parameters of its own, so that
forecasts, which average over the draws, must fit the table but for chance: it is a check of
`mesospread validate --cohort`, not evidence about people.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import numpy as np

from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import ranges
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.protocol import CourseGiven, Staged

ROOT = Path(__file__).parents[1]
FILE = ROOT / "examples" / "cohort_simulated.csv"
PATIENTS, SEED = 120, 20261122
DAY = "2020-01-01"
CHEMOTHERAPY = CourseGiven(name="pemetrexed + cisplatin", start_months=0.0)
#: everybody is seen for the last time so many months after diagnosis, evenly spread
LAST_SEEN_MONTHS = (12.0, 60.0)
#: simulated for one patient, who is the first of them with a diagnosis
LIVES = 40


def patients(n: int, seed: int, *, last_seen: tuple[float, float]) -> Iterator[dict[str, str]]:
    """Yield the rows of a table."""
    structure, library, seen = disease("pleural"), treatments("pleural"), observation("pleural")
    plans = [regime_plan(structure, library, courses) for courses in ((), (CHEMOTHERAPY,))]
    spread = ranges({**structure.parameters, **library.parameters, **seen.parameters})
    drawn = spread.draws(seed, 0, n)
    rng = np.random.default_rng(seed)
    for k in count():
        if k == n:
            return
        values = dict(zip(spread.names, drawn[k].tolist(), strict=True))
        lives = Lives(plans[k % 2], seen, values, seed=seed + k, n=LIVES)
        yield {"id": f"S{k + 1:03d}", **_row(lives, rng, last_seen), **_treated(k % 2 == 1)}


def _treated(treated: bool) -> dict[str, str]:
    if not treated:
        return {"treatment1.name": "", "treatment1.start": ""}
    return {"treatment1.name": CHEMOTHERAPY.name, "treatment1.start": DAY}


def _row(lives: Lives, rng: np.random.Generator, last_seen: tuple[float, float]) -> dict[str, str]:
    one = 0

    def level(covariate: str) -> str:
        codes, levels = lives.level_of(covariate)
        return levels[codes[one]]

    def reported(axis: str, categories: tuple[str, ...]) -> str:
        chances = [
            lives.staged_as(Staged.model_validate({axis: [category]}))[one]
            for category in categories
        ]
        return str(rng.choice(categories, p=np.array(chances) / sum(chances)))

    months, left = lives.survival_months[one], rng.uniform(*last_seen)
    return {
        "primary": "pleural",
        "histology": level("histology"),
        "age": str(int(lives.age_at_diagnosis_years[one])),
        "sex": level("sex"),
        "performance_status": level("performance_status"),
        "diagnosed": DAY,
        "stage.edition": "9",
        "stage.t": reported("t", ("T1", "T2", "T3", "T4")),
        "stage.n": reported("n", ("N0", "N1", "N2")),
        "stage.m": "M0" if rng.random() < lives.staged_as(Staged(m="M0"))[one] else "M1",
        "followed_months": f"{min(months, left):.2f}",
        "died": "yes" if months <= left else "no",
    }


def main() -> None:
    """Write the file."""
    rows = list(patients(PATIENTS, SEED, last_seen=LAST_SEEN_MONTHS))
    with FILE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    sys.stdout.write(f"{FILE.relative_to(ROOT)}: {len(rows)} simulated patients\n")


if __name__ == "__main__":
    main()
