"""Names of random streams, and the plain twin of the compiled generator.

The block index of a clock is ``(visit << 16) | (level >> 1)``, its lane is
``level & 1``: one 128-bit block serves two consecutive levels.
"""

from __future__ import annotations

import zlib

_M0, _M1 = 0xD2511F53, 0xCD9E8D57
_W0, _W1 = 0x9E3779B9, 0xBB67AE85
_MASK32 = 0xFFFFFFFF

MAX_SEED = 2**64 - 1


def stream_id(name: str) -> int:
    """Return the 32-bit stream number of a purpose.

    It depends on the name alone, so adding a process or a treatment to a model
    leaves the random numbers of all others as they were.
    """
    return zlib.crc32(name.encode("utf-8"))


def block_index(level: int, visit: int = 0) -> int:
    """Return the counter block that holds the clock of a level at its n-th visit."""
    return ((visit << 16) | (level >> 1)) & _MASK32


def philox4x32(counter: tuple[int, int, int, int], key: tuple[int, int]) -> tuple[int, ...]:
    """Encrypt one counter with Philox4x32-10, in plain Python.

    Slow on purpose: the reference that the compiled version is tested against.

    References
    ----------
    Salmon et al. (2011), doi 10.1145/2063384.2063405.
    """
    c0, c1, c2, c3 = counter
    k0, k1 = key
    for _ in range(10):
        p0, p1 = _M0 * c0, _M1 * c2
        c0, c1, c2, c3 = (p1 >> 32) ^ c1 ^ k0, p1 & _MASK32, (p0 >> 32) ^ c3 ^ k1, p0 & _MASK32
        k0, k1 = (k0 + _W0) & _MASK32, (k1 + _W1) & _MASK32
    return c0, c1, c2, c3


def uniform(seed: int, patient: int, stream: int, level: int, visit: int = 0) -> float:
    """Return the uniform on (0, 1) that belongs to one (seed, patient, stream, level, visit).

    Parameters
    ----------
    seed, patient
        Non-negative, at most 64 bits.
    stream
        From `stream_id`.
    level
        Level of the process (or index of a draw within the stream).
    visit
        How often the process has been set back before.
    """
    words = philox4x32(
        (patient & _MASK32, patient >> 32, stream, block_index(level, visit)),
        (seed & _MASK32, seed >> 32),
    )
    high, low = words[2 * (level & 1)], words[2 * (level & 1) + 1]
    return ((high >> 6) * 67108864.0 + (low >> 6) + 0.5) / 4503599627370496.0
