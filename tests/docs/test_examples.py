"""The examples in the pages run, and print what the pages show."""

from pathlib import Path

import pytest
from tools.run_docs import COMMAND, ROOT, blocks, pages, run_page

TEXTS = {path: path.read_text(encoding="utf-8") for path in pages()}
WITH_EXAMPLES = [path for path, text in TEXTS.items() if any(b.runs for b in blocks(text))]
#: a cluster is not there, a server does not end, a fit takes long, figures need an extra
NOT_RUN = ("--scheduler", "mesospread serve", "mesospread calibrate", "mesospread figures")


@pytest.mark.parametrize("path", WITH_EXAMPLES, ids=lambda path: str(path.relative_to(ROOT)))
def test_examples_run_and_print_what_is_shown(path: Path) -> None:
    _, problems = run_page(TEXTS[path])
    assert not problems, f"if the new output is right, run: {COMMAND}\n\n" + "\n".join(problems)


def test_the_guides_have_examples() -> None:
    assert len(WITH_EXAMPLES) >= 6


def test_no_command_is_shown_that_is_not_run() -> None:
    left_out = [
        f"{path.relative_to(ROOT)}, line {block.line}"
        for path, text in TEXTS.items()
        for block in blocks(text)
        if block.language in ("sh", "python", "console") and not block.runs
        if "mesospread" in block.text and not any(word in block.text for word in NOT_RUN)
    ]
    assert left_out == []


def test_every_output_follows_a_block_that_runs() -> None:
    for path, text in TEXTS.items():
        before = None
        for block in blocks(text):
            if "output" in block.words:
                assert getattr(before, "runs", False), f"{path}, line {block.line}"
            before = block


SHOWN = "```sh run\necho one\n```\n\n```text output\ntwo\n```\n"


def test_another_output_is_seen_and_can_be_written() -> None:
    page, problems = run_page(SHOWN)
    assert problems == ["line 5: it prints\none\n"]
    assert page == SHOWN.replace("two", "one")
    assert run_page(page) == (page, [])


@pytest.mark.parametrize(
    "block",
    [
        "```sh run\nmesospread forecast no_such_file.toml\n```\n",
        "```sh run fails\nmesospread --version\n```\n",
        "```python run\nraise SystemExit(1)\n```\n",
    ],
)
def test_the_wrong_exit_status_is_seen(block: str) -> None:
    assert len(run_page(block)[1]) == 1


def test_a_file_is_there_for_the_blocks_after_it() -> None:
    page = '```toml file=a.toml\nx = 1\n```\n\n```sh run\ngrep -q "x = 1" a.toml\n```\n'
    assert run_page(page) == (page, [])
