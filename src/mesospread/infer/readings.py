"""What would follow if a published difference were read one way or the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mesospread.anatomy import site as site_named
from mesospread.infer.answers import band
from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import HORIZONS_MONTHS
from mesospread.infer.result import Band, ReadingForecast
from mesospread.infer.spread import weighted_quantiles
from mesospread.model.definition import Parameter
from mesospread.model.library import Reading, TreatmentEffect, TreatmentLibrary
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, with_treatments


@dataclass(frozen=True)
class ReadOption:
    """An option under one reading.

    Attributes
    ----------
    reading
        How the difference is read.
    option
        Place of the treatment among the options.
    place
        Place among all structures of the option under the reading: of its own if the
        disease differs, else that of the option itself.
    """

    reading: Reading
    option: int
    place: int


def under_readings(
    disease: Structure,
    library: TreatmentLibrary,
    names: Sequence[str],
    start_months: float,
) -> tuple[list[ReadOption], list[Structure]]:
    """Return the options under each reading, and the further structures they need.

    Parameters
    ----------
    disease
        Of the patient, before the options.
    library
        Treatments and readings.
    names
        Of the options, in order.
    start_months
        When options begin, since diagnosis.
    """
    read: list[ReadOption] = []
    further: list[Structure] = []
    for option, name in enumerate(names):
        for reading in library.reading:
            if name not in reading.treatments:
                continue
            place = option
            if reading.seeding is not None:
                changed = _with_seeding(library, name, reading)
                place = len(names) + len(further)
                further.append(with_treatments(disease, changed, [Course(name, start_months)]))
            read.append(ReadOption(reading, option, place))
    return read, further


def _with_seeding(library: TreatmentLibrary, name: str, reading: Reading) -> TreatmentLibrary:
    """Return the library with the reading as one more effect of a treatment."""
    assert reading.seeding is not None
    effect = TreatmentEffect.model_validate(
        {
            "on": ("haematogenous",),
            "processes": (reading.site,),
            "ratio": reading.seeding,
            "while": "after_start",
            "grade": "observational",
            "sources": reading.sources,
            "note": reading.note,
        }
    )
    changed = tuple(
        t.model_copy(update={"effects": (*t.effects, effect)}) if t.name == name else t
        for t in library.treatment
    )
    return library.model_copy(update={"treatment": changed})


def reading_forecasts(
    posterior: Posterior,
    read: Sequence[ReadOption],
    names: Sequence[str],
    parameters: dict[str, Parameter],
) -> list[ReadingForecast]:
    """Return what each reading means for its site."""
    return [
        ReadingForecast(
            treatment=names[r.option],
            site=r.reading.site,
            label=site_named(r.reading.site).label,
            reading=r.reading.name,
            there_by={
                str(m): band(posterior.answer("option", r.place, "by", r.reading.site, m))
                for m in HORIZONS_MONTHS
            },
            shows_by={str(m): _shows(posterior, r, m, parameters) for m in HORIZONS_MONTHS},
            sources=list(r.reading.sources),
            note=r.reading.note,
        )
        for r in read
    ]


def _shows(
    posterior: Posterior, r: ReadOption, months: int, parameters: dict[str, Parameter]
) -> Band:
    """Return the probability that a metastasis is there and large enough, or shown, by then."""
    by_draw = posterior.per_draw("option", r.place, "by", r.reading.site, months)
    if r.reading.revealed is not None:
        hidden = posterior.per_draw("option", r.place, "hidden", r.reading.site, months)
        by_draw = by_draw + _draws(posterior, r.reading.revealed, parameters) * hidden
    share = posterior.draw_weights()
    low, high = weighted_quantiles(by_draw, share)
    return Band(estimate=float(share @ by_draw), low=float(low), high=float(high))


def _draws(
    posterior: Posterior, value: float | str, parameters: dict[str, Parameter]
) -> np.ndarray | float:
    """Return a number, or the draws of the parameter it names, for the draws in use."""
    if not isinstance(value, str):
        return value
    drawn = ranges({value: parameters[value]}).draws(DRAWS_SEED, 0, posterior.n_draws)
    column: np.ndarray = drawn[posterior.draws_in_use, 0]
    return column
