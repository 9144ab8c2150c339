"""From a template to a page: language, addresses, words."""

from __future__ import annotations

import datetime as dt
from functools import cache, partial
from importlib.resources import files
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from mesospread._version import __version__
from mesospread.report.strings import ENGLISH, Catalogue, catalogue
from mesospread.report.strings import text as report_text
from mesospread.report.view_numbers import day
from mesospread.report.view_parts import Words, treatment_name
from mesospread.web.settings import Settings

#: languages other than English, each under an address of its own
LANGUAGES = {"en": "English", "es": "Español"}


def words() -> Catalogue:
    """Return the sentences of the page."""
    return catalogue("mesospread.web")


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader("mesospread.web"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


@cache
def static_text(name: str) -> str:
    """Return a file that is sent to browsers as it is."""
    return (files("mesospread.web") / "static" / name).read_text("utf-8")


def language(request: Request) -> str:
    """Return the language of a request, from the beginning of its address."""
    return str(request.scope.get("mesospread.language", ENGLISH))


def today(request: Request) -> dt.date:
    """Return the day that the page takes for today."""
    return settings_of(request).today or dt.date.today()


def settings_of(request: Request) -> Settings:
    """Return the settings of the server."""
    settings: Settings = request.app.state.settings
    return settings


def text(request: Request, key: str, **values: Any) -> str:
    """Return a sentence in the language of a request."""
    return words().text(key, language(request), **values)


def named(choice: Any, group: str, lang: str, *, clinical: bool = False) -> str:
    """Return the name of a place or a symptom; one that is not translated stays in English.

    Parameters
    ----------
    choice
        With ``value`` (or ``name``), ``plain`` and ``clinical``.
    group
        ``site`` or ``symptom``.
    lang
        Language.
    clinical
        Whether a clinician reads it.
    """
    value = getattr(choice, "value", None) or choice.name
    own = words().sentences[lang].get(f"{group}.{value.replace(' ', '_')}")
    english: str = choice.clinical if clinical else choice.plain
    return own or english


def page(
    request: Request, template: str, *, status: int = 200, path: str = "", **context: Any
) -> HTMLResponse:
    """Return a page.

    Parameters
    ----------
    request
        What was asked.
    template
        Name of the template.
    status
        HTTP status.
    path
        Address at which the reader finds this page in another language; where a page came from
        a form, that of the form. Default: the address asked for.
    context
        What the template shows.
    """
    return HTMLResponse(piece(request, template, path=path, **context), status_code=status)


def piece(request: Request, template: str, *, path: str = "", **context: Any) -> Markup:
    """Return what a template makes, to be put into a page; parameters as for `page`."""
    lang = language(request)
    prefix = "" if lang == ENGLISH else f"/{lang}"
    here = path or str(request.scope["path"])
    others = [
        (code, name, here if code == ENGLISH else f"/{code}{'' if here == '/' else here}")
        for code, name in LANGUAGES.items()
        if code in words().languages() and code != lang
    ]
    html = (
        _environment()
        .get_template(template)
        .render(
            lang=lang,
            # attributes of elements that are in English only, and of those of ours within them
            english=Markup() if lang == ENGLISH else Markup(f' lang="{ENGLISH}"'),
            own=Markup() if lang == ENGLISH else Markup(' lang="{}"').format(lang),
            t=partial(words().text, lang=lang),
            has=words().has,
            named=partial(named, lang=lang),
            written=partial(day, lang=lang),
            treatment=lambda name: treatment_name(name, Words(lang)),
            emergency=report_text("emergency.numbers", lang),
            url=lambda address: f"{prefix}{address}" if address != "/" or not prefix else prefix,
            other_languages=others,
            here=here,
            version=__version__,
            **context,
        )
    )
    return Markup(html)
