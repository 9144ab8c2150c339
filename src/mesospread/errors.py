"""Errors that say where, what was given, what is allowed and what to do.

The tree::

    MesospreadError
    ├── InputError           a file, option or value the user gave
    │   ├── DefinitionError  a disease definition
    │   └── PatientError     a patient file
    ├── ContradictionError   facts that cannot all be true, or that the model cannot explain
    ├── OutputError          an output place that cannot be used
    └── MissingExtraError    an optional dependency that is not installed

Every error carries the same five fields, so that the command line, the web page
and the API show the same thing (``to_dict``).
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping


def nearest(name: str, allowed: Iterable[str], *, likeness: float = 0.6) -> str | None:
    """Return the allowed name closest to a misspelt one, or None if nothing is close.

    Parameters
    ----------
    name
        What the user wrote.
    allowed
        The names that would have been accepted.
    likeness
        How alike two names must be, 0 to 1.
    """
    candidates = {candidate.lower(): candidate for candidate in allowed}
    normalised = name.strip().lower()
    for variant in (normalised, normalised.replace(" ", "_"), normalised.replace("-", "_")):
        found = difflib.get_close_matches(variant, candidates, n=1, cutoff=likeness)
        if found:
            return candidates[found[0]]
    return None


def _with_stop(part: str) -> str:
    return part if part.endswith(".") else f"{part}."


class MesospreadError(Exception):
    """Base of all errors a user can cause or must act on.

    Parameters
    ----------
    problem
        One short sentence: what is wrong.
    where
        Path into the input, e.g. ``patient.toml › scans[0].modality``.
    given
        What was found there.
    allowed
        What would have been accepted.
    remedy
        What to do about it.
    reason
        Which problem this is, for pages that tell it in another language; empty if none does.
    values
        What such a sentence has blanks for.
    """

    code = "E-GENERAL"

    def __init__(
        self,
        problem: str,
        *,
        where: str = "",
        given: str = "",
        allowed: str = "",
        remedy: str = "",
        reason: str = "",
        values: Mapping[str, object] | None = None,
    ) -> None:
        self.problem = problem
        self.where = where
        self.given = given
        self.allowed = allowed
        self.remedy = remedy
        self.reason = reason
        self.values = dict(values or {})
        super().__init__(problem)

    def __str__(self) -> str:
        head = f"{self.where}: {self.problem}" if self.where else self.problem
        parts = [head]
        if self.given:
            parts.append(f"given: {self.given}")
        if self.allowed:
            parts.append(f"allowed: {self.allowed}")
        if self.remedy:
            parts.append(self.remedy)
        sentences = [part if part.endswith("?") else _with_stop(part) for part in parts]
        return " ".join(sentences)

    def to_dict(self) -> dict[str, str]:
        """Return the five fields and the code, for JSON answers."""
        return {
            "code": self.code,
            "problem": self.problem,
            "where": self.where,
            "given": self.given,
            "allowed": self.allowed,
            "remedy": self.remedy,
        }


class InputError(MesospreadError):
    """A file, option or value that cannot be used."""

    code = "E-INPUT"


class DefinitionError(InputError):
    """A disease definition that is wrong."""

    code = "E-DEFINITION"


class PatientError(InputError):
    """A patient file that is wrong."""

    code = "E-PATIENT"


class ContradictionError(MesospreadError):
    """Facts that cannot all be true, or that the model cannot explain together."""

    code = "E-CONTRADICTION"


class OutputError(MesospreadError):
    """An output place that cannot be written or would be overwritten."""

    code = "E-OUTPUT"


class MissingExtraError(MesospreadError):
    """An optional dependency that is not installed."""

    code = "E-EXTRA"


def unknown_name(
    kind: str,
    name: str,
    allowed: Iterable[str],
    *,
    where: str = "",
    error: type[MesospreadError] = InputError,
) -> MesospreadError:
    """Build the error for a name that is not known, suggesting the nearest valid one.

    Parameters
    ----------
    kind
        What the name should have named, e.g. ``"site"``.
    name
        What the user wrote.
    allowed
        The valid names.
    where
        Path into the input.
    error
        Class of the error to build.
    """
    names = sorted(allowed)
    guess = nearest(name, names)
    shown = names if len(names) <= 30 else [*names[:30], f"… ({len(names)} in all)"]
    return error(
        f"unknown {kind}",
        where=where,
        given=repr(name),
        allowed=", ".join(shown),
        remedy=f"Did you mean {guess!r}?" if guess else "",
    )
