"""The catalogue of primaries and sites: complete, consistent, forgiving to the reader."""

from __future__ import annotations

import re

import pytest

from mesospread.anatomy import (
    find_primary,
    find_site,
    normalised,
    primaries,
    primary,
    site,
    sites_of,
)
from mesospread.errors import InputError, PatientError

PLEURAL_SITES = [
    "contralateral_lung",
    "contralateral_pleura",
    "peritoneum",
    "chest_wall",
    "diaphragm",
    "pericardium",
    "regional_nodes",
    "distant_nodes",
    "liver",
    "adrenal",
    "kidney",
    "bone",
    "brain",
    "spleen",
    "intestine",
    "thyroid",
    "pancreas",
    "skin",
]

CODE_SHAPES = {
    "uberon": r"UBERON:\d{7}",
    "icd_10": r"C\d\d\.\d",
    "icd_o_3": r"C\d\d\.\d",
    "snomed_ct": r"\d{6,18}",
    "snomed_ct_disorder": r"\d{6,18}",
}

# Verhoeff's tables: multiplication in the dihedral group of order 10, and the permutation.
_D = [[(i + j) % 5 if j < 5 else 5 + (i + j) % 5 for j in range(10)] for i in range(5)] + [
    [5 + (i - j) % 5 if j < 5 else (i - j) % 5 for j in range(10)] for i in range(5, 10)
]
_P = (1, 5, 7, 6, 2, 8, 3, 0, 9, 4)


def passes_verhoeff(code: str) -> bool:
    check = 0
    for position, digit in enumerate(reversed(code)):
        value = int(digit)
        for _ in range(position % 8):
            value = _P[value]
        check = _D[check][value]
    return check == 0


def all_codes():
    owners = [*primaries(), *(s for p in primaries() for s in p.sites)]
    return {(owner.name, code) for owner in owners for code in owner.codes}


def test_the_four_primaries():
    assert [p.name for p in primaries()] == ["pleural", "peritoneal", "pericardial", "testicular"]


def test_pleural_sites_are_those_of_the_design():
    assert [s.name for s in sites_of("pleural")] == PLEURAL_SITES


def test_every_site_has_words_codes_and_a_use():
    used = {s.name for p in primaries() for s in p.sites}
    for name in used:
        assert site(name).name == name
        assert site(name).label
        assert site(name).relation is None
        assert {"uberon", "icd_10"} <= {code.system for code in site(name).codes}


@pytest.mark.parametrize(
    ("where", "what", "relation"),
    [
        ("pleural", "liver", "distant"),
        ("pleural", "chest_wall", "direct"),
        ("pleural", "regional_nodes", "regional"),
        ("pleural", "peritoneum", "direct_or_distant"),
        ("peritoneal", "omentum", "direct"),
        ("peritoneal", "lung", "distant"),
        ("pericardial", "pleura", "direct_or_distant"),
        ("testicular", "inguinal_nodes", "regional"),
    ],
)
def test_relation_depends_on_the_primary(where, what, relation):
    assert {s.name: s.relation for s in sites_of(where)}[what] == relation


def test_every_primary_has_regional_nodes_and_distant_sites():
    for p in primaries():
        relations = {s.relation for s in p.sites}
        assert {"direct", "regional", "distant"} <= relations


def test_nodes_carry_the_codes_of_their_region():
    codes = {
        p: {c.code for s in sites_of(p) if s.name == "regional_nodes" for c in s.codes}
        for p in ("pleural", "peritoneal")
    }
    assert "C77.1" in codes["pleural"]
    assert "C77.2" in codes["peritoneal"]


@pytest.mark.parametrize(("owner", "code"), sorted(all_codes(), key=repr))
def test_codes_are_well_formed(owner, code):
    assert re.fullmatch(CODE_SHAPES[code.system], code.code), owner
    assert code.source
    if code.system.startswith("snomed_ct"):
        assert passes_verhoeff(code.code), owner


def test_check_digit_finds_a_known_wrong_code():
    assert not passes_verhoeff("1222594001")


def test_remembered_codes_are_marked():
    statuses = {code.system: set() for _, code in all_codes()}
    for _, code in all_codes():
        statuses[code.system].add(code.verified)
    assert statuses["uberon"] == {True}
    assert False in statuses["snomed_ct"]


@pytest.mark.parametrize(
    ("text", "where", "name"),
    [
        ("adrenal", "pleural", "adrenal"),
        ("Adrenal-Glands", "pleural", "adrenal"),
        ("other lung", "pleural", "contralateral_lung"),
        ("the Contralateral lung", "pleural", "contralateral_lung"),
        ("belly lining", "pleural", "peritoneum"),
        ("spine", "pleural", "bone"),
        ("spine", "testicular", "vertebrae"),
        ("spine", "pericardial", "vertebrae"),
        ("mediastinal nodes", "pleural", "regional_nodes"),
        ("mediastinal nodes", "peritoneal", "distant_nodes"),
        ("bowel (intestine)", "pleural", "intestine"),
        ("groin", "testicular", "inguinal_nodes"),
    ],
)
def test_plain_words_find_the_site(text, where, name):
    assert find_site(text, where).name == name


def test_only_the_spine_is_claimed_twice():
    """A spelling names one site of a primary, but "spine" is also bone."""
    for p in primaries():
        for first in p.sites:
            for second in p.sites:
                if first.name < second.name and first.spellings() & second.spellings():
                    assert {first.name, second.name} == {"bone", "vertebrae"}


def test_words_that_need_care_are_no_spellings():
    for p in primaries():
        assert not set(p.not_sites) & {word for s in p.sites for word in s.spellings()}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        ("livr", "pleural", ["unknown site", "'livr'", "pancreas", '"liver"']),
        ("back bones", "pleural", ["unknown site", '"bone"']),
        ("lung", "pleural", ["contralateral_lung", "T category"]),
        ("pleura", "pleural", ["where this tumour started"]),
        ("lymph nodes", "pleural", ["regional_nodes", "distant_nodes"]),
        ("ovary", "pleural", ["unknown site for pleural mesothelioma"]),
    ],
)
def test_wrong_words_get_help(text, where, words):
    with pytest.raises(PatientError) as caught:
        find_site(text, where, where="a.toml › scans[0]", error=PatientError)
    message = str(caught.value)
    assert message.startswith("a.toml › scans[0]: ")
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("text", "name"),
    [("Pleural", "pleural"), ("lining of the testicle", "testicular"), ("heart", "pericardial")],
)
def test_plain_words_find_the_primary(text, name):
    assert find_primary(text).name == name


def test_unknown_names_are_refused_with_the_nearest():
    with pytest.raises(InputError, match="pleural"):
        primary("plural")
    with pytest.raises(InputError, match="adrenal"):
        site("adrenals_")
    with pytest.raises(InputError, match='"peritoneal"'):
        find_primary("peritonial")


def test_normalised_forgets_case_separators_and_brackets():
    assert normalised("The  Contralateral-Lung_(right)") == "contralateral lung"
    assert normalised("PET/CT") == normalised("pet-ct")
