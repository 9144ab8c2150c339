"""What a server must ask of a patient's facts beyond what a file is asked."""

from __future__ import annotations

import datetime as dt

from mesospread.errors import PatientError
from mesospread.infer.rounds import MOST_PRESENT
from mesospread.patient import Patient

__all__ = ["check_not_future", "check_not_too_much"]

#: as many as the models know, or nearly
_MOST_SYMPTOMS = 20
#: terms × days × examined sites that one call may weigh together: some 250 MB
_MOST_WEIGHED = 40_000
#: sites of a disease, and the two parts of a stage
_SITES, _PARTS = 20, 2
#: so that today is not the future anywhere on Earth
_AHEAD = dt.timedelta(days=1)


def check_not_future(patient: Patient, today: dt.date | None = None) -> None:
    """Refuse a date after today.

    Parameters
    ----------
    patient
        The patient.
    today
        Latest day allowed; None for the day that has begun somewhere on Earth.

    Raises
    ------
    PatientError
        Naming the first such date.
    """
    latest = today or dt.datetime.now(dt.UTC).date() + _AHEAD
    for where, day in _dates(patient):
        if day is not None and day > latest:
            raise PatientError(
                "the date lies in the future",
                where=f"patient › {where}",
                given=day.isoformat(),
                allowed="today or earlier",
                remedy="Correct it; leave out what is only planned",
            )


def check_not_too_much(patient: Patient) -> None:
    """Refuse more findings than can be weighed together in reasonable time.

    Each symptom that is there doubles the work, and each examined site and each day adds to it.

    Raises
    ------
    PatientError
        Saying what to leave out.
    """
    present = sum(symptom.present is True for symptom in patient.symptoms)
    findings = len(patient.findings())
    days = 1 + len({s.date for s in patient.scans}) + len({s.since for s in patient.symptoms})
    # beyond these the engine weighs all symptoms alike, however many there are
    weighed = (_PARTS << min(present, MOST_PRESENT)) * days * (_SITES + findings)
    if present > _MOST_SYMPTOMS or weighed > _MOST_WEIGHED:
        raise PatientError(
            "there is more than can be weighed together in one call",
            where="patient",
            given=f"{present} symptoms that are there, {findings} examined sites, {days} days",
            allowed=f"up to {_MOST_SYMPTOMS} such symptoms, with 20 examined sites on 15 days",
            remedy="Leave out the symptoms that say least, such as fatigue, and old scans that "
            "showed nothing new",
        )


def _dates(patient: Patient) -> list[tuple[str, dt.date | None]]:
    """Return where each date stands, and the date; last the day of the file.

    Unless it is stated, that day is one of the others, and a reader knows only what was sent.
    """
    found = [("diagnosed", patient.diagnosed), ("died", patient.died)]
    if patient.stage:
        found.append(("stage.date", patient.stage.date))
    found += [(f"scans[{i}].date", scan.date) for i, scan in enumerate(patient.scans)]
    for i, treatment in enumerate(patient.treatments):
        found += [(f"treatments[{i}].start", treatment.start)]
        found += [(f"treatments[{i}].end", treatment.end)]
    found += [(f"symptoms[{i}].since", s.since) for i, s in enumerate(patient.symptoms)]
    return [*found, ("as_of", patient.as_of)]
