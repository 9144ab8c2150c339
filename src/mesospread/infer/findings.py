"""What was observed of a patient, on the model's clock: months since diagnosis."""

from __future__ import annotations

from dataclasses import dataclass

from mesospread.model.definition import ChanceByCovariate, Value


@dataclass(frozen=True)
class SiteFinding:
    """What one examination said about one site.

    Attributes
    ----------
    label
        How the finding is named to the user.
    at_months
        Since diagnosis.
    site, modality, positive
        The finding.
    """

    label: str
    at_months: float
    site: str
    modality: str
    positive: bool


@dataclass(frozen=True)
class StageFinding:
    """The stage as reported.

    Attributes
    ----------
    label
        How it is named to the user.
    at_months
        Since diagnosis.
    basis
        clinical or pathological.
    possible
        (T, N, M) categories it may stand for; None in a place that is not known.
    seen_by_scans
        Distant sites whose scans of that time are findings of their own; the M
        category says nothing more about them.
    found_by_scans
        One of these findings is positive, so M1 says nothing more at all.
    """

    label: str
    at_months: float
    basis: str
    possible: tuple[tuple[str | None, str | None, str | None], ...]
    seen_by_scans: frozenset[str]
    found_by_scans: bool


@dataclass(frozen=True)
class SymptomFinding:
    """A symptom that is there, or was asked for and is not, today.

    Attributes
    ----------
    label
        How it is named to the user.
    name, present
        The finding.
    at_months
        When a symptom that is there began, since diagnosis: what brings it on was there
        by then. None: today.
    """

    label: str
    name: str
    present: bool
    at_months: float | None = None


@dataclass(frozen=True)
class ResponseFinding:
    """Whether a treatment helped: says something about an unknown cell type.

    Attributes
    ----------
    label
        How the finding is named to the user.
    probability
        Of a response, as in the library.
    responded
        What was seen.
    """

    label: str
    probability: Value | ChanceByCovariate
    responded: bool
