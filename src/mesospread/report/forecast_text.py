"""The forecast as aligned tables in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from mesospread.infer.result import (
    Band,
    Cause,
    ConditionalSurvival,
    Diagnostics,
    Forecast,
    ScanForecast,
    SearchForecast,
    SiteForecast,
)
from mesospread.report.guide_text import help_panel
from mesospread.report.numbers import months, percent_band, plain_name
from mesospread.report.why_text import why_tables

#: examinations shown: those with a chance of at least this to find something
_LEAST_YIELD = 0.02
_MOST_SCANS = 8
_MOST_PER_SITE = 2
_MOST_SEARCHES = 3
#: months from now that are shown
_MONTHS = ("6", "12", "24")
_MOST_CAUSES = 5
#: error from the draws of the model's numbers that readers are told of
_ROUGH = 0.01

#: what a comparison with cohorts found (docs/calibration.md, docs/cohort-check.md)
_OFF = (
    "Of 46 groups of pleural patients in studies that the model was not fitted to, half lived "
    "more than a fifth longer than it says in 11, and more than a fifth less long in 6. "
    "The ranges allow for such differences between groups. "
    "In two groups of pleural patients who were chosen for surgery more were alive after a year "
    "than the model says: for people chosen for surgery these numbers are likely too low."
)

DISCLAIMER = (
    "Research and education software, not a medical device. It does not replace the advice of "
    "the people who treat you."
)


@dataclass(frozen=True)
class ForecastText:
    """The report of one patient, as wide as the terminal allows.

    Rich prints it: ``console.print(ForecastText(forecast))``.

    Attributes
    ----------
    forecast
        The answer.
    urgent
        Advice on symptoms that cannot wait, see `mesospread.app.guide.urgent_among`; it
        comes first.
    """

    forecast: Forecast
    urgent: Sequence[dict[str, str]] = ()

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts from top to bottom, with a free line below each table."""
        for part in self._parts():
            yield part
            if isinstance(part, Table):
                yield Text()

    def _parts(self) -> Iterator[RenderableType]:
        forecast = self.forecast
        for advice in self.urgent:
            yield help_panel(advice)
        yield _heading(forecast)
        yield _sites_now(forecast)
        yield _sites_later(forecast)
        if forecast.scans:
            yield _scans(forecast)
        if forecast.searches:
            yield _searches(forecast)
        if forecast.symptoms:
            yield _symptoms(forecast)
        yield from why_tables(forecast)
        if forecast.survival is not None:
            yield _survival(forecast)
        yield _notes(forecast)


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
    shown = {name: percent_band(**now[name]) for name in ("involved", "hidden", "detectable")}
    text.append(
        f"Distant spread large enough to be found now: {shown['detectable']}. Of any size: "
        f"{shown['involved']}; what is too small for any scan is the least certain part."
    )
    return Panel(text, title="Where it is, and where it may go", box=box.ROUNDED)


def _stage_words(forecast: Forecast) -> str | None:
    stated = forecast.stage["stated"]
    if not stated:
        return None
    categories = " ".join(plain_name(str(stated[axis])) for axis in "tnm" if stated.get(axis))
    group = f"stage {stated['stage']}" if stated.get("stage") else ""
    if "system" in stated:
        group = f"{group} by {stated['system']}".strip()
    return ", ".join(part for part in (categories, group) if part) or None


def _table(title: str, caption: str = "") -> Table:
    return Table(
        title=title,
        caption=caption or None,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )


def _sites_now(forecast: Forecast) -> Table:
    return _by_site(
        forecast,
        _table(
            "Chance in % that each site is involved now, and by which route it is reached",
            "Hidden: too small for any scan. Route: of 100 people in whom the site is reached, now "
            "or within 24 months; no figure: there is no other. In brackets, everywhere: 95 % "
            "credible band, from the uncertainty of the model's numbers.",
        ),
        ("hidden now", "visible now", "likeliest route"),
        lambda site: [
            _cell(site.now_bands["microscopic"]),
            _cell(site.visible_now),
            _likeliest_route(site),
        ],
    )


def _sites_later(forecast: Forecast) -> Table:
    return _by_site(
        forecast,
        _table(
            "Chance in % that each site can be found by then, given alive now",
            "By … months: visible or causing symptoms by then. Next: it is the next site to "
            "become visible, within 24 months; "
            f"no new site: {percent_band(**forecast.no_new_site.model_dump())}.",
        ),
        (*(f"by {m} months" for m in _MONTHS), "next"),
        lambda site: [*(_cell(site.by_month[m]) for m in _MONTHS), _cell(site.next_band)],
    )


def _by_site(
    forecast: Forecast,
    table: Table,
    headings: Sequence[str],
    cells: Callable[[SiteForecast], list[str]],
) -> Table:
    """Fill a table with a row for each site, those near the tumour first."""
    table.add_column("Site", no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    for group, distant in (("near the tumour", False), ("distant", True)):
        table.add_section()
        table.add_row(Text(group, style="italic"))
        for site in forecast.sites:
            if site.distant is distant:
                table.add_row(plain_name(site.site), *cells(site))
    return table


def _likeliest_route(site: SiteForecast) -> str:
    route = max(site.routes, key=lambda name: site.routes[name])
    found = site.routes_bands[route]
    if found.estimate == 0:
        return "–"
    return _ROUTE_WORDS[route] + ("" if found.low == 1 else f" {_cell(found)}")


def _cell(found: Band) -> str:
    """Write a chance with its band; the heading says that figures are in per cent."""
    return percent_band(found.estimate, found.low, found.high).replace(" %", "")


_ROUTE_WORDS = {"direct": "direct", "lymphatic": "lymph", "haematogenous": "blood"}


def _scans(forecast: Forecast) -> Table:
    table = _table(
        "What a scan today would show, chances in %",
        "Right: the site is involved, given that something is found. Missed: it is involved all "
        "the same, given that nothing is found.",
    )
    table.add_column("Scan", no_wrap=True)
    table.add_column("Site", no_wrap=True)
    table.add_column("finds something", justify="right", no_wrap=True)
    table.add_column("right if so", justify="right", no_wrap=True)
    table.add_column("missed if not", justify="right", no_wrap=True)
    for scan in _shown_scans(forecast):
        table.add_row(
            scan.modality,
            plain_name(scan.site),
            _cell(Band(estimate=scan.expected_yield, low=scan.low, high=scan.high)),
            _cell(scan.true_if_positive_band),
            _cell(scan.involved_if_negative_band),
        )
    return table


def _shown_scans(forecast: Forecast) -> list[ScanForecast]:
    """Return the scans most likely to find something, not many of one site."""
    shown: list[ScanForecast] = []
    for scan in forecast.scans:
        same_site = sum(other.site == scan.site for other in shown)
        if scan.expected_yield >= _LEAST_YIELD and same_site < _MOST_PER_SITE:
            shown.append(scan)
    return shown[:_MOST_SCANS]


def _searches(forecast: Forecast) -> Table:
    table = _table(
        "Looking for distant spread that is not known yet, chances in %",
        "Finds: tumour that is really there. Adds: what the last scan finds when those before "
        "found nothing. Left behind: there is distant spread of some size all the same.",
    )
    table.min_width = 78
    table.add_column("Scans, in this order", no_wrap=True)
    for heading in ("finds", "adds", "left behind"):
        table.add_column(heading, justify="right", no_wrap=True)
    for search in _shown_searches(forecast):
        table.add_row(
            ", then ".join(search.modalities),
            _cell(search.finds),
            _cell(search.adds_band) if len(search.modalities) > 1 else "",
            _cell(search.left_behind_band),
        )
    return table


def _shown_searches(forecast: Forecast) -> list[SearchForecast]:
    """Return the best examinations alone, and the best that follow each other."""
    alone = [s for s in forecast.searches if len(s.modalities) == 1]
    pairs = [s for s in forecast.searches if len(s.modalities) > 1]
    return [*alone[:_MOST_SEARCHES], *pairs[:_MOST_SEARCHES]]


def _symptoms(forecast: Forecast) -> Table:
    table = _table(
        "What the symptoms may come from",
        "Several causes can act together, so those of a symptom can add to more than 100 %.",
    )
    table.add_column("Symptom", no_wrap=True)
    table.add_column("Possible cause", no_wrap=True)
    table.add_column("chance in %", justify="right", no_wrap=True)
    for symptom in forecast.symptoms:
        causes = [cause for cause in symptom.causes if cause.probability >= 0.01]
        for k, cause in enumerate(causes[:_MOST_CAUSES]):
            name = "" if k else symptom.symptom
            table.add_row(name, _cause(cause), _cell(cause.probability_band))
    return table


def _at_most(high_months: float, forecast: Forecast) -> str:
    """Write the upper end of a median; the curve cannot tell beyond its last month."""
    assert forecast.survival is not None
    last = forecast.survival.curve[-1].month
    return f"{last} or more" if high_months >= last else months(high_months)


def _cause(cause: Cause) -> str:
    """Name a cause as the tables above do."""
    return cause.label if cause.cause in ("extent", "other causes") else plain_name(cause.cause)


def _survival(forecast: Forecast) -> Table:
    assert forecast.survival is not None
    table = _table("How long people like this live, from today")
    table.min_width = 60
    table.add_column("months from today", justify="right")
    table.add_column("alive", justify="right")
    for point in forecast.survival.curve:
        if point.month in (6, 12, 24, 36, 60):
            table.add_row(str(point.month), percent_band(point.alive, point.low, point.high))
    median, told = forecast.survival.median_months, []
    if median is not None:
        told.append(
            f"Half of them live longer than {months(median.estimate)} months "
            f"({months(median.low)}–{_at_most(median.high, forecast)}), half less. Nobody can say "
            "which half one person will be in."
        )
        told += [_conditional(c) for c in forecast.survival.conditional]
    table.caption = " ".join([*told, _OFF])
    return table


def _conditional(later: ConditionalSurvival) -> str:
    year = later.alive["12"]
    return (
        f"Of those alive {later.given_alive_at_months} months from now, "
        f"{percent_band(year.estimate, year.low, year.high)} live another year."
    )


def rough_draws(diagnostics: Diagnostics, draws: int) -> list[str]:
    """Say by how much figures hang on the draws of the model's numbers, if that matters."""
    error = diagnostics.draws_error
    if error <= _ROUGH:
        return []
    return [
        "Rough figures: the model's numbers are not known exactly, so the answer is a mean over "
        f"{draws} sets of them. Few of these fit this person well. With other sets some of the "
        f"chances above would differ by about {100 * error:.0f} percentage "
        f"{'point' if round(100 * error) == 1 else 'points'}, up or down."
    ]


def _notes(forecast: Forecast) -> RenderableType:
    d = forecast.diagnostics
    lines = [*forecast.assumptions]
    if d.unexpected_findings:
        lines.append(
            "Unexpected, given everything else: " + "; ".join(d.unexpected_findings) + ". Worth a "
            "second look at the date and the report."
        )
    lines += rough_draws(d, forecast.model["draws"])
    lines.append(f"The model: {forecast.model['evidence']}")
    lines.append(
        f"Computed from {d.paths:,} simulated patients (effective sample "
        f"{d.effective_sample_size:,.0f}"
        f", simulation error at most {100 * d.standard_error:.1f} percentage points), "
        f"{forecast.model['draws']} parameter draws, {len(forecast.sources)} sources "
        f"(--json lists them), model {forecast.model['definition']}, version "
        f"{forecast.model['version']}, input {forecast.model['input_hash']}, seed "
        f"{forecast.model['seed']}."
    )
    lines.append(DISCLAIMER)
    return Panel("\n".join(f"• {line}" for line in lines), title="Read this too", box=box.ROUNDED)
