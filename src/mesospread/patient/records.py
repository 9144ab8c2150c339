"""The facts of one patient: frozen values that have passed every check."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    Field,
    ValidationInfo,
    field_validator,
    model_validator,
)

from mesospread.anatomy import primary as primary_named
from mesospread.errors import InputError
from mesospread.patient import fields
from mesospread.patient.fields import DATE, FileFacts, Record, facts, refusal, unknown_as_none
from mesospread.patient.stage import Stage

_MAYBE_NONE = BeforeValidator(fields.none_as_empty)
_ASSUMED = "true if the day is not known"
_SITES = 'a list of site names, e.g. ["liver", "bone"]'


class Scan(Record):
    """One examination: where it found tumour and where it looked and found none.

    Attributes
    ----------
    date
        Date of the examination. One that is not known is taken to be that of the diagnosis, or
        else the day that the file describes.
    date_assumed
        True if the date is not known.
    modality
        ``CT``, ``PET-CT``, ``MRI``, ``bone scan``, …
    positive, negative
        Site names; a site in neither was not looked at or not reported.
    """

    date: fields.FilledDay = Field(default=None, validate_default=True, description=DATE)
    date_assumed: fields.Assumed = Field(default=None, description=_ASSUMED)
    modality: fields.Modality = Field(description="CT, PET-CT, MRI, bone scan, …")
    positive: fields.Sites = Field(default=(), description=_SITES)
    negative: fields.Sites = Field(default=(), description=_SITES)

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object, info: ValidationInfo) -> object:
        return fields.with_day(data, "date", info)

    @field_validator("negative")
    @classmethod
    def _not_both(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        both = [site for site in value if site in info.data.get("positive", ())]
        if both:
            raise refusal(
                InputError(
                    "the same site is both positive and negative on one scan",
                    given=", ".join(both),
                    allowed="each site in one of the two lists",
                    remedy="Leave it out of both if the report does not say",
                    reason="both_answers",
                )
            )
        return value


class Treatment(Record):
    """One treatment.

    Attributes
    ----------
    name
        As written, e.g. ``"pemetrexed + cisplatin"``; the model matches it.
    start, end
        First and last day; no end means it is still going on. A first day that is not known is
        taken to be that of the diagnosis, or else the day that the file describes.
    start_assumed
        True if the first day is not known.
    response
        ``complete``, ``partial``, ``stable`` or ``progression``; None if unknown.
    """

    name: fields.Text = Field(description="the name of the treatment, in words")
    start: fields.FilledDay = Field(default=None, validate_default=True, description=DATE)
    start_assumed: fields.Assumed = Field(default=None, description=_ASSUMED)
    end: fields.MaybeDay = Field(default=None, description=DATE)
    response: fields.Response = Field(
        default=None, description="complete, partial, stable, progression, unknown"
    )

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, data: object, info: ValidationInfo) -> object:
        return fields.with_day(data, "start", info)

    @field_validator("end")
    @classmethod
    def _in_order(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        start = info.data.get("start")
        if value is not None and start is not None and value < start:
            raise refusal(
                InputError(
                    "the treatment ends before it starts",
                    given=f"start {start.isoformat()}, end {value.isoformat()}",
                    allowed=f"{start.isoformat()} or later",
                    remedy="Correct one of the two dates, or leave the end out",
                    reason="ends_before_start",
                    values={"first": start},
                )
            )
        return value


class Symptom(Record):
    """One symptom.

    Attributes
    ----------
    name
        As written, e.g. ``"bone pain"``; the model matches it.
    since
        When it began; None if unknown.
    present
        True if it is there, False if it was asked for and is not; None if unknown.
    """

    name: fields.Text = Field(description="the name of the symptom, in words")
    since: fields.MaybeDay = Field(default=None, description=DATE)
    present: fields.YesNo = Field(default=True, description="true, false")


@dataclass(frozen=True)
class Finding:
    """What one scan said about one site.

    Attributes
    ----------
    site
        Site name.
    modality
        How it was looked at.
    date
        When.
    positive
        True if tumour was seen, False if it was looked for and not seen.
    """

    site: str
    modality: str
    date: dt.date
    positive: bool


class Patient(Record):
    """One patient. Only the primary is needed; None means unknown.

    Attributes
    ----------
    primary
        ``pleural``, ``peritoneal``, ``pericardial`` or ``testicular``.
    side
        ``left`` or ``right``, of the primary.
    histology
        ``epithelioid``, ``biphasic`` or ``sarcomatoid``.
    age
        Age on the day `as_of`, in whole years.
    sex
        ``male`` or ``female``.
    performance_status
        ECOG performance status, 0 to 4.
    diagnosed
        Date of diagnosis.
    as_of
        The day the file describes ("today"); unless stated, the last date in the file.
    died
        Date of death, for looking back: nothing else in the file may lie after it, and the
        day the file describes lies before it.
    stage, scans, treatments, symptoms
        See the classes of these names.
    """

    primary: fields.PrimaryName = Field(description="pleural, peritoneal, pericardial, testicular")
    side: fields.Side = Field(default=None, description="left, right")
    histology: fields.Histology = Field(
        default=None, description="epithelioid, biphasic, sarcomatoid"
    )
    age: fields.Age = Field(default=None, description="a whole number from 0 to 110")
    sex: fields.Sex = Field(default=None, description="male, female")
    performance_status: fields.PerformanceStatus = Field(
        default=None, description="a whole number from 0 to 4 (ECOG)"
    )
    diagnosed: fields.MaybeDay = Field(default=None, description=DATE)
    as_of: fields.MaybeDay = Field(default=None, validate_default=True, description=DATE)
    died: fields.MaybeDay = Field(default=None, description=DATE)
    stage: Annotated[Stage | None, BeforeValidator(unknown_as_none)] = Field(
        default=None, description="a table: [stage] with t, n, m or group"
    )
    scans: Annotated[tuple[Scan, ...], _MAYBE_NONE] = Field(
        default=(),
        description="a list of tables: [[scans]] with date, modality, positive, negative",
    )
    treatments: Annotated[tuple[Treatment, ...], _MAYBE_NONE] = Field(
        default=(), description="a list of tables: [[treatments]] with name, start, end, response"
    )
    symptoms: Annotated[tuple[Symptom, ...], _MAYBE_NONE] = Field(
        default=(), description="a list of tables: [[symptoms]] with name, since, present"
    )

    @model_validator(mode="before")
    @classmethod
    def _check_in_context(cls, data: object, info: ValidationInfo) -> object:
        """Check a patient built in Python as strictly as one read from a file."""
        if isinstance(info.context, FileFacts) or not isinstance(data, Mapping):
            return data
        plain = _plain(data)
        return cls.model_validate(plain, context=FileFacts.of(plain)).model_dump()

    @field_validator("side")
    @classmethod
    def _has_sides(cls, value: str | None, info: ValidationInfo) -> str | None:
        primary = info.data.get("primary")
        if value is not None and primary is not None and not primary_named(primary).paired:
            raise refusal(
                InputError(
                    f"{primary_named(primary).clinical_label} has no left or right side",
                    given=value,
                    allowed="nothing here",
                    remedy="Leave side out",
                )
            )
        return value

    @field_validator("sex")
    @classmethod
    def _can_have_it(cls, value: str | None, info: ValidationInfo) -> str | None:
        primary = info.data.get("primary")
        only = primary_named(primary).sex if primary else None
        if primary and value and only not in (None, value):
            raise refusal(
                InputError(
                    f"{primary_named(primary).clinical_label} occurs in a {only} body only",
                    given=value,
                    allowed=str(only),
                    remedy=f'Write "{only}" or leave it out: the model uses it for nothing but '
                    "the life table",
                )
            )
        return value

    @field_validator("as_of")
    @classmethod
    def _default_as_of(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        return value or facts(info).as_of

    @field_validator("died")
    @classmethod
    def _was_alive_then(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        today = info.data.get("as_of")
        if value is not None and (today is None or value <= today):
            raise refusal(
                InputError(
                    "the file describes a day on which the person was no longer alive",
                    given=f"died {value}, as_of {today or 'not known'}",
                    allowed="an as_of before the day of death",
                    remedy="Set as_of to the day to look back to, or leave died out",
                )
            )
        return value

    def findings(self) -> tuple[Finding, ...]:
        """Return what the scans said, one finding per scan and site, oldest scan first."""
        return tuple(
            Finding(site, scan.modality, scan.date, positive)
            for scan in sorted(self.scans, key=lambda scan: scan.date)
            for positive, sites in ((True, scan.positive), (False, scan.negative))
            for site in sites
        )

    def assumed_days(self) -> tuple[str, ...]:
        """Return a sentence for each day that is not known, with what was taken for it."""
        scans = [
            f"The date of the {scan.modality} is not known; it is taken as done on "
            f"{scan.date:%d %B %Y}."
            for scan in self.scans
            if scan.date_assumed
        ]
        treatments = [
            f"The first day of {treatment.name} is not known; it is taken to begin on "
            f"{treatment.start:%d %B %Y}."
            for treatment in self.treatments
            if treatment.start_assumed
        ]
        return tuple(dict.fromkeys([*scans, *treatments]))

    def to_dict(self) -> dict[str, Any]:
        """Return the patient file's keys and values, dates as text, unknown facts left out.

        ``parse_patient(patient.to_dict())`` gives the same patient.
        """
        return _stated(self.model_dump(mode="json"))


def _plain(value: object) -> Any:
    """Return records as plain mappings, all the way down."""
    if isinstance(value, BaseModel):
        return value.model_dump()
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return value


def _stated(record: dict[str, Any]) -> dict[str, Any]:
    """Drop what is unknown or empty, all the way down.

    A symptom of unknown presence keeps the word, since leaving it out would mean present.
    """
    kept: dict[str, Any] = {}
    for key, value in record.items():
        if isinstance(value, dict):
            kept[key] = _stated(value)
        elif isinstance(value, list):
            kept[key] = [_stated(row) if isinstance(row, dict) else row for row in value]
        elif value is not None or key == "present":
            kept[key] = "unknown" if value is None else value
    return {key: value for key, value in kept.items() if value not in ([], {})}
