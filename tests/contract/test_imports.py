"""The import rules hold, and each of them can fail."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINT_IMPORTS = "from importlinter.cli import lint_imports_command; lint_imports_command()"
LAYERS = "Imports run one way"


def lint_imports(tree: Path) -> subprocess.CompletedProcess[str]:
    """Check the rules on the package under ``tree/src``, not on the installed one."""
    return subprocess.run(
        [sys.executable, "-c", LINT_IMPORTS, "--no-cache", "--config", ".importlinter"],
        cwd=tree,
        env={**os.environ, "PYTHONPATH": str(tree / "src"), "COLUMNS": "200"},
        capture_output=True,
        text=True,
        check=False,
    )


def verdicts(output: str) -> dict[str, bool]:
    """Return whether each contract was kept, by name."""
    kept = {}
    for line in output.splitlines():
        for word in (" KEPT", " BROKEN"):
            if word in line:
                kept[line.split(word)[0]] = word == " KEPT"
    return kept


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a copy of the package and its contracts that a test may spoil."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    shutil.copytree(
        ROOT / "src",
        tmp_path / "src",
        ignore=shutil.ignore_patterns("__pycache__"),
    )
    return tmp_path


def test_the_package_keeps_all_contracts(tree: Path) -> None:
    result = lint_imports(tree)
    assert result.returncode == 0, result.stdout + result.stderr
    assert set(verdicts(result.stdout).values()) == {True}


@pytest.mark.parametrize(
    ("part", "planted", "contract"),
    [
        ("model", "from mesospread import simulate", LAYERS),
        ("patient", "from mesospread import evidence", LAYERS),
        ("exact", "from mesospread import simulate", LAYERS),
        ("kernels", "from mesospread import errors", "Kernels import nothing of ours"),
        ("cli", "from mesospread import model", "The command line calls only the app"),
        ("app", "import mesospread", "Nobody inside imports the public door"),
        ("simulate", "import numba", "Numba only in kernels"),
        ("exact", "import jax", "JAX and NumPyro only in calibrate"),
        ("app", "import typer", "Typer only in cli"),
        ("model", "def show():\n    import rich.table", "Rich only in cli and report"),
        ("report", "from fastapi import FastAPI", "Web libraries only in web"),
        ("app", "from jinja2 import Template", "Jinja and Typst only in report and web"),
        ("app", "from fhir.resources.R4B.bundle import Bundle", "FHIR libraries only in interop"),
    ],
)
def test_a_forbidden_import_is_seen(tree: Path, part: str, planted: str, contract: str) -> None:
    folder = tree / "src" / "mesospread" / part
    assert (folder / "__init__.py").exists()
    (folder / "planted.py").write_text(f'"""Planted."""\n\n{planted}\n')
    result = lint_imports(tree)
    assert result.returncode == 1, result.stdout + result.stderr
    assert [name for name, kept in verdicts(result.stdout).items() if not kept] == [contract]
    assert f"mesospread.{part}.planted" in result.stdout


def test_a_part_that_nobody_placed_is_refused(tree: Path) -> None:
    (tree / "src" / "mesospread" / "stray.py").write_text('"""Belongs to no layer."""\n')
    result = lint_imports(tree)
    assert result.returncode == 1
    assert "stray" in result.stdout
