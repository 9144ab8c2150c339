"""Knowledge in plain words for patients, carers and clinicians."""
