"""What simulated trials found, as aligned tables."""

from __future__ import annotations

from rich import box
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from mesospread.trials.result import Estimate, OutcomeResult, Reached, TrialResult

#: columns that a median with its range takes
_MEDIAN = 16


def trial_text(found: TrialResult) -> RenderableType:
    """Return the figures of a simulated trial, ready to print."""
    control, new = found.design["arms"][0]["name"], found.design["arms"][1]["name"]
    parts: list[RenderableType] = [
        Text(f"{found.title}: {new} against {control}", style="bold"),
        Text(""),
        Text(_headline(found)),
        Text(""),
        _outcomes(found),
        Text(""),
        _counts(found, control, new),
        Text(""),
        _sizes(found),
    ]
    if found.scans:
        parts += [Text(""), _scans(found)]
    parts.append(Padding(Text("\n".join(f"• {line}" for line in found.assumptions)), (1, 0)))
    parts.append(Text(f"The model: {found.model['evidence']}"))
    return Group(*parts)


def _table(title: str, caption: str) -> Table:
    return Table(
        title=title,
        caption=caption,
        box=box.SIMPLE_HEAD,
        title_justify="left",
        caption_justify="left",
    )


def _headline(found: TrialResult) -> str:
    """Return the answer in one or two sentences."""
    (main,) = (o for o in found.outcomes if o.decisive)
    text = (
        f"Of {found.trials:,} such trials with {found.design['patients']:,} patients, "
        f"{_percent(main.favours_new)} % find the new arm better on {main.endpoint} "
        f"(two-sided level {found.design.get('alpha', 0.05):g})"
    )
    if main.favours_control.estimate >= 0.005:
        text += f", and {_percent(main.favours_control)} % the control"
    needed = [
        f"{patients:,} patients for {goal} %"
        for goal, patients in ((80, found.patients_for_80), (90, found.patients_for_90))
        if patients is not None
    ]
    if needed:
        return f"{text}. Needed: {', '.join(needed)}."
    most = found.sizes[-1]
    if most.favours_new.estimate < 0.8:
        return f"{text}. Even {most.patients:,} patients do not reach 80 %."
    return f"{text}."


def _outcomes(found: TrialResult) -> Table:
    table = _table(
        "What such trials find",
        "Better: per cent of trials with a significant difference, with the simulation\nerror "
        "(95 %). Hazard ratio: as 95 % of trials report it, and what the model is\nsure of "
        "(95 % of the draws of its numbers). True: spread that could be seen at\nany moment; "
        "no trial sees it so.",
    )
    table.add_column("Endpoint", no_wrap=True)
    for name in ("new arm\nbetter, %", "hazard ratio\nin trials", "hazard ratio\nin the model"):
        table.add_column(name, justify="right", no_wrap=True)
    for outcome in found.outcomes:
        table.add_row(
            _name(outcome),
            _percent(outcome.favours_new),
            _figure(outcome.hazard_ratio, 2),
            _figure(outcome.model_hazard_ratio, 2),
            style="bold" if outcome.decisive else "",
        )
    return table


def _name(outcome: OutcomeResult) -> str:
    if outcome.endpoint == "death":
        return "death"
    short = outcome.endpoint.removeprefix("new ")
    return f"{short} ({'scans' if outcome.as_seen else 'true'})"


def _counts(found: TrialResult, control: str, new: str) -> Table:
    table = _table(
        "How often and how soon",
        "Events of both arms, and Kaplan-Meier medians in months after randomisation, as\nthe "
        "trials report them; in brackets, 95 % of trials. –: not reached.",
    )
    table.add_column("Endpoint", no_wrap=True)
    table.add_column("events", justify="right", no_wrap=True)
    for arm in (control, new):
        table.add_column(f"median,\n{arm}", justify="right", min_width=_MEDIAN)
    for outcome in found.outcomes:
        table.add_row(
            _name(outcome),
            _figure(outcome.events, 0),
            _months(outcome.median_control_months),
            _months(outcome.median_new_months),
        )
    return table


def _sizes(found: TrialResult) -> Table:
    (main,) = (o for o in found.outcomes if o.decisive)
    table = _table(
        f"By size, decided on {main.endpoint}",
        "Per cent of trials in which\nthe new arm is better.",
    )
    table.add_column("Patients", justify="right")
    table.add_column("new arm better, %", justify="right")
    for size in found.sizes:
        planned = size.patients == found.design["patients"]
        table.add_row(
            f"{size.patients:,}", _percent(size.favours_new), style="bold" if planned else ""
        )
    return table


def _scans(found: TrialResult) -> Table:
    scans = found.design["scans"]
    eyes = " and ".join(scans.get("by", ["CT"]))
    table = _table(
        f"What the scans see ({eyes} every {scans.get('every_months', 2.0):g} months)",
        "New spread that could be seen, before death and the analysis; 95 % of the draws of the "
        "model's numbers.",
    )
    table.add_column("Arm")
    for name in ("have it,\n% of people", "a scan shows\nit, %", "seen later by\n(median months)"):
        table.add_column(name, justify="right", no_wrap=True)
    for arm in found.scans:
        table.add_row(
            arm.arm, _percent(arm.spread), _percent(arm.seen), _figure(arm.delay_months, 1)
        )
    return table


def _percent(share: Estimate | None) -> str:
    if share is None:
        return "–"
    return f"{100 * share.estimate:.0f} ({100 * share.low:.0f}–{100 * share.high:.0f})"


def _figure(figure: Estimate | None, digits: int) -> str:
    if figure is None:
        return "–"
    return f"{figure.estimate:.{digits}f} ({figure.low:.{digits}f}–{figure.high:.{digits}f})"


def _months(median: Reached) -> str:
    if median.estimate is None:
        return "–"
    high = "–" if median.high is None else f"{median.high:.1f}"
    return f"{median.estimate:.1f} ({median.low:.1f}–{high})"
