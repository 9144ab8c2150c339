"""Reports of a forecast or a comparison: as views, and as files on paper or screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from mesospread.app.page_tested import facts_of, less_tested
from mesospread.app.report_guide import compare_guide_texts, forecast_guide_texts
from mesospread.errors import InputError, OutputError, nearest
from mesospread.guide.places import find_country
from mesospread.infer.result import Comparison, Forecast
from mesospread.report.html import document
from mesospread.report.strings import ENGLISH, catalogue
from mesospread.report.view import (
    CompareView,
    ForecastView,
    GuideTexts,
    Mode,
    OutlookForm,
    compare_view,
    forecast_view,
)
from mesospread.writing import write_whole

__all__ = [
    "CompareView",
    "ForecastView",
    "Mode",
    "OutlookForm",
    "check_report",
    "compare_guide_texts",
    "compare_page",
    "compare_report",
    "forecast_guide_texts",
    "forecast_page",
    "forecast_report",
    "write_report",
]

_Name = TypeVar("_Name", bound=str)

MODES: tuple[Mode, ...] = ("plain", "clinician")
OUTLOOKS: tuple[OutlookForm, ...] = ("all", "ranges", "people", "curve")


def forecast_page(
    forecast: Forecast,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: OutlookForm = "all",
) -> ForecastView:
    """Return all that a page or a report shows of a forecast.

    Parameters
    ----------
    forecast
        The answer; survival is shown if it holds it.
    mode
        ``"plain"`` for patients and carers, ``"clinician"`` for the team.
    lang
        Language.
    country
        Whose help lines are listed: a name or a two-letter code; None for all that have a
        number to ring.
    outlook
        In which form survival is shown, if it is: ``"ranges"`` in words, ``"people"`` out of
        100, ``"curve"``, or ``"all"``.

    Raises
    ------
    InputError
        For an unknown mode, language or country.
    """
    texts = forecast_guide_texts(forecast, country, lang)
    return forecast_view(
        forecast,
        mode=_mode(mode),
        lang=lang,
        texts=_with_tested(texts, forecast.patient, lang, mode),
        outlook=_outlook(outlook),
    )


def compare_page(
    comparison: Comparison,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: OutlookForm = "all",
) -> CompareView:
    """Return all that a page or a report shows of a comparison; see `forecast_page`."""
    texts = compare_guide_texts(comparison, country, lang)
    return compare_view(
        comparison,
        mode=_mode(mode),
        lang=lang,
        texts=_with_tested(texts, comparison.patient, lang, mode),
        outlook=_outlook(outlook),
    )


def _with_tested(
    texts: GuideTexts, patient: Mapping[str, Any], lang: str, mode: Mode
) -> GuideTexts:
    """Add the facts for which the model is less well tested; a fact said twice only once."""
    found = less_tested(facts_of(patient), lang=lang, mode=mode).values()
    told = dict.fromkeys((notice.about, notice.text) for notice in found)
    return replace(texts, less_tested=tuple(told))


def forecast_report(
    forecast: Forecast,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: OutlookForm = "all",
) -> str:
    """Return a forecast as one HTML file that needs nothing else; see `forecast_page`."""
    return document(forecast_page(forecast, mode=mode, lang=lang, country=country, outlook=outlook))


def compare_report(
    comparison: Comparison,
    *,
    mode: Mode = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: OutlookForm = "all",
) -> str:
    """Return a comparison as one HTML file that needs nothing else; see `forecast_page`."""
    return document(
        compare_page(comparison, mode=mode, lang=lang, country=country, outlook=outlook)
    )


def write_report(
    result: Forecast | Comparison,
    *,
    html: str | Path | None = None,
    pdf: str | Path | None = None,
    mode: str = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: str = "all",
) -> tuple[Path, ...]:
    """Write a report to one file or two; each appears whole or not at all.

    A report that is there already is replaced.

    Parameters
    ----------
    result
        A forecast or a comparison.
    html, pdf
        Where to; their names end in ``.html`` and ``.pdf``.
    mode, lang, country, outlook
        As for `forecast_page`.

    Returns
    -------
    The files written.

    Raises
    ------
    OutputError
        If a name does not end as it should, or its folder cannot be written to.
    InputError
        For an unknown mode, language, country or form.
    """
    html_file, pdf_file = check_report(
        html=html, pdf=pdf, mode=mode, lang=lang, country=country, outlook=outlook
    )
    reader, form = _mode(mode), _outlook(outlook)
    page: ForecastView | CompareView
    if isinstance(result, Forecast):
        page = forecast_page(result, mode=reader, lang=lang, country=country, outlook=form)
    else:
        page = compare_page(result, mode=reader, lang=lang, country=country, outlook=form)
    contents: list[tuple[Path, bytes]] = []
    if html_file is not None:
        contents.append((html_file, document(page).encode()))
    if pdf_file is not None:
        # Typst is large, and not needed for a page
        from mesospread.report.pdf import pdf as as_pdf

        contents.append((pdf_file, as_pdf(page)))
    for path, content in contents:
        write_whole(path, content)
    return tuple(path for path, _ in contents)


def check_report(
    *,
    html: str | Path | None,
    pdf: str | Path | None,
    mode: str = "plain",
    lang: str = ENGLISH,
    country: str | None = None,
    outlook: str = "all",
) -> tuple[Path | None, Path | None]:
    """Check what was asked of `write_report` before anything is computed.

    Returns
    -------
    The two paths.

    Raises
    ------
    OutputError, InputError
        As in `write_report`.
    """
    _mode(mode)
    _outlook(outlook)
    _one_of(lang, catalogue("mesospread.report").languages(), "language")
    if country is not None:
        find_country(country, where="--country")
    return (
        None if html is None else _place(html, ".html"),
        None if pdf is None else _place(pdf, ".pdf"),
    )


def _place(given: str | Path, suffix: str) -> Path:
    path = Path(given)
    if path.suffix.lower() != suffix:
        raise OutputError(
            "the name of the report does not end as its kind does",
            where=f"--{suffix.removeprefix('.')}",
            given=repr(str(given)),
            allowed=f"a name that ends in {suffix}",
        )
    if path.is_dir():
        raise OutputError("this is a folder", where=str(path), remedy="Name a file in it")
    if not path.parent.is_dir():
        raise OutputError(
            "there is no such folder",
            where=str(path),
            given=str(path.parent),
            remedy="Make the folder first, or choose another one",
        )
    return path


def _mode(mode: str) -> Mode:
    return _one_of(mode, MODES, "mode")


def _outlook(form: str) -> OutlookForm:
    return _one_of(form, OUTLOOKS, "outlook")


def _one_of(given: str, allowed: tuple[_Name, ...], what: str) -> _Name:
    for known in allowed:
        if given == known:
            return known
    guess = nearest(given, allowed)
    raise InputError(
        f"unknown {what}",
        where=f"--{what}",
        given=repr(given),
        allowed=" or ".join(allowed),
        remedy=f"Did you mean {guess!r}?" if guess else "",
    )
