"""Posterior predictive check: every reported figure beside what the model says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mesospread.model.calibrated import Calibrated
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.studies.many import predict_many
from mesospread.studies.observed import from_scale
from mesospread.studies.predict import Predicted, Protocols
from mesospread.studies.targets import SELECTED, Target, on_scale

Floats = NDArray[np.float64]

#: what a figure of a kind that no study was fitted to is taken to scatter by
_UNSEEN_SCATTER = 0.3
#: fewer draws say too little about the tails of an interval
MIN_DRAWS = 40


@dataclass(frozen=True)
class Checked:
    """One reported figure and what the model says to it.

    Attributes
    ----------
    target
        The figure.
    predicted
        Median over the draws of the parameters.
    model_low, model_high
        Central 95 % of the figure itself over the draws: what the model is sure of, through a
        protocol that may not state everything.
    low, high
        Central 95 % of what a study of this size would report: with its sampling error and
        the scatter between studies of its kind.
    inside
        Whether the reported figure lies in that interval.
    rank
        Share of the predictive draws below the reported figure.
    simulation_error
        Of the prediction, on the scale of comparison.
    """

    target: Target
    predicted: float
    model_low: float
    model_high: float
    low: float
    high: float
    inside: bool
    rank: float
    simulation_error: float


def parameter_draws(protocols: Protocols, n: int) -> list[Mapping[str, float]]:
    """Return draws of all parameters: the posterior where there is one, else their ranges."""
    spread = ranges(protocols.parameters)
    drawn = spread.draws(DRAWS_SEED, 0, n)
    return [dict(zip(spread.names, row.tolist(), strict=True)) for row in drawn]


def check(
    protocols: Protocols,
    listed: Sequence[Target],
    posterior: Calibrated | None,
    *,
    draws: int,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> list[Checked]:
    """Compare reported figures with the model.

    Parameters
    ----------
    protocols
        Of the studies that hold the figures.
    listed
        The figures.
    posterior
        Whose scatter between studies applies.
    draws
        Draws of the parameters, at least `MIN_DRAWS`.
    seed
        Of simulation and sampling.
    workers
        Processes.
    progress
        Called with the number of draws done.
    """
    found = predictions(protocols, draws=draws, seed=seed, workers=workers, progress=progress)
    return check_figures(found, listed, posterior, seed=seed)


def predictions(
    protocols: Protocols,
    *,
    draws: int,
    seed: int = 1,
    workers: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> list[dict[str, Predicted]]:
    """Return what the model says to all figures under draws of the parameters.

    What the protocols do not state is drawn, too. Parameters are those of `check`.
    """
    values = parameter_draws(protocols, draws)
    return predict_many(
        protocols, values, first_seed=seed, unstated=True, workers=workers, progress=progress
    )


def check_figures(
    found: Sequence[Mapping[str, Predicted]],
    listed: Sequence[Target],
    posterior: Calibrated | None,
    *,
    seed: int = 1,
) -> list[Checked]:
    """Compare reported figures with predictions; parameters as of `check`."""
    draws = len(found)
    pairs = [on_scale(listed, predicted) for predicted in found]
    figures = np.array([figure for figure, _ in pairs])
    errors = np.array([error for _, error in pairs])
    rng = np.random.default_rng(seed)
    return [
        _checked(
            t,
            figures[:, j] + _shift(t, posterior, draws),
            errors[:, j],
            _scatter(t, posterior, draws),
            rng,
        )
        for j, t in enumerate(listed)
    ]


def _shift(target: Target, posterior: Calibrated | None, n: int) -> Floats:
    """Return how the selection of a setting moves a figure, (n,)."""
    return selection(target.study.setting, posterior, n) * target.per_selection


def selection(setting: str, posterior: Calibrated | None, n: int) -> Floats:
    """Return draws of the log factor by which the patients of a setting live longer, (n,)."""
    if posterior is None or setting not in SELECTED:
        return np.zeros(n)
    column = posterior.selection[:, SELECTED.index(setting)]
    return np.asarray(column[np.arange(n) % column.size], dtype=np.float64)


def _scatter(target: Target, posterior: Calibrated | None, n: int) -> Floats:
    """Return draws of the scatter between studies of a figure's kind, (n,)."""
    return scatter_of(target.result.kind, posterior, n) if target.scatters else np.zeros(n)


def scatter_of(kind: str, posterior: Calibrated | None, n: int) -> Floats:
    """Return draws of the standard deviation between studies, (n,)."""
    if posterior is None or kind not in posterior.kinds:
        return np.full(n, _UNSEEN_SCATTER)
    column = posterior.scatter[:, posterior.kinds.index(kind)]
    return np.asarray(column[np.arange(n) % column.size], dtype=np.float64)


def _checked(
    target: Target, figure: Floats, error: Floats, scatter: Floats, rng: np.random.Generator
) -> Checked:
    kept = np.isfinite(figure)
    result = target.result
    if kept.sum() < MIN_DRAWS:
        nan = float("nan")
        return Checked(target, nan, nan, nan, nan, nan, False, nan, nan)
    figure, scatter = figure[kept], scatter[kept]
    simulation = float(error[kept].mean())
    # several replicates of each draw smooth the interval
    centre = np.repeat(figure, 20) + np.repeat(scatter, 20) * rng.standard_normal(20 * figure.size)
    reported = target.centre
    if target.is_count:
        n, counted = int(target.observed.n or 1), target.observed.events or 0.0
        p = 1.0 / (1.0 + np.exp(-centre))
        events = rng.binomial(n, p)
        # the middle of ties: a count has only so many values
        rank = float((events < counted).mean() + 0.5 * (events == counted).mean())
        low, high = (float(np.quantile(events, q)) / n for q in (0.025, 0.975))
        inside = low <= counted / n <= high
    else:
        replicate = centre + target.observed.error * rng.standard_normal(centre.size)
        rank = float((replicate < reported).mean())
        quantiles = np.quantile(replicate, [0.025, 0.975])
        low, high = (from_scale(result, float(q)) for q in quantiles)
        inside = bool(quantiles[0] <= reported <= quantiles[1])
    model = [from_scale(result, float(q)) for q in np.quantile(figure, [0.025, 0.5, 0.975])]
    return Checked(target, model[1], model[0], model[2], low, high, inside, rank, simulation)
