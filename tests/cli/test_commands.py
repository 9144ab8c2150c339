"""Words that people try and that are no commands."""

import shlex

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from mesospread.cli.commands import _TRIED
from mesospread.cli.main import app
from mesospread.errors import InputError


def test_a_report_comes_from_the_forecast():
    told = CliRunner().invoke(app, ["report", "patient.toml"]).exception
    assert isinstance(told, InputError)
    assert "mesospread forecast FILE --html report.html --pdf report.pdf" in str(told)


@pytest.mark.parametrize("word", _TRIED)
def test_what_is_told_instead_can_be_typed(word):
    told = CliRunner().invoke(app, [word]).exception
    assert isinstance(told, InputError)
    program, name, *rest = shlex.split(_TRIED[word])
    known = get_command(app).commands
    assert (program, name in known, word in known) == ("mesospread", True, False)
    options = {option for param in known[name].params for option in param.opts}
    assert {one for one in rest if one.startswith("--")} <= options


def test_other_words_are_told_as_before():
    result = CliRunner().invoke(app, ["forcast"])
    assert result.exit_code == 2
    assert "forecast" in result.output
