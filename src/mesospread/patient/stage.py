"""The stage as a patient file states it."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, ValidationInfo, field_validator, model_validator

from mesospread.anatomy import primary as primary_named
from mesospread.errors import InputError
from mesospread.patient import fields
from mesospread.patient.fields import DATE, Record, facts, refusal, unknown_as_none
from mesospread.staging import (
    check_group_fits,
    edition_in_force,
    edition_of_words,
    edition_table,
    parse_category,
    parse_group,
    stage_group,
    t_from_pci,
)

_PATHOLOGICAL = re.compile(r"\s*y?p[tnm]", re.IGNORECASE)
_CLINICAL = re.compile(r"\s*y?c[tnm]", re.IGNORECASE)


def _number_as_text(value: object) -> object:
    """Return 3 as "3", so that `t = 3` and `edition = 9` may be written without quotes."""
    plain_number = isinstance(value, int) and not isinstance(value, bool)
    return str(value) if plain_number else unknown_as_none(value)


Category = Annotated[str | None, BeforeValidator(_number_as_text)]


class Stage(Record):
    """The stage as stated: T, N, M, or the group, or the peritoneal cancer index.

    Attributes
    ----------
    date
        Date of staging; the date of diagnosis unless stated.
    edition
        ``"8"`` or ``"9"`` (pleural), ``"2011"`` (peritoneal), ``"summary"`` (localized, regional,
        distant), or an earlier one, read as all it allows today: ``"7"``, ``"butchart"``,
        ``"brigham"`` (pleural); unless stated, the one in force on that date.
    t, n, m
        Categories, e.g. ``"T3"``; None if unknown. Where no TNM exists, ``t`` is ``"confined"``,
        ``"through_wall"``, ``"adjacent_organs"`` or ``"beyond"``.
    pci
        Peritoneal cancer index, 0 to 39.
    group
        Stage group, e.g. ``"IIIA"``; ``"III"`` where the letter is not known; where no TNM
        exists ``"localized"``, ``"regional"`` or ``"distant"``.
    basis
        ``"clinical"`` or ``"pathological"``; taken from cT or pT if written so.
    """

    date: fields.MaybeDay = Field(default=None, validate_default=True, description=DATE)
    edition: Annotated[str | None, BeforeValidator(_number_as_text)] = Field(
        default=None,
        validate_default=True,
        description='pleural: "8" or "9", or an earlier one: "7", "butchart", "brigham", '
        '"summary"; else leave it out',
    )
    t: Category = Field(
        default=None,
        description="T1, T2, T3, T4, TX; pericardial and testicular: confined, through_wall, "
        "adjacent_organs, beyond",
    )
    n: Category = Field(default=None, description="N0, N1, N2, NX")
    m: Category = Field(default=None, description="M0, M1")
    pci: Annotated[int | None, BeforeValidator(unknown_as_none)] = Field(
        default=None, strict=True, description="a whole number from 0 to 39"
    )
    group: Category = Field(
        default=None,
        description='a stage group, e.g. "IIIA"; pericardial and testicular: localized, regional, '
        "distant",
    )
    basis: fields.Basis = Field(default=None, description="clinical, pathological")

    @property
    def t_stated(self) -> str | None:
        """T as stated, or as it follows from the peritoneal cancer index."""
        return self.t if self.pci is None else t_from_pci(self.pci)

    @model_validator(mode="before")
    @classmethod
    def _basis_from_prefix(cls, data: object) -> object:
        """Take the basis from cT2 or pT2, if all that are written agree."""
        if not isinstance(data, Mapping) or data.get("basis") is not None:
            return data
        written = [data[key] for key in ("t", "n", "m") if isinstance(data.get(key), str)]
        for basis, pattern in (("pathological", _PATHOLOGICAL), ("clinical", _CLINICAL)):
            if written and all(pattern.match(text) for text in written):
                return {**data, "basis": basis}
        return data

    @model_validator(mode="before")
    @classmethod
    def _edition_of_words(cls, data: object, info: ValidationInfo) -> object:
        """Take localized, regional and distant for what they are if no edition is named."""
        primary = facts(info).primary
        if not isinstance(data, Mapping) or primary is None:
            return data
        group = data.get("group")
        if unknown_as_none(data.get("edition")) is not None or not isinstance(group, str):
            return data
        edition = edition_of_words(group, primary=primary)
        return data if edition is None else {**data, "edition": edition}

    @field_validator("date")
    @classmethod
    def _default_date(cls, value: dt.date | None, info: ValidationInfo) -> dt.date | None:
        return value or facts(info).diagnosed

    @field_validator("edition")
    @classmethod
    def _check_edition(cls, value: str | None, info: ValidationInfo) -> str | None:
        primary = facts(info).primary
        if primary is None:
            return value
        try:
            if value is None:
                return edition_in_force(primary, info.data.get("date"))
            return edition_table(primary, value).edition
        except InputError as error:
            raise refusal(error) from None

    @field_validator("t", "n", "m")
    @classmethod
    def _check_category(cls, value: str | None, info: ValidationInfo) -> str | None:
        primary, edition = facts(info).primary, info.data.get("edition")
        if primary is None or edition is None:
            return value
        axes: dict[str | None, Literal["t", "n", "m"]] = {"t": "t", "n": "n", "m": "m"}
        try:
            return parse_category(value, axes[info.field_name], edition, primary=primary)
        except InputError as error:
            raise refusal(error) from None

    @field_validator("pci")
    @classmethod
    def _check_pci(cls, value: int | None, info: ValidationInfo) -> int | None:
        primary = facts(info).primary
        if value is None or primary is None:
            return value
        try:
            by_index, stated = t_from_pci(value), info.data.get("t")
            if primary != "peritoneal":
                raise InputError(
                    "the cancer index is for peritoneal mesothelioma only",
                    given=f"{value} for {primary_named(primary).clinical_label}",
                    allowed="t, n, m or group",
                    remedy="Leave pci out",
                )
            if stated not in (None, by_index):
                raise InputError(
                    "the cancer index contradicts T",
                    given=f"pci {value}, which is {by_index}, with {stated}",
                    allowed=f"{by_index}, or no T",
                    remedy="Leave out the one that is less sure",
                    reason="index_contradicts",
                    values={"t": by_index},
                )
        except InputError as error:
            raise refusal(error) from None
        return value

    @field_validator("group")
    @classmethod
    def _check_group(cls, value: str | None, info: ValidationInfo) -> str | None:
        primary, edition = facts(info).primary, info.data.get("edition")
        if primary is None or edition is None:
            return value
        try:
            group = parse_group(value, edition, primary=primary)
            if group is not None:
                t, n, m, pci = (info.data.get(key) for key in ("t", "n", "m", "pci"))
                t = t if pci is None else t_from_pci(pci)
                check_group_fits(group, stage_group(t, n, m, edition, primary=primary))
            return group
        except InputError as error:
            raise refusal(error) from None
