"""Run the examples of the README and the guides, and compare or rewrite what they print.

    python tools/run_docs.py [PAGES]             compare
    python tools/run_docs.py --update [PAGES]    write the real output into the pages

The word after the language of a fenced block says what to do with it:

    ```sh run           run it in bash; it must succeed ("run fails": it must not)
    ```python run       run it
    ```text output      what the block before prints, to the letter
    ```toml file=NAME   write it to a file for the blocks that follow

The blocks of a page run in order in one temporary folder that holds a copy of examples/.
"""

from __future__ import annotations

import argparse
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
COMMAND = "python tools/run_docs.py --update"
COLUMNS = "80"
_FENCE = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<text>.*?)^```$", re.MULTILINE | re.DOTALL)
_PROGRAM = """\
import sys
sys.path.insert(0, {source!r})
sys.argv[0] = "mesospread"
from mesospread.cli.main import run
# processes that this one starts read this file again
if __name__ == "__main__":
    run()
"""


@dataclass(frozen=True)
class Block:
    """A fenced block of a page.

    Attributes
    ----------
    language, words
        First word and the others after the opening fence.
    text
        What is in it.
    start, end
        Where the text stands in the page.
    line
        Line of the opening fence, counted from 1.
    """

    language: str
    words: tuple[str, ...]
    text: str
    start: int
    end: int
    line: int

    @property
    def runs(self) -> bool:
        """Whether the block is run."""
        return "run" in self.words

    @property
    def file(self) -> str | None:
        """Name of the file that the block is written to."""
        names = [w.removeprefix("file=") for w in self.words if w.startswith("file=")]
        return names[0] if names else None


def pages() -> list[Path]:
    """Return the README and all guides."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def blocks(page: str) -> Iterator[Block]:
    """Yield the fenced blocks of a page."""
    for found in _FENCE.finditer(page):
        language, *words = found["info"].split()
        line = page.count("\n", 0, found.start()) + 1
        yield Block(language, tuple(words), found["text"], *found.span("text"), line)


def run_page(page: str) -> tuple[str, list[str]]:
    """Run the blocks of a page.

    Returns the page with the real output in it, and what went wrong or differs.
    """
    problems: list[str] = []
    outputs: list[tuple[Block, str]] = []
    printed = ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "here"
        shutil.copytree(ROOT / "examples", folder / "examples")
        environment = _environment(Path(name) / "bin")
        for block in blocks(page):
            if block.file:
                (folder / block.file).write_text(block.text, encoding="utf-8")
            elif block.runs:
                result = _run(block, folder, environment)
                # a folder that the program names in full is this one
                told = result.stdout.replace(f"{folder}{os.sep}", "")
                printed = "".join(f"{line.rstrip()}\n" for line in told.splitlines())
                if (result.returncode != 0) != ("fails" in block.words):
                    problems.append(f"line {block.line}: exit {result.returncode}\n{printed}")
            elif "output" in block.words:
                outputs.append((block, printed))
                if block.text != printed:
                    problems.append(f"line {block.line}: it prints\n{printed}")
    for block, real in reversed(outputs):
        page = page[: block.start] + real + page[block.end :]
    return page, problems


def _run(
    block: Block, folder: Path, environment: dict[str, str]
) -> subprocess.CompletedProcess[str]:
    if block.language not in ("sh", "python"):
        raise ValueError(f"line {block.line}: {block.language} cannot be run")
    program = [sys.executable] if block.language == "python" else ["bash", "-eu"]
    return subprocess.run(
        [*program, "-c", block.text],
        cwd=folder,
        env=environment,
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=300,
        check=False,
    )


def _environment(programs: Path) -> dict[str, str]:
    """Put ``mesospread`` and ``python`` of this checkout on the path; fix the width."""
    programs.mkdir()
    source = str(ROOT / "src")
    program = programs / "mesospread.py"
    program.write_text(_PROGRAM.format(source=source), encoding="utf-8")
    for name, arguments in (("mesospread", [str(program)]), ("python", [])):
        script = programs / name
        script.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, *arguments])} "$@"\n')
        script.chmod(0o755)
    return {
        **os.environ,
        "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": source,
        "PYTHONUTF8": "1",
        "COLUMNS": COLUMNS,
        "NO_COLOR": "1",
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--update", action="store_true", help="write the real output")
    parser.add_argument("pages", nargs="*", type=Path, help="default: all")
    options = parser.parse_args()
    wrong = 0
    for path in options.pages or pages():
        before = path.read_text(encoding="utf-8")
        after, problems = run_page(before)
        if options.update and after != before:
            path.write_text(after, encoding="utf-8")
            _, problems = run_page(after)
        for problem in problems:
            print(f"{path}: {problem}")
        wrong += len(problems)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
