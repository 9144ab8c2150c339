"""The gross figures of the testicular model lie within wide bounds around the few published.

Nearly all published men were operated, so the figures are those after orchiectomy.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.support.sane import (
    Bound,
    Figure,
    by_diagnosis,
    extent_mix,
    mean,
    median,
    people,
    ratio,
    share,
    visible,
)

from mesospread.model.load import observation

LEVELS = ("confined", "through_wall", "adjacent_organs", "beyond")
NODES = ("retroperitoneal_nodes", "inguinal_nodes")

BOUNDS = (
    *(
        Bound(f"{level} at diagnosis", 0.02, 0.75, beside=("recabal-2017-margin",))
        for level in LEVELS
    ),
    Bound("alive 5 years after orchiectomy", 0.30, 0.65, like=("nazemi-2019-os5",)),
    Bound("not dead of it 5 years after orchiectomy", 0.35, 0.75, like=("nazemi-2019-dss5",)),
    Bound("median after orchiectomy", 20.0, 90.0, like=("marinaccio-2020-testis-os",)),
    Bound("metastases at any time", 0.18, 0.55, like=("grogg-2021-met",)),
    Bound("nodes of the back among men with metastases", 0.25, 0.75, like=("grogg-2021-rpln",)),
    Bound("lung among men with metastases", 0.20, 0.60, like=("grogg-2021-lung",)),
    Bound("groin among men with metastases", 0.15, 0.55, like=("grogg-2021-inguinal",)),
    # from when the first shows; in print from when they were found
    Bound("median once metastases show", 7.0, 43.0, like=("grogg-2021-os-met",)),
    Bound("median epithelioid over biphasic", 1.1, 3.0, beside=("nazemi-2019-biph",)),
    Bound("age at diagnosis", 54.0, 68.0, like=("marinaccio-2010-age",)),
    Bound("epithelioid", 0.55, 0.80, like=("aplm-2023-epi",), beside=("wikimeso-testis-epi",)),
    Bound("orchiectomy over care, median", 1.5, 5.0, beside=("pmc5623092-recur",)),
)  # fmt: skip


def metastatic(table: pd.DataFrame) -> np.ndarray:
    """Tell who had visible metastases at any time: distant, or in nodes of the region."""
    return visible(table, (*observation("testicular").distant_sites, *NODES), at_diagnosis=False)


@cache
def figures() -> dict[str, Figure]:
    """Return every figure with its standard error."""
    table = people("testicular", "orchiectomy", n=10_000)
    care = people("testicular", "supportive care")
    survival = table["survival_treated"]
    spread = metastatic(table)
    sites = (*observation("testicular").distant_sites, *NODES)
    first = table[[f"{site}.detectable" for site in sites]].min(axis=1)[spread]
    at = extent_mix(table, LEVELS)
    alive_or_other = ~((survival <= 60) & table["death_disease.dead"].notna())
    return {
        **{f"{level} at diagnosis": share(here) for level, here in at.items()},
        "alive 5 years after orchiectomy": share(survival > 60),
        "not dead of it 5 years after orchiectomy": share(alive_or_other),
        "median after orchiectomy": median(survival),
        "metastases at any time": share(spread),
        "nodes of the back among men with metastases": among(table, NODES[0], spread),
        "lung among men with metastases": among(table, "lung", spread),
        "groin among men with metastases": among(table, NODES[1], spread),
        "median once metastases show": median(table["end_months"][spread] - first),
        "median epithelioid over biphasic": ratio(
            *(median(survival[table["histology"] == h]) for h in ("epithelioid", "biphasic"))
        ),
        "age at diagnosis": mean(table["age"] + table["diagnosed"] / 12),
        "epithelioid": share(table["histology"] == "epithelioid"),
        "orchiectomy over care, median": ratio(median(survival), median(care["survival_treated"])),
    }


def among(table: pd.DataFrame, site: str, chosen: np.ndarray) -> Figure:
    return share(visible(table, (site,), at_diagnosis=False)[chosen])


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_figure_is_sane(bound: Bound) -> None:
    bound.check(figures())


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_bound_stands_around_published_values(bound: Bound) -> None:
    bound.check_published("testicular")


def test_every_figure_has_a_bound() -> None:
    assert set(figures()) == {bound.figure for bound in BOUNDS}


def test_all_are_men() -> None:
    assert set(people("testicular", "orchiectomy", n=10_000)["sex"]) == {"male"}


def test_nodes_of_the_region_come_before_rarer_sites() -> None:
    """Lower-body nodes first; spine, omentum, liver and lung are rarer further spread."""
    table = people("testicular", "orchiectomy", n=10_000)
    seen = {
        site: visible(table, (site,), at_diagnosis=False).mean()
        for site in (*NODES, "lung", "liver", "omentum", "vertebrae", "kidney", "brain")
    }
    assert seen["retroperitoneal_nodes"] == max(seen.values())
    assert seen["lung"] > max(seen[s] for s in ("liver", "omentum", "vertebrae", "kidney", "brain"))


def test_nodes_are_reached_through_the_toll_gate_or_from_the_scrotum() -> None:
    table = people("testicular", "supportive care")
    back = table["retroperitoneal_nodes.microscopic"].notna()
    assert back.sum() > 200
    assert (table["nodes.N1"] <= table["retroperitoneal_nodes.microscopic"])[back].all()
    assert by_diagnosis(table, "nodes.N1").mean() > 0.03
