"""The stage group from categories or measurements."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from mesospread.errors import InputError
from mesospread.staging import clinical_t, stage_group, t_from_pci


def stage(
    primary: str = "pleural",
    *,
    t: str | None = None,
    n: str | None = None,
    m: str | None = None,
    edition: str | None = None,
    pci: int | None = None,
    psum_mm: float | None = None,
    fmax_mm: float | None = None,
    features: Collection[str] = (),
) -> dict[str, Any]:
    """Return the stage group, or the groups still possible, and the rule that decided.

    Parameters
    ----------
    primary
        ``pleural``, ``peritoneal``, ``pericardial`` or ``testicular``.
    t, n, m
        Categories; None if unknown.
    edition
        The newest if None.
    pci
        Peritoneal cancer index; gives T.
    psum_mm, fmax_mm, features
        CT measurements in mm and features seen; give the clinical T of the 9th edition.

    Raises
    ------
    InputError
        For impossible values, or for T given in two ways.
    """
    measured = psum_mm is not None or fmax_mm is not None or bool(features)
    if sum((t is not None, pci is not None, measured)) > 1:
        raise InputError(
            "T is given in two ways",
            allowed="one of: a T category, a peritoneal cancer index, CT measurements",
        )
    t_rule = ""
    if pci is not None:
        if primary != "peritoneal":
            raise InputError("the PCI belongs to the peritoneum", where="pci", given=primary)
        t = t_from_pci(pci, where="pci")
        t_rule = f"PCI {pci} -> {t}. "
    elif measured:
        if primary != "pleural" or edition not in (None, "9"):
            raise InputError(
                "CT measurements give T in the 9th edition for pleural mesothelioma only",
                where="edition",
                given=f"{primary}, edition {edition or 'newest'}",
                remedy="Give the T category",
            )
        answer = clinical_t(psum_mm, fmax_mm, features)
        t, t_rule = answer.t, f"{answer.rule}. "
    group = stage_group(t, n, m, edition, primary=primary)
    return {
        "stage": group.stage,
        "possible": list(group.possible),
        "t": group.t,
        "n": group.n,
        "m": group.m,
        "edition": group.edition,
        "primary": group.primary,
        "rule": t_rule + group.rule,
        "source": group.source,
    }
