"""Published values as BibTeX: a pure function of which values were used."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

from mesospread.errors import unknown_name
from mesospread.evidence.published import PublishedValue, load_published

_NAME = r"(?:(?:de|van|von)\ )?[A-Z][\w'’/-]+(?:\ [A-Z]{1,3})?"
#: "Yan TD et al. Cancer 2011;117:1855-1863 (a remark)"; anything else is kept as one text
_ARTICLE = re.compile(
    rf"""
    (?P<names>{_NAME}(?:,\ {_NAME})*)(?P<others>\ et\ al)?\.\ (?P<journal>[A-Z][A-Za-z &]+?)
    \ (?P<year>(?:19|20)\d\d)
    (?:;(?P<volume>\d+)(?:\((?P<number>[^()]+)\))?(?::(?P<pages>[A-Za-z]?\d[\w-]*))?)?
    (?:\ \([^()]*\))?
    """,
    re.VERBOSE,
)
#: a year that is neither a page nor an end of a span of years
_YEAR = re.compile(r"(?<![\d:;-])(?:19|20)\d\d(?![\d-])")
_SPECIAL = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "&": r"\&", "%": r"\%", "$": r"\$",
    "#": r"\#", "_": r"\_", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}",
}  # fmt: skip


@dataclass(frozen=True)
class Entry:
    """One work in a list of references.

    Attributes
    ----------
    key
        What to cite it by, e.g. ``finn2012chest``; the same whatever else is cited.
    kind
        ``article`` or ``misc``.
    fields
        Name -> text, not yet escaped.
    values
        Identifiers of the published values from it that were asked for.
    """

    key: str
    kind: str
    fields: Mapping[str, str]
    values: tuple[str, ...]

    def text(self) -> str:
        """Return the entry in BibTeX."""
        note = f"Values: {', '.join(self.values)}. Read in: {self.fields['note']}."
        shown = {**self.fields, "note": note}
        lines = [
            f"  {name} = {{{text if name in ('url', 'doi') else _escaped(text)}}},"
            for name, text in shown.items()
        ]
        return "\n".join([f"@{self.kind}{{{self.key},", *lines, "}"])


def references(ids: Iterable[str]) -> Sequence[Entry]:
    """Return the works that published values come from, each once, in order of key.

    Parameters
    ----------
    ids
        Identifiers of published values, e.g. those under ``sources`` of an answer.

    Raises
    ------
    InputError
        If there is no such value, with the nearest identifier.
    """
    known = load_published()
    wanted: dict[str, list[PublishedValue]] = {}
    for name in sorted(set(ids)):
        if name not in known:
            raise unknown_name("published value", name, known)
        wanted.setdefault(_works()[known[name].citation], []).append(known[name])
    entries = [_entry(work, values) for work, values in wanted.items()]
    return sorted(entries, key=lambda entry: entry.key)


def bibtex(ids: Iterable[str]) -> str:
    """Return BibTeX for the works that published values come from.

    Titles were not recorded, so an entry has none; its identifier or address leads to it.

    Raises
    ------
    InputError
        If there is no such value, with the nearest identifier.
    """
    return "\n\n".join(entry.text() for entry in references(ids)) + "\n"


def _entry(citation: str, values: Sequence[PublishedValue]) -> Entry:
    """Return the entry of a work under the citation that stands for it."""
    found = _ARTICLE.fullmatch(citation)
    fields = _fields(found) if found else _whole(citation)
    # the same address, whichever of its values are cited
    works = _works()
    dois = {v.doi for v in load_published().values() if works[v.citation] == citation and v.doi}
    for doi in sorted(dois, key=lambda d: (not d.startswith("10."), d))[:1]:
        fields |= _address(doi)
    fields["note"] = ", ".join(sorted({v.read_in.replace("_", " ") for v in values}))
    kind = "article" if found else "misc"
    return Entry(_keys()[citation], kind, fields, tuple(v.id for v in values))


def _fields(found: re.Match[str]) -> dict[str, str]:
    names = [_name(name) for name in found["names"].split(", ")]
    authors = " and ".join([*names, *(["others"] if found["others"] else [])])
    parts = {name: found[name] for name in ("journal", "year", "volume", "number", "pages")}
    given = {name: text.replace("-", "--") for name, text in parts.items() if text}
    return {"author": authors, **given}


def _name(name: str) -> str:
    """Write "Finn RS" as "Finn, R. S."."""
    surname, _, initials = name.rpartition(" ")
    if not surname or not initials.isupper():
        return name
    return f"{surname}, {' '.join(f'{letter}.' for letter in initials)}"


def _whole(citation: str) -> dict[str, str]:
    years = _YEAR.findall(citation)
    return {"title": citation, **({"year": years[-1]} if years else {})}


def _address(doi: str) -> dict[str, str]:
    """Return the field that leads to a work."""
    if doi.startswith("10."):
        return {"doi": doi.split(" ")[0]}
    if doi.startswith("http"):
        return {"url": doi.split(" ")[0]}
    if re.fullmatch(r"PMC\d+", doi):
        return {"url": f"https://pmc.ncbi.nlm.nih.gov/articles/{doi}"}
    number = re.fullmatch(r"(?:PMID )?(\d+)", doi)
    if number:
        return {"url": f"https://pubmed.ncbi.nlm.nih.gov/{number[1]}"}
    return {"howpublished": doi}


@cache
def _works() -> Mapping[str, str]:
    """Return for every citation the one that stands for its work: the longest spelling of it."""
    spellings: dict[object, list[str]] = {}
    for citation in sorted({value.citation for value in load_published().values()}):
        found = _ARTICLE.fullmatch(citation)
        same: object = citation
        if found and found["volume"]:
            same = (_surname(found), *found.group("year", "journal", "volume", "pages"))
        spellings.setdefault(same, []).append(citation)
    return {one: max(all_, key=len) for all_ in spellings.values() for one in all_}


def _surname(found: re.Match[str]) -> str:
    """Return the first surname, without initials and particles."""
    names = found["names"].split(", ")[0].split()
    return next((name for name in reversed(names) if not name.isupper()), names[0])


@cache
def _keys() -> Mapping[str, str]:
    """Return the key of every work there is, so that it does not hang on what is cited."""
    by_key: dict[str, list[str]] = {}
    for work in sorted(set(_works().values())):
        by_key.setdefault(_bare_key(work), []).append(work)
    return {
        citation: key if len(citations) == 1 else f"{key}{_letter(k)}"
        for key, citations in by_key.items()
        for k, citation in enumerate(citations)
    }


def _letter(k: int) -> str:
    return chr(ord("a") + k) if k < 26 else f"x{k}"


def _bare_key(citation: str) -> str:
    found = _ARTICLE.fullmatch(citation)
    if found:
        words = [_surname(found), found["year"], found["journal"].split()[0]]
    else:
        words = [*re.findall(r"\w+", citation)[:2], *_YEAR.findall(citation)[-1:]]
    plain = unicodedata.normalize("NFKD", "".join(words)).encode("ascii", "ignore").decode()
    return re.sub(r"[^a-z0-9]", "", plain.lower())


def _escaped(text: str) -> str:
    return "".join(_SPECIAL.get(letter, letter) for letter in text)
