"""What is written from the program is what the program says today."""

from pathlib import Path

import pytest
from tools import make_pictures, make_reference

REFERENCE = make_reference.pages()


@pytest.mark.parametrize("name", REFERENCE)
def test_the_reference_is_up_to_date(name: str) -> None:
    stored = (make_reference.FOLDER / name).read_text(encoding="utf-8")
    assert stored == REFERENCE[name], f"out of date; run: {make_reference.COMMAND}"


def test_nothing_else_stands_in_the_reference() -> None:
    stored = {path.name for path in make_reference.FOLDER.iterdir()}
    assert stored == set(REFERENCE), f"remove by hand what {make_reference.COMMAND} does not write"


@pytest.fixture(scope="module")
def pictures() -> dict[str, str]:
    return make_pictures.pictures()


def test_the_pictures_are_up_to_date(pictures: dict[str, str]) -> None:
    stored = {
        path.name: path.read_text(encoding="utf-8") for path in make_pictures.FOLDER.glob("*.svg")
    }
    assert stored == pictures, f"out of date; run: {make_pictures.COMMAND}"


def test_the_pictures_fetch_nothing_and_show_no_survival(pictures: dict[str, str]) -> None:
    for picture in pictures.values():
        assert "@import" not in picture
        assert "url(http" not in picture
        assert "Survival" not in picture
        assert "median" not in picture


def test_the_tools_write_where_they_are_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["make_reference.py", "--out", str(tmp_path / "new")])
    make_reference.main()
    assert {path.name for path in (tmp_path / "new").iterdir()} == set(REFERENCE)
