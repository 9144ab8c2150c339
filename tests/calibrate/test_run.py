"""The whole calibration in small: what enters it, and what must not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("numpyro", reason="calibration needs the extra 'calibrate'")

from mesospread.app.calibrate import calibrate as calibrate_to_file
from mesospread.calibrate import run
from mesospread.calibrate.run import Fit, Settings, calibrate, lender_digest, prior_digest
from mesospread.errors import InputError, OutputError
from mesospread.model.calibrated import read_posterior, shipped_posterior
from mesospread.model.load import calibration_prior
from mesospread.model.parameters import ranges
from mesospread.studies.library import shipped_studies
from mesospread.studies.protocol import Study

SMALL = Settings(
    points=(40,), lives=300, keep=10, check_lives=300, chains=2, warmup=30, draws=30, workers=1
)


@pytest.fixture(autouse=True)
def _few_lives(monkeypatch):
    monkeypatch.setattr(run, "_SCREENING_LIVES", 60)


def post_mortems(**changed: float) -> Study:
    """Return one study, with other figures where nothing is fitted to them."""
    (study,) = (s for s in shipped_studies() if s.study == "finn-2012")
    results = tuple(
        r.model_copy(update={"value": changed[r.id]}) if r.id in changed else r
        for r in study.result
    )
    return study.model_copy(update={"result": results})


def fitted(study: Study) -> Fit:
    return calibrate([study], "pleural", SMALL)


def test_what_validates_never_enters_the_fit():
    before, after = fitted(post_mortems()), fitted(post_mortems(extrapleural=0.1))
    assert np.array_equal(before.posterior.values, after.posterior.values)
    assert "finn-2012/extrapleural" not in before.posterior.made["calibrated_on"]
    assert len(before.posterior.made["calibrated_on"]) == 6
    assert before.posterior.made["lender"] == ""
    # it would have shown: a figure that is fitted moves the posterior
    moved = fitted(post_mortems(liver=0.6))
    assert not np.array_equal(before.posterior.values, moved.posterior.values)


def test_a_fit_needs_something_to_fit():
    study = post_mortems()
    idle = tuple(r.model_copy(update={"use": "validate"}) for r in study.result)
    with pytest.raises(InputError, match="'calibrate'"):
        calibrate([study.model_copy(update={"result": idle})], "pleural", SMALL)


def test_the_command_refuses_before_it_works(tmp_path):
    with pytest.raises(InputError, match=r"\.npz"):
        calibrate_to_file(tmp_path / "x.csv")
    with pytest.raises(OutputError, match="no such folder"):
        calibrate_to_file(tmp_path / "nowhere" / "x.npz")
    with pytest.raises(InputError, match="effort"):
        calibrate_to_file(tmp_path / "x.npz", effort="heroic")
    with pytest.raises(InputError, match="no result is marked 'calibrate'"):
        calibrate_to_file(tmp_path / "x.npz", primary="testicular")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("primary", ["pleural", "peritoneal"])
def test_the_shipped_draws_were_made_from_the_shipped_prior(primary):
    """A range or a lender that changed since makes the draws those of another model."""
    posterior = shipped_posterior(primary)
    known = {k: v for part in calibration_prior(primary) for k, v in part.parameters.items()}
    assert posterior.made["prior"] == prior_digest(posterior.names, ranges(known))


def test_a_primary_that_borrows_says_from_which_posterior():
    assert lender_digest("peritoneal") == shipped_posterior("pleural").digest
    assert lender_digest("pleural") == ""


def test_a_written_fit_is_read_again(tmp_path):
    from mesospread.model.calibrated import write_posterior

    found = fitted(post_mortems())
    write_posterior(found.posterior, tmp_path / "x.npz")
    assert read_posterior(tmp_path / "x.npz").digest == found.posterior.digest
    # the seventh result validates: it is not even simulated
    assert found.check.figures.shape == (10, 6)
