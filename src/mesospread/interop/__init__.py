"""Health records: FHIR R4 with the profiles of mCODE, in and out."""
