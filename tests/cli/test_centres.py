"""Centres and support as they are printed: aligned, within the width, links whole."""

from __future__ import annotations

import json
import re

import pytest
import typer
from rich.cells import cell_len
from rich.console import Console
from typer.testing import CliRunner

from mesospread.app.centres import centres_near, support_in
from mesospread.cli import centres as centres_module
from mesospread.cli import support as support_module
from mesospread.errors import InputError

TODAY = ("--today", "2026-11-22")
app = typer.Typer(pretty_exceptions_enable=False)
app.command("centres")(centres_module.centres)
app.command("support")(support_module.support)


@pytest.fixture(params=[80, 120])
def width(request, monkeypatch):
    for module in (centres_module, support_module):
        # the runner replaces the standard output, so the console must look for it each time
        console = Console(highlight=False, width=request.param, no_color=True)
        monkeypatch.setattr(module, "out", console)
    return request.param


def lines(*words: str) -> list[str]:
    result = CliRunner().invoke(app, [*words, *TODAY])
    assert result.exit_code == 0, result.exception
    assert "\x1b" not in result.stdout
    return [line.rstrip() for line in result.stdout.splitlines()]


def assert_fits(printed: list[str], width: int, addresses: list[str]) -> None:
    """Only a line that holds a link may be longer than the terminal, and no link is broken."""
    for line in printed:
        assert cell_len(line) <= width or re.search(r"https?://\S+$", line), line
    ends = {line.split()[-1] for line in printed if "://" in line}
    assert set(addresses) <= ends


def shown(rows: list[dict[str, object]]) -> list[str]:
    return [a for row in rows for a in ([row["web"]] if row["web"] else row["sources"])]


@pytest.mark.parametrize("primary", ["pleural", "peritoneal", "pericardial", "testicular"])
def test_centres_fit_and_align(width, primary):
    printed = lines("centres", "--near", "Tampa, FL", "--primary", primary, "--limit", "50")
    found = centres_near("Tampa, FL", primary=primary, limit=50, today=TODAY[1])
    rows = found["centres"] + found["others"]
    assert_fits(printed, width, shown(rows))
    far = [m for line in printed if (m := re.match(r" *([\d,]+|<1)  +([\d,]+|<1)  \S", line))]
    assert len(far) == len(rows)
    assert {(m.end(1), m.end(2)) for m in far} == {(6, 14)}
    told = " ".join(" ".join(printed).split())
    assert f"Centres for {primary} mesothelioma near Tampa, Florida, United States" in told
    assert "not a recommendation" in told
    assert "Pages read on 2026-11-22." in told
    for row in rows:
        assert row["name"] in told
        assert row["note"] in told
    assert (" It is very rare. " in told) == (primary in ("pericardial", "testicular"))


def test_support_fits(width):
    printed = lines("support")
    rows = support_in(today=TODAY[1])["organisations"]
    assert_fits(printed, width, shown(rows))
    told = " ".join(" ".join(printed).split())
    for row in rows:
        assert row["name"] in told
        assert row["phone"] in told
    assert "phone 0800 169 2409" in told
    assert told.count("Support: ") == len({row["country"] for row in rows})


def test_nothing_so_near(width):
    printed = " ".join(
        lines("centres", "--near", "Austin, TX", "--within-km", "20", "--primary", "testicular")
    )
    assert "within 20 km (12 miles)" in printed
    assert printed.count("None so near. The nearest is ") == 2


def test_a_country_without_support(width):
    printed = " ".join(lines("support", "--country", "Spain"))
    assert "No organisation in Spain is in this list." in printed
    assert "United Kingdom" in printed
    there = " ".join(lines("centres", "--near", "Madrid", "--limit", "1", "--support"))
    assert "No support organisation in that country is in this list." in there


def test_stale_entries_and_ones_own_say_so(width, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "name,city,country,latitude,longitude,coordinate_precision,primaries,kind,checked_on\n"
        "My clinic,Tampa,US,27.96,-82.44,city,pleural,treatment,2025-01-31\n"
    )
    printed = lines("centres", "--near", "Tampa, FL", "--limit", "2", "--also", str(path))
    told = " ".join(" ".join(printed).split())
    assert told.index("My clinic") < told.index("From your own file.") < told.index("Moffitt")
    assert told.count("Checked on 2025-01-31, more than a year ago") == 1
    assert "Pages read on 2025-01-31 to 2026-11-22." in told


def test_json():
    options = ["--near", "33602", "--primary", "pericardial", "--within-miles", "2000"]
    result = CliRunner().invoke(app, ["centres", *options, "--json", *TODAY])
    assert json.loads(result.stdout) == centres_near(
        "33602", primary="pericardial", within_miles=2000, today=TODAY[1]
    )
    result = CliRunner().invoke(app, ["support", "--country", "US", "--json", *TODAY])
    assert json.loads(result.stdout) == support_in("US", today=TODAY[1])


def test_coordinates_may_begin_with_a_minus():
    result = CliRunner().invoke(app, ["centres", "--near", "-33.9,151.2", "--json", *TODAY])
    assert json.loads(result.stdout)["centres"][0]["city"] == "Sydney"


def test_links_can_be_clicked_where_a_terminal_allows(monkeypatch):
    console = Console(highlight=False, width=80, force_terminal=True, color_system="truecolor")
    monkeypatch.setattr(centres_module, "out", console)
    monkeypatch.delenv("NO_COLOR", raising=False)
    result = CliRunner().invoke(app, ["centres", "--near", "Tampa, FL", "--limit", "1"])
    assert "https://www.moffitt.org/cancers/mesothelioma/\x1b\\" in result.stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["centres", "--near", "Springfield"], "Springfield, Missouri, United States"),
        (["centres", "--near", "Tampaa"], "Did you mean 'Tampa, Florida, United States'"),
        (["centres", "--near", "Xyzzyq"], "unknown place"),
        (["centres", "--near", "Leeds", "--primary", "plural"], 'Did you mean "pleural"'),
        (["support", "--country", "Germny"], "'Germany'"),
        (["support", "--also", "none.csv"], "none.csv: the file cannot be read"),
    ],
)
def test_errors_reach_the_command_line(words, message):
    result = CliRunner().invoke(app, words)
    assert isinstance(result.exception, InputError)
    assert message in str(result.exception)
    assert result.stdout == ""


def test_a_place_is_required():
    assert CliRunner().invoke(app, ["centres"]).exit_code == 2
