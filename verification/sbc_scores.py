"""The statistics of simulation-based calibration, from the cases of `verification.sbc`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats
from tests.support.statistics import (
    NotEnough,
    Score,
    identity,
    kolmogorov_smirnov,
    normal,
    require_enough,
)

from mesospread.infer.predict import Truth
from mesospread.infer.questions import CURVE_MONTHS, Question
from mesospread.model.structure import Structure
from verification.sbc import HORIZONS_MONTHS, Cases, questions

Floats = NDArray[np.float64]

#: fewer patients show too little
FEWEST_PATIENTS = 200
#: variance (expected events, if they are rare) below which a group is left out
SMALLEST_VARIANCE = 9.0
#: more patients than this without an answer is a fault of its own
MOST_REFUSED = 0.02
BINS = 10
#: levels at which a site can be seen
VISIBLE = ("detectable", "symptomatic")


def scores(cases: Cases) -> list[Score]:
    """Return all statistics.

    Raises
    ------
    NotEnough
        If there are fewer than `FEWEST_PATIENTS`.
    """
    require_enough(len(cases.listed), FEWEST_PATIENTS, "patients")
    total = len(cases.listed) + cases.refused
    few = cases.refused <= MOST_REFUSED * total
    answered = identity("patients answered", few, total, f"{cases.refused} refused")
    table = _Table(cases)
    return [
        answered,
        *calibration_scores(table),
        *feature_scores(table),
        *bin_scores(table),
        *rank_scores(cases, table),
    ]


def happened(structure: Structure, truth: Truth, question: Question) -> bool:
    """Return whether what a question asks about is true."""
    kind, subject, detail = question[0], str(question[1]), question[-1]
    if kind == "alive":
        return truth.death_after_months > float(detail)
    if kind == "by":
        return truth.detectable_after_months[subject] <= float(detail)
    if kind == "true":
        subject = structure.of_role("extent" if subject == "t" else "nodes")[0]
    return structure.process(subject).levels[truth.levels_now[subject]] == detail


class _Table:
    """Chances and truths of all cases, by question: two columns (n,) for each."""

    def __init__(self, cases: Cases) -> None:
        self.structure = cases.structure
        self.n = len(cases.listed)
        self.questions = questions(cases.structure)
        self.p: dict[Question, Floats] = {}
        self.y: dict[Question, Floats] = {}
        for q in self.questions:
            self.p[q] = np.array([case.chances[q] for case in cases.listed])
            truths = [happened(cases.structure, c.patient.truth, q) for c in cases.listed]
            self.y[q] = np.array(truths, np.float64)
        names = sorted(frozenset().union(*(case.features for case in cases.listed)))
        self.features = {
            name: np.array([name in case.features for case in cases.listed]) for name in names
        }

    def examined(self) -> list[Question]:
        """Return the questions whose calibration is examined one by one."""
        return [q for q in self.questions if q[0] != "alive" or q[1] in HORIZONS_MONTHS]


def calibration_scores(table: _Table) -> list[Score]:
    """Compare how often each event happened with the sum of its chances."""
    found = (
        event_score(f"calibration of {_words(q)}", table.y[q], table.p[q]) for q in table.examined()
    )
    return _enough(found, "events that are frequent enough")


def feature_scores(table: _Table) -> list[Score]:
    """Do the same among the patients in whom something was found.

    For each finding: the site it is about, the true stage, and spread to any site.
    """
    found = []
    for name, has in table.features.items():
        for q in table.examined():
            about = q[0] in ("true", "alive") or (q[0] == "now" and name.startswith(f"{q[1]} "))
            if about:
                found.append(
                    event_score(f"{_words(q)} given {name}", table.y[q][has], table.p[q][has])
                )
        found.append(pooled_score(f"all sites given {name}", table, has))
    return _enough(found, "findings that are frequent enough")


def event_score(name: str, y: Floats, p: Floats) -> Score | None:
    """Compare a count with the sum of independent events of known chances, two-sided.

    None if too few are expected. The distribution is exact (Poisson-binomial, by its
    characteristic function), since rare events are far from normal.
    """
    if float((p * (1.0 - p)).sum()) < SMALLEST_VARIANCE:
        return None
    law = poisson_binomial(p)
    hits = round(float(y.sum()))
    tail = min(law[: hits + 1].sum(), law[hits:].sum())
    return Score(name, "level", min(1.0, 2.0 * float(tail)), len(y), f"{hits} for {p.sum():.1f}")


def poisson_binomial(p: Floats) -> Floats:
    """Return the distribution of the number of events, (n + 1,)."""
    size = len(p) + 1
    turn = np.exp(-2j * np.pi * np.arange(size) / size)
    spectrum = np.ones(size, complex)
    for chance in p:
        spectrum *= 1.0 - chance + chance * turn
    law: Floats = np.maximum(np.fft.ifft(spectrum).real, 0.0)
    return law


def pooled_score(name: str, table: _Table, has: NDArray[np.bool_]) -> Score | None:
    """Compare visible sites with their chances, all sites of a patient together."""
    visible = [
        q for q in table.questions if q[0] == "now" and q[2] in ("detectable", "symptomatic")
    ]
    p = np.array([table.p[q][has] for q in visible])
    y = np.array([table.y[q][has] for q in visible])
    return clustered_score(name, y, p, np.ones_like(p, bool))


def bin_scores(table: _Table) -> list[Score]:
    """Compare events with their chances, bin by bin of the chance, all sites together."""
    found = []
    for kind in ("now", "by"):
        asked = [q for q in table.questions if q[0] == kind]
        p, y = np.array([table.p[q] for q in asked]), np.array([table.y[q] for q in asked])
        bins = np.minimum((p * BINS).astype(np.int64), BINS - 1)
        for k in range(BINS):
            name = f"{kind}, chances from {k / BINS:.1f} to {(k + 1) / BINS:.1f}"
            found.append(clustered_score(name, y, p, bins == k))
    return _enough(found, "bins with enough events")


def clustered_score(name: str, y: Floats, p: Floats, counted: NDArray[np.bool_]) -> Score | None:
    """Compare events with chances where the events of one patient hang together.

    Parameters
    ----------
    y, p, counted
        (events, patients).
    """
    if float((p * (1.0 - p))[counted].sum()) < 4.0 * SMALLEST_VARIANCE:
        return None
    by_patient = ((y - p) * counted).sum(axis=0)
    spread = float(np.sqrt((by_patient**2).sum()))
    detail = f"{y[counted].sum():.0f} for {p[counted].sum():.1f}"
    n = int(counted.any(axis=0).sum())
    score = normal(name, "level", float(by_patient.sum()) / spread, n)
    return Score(score.name, score.kind, score.p, score.n, detail)


def rank_scores(cases: Cases, table: _Table) -> list[Score]:
    """Return how uniform the ranks of the truth are, per site, per site and level, of death."""
    found = []
    for site in cases.structure.of_role("site"):
        levels = cases.structure.process(site).levels
        by_level = np.array([table.p["now", site, level] for level in levels])
        true = np.array([c.patient.truth.levels_now[site] for c in cases.listed])
        found.append(_uniform(f"rank of {site}", by_level, true, cases))
        for k, level in enumerate(levels[1:], start=1):
            reached = by_level[k:].sum(axis=0)
            two = np.array([1.0 - reached, reached])
            found.append(
                _uniform(
                    f"rank of {site} {level} or more", two, (true >= k).astype(np.int64), cases
                )
            )
    alive = np.array([table.p["alive", month] for month in CURVE_MONTHS])
    # in each month, and later
    dies = np.vstack([-np.diff(alive, axis=0), alive[-1:]])
    when = [c.patient.truth.death_after_months for c in cases.listed]
    month = np.minimum(np.searchsorted(CURVE_MONTHS, when, side="left"), len(dies)) - 1
    found.append(_uniform("rank of the month of death", dies, month, cases))
    return found


def _uniform(name: str, chances: Floats, true: NDArray[np.int64], cases: Cases) -> Score:
    """Score the randomised rank of the truth among classes in order.

    Parameters
    ----------
    chances
        (classes, patients); each column sums to 1.
    true
        (patients,) the class that is true.
    """
    columns = np.arange(chances.shape[1])
    upper = np.cumsum(chances, axis=0)[true, columns]
    u = np.array([case.rng.random() for case in cases.listed])
    ranks = upper - u * chances[true, columns]
    return kolmogorov_smirnov(name, np.clip(ranks, 0.0, 1.0), stats.uniform.cdf)


def _enough(found: Iterable[Score | None], what: str) -> list[Score]:
    """Return the scores that could be computed; refuse if there is none."""
    listed = [score for score in found if score is not None]
    if not listed:
        raise NotEnough(f"no {what}")
    return listed


def _words(question: Sequence[str | int]) -> str:
    return " ".join(map(str, question))
