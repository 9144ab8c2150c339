"""From sums to answers: formulas on numbers made up for the purpose."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from tests.infer import leafy, small
from tests.infer.made_posterior import alive, falling, posterior_of

from mesospread.infer import answers
from mesospread.infer.posterior import Posterior
from mesospread.infer.questions import CURVE_MONTHS, HORIZONS_MONTHS, ROUTES, Question
from mesospread.infer.result import Band

STRUCTURE = leafy.certain_disease()
OBSERVATION = leafy.observation()


# --- searches ---------------------------------------------------------------------------


def searches() -> Posterior:
    return posterior_of(
        {
            ("unknown", "involved"): 0.4,
            ("search", "finds", "CT"): 0.1,
            ("search", "finds", "MRI"): 0.2,
            ("search", "finds", "PET"): 0.15,
            ("search", "finds", "CT", "MRI"): 0.25,
            ("search", "finds", "CT", "PET"): 0.16,
            ("search", "finds", "MRI", "PET"): 0.3,
        }
    )


def test_searches_alone_come_first_and_then_by_yield():
    found = answers.search_forecasts(searches())
    assert [f.modalities for f in found] == [
        ["MRI"], ["PET"], ["CT"], ["MRI", "PET"], ["MRI", "CT"], ["PET", "CT"],
    ]  # fmt: skip


def test_what_a_search_finds_adds_and_leaves():
    by_names = {" ".join(f.modalities): f for f in answers.search_forecasts(searches())}
    alone, both = by_names["MRI"], by_names["MRI CT"]
    assert alone.finds.estimate == alone.adds == pytest.approx(0.2)
    assert alone.left_behind == pytest.approx((0.4 - 0.2) / 0.8)
    # given that the first found nothing
    assert both.adds == pytest.approx((0.25 - 0.2) / 0.8)
    assert both.left_behind == pytest.approx((0.4 - 0.25) / 0.75)


def test_without_searches_there_is_nothing_to_say():
    assert answers.search_forecasts(posterior_of({("involved", "liver"): 0.1})) == []


def test_what_is_found_for_certain_leaves_nothing():
    sure = posterior_of({("unknown", "involved"): 1.0, ("search", "finds", "CT"): 1.0})
    (found,) = answers.search_forecasts(sure)
    assert (found.finds.estimate, found.left_behind) == (1.0, 0.0)


# --- sites, scans, symptoms -------------------------------------------------------------


def sites() -> dict[Question, float | Sequence[float]]:
    """Answers about the three sites: the later in the list, the less likely."""
    found: dict[Question, float | Sequence[float]] = {}
    for k, site in enumerate(leafy.SITES):
        for level, chance in zip(small.LADDER, (0.5, 0.2, 0.2, 0.1), strict=True):
            found["now", site, level] = chance
        found["involved", site] = 0.5
        for months in HORIZONS_MONTHS:
            found["by", site, months] = [0.01 * months / (1 + k), 0.03 * months / (1 + k)]
        found["seeded", site] = 0.8
        for route, share in zip(ROUTES, (0.2, 0.2, 0.4), strict=True):
            found["route", site, route] = share
        found["next", site] = 0.1 * k
    return found


def test_sites_are_in_order_of_what_is_found_within_a_year():
    numbers = sites() | {("by", "bone", 12): 0.9}
    found = answers.site_forecasts(posterior_of(numbers, (1.0, 1.0)), STRUCTURE, OBSERVATION)
    assert [f.site for f in found] == ["bone", "chest_wall", "liver"]
    bone, wall, _ = found
    assert (bone.distant, wall.distant) == (True, False)
    assert wall.now == dict(zip(small.LADDER, (0.5, 0.2, 0.2, 0.1), strict=True))
    # more than microscopic
    assert wall.visible_now.estimate == pytest.approx(0.3)
    assert wall.by_month["6"].estimate == pytest.approx(0.12)
    assert wall.by_month["6"].low < 0.12 < wall.by_month["6"].high
    # given that it is seeded at all
    assert wall.routes == pytest.approx(dict(zip(ROUTES, (0.25, 0.25, 0.5), strict=True)))
    assert bone.next == pytest.approx(0.2)


def test_where_nothing_is_next_is_the_rest():
    found = answers.no_new_site(posterior_of(sites(), (1.0, 1.0)), STRUCTURE)
    assert found.estimate == pytest.approx(1.0 - 0.1 - 0.2)


def test_a_site_that_is_never_seeded_has_no_route():
    numbers = sites() | {("seeded", "liver"): 0.0}
    numbers |= {("route", "liver", route): 0.0 for route in ROUTES}
    found = answers.site_forecasts(posterior_of(numbers, (1.0, 1.0)), STRUCTURE, OBSERVATION)
    (liver,) = (f for f in found if f.site == "liver")
    assert set(liver.routes.values()) == {0.0}
    # nothing is known of it
    assert {(b.low, b.high) for b in liver.routes_bands.values()} == {(0.0, 1.0)}


def test_a_scan_is_right_or_misses_given_what_it_says():
    found = answers.scan_forecasts(
        posterior_of(
            {
                ("scan", "CT", "liver"): 0.2,
                ("found", "CT", "liver"): 0.15,
                ("missed", "CT", "liver"): 0.08,
                ("scan", "MRI", "bone"): 0.3,
                ("found", "MRI", "bone"): 0.3,
                ("missed", "MRI", "bone"): 0.0,
                ("scan", "PET", "bone"): 0.0,
                ("found", "PET", "bone"): 0.0,
                ("missed", "PET", "bone"): 0.05,
            }
        )
    )
    assert [(f.modality, f.site) for f in found] == [
        ("MRI", "bone"), ("CT", "liver"), ("PET", "bone"),
    ]  # fmt: skip
    mri, ct, pet = found
    assert (mri.true_if_positive, mri.involved_if_negative) == (1.0, 0.0)
    assert ct.true_if_positive == pytest.approx(0.75)
    assert ct.involved_if_negative == pytest.approx(0.1)
    # never positive: nothing can be said of it
    assert (pet.true_if_positive, pet.involved_if_negative) == (0.0, pytest.approx(0.05))


def test_causes_of_the_symptoms_that_are_there_the_likeliest_first():
    numbers: dict[Question, float | Sequence[float]] = {
        ("symptom", "pain", "other causes"): 0.2,
        ("symptom", "pain", "extent"): 0.3,
        ("symptom", "pain", "bone"): 0.6,
    }
    (pain,) = answers.symptom_forecasts(posterior_of(numbers), STRUCTURE, OBSERVATION)
    assert [(c.cause, c.probability) for c in pain.causes] == [
        ("bone", 0.6), ("extent", 0.3), ("other causes", 0.2),
    ]  # fmt: skip
    assert pain.causes[1].label == "the tumour where it began"


def test_the_true_stage_has_a_chance_for_each_category():
    numbers = {("true", "t", "T1"): 0.3, ("true", "t", "T2"): 0.7, ("true", "n", "N0"): 0.9,
               ("true", "n", "N1"): 0.1} | {
        ("distant", name): 0.2 for name in ("involved", "hidden", "detectable", "sites")
    }  # fmt: skip
    now = answers.true_stage(posterior_of(numbers), STRUCTURE)
    assert now["t"] == pytest.approx({"T1": 0.3, "T2": 0.7})
    assert now["n"] == pytest.approx({"N0": 0.9, "N1": 0.1})
    assert now["distant"]["hidden"]["estimate"] == pytest.approx(0.2)


# --- every estimate has its band --------------------------------------------------------


def everything(apart: float, draws: int = 41) -> Posterior:
    """Return answers that lie apart between the draws, by so many parts of themselves."""
    factors = 1.0 + np.linspace(-apart, apart, draws)
    numbers: dict[Question, float | Sequence[float]] = {}
    for site in leafy.SITES:
        numbers["now", site, small.LADDER[0]] = 0.5 + 0.3 * (1.0 - factors)
        for level, chance in zip(small.LADDER[1:], (0.2, 0.2, 0.1), strict=True):
            numbers["now", site, level] = chance * (0.4 + 0.6 * factors)
        numbers["involved", site] = 0.5 - 0.3 * (1.0 - factors)
        for months in HORIZONS_MONTHS:
            numbers["by", site, months] = 0.02 * months * factors
        numbers["seeded", site] = 0.8 + 0.1 * factors
        for route, share in zip(ROUTES, (0.2, 0.3), strict=False):
            numbers["route", site, route] = share * factors
        numbers["route", site, ROUTES[2]] = 0.8 - 0.4 * factors
        numbers["next", site] = 0.1 * factors
        numbers["scan", "CT", site] = 0.2 + 0.1 * factors
        numbers["found", "CT", site] = 0.2 * factors
        numbers["missed", "CT", site] = 0.1 * factors
    numbers["unknown", "involved"] = 0.2 + 0.2 * factors
    for names, chance in ((("CT",), 0.1), (("MRI",), 0.15), (("CT", "MRI"), 0.2)):
        numbers["search", "finds", *names] = chance * factors
    numbers["symptom", "pain", "bone"] = 0.4 * factors
    for axis, role in (("t", "extent"), ("n", "nodes")):
        for level in STRUCTURE.process(STRUCTURE.of_role(role)[0]).levels:
            numbers["true", axis, level] = 0.2 * factors
    for name in ("involved", "hidden", "detectable", "sites"):
        numbers["distant", name] = 0.3 * factors
    return posterior_of(numbers, np.ones(draws))


def bands_of(posterior: Posterior) -> dict[str, tuple[float, Band]]:
    """Return each plain number of a forecast with its band."""
    found: dict[str, tuple[float, Band]] = {}
    for site in answers.site_forecasts(posterior, STRUCTURE, OBSERVATION):
        found[f"{site.site} next"] = site.next, site.next_band
        assert site.now.keys() == site.now_bands.keys()
        assert site.routes.keys() == site.routes_bands.keys()
        for name, band in (site.now_bands | site.routes_bands).items():
            found[f"{site.site} {name}"] = (site.now | site.routes)[name], band
        found[f"{site.site} visible"] = site.visible_now.estimate, site.visible_now
    for scan in answers.scan_forecasts(posterior):
        found[f"{scan.site} right"] = scan.true_if_positive, scan.true_if_positive_band
        found[f"{scan.site} missed"] = scan.involved_if_negative, scan.involved_if_negative_band
    for search in answers.search_forecasts(posterior):
        name = " ".join(search.modalities)
        found[f"{name} adds"] = search.adds, search.adds_band
        found[f"{name} leaves"] = search.left_behind, search.left_behind_band
    for symptom in answers.symptom_forecasts(posterior, STRUCTURE, OBSERVATION):
        for cause in symptom.causes:
            found[cause.cause] = cause.probability, cause.probability_band
    now = answers.true_stage(posterior, STRUCTURE)
    for axis in ("t", "n"):
        for level, band in now[f"{axis}_bands"].items():
            found[f"{axis} {level}"] = now[axis][level], Band(**band)
    none = answers.no_new_site(posterior, STRUCTURE)
    return found | {"nowhere new": (none.estimate, none)}


def test_every_band_holds_its_estimate_and_lies_between_0_and_1():
    found = bands_of(everything(apart=0.4))
    assert len(found) > 40
    for name, (estimate, band) in found.items():
        assert band.estimate == estimate, name
        assert 0.0 <= band.low < estimate < band.high <= 1.0, name


def test_bands_are_wider_where_parameters_are_less_sure():
    sure, unsure = bands_of(everything(apart=0.1)), bands_of(everything(apart=0.4))
    for name, (_, wide) in unsure.items():
        narrow = sure[name][1]
        assert wide.high - wide.low > 2.0 * (narrow.high - narrow.low), name


def test_bands_close_where_all_draws_are_one():
    for name, (estimate, band) in bands_of(everything(apart=0.0)).items():
        assert (band.low, band.high) == pytest.approx((estimate, estimate), abs=1e-9), name


def test_the_band_of_a_conditional_chance_is_that_of_its_draws():
    """Each draw counts by how likely the condition is under it."""
    seeded, routed = np.array([0.2, 0.8] * 20), np.array([0.02, 0.4] * 20)
    numbers = sites() | {("seeded", "liver"): seeded, ("route", "liver", ROUTES[0]): routed}
    numbers |= {("by", site, m): 0.1 for site in leafy.SITES for m in HORIZONS_MONTHS}
    found = answers.site_forecasts(posterior_of(numbers, np.ones(40)), STRUCTURE, OBSERVATION)
    (liver,) = (f for f in found if f.site == "liver")
    band = liver.routes_bands[ROUTES[0]]
    assert band.estimate == pytest.approx(0.42 / 1.0)
    assert (band.low, band.high) == pytest.approx((0.1, 0.5))


# --- options ----------------------------------------------------------------------------


def options_posterior() -> Posterior:
    numbers: dict[Question, float | Sequence[float]] = {}
    for k in (0, 1):
        for months in HORIZONS_MONTHS:
            for site in (*leafy.SITES, "any_distant"):
                numbers["option", k, "by", site, months] = (0.6 - 0.2 * k) * months / 24
                if k:
                    numbers["change", k, "by", site, months] = -0.2 * months / 24
        numbers |= alive(falling(0.1 - 0.05 * k), option=("option", k))
    for m in CURVE_MONTHS:
        numbers["change", 1, "alive", m] = float(falling(0.05)[m] - falling(0.1)[m])
    return posterior_of(numbers)


@pytest.mark.parametrize("prognosis", [False, True])
def test_options_are_compared_with_the_first(prognosis):
    first, other = answers.options(
        options_posterior(), STRUCTURE, ("none", "drug"), prognosis=prognosis, between_cohorts=0.3
    )
    assert (first.treatment, other.treatment) == ("none", "drug")
    assert [s.site for s in other.sites] == [*leafy.SITES, "any_distant"]
    for before, after in zip(first.sites, other.sites, strict=True):
        assert before.change == {}
        assert before.by_month["12"].estimate == pytest.approx(0.3)
        assert after.by_month["12"].estimate == pytest.approx(0.2)
        assert {m: b.estimate for m, b in after.change.items()} == pytest.approx(
            {"3": -0.025, "6": -0.05, "12": -0.1, "24": -0.2}
        )
    assert first.alive_change == {}
    if prognosis:
        assert first.survival is not None
        assert other.survival is not None
        gain = other.survival.curve[12].alive - first.survival.curve[12].alive
        assert other.alive_change["12"].estimate == pytest.approx(gain)
        assert set(other.alive_change) == {"6", "12", "24"}
    else:
        # nobody is told who has not asked
        assert first.survival is other.survival is None
        assert other.alive_change == {}


# --- diagnostics ------------------------------------------------------------------------


def test_findings_that_hardly_fit_are_pointed_out():
    without = {"usual": 1.5, "rare": 150.0, "just common enough": 99.0, "unknown": float("nan")}
    found = answers.diagnostics(posterior_of({("involved", "liver"): 0.5}, without=without))
    assert found.unexpected_findings == ["rare"]
    assert found.effective_sample_size == pytest.approx(1_000.0)
    assert found.paths == 2_000
