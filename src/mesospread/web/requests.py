"""Reading the small forms: a word to search for, a place, a country."""

from __future__ import annotations

from fastapi import Request

from mesospread.errors import InputError, unknown_name

#: longest text of a small form
_LONGEST = 500


async def only_fields(request: Request, *names: str) -> dict[str, str]:
    """Return the fields of a form, empty where one was not sent.

    Raises
    ------
    InputError
        For another field, one sent twice, a text that is too long, or no form at all.
    """
    kind = request.headers.get("content-type", "").split(";")[0]
    if kind not in ("application/x-www-form-urlencoded", "multipart/form-data"):
        raise InputError("not a form", given=kind[:40], allowed="a form as a browser sends it")
    found = dict.fromkeys(names, "")
    seen: set[str] = set()
    async with request.form(max_fields=50, max_files=0) as sent:
        for name, value in sent.multi_items():
            if name not in found:
                raise unknown_name("field", name[:40], names)
            if name in seen or not isinstance(value, str) or len(value) > _LONGEST:
                raise InputError(
                    "a field cannot be read",
                    where=name,
                    allowed=f"one text of up to {_LONGEST} characters",
                )
            seen.add(name)
            found[name] = value.strip()
    return found
