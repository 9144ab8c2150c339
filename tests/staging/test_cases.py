"""Readable cases: every file of tests/cases/staging, with the rule it cites."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from mesospread.app.stage import stage
from mesospread.errors import InputError
from mesospread.staging import clinical_t, compatible_tnm, stage_group, t_from_pci

CASES = sorted((Path(__file__).parents[1] / "cases" / "staging").glob("*.toml"))


def answer(case):
    """Return what the code says, in the words of [expect]."""
    if "read" in case:
        found = stage(**case["read"])
        there = {one["edition"]: one for one in found["elsewhere"]}
        return (
            {key: found[key] for key in ("stage", "possible", "rule", "forecast")}
            | {f"in_{e}": f"{', '.join(r['stages'])}: {r['categories']}" for e, r in there.items()}
            | {f"same_in_{e}": r["same_letters"] for e, r in there.items()}
        )
    if "group" in case:
        return {"tnm": [" ".join(tnm) for tnm in sorted(compatible_tnm(**case["group"]))]}
    if "pci" in case:
        return {"t": t_from_pci(**case["pci"])}
    if "measurements" in case:
        found = clinical_t(**case["measurements"])
        return {"t": found.t, "possible": list(found.possible), "rule": found.rule}
    found = stage_group(**case["tnm"])
    return {"stage": found.stage, "possible": list(found.possible), "rule": found.rule}


def test_there_are_cases():
    assert len(CASES) >= 33


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_case(path):
    case = tomllib.loads(path.read_text("utf-8"))
    assert case["cites"]
    expected = case["expect"]
    assert expected
    if "error" in expected:
        with pytest.raises(InputError) as caught:
            answer(case)
        for words in expected["error"]:
            assert words in str(caught.value)
        return
    found = answer(case)
    for sentence in {"rule", "forecast"} & set(expected):
        assert expected.pop(sentence) in found[sentence]
    assert {key: found[key] for key in expected} == expected
    if "possible" in expected:
        assert found.get("stage") is None
        assert found.get("t") is None
