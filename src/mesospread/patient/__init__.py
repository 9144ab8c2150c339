"""One patient: facts read from a file, checked at the door, then frozen."""

from mesospread.patient.problems import PatientFileError
from mesospread.patient.reading import parse_patient, read_patient
from mesospread.patient.records import Finding, Patient, Scan, Symptom, Treatment
from mesospread.patient.stage import Stage
from mesospread.patient.vocabulary import HISTOLOGIES, MODALITIES, RESPONSES, SEXES, SIDES

__all__ = [
    "HISTOLOGIES",
    "MODALITIES",
    "RESPONSES",
    "SEXES",
    "SIDES",
    "Finding",
    "Patient",
    "PatientFileError",
    "Scan",
    "Stage",
    "Symptom",
    "Treatment",
    "parse_patient",
    "read_patient",
]
