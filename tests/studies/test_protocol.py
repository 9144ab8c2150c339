"""Study files: what may stand in them, and what is said about mistakes."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mesospread.errors import InputError
from mesospread.studies.library import read_folder, read_study, shipped_studies
from mesospread.studies.observed import observed

GOOD = """
format = 1
study = "somewhere-2030"
title = "Patients somewhere"
citation = "Somebody A. Journal 2030;1:1"
primary = "pleural"
read_in = "full_text"

[cohort]
histology = { epithelioid = 0.7, biphasic = 0.1, sarcomatoid = 0.2 }
arms = [{ name = "chemo", courses = [{ name = "pemetrexed + cisplatin", start_months = 1.5 }] }]

[entry]
months = 2
staged = { t = ["T1", "T2"], m = "M0" }
free_of = { sites = ["brain"], by = ["MRI"] }

[[result]]
id = "liver"
subject = "liver on CT"
kind = "distant spread"
statistic = "proportion"
use = "calibrate"
n = 120
events = 9
seen = { sites = ["liver"], by = ["CT"], at = "course" }

[[result]]
id = "os"
subject = "median survival"
kind = "survival"
statistic = "median_months"
use = "validate"
value = 12.5
low = 11
high = 14.2
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "study.toml"
    path.write_text(text)
    return path


def test_a_good_study_is_read(tmp_path):
    study = read_study(written(tmp_path, GOOD))
    assert study.study == "somewhere-2030"
    seen = observed(study, study.result[0])
    assert (seen.value, seen.n, seen.events) == (9 / 120, 120, 9)
    assert seen.low < seen.value < seen.high
    assert seen.interval_is == "computed"
    assert observed(study, study.result[1]).interval_is == "published"


MISTAKES = {
    "unknown site": ('["liver"], by', '["livr"], by', "livr", "liver"),
    "unknown examination": ('by = ["CT"]', 'by = ["CTT"]', "CTT", "CT"),
    "unknown treatment": ('"pemetrexed + cisplatin"', '"pemetrexd + cisplatin"', "pemetrexd", "?"),
    "unknown category": ('t = ["T1", "T2"]', 't = ["T9"]', "T9", "T1"),
    "unknown key": ("read_in", "raed_in", "raed_in", "read_in"),
    "unknown cell type": ("epithelioid = 0.7", "epitheliod = 0.7", "epitheliod", "epithelioid"),
    "shares": ("epithelioid = 0.7", "epithelioid = 0.4", "0.7", "add up"),
    "more events than patients": ("events = 9", "events = 130", "130 of 120", "patients"),
    "interval": ("low = 11", "low = 13", "13, 12.5", "interval"),
    "nothing to compare": ("value = 12.5\nlow = 11\nhigh = 14.2", "", "evidence", "value"),
    "no error": ("low = 11\nhigh = 14.2", "", "12.5", "how sure"),
    "unknown published value": ("value = 12.5", 'evidence = "nobody-1999-os"', "nobody-1999", ""),
    "two things at once": ("seen = {", 'histology = ["epithelioid"]\nseen = {', "one of", ""),
    "impossible share": ("n = 120\nevents = 9", "n = 120\nvalue = 1.7", "1.7", "0 to 1"),
    "negative time": ("months = 2", "months = -2", "-2", "greater"),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named(tmp_path, name):
    before, after, given, allowed = MISTAKES[name]
    assert GOOD.count(before) >= 1
    with pytest.raises(InputError) as problem:
        read_study(written(tmp_path, GOOD.replace(before, after, 1)))
    assert given in str(problem.value)
    assert allowed in str(problem.value)


def test_a_folder_needs_studies(tmp_path):
    with pytest.raises(InputError, match="no study in this folder"):
        read_folder(tmp_path)
    with pytest.raises(InputError, match="not a folder"):
        read_folder(tmp_path / "nowhere")


def test_two_files_cannot_be_one_study(tmp_path):
    (tmp_path / "a.toml").write_text(GOOD)
    (tmp_path / "b.toml").write_text(GOOD)
    with pytest.raises(InputError, match="the same study"):
        read_folder(tmp_path)


def test_shipped_studies_are_many_and_some_are_not_fitted():
    studies = shipped_studies()
    uses = [r.use for s in studies for r in s.result]
    assert len(studies) >= 45
    assert uses.count("validate") >= 50
    # a study is fitted or held out as a whole, but for what another study of it repeats
    mixed = {s.study for s in studies if len({r.use for r in s.result}) > 1}
    assert len(mixed) <= 12


def test_the_schema_of_a_study_can_be_published():
    from mesospread.studies.protocol import Study

    schema = Study.model_json_schema()
    assert set(tomllib.loads(GOOD)) <= set(schema["properties"])
    assert schema["additionalProperties"] is False
