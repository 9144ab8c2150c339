"""The calibration on models whose answer is known, and what must never enter it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numpyro", reason="calibration needs the extra 'calibrate'")

from mesospread.calibrate.emulator import Emulator, fit_emulator
from mesospread.calibrate.inference import (
    SELECTION_SCALE,
    Data,
    inputs,
    run,
    sample,
    sampler,
)
from mesospread.calibrate.influence import value_of_a_study
from mesospread.calibrate.leave_out import leave_out
from mesospread.calibrate.recovery import made_up, recover
from mesospread.calibrate.waves import Wave

K, J = 4, 10
SIGMAS = 5.0
#: what the protocols of two figures leave open moves them so
OPEN = np.array([[0.5, 0.0, -0.2], [0.0, 0.3, 0.0]])


def linear(sd: float = 0.02, open_: float = 0.0) -> Emulator:
    """Return a linear emulator; each of the five studies leaves one thing open."""
    rng = np.random.default_rng(2)
    return Emulator(
        constant=rng.normal(-0.5, 0.5, J),
        slope=rng.normal(0.0, 0.8, (J, K)),
        curved=np.tile(np.arange(K), (J, 1)),
        curvature=np.zeros((J, K, K)),
        sd=np.full(J, sd),
        unstated=open_ * (np.arange(J)[:, None] // 2 == np.arange(5)),
    )


def figures(counts: int = 5, scatters: bool = True) -> Data:
    is_count = np.arange(J) < counts
    return Data(
        keys=tuple(f"study{j // 2}/r{j}" for j in range(J)),
        kinds=("distant spread", "survival") if scatters else (),
        kind=np.where(is_count, 0, 1) if scatters else np.full(J, -1),
        groups=5,
        group=np.arange(J) // 2,
        is_count=is_count,
        events=np.full(J, 20.0),
        n=np.full(J, 100.0),
        selected=np.where(np.arange(J) % 3 == 0, 0, -1),
        per_selection=np.where(is_count, 0.0, 1.0),
        centre=np.zeros(J),
        error=np.full(J, 0.1),
    )


def quadratic_wave(n: int, seed: int, noise: float = 0.05) -> Wave:
    rng = np.random.default_rng(seed)
    z = rng.standard_normal((n, K))
    true = np.column_stack(
        [z @ [1.0, -0.5, 0.2, 0.0], 0.3 + z[:, 0] + 0.4 * z[:, 1] ** 2 - 0.3 * z[:, 0] * z[:, 2]]
    )
    unstated, own = rng.standard_normal((n, 3)), np.array([[1, 0, 1], [0, 1, 0]], dtype=bool)
    true = true + unstated @ OPEN.T
    found = true + noise * rng.standard_normal(true.shape)
    return Wave(z, found, np.full(true.shape, noise), unstated, own)


def test_the_emulator_finds_a_quadratic():
    emulator = fit_emulator(quadratic_wave(400, 1))
    fresh = quadratic_wave(200, 2, noise=1e-9)
    assert np.abs(emulator(fresh.scores, fresh.unstated) - fresh.figures).max() < 0.1
    assert emulator.unstated == pytest.approx(OPEN, abs=0.02)
    assert (emulator.unstated[~fresh.own] == 0).all()
    # nothing is missed but simulation error, and that is not counted twice
    assert emulator.sd.max() < 0.02


def test_the_emulator_says_what_it_misses():
    wave = quadratic_wave(400, 1)
    bent = wave.figures + 0.5 * np.sin(3.0 * wave.scores[:, :1])
    emulator = fit_emulator(replace(wave, figures=bent))
    fresh = quadratic_wave(400, 3, noise=1e-9)
    truth = fresh.figures + 0.5 * np.sin(3.0 * fresh.scores[:, :1])
    missed = (emulator(fresh.scores, fresh.unstated) - truth).std(axis=0)
    assert emulator.sd == pytest.approx(missed, rel=0.25)


@pytest.mark.parametrize("open_", [0.0, 0.4])
def test_the_posterior_of_a_linear_gaussian_model_is_the_known_one(open_):
    """Without scatter and counts the posterior is normal and can be written down."""
    emulator, data = linear(open_=open_), figures(counts=0, scatters=False)
    data = replace(data, selected=np.full(J, -1), centre=np.linspace(-1.0, 1.0, J))
    mcmc = sample(emulator, data, seed=1, chains=2, warmup=300, draws=1_500)
    z = np.asarray(mcmc.get_samples()["z"])
    # what a study leaves open is an error that all its figures share
    shared = emulator.unstated @ emulator.unstated.T
    precision = np.linalg.inv(np.diag(data.error**2 + emulator.sd**2) + shared)
    a = np.eye(K) + emulator.slope.T @ precision @ emulator.slope
    b = emulator.slope.T @ precision @ (data.centre - emulator.constant)
    mean, covariance = np.linalg.solve(a, b), np.linalg.inv(a)
    error = np.sqrt(np.diag(covariance) / 1_000)  # no fewer than 1,000 effective draws
    assert (np.abs(z.mean(axis=0) - mean) < SIGMAS * error).all()
    assert np.cov(z.T) == pytest.approx(covariance, rel=0.25, abs=0.15 * covariance.max())


def test_known_parameters_come_back_with_nominal_coverage():
    found = recover(linear(open_=0.4), figures(), replicates=16, seed=11, warmup=150, draws=200)
    for level in (0.5, 0.9):
        coverage, error = found.coverage(level)
        assert error < 0.12
        assert abs(coverage - level) < SIGMAS * error
    # the evidence was of use, or the test could not fail
    assert found.shrinkage.mean() < 0.5


def test_the_recovery_test_can_fail():
    """A fit that believes figures five times too much is too sure of itself."""
    data = figures(counts=0, scatters=False)
    rng, emulator = np.random.default_rng(5), linear()
    mcmc = sampler(chains=1, warmup=150, draws=200)
    inside = []
    for number in range(10):
        z = rng.standard_normal(K)
        centre = emulator(z[None])[0] + 0.5 * rng.standard_normal(J)
        sure = replace(data, centre=centre, selected=np.full(J, -1))
        run(mcmc, inputs(emulator, sure), number)
        ranks = (np.asarray(mcmc.get_samples()["z"]) < z).mean(axis=0)
        inside.append((np.abs(ranks - 0.5) <= 0.45).mean())
    error = np.std(inside, ddof=1) / np.sqrt(len(inside))
    assert np.mean(inside) < 0.9 - SIGMAS * error


def test_a_fit_that_takes_protocols_for_certain_is_too_sure():
    """Evidence has the scatter of its protocols: a fit that leaves it out goes red."""
    data = figures(counts=0, scatters=False)
    data = replace(data, selected=np.full(J, -1))
    rng, emulator = np.random.default_rng(7), linear(open_=0.6)
    mcmc = sampler(chains=1, warmup=150, draws=200)
    inside = []
    for number in range(10):
        z = rng.standard_normal(K)
        made = made_up(emulator, data, z, rng)
        run(mcmc, inputs(linear(), made), number)
        ranks = (np.asarray(mcmc.get_samples()["z"]) < z).mean(axis=0)
        inside.append((np.abs(ranks - 0.5) <= 0.45).mean())
    error = np.std(inside, ddof=1) / np.sqrt(len(inside))
    assert np.mean(inside) < 0.9 - SIGMAS * error


@pytest.mark.parametrize("error", [0.6, 0.05])
def test_leaving_a_study_out_is_fitting_without_it(error):
    """Also where it says so much that weights alone would fail."""
    emulator, data = linear(open_=0.4), figures(counts=0, scatters=False)
    kept = np.arange(J) >= 2
    emulator = replace(emulator, curvature=emulator.curvature + 0.1 * np.eye(K))
    rng = np.random.default_rng(3)
    data = replace(
        data,
        selected=np.full(J, -1),
        centre=emulator(rng.standard_normal((1, K)))[0] + 0.4 * rng.standard_normal(J),
        error=np.where(kept, 0.6, error),
    )
    mcmc = sample(emulator, data, seed=1, chains=2, warmup=300, draws=2_000)
    z = np.asarray(mcmc.get_samples()["z"])
    nothing = np.zeros((len(z), 1))
    left = leave_out(
        emulator, data, scores=z, scatter=nothing,
        selection=SELECTION_SCALE * rng.standard_normal((len(z), 2)),
    )[0]  # fmt: skip
    fewer = Data(
        **{
            name: value[kept] if isinstance(value, np.ndarray) else value
            for name, value in vars(replace(data, keys=data.keys[2:])).items()
        }
    )
    of_fewer = Emulator(**{name: value[kept] for name, value in vars(emulator).items()})
    again = sample(of_fewer, fewer, seed=2, chains=2, warmup=300, draws=2_000)
    z_again = np.asarray(again.get_samples()["z"])
    assert left.study == "study0"
    assert left.pareto_k < 0.7
    refitted = emulator(z_again)
    error_of_mean = refitted.std(axis=0) / np.sqrt(500)
    assert (np.abs(left.mean - refitted.mean(axis=0)) < SIGMAS * error_of_mean).all()
    assert left.sd == pytest.approx(refitted.std(axis=0), rel=0.2)


def test_the_value_of_a_study_is_exact_for_normals():
    rng = np.random.default_rng(1)
    first = rng.standard_normal(20_000)
    drawn = np.column_stack([first, 0.6 * first + 0.8 * rng.standard_normal(20_000)])
    gain = value_of_a_study(drawn, np.array([0.5, 1e9]), np.array([1]))
    assert gain[0, 0] == pytest.approx(0.6**2 / (1 + 0.25), abs=0.02)
    assert gain[1, 0] == pytest.approx(0.0, abs=1e-6)
