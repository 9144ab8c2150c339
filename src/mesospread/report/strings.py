"""All words shown on pages and in reports, one catalogue per language.

A catalogue is a file ``strings.<language>.toml`` in a package's ``data`` folder: tables of
sentences with named blanks. A package may have further ones, by other names. What a language
lacks is taken from English, so that a half-made translation shows; a key that English lacks is an
error.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from mesospread.errors import unknown_name

#: the language that every catalogue has in full
ENGLISH = "en"


@dataclass(frozen=True)
class Catalogue:
    """The sentences of one package, by language and key.

    Attributes
    ----------
    sentences
        Language to key to sentence; a key is the path of tables, e.g. ``now.title``.
    """

    sentences: Mapping[str, Mapping[str, str]]

    def languages(self) -> tuple[str, ...]:
        """Return the languages, English first."""
        return tuple(sorted(self.sentences, key=lambda lang: (lang != ENGLISH, lang)))

    def keys(self, lang: str = ENGLISH) -> frozenset[str]:
        """Return all keys that a language has of its own."""
        return frozenset(self.sentences[lang])

    def has(self, key: str, lang: str = ENGLISH) -> bool:
        """Return whether there is a sentence of this name in a language or in English."""
        return key in self.sentences[ENGLISH] or key in self.sentences.get(lang, {})

    def text(self, key: str, lang: str = ENGLISH, **values: Any) -> str:
        """Return a sentence with its blanks filled in.

        Parameters
        ----------
        key
            Its name, e.g. ``"now.title"``.
        lang
            Language; what it lacks is taken from English.
        values
            The blanks.

        Raises
        ------
        InputError
            If there is no such language, or English has no such sentence.
        KeyError
            If a blank is not given: a mistake in the program.
        """
        if lang not in self.sentences:
            raise unknown_name("language", lang, self.sentences)
        english, own = self.sentences[ENGLISH], self.sentences[lang]
        if key not in own and key not in english:
            raise unknown_name("text", key, english)
        return (own.get(key) or english[key]).format(**values)


@cache
def catalogue(package: str, name: str = "strings") -> Catalogue:
    """Read a catalogue in the ``data`` folder of a package.

    Parameters
    ----------
    package
        Its full name, e.g. ``"mesospread.report"``.
    name
        How its files begin.
    """
    sentences = {}
    for file in (files(package) / "data").iterdir():
        first, *middle, last = file.name.split(".")
        if first == name and last == "toml" and len(middle) == 1:
            table = tomllib.loads(file.read_text("utf-8"))
            sentences[middle[0]] = MappingProxyType(dict(_flat(table)))
    return Catalogue(MappingProxyType(sentences))


#: names that English takes from the catalogues of anatomy, patients and the directory, or has as
#: the answer says it
NAMES = (
    "site.", "primary.", "value.", "scan.", "symptom.", "treatment.", "harm.", "kind.", "entry.",
    "country.", "assumed.",
)  # fmt: skip


def text(key: str, lang: str = ENGLISH, **values: Any) -> str:
    """Return a sentence of the report's own catalogue; see `Catalogue.text`."""
    return catalogue("mesospread.report").text(key, lang, **values)


def _flat(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, str]]:
    for name, value in table.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield path + name, str(value).strip()
