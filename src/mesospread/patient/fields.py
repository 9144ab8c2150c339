"""The kinds of fields in a patient file, and how each is read.

Checks that need another part of the file (the primary, today's date) find it in `FileFacts`,
which travels as pydantic's validation context. So every check runs at its own field, and all
that is wrong is found in one pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    StrictStr,
    ValidationInfo,
    WithJsonSchema,
)
from pydantic_core import PydanticCustomError

from mesospread.anatomy import find_primary, find_site, normalised
from mesospread.errors import InputError, MesospreadError
from mesospread.patient.vocabulary import (
    BASES,
    HISTOLOGIES,
    MODALITIES,
    RESPONSES,
    SEXES,
    SIDES,
    Vocabulary,
)

EARLIEST = dt.date(1950, 1, 1)
_DATE_KEYS: dict[str, tuple[str, ...]] = {
    "stage": ("date",),
    "scans": ("date",),
    "treatments": ("start", "end"),
    "symptoms": ("since",),
}
#: tables in which a day that is not known is filled in, see `with_day`
_FILLED = ("scans", "treatments")
DATE = "a date as year-month-day, e.g. 2026-03-15"
UNKNOWN = frozenset({"unknown", "not known", "?"})


class Record(BaseModel):
    """A frozen group of facts that refuses keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class FileFacts:
    """What the checks of one field need to know of the rest of the file.

    Attributes
    ----------
    primary
        Name of the primary; None if it is missing or wrong.
    diagnosed
        Date of diagnosis, if stated.
    as_of
        Today as stated, or the last date in the file; None if there is no date and none is
        needed.
    died
        Date of death, if stated.
    """

    primary: str | None
    diagnosed: dt.date | None
    as_of: dt.date | None
    died: dt.date | None = None

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> FileFacts:
        """Gather the facts from a file not yet checked; what is wrong there counts as absent."""
        try:
            primary = find_primary(str(data.get("primary", ""))).name
        except InputError:
            primary = None
        stated = as_day(data.get("as_of"))
        found = [day for day in map(as_day, _dates(data)) if day]
        rows = [data.get(table) for table in _FILLED]
        if not found and any(isinstance(listed, list | tuple) and listed for listed in rows):
            # something was done and no day is known at all: it is taken as done today
            found = [dt.date.today()]
        return cls(
            primary=primary,
            diagnosed=as_day(data.get("diagnosed")),
            as_of=stated or max(found, default=None),
            died=as_day(data.get("died")),
        )


def facts(info: ValidationInfo) -> FileFacts:
    """Return the facts that travel with a validation (none of them if there are none)."""
    return info.context if isinstance(info.context, FileFacts) else FileFacts(None, None, None)


def refusal(error: MesospreadError) -> PydanticCustomError:
    """Return one of our errors in the form that pydantic collects."""
    context = {**error.to_dict(), "reason": error.reason, "values": error.values}
    return PydanticCustomError("refused", "{problem}", context)


def as_day(value: object) -> dt.date | None:
    """Return the date that a value states, or None."""
    if isinstance(value, dt.datetime):
        return value.date()
    if isinstance(value, dt.date):
        return value
    if isinstance(value, str):
        try:
            return dt.date.fromisoformat(value.strip())
        except ValueError:
            return None
    return None


def with_day(data: object, key: str, info: ValidationInfo) -> object:
    """Fill in a day that is not known, and say that it is assumed.

    That of the diagnosis is taken; if it is not known, the day that the file describes.

    Parameters
    ----------
    data
        An entry of a file as it was given.
    key
        Key of the day; ``<key>_assumed`` is set beside it.
    info
        Of the validation. Outside of a file nothing is filled in.
    """
    known = info.context
    given = isinstance(data, Mapping) and unknown_as_none(data.get(key)) is not None
    if not isinstance(data, Mapping) or not isinstance(known, FileFacts) or given:
        return data
    # the earliest, so that what is wrong with one of them is told there and not here again
    days = [known.diagnosed, known.as_of, known.died, as_day(data.get("end"))]
    day = min((one for one in days if one), default=dt.date.today())
    return {**data, key: day, f"{key}_assumed": True}


def unknown_as_none(value: object) -> object:
    """Return None for the word "unknown", anything else as it is."""
    if isinstance(value, str) and normalised(value) in UNKNOWN:
        return None
    return value


def _dates(data: Mapping[str, Any]) -> Iterator[object]:
    """Yield everything that stands where a date is expected."""
    yield data.get("diagnosed")
    for table, keys in _DATE_KEYS.items():
        rows = data.get(table)
        for row in rows if isinstance(rows, list | tuple) else [rows]:
            if isinstance(row, Mapping):
                yield from (row.get(key) for key in keys)


def _read_day(value: object, info: ValidationInfo) -> object:
    if value is None or unknown_as_none(value) is None:
        return None
    day = as_day(value)
    if day is None:
        raise refusal(
            InputError(
                "not a date",
                given=repr(value),
                allowed="a date as year-month-day, e.g. 2026-03-15",
                remedy="If only the month is known, write the 15th; if nothing is known, "
                "leave it out",
                reason="not_a_date",
            )
        )
    if day < EARLIEST:
        raise refusal(
            InputError(
                "the date is too far back",
                given=day.isoformat(),
                allowed=f"{EARLIEST.isoformat()} or later",
                remedy="Correct the year",
                reason="too_far_back",
                values={"first": EARLIEST},
            )
        )
    if info.field_name == "died":
        return day
    died = facts(info).died
    if died is not None and day > died:
        raise refusal(
            InputError(
                "the date lies after the day of death",
                given=day.isoformat(),
                allowed=f"{died.isoformat()} or earlier",
                remedy="Correct one of the two dates",
            )
        )
    today = facts(info).as_of
    if today is not None and day > today:
        raise refusal(
            InputError(
                "the date lies after as_of, the day the file describes",
                given=day.isoformat(),
                allowed=f"{today.isoformat()} or earlier",
                remedy="Correct the date or as_of; leave out what is only planned",
                reason="after_today",
                values={"last": today},
            )
        )
    return day


def _reader(vocabulary: Vocabulary) -> Callable[[object], object]:
    """Return a function that reads a word of a vocabulary; "unknown" gives None."""

    def read(value: object) -> object:
        if value is None or unknown_as_none(value) is None:
            return None
        try:
            return vocabulary.find(value if isinstance(value, str) else repr(value))
        except InputError as error:
            raise refusal(error) from None

    return read


def _read_primary(value: object) -> str:
    try:
        return find_primary(value if isinstance(value, str) else repr(value)).name
    except InputError as error:
        raise refusal(error) from None


def _read_site(value: str, info: ValidationInfo) -> str:
    primary = facts(info).primary
    if primary is None:
        return value
    try:
        return find_site(value, primary).name
    except InputError as error:
        raise refusal(error) from None


def _read_text(value: str) -> str:
    text = " ".join(value.split())
    if not text or not text.isprintable():
        raise refusal(
            InputError(
                "empty or unreadable text",
                given=repr(value),
                allowed="a few words",
                remedy="Write the name in plain letters, or leave the whole entry out",
                reason="unreadable",
            )
        )
    return text


def none_as_empty(value: object) -> object:
    """Return an empty list for "unknown", anything else as it is."""
    return () if unknown_as_none(value) is None else value


def _once(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(values))


PrimaryName = Annotated[
    Literal["pleural", "peritoneal", "pericardial", "testicular"], BeforeValidator(_read_primary)
]
Side = Annotated[Literal["left", "right"] | None, BeforeValidator(_reader(SIDES))]
Histology = Annotated[
    Literal["epithelioid", "biphasic", "sarcomatoid"] | None, BeforeValidator(_reader(HISTOLOGIES))
]
Sex = Annotated[Literal["male", "female"] | None, BeforeValidator(_reader(SEXES))]
Basis = Annotated[Literal["clinical", "pathological"] | None, BeforeValidator(_reader(BASES))]
Response = Annotated[
    Literal["complete", "partial", "stable", "progression"] | None,
    BeforeValidator(_reader(RESPONSES)),
]
Modality = Annotated[
    Literal[
        "CT",
        "PET-CT",
        "MRI",
        "bone scan",
        "ultrasound",
        "laparoscopy",
        "mediastinoscopy",
        "EBUS",
        "biopsy",
    ],
    BeforeValidator(_reader(MODALITIES)),
]
Age = Annotated[Annotated[StrictInt, Field(ge=0, le=110)] | None, BeforeValidator(unknown_as_none)]
PerformanceStatus = Annotated[
    Annotated[StrictInt, Field(ge=0, le=4)] | None, BeforeValidator(unknown_as_none)
]
YesNo = Annotated[StrictBool | None, BeforeValidator(unknown_as_none)]
#: a day that is filled in where it is not known, see `with_day`
FilledDay = Annotated[
    dt.date,
    BeforeValidator(_read_day),
    WithJsonSchema(
        {"anyOf": [{"type": "string", "format": "date"}, {"type": "null"}], "default": None},
        mode="validation",
    ),
]
#: true or nothing, so that files in which nothing is assumed look as before
Assumed = Annotated[
    StrictBool | None, BeforeValidator(unknown_as_none), AfterValidator(lambda said: said or None)
]
MaybeDay = Annotated[dt.date | None, BeforeValidator(_read_day)]
Text = Annotated[StrictStr, Field(max_length=200), AfterValidator(_read_text)]
Sites = Annotated[
    tuple[Annotated[StrictStr, AfterValidator(_read_site)], ...],
    BeforeValidator(none_as_empty),
    AfterValidator(_once),
]
