"""What the page asks of the engine: quick answers for a reader who waits, as views and files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from mesospread.app.compare import compare
from mesospread.app.fhir import bundle_text, export_record
from mesospread.app.forecast import forecast
from mesospread.app.precision import with_precision
from mesospread.app.report import (
    CompareView,
    ForecastView,
    Mode,
    OutlookForm,
    compare_page,
    forecast_page,
)
from mesospread.patient import Patient
from mesospread.report.html import document

__all__ = [
    "OutlookForm",
    "Wanted",
    "forecast_file",
    "quick_comparison",
    "quick_forecast",
    "record_file",
]

#: takes the share done, 0 to 1; may raise to stop the work
Progress = Callable[[float], None]


@dataclass(frozen=True)
class Wanted:
    """How a reader wants an answer.

    Attributes
    ----------
    mode, lang
        Reader and language.
    outlook
        The form in which survival is wanted; None if nobody asked for it.
    why
        Whether a quick forecast says what each finding does to it; a report always does.
    country
        Whose help lines are listed; None for one of each country.
    """

    mode: Mode
    lang: str
    outlook: OutlookForm | None = None
    why: bool = False
    country: str | None = None

    @property
    def prognosis(self) -> bool:
        """Whether survival was asked for."""
        return self.outlook is not None

    @property
    def form(self) -> OutlookForm:
        """The form in which survival is shown, if it is."""
        return self.outlook or "all"


def quick_forecast(patient: Patient, wanted: Wanted, progress: Progress) -> ForecastView:
    """Return what a page shows of a forecast, worked out quickly.

    Its simulation error is larger than that of the command line, and stated in the view.

    Parameters
    ----------
    patient
        The patient.
    wanted
        Reader, language, and whether and how survival was asked for.
    progress
        Called with the share done.

    Raises
    ------
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    result = with_precision(
        lambda effort: forecast(
            patient,
            prognosis=wanted.prognosis,
            why=wanted.why,
            effort=effort,
            progress=progress,
        ),
        "quick",
    )
    return forecast_page(
        result,
        mode=wanted.mode,
        lang=wanted.lang,
        country=wanted.country,
        outlook=wanted.form,
    )


def quick_comparison(
    patient: Patient, options: Sequence[str], wanted: Wanted, progress: Progress
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
        lambda effort: compare(
            patient, options, prognosis=wanted.prognosis, effort=effort, progress=progress
        ),
        "quick",
    )
    return compare_page(
        result,
        mode=wanted.mode,
        lang=wanted.lang,
        country=wanted.country,
        outlook=wanted.form,
    )


def record_file(patient: Patient, progress: Progress) -> bytes:
    """Return a patient with a forecast as an mCODE bundle (JSON), worked out in full.

    Parameters
    ----------
    patient, progress
        As for `quick_forecast`.

    Raises
    ------
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    MissingExtraError
        If fhir.resources is not installed.
    """
    return bundle_text(export_record(patient, forecast=True, progress=progress)).encode()


def forecast_file(patient: Patient, wanted: Wanted, progress: Progress, *, as_pdf: bool) -> bytes:
    """Return a report to keep, worked out in full, as an HTML or a PDF file.

    Parameters
    ----------
    patient, wanted, progress
        As for `quick_forecast`.
    as_pdf
        PDF, else HTML.

    Raises
    ------
    ContradictionError
        If facts contradict each other or the model cannot explain them.
    """
    # a report says why its numbers are what they are, as from the command line
    result = forecast(patient, prognosis=wanted.prognosis, why=True, progress=progress)
    view = forecast_page(
        result,
        mode=wanted.mode,
        lang=wanted.lang,
        country=wanted.country,
        outlook=wanted.form,
    )
    if not as_pdf:
        return document(view).encode()
    # Typst is large, and not needed for a page
    from mesospread.report.pdf import pdf

    return pdf(view)
