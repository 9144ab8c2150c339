"""What many simulated trials of one design found."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict


class Part(BaseModel):
    """Base of all parts of a result."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Estimate(Part):
    """A figure with a 95 % interval; what kind is said where it stands."""

    estimate: float
    low: float
    high: float


class Reached(Part):
    """A median with a 95 % interval, in months; None: not reached."""

    estimate: float | None
    low: float | None
    high: float | None


class OutcomeResult(Part):
    """What trials find on one endpoint.

    Attributes
    ----------
    endpoint
        Its name.
    as_seen
        Whether as scans show it; else as it truly happens, which no trial sees.
    decisive
        Whether the trial is decided on it.
    favours_new, favours_control
        Share of trials with a significant difference in favour of either arm, with the
        simulation error.
    hazard_ratio
        Of the new arm against the control as trials report it: median, and the range of 95 % of
        trials. None if too few trials have events in both arms.
    model_hazard_ratio
        As a trial of everybody would report it: median and central 95 % over the draws of the
        parameters. What the model is sure of.
    events
        Per trial: mean, and the range of 95 % of trials.
    median_control_months, median_new_months
        As trials report them: median, and the range of 95 % of trials.
    """

    endpoint: str
    as_seen: bool
    decisive: bool
    favours_new: Estimate
    favours_control: Estimate
    hazard_ratio: Estimate | None
    model_hazard_ratio: Estimate | None
    events: Estimate
    median_control_months: Reached
    median_new_months: Reached


class SizeResult(Part):
    """Share of trials of one size that favour the new arm, with the simulation error."""

    patients: int
    favours_new: Estimate


class ScanResult(Part):
    """What the scans of one arm see of new spread before death and the analysis.

    Attributes
    ----------
    arm
        Its name.
    spread
        Share of people with new spread that could be seen.
    seen
        Share of these in whom a scan showed it.
    delay_months
        From when it could be seen to the scan that shows it: median over these people.

    All are medians and central 95 % over the draws of the parameters; None where nobody has new
    spread.
    """

    arm: str
    spread: Estimate
    seen: Estimate | None
    delay_months: Estimate | None


class TrialResult(Part):
    """What many simulated trials of one design found.

    Attributes
    ----------
    trial, title, primary
        Which design.
    design
        All of it.
    input_hash
        Of the design.
    trials, draws
        Simulated trials, evenly over so many draws of the parameters.
    people
        Simulated people of each arm for each draw, and their effective number, on average.
    outcomes, sizes, scans
        See there.
    patients_for_80, patients_for_90
        Patients with which 80 or 90 % of trials favour the new arm; None if no simulated size
        reaches it.
    assumptions
        Sentences.
    sources
        Published values that the numbers rest on.
    model
        Names the model behind the answer.
    """

    trial: str
    title: str
    primary: str
    design: dict[str, Any]
    input_hash: str
    trials: int
    draws: int
    people: int
    effective_people: float
    outcomes: tuple[OutcomeResult, ...]
    sizes: tuple[SizeResult, ...]
    patients_for_80: int | None
    patients_for_90: int | None
    scans: tuple[ScanResult, ...]
    assumptions: tuple[str, ...]
    sources: list[dict[str, Any]]
    model: dict[str, Any]
