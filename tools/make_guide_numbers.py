"""Make the numbers of the model that the guide shows, app/data/guide_numbers.json.

    python tools/make_guide_numbers.py            # after every change of a number of the model

Simulates people with each of the four diseases under many draws of the parameters and counts
them. Seeded: the same model gives the same file, whatever the number of threads.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from mesospread.app.guide_making import DRAWS, LIVES, SEED, make_numbers, written
from mesospread.writing import write_whole

FILE = Path(__file__).parents[1] / "src" / "mesospread" / "app" / "data" / "guide_numbers.json"


def show(primary: str, done: int, total: int) -> None:
    if done % 10 == 0 or done == total:
        end = "\n" if done == total else ""
        print(f"\r{primary}: {done} of {total} populations", end=end, file=sys.stderr, flush=True)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--draws", type=int, default=DRAWS)
    options.add_argument("--lives", type=int, default=LIVES)
    options.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    options.add_argument("--out", type=Path, default=FILE)
    given = options.parse_args()
    start = time.monotonic()
    numbers = make_numbers(
        draws=given.draws, lives=given.lives, seed=SEED, workers=given.workers, progress=show
    )
    write_whole(given.out, written(numbers))
    size = given.out.stat().st_size
    print(f"{given.out.name}: {size / 1000:.0f} kB in {time.monotonic() - start:.0f} s")


if __name__ == "__main__":
    main()
