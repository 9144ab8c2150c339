from __future__ import annotations

import importlib.util
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from mesospread.app import figures
from mesospread.app.simulate import cohort_spec, simulate_to_folder
from mesospread.errors import InputError, OutputError


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("cohort") / "c"
    simulate_to_folder(cohort_spec(primary="pleural", n=1000, seed=7), path)
    return path


def test_numbers_are_those_of_the_files(folder: Path) -> None:
    cohort = figures.read_cohort(folder)
    t = pq.read_table(folder / "cohort-00000.parquet").to_pandas()
    t = t[t["diagnosis.diagnosed"] <= 540]
    lived = t["end_months"] - t["diagnosis.diagnosed"]
    row = figures.survival(cohort, np.full(cohort.death.size, "all"))[12]
    assert row["estimate"] == pytest.approx((lived > 12).mean(), abs=1e-12)
    site = figures.top_sites(cohort)[0]
    when = t[f"{site}.detectable"] - t["diagnosis.diagnosed"]
    spread = figures.incidence(cohort, site)[12]
    assert spread["estimate"] == pytest.approx((when <= 12).mean(), abs=1e-12)
    without = (~(when <= 12) & (lived <= 12)).mean()
    assert 0 < spread["estimate"] + without <= 1


def test_the_same_cohort_does_not_differ_from_itself(folder: Path) -> None:
    cohort = figures.read_cohort(folder)
    assert figures.is_paired(cohort, cohort)
    assert all(r["low"] == r["high"] == 0 for r in figures.differences(cohort, cohort))


def test_what_is_no_cohort_or_too_small_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not a cohort"):
        figures.read_cohort(tmp_path)
    simulate_to_folder(cohort_spec(primary="pleural", n=100, seed=7), tmp_path / "c")
    with pytest.raises(InputError, match="too few"):
        figures.read_cohort(tmp_path / "c")


@pytest.mark.skipif(importlib.util.find_spec("altair") is None, reason="extra 'figures' is absent")
def test_files_are_written_into_a_new_folder_only(folder: Path, tmp_path: Path) -> None:
    written = figures.write_figures(folder, folder, tmp_path / "out")
    assert len(written) == 5
    assert all(b"<svg" in path.read_bytes()[:200] for path in written)
    with pytest.raises(OutputError, match="new or empty"):
        figures.write_figures(folder, None, tmp_path / "out")
