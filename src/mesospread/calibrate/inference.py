"""The posterior of the parameters given the figures of studies (NumPyro, NUTS).

Every figure has its sampling error, the scatter between studies of its kind (half of the
variance shared by all figures of that kind in one study, half its own), what the protocol of
its study does not state (standard normal scores, shared by all figures of the study), and
what the emulator misses. Survival in specialist centres and in trials may differ from that of the
population by a factor of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

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


class Inputs(NamedTuple):
    """What the density is made of, as arrays: fitted figures only, J of them.

    Attributes
    ----------
    constant, slope, curved, curvature, missed
        Of the emulator: (J,), (J, K), (J, C), (J, C, C), (J,).
    unstated
        (J, U) slopes in what the protocols of these figures do not state.
    scatters, kind, group, selected, per_selection
        As in `Data`; ``scatters`` is 1 or 0.
    counted, events, n
        Rows that are counts, and their numbers.
    measured, centre, error
        The other rows, and their figures.
    kind_slots, group_slots
        Zeros, as many as there are kinds that scatter (at least one), and studies times kinds:
        shapes, so that a compiled sampler serves all data of one shape.
    """

    constant: Any
    slope: Any
    curved: Any
    curvature: Any
    missed: Any
    unstated: Any
    scatters: Any
    kind: Any
    group: Any
    selected: Any
    per_selection: Any
    counted: Any
    events: Any
    n: Any
    measured: Any
    centre: Any
    error: Any
    kind_slots: Any
    group_slots: Any


def inputs(emulator: Emulator, data: Data) -> Inputs:
    """Put emulator and figures together.

    Parameters
    ----------
    emulator, data
        Of the same figures, in the same order.
    """
    counted, measured = np.flatnonzero(data.is_count), np.flatnonzero(~data.is_count)
    return Inputs(
        constant=emulator.constant,
        slope=emulator.slope,
        curved=emulator.curved,
        curvature=emulator.curvature,
        missed=emulator.sd,
        unstated=emulator.unstated,
        scatters=(data.kind >= 0).astype(np.float64),
        kind=np.maximum(data.kind, 0),
        group=data.group,
        selected=data.selected,
        per_selection=data.per_selection,
        counted=counted,
        events=data.events[counted].astype(np.int64),
        n=data.n[counted].astype(np.int64),
        measured=measured,
        centre=data.centre[measured],
        error=data.error[measured],
        kind_slots=np.zeros(max(len(data.kinds), 1)),
        group_slots=np.zeros(data.groups),
    )


def model(given: Inputs) -> None:
    """Say how the figures came about; see the module."""
    size = given.slope.shape[1]
    z = numpyro.sample("z", dist.Normal().expand([size]).to_event(1))
    scatter = numpyro.sample(
        "scatter", dist.HalfNormal(SCATTER_SCALE).expand([given.kind_slots.size]).to_event(1)
    )
    selection = numpyro.sample(
        "selection", dist.Normal(0.0, SELECTION_SCALE).expand([len(SELECTED)]).to_event(1)
    )
    shared = numpyro.sample("shared", dist.Normal().expand([given.group_slots.size]).to_event(1))
    chosen = z[given.curved]
    predicted = (
        given.constant
        + given.slope @ z
        + jnp.einsum("ja,jab,jb->j", chosen, given.curvature, chosen)
    )
    if given.unstated.shape[1]:
        open_ = dist.Normal().expand([given.unstated.shape[1]]).to_event(1)
        predicted = predicted + given.unstated @ numpyro.sample("unstated", open_)
    shift = jnp.where(given.selected >= 0, selection[given.selected], 0.0)
    # a choice, not a product: where nothing scatters, no derivative may flow
    tau = jnp.where(given.scatters > 0, scatter[given.kind], 0.0) * np.sqrt(0.5)
    centre = predicted + shift * given.per_selection + tau * shared[given.group]
    own = jnp.sqrt(tau**2 + given.missed**2)
    if given.counted.size:
        e = numpyro.sample("own", dist.Normal().expand([given.counted.size]).to_event(1))
        logits = centre[given.counted] + own[given.counted] * e
        numpyro.sample(
            "counts", dist.Binomial(given.n, logits=logits).to_event(1), obs=given.events
        )
    if given.measured.size:
        spread = jnp.sqrt(own[given.measured] ** 2 + given.error**2)
        numpyro.sample(
            "figures",
            dist.Normal(centre[given.measured], spread).to_event(1),
            obs=given.centre,
        )


def sampler(*, chains: int, warmup: int, draws: int) -> MCMC:
    """Return a no-U-turn sampler; it can be run on many data sets of one shape.

    References
    ----------
    Hoffman, Gelman (2014), JMLR 15:1593-1623.
    """
    jax.config.update("jax_enable_x64", True)  # type: ignore[no-untyped-call]
    kernel = NUTS(model, target_accept_prob=0.95, init_strategy=init_to_median)
    return MCMC(
        kernel,
        num_warmup=warmup,
        num_samples=draws,
        num_chains=chains,
        chain_method="vectorized" if chains > 1 else "sequential",
        progress_bar=False,
        jit_model_args=True,
    )


def sample(
    emulator: Emulator,
    data: Data,
    *,
    seed: int,
    chains: int = 4,
    warmup: int = 800,
    draws: int = 1_000,
) -> MCMC:
    """Draw from the posterior; see `inputs` and `sampler`."""
    mcmc = sampler(chains=chains, warmup=warmup, draws=draws)
    run(mcmc, inputs(emulator, data), seed)
    return mcmc


def run(mcmc: MCMC, given: Inputs, seed: int) -> None:
    """Run a sampler on some figures."""
    arrays = Inputs(*(jnp.asarray(a) for a in given))
    mcmc.run(jax.random.PRNGKey(seed), arrays, extra_fields=("diverging",))


def convergence(mcmc: MCMC) -> dict[str, Any]:
    """Return the largest R-hat, the smallest effective sample sizes, and the divergences.

    References
    ----------
    Vehtari et al. (2021), doi 10.1214/20-BA1221.
    """
    import arviz

    posterior = arviz.from_numpyro(mcmc)  # type: ignore[no-untyped-call]
    table = arviz.summary(posterior, kind="diagnostics", round_to="none")
    return {
        "r_hat": float(table["r_hat"].max()),
        "ess_bulk": float(table["ess_bulk"].min()),
        "ess_tail": float(table["ess_tail"].min()),
        "divergences": int(mcmc.get_extra_fields()["diverging"].sum()),
        "quantities": len(table),
    }
