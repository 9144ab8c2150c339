"""The random numbers: published vectors, the plain twin, and no pattern to be seen."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.support import random_numbers
from tests.support.random_numbers import columns, uniformity, unrelatedness
from tests.support.statistics import failures, normal

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
    """The longest clock is about 37."""
    u = philox.open_uniform(np.uint64(0), np.uint64(0))
    assert 36.0 < -math.log(u) < 38.0


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


def test_uniform():
    scores = uniformity(N, seed=0)
    assert len(scores) == 3 * 54
    assert not failures(scores)


def test_independent():
    scores = unrelatedness(N, seed=0)
    assert len(scores) > 4000
    assert not failures(scores)


def test_a_shared_stream_is_seen():
    """The bound is not so wide that it lets numbers through that share two per cent."""
    one, other, *_ = (math.sqrt(12) * (u - 0.5) for u in columns(N, seed=0).values())
    z = float((one * (0.02 * one + other)).sum() / math.sqrt(N))
    assert failures([normal("two per cent shared", "independence", z, N)])


@pytest.mark.parametrize("lost", [8, 20])
def test_lost_bits_are_seen(monkeypatch, lost):
    """Uniforms of 32 - 8 or 32 - 20 bits."""
    step = 2.0 ** (lost - 32)
    whole = random_numbers.uniforms

    def coarse(*key):
        return np.floor(whole(*key) / step) * step + step / 2

    monkeypatch.setattr(random_numbers, "uniforms", coarse)
    assert failures(uniformity(20_000, seed=0))
