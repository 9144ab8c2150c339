"""The random numbers: published vectors, the plain twin, and no pattern to be seen."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from tests.support.statistics import chi_square, failures, kolmogorov_smirnov, normal

from mesospread import randomness
from mesospread.kernels import philox

# Random123 1.14.0, tests/kat_vectors, lines "philox4x32 10": counter, key, answer
KNOWN = [
    (
        "00000000 00000000 00000000 00000000",
        "00000000 00000000",
        "6627e8d5 e169c58d bc57ac4c 9b00dbd8",
    ),
    (
        "ffffffff ffffffff ffffffff ffffffff",
        "ffffffff ffffffff",
        "408f276d 41c83b0e a20bc7c6 6d5451fd",
    ),
    (
        "243f6a88 85a308d3 13198a2e 03707344",
        "a4093822 299f31d0",
        "d16cfe09 94fdcceb 5001e420 24126ea1",
    ),
]
WORD = st.integers(0, 2**32 - 1)
LONG = st.integers(0, 2**64 - 1)


def words(text):
    return tuple(int(word, 16) for word in text.split())


def compiled(counter, key):
    return tuple(int(w) for w in philox.philox4x32(*map(np.uint64, (*counter, *key))))


@pytest.mark.parametrize(("counter", "key", "answer"), KNOWN)
def test_known_answers(counter, key, answer):
    assert randomness.philox4x32(words(counter), words(key)) == words(answer)
    assert compiled(words(counter), words(key)) == words(answer)


@settings(derandomize=True)
@given(st.tuples(WORD, WORD, WORD, WORD), st.tuples(WORD, WORD))
def test_compiled_words_equal_plain_words(counter, key):
    assert compiled(counter, key) == randomness.philox4x32(counter, key)


@settings(derandomize=True)
@given(LONG, LONG, WORD, st.integers(0, 63), st.integers(0, 1000))
def test_compiled_uniform_equals_plain_uniform(seed, patient, stream, level, visit):
    block = randomness.block_index(level, visit)
    pair = philox.uniform_pair(*map(np.uint64, (seed, patient, stream, block)))
    assert pair[level & 1] == randomness.uniform(seed, patient, stream, level, visit)


@given(LONG, st.integers(0, 2**64 - 9), WORD)
@settings(max_examples=30, derandomize=True)
def test_a_block_of_patients_equals_single_patients(seed, first, stream):
    block = philox.uniforms(np.uint64(seed), np.uint64(first), 8, np.uint64(stream), np.uint64(3))
    for i in range(8):
        single = [randomness.uniform(seed, first + i, stream, level) for level in (6, 7)]
        assert block[i].tolist() == single


def test_zero_stays_out():
    """The longest clock is 37.4."""
    u = philox.open_uniform(np.uint64(0), np.uint64(0))
    assert -math.log(u) == pytest.approx(54 * math.log(2))


def test_one_stays_out():
    """At 1 a clock would be 0 and a normal score infinite."""
    largest = np.uint64(2**32 - 1)
    assert philox.open_uniform(largest, largest) < 1.0


def test_neighbouring_levels_share_a_block_and_visits_do_not():
    blocks = [randomness.block_index(level, visit) for visit in (0, 1) for level in range(6)]
    assert blocks[0] == blocks[1] != blocks[2] == blocks[3]
    assert len(set(blocks)) == 6


def test_a_stream_depends_on_the_name_alone():
    # zlib's CRC-32, as published with the PNG format
    assert randomness.stream_id("123456789") == 0xCBF43926


N = 200_000


def columns():
    """Uniforms that must look unrelated: other seeds, streams, blocks, lanes, patients."""
    found = {}
    for seed in (0, 1, 2**63):
        for stream in (0, 1, randomness.stream_id("liver")):
            for block in (0, 1, 1 << 16):
                pair = philox.uniforms(
                    np.uint64(seed), np.uint64(0), N, np.uint64(stream), np.uint64(block)
                )
                for lane in (0, 1):
                    found[f"seed {seed} stream {stream} block {block} lane {lane}"] = pair[:, lane]
    return found


def test_uniform():
    scores = []
    for name, u in columns().items():
        assert u.min() > 0.0
        scores.append(normal(f"mean, {name}", "level", (u.mean() - 0.5) * math.sqrt(12 * N), N))
        scores.append(kolmogorov_smirnov(name, u, stats.uniform.cdf))
        # low bits, too
        counts = np.bincount((u * 2**40).astype(np.int64) & 255, minlength=256)
        scores.append(chi_square(f"bits 33 to 40, {name}", counts, np.full(256, 1 / 256)))
    assert not failures(scores)


def test_independent():
    """All pairs of columns, and each with the next patient: correlation, and joint cells."""
    centred = {name: math.sqrt(12) * (u - 0.5) for name, u in columns().items()}
    table = np.array(list(centred.values()))
    scores = []
    for label, other in (("same patient", table), ("next patient", np.roll(table, 1, axis=1))):
        z = table @ other.T / math.sqrt(N)
        pairs = np.triu_indices(len(table), 1) if label == "same patient" else np.indices(z.shape)
        scores += [normal(label, "independence", x, N) for x in z[tuple(pairs)].ravel()]
    cells = (table / math.sqrt(12) + 0.5) * 10
    for a, b in itertools.pairwise(cells):
        counts = np.bincount(a.astype(int) * 10 + b.astype(int), minlength=100)
        scores.append(chi_square("joint cells", counts, np.full(100, 0.01)))
    assert len(scores) > 4000
    assert not failures(scores)


def test_a_shared_stream_is_seen():
    """The bound is not so wide that it lets a repeated stream through."""
    u = next(iter(columns().values()))
    shared = math.sqrt(12) * (u - 0.5)
    z = float((shared * (0.02 * shared + np.roll(shared, 1))).sum() / math.sqrt(N))
    assert failures([normal("two per cent shared", "independence", z, N)])
