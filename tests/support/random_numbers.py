"""Do the keyed random numbers look uniform, and unrelated to each other?"""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy import stats

from mesospread.kernels.philox import uniforms
from mesospread.randomness import stream_id
from tests.support.statistics import Floats, Score, chi_square, kolmogorov_smirnov, normal


def columns(n: int, seed: int) -> dict[str, Floats]:
    """Return uniforms, (n,) each, whose keys differ in one part: seed, stream, block, lane."""
    found = {}
    for key in (seed, seed + 1, seed ^ (1 << 63)):
        for stream in (0, 1, stream_id("liver")):
            for block in (0, 1, 1 << 16):
                words = np.array([key, 0, stream, block], np.uint64)
                pair = uniforms(words[0], words[1], n, words[2], words[3])
                for lane in (0, 1):
                    found[f"seed {key} stream {stream} block {block} lane {lane}"] = pair[:, lane]
    return found


def uniformity(n: int, seed: int) -> list[Score]:
    """Check mean, distribution and low bits of every column."""
    scores = []
    for name, u in columns(n, seed).items():
        low_bits = np.bincount((u * 2**40).astype(np.int64) & 255, minlength=256)
        scores += [
            normal(f"mean, {name}", "level", float(u.mean() - 0.5) * math.sqrt(12 * n), n),
            kolmogorov_smirnov(name, u, stats.uniform.cdf),
            chi_square(f"bits 33 to 40, {name}", low_bits, np.full(256, 1 / 256)),
        ]
    return scores


def unrelatedness(n: int, seed: int) -> list[Score]:
    """Check all pairs of columns, for the same and the next patient, and some joint cells."""
    table = np.array(list(columns(n, seed).values()))
    centred = math.sqrt(12) * (table - 0.5)
    scores = []
    for label, other in (("same patient", centred), ("next patient", np.roll(centred, 1, axis=1))):
        z = centred @ other.T / math.sqrt(n)
        pairs = (
            np.triu_indices(len(table), 1)
            if label == "same patient"
            else tuple(np.indices(z.shape).reshape(2, -1))
        )
        scores += [normal(label, "independence", float(x), n) for x in z[pairs]]
    for a, b in itertools.pairwise((table * 10).astype(int)):
        counts = np.bincount(a * 10 + b, minlength=100)
        scores.append(chi_square("joint cells", counts, np.full(100, 0.01)))
    return scores
