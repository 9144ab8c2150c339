"""The posterior of the parameters given the figures of studies (NumPyro, NUTS).

Every figure has its sampling error, the scatter between studies of its kind (half of the
variance shared by all figures of that kind in one study, half its own), and what the
emulator misses.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import numpyro
import numpyro.distributions as dist
from numpy.typing import NDArray
from numpyro.infer import MCMC, NUTS, init_to_median

from mesospread.calibrate.emulator import Emulator
from mesospread.studies.targets import SELECTED, Target

Floats = NDArray[np.float64]

#: prior scale of the scatter between studies, on the logit or log scale
SCATTER_SCALE = 0.3
#: prior scale of the log factor by which selected patients live longer than they should
SELECTION_SCALE = 0.3


@dataclass(frozen=True)
class Data:
    """The figures as arrays.

    Attributes
    ----------
    keys
        ``study/result`` of each figure, (J,).
    kinds
        Kinds of figures that scatter between studies.
    kind
        (J,) place among them; -1 for no scatter.
    groups
        Number of studies times kinds; ``group`` (J,) is the place of each figure.
    is_count
        (J,) whether ``events`` of ``n`` were counted.
    selected, per_selection
        (J,) place of the setting among the selected ones (-1: none), and how the figure moves
        with it; see `Target`.
    centre, error
        (J,) figure and its sampling error on the scale of comparison.
    """

    keys: tuple[str, ...]
    kinds: tuple[str, ...]
    kind: NDArray[np.int64]
    groups: int
    group: NDArray[np.int64]
    is_count: NDArray[np.bool_]
    events: Floats
    n: Floats
    selected: NDArray[np.int64]
    per_selection: Floats
    centre: Floats
    error: Floats


def as_data(listed: Sequence[Target]) -> Data:
    """Return the figures as arrays."""
    kinds = tuple(sorted({t.result.kind for t in listed if t.scatters}))
    place = {kind: k for k, kind in enumerate(kinds)}
    pairs = sorted({(t.study.study, t.result.kind) for t in listed})
    return Data(
        keys=tuple(t.key for t in listed),
        kinds=kinds,
        kind=np.array([place.get(t.result.kind, -1) for t in listed]),
        groups=len(pairs),
        group=np.array([pairs.index((t.study.study, t.result.kind)) for t in listed]),
        is_count=np.array([t.is_count for t in listed]),
        events=np.array([t.observed.events or 0.0 for t in listed]),
        n=np.array([t.observed.n or 1.0 for t in listed]),
        selected=np.array([t.selected for t in listed]),
        per_selection=np.array([t.per_selection for t in listed]),
        centre=np.array([t.centre for t in listed]),
        error=np.array([t.observed.error for t in listed]),
    )


def model(emulator: Emulator, data: Data, rows: NDArray[np.int64]) -> None:
    """Say how the figures came about; see the module.

    Parameters
    ----------
    emulator
        Of all figures.
    data
        Those of the fit.
    rows
        Place of each of them among the figures of the emulator.
    """
    z = numpyro.sample("z", dist.Normal().expand([emulator.slope.shape[1]]).to_event(1))
    scatter = numpyro.sample(
        "scatter", dist.HalfNormal(SCATTER_SCALE).expand([len(data.kinds)]).to_event(1)
    )
    chosen = z[emulator.curved[rows]]
    predicted = (
        emulator.constant[rows]
        + jnp.asarray(emulator.slope[rows]) @ z
        + jnp.einsum("ja,jab,jb->j", chosen, jnp.asarray(emulator.curvature[rows]), chosen)
    )
    selection = numpyro.sample(
        "selection", dist.Normal(0.0, SELECTION_SCALE).expand([len(SELECTED)]).to_event(1)
    )
    shift = jnp.where(data.selected >= 0, selection[data.selected], 0.0)
    predicted = predicted + shift * data.per_selection
    tau = jnp.where(data.kind >= 0, scatter[data.kind], 0.0) * np.sqrt(0.5)
    shared = numpyro.sample("shared", dist.Normal().expand([data.groups]).to_event(1))
    centre = predicted + tau * shared[data.group]
    own = jnp.sqrt(tau**2 + emulator.sd[rows] ** 2)
    counts = np.flatnonzero(data.is_count)
    rest = np.flatnonzero(~data.is_count)
    if counts.size:
        e = numpyro.sample("own", dist.Normal().expand([counts.size]).to_event(1))
        numpyro.sample(
            "counts",
            dist.Binomial(
                jnp.asarray(data.n[counts]).astype(jnp.int32),
                logits=centre[counts] + own[counts] * e,
            ).to_event(1),
            obs=jnp.asarray(data.events[counts]),
        )
    if rest.size:
        numpyro.sample(
            "figures",
            dist.Normal(centre[rest], jnp.sqrt(own[rest] ** 2 + data.error[rest] ** 2)).to_event(1),
            obs=jnp.asarray(data.centre[rest]),
        )


def sample(
    emulator: Emulator,
    data: Data,
    rows: NDArray[np.int64],
    *,
    seed: int,
    chains: int = 4,
    warmup: int = 800,
    draws: int = 1_000,
    progress: bool = False,
) -> MCMC:
    """Draw from the posterior by the no-U-turn sampler.

    References
    ----------
    Hoffman, Gelman (2014), JMLR 15:1593-1623.
    """
    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    kernel = NUTS(model, target_accept_prob=0.85, init_strategy=init_to_median)
    mcmc = MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized",
        progress_bar=progress,
    )
    mcmc.run(jax.random.PRNGKey(seed), emulator, data, rows, extra_fields=("diverging",))
    return mcmc


def convergence(mcmc: MCMC) -> dict[str, Any]:
    """Return the largest R-hat, the smallest effective sample sizes, and the divergences.

    References
    ----------
    Vehtari et al. (2021), doi 10.1214/20-BA1221.
    """
    import arviz

    posterior = arviz.from_numpyro(mcmc)  # type: ignore[no-untyped-call]
    table = arviz.summary(posterior, kind="diagnostics")
    return {
        "r_hat": float(table["r_hat"].max()),
        "ess_bulk": float(table["ess_bulk"].min()),
        "ess_tail": float(table["ess_tail"].min()),
        "divergences": int(mcmc.get_extra_fields()["diverging"].sum()),
        "quantities": len(table),
    }
