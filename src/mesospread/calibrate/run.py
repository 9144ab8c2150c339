"""The whole calibration: waves of simulation, an emulator, the posterior, and its check."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesospread._version import __version__
from mesospread.calibrate.emulator import Emulator, fit_emulator
from mesospread.calibrate.inference import Data, as_data, convergence, sample
from mesospread.calibrate.influence import value_of_a_study
from mesospread.calibrate.leave_out import leave_out
from mesospread.calibrate.space import Space, active_space
from mesospread.calibrate.waves import Wave, run_wave
from mesospread.errors import InputError
from mesospread.model.calibrated import LENDER, Calibrated, shipped_posterior
from mesospread.model.load import calibration_prior
from mesospread.model.parameters import Ranges
from mesospread.studies.observed import sampling_error
from mesospread.studies.predict import Protocols
from mesospread.studies.protocol import Study
from mesospread.studies.targets import Target, only_fitted, targets

Floats = NDArray[np.float64]

#: lives with which it is asked whether a parameter matters at all
_SCREENING_LIVES = 1_500
#: later waves reach further than the posterior before them, by this factor
_REACH = 1.25
#: a parameter whose posterior keeps so much of its prior's spread was not informed
SILENT = 0.9
#: size of the further study whose worth is asked for
FURTHER_PATIENTS = 200.0


@dataclass(frozen=True)
class Settings:
    """How hard to try.

    Attributes
    ----------
    points
        Points of each wave; the length is the number of waves.
    lives
        Simulated lives of each way of treatment at each point.
    keep
        Draws of the posterior that are kept, and simulated once more to check the emulator.
    check_lives
        Simulated lives of that check.
    chains, warmup, draws
        Of the sampler.
    seed
        Of everything.
    workers
        Processes.
    """

    points: tuple[int, ...] = (1_200, 1_200, 1_600)
    lives: int = 10_000
    keep: int = 400
    check_lives: int = 20_000
    chains: int = 4
    warmup: int = 800
    draws: int = 1_000
    seed: int = 1
    workers: int = 2


@dataclass(frozen=True)
class Fit:
    """A finished calibration.

    Attributes
    ----------
    posterior
        What ships.
    space, listed, data
        What was fitted to what.
    emulator, scores, scatter
        The emulator of these figures, and all draws of the sampler: (S, K), (S, kinds).
    check
        The kept draws, simulated.
    """

    posterior: Calibrated
    space: Space
    listed: list[Target]
    data: Data
    emulator: Emulator
    scores: Floats
    scatter: Floats
    check: Wave


Progress = Callable[[str, int, int], None]


def calibrate(
    studies: Sequence[Study],
    primary: str,
    settings: Settings,
    progress: Progress = lambda stage, done, total: None,
) -> Fit:
    """Fit the parameters of a primary to studies.

    Parameters
    ----------
    studies
        Results marked ``calibrate`` are fitted. No other is even simulated: that is what
        `mesospread.app.validate` does afterwards, from the draws.
    primary
        Where the tumours started.
    settings
        How hard to try.
    progress
        Called with the stage, the points done and their number.

    Raises
    ------
    InputError
        If no result is marked ``calibrate``.
    """
    started = time.monotonic()
    studies = only_fitted(studies)
    if not studies:
        raise InputError(
            "no result is marked 'calibrate'",
            where=f"studies of {primary} mesothelioma",
            allowed='use = "calibrate"',
            remedy="Mark figures in study files of your own (--studies), or take another --primary",
        )
    listed = targets(studies, ("calibrate",))
    data = as_data(listed)
    model = calibration_prior(primary)
    progress("screening", 0, 1)
    space = active_space(Protocols(studies, *model, n=_SCREENING_LIVES), seed=settings.seed)
    protocols = Protocols(studies, *model, n=settings.lives)
    rng = np.random.default_rng(settings.seed)
    emulator, samples, waves = _explore(protocols, space, listed, data, settings, rng, progress)
    drawn, scatter, selection = samples["z"], samples["scatter"], samples["selection"]
    chosen = rng.choice(len(drawn), settings.keep, replace=False)
    check = run_wave(
        Protocols(studies, *model, n=settings.check_lives),
        space,
        listed,
        drawn[chosen],
        first_seed=settings.seed * 1_000_000 + 900_000,
        workers=settings.workers,
        progress=lambda done: progress("check", done, settings.keep),
    )
    made = {
        "software": f"mesospread {__version__}",
        "primary": primary,
        "prior": prior_digest(space.names, space.prior),
        "lender": lender_digest(primary),
        "settings": asdict(settings),
        "calibrated_on": [t.key for t in listed],
        "waves": waves,
        "emulator": agreement(emulator, check),
        "parameters": space.size,
        "prior_dominated": prior_dominated(space, drawn),
        **sensitivity(emulator, listed, data, drawn, scatter, selection),
        "hours": (time.monotonic() - started) / 3600.0,
        "machine": f"{platform.machine()}, {settings.workers} processes",
    }
    posterior = Calibrated(
        names=space.names,
        values=space.fitted_values(drawn[chosen]),
        kinds=data.kinds,
        scatter=scatter[chosen],
        selection=selection[chosen],
        made=made,
    )
    return Fit(posterior, space, listed, data, emulator, drawn, scatter, check)


def _explore(
    protocols: Protocols,
    space: Space,
    listed: Sequence[Target],
    data: Data,
    settings: Settings,
    rng: np.random.Generator,
    progress: Progress,
) -> tuple[Emulator, dict[str, Floats], list[dict[str, Any]]]:
    """Simulate in waves, each where the posterior of the wave before it lies.

    Returns
    -------
    emulator, samples, waves
        The last emulator, what the sampler drew with it, and how each wave went.
    """
    scores = rng.standard_normal((settings.points[0], space.size))
    wave: Wave | None = None
    report: list[dict[str, Any]] = []
    for number, points in enumerate(settings.points, start=1):
        stage = f"wave {number} of {len(settings.points)}"
        new = run_wave(
            protocols,
            space,
            listed,
            scores,
            first_seed=settings.seed * 1_000_000 + number * 100_000,
            workers=settings.workers,
            progress=lambda done, stage=stage, points=points: progress(stage, done, points),  # type: ignore[misc]
        ).finite()
        # the first wave covers the prior, where a polynomial is a poor likeness
        wave = new if wave is None or number == 2 else wave.joined(new)
        emulator = fit_emulator(wave)
        progress("posterior", 0, 1)
        mcmc = sample(
            emulator,
            data,
            seed=settings.seed + number,
            chains=settings.chains,
            warmup=settings.warmup,
            draws=settings.draws,
        )
        samples = {name: np.asarray(drawn) for name, drawn in mcmc.get_samples().items()}
        report.append(
            {
                "points": len(new.scores),
                "emulator_sd": float(np.median(emulator.sd)),
                **convergence(mcmc),
            }
        )
        if number < len(settings.points):
            scores = _further(samples["z"], settings.points[number], rng)
    return emulator, samples, report


def _further(drawn: Floats, points: int, rng: np.random.Generator) -> Floats:
    """Return points that cover the posterior and a little more."""
    centre = drawn.mean(axis=0)
    chosen = drawn[rng.choice(len(drawn), points, replace=len(drawn) < points)]
    further: Floats = centre + _REACH * (chosen - centre)
    return further


def prior_dominated(space: Space, scores: Floats) -> list[str]:
    """Return the parameters whose posterior is nearly as wide as their prior.

    Parameters
    ----------
    space
        Names of the scores.
    scores
        Draws of the posterior, (S, K); under the prior each has standard deviation 1.
    """
    spread = scores.std(axis=0)
    return [name for name, sd in zip(space.names, spread, strict=True) if sd > SILENT]


def sensitivity(
    emulator: Emulator,
    listed: Sequence[Target],
    data: Data,
    scores: Floats,
    scatter: Floats,
    selection: Floats,
) -> dict[str, Any]:
    """Say which study moves which figure, and which further study would help most.

    Returns
    -------
    ``left_out``: for each fitted study, how far the figure that it moves most shifts without it,
    in standard deviations, whether the weights are stable, and how far beyond the posterior
    the emulator was asked (`mesospread.calibrate.leave_out`). ``further_studies``:
    for each figure, the share of the mean variance of all figures that a further study of
    200 patients would take away, the most helpful first.
    """
    figures = emulator(scores)
    mean, sd = figures.mean(axis=0), np.maximum(figures.std(axis=0), 1e-12)
    left_out: list[dict[str, Any]] = []
    for left in leave_out(emulator, data, scores=scores, scatter=scatter, selection=selection):
        shift = (left.mean - mean) / sd
        most = int(np.abs(shift).argmax())
        left_out.append(
            {
                "study": left.study,
                "pareto_k": round(max(left.pareto_k, -1.0), 2),
                "moves_most": listed[most].key,
                "by_sd": round(float(shift[most]), 2),
                "moved": left.moved,
                "stretch": round(left.stretch, 2),
            }
        )
    left_out.sort(key=lambda row: -abs(row["by_sd"]))
    error = np.array([sampling_error(t.result, t.observed.value, FURTHER_PATIENTS) for t in listed])
    gain = value_of_a_study(figures, error, np.arange(len(listed))).mean(axis=1)
    order = np.argsort(-gain)
    further = [
        {"figure": listed[j].key, "share_of_variance": round(float(gain[j]), 3)} for j in order[:20]
    ]
    return {"left_out": left_out, "further_studies": further}


def prior_digest(names: Sequence[str], prior: Ranges) -> str:
    """Return a fingerprint of some parameters and their ranges before the fit."""
    columns = [prior.names.index(name) for name in names]
    numbers = np.array([prior.middle, prior.low, prior.high])[:, columns]
    text = ",".join(names).encode() + numbers.astype(np.float32).tobytes()
    return hashlib.sha256(text).hexdigest()[:12]


def lender_digest(primary: str) -> str:
    """Return the fingerprint of the posterior that the prior rests on; empty if on none."""
    lender = shipped_posterior(LENDER) if primary != LENDER else None
    return "" if lender is None else lender.digest


def agreement(emulator: Emulator, check: Wave) -> dict[str, float]:
    """Compare the emulator with the simulator at draws of the posterior.

    Returns
    -------
    ``points``; ``bias`` and ``rms``: the difference in units of the stated error (what the
    emulator misses and what simulation adds), mean over points and figures; ``worst_bias``:
    largest mean difference of one figure over the points, on the scale of comparison.
    """
    kept = check.finite()
    difference = emulator(kept.scores, kept.unstated) - kept.figures
    stated = np.sqrt(emulator.sd**2 + kept.errors**2)
    return {
        "points": float(len(kept.scores)),
        "bias": float((difference / stated).mean()),
        "rms": float(np.sqrt(((difference / stated) ** 2).mean())),
        "worst_bias": float(np.abs(difference.mean(axis=0)).max()),
    }
