"""What a call of the API may say. Unknown keys are refused."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field
from pydantic_core import PydanticCustomError

from mesospread.app.patient_checks import check_not_future, check_not_too_much
from mesospread.app.precision import Precision
from mesospread.patient import Patient, parse_patient
from mesospread.patient.fields import PrimaryName
from mesospread.randomness import MAX_SEED
from mesospread.trials.design import TrialDesign, parse_design


def read_patient_facts(given: Any) -> Patient:
    """Check a patient as a file would be, and also what only a server must ask.

    Parameters
    ----------
    given
        The keys of a patient file, or a patient.

    Raises
    ------
    PatientError
        If anything is wrong, if a date lies in the future, or if there is more than one call
        may weigh.
    """
    patient = given if isinstance(given, Patient) else parse_patient(given)
    check_not_future(patient)
    check_not_too_much(patient)
    return patient


def _yes_or_no(value: object) -> object:
    """Read true and false from a query, and nothing else: not 1, not yes."""
    if isinstance(value, str):
        if value not in ("true", "false"):
            raise PydanticCustomError("bool_type", "not true or false")
        return value == "true"
    return value


class Call(BaseModel):
    """Base of all calls."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Body(Call):
    """Base of all bodies: nothing is taken for something else, "1" not for 1."""

    model_config = ConfigDict(strict=True)


_PATIENT = "the keys of a patient file; dates as year-month-day; only primary is needed"
_PROGNOSIS = "whether survival is wanted; nobody is told who has not asked"
_SEED = "of the random numbers; the same seed gives the same answer"
_TREATMENT = Annotated[str, Field(min_length=1, max_length=100)]

PatientFacts = Annotated[Patient, BeforeValidator(read_patient_facts), Field(description=_PATIENT)]
Prognosis = Annotated[bool, Field(description=_PROGNOSIS)]
Language = Annotated[
    Literal["en", "es"],
    Field(description="of what patients read; what clinicians read and sources are English"),
]
QueryBool = Annotated[bool, BeforeValidator(_yes_or_no)]
Seed = Annotated[int, Field(ge=0, le=MAX_SEED, description=_SEED)]
LifeTable = Annotated[Literal["uk", "us"], Field(description="whose background mortality applies")]
AnyPrecision = Annotated[
    Precision,
    Field(description="quick: a simulation error of about 1.5 percentage points in place of 0.5"),
]


_EXAMPLE: dict[str, Any] = {
    "primary": "pleural",
    "histology": "epithelioid",
    "age": 67,
    "diagnosed": "2026-03-02",
    "as_of": "2026-11-20",
    "stage": {"t": "T3", "n": "N1"},
    "scans": [{"date": "2026-11-10", "modality": "CT", "negative": ["liver", "adrenal"]}],
    "symptoms": [{"name": "bone pain", "since": "2026-11-01"}],
}


def _example(**call: Any) -> ConfigDict:
    """Return the setting that shows a call in the schema."""
    return ConfigDict(json_schema_extra={"examples": [call]})


class ForecastCall(Body):
    """One patient."""

    model_config = _example(patient=_EXAMPLE, precision="quick")

    patient: PatientFacts
    include_prognosis: Prognosis = False
    why: bool = Field(default=False, description="whether to say what each finding does")
    precision: AnyPrecision = "full"
    seed: Seed = 1
    life_table: LifeTable = "uk"


class CompareCall(Body):
    """One patient under several treatments from today on."""

    model_config = _example(
        patient=_EXAMPLE, treatments=["none", "nivolumab + ipilimumab"], precision="quick"
    )

    patient: PatientFacts
    treatments: list[_TREATMENT] = Field(
        min_length=2,
        max_length=6,
        description='different ones, or "none"; the others are compared with the first',
    )
    include_prognosis: Prognosis = False
    precision: AnyPrecision = "full"
    seed: Seed = 1
    life_table: LifeTable = "uk"


class ImportCall(Body):
    """The record of one person."""

    bundle: dict[str, Any] = Field(description="an mCODE patient bundle (FHIR R4, JSON)")


class ExportCall(Body):
    """One patient, for a record."""

    model_config = _example(patient=_EXAMPLE)

    patient: PatientFacts
    forecast: bool = Field(default=False, description="whether to add a RiskAssessment")
    synthetic: bool = Field(
        default=False, description="whether the person is made up: all is tagged as test data"
    )
    precision: AnyPrecision = "full"
    seed: Seed = 1
    life_table: LifeTable = "uk"


_CATEGORY = Annotated[str, Field(max_length=40)] | None


class StageCall(Body):
    """T, N and M as far as they are known, or measurements that give T."""

    model_config = _example(t="T3", m="M0")

    primary: PrimaryName = "pleural"
    t: _CATEGORY = Field(default=None, description="T1 to T4, TX; or in words where no TNM exists")
    n: _CATEGORY = Field(default=None, description="N0 to N2, NX")
    m: _CATEGORY = Field(default=None, description="M0 or M1")
    group: _CATEGORY = Field(default=None, description="a stage group as stated, e.g. III")
    edition: _CATEGORY = Field(
        default=None,
        description="pleural: 9, 8, 7, butchart, brigham or summary; default: the newest",
    )
    basis: _CATEGORY = Field(default=None, description="clinical or pathological")
    pci: int | None = Field(default=None, ge=0, le=39, description="peritoneal cancer index")
    psum_mm: float | None = Field(
        default=None, ge=0, le=1_000, description="sum of pleural thickness on CT"
    )
    fmax_mm: float | None = Field(
        default=None, ge=0, le=1_000, description="largest thickness of a fissure on CT"
    )
    features: list[Annotated[str, Field(max_length=60)]] = Field(
        default=[], max_length=20, description="seen on CT, e.g. mediastinal_fat"
    )


class SimulateCall(Body):
    """A virtual cohort."""

    model_config = _example(primary="pleural", n=1000, seed=7, fixed={"histology": "sarcomatoid"})

    primary: PrimaryName
    n: int = Field(ge=1, description="patients; the server sets the most, 20,000 as a rule")
    seed: Seed = 1
    treatments: list[_TREATMENT] = Field(
        default=[], max_length=6, description="after diagnosis, in order of their lines"
    )
    fixed: dict[str, Annotated[str, Field(max_length=40)] | float] = Field(
        default={}, max_length=10, description="covariates that all patients share"
    )
    horizon_months: float = Field(
        default=600.0, gt=0, le=1_200, description="follow-up from the start of the disease"
    )
    life_table: LifeTable = "uk"
    draw: int | None = Field(
        default=None,
        ge=0,
        le=MAX_SEED,
        description="take the model's numbers from this draw of their ranges",
    )
    include_prognosis: Prognosis = False


def read_trial(given: Any) -> TrialDesign:
    """Check a trial as a file would be.

    Raises
    ------
    InputError
        If anything is wrong.
    """
    return given if isinstance(given, TrialDesign) else parse_design(given, "design")


class TrialCall(Body):
    """A trial with two arms, to be simulated many times."""

    model_config = _example(
        design={
            "format": 1,
            "trial": "two-drugs",
            "title": "Immunotherapy against chemotherapy",
            "primary": "pleural",
            "patients": 300,
            "accrual_months": 18,
            "follow_up_months": 24,
            "arms": [
                {"name": "chemotherapy", "treatments": [{"name": "pemetrexed + cisplatin"}]},
                {"name": "immunotherapy", "treatments": [{"name": "nivolumab + ipilimumab"}]},
            ],
        },
        trials=100,
        draws=40,
    )

    design: Annotated[
        TrialDesign, BeforeValidator(read_trial), Field(description="the keys of a trial file")
    ]
    trials: int = Field(default=200, ge=100, le=500, description="simulated trials")
    draws: int = Field(default=40, ge=40, le=100, description="draws of the parameters")
    seed: Seed = 1
    life_table: LifeTable = "uk"


class EvidenceQuery(Call):
    """Words that must occur."""

    words: str = Field(
        default="", max_length=200, description="all must occur; empty: all", examples=["liver"]
    )
    primary: PrimaryName = Field(default="pleural", description="whose model")


class ExplainQuery(Call):
    """A topic of the guide."""

    topic: str = Field(
        default="",
        max_length=100,
        description="a place, sign, scan, treatment or stage; empty: the list of all topics",
        examples=["liver"],
    )
    include_prognosis: QueryBool = Field(
        default=False, description="whether published survival may be shown"
    )
    language: Language = "en"


class Question(Body):
    """A question in plain words."""

    question: str = Field(
        min_length=1, max_length=500, pattern=r"\S", examples=["Can it spread to the liver?"]
    )
    language: Language = "en"


class Place(Call):
    """Where to look for centres."""

    near: str = Field(
        min_length=1,
        max_length=100,
        description='a town, a US ZIP code or "latitude,longitude"',
        examples=["Tampa, FL"],
    )
    primary: PrimaryName | None = Field(default=None, description="default: all")
    within_km: float | None = Field(default=None, gt=0, le=50_000, allow_inf_nan=False)
    within_miles: float | None = Field(default=None, gt=0, le=50_000, allow_inf_nan=False)
    limit: int = Field(default=10, ge=1, le=100, description="most centres in each list")
    support: QueryBool = Field(
        default=False, description="also list the support organisations of that country"
    )


class SupportQuery(Call):
    """Whose support organisations."""

    country: str | None = Field(
        default=None,
        min_length=1,
        max_length=60,
        description="name or two-letter code",
        examples=["UK"],
    )
    primary: PrimaryName | None = Field(default=None, description="default: all")
