"""Broken patient files: each says in its first line what the error must contain."""

from __future__ import annotations

from pathlib import Path

import pytest

from mesospread.errors import PatientError
from mesospread.patient import read_patient

FILES = sorted((Path(__file__).parents[1] / "cases" / "patient_errors").glob("*.toml"))


def test_there_are_enough_files():
    assert len(FILES) >= 20


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_broken_file(path):
    first = path.read_text("utf-8").splitlines()[0]
    assert first.startswith("# expect: ")
    with pytest.raises(PatientError) as caught:
        read_patient(path)
    message = str(caught.value)
    for words in first.removeprefix("# expect: ").split(" | "):
        assert words in message
    assert message.startswith(str(path))
    for error in getattr(caught.value, "problems", [caught.value]):
        assert error.where
        assert error.given
        assert error.allowed
        assert error.remedy
        assert "pydantic" not in str(error)
