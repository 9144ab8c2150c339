"""Is the calibration itself right? Known parameters, made-up evidence, and what comes back.

References
----------
Talts et al. (2018), arXiv 1804.06788: simulation-based calibration.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mesospread.calibrate.emulator import Emulator
from mesospread.calibrate.inference import (
    SCATTER_SCALE,
    SELECTION_SCALE,
    Data,
    inputs,
    run,
    sampler,
)

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Recovered:
    """What came back.

    Attributes
    ----------
    truth
        (R, K) scores that the evidence was made from.
    ranks
        (R, K) share of the posterior draws below the truth; uniform if all is right.
    shrinkage
        (K,) mean posterior variance over prior variance.
    """

    truth: Floats
    ranks: Floats
    shrinkage: Floats

    def coverage(self, level: float) -> tuple[float, float]:
        """Return the share of truths inside the central interval, and its sampling error.

        The parameters of one made-up data set are not independent of each other; the error
        is that between data sets.
        """
        inside = np.abs(self.ranks - 0.5) <= level / 2.0
        per_set = inside.mean(axis=1)
        error = per_set.std(ddof=1) / np.sqrt(len(per_set)) if len(per_set) > 1 else np.nan
        return float(per_set.mean()), float(error)


def made_up(emulator: Emulator, data: Data, z: Floats, rng: np.random.Generator) -> Data:
    """Return the figures that studies like these would report if the scores were ``z``.

    Each study departs from its protocol as far as the protocol leaves that open.
    """
    scatter = np.abs(rng.standard_normal(max(len(data.kinds), 1))) * SCATTER_SCALE
    tau = np.where(data.kind >= 0, scatter[np.maximum(data.kind, 0)], 0.0) * np.sqrt(0.5)
    selection = rng.standard_normal(2) * SELECTION_SCALE
    shift = np.where(data.selected >= 0, selection[data.selected], 0.0) * data.per_selection
    shared = rng.standard_normal(data.groups)[data.group]
    own = np.sqrt(tau**2 + emulator.sd**2) * rng.standard_normal(tau.size)
    departure = emulator.unstated @ rng.standard_normal(emulator.unstated.shape[1])
    centre = emulator(z[None])[0] + departure + shift + tau * shared + own
    events = rng.binomial(data.n.astype(np.int64), 1.0 / (1.0 + np.exp(-centre)))
    return replace(
        data,
        events=np.where(data.is_count, events, data.events),
        centre=centre + data.error * rng.standard_normal(tau.size),
    )


def recover(
    emulator: Emulator,
    data: Data,
    *,
    replicates: int,
    seed: int,
    warmup: int = 300,
    draws: int = 300,
    progress: Callable[[int], None] = lambda done: None,
) -> Recovered:
    """Draw parameters from the prior, make up evidence, fit it, and see where the truth lies.

    Parameters
    ----------
    emulator, data
        As for the calibration: the made-up studies are like the real ones.
    replicates
        Made-up data sets.
    seed
        Of everything.
    warmup, draws
        Of the sampler, one chain for each data set.
    progress
        Called after each data set.
    """
    rng = np.random.default_rng(seed)
    mcmc = sampler(chains=1, warmup=warmup, draws=draws)
    truths, ranks, variances = [], [], []
    for number in range(replicates):
        z = np.asarray(rng.standard_normal(emulator.slope.shape[1]))
        made = made_up(emulator, data, z, rng)
        run(mcmc, inputs(emulator, made), seed + number)
        found = np.asarray(mcmc.get_samples()["z"])
        truths.append(z)
        ranks.append((found < z).mean(axis=0))
        variances.append(found.var(axis=0))
        progress(number + 1)
    return Recovered(np.array(truths), np.array(ranks), np.array(variances).mean(axis=0))
