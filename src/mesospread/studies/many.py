"""Predict studies under many sets of values, over several processes."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor

from mesospread.studies.predict import Predicted, Protocols

_protocols: Protocols | None = None


def _prepare(protocols: Protocols) -> None:
    global _protocols
    _protocols = protocols


def _predict(job: tuple[Mapping[str, float], int, int | None]) -> dict[str, Predicted]:
    assert _protocols is not None
    values, seed, unstated = job
    return _protocols.predict(values, seed, unstated)


def predict_many(
    protocols: Protocols,
    values: Sequence[Mapping[str, float]],
    *,
    first_seed: int,
    unstated: bool = False,
    workers: int = 1,
    progress: Callable[[int], None] = lambda done: None,
) -> list[dict[str, Predicted]]:
    """Predict all figures under each set of values.

    Parameters
    ----------
    protocols
        The studies.
    values
        Sets of parameter values, in months.
    first_seed
        Each set has a seed of its own, so that simulation errors are independent. The
        result is the same for any number of workers.
    unstated
        Whether each set has a draw of its own of what the protocols do not state; the number
        of that draw is the seed of the set.
    workers
        Processes; with one, no other process is started.
    progress
        Called with the number of sets done.
    """
    jobs = [(v, first_seed + k, first_seed + k if unstated else None) for k, v in enumerate(values)]
    found = []
    if workers == 1:
        for done, job in enumerate(jobs, start=1):
            found.append(protocols.predict(*job))
            progress(done)
        return found
    # spawned, not forked: libraries with threads of their own do not survive a fork
    with ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_prepare,
        initargs=(protocols,),
    ) as pool:
        for done, predicted in enumerate(pool.map(_predict, jobs, chunksize=2), start=1):
            found.append(predicted)
            progress(done)
    return found
