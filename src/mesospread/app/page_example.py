"""The example patients that a page can start from."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files
from typing import Any

from mesospread.anatomy import primary
from mesospread.patient import parse_patient

__all__ = ["example"]


@cache
def example(name: str) -> dict[str, Any]:
    """Return the example patient of a primary, as the keys of a patient file.

    Nobody real: the same files stand in the folder of examples.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    file = files("mesospread.app") / "data" / f"example_{primary(name).name}.toml"
    return parse_patient(tomllib.loads(file.read_text("utf-8"))).to_dict()
