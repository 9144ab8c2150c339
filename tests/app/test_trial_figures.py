"""The figures of a planned trial: what they draw is what the result says."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from mesospread.app import figures
from mesospread.app.trial import trial
from mesospread.app.trial_figures import read_trial, trial_charts
from mesospread.errors import InputError
from mesospread.trials.result import TrialResult

DESIGN = Path(__file__).parents[2] / "examples" / "trials" / "bevacizumab_first_line.toml"
with_extra = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("altair", "vl_convert")),
    reason="NOT DRAWN: the extra is missing; pip install 'mesospread[figures]'",
)


@pytest.fixture(scope="module")
def result() -> TrialResult:
    return trial(DESIGN, trials=100, draws=40, lives=1_000)


def rows_of(chart: Any) -> list[dict[str, Any]]:
    """Return every row of data in a chart."""
    return [row for rows in chart.to_dict()["datasets"].values() for row in rows]


def test_a_result_is_read_as_it_was_written(result: TrialResult, tmp_path: Path) -> None:
    path = tmp_path / "trial.json"
    path.write_text(result.model_dump_json(), encoding="utf-8")
    assert read_trial(path) == result


@pytest.mark.parametrize("text", ["", "{", "[]", '{"trial": "x"}', "[" * 100_000])
def test_another_file_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "other.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(InputError, match="not the result of a trial") as problem:
        read_trial(path)
    assert "mesospread trial DESIGN --json" in problem.value.remedy


def test_a_file_that_is_no_text_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match="cannot be read"):
        read_trial(path)


@with_extra
def test_every_figure_shows_the_numbers_of_the_result(result: TrialResult) -> None:
    charts = trial_charts(result)
    assert list(charts) == ["trial-power", "trial-hazard-ratios", "trial-scans"]
    drawn = {
        (row["size"], row["estimate"], row["low"], row["high"])
        for row in rows_of(charts["trial-power"])
        if "estimate" in row
    }
    assert drawn == {(one.patients, *one.favours_new.model_dump().values()) for one in result.sizes}
    ratios = {
        (row["panel"], row["label"]): (row["estimate"], row["low"], row["high"])
        for row in rows_of(charts["trial-hazard-ratios"])
        if "panel" in row
    }
    both = [one for one in result.outcomes if one.hazard_ratio and one.model_hazard_ratio]
    assert len(ratios) == 2 * len(both) > 2
    for one in both:
        label = one.endpoint + ("" if one.as_seen else ", true")
        assert one.hazard_ratio
        assert one.model_hazard_ratio
        assert ratios["In trials", label] == tuple(one.hazard_ratio.model_dump().values())
        assert ratios["In the model", label] == tuple(one.model_hazard_ratio.model_dump().values())
    scans = {row["site"] for row in rows_of(charts["trial-scans"]) if "site" in row}
    assert scans == {arm.arm for arm in result.scans}


@with_extra
def test_a_figure_says_what_was_assumed_and_of_which_trial(result: TrialResult) -> None:
    for chart in trial_charts(result).values():
        (notes,) = [row["text"] for row in rows_of(chart) if "\n" in row.get("text", "")]
        assert "not real ones" in notes
        assert result.input_hash in notes
        flowing = notes.replace("\n", " ")
        assert all(sentence in flowing for sentence in result.assumptions)


@with_extra
def test_figures_without_ratios_or_scans_are_left_out(result: TrialResult) -> None:
    none = {"hazard_ratio": None, "model_hazard_ratio": None}
    outcomes = tuple(one.model_copy(update=none) for one in result.outcomes)
    bare = result.model_copy(update={"outcomes": outcomes, "scans": ()})
    assert list(trial_charts(bare)) == ["trial-power"]


@with_extra
def test_files_are_written(result: TrialResult, tmp_path: Path) -> None:
    path = tmp_path / "trial.json"
    path.write_text(json.dumps(result.model_dump(mode="json")), encoding="utf-8")
    written = figures.write_figures(path, None, tmp_path / "out")
    assert [one.name for one in written] == [
        "trial-power.svg",
        "trial-hazard-ratios.svg",
        "trial-scans.svg",
    ]
    assert all(b"<svg" in one.read_bytes()[:200] for one in written)
    with pytest.raises(InputError, match="both its arms"):
        figures.write_figures(path, tmp_path, tmp_path / "more")
