"""Scrambled Sobol points: the scores and first clocks of core histories.

Within a replicate, the histories of all parameter draws are consecutive points of one Sobol
sequence, so that those of each draw are well spread out, and all together better still.
Replicates differ by an independent random digital shift of every coordinate, so that their
spread is an honest error, and every point by itself is uniform.

References
----------
Owen (1995), Randomly permuted (t,m,s)-nets and (t,s)-sequences; L'Ecuyer, Lemieux (2002),
Recent advances in randomized quasi-Monte Carlo methods (digital shift, section 4).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from mesospread.kernels.philox import uniforms
from mesospread.randomness import stream_id

Floats = NDArray[np.float64]

_BITS = 32
#: keeps these random numbers apart from others with the same seed
_PURPOSE = 0x50B01


@dataclass(frozen=True)
class Block:
    """Core histories of one round: equally many under each draw, the draws in turn.

    Attributes
    ----------
    seed, first
        Of the histories; how many came before them.
    n_draws, n_each, n_replicates
        History ``k`` of a draw belongs to replicate ``k % n_replicates``.
    """

    seed: int
    first: int
    n_draws: int
    n_each: int
    n_replicates: int

    @property
    def n(self) -> int:
        """Number of histories."""
        return self.n_draws * self.n_each


@lru_cache(maxsize=8)
def unit_points(block: Block, names: tuple[str, ...]) -> dict[str, Floats]:
    """Return uniforms on (0, 1) for each history, (n,) by name.

    Parameters
    ----------
    block
        Which histories.
    names
        What is drawn: the coordinates in order. A name has the same shift wherever it stands.
    """
    place = np.arange(block.n_each)
    per_replicate = -(-block.n_each // block.n_replicates)
    index = np.arange(block.n_draws)[:, None] * per_replicate + place // block.n_replicates
    replicate = np.tile(place % block.n_replicates, block.n_draws)
    sequence = _sobol(len(names), block.first // block.n_replicates, block.n_draws * per_replicate)
    found = {}
    for column, name in enumerate(names):
        random = np.random.default_rng([_PURPOSE, block.seed, stream_id(name)])
        shift = random.integers(2**_BITS, size=block.n_replicates, dtype=np.uint64)
        digits = sequence[index.ravel(), column] ^ shift[replicate]
        found[name] = (digits + 0.5) / 2.0**_BITS
        found[name].setflags(write=False)
    return found


@lru_cache(maxsize=8)
def first_clocks(
    block: Block, names: tuple[str, ...], processes: tuple[tuple[str, int], ...]
) -> Floats:
    """Return the unit exponentials of the first two levels of each process, (n, 2, P).

    Parameters
    ----------
    block, names
        As for `unit_points`.
    processes
        Name and stream of each. What is not among the names (``clock:NAME:LEVEL``) is keyed by
        seed and patient, as in a cohort: what a treatment brings with it.
    """
    points = unit_points(block, names)
    clocks = np.empty((block.n, 2, len(processes)))
    for p, (process, stream) in enumerate(processes):
        keys = [clock_name(process, level) for level in range(2)]
        if any(key not in points for key in keys):
            drawn = uniforms(
                np.uint64(block.seed), np.uint64(block.first), block.n, np.uint64(stream),
                np.uint64(0),
            )  # fmt: skip
        for level, key in enumerate(keys):
            clocks[:, level, p] = -np.log(points[key] if key in points else drawn[:, level])
    clocks.setflags(write=False)
    return clocks


def clock_name(process: str, level: int) -> str:
    """Return the name of a coordinate."""
    return f"clock:{process}:{level}"


def _sobol(n_columns: int, skipped: int, n: int) -> NDArray[np.uint64]:
    """Return some points of the Sobol sequence, as integers of so many bits, (n, columns)."""
    from scipy.stats import qmc

    engine = qmc.Sobol(n_columns, scramble=False, bits=_BITS)
    # one point first: the library warns of a first request that is not a power of two
    points = [engine.random(1)] if skipped == 0 else []
    if skipped:
        engine.fast_forward(skipped)
    points.append(engine.random(n - len(points)))
    digits: NDArray[np.uint64] = (np.concatenate(points) * 2.0**_BITS).astype(np.uint64)
    return digits
