"""Which figures there are of a planned trial, and what they say about themselves."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from mesospread.errors import InputError
from mesospread.report.research_figures import Words, chances, dots, forest
from mesospread.trials.result import Estimate, OutcomeResult, Reached, TrialResult

#: shares of trials that a plan usually asks for
_USUAL = (0.8, 0.9)
_SIMULATED = "Simulated trials, not real ones."
#: hazard ratios two ways: heading, field of the result, whether the medians stand beside it
_WAYS = (("In trials", "hazard_ratio", True), ("In the model", "model_hazard_ratio", False))


def read_trial(path: Path) -> TrialResult:
    """Read what ``mesospread trial --json`` wrote.

    Raises
    ------
    InputError
        If the file cannot be read or is something else.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as reason:
        raise InputError("cannot be read", where=str(path), given=str(reason)) from None
    try:
        return TrialResult.model_validate(json.loads(text))
    except (json.JSONDecodeError, ValidationError, RecursionError):
        raise InputError(
            "not the result of a trial",
            where=str(path),
            given=text.lstrip()[:40] or "an empty file",
            allowed="the file that `mesospread trial DESIGN --json` writes, or a folder of "
            "`mesospread simulate --out`",
            remedy="Make it with: mesospread trial DESIGN --json > RESULT.json",
        ) from None


def trial_charts(trial: TrialResult) -> dict[str, Any]:
    """Return the charts of a trial by file name; without those of which it says nothing."""
    charts = {"trial-power": _power(trial), "trial-hazard-ratios": _ratios(trial)}
    if trial.scans:
        charts["trial-scans"] = _scans(trial)
    return {name: chart for name, chart in charts.items() if chart is not None}


def _power(trial: TrialResult) -> Any:
    planned = int(trial.design["patients"])
    decisive = next(one for one in trial.outcomes if one.decisive)
    needed = [
        f"{share} of trials succeed with "
        + (f"about {n:,} patients" if n else f"more than {trial.sizes[-1].patients:,} patients")
        for share, n in (("80 %", trial.patients_for_80), ("90 %", trial.patients_for_90))
    ]
    return chances(
        [{"size": one.patients} | one.favours_new.model_dump() for one in trial.sizes],
        Words(
            f"Chance that the trial favours the arm “{_arms(trial)[1]}”",
            [f"Decided on: {decisive.endpoint}", *needed],
            _wrapped(
                f"Dashed: 80 and 90 %. Dotted: the planned size, {planned:,} patients. Band: "
                "95 % interval of the simulation, not of the model.",
                *_about(trial),
            ),
        ),
        x="Patients, both arms together",
        y="Share of trials that succeed",
        levels=_USUAL,
        at=planned,
    )


def _ratios(trial: TrialResult) -> Any:
    """Return the hazard ratios, both ways; None if no endpoint has one."""
    rows = [
        {
            "panel": panel,
            "label": _named(one),
            "control": _months(one.median_control_months) if medians else "",
            "new": _months(one.median_new_months) if medians else "",
            "ratio": f"{ratio.estimate:.2f} ({ratio.low:.2f} to {ratio.high:.2f})",
            **ratio.model_dump(),
        }
        for panel, name, medians in _WAYS
        for one in trial.outcomes
        if (ratio := getattr(one, name)) is not None
    ]
    if not rows:
        return None
    control, new = _arms(trial)
    return forest(
        rows,
        Words(
            f"Hazard ratio, “{new}” against “{control}”",
            [
                "In trials: what trials of this size report, median and 95 % of trials",
                "In the model: a trial of everybody, median and central 95 % of the draws",
            ],
            _wrapped(
                "Below 1: fewer events in the new arm. Control, New: median time to the event in "
                "the median trial, in months (mo); n.r.: not reached.",
                *_about(trial),
            ),
        ),
        x="Hazard ratio (Cox), logarithmic axis",
        columns={"control": "Control", "new": "New", "ratio": "Hazard ratio (95 %)"},
        ratio=True,
    )


def _scans(trial: TrialResult) -> Any:
    parts = (("spread", "New spread that could be seen"), ("seen", "Of these, shown by a scan"))
    rows = [
        {"site": arm.arm, "group": told} | value.model_dump()
        for arm in trial.scans
        for name, told in parts
        if (value := getattr(arm, name)) is not None
    ]
    found = [
        f"{arm.arm}: shown {_span(arm.delay_months)} months after it could be seen"
        for arm in trial.scans
        if arm.delay_months is not None
    ]
    return dots(
        rows,
        Words(
            "What the scans of the trial see of new spread",
            [*found, "In brackets, and as lines: central 95 % of the draws"],
            _wrapped("Before death and before the analysis.", *_about(trial)),
        ),
        x="Share",
        group="People",
    )


def _named(one: OutcomeResult) -> str:
    return one.endpoint if one.as_seen else f"{one.endpoint}, true"


def _months(value: Reached) -> str:
    return "n.r." if value.estimate is None else f"{value.estimate:.1f} mo"


def _span(value: Estimate) -> str:
    return f"{value.estimate:.1f} ({value.low:.1f} to {value.high:.1f})"


def _arms(trial: TrialResult) -> tuple[str, str]:
    control, new = (str(arm["name"]) for arm in trial.design["arms"])
    return control, new


def _about(trial: TrialResult) -> list[str]:
    model = trial.model
    return [
        f"{_SIMULATED} {trial.trials:,} trials over {trial.draws} draws of the model's numbers.",
        *trial.assumptions,
        f"mesospread {model['version']}, {model['disease']} {model['definition']}, "
        f"seed {model['seed']}; trial {trial.trial}, {trial.input_hash}",
    ]


def _wrapped(*notes: str) -> list[str]:
    return [line for note in notes for line in textwrap.wrap(note, 112)]
