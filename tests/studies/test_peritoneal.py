"""The peritoneal studies: which of them are fitted, and what an arm chosen by response is."""

from __future__ import annotations

import tomllib

import pytest

from mesospread.model.load import disease, observation, treatments
from mesospread.model.parameters import central_values
from mesospread.studies.library import shipped_studies
from mesospread.studies.predict import Protocols
from mesospread.studies.protocol import Study

#: sources of patients with the number in their largest study, by kind of source. The rule: in
#: order of size, equal sizes by name, every other source is fitted, the largest first.
SOURCES = {
    "registers": {
        "peri-ncdb": 2062,
        "peri-seer": 1689,
        "peri-ncr": 566,
        "peri-nma": 260,
        "peri-finland": 71,
        "peri-renam": 34,
    },
    "operated": {
        "peri-psogi": 1165,
        "peri-china": 212,
        "peri-us-centres": 211,
        "peri-milan": 108,
        "peri-washington": 100,
        "peri-sydney": 81,
        "peri-villejuif": 26,
        "peri-baltimore": 23,
    },
    "others": {
        "peri-italy": 81,
        "peri-japan": 29,
        "peri-chemo": 24,
        "peri-atezolizumab": 20,
        "peri-palliative": 19,
        "peri-cisplatin": 14,
        "peri-ct": 8,
    },
}


def uses_of(source: str) -> set[str]:
    studies = [s for s in shipped_studies("peritoneal") if s.study.startswith(source)]
    assert studies
    return {r.use for s in studies for r in s.result} - {"inform"}


@pytest.mark.parametrize("kind", SOURCES)
def test_whole_sources_are_fitted_or_kept_back_by_size(kind):
    ordered = sorted(SOURCES[kind], key=lambda source: (-SOURCES[kind][source], source))
    for place, source in enumerate(ordered):
        assert uses_of(source) == {"validate" if place % 2 else "calibrate"}, source


def test_every_study_has_a_source_and_says_what_it_leaves_open():
    names = tuple(name for kind in SOURCES.values() for name in kind)
    for study in shipped_studies("peritoneal"):
        assert study.study.startswith(names)
        assert study.note.startswith("Source of patients: ")
        assert study.unstated.why


def test_an_arm_chosen_by_response_lives_longer():
    text = """
format = 1
study = "made-up"
title = "All, and those in whom it worked"
citation = "Made up"
primary = "peritoneal"
read_in = "full_text"

[cohort]
arms = [
  { name = "all", share = 0.5, courses = [{ name = "CRS-HIPEC", start_months = 2 }] },
  { name = "worked", share = 0.5, courses = [
    { name = "CRS-HIPEC", start_months = 2, response = "responding" },
  ] },
]

[entry]
months = 1.9
"""
    result = """
[[result]]
id = "{arm}"
subject = "alive at 5 years"
kind = "survival"
statistic = "alive_at"
use = "validate"
n = 100
value = 0.5
months = 60
among = {{ arm = "{arm}" }}
"""
    both = "".join(result.format(arm=arm) for arm in ("all", "worked"))
    study = Study.model_validate(tomllib.loads(text + both))
    parts = (disease("peritoneal"), treatments("peritoneal"), observation("peritoneal"))
    protocols = Protocols([study], *parts, n=3_000)
    found = protocols.predict(central_values(protocols.parameters), seed=1)
    chosen, everybody = found["made-up/worked"], found["made-up/all"]
    assert chosen.value > everybody.value + 5 * (chosen.error + everybody.error)
