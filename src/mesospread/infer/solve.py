"""Answer for one patient: sample the core, solve the leaves, until that is exact enough.

One round of histories is made in `mesospread.infer.rounds`. Answers are ratios of sums of
masses; their error is the spread of independent replicates. From it follows how many more
histories are needed, and these are made in the next round.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from mesospread.infer.condition import condition
from mesospread.infer.contradiction import contradiction
from mesospread.infer.posterior import REPLICATES, Posterior, Tally
from mesospread.infer.rounds import Effort, Run
from mesospread.infer.timeline import Timeline
from mesospread.model.library import ObservationModel
from mesospread.model.structure import Structure
from mesospread.simulate.batch import check_run

__all__ = ["Effort", "solve"]

#: times as many histories as in the first round after which a run that will not come to an
#: answer is given up
_HOPELESS_AFTER = 4
#: sizes of later rounds, in first rounds: coarse, so that a last bit does not change them
_SHARES = (1 / 3, 2 / 3, 1.0, 2.0)
#: of the histories that seem to be missing, so many are made, since the error is uncertain
_MARGIN = 1.1


def solve(
    timeline: Timeline,
    observation: ObservationModel,
    *,
    seed: int = 1,
    effort: Effort | None = None,
    life_table: str = "uk",
    prognosis: bool = False,
    progress: Callable[[float], None] = lambda share: None,
    options: Sequence[Structure] = (),
) -> Posterior:
    """Return what follows for one patient.

    Parameters
    ----------
    timeline
        The patient.
    observation
        How the disease is seen.
    seed
        Of the histories; the same seed gives the same answer.
    effort
        How hard to try.
    life_table
        Population of the background mortality.
    prognosis
        Whether survival is asked for.
    progress
        Called with the share done, 0 to 1.
    options
        The same disease under different treatments from today on. If given, only these
        are asked about: ``("option", k, ...)`` for each, and ``("change", k, ...)``, the
        difference of option ``k`` to the first, history by history on the same clocks.

    Raises
    ------
    ContradictionError
        If too few histories explain the findings; it names those that fit least.
    """
    effort = effort or Effort()
    check_run(seed, effort.draws * effort.core_paths, 1.0)
    run = Run(timeline, observation, seed, effort, life_table, prognosis, tuple(options))
    if not run.can_be_split():
        return condition(timeline, observation, seed=seed, life_table=life_table, options=options)
    tally: Tally | None = None
    done, n_each = 0, effort.core_paths
    while done < effort.max_rounds * effort.core_paths:
        own = run.round(done, n_each)
        if tally is None:
            tally = own
        else:
            tally.add(own)
        done += n_each
        posterior = Posterior(run.questions, tally, timeline.labels())
        size = posterior.effective_sample_size()
        error = posterior.largest_error() if size > 0 else np.inf
        enough = size >= effort.too_few and error <= effort.standard_error
        progress(1.0 if enough else min((effort.standard_error / max(error, 1e-9)) ** 2, 1.0))
        if enough:
            return posterior
        rounds = done / effort.core_paths
        if rounds > _HOPELESS_AFTER and size * effort.max_rounds < effort.too_few * rounds:
            break
        n_each = _next_size(effort, done, error)
    if size < effort.too_few:
        raise contradiction(_left_out_in_turn(run, posterior), timeline.now_months)
    return posterior


def _next_size(effort: Effort, done: int, error: float) -> int:
    """Return the core histories per draw of the next round: what seems to be missing.

    Equally many in each replicate, but for the last round of all.
    """
    missing = (_MARGIN * (error / max(effort.standard_error, 1e-9)) ** 2 - 1.0) * done
    wanted = missing / effort.core_paths
    share = next((share for share in _SHARES if share >= wanted), _SHARES[-1])
    size = max(round(share * effort.core_paths) // REPLICATES, 1) * REPLICATES
    return min(size, effort.max_rounds * effort.core_paths - done)


def _left_out_in_turn(run: Run, posterior: Posterior) -> Posterior:
    """Work out the weights without each finding for which they are not known yet."""
    tally = posterior.tally
    without = tally.without.copy()
    for place in np.flatnonzero(np.isnan(without)):
        other = replace(run, timeline=run.timeline.without(int(place)), options=()).round(
            0, run.effort.core_paths
        )
        without[place] = other.weight.sum() * tally.paths / other.paths
    return replace(posterior, tally=replace(tally, without=without))
