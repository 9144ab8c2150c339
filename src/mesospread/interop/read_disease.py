"""Read the primary: which lining, which side, which cell type, since when."""

from __future__ import annotations

from dataclasses import dataclass

from mesospread.anatomy import find_primary, primaries
from mesospread.anatomy import primary as primary_named
from mesospread.errors import InputError
from mesospread.interop.codes import MCODE, codes_at, table
from mesospread.interop.element import Coding, Element, codes_of, refuse
from mesospread.interop.record import Record, asserted, has_profile

_MORPHOLOGY = f"{MCODE}mcode-histology-morphology-behavior"
_LATERALITY = f"{MCODE}mcode-laterality-qualifier"
#: verification of a diagnosis that is less than sure
_UNSURE = ("unconfirmed", "provisional", "differential")
#: terminologies whose codes can name the disease
_NAMING = ("snomed", "icd10cm", "ncit")


@dataclass(frozen=True)
class _Candidate:
    """A condition that is a mesothelioma, and the primaries that it may be."""

    condition: Element
    primaries: frozenset[str]


def read_disease(record: Record) -> Element:
    """Read the primary into a record, and return its condition.

    Raises
    ------
    InputError
        If there is no mesothelioma, two different ones, one whose place nobody says, one that is
        not malignant, or codes that contradict each other.
    """
    found = [c for c in map(_candidate, record.live("Condition")) if c is not None]
    if not found:
        raise _none_found(record)
    found.sort(key=_how_much, reverse=True)
    chosen = found[0]
    named = {name for candidate in found for name in candidate.primaries}
    if len(named) > 1 and len(found) > 1 and len({c.primaries for c in found}) > 1:
        raise refuse(
            "two different primaries",
            f"{record.opened.where} › {found[1].condition.where}",
            given=", ".join(sorted(named)),
            allowed="one primary mesothelioma",
            remedy="Export the record of one primary",
        )
    condition, places = chosen.condition, f"{record.opened.where} › {chosen.condition.where}"
    record.put("primary", _only(chosen, places), f"{condition.where}.code")
    record.take(condition)
    for other in found[1:]:
        record.leave_out(other.condition, "the same disease, stated once more")
    record.cancer |= {id(candidate.condition) for candidate in found}
    _say_how_sure(record, condition)
    _read_side(record, condition)
    _read_histology(record, condition)
    _read_date(record, condition)
    # how it was found out, and what a summary says, is not part of a patient file
    for key in ("evidence", "severity"):
        condition.used.add(key)
    return condition


def _how_much(candidate: _Candidate) -> tuple[bool, bool, int]:
    """Return how well a condition states the disease: many records state it again and again."""
    condition = candidate.condition
    told = {"extension", "bodySite", "stage", "onsetDateTime", "recordedDate"} & set(condition.data)
    profiled = has_profile(condition, "mcode-primary-cancer-condition")
    return len(candidate.primaries) == 1, profiled, len(told)


def _only(candidate: _Candidate, where: str) -> str:
    if len(candidate.primaries) == 1:
        return next(iter(candidate.primaries))
    if candidate.primaries:
        raise refuse(
            "the codes of the disease contradict each other",
            f"{where}.code",
            given=", ".join(sorted(candidate.primaries)),
            allowed="one lining: pleura, peritoneum, pericardium or tunica vaginalis",
            remedy="Correct the code, or the body site, in the record",
        )
    raise refuse(
        "the record does not say which lining the mesothelioma started from",
        f"{where}.bodySite",
        given="a mesothelioma without a place",
        allowed="a code such as C45.0 (pleura), C45.1 (peritoneum), C45.2 (pericardium), or a "
        "body site: pleura, peritoneum, pericardium, tunica vaginalis",
        remedy="Add the body site in the record",
    )


def _candidate(condition: Element) -> _Candidate | None:
    """Return a condition if it is a primary mesothelioma."""
    if has_profile(condition, "mcode-secondary-cancer-condition"):
        return None
    codings = condition.coded("code")
    by_code = _named_by(codings, "codes") - {"testicular"}
    unplaced = {code.code for code in codes_at("unplaced", "codes")}
    any_cancer = {code.code for code in codes_at("unplaced", "any_cancer")}
    codes = {c.code for c in codings if c.system in _NAMING}
    if not by_code and not codes & unplaced and not (codes & any_cancer and _is_905(condition)):
        return None
    by_site = _by_site(condition)
    if by_code and by_site:
        return _Candidate(condition, frozenset(by_code if by_code & by_site else by_code | by_site))
    return _Candidate(condition, frozenset(by_code or by_site))


def _named_by(codings: list[Coding], key: str) -> set[str]:
    """Return the primaries that codes name."""
    known = {
        name: {(c.system, c.code) for c in codes_at("primary", name, key)}
        | {("ncit", code) for code in table()["primary"][name]["also"]}
        for name in table()["primary"]
    }
    return {name for name, codes in known.items() for c in codings if (c.system, c.code) in codes}


def _by_site(condition: Element) -> set[str]:
    """Return the primaries whose lining the body sites name, by code or else in words."""
    sites = list(condition.children("bodySite"))
    codings = codes_of(sites)
    found = _named_by(codings, "sites") | _named_by(codings, "sides")
    if found:
        return found
    for words in (word for site in sites for word in site.words()):
        try:
            found.add(find_primary(words).name)
        except InputError:
            continue
    return found


def _is_905(condition: Element) -> bool:
    """Return whether the morphology is that of a mesothelioma of any kind."""
    known = {
        code.code for word in table()["histology"] for code in codes_at("histology", word, "codes")
    }
    return any(c.code[:3] == "905" or c.code in known for c in _morphology(condition))


def _morphology(condition: Element) -> list[Coding]:
    concepts = (e.child("valueCodeableConcept") for e in condition.extensions(_MORPHOLOGY))
    return codes_of([concept for concept in concepts if concept])


def _none_found(record: Record) -> InputError:
    codes = [
        coding.code
        for condition in record.opened.of_type("Condition")
        for coding in condition.coded("code")
    ]
    return refuse(
        "there is no mesothelioma in this bundle",
        f"{record.opened.where} › Bundle.entry",
        given=f"conditions coded {', '.join(codes[:8])}" if codes else "no coded condition",
        allowed="a Condition coded as mesothelioma: ICD-10-CM C45.0, C45.1, C45.2, C45.7; SNOMED "
        "CT 254645002, 187806007, 187885008, 109378008; or any cancer with morphology 9050/3 to "
        "9053/3",
        remedy="Export the primary cancer condition too",
    )


def _say_how_sure(record: Record, condition: Element) -> None:
    for coding in condition.coded("verificationStatus"):
        if coding.code in _UNSURE:
            record.notes.add(
                "assumed", coding.where, f"the diagnosis is marked {coding.code}: taken as made"
            )
    for coding in condition.coded("clinicalStatus"):
        if coding.code in ("inactive", "resolved", "remission"):
            record.notes.add("assumed", coding.where, f"marked {coding.code}: taken as still there")


def _read_side(record: Record, condition: Element) -> None:
    found = {side for site in condition.children("bodySite") for side in sides_of(site)}
    if not found:
        return
    where = f"{condition.where}.bodySite"
    side = found.pop()
    if found or side == "both":
        record.notes.add("not read", where, "left and right: a patient file has one side")
    elif not primary_named(record.primary).paired:
        record.notes.add("not read", where, "this lining has no left or right side")
    else:
        record.put("side", side, where)


def sides_of(site: Element) -> set[str]:
    """Return the sides that a body site names: ``left``, ``right`` or ``both``."""
    concepts = [e.child("valueCodeableConcept") for e in site.extensions(_LATERALITY)]
    codings = codes_of([c for c in concepts if c]) + site.codings()
    sided = list(codes_at("side", "codes"))
    sided += [code for p in primaries() for code in codes_at("primary", p.name, "sides")]
    by_code = {(code.system, code.code): code.side for code in sided}
    return {by_code[c.system, c.code] for c in codings if (c.system, c.code) in by_code}


def _read_histology(record: Record, condition: Element) -> None:
    """Read the cell type from the condition and from observations of histology."""
    codings = _morphology(condition)
    asked = {table()["loinc"][key]["code"] for key in ("histology", "morphology")}
    for observation in record.live("Observation"):
        if asked & {c.code for c in observation.coded("code") if c.system == "loinc"}:
            codings += observation.coded("valueCodeableConcept")
            record.take(observation)
            observation.used |= {"focus", "effectiveDateTime", "method", "performer"}
    found: dict[str, str] = {}
    for coding in codings:
        word = _cell_type(record, coding)
        if word:
            found.setdefault(word, coding.where)
    stated = {word: where for word, where in found.items() if word != "not_stated"}
    if len(stated) > 1:
        raise refuse(
            "two different cell types",
            f"{record.opened.where} › {list(stated.values())[1]}",
            given=" and ".join(stated),
            allowed="one of epithelioid, biphasic, sarcomatoid",
            remedy="Correct the record; a tumour with both parts is biphasic",
        )
    for word, where in stated.items():
        record.put("histology", word, where)


def _cell_type(record: Record, coding: Coding) -> str:
    """Return the cell type that a code names, empty if none that is known."""
    where = f"{record.opened.where} › {coding.where}"
    if coding.system == "icdo3" and coding.code in table()["not_malignant"]:
        raise refuse(
            "this is not malignant mesothelioma",
            where,
            given=f"{coding.code}: {table()['not_malignant'][coding.code]}",
            allowed="ICD-O-3 9050/3, 9051/3, 9052/3, 9053/3",
            remedy="The models are made for malignant mesothelioma only; do not use them here",
        )
    if coding.system == "icdo3" and coding.code.endswith("/6"):
        raise refuse(
            "the morphology of a primary has the behaviour of a secondary tumour",
            where,
            given=coding.code,
            allowed="behaviour /3",
            remedy="Correct the code; /6 belongs to secondary tumours",
        )
    for word, rows in table()["histology"].items():
        known = {(c.system, c.code) for c in codes_at("histology", word, "codes")}
        if (coding.system, coding.code) in known | {("ncit", code) for code in rows["also"]}:
            return str(word)
    record.notes.add(
        "not read", coding.where, f"a morphology that is not known: {coding.code[:30]}"
    )
    return ""


def _read_date(record: Record, condition: Element) -> None:
    extension = asserted(condition)
    day = record.day(extension, "valueDateTime") if extension else None
    where = extension.where if extension and day else f"{condition.where}.onsetDateTime"
    day = day or record.day(condition, "onsetDateTime", "onsetPeriod.start")
    if day is None:
        day = record.day(condition, "recordedDate")
        where = f"{condition.where}.recordedDate"
        if day is not None:
            record.notes.add("assumed", where, "taken as the date of diagnosis")
    if day is not None:
        record.put("diagnosed", day.isoformat(), where)
