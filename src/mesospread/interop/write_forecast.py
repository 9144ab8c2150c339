"""Write a forecast as a FHIR RiskAssessment."""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from mesospread.anatomy import Site, sites_of
from mesospread.infer.result import Band, Forecast, SiteForecast
from mesospread.interop.builder import Builder
from mesospread.interop.codes import BASE, concept, extension, own, table, written_for

_BASIS = ("Condition", "Observation", "DiagnosticReport", "MedicationAdministration", "Procedure")
_NOTE = (
    "Output of a research and education model, not of a medical device, and not a finding: no "
    "chance here means that a tumour was or was not seen. {covers}. Not in it: {leaves_out}."
)


def write_forecast(builder: Builder, forecast: Forecast) -> None:
    """Add a RiskAssessment with the chance of tumour at each site, now and by month.

    Chances are ranges in percent (UCUM): ``probabilityDecimal`` is never written, since its scale
    is read in two ways. The estimate stands in an extension, the 95 % interval in the range.
    Survival is never written.

    Parameters
    ----------
    builder
        The bundle of this patient.
    forecast
        What follows for this patient.
    """
    device = _device(builder, forecast)
    today = builder.patient.as_of
    sites = {site.name: site for site in sites_of(builder.patient.primary)}
    version = str(forecast.model["version"])
    builder.add(
        "RiskAssessment",
        "forecast",
        identifier=[{"system": f"{BASE}/run", "value": _run(builder, forecast)}],
        status="final",
        method=concept(
            {"system": f"{BASE}/CodeSystem/model", "code": "spread", "version": version},
            text=f"mesospread {version}: {forecast.model['disease']}, "
            f"definition {forecast.model['definition']}, "
            f"calibration {forecast.model['calibration'] or 'none'}, "
            f"seed {forecast.model['seed']}, life table {forecast.model['life_table']}",
        ),
        code=concept(
            own("forecast", "spread"),
            text="Chance that tumour of any size, seen or not, is at a site today; and that it is "
            "or becomes large enough there to be seen or felt by a later month",
        ),
        condition=builder.reference("Condition", "primary"),
        occurrenceDateTime=None if today is None else today.isoformat(),
        performer=device,
        basis=builder.references(_BASIS),
        prediction=[
            prediction
            for answer in forecast.sites
            for prediction in _predictions(builder, forecast, answer, sites[answer.site])
        ],
        note=[
            {
                "text": _NOTE.format(
                    covers=f"The intervals hold {forecast.interval.covers}",
                    leaves_out=forecast.interval.leaves_out,
                )
            },
            *({"text": f"Assumed: {text}"} for text in forecast.assumptions),
        ],
    )


def _device(builder: Builder, forecast: Forecast) -> dict[str, str]:
    return builder.add(
        "Device",
        "mesospread",
        subject=False,
        deviceName=[{"name": "mesospread", "type": "user-friendly-name"}],
        version=[{"value": str(forecast.model["version"])}],
    )


def _run(builder: Builder, forecast: Forecast) -> str:
    """Return what names the computation: the facts, the model and the seed. Nobody's number."""
    model = forecast.model
    parts = (builder.digest[:12], model["definition"], model["calibration"] or "", model["seed"])
    return "-".join(str(part) for part in parts if part != "")


def _predictions(
    builder: Builder, forecast: Forecast, answer: SiteForecast, site: Site
) -> list[dict[str, Any]]:
    """Return what is said about one site: today, and by each month."""
    outcome = _outcome(builder, site)
    level = round(100 * forecast.interval.level)
    kind = f"{forecast.interval.kind}-{level}"
    now = _prediction("present-now", answer.involved_now, outcome, kind, _period(builder, 0))
    if answer.routes:
        shares = sorted(answer.routes.items(), key=lambda share: -share[1])
        told = ", ".join(f"{route} {round(100 * share)} %" for route, share in shares)
        now["rationale"] = f"By which route it was, or would be, first reached: {told}"
    later = [
        _prediction("seen-or-felt-by", band, outcome, kind, _period(builder, int(month)))
        | {"rationale": f"Within {month} months from today, given alive now"}
        for month, band in answer.by_month.items()
    ]
    return [now, *later]


def _outcome(builder: Builder, site: Site) -> dict[str, Any]:
    """Return the site as an outcome; growth by contact has no code of a secondary tumour."""
    patient = builder.patient
    codes: list[Any] = [own("site", site.name)]
    if site.relation != "direct":
        codes.append(written_for(site.name, patient.primary, patient.side).coding())
    return concept(*codes, text=f"Tumour at: {site.clinical_label}")


def _prediction(
    question: str, band: Band, outcome: dict[str, Any], kind: str, period: dict[str, str] | None
) -> dict[str, Any]:
    made: dict[str, Any] = {
        "extension": [
            extension("point-estimate", valueQuantity=_percent(band.estimate)),
            extension("interval-kind", valueCode=kind),
            extension("question", valueCode=question),
        ],
        "outcome": outcome,
        "probabilityRange": {"low": _percent(band.low), "high": _percent(band.high)},
    }
    return made | {"whenPeriod": period} if period else made


def _percent(share: float) -> dict[str, Any]:
    return {
        "value": min(100.0, max(0.0, round(100 * share, 1))),
        "unit": "%",
        "system": table()["systems"]["ucum"],
        "code": "%",
    }


def _period(builder: Builder, months: int) -> dict[str, str] | None:
    """Return the time from the day of the forecast, if that day is known."""
    today = builder.patient.as_of
    if today is None:
        return None
    return {"start": today.isoformat(), "end": _later(today, months).isoformat()}


def _later(day: dt.date, months: int) -> dt.date:
    """Return the same day of a later month, or its last one."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return day.replace(
        year=year, month=month + 1, day=min(day.day, calendar.monthrange(year, month + 1)[1])
    )
