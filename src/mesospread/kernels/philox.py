"""Counter-based random numbers: Philox4x32-10, compiled.

A number is a pure function of (seed, patient, stream, visit, level). It therefore
does not matter which thread draws it, in which order, or what else is drawn: this
is what makes cohorts identical for any sharding and lets treatment arms share
their clocks (common random numbers).

References
----------
Salmon, Moraes, Dror, Shaw (2011). Parallel random numbers: as easy as 1, 2, 3.
Proceedings of SC11, doi 10.1145/2063384.2063405 (Philox, table 2 and section 3.1).
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np

#: compile options of the small functions of the inner loop: inlined, and without
#: reference counts on their array arguments (counting them, atomically, in the inner
#: loop made the simulator five times slower)
_OPTIONS: dict[str, Any] = {
    "nogil": True,
    "cache": True,
    "forceinline": True,
    "error_model": "numpy",
    "_nrt": False,
}
inlined = numba.njit(**_OPTIONS)
#: the same, with products and sums fused: faster, but the last bit depends on the processor.
#: For averages only, never for histories
fused = numba.njit(**_OPTIONS, fastmath={"contract"})

_M0 = np.uint64(0xD2511F53)
_M1 = np.uint64(0xCD9E8D57)
_W0 = np.uint64(0x9E3779B9)
_W1 = np.uint64(0xBB67AE85)
_MASK32 = np.uint64(0xFFFFFFFF)
_S32 = np.uint64(32)
_S6 = np.uint64(6)
_TWO_26 = 67108864.0
_TWO_M52 = 1.0 / 4503599627370496.0


@inlined
def philox4x32(c0, c1, c2, c3, k0, k1):  # type: ignore[no-untyped-def]
    """Encrypt one 128-bit counter with ten rounds.

    Parameters
    ----------
    c0, c1, c2, c3
        Counter words, each a ``uint64`` holding 32 bits.
    k0, k1
        Key words, each a ``uint64`` holding 32 bits.

    Returns
    -------
    tuple of four ``uint64``
        32 random bits in each.
    """
    for _ in range(10):
        p0 = _M0 * c0
        p1 = _M1 * c2
        c0 = (p1 >> _S32) ^ c1 ^ k0
        c1 = p1 & _MASK32
        c2 = (p0 >> _S32) ^ c3 ^ k1
        c3 = p0 & _MASK32
        k0 = (k0 + _W0) & _MASK32
        k1 = (k1 + _W1) & _MASK32
    return c0, c1, c2, c3


@inlined
def open_uniform(high, low):  # type: ignore[no-untyped-def]
    """Turn two 32-bit words into a uniform on the open interval (0, 1), 52 bits.

    The half step keeps 0 and 1 out, so that the logarithm is always finite; with one
    bit more it would be rounded away at the upper end.
    """
    mantissa = np.float64(high >> _S6) * _TWO_26 + np.float64(low >> _S6)
    return (mantissa + 0.5) * _TWO_M52


@inlined
def uniform_pair(seed, patient, stream, block):  # type: ignore[no-untyped-def]
    """Return the two uniforms of one counter block.

    Parameters
    ----------
    seed, patient
        ``uint64``.
    stream, block
        ``uint64`` holding 32 bits each: what is drawn, and which pair of it.
    """
    w0, w1, w2, w3 = philox4x32(
        patient & _MASK32,
        patient >> _S32,
        stream,
        block,
        seed & _MASK32,
        seed >> _S32,
    )
    return open_uniform(w0, w1), open_uniform(w2, w3)


@inlined
def unit_exponential(u):  # type: ignore[no-untyped-def]
    """Return ``-log(u)`` for ``u`` in (0, 1), to within one unit in the last place.

    Written out, with the reduction and the coefficients of FreeBSD's ``e_log.c``, for
    two reasons: the library's logarithm differs in its last bit between processors,
    so that cohorts would too; and this form, without a branch or a call, is computed
    for several processes at once (measured: 0.7 ns instead of 6 ns).

    References
    ----------
    Sun Microsystems (1993), fdlibm, ``e_log.c``.
    """
    bits = np.float64(u).view(np.int64) + np.int64(0x00095F6200000000)
    k = np.float64((bits >> 52) - 1023)
    mantissa = np.int64((bits & 0x000FFFFFFFFFFFFF) + 0x3FE6A09E00000000)
    f = mantissa.view(np.float64) - 1.0
    s = f / (2.0 + f)
    z = s * s
    w = z * z
    even = w * (0.3999999999940941908 + w * (0.2222219843214978396 + w * 0.1531383769920937332))
    odd = z * (
        0.6666666666666735130
        + w * (0.2857142874366239149 + w * (0.1818357216161805012 + w * 0.1479819860511658591))
    )
    half = 0.5 * f * f
    low = s * (half + even + odd) + k * 1.90821492927058770002e-10
    return -(low - half + f + k * 6.93147180369123816490e-01)


@inlined
def fill_clocks(seed, patient, streams, blocks, clocks):  # type: ignore[no-untyped-def]
    """Fill the two unit exponentials of one counter block for each stream.

    Kept as a loop of its own so that the compiler can run several streams at once.

    Parameters
    ----------
    seed, patient
        ``uint64``.
    streams, blocks
        (P,) uint64.
    clocks
        (2, P) float64, written.
    """
    for q in range(streams.size):
        first, second = uniform_pair(seed, patient, streams[q], blocks[q])
        clocks[0, q] = unit_exponential(first)
        clocks[1, q] = unit_exponential(second)


@numba.njit(nogil=True, cache=True)
def stream_uniforms(seed, patient, streams):  # type: ignore[no-untyped-def]
    """Return one uniform on (0, 1) for each stream of one patient, (K,)."""
    out = np.empty(streams.size)
    for k in range(streams.size):
        out[k], _ = uniform_pair(seed, patient, streams[k], np.uint64(0))
    return out


@numba.njit(nogil=True, cache=True)
def uniforms(seed, first_patient, n_patients, stream, block):  # type: ignore[no-untyped-def]
    """Return one uniform per patient for a stream.

    Parameters
    ----------
    seed, first_patient, stream, block
        ``uint64``; see `uniform_pair`.
    n_patients
        How many consecutive patients.

    Returns
    -------
    array, shape (n_patients, 2), float64
        The two uniforms of the block, on the open interval (0, 1).
    """
    out = np.empty((n_patients, 2))
    for i in range(n_patients):
        out[i, 0], out[i, 1] = uniform_pair(seed, first_patient + np.uint64(i), stream, block)
    return out
