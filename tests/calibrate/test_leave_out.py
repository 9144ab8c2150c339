"""Leaving a study out by moving and weighing draws, where the answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("numpyro", reason="calibration needs the extra 'calibrate'")

from mesospread.calibrate import leave_out as module
from mesospread.calibrate.emulator import Emulator
from mesospread.calibrate.inference import SELECTION_SCALE, Data
from mesospread.calibrate.leave_out import UNSTABLE_K, Evidence, Without, leave_out
from mesospread.calibrate.recovery import SCATTER_SCALE

K, J, DRAWS = 12, 8, 4_000
SIGMAS = 5.0
ROWS = np.arange(J)


def linear(open_: float = 0.3) -> Emulator:
    """Return a linear emulator of four studies with two figures each."""
    rng = np.random.default_rng(2)
    return Emulator(
        constant=rng.normal(-0.5, 0.5, J),
        slope=rng.normal(0.0, 0.6, (J, K)),
        curved=np.tile(np.arange(3), (J, 1)),
        curvature=np.zeros((J, 3, 3)),
        sd=np.full(J, 0.02),
        unstated=open_ * (np.arange(J)[:, None] // 2 == np.arange(4)),
    )


def data(emulator: Emulator, error: float, scatters: bool) -> Data:
    """Return figures of which the first study is far off and very sure of itself."""
    rng = np.random.default_rng(3)
    centre = emulator(rng.standard_normal((1, K)))[0] + 0.3 * rng.standard_normal(J)
    return Data(
        keys=tuple(f"study{j // 2}/r{j}" for j in range(J)),
        kinds=("survival",) if scatters else (),
        kind=np.zeros(J, np.int64) if scatters else np.full(J, -1),
        groups=4,
        group=np.arange(J) // 2,
        is_count=np.zeros(J, bool),
        events=np.zeros(J),
        n=np.ones(J),
        selected=np.where(np.arange(J) % 4 == 1, 0, -1),
        per_selection=np.ones(J),
        # where scatter is unknown, it would explain a figure that is far off
        centre=centre + np.where(np.arange(J) < 2, 0.5 if scatters else 2.0, 0.0),
        error=np.where(np.arange(J) < 2, error, 0.3),
    )


def normal_at(
    evidence: Evidence, kept: np.ndarray, noise: np.ndarray
) -> tuple[np.ndarray, np.ndarray, float]:
    """Return mean and covariance of the points, and the log evidence, of some linear figures."""
    start = np.zeros(K + 2)
    slope = evidence.slopes(start)[kept]
    reported = evidence.residual(start[None])[0, kept]
    noise = noise[np.ix_(kept, kept)]
    whole = noise + slope @ slope.T
    gain = slope.T @ np.linalg.inv(whole)
    log_evidence = -0.5 * (reported @ np.linalg.solve(whole, reported))
    log_evidence -= 0.5 * np.linalg.slogdet(whole)[1]
    return gain @ reported, np.eye(K + 2) - gain @ slope, float(log_evidence)


class Known:
    """The posterior of some figures, written down: normal at each scatter, on a grid of it."""

    def __init__(self, evidence: Evidence, kept: np.ndarray, grid: np.ndarray) -> None:
        self.grid = grid
        noise = evidence.scattered(grid[:, None]) + np.diag(evidence.sampling)
        parts = [normal_at(evidence, kept, each) for each in noise]
        log = np.array([p[2] for p in parts]) - 0.5 * (grid / SCATTER_SCALE) ** 2
        self.weight = np.exp(log - log.max())
        self.weight /= self.weight.sum()
        self.parts = parts

    def draws(self, n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
        """Return points (n, K + 2) and scatter (n, 1)."""
        rng = np.random.default_rng(seed)
        which = rng.choice(self.grid.size, n, p=self.weight)
        points = np.array([rng.multivariate_normal(*self.parts[w][:2]) for w in which])
        return points, self.grid[which, None]

    def of_figures(self, emulator: Emulator) -> tuple[np.ndarray, np.ndarray]:
        """Return mean and standard deviation of all figures."""
        slope = emulator.slope
        means = np.array([emulator.constant + slope @ p[0][:K] for p in self.parts])
        variances = np.array([np.diag(slope @ p[1][:K, :K] @ slope.T) for p in self.parts])
        mean = self.weight @ means
        return mean, np.sqrt(self.weight @ (variances + (means - mean) ** 2))


def left_out(
    error: float, *, scatters: bool = False, seed: int = 1
) -> tuple[Without, tuple[np.ndarray, np.ndarray]]:
    """Return what follows without the first study, and the truth."""
    emulator = linear()
    given = data(emulator, error, scatters)
    evidence = Evidence(emulator, given)
    grid = np.linspace(0.01, 2.0, 120) if scatters else np.zeros(1)
    points, scatter = Known(evidence, ROWS, grid).draws(DRAWS, seed)
    found = leave_out(
        emulator,
        given,
        scores=points[:, :K],
        scatter=scatter,
        selection=points[:, K:] * SELECTION_SCALE,
    )
    assert [w.study for w in found] == [f"study{k}" for k in range(4)]
    return found[0], Known(evidence, ROWS[2:], grid).of_figures(emulator)


def apart(found: Without, truth: tuple[np.ndarray, np.ndarray]) -> float:
    """Return how many standard errors means or log spreads lie from the truth, at most."""
    mean, sd = truth
    effective = 1.0 / (found.weights**2).sum()
    of_means = np.abs(found.mean - mean) / (sd / np.sqrt(effective))
    of_spreads = np.abs(np.log(found.sd / sd)) / np.sqrt(0.5 / effective)
    return float(max(of_means.max(), of_spreads.max()))


@pytest.mark.parametrize("error", [0.5, 0.1, 0.01])
def test_it_is_exact_for_normals(error):
    """However much the study says: all weights are alike, where re-weighting alone fails."""
    found, truth = left_out(error)
    assert found.moved
    assert found.weights == pytest.approx(np.full(DRAWS, 1.0 / DRAWS), rel=1e-4)
    assert apart(found, truth) < SIGMAS


def test_re_weighting_alone_fails_there():
    emulator = linear()
    given = data(emulator, 0.1, scatters=False)
    evidence = Evidence(emulator, given)
    points, scatter = Known(evidence, ROWS, np.zeros(1)).draws(DRAWS, 1)
    likelihood = evidence.log_likelihoods(points, evidence.scattered(scatter))["study0"]
    weights, k = module._smoothed(-likelihood)
    assert k > UNSTABLE_K
    mean, _ = Known(evidence, ROWS[2:], np.zeros(1)).of_figures(emulator)
    # it does not get half of the way
    before = emulator(points[:, :K]).mean(axis=0)
    most = np.abs(mean - before).argmax()
    reached = (weights @ emulator(points[:, :K]) - before)[most] / (mean - before)[most]
    assert reached < 0.5


def test_it_is_right_where_scatter_is_unknown():
    found, truth = left_out(0.1, scatters=True)
    assert found.moved
    assert found.pareto_k < UNSTABLE_K
    assert 1.0 / (found.weights**2).sum() > 400
    assert apart(found, truth) < SIGMAS


def test_forgotten_volume_is_seen(monkeypatch):
    right = module._Linear.without

    def wrong(self, m, points):
        moved, log_volume = right(self, m, points)
        return moved, 4.0 * log_volume

    monkeypatch.setattr(module._Linear, "without", wrong)
    found, truth = left_out(0.1, scatters=True)
    assert apart(found, truth) > SIGMAS or found.pareto_k > UNSTABLE_K


def test_a_wrong_map_is_put_right_or_found_out(monkeypatch):
    """The weights know where draws should be: a map that goes too far cannot mislead."""
    right = module._Linear.without

    def wrong(self, m, points):
        moved, log_volume = right(self, m, points)
        return moved + 0.4 * (moved - points).mean(axis=0), log_volume

    monkeypatch.setattr(module._Linear, "without", wrong)
    found, truth = left_out(0.3)
    assert np.ptp(found.weights) > 1.0 / DRAWS
    assert apart(found, truth) < SIGMAS or found.pareto_k > UNSTABLE_K


def bent(curvature: float) -> tuple[Emulator, Data]:
    """Return one parameter and two studies with one figure each; the first is bent."""
    emulator = Emulator(
        constant=np.zeros(2),
        slope=np.array([[1.0], [0.6]]),
        curved=np.zeros((2, 1), np.int64),
        curvature=np.array([[[curvature]], [[0.0]]]),
        sd=np.zeros(2),
        unstated=np.zeros((2, 1)),
    )
    base = data(linear(), 0.2, scatters=False)
    given = Data(
        **{k: v[[0, 2]] if isinstance(v, np.ndarray) else v for k, v in vars(base).items()}
        | {"keys": ("a/x", "b/y"), "groups": 2}
    )
    given = replace(given, centre=np.array([1.2, -0.3]), selected=np.full(2, -1))
    return emulator, replace(given, group=np.arange(2), error=np.array([0.2, 0.4]))


def bent_left_out(curvature: float) -> tuple[Without, float, float]:
    """Return what follows without the bent figure, and mean and sd of it by quadrature."""
    emulator, given = bent(curvature)
    evidence = Evidence(emulator, given)
    z = np.linspace(-6.0, 6.0, 40_001)
    points = np.column_stack([z, np.zeros((z.size, 2))])
    each = evidence.log_likelihoods(points, evidence.scattered(np.zeros((1, 1))))
    prior = -0.5 * z**2
    posterior = np.exp(prior + each["a"] + each["b"])
    rng = np.random.default_rng(1)
    cumulative = np.cumsum(posterior) / posterior.sum()
    drawn = np.interp((np.arange(DRAWS) + rng.random(DRAWS)) / DRAWS, cumulative, z)
    found = leave_out(
        emulator,
        given,
        scores=drawn[:, None],
        scatter=np.zeros((DRAWS, 1)),
        selection=SELECTION_SCALE * rng.standard_normal((DRAWS, 2)),
    )[0]
    without = np.exp(prior + each["b"])
    without /= without.sum()
    figure = emulator(z[:, None])[:, 0]
    mean = float(without @ figure)
    return found, mean, float(np.sqrt(without @ (figure - mean) ** 2))


def test_weights_put_right_what_is_bent():
    found, mean, sd = bent_left_out(0.5)
    assert found.moved
    assert found.pareto_k < UNSTABLE_K
    effective = 1.0 / (found.weights**2).sum()
    assert effective > 400
    assert abs(found.mean[0] - mean) < SIGMAS * sd / np.sqrt(effective)
    # moved, but not weighed, draws are not right
    assert abs(found.figures[:, 0].mean() - mean) > SIGMAS * sd / np.sqrt(DRAWS)
    assert found.stretch > 2.0


def test_where_it_fails_it_says_so():
    found, mean, sd = bent_left_out(2.0)
    assert found.pareto_k > UNSTABLE_K
    assert abs(found.mean[0] - mean) > 0.2 * sd


@pytest.mark.parametrize(("events", "n"), [(0, 40), (3, 400), (10, 109), (60, 100)])
def test_counts_are_binomial_with_scatter_around_them(events, n):
    """Against an integral over what scatters, at figures near and far."""
    emulator, given = bent(0.0)
    given = replace(
        given,
        is_count=np.array([True, False]),
        events=np.array([float(events), 0.0]),
        n=np.array([float(n), 1.0]),
        kinds=("survival",),
        kind=np.zeros(2, np.int64),
    )
    evidence = Evidence(emulator, given)
    z = np.linspace(-6.0, 1.0, 15)
    points, scatter = np.column_stack([z, np.zeros((z.size, 2))]), np.full((z.size, 1), 0.4)
    found = evidence.log_likelihoods(points, evidence.scattered(scatter))["a"]
    nodes, weights = np.polynomial.hermite_e.hermegauss(80)
    logit = z[:, None] + 0.4 * nodes
    inside = np.exp(events * logit - n * np.logaddexp(0.0, logit) - found[:, None])
    assert np.log(inside @ weights / np.sqrt(2.0 * np.pi)) == pytest.approx(0.0, abs=0.03)
