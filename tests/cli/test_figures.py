"""``mesospread figures`` from two commands that simulate to pictures that say what they are."""

from __future__ import annotations

import importlib.util
import re
from html import unescape
from pathlib import Path

import pytest
from typer.testing import CliRunner

from mesospread.cli.main import app

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("altair", "vl_convert")),
    reason="extra 'figures' is absent",
)
ARMS = {
    "care": ["--treatment", "supportive care", "--seed", "7"],
    "drugs": ["--treatment", "nivolumab + ipilimumab", "--seed", "7"],
    "others": ["--treatment", "nivolumab + ipilimumab", "--seed", "8"],
}


def run(*words: str | Path) -> str:
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.fixture(scope="module")
def cohorts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("cohorts")
    for name, words in ARMS.items():
        run("simulate", "--primary", "pleural", "--n", "600", *words, "--out", folder / name)
    return folder


def said(picture: Path) -> str:
    """Return all words of a picture."""
    words = re.sub(r"<[^>]*>", " ", picture.read_text(encoding="utf-8"))
    return " ".join(unescape(words).split())


@pytest.mark.parametrize(
    ("second", "how"),
    [("drugs", "Paired arms: the same"), ("others", "Independent arms: different people")],
)
def test_two_arms(cohorts: Path, tmp_path: Path, second: str, how: str) -> None:
    told = run("figures", cohorts / "care", cohorts / second, "--out", tmp_path / "f", "--png")
    names = {"survival", "incidence", "at-diagnosis"}
    names |= {"arms-survival", "arms-first-distant", "arms-spread"}
    files = {f"{name}.{kind}" for name in names for kind in ("svg", "png")}
    assert {path.name for path in (tmp_path / "f").iterdir()} == files
    assert {line.split()[0] for line in told.splitlines()} == files
    assert (tmp_path / "f" / "arms-survival.png").read_bytes().startswith(b"\x89PNG")
    survival = said(tmp_path / "f" / "arms-survival.svg")
    ratio = r"Hazard ratio of death, nivolumab \+ ipilimumab against supportive care: "
    assert re.search(ratio + r"0\.\d\d \(0\.\d\d to [01]\.\d\d\)", survival)
    assert "Number at risk" in survival
    for name in ("arms-survival", "arms-first-distant", "arms-spread"):
        text = said(tmp_path / "f" / f"{name}.svg")
        assert how in text, name
        assert "Simulated people, not observed ones" in text
        assert ("would be wider" in text) == (second == "drugs")
    assert "Difference (95 % CI)" in said(tmp_path / "f" / "arms-spread.svg")
    assert "death before it" in said(tmp_path / "f" / "arms-first-distant.svg")


def test_a_folder_that_is_no_cohort(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    words = ["figures", str(tmp_path / "empty"), "--out", str(tmp_path / "f")]
    result = CliRunner().invoke(app, words)
    assert result.exit_code != 0
    assert "not a cohort" in str(result.exception)
    assert not (tmp_path / "f").exists()
