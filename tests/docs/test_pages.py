"""Links resolve, commands exist, and every key is explained."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tools.make_reference import FOLDER as REFERENCE
from tools.run_docs import ROOT, pages
from typer.main import get_command

from mesospread import errors
from mesospread.cli.main import app

TEXTS = {
    path: path.read_text(encoding="utf-8")
    for path in [*pages(), ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
}
GUIDES = {path: text for path, text in TEXTS.items() if REFERENCE not in path.parents}


def options_of(command: Any) -> set[str]:
    """Return the options of a command, and of the commands it holds."""
    own = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    return own.union(*(options_of(inner) for inner in getattr(command, "commands", {}).values()))


COMMANDS = {
    name: options_of(command)
    for name, command in get_command(app).commands.items()  # type: ignore[attr-defined]
}
OPTIONS = set().union(*COMMANDS.values(), {"--version"})
LINK = re.compile(r"\]\(([^()\s]+(?:\([^()\s]*\)[^()\s]*)*)\)")
CODE = re.compile(r"```[^\n]*\n.*?^```$|`[^`\n]+`", re.MULTILINE | re.DOTALL)
FORBIDDEN = {
    "a package registry": r"\bpypi\b|pythonhosted|index-url|trusted-host",
    "a place on one machine": r"(?<![\w.])/(?:home|root|Users|work|tmp|opt)(?:/|\b)",
    "a folder beside the repository": r"(?<![\w/])\.\./shared",
}


def by_page(texts: dict[Path, str]) -> Any:
    return pytest.mark.parametrize(
        ("path", "text"), texts.items(), ids=[str(path.relative_to(ROOT)) for path in texts]
    )


def anchors(page: str) -> set[str]:
    """Return where links into a page may point: its headings, as GitHub names them, and ids."""
    headings = re.findall(r"^#+ (.+)$", page, re.MULTILINE)
    slugs = {re.sub(r"[^\w\- ]", "", h.lower()).replace(" ", "-") for h in headings}
    return slugs | set(re.findall(r'<a id="([^"]+)">', page))


def broken_links(path: Path, text: str) -> list[str]:
    """Return the links to files and headings that are not there."""
    broken = []
    prose = re.sub(r"```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for link in LINK.findall(prose):
        if re.match(r"https?://", link):
            continue
        name, _, anchor = link.partition("#")
        target = (path.parent / name).resolve() if name else path
        inside = target.exists() and target.is_relative_to(ROOT)
        if not inside or (anchor and anchor not in anchors(target.read_text(encoding="utf-8"))):
            broken.append(link)
    return broken


@by_page(TEXTS)
def test_local_links_resolve(path: Path, text: str) -> None:
    assert broken_links(path, text) == []


def test_a_broken_link_is_seen() -> None:
    text = "[a](no_such.md) [b](README.md#no-such-heading) [c](README.md#how-it-works)"
    assert broken_links(ROOT / "x.md", text) == ["no_such.md", "README.md#no-such-heading"]


def wrong_commands(text: str) -> Iterator[str]:
    """Yield commands, options, targets and scripts that the code in a page names in vain."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    # what a program prints is words, not commands; that it prints them is tested elsewhere
    shown = re.sub(r"^```text output\n.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)
    for code in CODE.findall(shown):
        for line in code.splitlines():
            line = line.strip("`")
            for target in re.findall(r"(?<!\w)make (?:[A-Z]+=\S+ )*([a-z-]+)", line):
                if target not in targets:
                    yield f"make {target}"
            for script in re.findall(r"python3? ((?:tools|benchmarks)/\S+\.py)", line):
                if not (ROOT / script).exists():
                    yield script
            yield from _wrong_in_line(line)


def _wrong_in_line(line: str) -> Iterator[str]:
    options = re.findall(r"(?<![\w-])--[a-z][a-z-]*", line)
    named = re.search(r"(?<![\w/.-])mesospread ([a-z]+)\b", line)
    if named and named[1] not in COMMANDS:
        yield f"mesospread {named[1]}"
    elif named:
        yield from (o for o in options if o not in COMMANDS[named[1]])
    elif line.startswith("--"):
        yield from (o for o in options if o not in OPTIONS)


@by_page(GUIDES)
def test_commands_exist(path: Path, text: str) -> None:
    assert list(wrong_commands(text)) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("`mesospread forecats x.toml`", "mesospread forecats"),
        ("`mesospread forecast x.toml --jason`", "--jason"),
        ("`--sede 7`", "--sede"),
        ("```sh\nmake everything\n```\n", "make everything"),
        ("`python tools/make_tea.py`", "tools/make_tea.py"),
    ],
)
def test_a_wrong_command_is_seen(text: str, wrong: str) -> None:
    assert list(wrong_commands(text)) == [wrong]


def test_the_readme_names_every_command_or_links_to_them() -> None:
    assert "docs/reference/cli.md" in TEXTS[ROOT / "README.md"]
    told = (REFERENCE / "cli.md").read_text(encoding="utf-8")
    assert all(f"## mesospread {name}\n" in told for name in COMMANDS)


def found_words(text: str) -> list[str]:
    return [what for what, words in FORBIDDEN.items() if re.search(words, text, re.IGNORECASE)]


@by_page(TEXTS)
def test_nothing_is_named_that_belongs_to_one_machine(path: Path, text: str) -> None:
    assert found_words(text) == []


def test_such_a_word_is_seen() -> None:
    folder = "home"
    assert found_words(f"see /{folder}/somebody/notes") == ["a place on one machine"]
    assert found_words("pip install --index-url x") == ["a package registry"]


def keys(schema: str) -> set[str]:
    """Return every key that a file of a kind may hold."""
    described = json.loads((REFERENCE / f"{schema}.schema.json").read_text(encoding="utf-8"))
    tables = [described, *described["$defs"].values()]
    return {key for table in tables for key in table.get("properties", {})}


#: parts of an answer that say themselves what they are
PLAIN = {
    *("estimate", "low", "high", "label", "site", "modality", "distant"),
    *("month", "alive", "curve", "median_months", "cause", "symptom", "probability"),
}


@pytest.mark.parametrize(
    ("schema", "page", "plain"),
    [
        ("definition", "definition.md", set()),
        ("patient", "forecast.md", set()),
        ("forecast", "forecast.md", PLAIN),
        ("comparison", "forecast.md", PLAIN),
    ],
)
def test_every_key_is_explained(schema: str, page: str, plain: set[str]) -> None:
    code = " ".join(re.findall(r"`[^`\n]+`", TEXTS[ROOT / "docs" / page]))
    # the page says once what `_band` and `_bands` mean behind the name of any figure
    named = {re.sub(r"_bands?$", "", key) for key in keys(schema)}
    assert named - set(re.findall(r"\w+", code)) - plain == set()


def test_every_error_is_listed() -> None:
    page = TEXTS[ROOT / "docs" / "errors.md"]
    listed = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, errors.MesospreadError)
    ]
    assert len(listed) == 7
    for error in listed:
        assert re.search(rf"{error.__name__} +{error.code}\b", page), error.__name__


def test_the_index_leads_to_every_guide() -> None:
    index = TEXTS[ROOT / "docs" / "index.md"]
    for path in (ROOT / "docs").glob("*.md"):
        assert path.name == "index.md" or f"({path.name})" in index


def test_the_readme_opens_with_a_picture() -> None:
    opening = TEXTS[ROOT / "README.md"].split("\n## ")[0]
    assert "](docs/pictures/forecast.svg)" in opening
    assert "not a medical device" in opening
    assert "some are missed" in " ".join(opening.replace("*", "").split())
