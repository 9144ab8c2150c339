"""What the page asks of the engine: quick answers for a reader who waits, as views and files."""

from __future__ import annotations

from collections.abc import Sequence

from mesospread.app.compare import compare
from mesospread.app.forecast import forecast
from mesospread.app.precision import with_precision
from mesospread.app.report import CompareView, ForecastView, Mode, compare_page, forecast_page
from mesospread.patient import Patient
from mesospread.report.html import document

__all__ = ["forecast_file", "quick_comparison", "quick_forecast"]


def quick_forecast(patient: Patient, *, prognosis: bool, mode: Mode, lang: str) -> ForecastView:
    """Return what a page shows of a forecast, worked out quickly.

    Its simulation error is larger than that of the command line, and stated in the view.

    Parameters
    ----------
    patient
        The patient.
    prognosis
        Whether survival was asked for.
    mode, lang
        Reader and language.

    Raises
    ------
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    result = with_precision(
        lambda effort: forecast(patient, prognosis=prognosis, effort=effort), "quick"
    )
    return forecast_page(result, mode=mode, lang=lang)


def quick_comparison(
    patient: Patient, options: Sequence[str], *, prognosis: bool, mode: Mode, lang: str
) -> CompareView:
    """Return what a page shows of treatments compared; parameters as for `quick_forecast`.

    Raises
    ------
    InputError
        For fewer than two options.
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    result = with_precision(
        lambda effort: compare(patient, options, prognosis=prognosis, effort=effort), "quick"
    )
    return compare_page(result, mode=mode, lang=lang)


def forecast_file(
    patient: Patient, *, prognosis: bool, mode: Mode, lang: str, as_pdf: bool
) -> bytes:
    """Return a report to keep, worked out in full, as an HTML or a PDF file.

    Parameters
    ----------
    patient, prognosis, mode, lang
        As for `quick_forecast`.
    as_pdf
        PDF, else HTML.

    Raises
    ------
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    view = forecast_page(forecast(patient, prognosis=prognosis), mode=mode, lang=lang)
    if not as_pdf:
        return document(view).encode()
    # Typst is large, and not needed for a page
    from mesospread.report.pdf import pdf

    return pdf(view)
