"""The words of the directory in the language of the reader."""

from __future__ import annotations

import re

from mesospread.guide.gazetteer import country_name
from mesospread.report.strings import ENGLISH
from mesospread.report.view_parts import Words

_LONGEST = 48


def entry_words(text: str, lang: str = ENGLISH) -> str:
    """Return what an organisation is, offers or notes; what is not translated stays English.

    Parameters
    ----------
    text
        As it stands in the directory.
    lang
        Language.
    """
    name = re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")[:_LONGEST]
    return Words(lang).maybe(f"entry.{name}", text) if name else text


def country_words(code: str, lang: str = ENGLISH) -> str:
    """Return the name of a country from its two-letter code."""
    return Words(lang).maybe(f"country.{code}", country_name(code))
