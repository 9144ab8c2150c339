"""A comparison of treatments as aligned tables in the terminal."""

from __future__ import annotations

from dataclasses import dataclass

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.panel import Panel
from rich.table import Table

from mesospread.infer.result import Band, Comparison, EffectEvidence, OptionForecast
from mesospread.report.forecast_text import DISCLAIMER, rough_draws
from mesospread.report.numbers import months, percent, percent_band, plain_name, points

#: columns from which on both times fit
_WIDE = 118
#: sites shown: those that some option leaves at least this likely within two years
_LEAST = 0.02


@dataclass(frozen=True)
class CompareText:
    """The comparison of one patient's options; rich prints it."""

    comparison: Comparison

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield the parts from top to bottom."""
        first, *others = self.comparison.options
        for other in others:
            yield _spread(first, other, ("12", "24") if options.max_width >= _WIDE else ("12",))
        if self.comparison.harms:
            yield _harms(self.comparison)
        if first.survival is not None:
            yield _survival(self.comparison)
        if self.comparison.readings:
            yield _readings(self.comparison)
        yield _evidence(self.comparison)
        yield _notes(self.comparison)


def _spread(first: OptionForecast, other: OptionForecast, times: tuple[str, ...]) -> Table:
    table = Table(
        title=f"{other.treatment}, compared with {first.treatment}",
        caption="Chance in % that a site is visible or causes symptoms by then, given alive now, "
        "and the difference in percentage points with its 95 % credible band. Who lives longer has "
        "more time in which spread can show itself.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("Site", no_wrap=True)
    for m in times:
        table.add_column(f"by {m} months", justify="right", no_wrap=True)
        table.add_column("difference", justify="right", no_wrap=True)
    rows = sorted(
        zip(first.sites, other.sites, strict=True),
        key=lambda pair: (pair[0].site != "any_distant", -pair[0].by_month["24"].estimate),
    )
    for before, after in rows:
        if max(s.by_month["24"].estimate for s in (before, after)) < _LEAST:
            continue
        cells = []
        for m in times:
            pair = [_bare(s.by_month[m]) for s in (before, after)]
            cells += [" → ".join(pair), points(after.change[m])]
        table.add_row(plain_name(before.site), *cells)
    return table


def _harms(comparison: Comparison) -> Table:
    table = Table(
        title="Main harms, of 100 people who had the treatment",
        caption="Without: of 100 in the comparison group of the same study. In brackets: 95 % "
        "confidence interval of the count; missing if the study does not tell how many people it "
        "had. A dash: known, but no count was found. People in studies were fitter than most. "
        "--json names the sources.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("Treatment")
    table.add_column("it can cause")
    table.add_column("with", justify="right", no_wrap=True)
    table.add_column("without", justify="right", no_wrap=True)
    named = ""
    for harm in comparison.harms:
        if harm.treatment != named:
            table.add_section()
        shown, named = ("" if harm.treatment == named else harm.treatment), harm.treatment
        band = harm.share_without_band
        hidden = harm.death and harm.share is None
        table.add_row(
            shown,
            f"{harm.harm} (--prognosis tells how often)" if hidden else harm.harm,
            _of_100(harm.share, harm.share_band),
            "" if harm.share_without is None else _of_100(harm.share_without, band),
        )
    return table


def _of_100(share: float | None, band: Band | None) -> str:
    if share is None:
        return "–"
    return percent(share).removesuffix(" %") if band is None else _bare(band)


def _bare(band: Band) -> str:
    """Write a chance with its band where the heading says that it is in per cent."""
    return percent_band(band.estimate, band.low, band.high).replace(" %", "")


def _survival(comparison: Comparison) -> Table:
    table = Table(
        title="How long people like this live, from today",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
    )
    table.add_column("Option", no_wrap=True)
    table.add_column("half live longer than, months", justify="right")
    table.add_column("alive at 12 months, %", justify="right")
    table.add_column("difference, points", justify="right", no_wrap=True)
    for option in comparison.options:
        assert option.survival is not None
        median = option.survival.median_months
        shown = (
            f"{months(median.estimate)} ({months(median.low)}–{months(median.high)})"
            if median
            else "more than 60"
        )
        year = next(p for p in option.survival.curve if p.month == 12)
        alive = _bare(Band(estimate=year.alive, low=year.low, high=year.high))
        change = points(option.alive_change["12"]) if option.alive_change else ""
        table.add_row(option.treatment, shown, alive, change)
    return table


def _readings(comparison: Comparison) -> Table:
    table = Table(
        title="One study, two ways to read it: chances in % within 12 months",
        caption="More brain metastases were seen with immunotherapy at one centre. The tables "
        "above follow neither reading. There: large enough to be seen or felt. Shows: that, or "
        "hidden but made visible.",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("Treatment")
    table.add_column("Site", no_wrap=True)
    table.add_column("if", no_wrap=True)
    table.add_column("there", justify="right", no_wrap=True)
    table.add_column("shows", justify="right", no_wrap=True)
    for r in comparison.readings:
        there, shows = (_bare(b) for b in (r.there_by["12"], r.shows_by["12"]))
        table.add_row(r.treatment, plain_name(r.site), r.reading, there, shows)
    return table


def _evidence(comparison: Comparison) -> Table:
    table = Table(
        title="What each treatment is taken to do, and how sure that is",
        caption="In brackets: 95 % of the ratios that were tried.",
        caption_justify="left",
        box=box.SIMPLE_HEAD,
        title_justify="left",
        pad_edge=False,
        collapse_padding=True,
    )
    table.add_column("Treatment")
    table.add_column("rate of")
    table.add_column("times", justify="right", no_wrap=True)
    table.add_column("while", no_wrap=True)
    table.add_column("evidence", no_wrap=True)
    named = ""
    for effect in comparison.evidence:
        if effect.treatment != named:
            table.add_section()
        shown, named = ("" if effect.treatment == named else effect.treatment), effect.treatment
        table.add_row(
            shown,
            ", ".join(map(plain_name, effect.acts_on)) + _among(effect),
            _ratio(effect),
            plain_name(effect.holds),
            plain_name(effect.grade),
        )
    return table


def _among(effect: EffectEvidence) -> str:
    return f" (if {' or '.join(map(plain_name, effect.among))})" if effect.among else ""


def _ratio(effect: EffectEvidence) -> str:
    band = effect.ratio_band
    return f"{effect.ratio:.2f}" + ("" if band is None else f" ({band.low:.2f}–{band.high:.2f})")


def _notes(comparison: Comparison) -> Panel:
    d = comparison.diagnostics
    lines = [
        *comparison.statements,
        *comparison.assumptions,
        *rough_draws(d, comparison.model["draws"]),
        f"The model: {comparison.model['evidence']}",
        f"The same {d.paths:,} simulated patients under each option (effective sample "
        f"{d.effective_sample_size:,.0f}), {comparison.model['draws']} parameter draws, model "
        f"{comparison.model['definition']}, version {comparison.model['version']}, input "
        f"{comparison.model['input_hash']}, seed {comparison.model['seed']}.",
        DISCLAIMER,
    ]
    return Panel("\n".join(f"• {line}" for line in lines), title="Read this too", box=box.ROUNDED)
