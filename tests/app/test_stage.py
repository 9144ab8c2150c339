"""The stage from categories, features, or as stated; clinical and pathological."""

from __future__ import annotations

import pytest

from mesospread.app.stage import stage
from mesospread.app.text import stage_text
from mesospread.errors import InputError
from mesospread.staging import edition_table, t_from_features

#: the 8th edition, feature by feature, written out once more
GROWN_INTO = {
    "T2": {"diaphragm_muscle", "lung"},
    "T3": {"endothoracic_fascia", "mediastinal_fat", "solitary_chest_wall", "pericardium"},
    "T4": {
        "diffuse_chest_wall", "rib", "through_diaphragm", "contralateral_pleura",
        "mediastinal_organ", "spine", "through_pericardium",
    },
}  # fmt: skip


def test_every_feature_of_the_eighth_edition():
    table = edition_table("pleural", "8").extra["features"]
    assert {t: set(features) for t, features in table.items()} == GROWN_INTO
    for t, features in GROWN_INTO.items():
        for feature in features:
            assert t_from_features([feature]).t == t
            assert t_from_features([feature, "rib"]).t == "T4"
    assert t_from_features([]).t == "T1"
    assert t_from_features(["lung", "pericardium"]).t == "T3"


def test_features_give_the_clinical_t_of_the_eighth_and_the_pathological_t_of_both():
    known = {"n": "N0", "m": "M0", "features": ["lung", "mediastinal_fat"]}
    for edition, basis, group in (("8", None, "IB"), ("8", "pathological", "IB")):
        assert stage(edition=edition, basis=basis, **known)["stage"] == group
    by_ninth = stage(basis="pathological", **known)
    assert (by_ninth["t"], by_ninth["stage"], by_ninth["basis"]) == ("T3", "IIIA", "pathological")
    assert "kept these descriptors" in by_ninth["rule"]
    clinical = stage(features=["mediastinal_fat"], psum_mm=3, fmax_mm=1, n="N0", m="M0")
    assert (clinical["t"], clinical["basis"]) == ("T2", "clinical")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"psum_mm": 3, "edition": "8"}, "clinical T of the 9th"),
        ({"psum_mm": 3, "basis": "pathological"}, "clinical T of the 9th"),
        ({"fmax_mm": 3, "primary": "peritoneal"}, "clinical T of the 9th"),
        ({"features": ["fat"], "edition": "8"}, "mediastinal_fat"),
        ({"basis": "surgical"}, "clinical, pathological"),
        ({"t": "T1", "features": ["rib"]}, "two ways"),
    ],
    ids=str,
)
def test_what_cannot_give_t_says_so(options, said):
    with pytest.raises(InputError, match=said):
        stage(**options)


@pytest.mark.parametrize(
    ("options", "stages"),
    [
        ({"t": "pT2", "n": "pN0", "m": "pM0"}, ["IB"]),
        ({"t": "T2", "n": "N0", "m": "M0", "basis": "pathological"}, ["IB"]),
        ({"t": "cT2", "n": "cN0", "m": "cM0"}, ["IA", "IB"]),
        ({"t": "pT2", "n": "cN0", "m": "cM0"}, ["IA", "IB"]),
    ],
    ids=str,
)
def test_a_pathological_t_keeps_its_name_in_the_other_edition(options, stages):
    (there,) = stage(**options)["elsewhere"]
    assert there["stages"] == stages
    assert there["same_letters"] == "IB"


def test_the_printed_answer_names_rule_meaning_other_editions_and_source():
    lines = stage_text(stage(edition="brigham", group="I"))
    assert lines[0] == "Stage I (Brigham)"
    assert lines[1] == "Brigham: stage I takes in T1, T2 or T3, N0, M0"
    for start in ("I means: ", "In TNM 9: ", "In TNM 8: IA or IB", "A forecast reads", "Source: "):
        assert any(line.startswith(start) for line in lines), start
    assert stage_text(stage(t="T4", m="M0"))[:3] == [
        "Stage IIIB (edition 9)",
        "TNM 9: T4 N unknown, M0 -> IIIB (stage-group table)",
        "In TNM 8: IIIB",
    ]


def test_a_group_narrows_what_categories_leave_open():
    open_still = stage(t="T2", m="M0")
    narrowed = stage(t="T2", m="M0", group="II")
    assert open_still["possible"] == ["II", "IIIA"]
    assert (narrowed["stage"], narrowed["possible"]) == ("II", ["II"])
