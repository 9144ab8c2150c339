"""Broken definitions: each says in its first line what the error must contain."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesospread.errors import DefinitionError
from mesospread.model.compiled import compile_model
from mesospread.model.load import read_definition

FILES = sorted((Path(__file__).parents[1] / "cases" / "definition_errors").glob("*.toml"))


def test_there_are_enough_files():
    assert len(FILES) >= 50


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_definition(path):
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("# expect: ")
    with pytest.raises(DefinitionError) as caught:
        compile_model(read_definition(path))
    message = str(caught.value)
    for words in first.removeprefix("# expect: ").split(" | "):
        assert words in message
    assert path.name in message
    # nothing of how the file is read shows
    for inner in ("pydantic", "Value error", ".str:", "tuple["):
        assert inner not in message
