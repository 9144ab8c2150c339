"""The stage group from categories or measurements."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

from mesospread._version import __version__
from mesospread.errors import InputError, unknown_name
from mesospread.staging import (
    Reading,
    StageAnswer,
    TAnswer,
    check_group_fits,
    clinical_t,
    compatible_tnm,
    edition_of_words,
    edition_table,
    forecast_reading,
    groups_meant,
    in_words,
    parse_group,
    read_elsewhere,
    stage_group,
    t_from_features,
    t_from_pci,
)


def stage(
    primary: str = "pleural",
    *,
    t: str | None = None,
    n: str | None = None,
    m: str | None = None,
    group: str | None = None,
    edition: str | None = None,
    basis: str | None = None,
    pci: int | None = None,
    psum_mm: float | None = None,
    fmax_mm: float | None = None,
    features: Collection[str] = (),
) -> dict[str, Any]:
    """Return the stage group, or the groups still possible, and the rule that decided.

    With what it meant, and what it may be in the other editions.

    Parameters
    ----------
    primary
        ``pleural``, ``peritoneal``, ``pericardial`` or ``testicular``.
    t, n, m
        Categories; None if unknown.
    group
        Stage group as stated, e.g. of an earlier edition; None if unknown.
    edition
        The newest if None; the summary stage if the group is one of its words.
    basis
        ``clinical`` (scans) or ``pathological`` (tissue from an operation); None: as the
        categories are written (pT2), else clinical.
    pci
        Peritoneal cancer index; gives T.
    psum_mm, fmax_mm, features
        CT measurements in mm and features seen; give the clinical T of the 9th edition. Features
        alone give T by the 8th edition, and the pathological T of the 9th.

    Raises
    ------
    InputError
        For impossible values, for T given in two ways, or for a group that T, N and M rule out.
    """
    pathological = _is_pathological(basis, t, n, m)
    t, t_rule = _t(primary, t, pci, (edition, pathological), (psum_mm, fmax_mm, features))
    edition = edition or edition_of_words(group, primary=primary)
    answer = stage_group(t, n, m, edition, primary=primary)
    table = edition_table(primary, answer.edition)
    stated = parse_group(group, table.edition, primary=primary, where="group")
    if stated is not None:
        check_group_fits(stated, answer, where="group")
        answer = _of_group(answer, stated)
    categories = (answer.t, answer.n, answer.m)
    readings = read_elsewhere(
        categories, stated, table.edition, primary=primary, pathological=pathological
    )
    return {
        "stage": answer.stage,
        "possible": list(answer.possible),
        "t": answer.t,
        "n": answer.n,
        "m": answer.m,
        "edition": answer.edition,
        "basis": "pathological" if pathological else "clinical",
        "primary": answer.primary,
        "rule": t_rule + answer.rule,
        "source": answer.source,
        "system": table.name,
        "current": table.current,
        "means": {name: table.means[name] for name in answer.possible if name in table.means},
        "note": table.note,
        "elsewhere": [_plain(reading) for reading in readings],
        "forecast": forecast_reading(categories, stated, table.edition, primary=primary),
        "version": __version__,
    }


def _plain(reading: Reading) -> dict[str, Any]:
    lists = {
        "stages": list(reading.stages),
        "combinations": [list(combination) for combination in reading.combinations],
    }
    return asdict(reading) | lists


def _of_group(answer: StageAnswer, group: str) -> StageAnswer:
    """Narrow an answer to the group that is stated with it."""
    meant = groups_meant(group, answer.edition, primary=answer.primary)
    possible = tuple(name for name in answer.possible if name in meant)
    rule = answer.rule
    if not any((answer.t, answer.n, answer.m)):
        table = edition_table(answer.primary, answer.edition)
        held = compatible_tnm(group, answer.edition, primary=answer.primary)
        rule = f"{table.name}: stage {group} takes in {in_words(held, table)}"
    return replace(
        answer,
        possible=possible,
        stage=possible[0] if len(possible) == 1 else None,
        rule=rule,
    )


def _t(
    primary: str,
    t: str | None,
    pci: int | None,
    by: tuple[str | None, bool],
    on_ct: tuple[float | None, float | None, Collection[str]],
) -> tuple[str | None, str]:
    """Return T as stated, from the index or from CT, and the rule that gave it."""
    psum_mm, fmax_mm, features = on_ct
    edition, pathological = by
    measured = psum_mm is not None or fmax_mm is not None or bool(features)
    if sum((t is not None, pci is not None, measured)) > 1:
        raise InputError(
            "T is given in two ways",
            allowed="one of: a T category, a peritoneal cancer index, CT measurements",
        )
    if pci is not None:
        if primary != "peritoneal":
            raise InputError("the PCI belongs to the peritoneum", where="pci", given=primary)
        t = t_from_pci(pci, where="pci")
        return t, f"PCI {pci} -> {t}. "
    if measured:
        answer = _t_measured(primary, edition, on_ct, pathological=pathological)
        return answer.t, f"{answer.rule}. "
    return t, ""


def _t_measured(
    primary: str,
    edition: str | None,
    on_ct: tuple[float | None, float | None, Collection[str]],
    *,
    pathological: bool,
) -> TAnswer:
    """Return T from measurements and features, by the rules of the edition and the basis."""
    psum_mm, fmax_mm, features = on_ct
    number = edition_table(primary, edition).edition
    grown_into = number == "8" or (number == "9" and pathological)
    if primary == "pleural" and grown_into and psum_mm is None and fmax_mm is None:
        found = t_from_features(features)
        if number == "9":
            kept = f"{found.rule}; the pathological T of the 9th kept these descriptors"
            found = replace(found, rule=kept)
        return found
    if primary != "pleural" or number != "9" or pathological:
        raise InputError(
            "thickness on CT gives the clinical T of the 9th edition for pleural mesothelioma only",
            where="edition",
            given=f"{primary}, {'pathological, ' * pathological}edition {edition or 'newest'}",
            allowed="T as a category; or features alone, for edition 8 or a pathological T",
            remedy="Give the T category",
        )
    return clinical_t(psum_mm, fmax_mm, features)


def _is_pathological(basis: str | None, *categories: str | None) -> bool:
    """Return whether a stage rests on tissue: as said, else as all its categories are written."""
    if basis is not None:
        if basis not in ("clinical", "pathological"):
            raise unknown_name("basis", basis, ("clinical", "pathological"))
        return basis == "pathological"
    written = [category.strip().casefold() for category in categories if category]
    return bool(written) and all(text.lstrip("yra").startswith("p") for text in written)
