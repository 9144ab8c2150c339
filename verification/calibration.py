"""Recovery of known parameters on the real studies: ``python -m verification.calibration``.

Parameters are drawn from the prior, evidence like that of the shipped studies is made up from
them, and the fit must find them again as often as its intervals say. It takes some ten minutes.
"""

from __future__ import annotations

import argparse
import sys
import time

import numpy as np

from mesospread.calibrate.emulator import fit_emulator
from mesospread.calibrate.inference import as_data
from mesospread.calibrate.recovery import recover
from mesospread.calibrate.space import active_space
from mesospread.calibrate.waves import run_wave
from mesospread.model.load import disease, observation, treatments
from mesospread.studies.library import shipped_studies
from mesospread.studies.predict import Protocols
from mesospread.studies.targets import only_fitted, targets

SIGMAS = 5.0
LEVELS = (0.5, 0.8, 0.95)
#: fewer made-up data sets could hardly go red
FEWEST = 20


def main() -> int:
    """Run the check; return 1 if it is red."""
    parser = argparse.ArgumentParser(prog="python -m verification.calibration")
    parser.add_argument("--replicates", type=int, default=40)
    parser.add_argument("--points", type=int, default=600)
    parser.add_argument("--lives", type=int, default=4_000)
    parser.add_argument("--seed", type=int, default=20261122)
    options = parser.parse_args()
    if options.replicates < FEWEST:
        print(f"error: fewer than {FEWEST} made-up data sets say too little", file=sys.stderr)
        return 2
    started = time.perf_counter()
    studies = only_fitted(shipped_studies())
    model = disease("pleural", False), treatments("pleural", False), observation("pleural", False)
    space = active_space(Protocols(studies, *model, n=1_000))
    listed = targets(studies, ("calibrate",))
    scores = np.random.default_rng(options.seed).standard_normal((options.points, space.size))
    wave = run_wave(
        Protocols(studies, *model, n=options.lives),
        space,
        listed,
        scores,
        first_seed=options.seed,
        progress=lambda done: print(f"\r{done} points", end="", flush=True),
    ).finite()
    emulator, data = fit_emulator(wave), as_data(listed)
    print(f"\n{len(wave.scores)} points, {time.perf_counter() - started:.0f} s", flush=True)
    found = recover(
        emulator,
        data,
        replicates=options.replicates,
        seed=options.seed,
        progress=lambda done: print(f"\r{done} data sets", end="", flush=True),
    )
    red = False
    informed = found.shrinkage < 0.9
    print(f"\n{space.size} parameters, {informed.sum()} of them informed")
    for level in LEVELS:
        coverage, error = found.coverage(level)
        bad = abs(coverage - level) > SIGMAS * error
        red |= bad
        print(
            f"{100 * level:.0f} % intervals hold the truth in {100 * coverage:.1f} % "
            f"(± {100 * error:.1f}): {'RED' if bad else 'green'}"
        )
    some = found.ranks[:, informed]
    for level in LEVELS:
        inside = (np.abs(some - 0.5) <= level / 2).mean(axis=1)
        error = inside.std(ddof=1) / np.sqrt(len(inside))
        bad = abs(inside.mean() - level) > SIGMAS * error
        red |= bad
        print(
            f"  informed ones alone: {100 * inside.mean():.1f} % (± {100 * error:.1f}): "
            f"{'RED' if bad else 'green'}"
        )
    print(f"{time.perf_counter() - started:.0f} s")
    return int(red)


if __name__ == "__main__":
    raise SystemExit(main())
