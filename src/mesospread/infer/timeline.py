"""Put the facts of a patient file on the model's clock: months since diagnosis."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from mesospread.anatomy import site as site_named
from mesospread.errors import ContradictionError, InputError, PatientError, nearest
from mesospread.infer.findings import (
    ResponseFinding,
    SiteFinding,
    StageFinding,
    SymptomFinding,
)
from mesospread.model.definition import Categorical, Numeric
from mesospread.model.library import ObservationModel, TreatmentLibrary
from mesospread.model.parameters import central_values
from mesospread.model.structure import Structure
from mesospread.model.treatments import Course, KnownResponse, find_treatment, with_treatments
from mesospread.patient import Patient
from mesospread.units import DAYS_PER_MONTH, MONTHS_PER_YEAR, months_between

#: likeness from which an unknown treatment is taken for a misspelt known one
_SLIP = 0.85
#: findings this close before staging are taken to be what the stage was made from
STAGING_WINDOW_MONTHS = 2.0


@dataclass(frozen=True)
class Timeline:
    """Everything known of a patient, on the model's clock.

    Attributes
    ----------
    structure
        The disease under the patient's treatments, background mortality counted
        from diagnosis.
    fixed
        Known covariates.
    now_months
        Today, since diagnosis.
    findings, stage, symptoms, responses
        What was observed.
    assumptions
        Sentences on what was assumed for want of a fact.
    """

    structure: Structure
    fixed: Mapping[str, str | float]
    now_months: float
    findings: tuple[SiteFinding, ...]
    stage: StageFinding | None
    symptoms: tuple[SymptomFinding, ...]
    responses: tuple[ResponseFinding, ...]
    assumptions: tuple[str, ...]

    def labels(self) -> tuple[str, ...]:
        """Return the names of all findings, in order."""
        stage = (self.stage.label,) if self.stage else ()
        return (
            *stage,
            *(f.label for f in self.findings),
            *(s.label for s in self.symptoms),
            *(r.label for r in self.responses),
        )

    def without(self, place: int) -> Timeline:
        """Return the same patient with one finding left out, by its place in the labels.

        Responses come last and stay: they are part of the disease from then on.
        """
        if self.stage is not None:
            if place == 0:
                return replace(self, stage=None)
            place -= 1
        for name in ("findings", "symptoms"):
            listed = getattr(self, name)
            if place < len(listed):
                return replace(self, **{name: listed[:place] + listed[place + 1 :]})
            place -= len(listed)
        raise IndexError(place)

    def symptom_months(self, symptom: SymptomFinding) -> float:
        """Return when a symptom says something, since diagnosis."""
        return self.now_months if symptom.at_months is None else symptom.at_months


def build_timeline(
    patient: Patient,
    disease: Structure,
    library: TreatmentLibrary,
    observation: ObservationModel,
) -> Timeline:
    """Translate a patient file.

    Raises
    ------
    ContradictionError
        If two stated facts cannot both be true.
    PatientError
        For an unknown symptom, modality or treatment name.
    """
    assumptions: list[str] = []
    diagnosed, today = _dates(patient, assumptions)
    courses = _courses(patient, library, diagnosed, today, assumptions)
    structure = with_treatments(_background_from_diagnosis(disease), library, courses)
    findings = _site_findings(patient, observation, diagnosed, assumptions)
    stage = _stage_finding(patient, observation, diagnosed, findings, assumptions)
    return Timeline(
        structure=structure,
        fixed=_covariates(patient, disease, months_between(diagnosed, today), assumptions),
        now_months=months_between(diagnosed, today),
        findings=findings,
        stage=stage,
        symptoms=_symptoms(patient, observation, diagnosed),
        responses=_responses(courses, library),
        assumptions=tuple(assumptions),
    )


def _dates(patient: Patient, assumptions: list[str]) -> tuple[date, date]:
    stated = [scan.date for scan in patient.scans]
    stated += [t.start for t in patient.treatments]
    if patient.stage is not None and patient.stage.date is not None:
        stated.append(patient.stage.date)
    today = patient.as_of or (max(stated) if stated else date.today())
    if patient.diagnosed is not None:
        return patient.diagnosed, today
    if stated:
        assumptions.append(
            f"The date of diagnosis is not given; {min(stated):%d %B %Y}, the earliest date in "
            "the file, was taken."
        )
        return min(stated), today
    assumptions.append("No dates are given; the patient is taken to be diagnosed today.")
    return today, today


def _covariates(
    patient: Patient, disease: Structure, since_diagnosis_months: float, assumptions: list[str]
) -> dict[str, str | float]:
    known: dict[str, str | float] = {}
    if patient.histology is not None:
        known["histology"] = patient.histology
    if patient.sex is not None:
        known["sex"] = patient.sex
    if patient.performance_status is not None:
        known["performance_status"] = str(patient.performance_status)
    if patient.age is not None:
        known["age"] = patient.age - since_diagnosis_months / MONTHS_PER_YEAR
    unknown = [
        name.replace("_", " ")
        for name, covariate in disease.definition.covariates.items()
        if name not in known and not is_certain(covariate)
    ]
    if unknown:
        assumptions.append(
            f"Not known: {', '.join(unknown)}; averaged over the people with this disease."
        )
    return {name: value for name, value in known.items() if name in disease.definition.covariates}


def is_certain(covariate: Categorical | Numeric) -> bool:
    """Tell whether everybody with this disease has the same level, as men their sex."""
    return isinstance(covariate, Categorical) and sum(map(bool, covariate.levels.values())) == 1


def _background_from_diagnosis(disease: Structure) -> Structure:
    """Count background mortality from diagnosis: the patient was alive then, at a known age."""
    diagnosis = disease.position(disease.of_role("diagnosis")[0])
    schedule = tuple(
        replace(entry, anchor_process=diagnosis, anchor_level=1)
        if entry.delay_months is None
        else entry
        for entry in disease.schedule
    )
    return replace(disease, schedule=schedule)


def _courses(
    patient: Patient,
    library: TreatmentLibrary,
    diagnosed: date,
    today: date,
    assumptions: list[str],
) -> list[Course]:
    numbers = central_values(library.parameters)
    responses: dict[str | None, KnownResponse | None] = {
        "complete": "responding",
        "partial": "responding",
        "stable": "not_responding",
        "progression": "not_responding",
    }
    courses = []
    in_order = sorted(enumerate(patient.treatments), key=lambda numbered: numbered[1].start)
    for i, given in in_order:
        try:
            treatment = find_treatment(library, given.name)
        except InputError:
            names = [n for t in library.treatment for n in (t.name, *t.aliases)]
            # only what looks like a slip of the pen: many treatments have names alike
            guess = nearest(given.name, names, likeness=_SLIP)
            if guess:
                raise PatientError(
                    "unknown treatment",
                    where=f"treatments[{i}].name",
                    given=repr(given.name),
                    allowed=", ".join(t.name for t in library.treatment),
                    remedy=f"Did you mean {guess!r}?",
                ) from None
            assumptions.append(
                f"The model does not know the treatment {given.name!r}; its effect is left out."
            )
            continue
        start = months_between(diagnosed, given.start)
        if given.end is not None:
            duration = months_between(given.start, given.end)
        else:
            # no end: it still goes on, for its usual time or until today at least
            usual = treatment.duration_months
            usual = numbers[usual] if isinstance(usual, str) else usual
            duration = max(usual, months_between(given.start, today))
        if start < 0:
            assumptions.append(
                f"{given.name} began before the diagnosis; it is taken to begin at diagnosis."
            )
            duration = max(duration + start, 0.0)
            start = 0.0
        courses.append(Course(given.name, start, duration, responses.get(given.response)))
    return courses


def _responses(courses: list[Course], library: TreatmentLibrary) -> tuple[ResponseFinding, ...]:
    found = []
    for course in courses:
        response = find_treatment(library, course.name).response
        if course.response is not None and response is not None:
            responded = course.response == "responding"
            label = f"{'response' if responded else 'no response'} to {course.name}"
            found.append(ResponseFinding(label, response.probability, responded))
    return tuple(found)


def _site_findings(
    patient: Patient, observation: ObservationModel, diagnosed: date, assumptions: list[str]
) -> tuple[SiteFinding, ...]:
    modalities = {m.name: m for m in observation.modality}
    found = []
    for finding in patient.findings():
        modality = modalities.get(finding.modality)
        label = (
            f"{finding.modality} of {finding.date:%d %B %Y}: "
            f"{site_named(finding.site).label} {'positive' if finding.positive else 'negative'}"
        )
        sees = modality is not None and (
            finding.site == "regional_nodes"
            or finding.site in modality.sensitivity
            or "default" in modality.sensitivity
        )
        if not sees:
            assumptions.append(
                f"Left out: {label} (the model has no figures for this examination of this site)."
            )
            continue
        found.append(
            SiteFinding(
                label,
                months_between(diagnosed, finding.date),
                finding.site,
                finding.modality,
                finding.positive,
            )
        )
    # the same report twice is one report
    return tuple(dict.fromkeys(found))


def _stage_finding(
    patient: Patient,
    observation: ObservationModel,
    diagnosed: date,
    findings: tuple[SiteFinding, ...],
    assumptions: list[str],
) -> StageFinding | None:
    stage = patient.stage
    if stage is None:
        return None
    # imported here: staging tables are not needed for patients without a stage
    from mesospread.staging import edition_table, forecast_reading, model_tnm

    t, n, m = (c if c and not c.endswith("X") else None for c in (stage.t_stated, stage.n, stage.m))
    possible = model_tnm((t, n, m), stage.group, stage.edition, primary=patient.primary)
    if possible == {(None, None, None)}:
        return None
    words = [c for c in (t, n, m, f"stage {stage.group}" if stage.group else None) if c]
    if stage.edition is not None:
        table = edition_table(patient.primary, stage.edition)
        if not table.current:
            words.append(f"({table.name})")
            read = forecast_reading((t, n, m), stage.group, stage.edition, primary=patient.primary)
            assumptions.append(f"The stage is of an earlier system, {table.name}. {read}")
    at = months_between(diagnosed, stage.date) if stage.date else 0.0
    if all(m == "M0" for _, _, m in possible):
        _check_m0("M0" if m else " ".join(words), at, findings, observation)
    recent = [
        f
        for f in findings
        if -STAGING_WINDOW_MONTHS <= f.at_months - at <= 0.5 and f.site in observation.distant_sites
    ]
    return StageFinding(
        label=" ".join(words),
        at_months=at,
        basis=stage.basis or "clinical",
        possible=tuple(sorted(possible, key=str)),
        seen_by_scans=frozenset(f.site for f in recent),
        found_by_scans=any(f.positive for f in recent),
    )


def _check_m0(
    stated: str,
    at_months: float,
    findings: tuple[SiteFinding, ...],
    observation: ObservationModel,
) -> None:
    """Refuse a stage without distant spread beside a positive finding of that time."""
    for finding in findings:
        at_staging = -STAGING_WINDOW_MONTHS <= finding.at_months - at_months <= 1 / DAYS_PER_MONTH
        if finding.positive and finding.site in observation.distant_sites and at_staging:
            raise ContradictionError(
                "two facts contradict each other",
                where="stage",
                given=f"{stated} (no distant spread), but {finding.label}",
                remedy="If the finding proved not to be tumour, move it to negative; if it is "
                "tumour, the stage is M1",
                reason="stage_without_spread",
                values={"facts": [stated, finding.label]},
            )


def _symptoms(
    patient: Patient, observation: ObservationModel, diagnosed: date
) -> tuple[SymptomFinding, ...]:
    known = {
        alias.lower(): s.name
        for s in observation.symptom
        for alias in (s.name, s.label, *s.aliases)
    }
    found: dict[str, SymptomFinding] = {}
    for i, symptom in enumerate(patient.symptoms):
        if symptom.present is None:
            continue
        key = symptom.name.strip().lower().replace("_", " ")
        name = known.get(key) or known.get(key.replace(" ", "_"))
        if name is None:
            guess = nearest(key, known)
            raise PatientError(
                "unknown symptom",
                where=f"symptoms[{i}].name",
                given=repr(symptom.name),
                allowed=", ".join(s.label for s in observation.symptom),
                remedy=f"Did you mean {guess!r}?" if guess else "Leave it out, or name the nearest",
            )
        label = f"{symptom.name} {'present' if symptom.present else 'absent'}"
        before = found.get(name)
        if before is not None and before.present != symptom.present:
            raise ContradictionError(
                "two facts contradict each other",
                where=f"symptoms[{i}]",
                given=f"{before.label}, and {label}",
                remedy="Keep what is true today",
            )
        since = symptom.since if symptom.present else None
        at = None if since is None else months_between(diagnosed, since)
        found.setdefault(name, SymptomFinding(label, name, symptom.present, at))
    return tuple(found.values())
