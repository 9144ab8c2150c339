"""The parts of addresses that name a reader and a primary; anything else is no such page."""

from __future__ import annotations

from typing import Literal

from starlette.convertors import Convertor, register_url_convertor

Door = Literal["patient", "clinician"]
Primary = Literal["pleural", "peritoneal", "pericardial", "testicular"]


class _Door(Convertor[str]):
    regex = "patient|clinician"

    def convert(self, value: str) -> str:
        return value

    def to_string(self, value: str) -> str:
        return value


class _Primary(_Door):
    regex = "pleural|peritoneal|pericardial|testicular"


def register() -> None:
    """Make both known to the router."""
    register_url_convertor("door", _Door())
    register_url_convertor("primary", _Primary())


register()
