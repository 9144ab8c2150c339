"""The forecast as aligned tables in the terminal."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mesospread.infer.result import Forecast, SiteForecast
from mesospread.report.numbers import months, percent, percent_band

#: examinations shown: those with a chance of at least this to find something
_LEAST_YIELD = 0.02
_MOST_SCANS = 8

DISCLAIMER = (
    "Research and education software, not a medical device. It does not replace the advice of "
    "the people who treat you."
)


def forecast_text(forecast: Forecast) -> RenderableType:
    """Return the report of one patient, ready to print."""
    parts: list[RenderableType] = [_heading(forecast), _sites(forecast)]
    if forecast.scans:
        parts.append(_scans(forecast))
    if forecast.symptoms:
        parts.append(_symptoms(forecast))
    if forecast.survival is not None:
        parts.append(_survival(forecast))
    parts.append(_notes(forecast))
    return Group(*parts)


def _heading(forecast: Forecast) -> RenderableType:
    patient = forecast.patient
    facts = [
        f"{patient['primary']} mesothelioma",
        patient.get("histology"),
        f"{patient['age']} years" if "age" in patient else None,
        patient.get("sex"),
        _stage_words(forecast),
        f"as of {patient['as_of']}" if "as_of" in patient else None,
    ]
    now = forecast.stage["now"]["distant"]
    text = Text()
    text.append(", ".join(str(f) for f in facts if f) + "\n", style="bold")
    text.append(
        f"Distant spread now: {percent(now['involved'])} "
        f"({percent(now['hidden'])} too small for any scan, "
        f"{percent(now['detectable'])} large enough to be found)."
    )
    return Panel(text, title="Where it is, and where it may go", box=box.ROUNDED)


def _stage_words(forecast: Forecast) -> str | None:
    stated = forecast.stage["stated"]
    if not stated:
        return None
    categories = " ".join(str(stated[axis]) for axis in "tnm" if stated.get(axis))
    group = f"stage {stated['stage']}" if stated.get("stage") else ""
    return ", ".join(part for part in (categories, group) if part) or None


def _sites(forecast: Forecast) -> Table:
    table = Table(
        title="Chance that each site is involved, and that it can be found, given alive now",
        caption="By … months: visible or causing symptoms by then. In brackets: 95 % credible "
        "band from the uncertainty of the model's numbers.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Site", no_wrap=True)
    table.add_column("hidden now", justify="right")
    table.add_column("visible now", justify="right")
    table.add_column("by 6 months", justify="right", no_wrap=True)
    table.add_column("by 12 months", justify="right", no_wrap=True)
    table.add_column("by 24 months", justify="right", no_wrap=True)
    table.add_column("likeliest route")
    for group, distant in (("near the tumour", False), ("distant", True)):
        table.add_section()
        table.add_row(Text(group, style="italic"))
        for site in forecast.sites:
            if site.distant is distant:
                table.add_row(*_site_row(site))
    return table


def _site_row(site: SiteForecast) -> list[str]:
    by = [
        percent_band(b.estimate, b.low, b.high)
        for b in (site.by_month["6"], site.by_month["12"], site.by_month["24"])
    ]
    route = max(site.routes, key=lambda name: site.routes[name])
    share = site.routes[route]
    return [
        f"  {site.label}",
        percent(site.now["microscopic"]),
        percent(site.now["detectable"] + site.now["symptomatic"]),
        *by,
        f"{_ROUTE_WORDS[route]} {percent(share)}" if share > 0 else "–",
    ]


_ROUTE_WORDS = {"direct": "direct", "lymphatic": "lymph", "haematogenous": "blood"}


def _scans(forecast: Forecast) -> Table:
    table = Table(
        title="What a scan today would show",
        box=box.SIMPLE_HEAD,
        title_justify="left",
    )
    table.add_column("Scan", no_wrap=True)
    table.add_column("Site", no_wrap=True)
    table.add_column("finds something", justify="right", no_wrap=True)
    table.add_column("true if it does", justify="right")
    table.add_column("there all the same if it does not", justify="right")
    shown = [s for s in forecast.scans if s.expected_yield >= _LEAST_YIELD][:_MOST_SCANS]
    for scan in shown:
        table.add_row(
            scan.modality,
            scan.label,
            percent_band(scan.expected_yield, scan.low, scan.high),
            percent(scan.true_if_positive),
            percent(scan.involved_if_negative),
        )
    return table


def _symptoms(forecast: Forecast) -> Table:
    table = Table(
        title="What the symptoms may come from",
        caption="Several causes can act together, so a row can add to more than 100 %.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )
    table.add_column("Symptom", no_wrap=True)
    table.add_column("Possible causes")
    for symptom in forecast.symptoms:
        causes = [
            f"{c.label} {percent(c.probability)}" for c in symptom.causes if c.probability >= 0.01
        ]
        table.add_row(symptom.symptom, ", ".join(causes[:5]))
    return table


def _survival(forecast: Forecast) -> Table:
    assert forecast.survival is not None
    table = Table(title="How long people like this live, from today", box=box.SIMPLE_HEAD)
    table.add_column("months from today", justify="right")
    table.add_column("alive", justify="right")
    for point in forecast.survival.curve:
        if point.month in (6, 12, 24, 36, 60):
            table.add_row(str(point.month), percent_band(point.alive, point.low, point.high))
    median = forecast.survival.median_months
    if median is not None:
        table.caption = (
            f"Half of them live longer than {months(median.estimate)} months "
            f"({months(median.low)}–{months(median.high)}), half less. Nobody can say which half "
            "one person will be in."
        )
    return table


def _notes(forecast: Forecast) -> RenderableType:
    d = forecast.diagnostics
    lines = [*forecast.assumptions]
    if d.unexpected_findings:
        lines.append(
            "Unexpected, given everything else: " + "; ".join(d.unexpected_findings) + ". Worth a "
            "second look at the date and the report."
        )
    lines.append(f"The model: {forecast.model['evidence']}.")
    lines.append(
        f"Computed from {d.paths:,} simulated patients (effective sample "
        f"{d.effective_sample_size:,.0f}"
        f", simulation error at most {100 * d.standard_error:.1f} percentage points), "
        f"{forecast.model['draws']} parameter draws, {len(forecast.sources)} sources "
        f"(--json lists them), model {forecast.model['definition']}, version "
        f"{forecast.model['version']}."
    )
    lines.append(DISCLAIMER)
    return Panel("\n".join(f"• {line}" for line in lines), title="Read this too", box=box.ROUNDED)
