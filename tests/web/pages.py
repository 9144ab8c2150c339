"""All pages that can be opened by their address."""

PRIMARIES = ("pleural", "peritoneal", "pericardial", "testicular")

PLAIN = (
    "/",
    "/patient",
    *(f"/patient/{primary}" for primary in PRIMARIES),
    "/patient/pleural/example",
    "/spread",
    *(f"/spread/{primary}" for primary in PRIMARIES),
    "/guide",
    "/guide/liver",
    "/guide/seizure",
    "/ask",
    "/centres",
    "/support",
    "/claims",
    "/about",
)
CLINICAL = (
    "/clinician",
    "/clinician/pleural",
    "/clinician/peritoneal",
    "/clinician/pleural/example",
    "/clinician/peritoneal/example",
    "/evidence",
    "/validation",
    "/model-card",
)
SPANISH = tuple(f"/es{page}" for page in ("", *PLAIN[1:]) if page not in ("/guide/seizure",))
ALL = (*PLAIN, *CLINICAL)
