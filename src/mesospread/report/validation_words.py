"""The words and numbers of a validation in one language.

What study files say, their subjects, titles and notes, is in English and stays so: a page in
another language marks it as English.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

from markupsafe import Markup

from mesospread.errors import unknown_name
from mesospread.report.strings import ENGLISH, Catalogue, catalogue
from mesospread.report.strings import text as report_text

#: tables that name what recurs in study files and models; English has it as these say it
NAMES = ("kind.", "histology.", "measured_in.", "read_in.")


def validation_words() -> Catalogue:
    """Return the sentences of the validation and of the check of forecasts."""
    return catalogue("mesospread.report", "validation")


@dataclass(frozen=True)
class Said:
    """How a validation is put into words.

    Attributes
    ----------
    lang
        Language.

    Raises
    ------
    InputError
        If there is no such language.
    """

    lang: str = ENGLISH

    def __post_init__(self) -> None:
        if self.lang not in validation_words().languages():
            raise unknown_name("language", self.lang, validation_words().languages())

    def __call__(self, key: str, **values: object) -> str:
        """Return a sentence with its blanks filled in; see `Catalogue.text`."""
        return validation_words().text(key, self.lang, **values)

    @property
    def english(self) -> Markup:
        """Return the attribute of elements whose words stay in English; none on English pages."""
        return Markup() if self.lang == ENGLISH else Markup(f' lang="{ENGLISH}"')

    def named(self, table: str, name: str) -> str:
        """Return the name of what recurs; what the language has no word for stays in English.

        Parameters
        ----------
        table
            One of `NAMES`, without the dot.
        name
            As study files and models say it.
        """
        own = validation_words().sentences[self.lang]
        return own.get(f"{table}.{name.replace(' ', '_')}", name.replace("_", " "))

    def both(self, names: Sequence[str]) -> str:
        """Return names joined by the word for and; of no name, nothing."""
        return reduce(lambda a, b: self("page.and", first=a, second=b), names) if names else ""

    def cells(self, histology: Sequence[str]) -> str:
        """Return the names of cell types, joined."""
        return self.both([self.named("histology", cell) for cell in histology])

    def number(self, value: float, form: str = ".0f") -> str:
        """Write a number, e.g. ``2,5``.

        Parameters
        ----------
        value
            The number.
        form
            As `format` takes it.
        """
        return f"{value:{form}}".replace(".", report_text("number.decimal", self.lang))

    def whole(self, number: int) -> str:
        """Write a whole number with its thousands apart, as in the report of a forecast."""
        return f"{number:,}".replace(",", "," if self.lang == ENGLISH else "\u00a0")


#: how a terminal says it, and what a page says unless asked for another language
IN_ENGLISH = Said()
