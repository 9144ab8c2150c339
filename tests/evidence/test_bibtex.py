"""BibTeX follows from what was used, and every entry can be parsed."""

from __future__ import annotations

import re

import pytest

from mesospread.errors import InputError
from mesospread.evidence.bibtex import bibtex, references
from mesospread.evidence.published import load_published


def parsed(text: str) -> dict[str, tuple[str, dict[str, str]]]:
    """Read BibTeX strictly: entries of ``name = {text},`` with balanced braces, nothing else."""
    found = {}
    at = 0
    while text[at:].strip():
        at += len(text[at:]) - len(text[at:].lstrip())
        head = re.compile(r"@(article|misc)\{([a-z0-9]+),\n").match(text, at)
        assert head, text[at : at + 60]
        at, fields = head.end(), {}
        while text[at] != "}":
            field = re.compile(r"  ([a-z]+) = \{").match(text, at)
            assert field, text[at : at + 60]
            start = at = field.end()
            depth = 1
            while depth:
                if text[at] == "\\":
                    at += 2
                    continue
                depth += {"{": 1, "}": -1}.get(text[at], 0)
                assert text[at] != "\n"
                at += 1
            assert field[1] not in fields
            fields[field[1]] = text[start : at - 1]
            assert text[at : at + 2] == ",\n"
            at += 2
        at += 1
        assert head[2] not in found
        found[head[2]] = (head[1], fields)
    return found


def test_every_entry_parses() -> None:
    everything = load_published()
    entries = parsed(bibtex(everything))
    assert len(entries) == len(references(everything)) > 150
    for key, (kind, fields) in entries.items():
        assert "author" in fields if kind == "article" else "title" in fields, key
        assert "Values: " in fields["note"]
        for text in (v for k, v in fields.items() if k not in ("url", "doi")):
            assert not re.search(r"(?<!\\)[&%$#_]", text), key


def test_each_value_is_noted_under_one_work() -> None:
    noted = [value for entry in references(load_published()) for value in entry.values]
    assert sorted(noted) == sorted(load_published())


def test_an_article_is_taken_apart() -> None:
    (entry,) = references(["finn-2012-liver", "finn-2012-brain"])
    assert entry.key == "finn2012chest"
    assert entry.values == ("finn-2012-brain", "finn-2012-liver")
    assert dict(entry.fields) == {
        "author": "Finn, R. S. and others",
        "journal": "Chest",
        "year": "2012",
        "volume": "142",
        "pages": "1267--1273",
        "doi": "10.1378/chest.11-3204",
        "note": "abstract",
    }


def test_what_is_no_article_is_kept_whole() -> None:
    (entry,) = references(["seer1017-distant"])
    assert entry.kind == "misc"
    assert entry.fields["title"].startswith("SEER MPM 2010-2017")
    assert "year" not in entry.fields


def test_keys_do_not_hang_on_what_else_is_cited() -> None:
    of_all = {value: e.key for e in references(load_published()) for value in e.values}
    for value in list(load_published())[::7]:
        (entry,) = references([value])
        assert entry.key == of_all[value]


def test_spellings_of_one_work_are_one_entry() -> None:
    same = [v.id for v in load_published().values() if "1405-1414" in v.citation]
    assert len({load_published()[i].citation for i in same}) >= 1
    assert len(references(same)) == 1


def test_an_unknown_value_is_refused() -> None:
    with pytest.raises(InputError, match="Did you mean 'finn-2012-liver'"):
        bibtex(["finn-2012-livr"])
