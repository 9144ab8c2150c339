"""The gross figures of the pleural model lie within wide bounds around published ones.

The bounds ask for sanity, not for a fit: the model is not calibrated yet, and the
published figures come from cohorts that differ in selection, in what was looked at, and
in treatment (no cohort was untreated throughout). Each bound names the published values it
stands around, and contains all of them that are on the same scale. A figure must keep its
five standard errors inside; so a cohort too small for its bounds cannot pass.
"""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
import pandas as pd
import pytest
from tests.support.sane import Bound, median, ratio, share

from mesospread.app.simulate import cohort
from mesospread.infer.likelihood import Likelihood
from mesospread.model.load import disease, observation
from mesospread.model.parameters import central_values

N = 20_000
N_ARM = 15_000
HISTOLOGIES = ("epithelioid", "biphasic", "sarcomatoid")


BOUNDS = (
    # stage at diagnosis: stage groups of older editions, of surgical series and registries
    *(
        Bound(f"{t} at diagnosis", 0.10, 0.45, beside=(f"rusch-2012-stage-{group}",))
        for t, group in zip(("T1", "T2", "T3", "T4"), ("I", "II", "III", "IV"), strict=True)
    ),
    Bound("stage III or IV at diagnosis", 0.35, 0.85,
          like=("opitz-2023-stage34", "sorensen-2024-adv")),
    Bound("nodes at diagnosis", 0.25, 0.65, like=("edwards-2006-npos", "elliott-2018-npos")),
    # what could be found of distant disease; scans find most of it, and registries less
    Bound("distant and visible at diagnosis", 0.04, 0.25,
          like=("iaslc9-m1", "elliott-2018-m1"), beside=("iaslc8-m1",)),
    # from onset, which nobody has seen: longer than from the first symptom (92 days in men)
    Bound("months from onset to diagnosis", 4.0, 36.0,
          like=("davies-2010-nsp-interval",), beside=("senek-2022-symptom-interval-men",)),
    Bound("diagnosed in life", 0.65, 0.97, like=("beckett-2013-audit-coverage",)),
    # survival from diagnosis
    Bound("median survival", 6.0, 13.0,
          like=("kidd-2018-os", "merritt-2001-os", "linton-2014-os", "curran-1998-os-dx")),
    Bound("median survival, epithelioid", 7.5, 15.0,
          like=("mayo-1986-os-epithelioid", "linton-2014-os-epi", "verma-2018-os-epithelioid")),
    Bound("median survival, biphasic", 4.5, 11.0,
          like=("mayo-1986-os-biphasic", "verma-2018-os-biphasic", "linton-2014-os-nonepi")),
    Bound("median survival, sarcomatoid", 2.5, 8.0,
          like=("mayo-1986-os-sarcomatoid", "verma-2018-os-sarcomatoid")),
    Bound("alive at 1 year", 0.30, 0.55, like=("nlca-2014-1y", "england-2023-net-1y")),
    Bound("alive at 3 years", 0.05, 0.20, like=("nma-2020-3y", "england-2023-net-3y")),
    # medians of 21.5 and 10.5 months in surgical centres: a ratio of 2
    Bound("median without over with distant disease", 1.3, 3.0,
          beside=("iaslc9-os-m0", "iaslc9-os-m1", "iaslc8-os-m1")),
    # at death of the disease, as an autopsy would find it
    Bound("extrathoracic at autopsy", 0.35, 0.80, like=("finn-2012-extrathoracic",)),
    Bound("nodes at death", 0.35, 0.80, like=("finn-2012-ln",)),
    Bound("liver at autopsy", 0.16, 0.55, like=("finn-2012-liver",)),
    Bound("spleen at autopsy", 0.04, 0.22, like=("finn-2012-spleen",)),
    Bound("thyroid at autopsy", 0.03, 0.17, like=("finn-2012-thyroid",)),
    Bound("brain at autopsy", 0.01, 0.09, like=("finn-2012-brain",)),
    # rates of death over two years from the start, one treatment against another; trials took
    # fitter patients, with more epithelioid disease
    Bound("chemotherapy over supportive care", 0.50, 0.95, like=("ms01-hr", "linton-2014-chemo-hr"),
          beside=("emphacis-os-hr",)),
    Bound("bevacizumab over chemotherapy", 0.60, 0.98, like=("maps-os-hr",)),
    Bound("immunotherapy over chemotherapy", 0.60, 0.98, like=("cm743-os-hr", "cm743-3y-os-hr")),
    Bound("fields over chemotherapy", 0.60, 1.02, beside=("stellar-os",)),
    Bound("pembrolizumab over chemotherapy", 0.60, 1.0, like=("ind227-os-hr",)),
    Bound("pegargiminase over chemotherapy", 0.60, 1.05, like=("atomic-os-hr",)),
    # a fine phase 2 trial, and a phase 3 trial without any gain
    Bound("nintedanib over chemotherapy", 0.65, 1.10, like=("lume2-os-hr",)),
    Bound("lung removal over supportive care", 0.9, 2.5, beside=("mars-2011-epp-os",)),
    # 1.9 months of life lost within two years in the randomised trial
    Bound("surgery over supportive care", 0.85, 2.0, beside=("mars2-rmst-2y", "mars2-surg-os")),
    Bound("dead within 30 days without treatment", 0.04, 0.20, like=("ncdb-2020-nonop-30d",)),
    Bound("dead within 90 days without treatment", 0.12, 0.35, like=("ncdb-2020-nonop-90d",)),
)  # fmt: skip


@cache
def people(treatment: str = "", n: int = N) -> pd.DataFrame:
    """Return all who were diagnosed, with survival from diagnosis in months."""
    table = cohort(
        primary="pleural",
        n=n,
        seed=2026,
        workers=2,
        treatment=[treatment] if treatment else [],
    ).patients.to_pandas()
    table["diagnosed"] = table["diagnosis.diagnosed"]
    table["survival"] = table["end_months"] - table["diagnosed"]
    return table


def autopsies() -> dict[str, np.ndarray]:
    """Return the chance that an autopsy finds each site in those who died of the disease."""
    dead = people()[people()["death_disease.dead"].notna() & people()["diagnosed"].notna()]
    structure, seen = disease("pleural"), observation("pleural")
    values = central_values({**structure.parameters, **seen.parameters})
    likelihood = Likelihood(structure, seen, values)
    (autopsy,) = (m for m in seen.modality if m.name == "autopsy")
    found = {}
    for site in structure.of_role("site"):
        level = sum(
            dead[f"{site}.{name}"].notna().to_numpy().astype(int)
            for name in structure.process(site).levels[1:]
        )
        found[site] = likelihood.positive_by_level(autopsy, site)[level]
    found["nodes"] = dead["nodes.N1"].notna().to_numpy().astype(float)
    return found


#: inside the chest; all other sites lie outside
THORAX = ("contralateral_lung", "contralateral_pleura", "chest_wall", "diaphragm", "pericardium")


@cache
def figures() -> dict[str, tuple[float, float]]:
    """Return every figure with its standard error."""
    diagnosed = people()[people()["diagnosed"].notna()]
    found = {
        "diagnosed in life": share(people()["diagnosed"].notna()),
        "months from onset to diagnosis": median(diagnosed["diagnosed"]),
        "median survival": median(diagnosed["survival"]),
        "alive at 1 year": share(diagnosed["survival"] > 12),
        "alive at 3 years": share(diagnosed["survival"] > 36),
    }
    reached = {
        level: (diagnosed[name] <= diagnosed["diagnosed"]).to_numpy()
        for name, level in (
            ("extent.T2", "T2"), ("extent.T3", "T3"), ("extent.T4", "T4"),
            ("nodes.N1", "N1"), ("nodes.N2", "N2"),
        )
    }  # fmt: skip
    found["T1 at diagnosis"] = share(~reached["T2"])
    found["T2 at diagnosis"] = share(reached["T2"] & ~reached["T3"])
    found["T3 at diagnosis"] = share(reached["T3"] & ~reached["T4"])
    found["T4 at diagnosis"] = share(reached["T4"])
    found["nodes at diagnosis"] = share(reached["N1"])
    distant = np.any(
        [
            diagnosed[f"{site}.detectable"] <= diagnosed["diagnosed"]
            for site in observation("pleural").distant_sites
        ],
        axis=0,
    )
    found["distant and visible at diagnosis"] = share(distant)
    late = reached["T3"] | reached["N2"] | (reached["T2"] & reached["N1"]) | distant
    found["stage III or IV at diagnosis"] = share(late)
    for histology in HISTOLOGIES:
        chosen = diagnosed[diagnosed["histology"] == histology]
        found[f"median survival, {histology}"] = median(chosen["survival"])
    found["median without over with distant disease"] = ratio(
        median(diagnosed["survival"][~distant]), median(diagnosed["survival"][distant])
    )
    seen = autopsies()
    for site in ("liver", "spleen", "thyroid", "brain"):
        found[f"{site} at autopsy"] = share(seen[site])
    outside = [chance for site, chance in seen.items() if site not in (*THORAX, "nodes")]
    found["extrathoracic at autopsy"] = share(1.0 - np.prod(1.0 - np.array(outside), axis=0))
    found["nodes at death"] = share(seen["nodes"])
    return found | effects()


def death_rate(treatment: str) -> tuple[float, float]:
    """Return deaths per month within two years from the start of treatment."""
    table = people(treatment, N_ARM)
    treated = table[table["treatment_1.on"].notna()]
    since_start = treated["end_months"] - treated["treatment_1.on"]
    deaths = int((since_start < 24).sum())
    rate = deaths / float(since_start.clip(upper=24).sum())
    return rate, rate / math.sqrt(deaths)


def effects() -> dict[str, tuple[float, float]]:
    care, chemo = "supportive care", "pemetrexed + cisplatin"
    pairs = {
        "chemotherapy over supportive care": (chemo, care),
        "bevacizumab over chemotherapy": (f"{chemo} + bevacizumab", chemo),
        "immunotherapy over chemotherapy": ("nivolumab + ipilimumab", chemo),
        "fields over chemotherapy": ("Tumor Treating Fields + pemetrexed + cisplatin", chemo),
        "pembrolizumab over chemotherapy": (f"pembrolizumab + {chemo}", chemo),
        "pegargiminase over chemotherapy": (f"pegargiminase + {chemo}", chemo),
        "nintedanib over chemotherapy": (f"nintedanib + {chemo}", chemo),
        "surgery over supportive care": ("pleurectomy/decortication", care),
        "lung removal over supportive care": ("extrapleural pneumonectomy", care),
    }
    found = {name: ratio(death_rate(a), death_rate(b)) for name, (a, b) in pairs.items()}
    untreated = people()[people()["diagnosed"].notna()]["survival"]
    for days in (30, 90):
        found[f"dead within {days} days without treatment"] = share(untreated < days / 30.4375)
    return found


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_figure_is_sane(bound: Bound) -> None:
    bound.check(figures())


@pytest.mark.parametrize("bound", BOUNDS, ids=lambda b: b.figure)
def test_bound_stands_around_published_values(bound: Bound) -> None:
    bound.check_published("pleural")


def test_every_figure_has_a_bound() -> None:
    assert set(figures()) == {bound.figure for bound in BOUNDS}


def test_histologies_differ_in_survival_in_the_known_order() -> None:
    """Epithelioid, biphasic, sarcomatoid (verma-2018, mayo-1986): more than five errors apart."""
    medians = [figures()[f"median survival, {h}"] for h in HISTOLOGIES]
    for (longer, a), (shorter, b) in itertools.pairwise(medians):
        assert longer - shorter > 5 * math.hypot(a, b)


def test_distant_disease_shortens_life() -> None:
    """As in iaslc9-os-m0 and iaslc9-os-m1."""
    value, error = figures()["median without over with distant disease"]
    assert value - 1.0 > 5 * error


def test_treatments_are_in_the_order_of_their_trials() -> None:
    """Supportive care, chemotherapy, then chemotherapy with more, or immunotherapy."""
    for name in ("chemotherapy over supportive care", "immunotherapy over chemotherapy",
                 "bevacizumab over chemotherapy"):  # fmt: skip
        value, error = figures()[name]
        assert 1.0 - value > 5 * error, name


def test_immunotherapy_gains_more_where_chemotherapy_does_little() -> None:
    """In sarcomatoid disease (mesonet-os-nonepi), against epithelioid: over five errors."""
    gains = {}
    for histology in ("epithelioid", "sarcomatoid"):
        chemo, immuno = (
            log_hazard(histology, treatment)
            for treatment in ("pemetrexed + cisplatin", "nivolumab + ipilimumab")
        )
        gains[histology] = (chemo[0] - immuno[0], math.hypot(chemo[1], immuno[1]))
    assert gains["epithelioid"][0] > 5 * gains["epithelioid"][1]
    more = gains["sarcomatoid"][0] - gains["epithelioid"][0]
    assert more > 5 * math.hypot(gains["sarcomatoid"][1], gains["epithelioid"][1])


def log_hazard(histology: str, treatment: str) -> tuple[float, float]:
    """Return the log cumulative hazard of death within a year of diagnosis, and its error."""
    table = cohort(
        primary="pleural",
        n=3 * N,
        seed=7,
        workers=2,
        treatment=[treatment],
        fixed={"histology": histology},
    ).patients.to_pandas()
    survival = (table["end_months"] - table["diagnosis.diagnosed"]).dropna()
    alive, error = share(survival > 12)
    return math.log(-math.log(alive)), error / (alive * -math.log(alive))
