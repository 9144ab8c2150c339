"""The numbers of the model in the guide: they belong to this model, and are what they say."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.app.guide_making import LENDER, count, fingerprint, summary, written
from mesospread.app.guide_numbers import GuideNumbers, Triple, guide_numbers
from mesospread.model.calibrated import shipped_posterior
from mesospread.model.load import disease, observation, shipped_primaries, treatments
from mesospread.model.parameters import DRAWS_SEED, ranges
from mesospread.studies.effects import stated

AGAIN = "run: python tools/make_guide_numbers.py"
#: a recount under few draws may miss the median of the file by this share of its interval.
#: The median of 24 draws has a standard error of 0.065 of a normal 95 % interval, so this is
#: more than four of them; two more points are for the simulation of 4000 people
SHARE_OF_INTERVAL, SIMULATION = 0.3, 0.02
FEW_DRAWS, FEW_LIVES = 24, 4_000
CELLS = [
    ("pleural", "distant", "any", "diagnosis"),
    ("pleural", "site:liver", "visible", "12"),
    ("pleural", "site:bone", "any|sarcomatoid", "death"),
    ("pleural", "route:haematogenous", "distant", "ever"),
    ("pleural", "stage:III", "distant", "diagnosis"),
    ("pleural", "symptom:jaundice", "cause:liver", "diagnosis"),
    ("pleural", "scan:CT", "distant", "found"),
    ("testicular", "site:lung", "any", "24"),
]


def agree(shipped: Triple, found: float) -> bool:
    value, low, high = shipped
    return abs(found - value) <= SHARE_OF_INTERVAL * (high - low) + SIMULATION


@pytest.fixture(scope="module")
def recounted() -> dict[str, dict[tuple[str, str, str], Triple]]:
    return {
        primary: summary(
            [count(primary, draw=k, lives=FEW_LIVES, seed=900 + k) for k in range(FEW_DRAWS)]
        )
        for primary in {cell[0] for cell in CELLS}
    }


@pytest.mark.parametrize("primary", shipped_primaries())
def test_the_file_belongs_to_this_model(primary: str) -> None:
    shipped = guide_numbers().primaries[primary]
    own = shipped_posterior(primary)
    posterior = own or shipped_posterior(LENDER)
    assert posterior is not None
    assert shipped.posterior == posterior.digest, AGAIN
    assert shipped.calibrated == (own is not None), AGAIN
    assert shipped.fingerprint == fingerprint(primary), AGAIN


@pytest.mark.parametrize("cell", CELLS, ids=lambda cell: "-".join(cell))
def test_a_recount_agrees(
    cell: tuple[str, str, str, str], recounted: dict[str, dict[tuple[str, str, str], Triple]]
) -> None:
    primary, about, what, when = cell
    shipped = guide_numbers().primaries[primary].numbers[about][what][when]
    assert agree(shipped, recounted[primary][about, what, when][0]), AGAIN


def test_the_recount_can_disagree(
    recounted: dict[str, dict[tuple[str, str, str], Triple]],
) -> None:
    """A number that is half an interval off, as of another posterior, is seen."""
    for primary, *key in CELLS:
        found = recounted[primary][tuple(key)][0]  # type: ignore[index]
        value, low, high = guide_numbers().primaries[primary].numbers[key[0]][key[1]][key[2]]
        off = found + 0.5 * (high - low) + 2 * SIMULATION
        assert not agree((value, low, high), off) or found < value


@pytest.mark.parametrize("primary", shipped_primaries())
def test_stated_numbers_are_those_of_the_parameters(primary: str) -> None:
    """What needs no simulation is the same to the digits that are written."""
    shipped = guide_numbers()
    structure, library, seen = disease(primary), treatments(primary), observation(primary)
    spread = ranges({**structure.parameters, **library.parameters, **seen.parameters})
    drawn = spread.draws(DRAWS_SEED, 0, shipped.draws)
    found = summary(
        [stated(structure, library, dict(zip(spread.names, row, strict=True))) for row in drawn]
    )
    assert len(found) > 50
    for (about, what, when), triple in found.items():
        held = shipped.primaries[primary].numbers[about][what][when]
        assert held == pytest.approx(triple, rel=1e-2, abs=1e-6), f"{about} {what}: {AGAIN}"


def test_a_sensitivity_is_that_of_its_parameter() -> None:
    parameter = observation("pleural").parameters["ct_liver_detectable"]
    held = guide_numbers().primaries["pleural"].numbers["scan:CT"]["liver"]["visible"]
    # the file takes the first 200 draws, the parameter all: their medians differ a little
    assert held[0] == pytest.approx(parameter.value, abs=0.03)
    assert held[1] == pytest.approx(parameter.low, abs=0.05)
    assert held[2] == pytest.approx(parameter.high, abs=0.05)


@pytest.mark.parametrize("primary", shipped_primaries())
def test_numbers_are_in_order(primary: str) -> None:
    numbers = guide_numbers().primaries[primary].numbers
    for about, whats in numbers.items():
        for what, whens in whats.items():
            for when, (value, low, high) in whens.items():
                assert 0 <= low <= value <= high, (about, what, when)
                share = about.startswith(("site:", "distant", "stage:", "symptom:", "scan:"))
                assert not share or high <= 1, (about, what, when)
    for site in disease(primary).of_role("site"):
        told = numbers[f"site:{site}"]
        for when, visible in told["visible"].items():
            assert visible[0] <= told["any"][when][0]


def test_a_count_is_the_same_again_and_holds_together() -> None:
    cells = count("peritoneal", draw=3, lives=3_000, seed=5)
    again = count("peritoneal", draw=3, lives=3_000, seed=5)
    assert written({"a": 1, "primaries": {}}) == b'{"a":1,"primaries":{}}\n'
    assert {k: v for k, v in cells.items() if v == v} == {k: v for k, v in again.items() if v == v}
    stages = [cells[f"stage:{group}", "share", "diagnosis"] for group in ("I", "II", "III")]
    assert sum(stages) == pytest.approx(1.0)
    # what staging calls M1 has been judged: it is distant spread
    assert cells["m:M1", "distant", "diagnosis"] == pytest.approx(1.0)
    routes = ("direct", "lymphatic", "haematogenous")
    assert sum(cells[f"route:{route}", "every", "ever"] for route in routes) == pytest.approx(1.0)
    causes = [v for (a, w, t), v in cells.items() if a == "symptom:belly pain" and t == "diagnosis"
              and w.startswith("cause:") and w != "cause:spread"]  # fmt: skip
    # some cause acts in everybody who has a symptom, and more than one may
    assert all(0 <= cause <= 1 for cause in causes)
    assert sum(causes) >= 1
    everybody = cells["distant", "any", "diagnosis"]
    types = [cells[f"group:histology={t}", "any", "diagnosis"] for t in ("epithelioid", "biphasic")]
    assert min(types) - 0.1 < everybody < max(types) + 0.1


def test_what_few_people_show_is_left_out() -> None:
    key, rare, common = ("a", "b", "c"), ("s", "cause:x", "c"), ("s", "cause:y", "c")
    few = [{key: np.nan, rare: 0.001, common: 0.2 + k / 100} for k in range(4)]
    found = summary([*few, {key: 0.5, rare: 0.002, common: 0.24}])
    assert list(found) == [common]
    assert found[common][0] == pytest.approx(0.22)


def test_effects_that_act_together_are_multiplied() -> None:
    structure, library = disease("pleural"), treatments("pleural")
    values = {name: p.value for name, p in {**structure.parameters, **library.parameters}.items()}
    cells = stated(structure, library, values)
    about = "treatment:nivolumab"
    assert cells[about, "growth", "given"] == pytest.approx(values["growth_on_nivolumab"])
    both = values["growth_on_nivolumab"] * values["growth_in_response_immunotherapy"]
    assert cells[about, "growth", "working"] == pytest.approx(both)
    assert cells[about, "haematogenous", "given"] == 1.0
    lasting = values["mortality_after_immunotherapy"]
    assert cells[about, "mortality", "afterwards"] == pytest.approx(lasting)
    on_drug = lasting * values["mortality_on_nivolumab"]
    assert cells[about, "mortality", "given"] == pytest.approx(on_drug)
    assert (about, "growth", "afterwards") not in cells
    ttf = "treatment:Tumor Treating Fields + pemetrexed + cisplatin"
    inside = values["growth_on_chemotherapy"] * values["growth_on_ttfields"]
    assert cells[ttf, "outgrowth@thorax", "given"] == pytest.approx(inside)
    assert not any("death" in what for _, what, _ in cells)


def test_the_file_is_what_it_says() -> None:
    numbers = guide_numbers()
    assert isinstance(numbers, GuideNumbers)
    assert numbers.draws >= 100
    assert numbers.lives >= 10_000
    assert set(numbers.primaries) == set(shipped_primaries())
