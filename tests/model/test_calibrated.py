"""Draws of a posterior: stored, read, given to parameters, lent to other primaries."""

from __future__ import annotations

import numpy as np
import pytest

from mesospread.errors import InputError, OutputError
from mesospread.model.calibrated import (
    LENDER,
    Calibrated,
    read_posterior,
    shipped_posterior,
    write_posterior,
)
from mesospread.model.definition import Parameter
from mesospread.model.load import calibration_prior, disease
from mesospread.model.parameters import central_values, in_months, ranges

PARAMETERS = {
    "rate": Parameter(value=1.2, low=0.6, high=2.4, unit="per_year", kind="assumed", note="x"),
    "chance": Parameter(value=0.3, low=0.1, high=0.6, unit="probability", kind="assumed", note="x"),
    "other": Parameter(value=2.0, low=1.0, high=4.0, unit="ratio", kind="assumed", note="x"),
}
FITTED = ("pleural", "peritoneal")
fitted_primary = pytest.mark.parametrize("primary", FITTED)
RNG = np.random.default_rng(1)
DRAWS = np.column_stack([0.1 * np.exp(0.1 * RNG.standard_normal(50)), RNG.uniform(0.2, 0.4, 50)])
POSTERIOR = Calibrated(
    names=("rate", "chance"),
    values=DRAWS,
    kinds=("survival",),
    scatter=np.full((50, 1), 0.1),
    selection=np.zeros((50, 2)),
    made={"why": "test"},
)


def test_a_parameter_takes_the_range_of_its_draws_in_its_own_unit():
    changed = POSTERIOR.applied(PARAMETERS)
    assert set(changed) == {"rate", "chance"}
    rate = changed["rate"]
    assert rate.value == pytest.approx(12 * np.median(DRAWS[:, 0]))
    assert rate.low < rate.value < rate.high
    assert rate.prior == (1.2, 0.6, 2.4)
    assert central_values(changed)["rate"] == pytest.approx(np.median(DRAWS[:, 0]))


def test_draws_of_all_parameters_belong_together_and_count_round():
    spread = ranges({**PARAMETERS, **POSTERIOR.applied(PARAMETERS)})
    drawn = spread.draws(1, 48, 4)
    rows = DRAWS[[48, 49, 0, 1]]
    assert drawn[:, 0] == pytest.approx(rows[:, 0])
    assert drawn[:, 1] == pytest.approx(rows[:, 1])


def test_what_was_not_fitted_is_drawn_as_before():
    before = ranges(PARAMETERS).draws(1, 0, 5)
    after = ranges({**PARAMETERS, **POSTERIOR.applied(PARAMETERS)}).draws(1, 0, 5)
    assert np.array_equal(before[:, 2], after[:, 2])


def test_what_is_lent_has_the_range_but_not_the_draws():
    lent = POSTERIOR.lent(PARAMETERS)["chance"]
    assert lent.draws == ()
    assert lent.value == pytest.approx(np.median(DRAWS[:, 1]))
    assert lent.widened(2).high > lent.high


def test_a_file_keeps_everything(tmp_path):
    path = tmp_path / "x.npz"
    write_posterior(POSTERIOR, path)
    read = read_posterior(path)
    assert (read.names, read.kinds, dict(read.made)) == (
        POSTERIOR.names,
        POSTERIOR.kinds,
        {"why": "test"},
    )
    assert read.values == pytest.approx(DRAWS, rel=1e-6)
    assert read.digest == POSTERIOR.digest
    assert list(tmp_path.iterdir()) == [path]


def test_a_damaged_file_is_refused(tmp_path):
    path = tmp_path / "x.npz"
    path.write_bytes(b"PK no")
    with pytest.raises(InputError, match="parameter draws"):
        read_posterior(path)
    np.savez(path, names=np.array(["a"]))
    with pytest.raises(InputError, match="parameter draws"):
        read_posterior(path)


def test_nothing_is_half_written(tmp_path):
    with pytest.raises(OutputError):
        write_posterior(POSTERIOR, tmp_path / "nowhere" / "x.npz")


@fitted_primary
def test_the_shipped_posterior_belongs_to_the_shipped_model(primary):
    posterior = shipped_posterior(primary)
    assert posterior is not None
    known = {k: v for part in calibration_prior(primary) for k, v in part.parameters.items()}
    assert set(posterior.names) <= set(known)
    assert len(posterior.values) >= 400
    for k, name in enumerate(posterior.names):
        prior = known[name]
        top = 1.0 if prior.unit == "probability" else np.inf
        column = posterior.values[:, k]
        assert (column >= 0).all()
        assert (column <= top).all()
        # a posterior that left its prior by far would mean that the model is another one
        assert in_months(prior.low, prior.unit) / 4 <= np.median(column)
        assert np.median(column) <= in_months(prior.high, prior.unit) * 4


@fitted_primary
def test_the_shipped_posterior_converged(primary):
    posterior = shipped_posterior(primary)
    assert posterior is not None
    last = posterior.made["waves"][-1]
    assert last["r_hat"] < 1.01
    assert last["ess_bulk"] > 400
    assert last["ess_tail"] > 400
    # a few, where a scatter is nearly zero, are explained in docs/calibration.md
    settings = posterior.made["settings"]
    assert last["divergences"] <= settings["chains"] * settings["draws"] / 1000
    assert posterior.made["emulator"]["rms"] < 1.2
    assert abs(posterior.made["emulator"]["bias"]) < 0.2


@pytest.mark.parametrize("primary", [p for p in FITTED if p != LENDER])
def test_a_posterior_rests_on_the_posterior_that_the_lender_ships(primary):
    posterior, lender = shipped_posterior(primary), shipped_posterior(LENDER)
    assert posterior is not None
    assert lender is not None
    assert posterior.made["lender"] == lender.digest, (
        f"the {LENDER} model was fitted again; now: mesospread calibrate --primary {primary} "
        f"--out src/mesospread/model/data/{primary}_posterior.npz"
    )


def test_forecasts_use_the_posterior_and_calibration_does_not():
    fitted, stated = disease("pleural").parameters, disease("pleural", False).parameters
    assert fitted["growth_to_t2"].draws
    assert not stated["growth_to_t2"].draws
    assert fitted["growth_to_t2"].prior == (
        stated["growth_to_t2"].value,
        stated["growth_to_t2"].low,
        stated["growth_to_t2"].high,
    )


def test_other_primaries_borrow_from_the_posterior_and_are_wider():
    posterior, borrowed = disease("pleural").parameters, disease("pericardial").parameters
    wider = 0
    for name in ("outgrowth_organ", "mortality_severe", "growth_spread"):
        p, q = posterior[name], borrowed[name]
        assert not q.draws
        wider += q.high / q.low > 1.2 * p.high / p.low
    assert wider == 3


def test_a_calibration_starts_from_the_posterior_of_the_lender_and_from_the_files():
    prior, stated = calibration_prior("peritoneal")[0].parameters, disease("peritoneal", False)
    lender = disease("pleural").parameters
    # borrowed: centred on the lender, and wider
    assert prior["outgrowth_organ"].value == pytest.approx(lender["outgrowth_organ"].value)
    assert prior["outgrowth_organ"].high > lender["outgrowth_organ"].high
    # its own: as the file has it, whatever was fitted since
    assert prior["growth_to_t2"] == stated.parameters["growth_to_t2"]
    assert not any(p.draws for p in prior.values())
    pleural = calibration_prior("pleural")[0].parameters
    assert pleural == disease("pleural", False).parameters
