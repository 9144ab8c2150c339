"""Simulated lives seen through protocols, against the inference and by hand."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from mesospread.app.forecast import forecast
from mesospread.infer.solve import Effort
from mesospread.model.load import disease, observation, treatments
from mesospread.studies.check import parameter_draws
from mesospread.studies.lives import Lives, regime_plan
from mesospread.studies.many import predict_many
from mesospread.studies.predict import Protocols, enter
from mesospread.studies.protocol import CourseGiven, Entry, Seen, Staged, Study

N = 20_000
SIGMAS = 5.0
CHEMO = (CourseGiven(name="pemetrexed + cisplatin", start_months=1.5),)
RATIOS = tuple(f"mortality_{when}_chemotherapy" for when in ("on", "in_response", "after"))


def model() -> tuple:
    return disease("pleural"), treatments("pleural"), observation("pleural")


@cache
def values() -> dict[str, float]:
    protocols = Protocols([study()], *model(), n=10)
    return dict(parameter_draws(protocols, 1)[0])


@cache
def lives(treated: bool = False, hazard_ratio: float | None = None) -> Lives:
    """Cohort without or with chemotherapy, whose hazard ratios of death may be set."""
    structure, library, seen = model()
    plan = regime_plan(structure, library, CHEMO if treated else ())
    ratios = dict.fromkeys(RATIOS, hazard_ratio) if hazard_ratio else {}
    return Lives(plan, seen, values() | ratios, seed=3, n=N)


def study(**changes: object) -> Study:
    result = {
        "id": "r", "subject": "s", "kind": "distant spread", "statistic": "proportion",
        "use": "validate", "n": 100, "events": 10, "seen": {"sites": ["distant"], "by": ["CT"]},
    }  # fmt: skip
    data = {
        "format": 1, "study": "x", "title": "x", "citation": "x", "primary": "pleural",
        "read_in": "full_text", "result": [result | changes.pop("result", {})],
    }  # fmt: skip
    return Study.model_validate(data | changes)


def test_lives_and_inference_say_the_same_at_diagnosis():
    """Two ways of computing: simulated lives, and the forecast of somebody just diagnosed."""
    date = "2026-01-01"
    found = forecast(
        {"primary": "pleural", "diagnosed": date, "as_of": date}, effort=Effort(draws=1)
    )
    levels = lives().at_diagnosis
    compared = 0
    for site in found.sites:
        p = lives().structure.position(site.site)
        for code, level in enumerate(("free", "microscopic", "detectable", "symptomatic")):
            share = (levels[:, p] == code).mean()
            error = np.hypot(
                np.sqrt(max(share * (1 - share), 1e-6) / lives().n),
                found.diagnostics.standard_error,
            )
            assert abs(share - site.now[level]) < SIGMAS * error, (site.site, level)
            compared += 1
    assert compared >= 60


@pytest.mark.parametrize("look", [{"sites": ["liver"], "by": []}, {"sites": [], "by": ["CT"]}])
def test_a_look_needs_a_place_and_an_examination(look):
    with pytest.raises(ValueError, match="at least 1"):
        Seen.model_validate(look)


def test_more_eyes_find_more():
    entry = np.zeros(lives().n)
    one = lives().seen(Seen(sites=("distant",), by=("CT",)), entry)
    two = lives().seen(Seen(sites=("distant",), by=("CT", "PET-CT")), entry)
    assert (two >= one).all()
    assert two.mean() > one.mean() + 0.01


def test_a_course_finds_at_least_what_its_first_look_finds():
    entry = np.zeros(lives().n)
    first = lives().seen(Seen(sites=("distant",), by=("CT",)), entry)
    course = lives().seen(Seen(sites=("distant",), by=("CT",), at="course"), entry)
    assert (course >= first - 1e-12).all()
    assert course.mean() > 1.3 * first.mean()


def test_nobody_is_examined_after_death():
    late = Seen(sites=("distant",), by=("CT",), at="course", until_months=60.0)
    entry = lives().survival_months + 1.0
    assert lives().seen(late, entry).max() == 0


def test_reported_categories_are_a_distribution():
    total = sum(lives().staged_as(Staged(t=(t,))).mean() for t in ("T1", "T2", "T3", "T4"))
    assert total == pytest.approx(1.0)
    m0, m1 = (lives().staged_as(Staged(m=m)) for m in ("M0", "M1"))
    assert m0 + m1 == pytest.approx(np.ones(lives().n))


def test_times_of_entry_have_the_asked_median_and_spread():
    months = lives().entry_months(15.0, 0.5)
    assert np.median(months) == pytest.approx(15.0, rel=0.02)
    assert np.log(months).std() == pytest.approx(0.5, rel=0.03)


def test_weights_give_the_asked_mix():
    mixed = study(cohort={"histology": {"epithelioid": 0.2, "sarcomatoid": 0.8}})
    (arm,) = enter(mixed, {(): lives()}).values()
    codes, levels = arm.lives.level_of("histology")
    shares = {h: arm.weight[codes == levels.index(h)].sum() for h in levels}
    assert shares == pytest.approx({"epithelioid": 0.2, "biphasic": 0.0, "sarcomatoid": 0.8})


def test_age_is_turned_towards_the_study():
    (arm,) = enter(study(cohort={"age": {"mean": 60, "sd": 8}}), {(): lives()}).values()
    mean = arm.weight @ arm.lives.age_at_diagnosis_years / arm.weight.sum()
    assert mean == pytest.approx(60, abs=1.0)
    # without that they are older, whichever draw of the parameters this is
    assert lives().age_at_diagnosis_years.mean() > 64


def test_only_the_living_enter():
    (arm,) = enter(study(entry={"months": 12}), {(): lives()}).values()
    assert (arm.lives.survival_months[arm.weight > 0] > 12).all()


def test_a_study_of_nobody_says_nothing():
    nobody = study(entry={"months": 900})
    predicted = Protocols([nobody], *model(), n=500).predict(values(), 1)
    assert np.isnan(predicted["x/r"].value)


def test_treated_and_untreated_are_the_same_people_before_treatment():
    assert np.array_equal(lives(False).at_diagnosis[:, :20], lives(True).at_diagnosis[:, :20])
    before = lives(False).survival_months < 1.5
    assert before.mean() > 0.02
    assert lives(True).survival_months[before] == pytest.approx(
        lives(False).survival_months[before]
    )


def test_a_treatment_that_only_helps_shortens_no_life():
    gain = lives(True, hazard_ratio=0.7).survival_months - lives(False).survival_months
    assert (gain >= -1e-9).all()
    assert (gain > 0.5).mean() > 0.5


def test_two_processes_say_the_same_as_one():
    protocols = Protocols([study()], *model(), n=300)
    draws = parameter_draws(protocols, 4)
    one = predict_many(protocols, draws, first_seed=7)
    two = predict_many(protocols, draws, first_seed=7, workers=2)
    assert one == two


def test_entry_is_checked():
    with pytest.raises(ValueError, match="months"):
        Entry(months=-1)
