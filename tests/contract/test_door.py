"""What ``import mesospread`` offers, and what it does not load."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mesospread

ROOT = Path(__file__).parents[2]
HEAVY = ["fastapi", "fhir", "jax", "numba", "pandas", "polars", "pyarrow", "rich", "scipy", "typer"]


def loaded_after(statement: str) -> set[str]:
    """Return the top-level modules that a fresh interpreter holds after a statement."""
    script = f"import sys\n{statement}\nprint(*{{name.split('.')[0] for name in sys.modules}})"
    result = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return set(result.stdout.split())


def test_importing_the_package_loads_nothing_heavy() -> None:
    loaded = loaded_after("import mesospread")
    assert "mesospread" in loaded
    assert not loaded & set(HEAVY)


def test_the_heavy_check_can_fail() -> None:
    assert {"numba", "rich"} <= loaded_after("import mesospread, numba, rich")


def test_all_names_what_the_door_offers() -> None:
    assert set(mesospread.__all__) == {"__version__", *mesospread._PUBLIC}
    assert set(mesospread.__all__) <= set(dir(mesospread))
    for name in mesospread.__all__:
        assert getattr(mesospread, name) is not None


def test_type_checkers_are_told_the_same_places() -> None:
    tree = ast.parse(Path(mesospread.__file__).read_text())
    block = next(node for node in tree.body if isinstance(node, ast.If))
    told = {
        name.name: f"{line.module}:{name.name}"
        for line in block.body
        if isinstance(line, ast.ImportFrom)
        for name in line.names
    }
    assert told == mesospread._PUBLIC


def test_no_public_name_hides_behind_a_part() -> None:
    """Importing a subpackage sets its name on the package, over a function of that name."""
    folder = Path(mesospread.__file__).parent
    parts = {path.stem for path in folder.iterdir() if not path.name.startswith("_")}
    assert not parts & set(mesospread.__all__)


def test_an_unknown_name_is_refused() -> None:
    with pytest.raises(AttributeError, match="no attribute 'forecats'"):
        mesospread.forecats  # noqa: B018


def test_the_version_is_the_same_everywhere() -> None:
    stated = mesospread.__version__
    assert re.fullmatch(r"\d+\.\d+\.\d+", stated)
    assert f"\nversion: {stated}\n" in (ROOT / "CITATION.cff").read_text()
    assert f"\n## [{stated}]" in (ROOT / "CHANGELOG.md").read_text()
