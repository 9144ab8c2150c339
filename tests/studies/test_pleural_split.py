"""Which pleural studies are fitted, and which are kept back (decision 18)."""

from __future__ import annotations

import pytest

from mesospread.studies.library import shipped_studies

#: sources of patients of which nothing was fitted before decision 18, with the people in their
#: largest study. The rule: in order of size within a kind, every other source is fitted, the
#: largest first; a source is one register, group of hospitals or trial.
SOURCES = {
    "population": {
        ("montanaro-2009", "renam-1997"): 4100,
        ("seer-2020",): 2138,
        ("linton-2014",): 910,
        ("hasegawa-2024",): 346,
        ("ruffie-1989",): 332,
        ("kidd-2018", "roberts-1976"): 269,
        ("ers-169",): 169,
        ("yamagishi-2016",): 150,
        ("mayo-1986",): 92,
    },
    "specialist": {
        ("elkiran-2012",): 282,
        ("surgical-1985",): 245,
        ("bueno-2016",): 203,
        ("bylicki-2024",): 201,
        ("ripley-2020",): 187,
        ("collins-2020",): 164,
        ("mesonet",): 135,
        ("pneumologie-1989",): 84,
        ("tcga",): 79,
        ("yenigun-2021",): 65,
        ("flores-2003",): 63,
        ("turkey-2025",): 60,
        ("sezer-2014",): 54,
        ("abdelrahman-2008",): 53,
    },
    "trial": {("clive-2016",): 101, ("s0905",): 92},
}
#: due by the rule, but their curves by cell type are what the model is checked against
CURVES = ("bueno-2016", "tcga")
#: kept back, of a source of which another study had been fitted before
SHARED = (
    "bayman-2019-pit", "brims-2016", "edwards-2000", "iaslc-8", "nakas-2012", "ncdb-2018-all",
    "nlca-2014", "nma-2020", "rice-2007", "stalker-2025-os", "w-australia-1980",
)  # fmt: skip

USES = {s.study: {r.use for r in s.result} - {"inform"} for s in shipped_studies("pleural")}


@pytest.mark.parametrize("kind", SOURCES)
def test_every_other_source_is_fitted_by_size(kind):
    settings = {s.study: s.setting for s in shipped_studies("pleural")}
    ordered = sorted(SOURCES[kind], key=lambda source: -SOURCES[kind][source])
    for place, source in enumerate(ordered):
        for study in source:
            back = place % 2 == 1 or study in CURVES
            assert settings[study] == kind
            assert USES[study] == {"validate" if back else "calibrate"}, study


def test_studies_that_share_people_with_a_fitted_one_stay_kept_back():
    for study in SHARED:
        assert USES[study] == {"validate"}, study


def test_what_is_named_here_is_all_that_was_there_before():
    """Others hold fitted figures since the first fit, or were found after decision 18."""
    named = {study for kind in SOURCES.values() for source in kind for study in source}
    untouched = {study for study, uses in USES.items() if uses == {"validate"}}
    assert not (named & set(SHARED))
    fitted_since = {study for study in named if USES[study] == {"calibrate"}}
    assert len(fitted_since) == 12
    assert untouched >= {*SHARED, *(named - fitted_since)}
