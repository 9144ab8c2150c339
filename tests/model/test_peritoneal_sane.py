"""The gross figures of the peritoneal model lie within wide bounds around published ones."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
from tests.support.sane import (
    Bound,
    Figure,
    by_diagnosis,
    extent_mix,
    median,
    people,
    ratio,
    share,
    visible,
)

from mesospread.model.load import observation

LEVELS = ("T1", "T2", "T3", "T4")
#: middle of the index in each of the four steps
INDEX = {"T1": 5.5, "T2": 15.5, "T3": 25.5, "T4": 35.0}
#: like those who are operated: fit, younger, epithelioid
OPERATED = (("age", "52"), ("histology", "epithelioid"), ("performance_status", "0"))
FIT = (("age", "60"), ("performance_status", "1"))

BOUNDS = (
    *(
        Bound(f"{t} at diagnosis", 0.05, 0.50, beside=("yan-2009-pci", "helm-2015-pci"))
        for t in LEVELS
    ),
    Bound("mean index at diagnosis", 17.0, 28.0, like=("yan-2009-pci", "helm-2015-pci")),
    Bound("nodes at diagnosis", 0.05, 0.35,
          like=("yan-2011-n1", "baratti-2010-node-all", "baratti-2010-node-sampled")),
    Bound("outside the belly and visible at diagnosis", 0.02, 0.20, like=("yan-2011-m1",),
          beside=("deboer-2019-intro-extraabd",)),
    Bound("omentum visible at diagnosis", 0.50, 0.97, like=("yan-2005-omentum",)),
    Bound("liver visible at diagnosis", 0.005, 0.15, beside=("baratti-2009-liver",)),
    Bound("pleura visible over the course", 0.05, 0.60,
          like=("whitley-1982-pleura", "baratti-2009-pleura")),
    Bound("bone visible over the course", 0.005, 0.26, like=("whitley-1982-bone",)),
    # 122 days on average from the first symptom
    Bound("months from onset to diagnosis", 4.0, 30.0, beside=("manzini-2005-delay",)),
    # without treatment; the published series had some
    Bound("median survival", 3.5, 12.0,
          like=("bijelic-2020-os-nosurg", "salo-2017-os", "renam-2003-os-peritoneal",
                "dig-1989-os", "calthorpe-2023-os"), beside=("bridda-2007-os",)),
    Bound("alive at 1 year", 0.10, 0.50, like=("deboer-2019-os1", "dig-1989-os1")),
    Bound("alive at 5 years", 0.01, 0.15, beside=("seer-cn-2024-css5y", "nma-2020-per-3y")),
    # 19 against 6 months, treatment included
    Bound("median under over from 65 years", 1.05, 3.5,
          beside=("bmcgastro-2022-os-lt65", "bmcgastro-2022-os-ge65")),
    Bound("median epithelioid over others", 1.1, 4.0,
          beside=("baratti-2010-hr-epi", "bmcgastro-2022-hr-sarc")),
    Bound("median women over men", 1.05, 2.5,
          beside=("ncdb-2024-hr-male", "alexander-2013-hr-male")),
    # from the operation, in people like those of the series
    Bound("median after cytoreduction", 20.0, 100.0,
          like=("yan-2009-os", "alexander-2013-os", "bijelic-2020-os-radical", "baratti-2013-os",
                "shamavonian-2022-os", "votanopoulos-2018-os-epi")),
    Bound("alive 1 year after cytoreduction", 0.65, 0.92, like=("helm-2015-os1y",)),
    Bound("alive 5 years after cytoreduction", 0.25, 0.65,
          like=("yan-2009-os5", "helm-2015-os5y", "alexander-2013-os5",
                "votanopoulos-2018-os5-epi")),
    Bound("dead within a month of cytoreduction", 0.005, 0.10, like=("yan-2009-mort",)),
    Bound("median after chemotherapy", 8.0, 30.0,
          like=("nagata-2019-os", "erat-2017-os", "simon-2008-os")),
    Bound("alive 1 year after atezolizumab + bevacizumab", 0.55, 0.96, like=("raghav-2021-os1",)),
)  # fmt: skip


@cache
def figures() -> dict[str, Figure]:
    """Return every figure with its standard error."""
    table = people("peritoneal", n=20_000)
    survival = table["survival"]
    mix = extent_mix(table, LEVELS)
    index = sum(INDEX[t] * here for t, here in mix.items())
    distant = observation("peritoneal").distant_sites
    found = {f"{t} at diagnosis": share(here) for t, here in mix.items()}
    found |= {
        "mean index at diagnosis": (float(index.mean()), float(index.std() / len(index) ** 0.5)),
        "nodes at diagnosis": share(by_diagnosis(table, "nodes.N1")),
        "outside the belly and visible at diagnosis": share(
            visible(table, distant, at_diagnosis=True)
        ),
        "omentum visible at diagnosis": share(visible(table, ("omentum",), at_diagnosis=True)),
        "liver visible at diagnosis": share(visible(table, ("liver",), at_diagnosis=True)),
        "pleura visible over the course": share(visible(table, ("pleura",), at_diagnosis=False)),
        "bone visible over the course": share(visible(table, ("bone",), at_diagnosis=False)),
        "months from onset to diagnosis": median(table["diagnosed"]),
        "median survival": median(survival),
        "alive at 1 year": share(survival > 12),
        "alive at 5 years": share(survival > 60),
    }
    groups = {
        "median under over from 65 years": table["age"] < 65,
        "median epithelioid over others": table["histology"] == "epithelioid",
        "median women over men": table["sex"] == "female",
    }
    for name, chosen in groups.items():
        found[name] = ratio(median(survival[chosen]), median(survival[~chosen]))
    operated = people("peritoneal", "cytoreduction + HIPEC", fixed=OPERATED)["survival_treated"]
    found["median after cytoreduction"] = median(operated)
    found["alive 1 year after cytoreduction"] = share(operated > 12)
    found["alive 5 years after cytoreduction"] = share(operated > 60)
    found["dead within a month of cytoreduction"] = share(operated < 1)
    chemo = people("peritoneal", "pemetrexed + cisplatin", fixed=FIT)["survival_treated"]
    found["median after chemotherapy"] = median(chemo)
    later = people("peritoneal", "atezolizumab + bevacizumab", fixed=FIT)["survival_treated"]
    found["alive 1 year after atezolizumab + bevacizumab"] = share(later > 12)
    return found


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_figure_is_sane(bound: Bound) -> None:
    bound.check(figures())


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_bound_stands_around_published_values(bound: Bound) -> None:
    bound.check_published("peritoneal")


def test_every_figure_has_a_bound() -> None:
    assert set(figures()) == {bound.figure for bound in BOUNDS}


def test_men_have_no_ovaries() -> None:
    table = people("peritoneal", n=20_000)
    involved = table["ovary.microscopic"].notna()
    assert not involved[table["sex"] == "male"].any()
    assert involved[table["sex"] == "female"].mean() > 0.2


def test_the_belly_comes_first() -> None:
    """Spread outside it is rare early on: fewer than one in six of those with visible omentum."""
    table = people("peritoneal", n=20_000)
    distant = observation("peritoneal").distant_sites
    early = extent_mix(table, LEVELS)["T1"]
    outside = visible(table, distant, at_diagnosis=True)
    assert outside[early].mean() < outside[~early].mean()
    omentum = visible(table, ("omentum",), at_diagnosis=True)
    assert np.mean(outside) < np.mean(omentum) / 6
