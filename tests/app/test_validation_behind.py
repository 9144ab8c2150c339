"""Which kept-back figures are sources of a number of the model, and so less of a test."""

from __future__ import annotations

from mesospread.app.validate import _behind, _coverage
from mesospread.app.validation_result import ValidatedResult
from mesospread.model.load import disease, observation, treatments


def figure(use: str, *, inside: bool, behind: list[str]) -> ValidatedResult:
    return ValidatedResult(
        study="s", result="r", title="", subject="", kind="nodes", statistic="proportion", use=use,
        n=100.0, reported=0.2, reported_low=0.1, reported_high=0.3, interval_is="computed",
        predicted=0.2, predicted_low=0.1, predicted_high=0.3, model_low=0.1, model_high=0.3,
        inside=inside, rank=0.5, assumed="", stands_behind=behind, citation="", doi="",
        read_in="abstract",
    )  # fmt: skip


def test_every_source_of_a_number_is_found() -> None:
    for part in (disease("pleural"), treatments("pleural"), observation("pleural")):
        behind = _behind(part.parameters)
        named = {(s, name) for name, p in part.parameters.items() for s in p.sources}
        assert {(s, name) for s, names in behind.items() for name in names} == named
        assert named


def test_independent_are_those_kept_back_that_stand_behind_no_number() -> None:
    rows = _coverage(
        [
            figure("calibrate", inside=True, behind=[]),
            figure("validate", inside=True, behind=["mortality"]),
            figure("validate", inside=False, behind=[]),
            figure("validate", inside=True, behind=[]),
        ]
    )
    counted = {(r.use, r.kind): (r.inside, r.figures) for r in rows}
    assert counted == {
        ("calibrate", "all"): (1, 1), ("calibrate", "nodes"): (1, 1),
        ("validate", "all"): (2, 3), ("validate", "nodes"): (2, 3),
        ("independent", "all"): (1, 2), ("independent", "nodes"): (1, 2),
    }  # fmt: skip
