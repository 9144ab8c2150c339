"""Taking numbers and tables over from another file: what counts, what is refused, what widens."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mesospread.errors import DefinitionError
from mesospread.model.definition import Parameter
from mesospread.model.include import read_merged
from mesospread.model.load import digest, disease, read_definition, treatments
from mesospread.model.parameters import draw_values

OWN = """
format = 1
include = [{ file = "shared.toml", widen = 2 }]
name = "small"
title = "Small"
process = [
    { name = "extent", role = "extent", levels = ["T1", "T2"] },
    { name = "liver", role = "site", levels = ["free", "seen"] },
]
route = [
    { step = "extent.T2", via = "growth", rate = "growth" },
    { step = "liver.seen", via = "haematogenous", rate = "to_{process}" },
]
[parameters.growth]
value = 0.1
low = 0.05
high = 0.2
unit = "per_month"
kind = "assumed"
note = "its own"
"""
SHARED = """
[parameters.to_liver]
value = 0.04
low = 0.02
high = 0.1
unit = "per_month"
kind = "assumed"
note = "shared"
[parameters.to_bone]
value = 0.04
low = 0.02
high = 0.1
unit = "per_month"
kind = "assumed"
note = "shared, and not used here"
"""


def written(folder: Path, own: str = OWN, shared: str = SHARED) -> Path:
    (folder / "own.toml").write_text(own)
    (folder / "shared.toml").write_text(shared)
    return folder / "own.toml"


def test_used_numbers_are_taken_over_and_widened(tmp_path: Path) -> None:
    parameters = read_definition(written(tmp_path)).parameters
    assert set(parameters) == {"growth", "to_liver"}
    taken = parameters["to_liver"]
    assert taken.value == 0.04
    assert (taken.low, taken.high) == pytest.approx((0.01, 0.25))  # a half and 2.5 times, twice
    assert taken.note == "shared Borrowed: the range is made 2 times as wide here."
    assert (parameters["growth"].low, parameters["growth"].note) == (0.05, "its own")


def test_without_widening_numbers_stay_as_they_are(tmp_path: Path) -> None:
    path = written(tmp_path, OWN.replace(", widen = 2", ""))
    taken = read_definition(path).parameters["to_liver"]
    assert (taken.low, taken.high, taken.note) == (0.02, 0.1, "shared")


def test_what_the_file_itself_says_stands(tmp_path: Path) -> None:
    own = OWN + SHARED.split("[parameters.to_bone]")[0].replace("0.04", "0.05")
    taken = read_definition(written(tmp_path, own)).parameters["to_liver"]
    assert (taken.value, taken.low, taken.note) == (0.05, 0.02, "shared")


def test_a_number_that_stands_twice_is_refused(tmp_path: Path) -> None:
    own = OWN + SHARED.split("[parameters.to_bone]")[0]
    with pytest.raises(DefinitionError, match=r"own.toml › parameters.to_liver.*shared.toml"):
        read_definition(written(tmp_path, own))


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('"shared.toml"', '"sharde.toml"', "Did you mean 'shared.toml'"),
        ('"shared.toml"', '"../other.toml"', "include"),
        ("widen = 2", "widen = 0.5", "greater than or equal to 1"),
        ("widen = 2", "widen = true", "not true or false"),
        ("widen = 2", "widne = 2", "Did you mean 'widen'"),
        ('[{ file = "shared.toml", widen = 2 }]', '"shared.toml"', "own.toml › include"),
    ],
)
def test_a_wrong_include_is_refused(tmp_path: Path, old: str, new: str, words: str) -> None:
    with pytest.raises(DefinitionError) as refusal:
        read_definition(written(tmp_path, OWN.replace(old, new)))
    assert words in str(refusal.value)


def test_an_included_file_includes_no_other(tmp_path: Path) -> None:
    path = written(tmp_path, shared='include = [{ file = "more.toml" }]\n' + SHARED)
    with pytest.raises(DefinitionError, match=r"shared.toml › include.*own.toml"):
        read_definition(path)


def test_a_mistake_in_an_included_file_is_found(tmp_path: Path) -> None:
    with pytest.raises(DefinitionError, match=r"parameters.to_liver.*low <= value <= high"):
        read_definition(written(tmp_path, shared=SHARED.replace("0.1", "0.01", 1)))


def test_lists_are_merged_by_name(tmp_path: Path) -> None:
    own = """
    include = [{ file = "shared.toml" }]
    other = [1]
    [[symptom]]
    name = "pain"
    causes = { extent = 1 }
    [[symptom]]
    name = "cough"
    """
    shared = """
    other = [2, 3]
    [[symptom]]
    name = "fever"
    [[symptom]]
    name = "pain"
    label = "pain"
    causes = { liver = 1 }
    """
    data = read_merged(written(tmp_path, own, shared)).data
    assert [entry["name"] for entry in data["symptom"]] == ["fever", "pain", "cough"]
    assert data["symptom"][1] == {
        "name": "pain",
        "label": "pain",
        "causes": {"extent": 1, "liver": 1},
    }
    assert data["other"] == [1]


def test_what_is_taken_over_is_part_of_the_fingerprint_and_the_way_is_not(tmp_path: Path) -> None:
    by_include = read_definition(written(tmp_path, OWN.replace(", widen = 2", ""))).definition
    whole = (
        OWN.split("include")[0] + OWN.split("}]\n", 1)[1] + SHARED.split("[parameters.to_bone]")[0]
    )
    (tmp_path / "whole.toml").write_text(whole)
    assert digest(by_include) == digest(read_definition(tmp_path / "whole.toml").definition)
    widened = read_definition(written(tmp_path)).definition
    assert digest(by_include) != digest(widened)


def test_borrowed_treatments_lose_the_grade_of_their_trials() -> None:
    (own,) = (t for t in treatments("pleural").treatment if t.name == "pemetrexed + cisplatin")
    (taken,) = (t for t in treatments("testicular").treatment if t.name == own.name)
    assert {e.grade for e in own.effects} == {"randomised", "mechanism"}
    assert {e.grade for e in taken.effects} == {"borrowed", "mechanism"}
    assert [e.ratio for e in taken.effects] == [e.ratio for e in own.effects]


def test_shared_numbers_are_drawn_alike() -> None:
    """Under one draw the same place in the range: primaries differ by evidence, not by luck."""
    pleural, other = (
        draw_values({"x": disease(p, False).parameters["outgrowth_organ"]}, 1, 5)["x"]
        for p in ("pleural", "pericardial")
    )
    value = disease("pleural", False).parameters["outgrowth_organ"].value
    assert math.log(other / value) == pytest.approx(2 * math.log(pleural / value), rel=0.02)


@st.composite
def parameters(draw: Any) -> Parameter:
    unit = draw(st.sampled_from(["per_month", "ratio", "probability", "log_sd"]))
    top = 1.0 if unit == "probability" else 5.0
    edge = st.sampled_from([0.0, 1.0]) | st.floats(1e-6, top - 1e-6)
    low, value, high = sorted(draw(st.tuples(edge, edge, edge)))
    return Parameter(value=value, low=low, high=high, unit=unit, kind="assumed", note="x")


@given(p=parameters(), times=st.floats(1, 10))
def test_a_widened_range_holds_the_old_one_and_stays_possible(p: Parameter, times: float) -> None:
    wide = p.widened(times)
    assert wide.value == p.value
    assert wide.low <= p.low * (1 + 1e-9)
    assert wide.high >= p.high * (1 - 1e-9)
    assert wide.low >= 0
    assert math.isfinite(wide.high)
    if p.unit == "probability":
        assert wide.high <= 1
    if p.unit == "ratio" and p.high <= 1:
        assert wide.high <= 1
    if p.unit == "ratio" and p.low >= 1:
        assert wide.low >= 1
