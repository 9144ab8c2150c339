"""Fit the parameters of a model to studies."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mesospread.errors import InputError, MissingExtraError, OutputError
from mesospread.model.calibrated import write_posterior
from mesospread.model.load import disease
from mesospread.studies.library import read_folder, shipped_studies

#: effort -> points of each wave, lives, draws kept, lives of the check, warm-up, draws
EFFORTS: dict[str, dict[str, Any]] = {
    "full": {},
    "short": {
        "points": (500, 1_100),
        "lives": 5_000,
        "check_lives": 8_000,
        "warmup": 800,
        "draws": 1_500,
    },
    "quick": {
        "points": (150, 150),
        "lives": 2_000,
        "keep": 50,
        "check_lives": 2_000,
        "warmup": 300,
        "draws": 300,
    },
}


def calibrate(
    out: str | Path,
    *,
    studies: str | Path | None = None,
    primary: str = "pleural",
    effort: str = "full",
    seed: int = 1,
    workers: int = 2,
    progress: Callable[[str, int, int], None] = lambda stage, done, total: None,
) -> dict[str, Any]:
    """Fit the parameters of a primary to studies and write draws of the posterior.

    Parameters
    ----------
    out
        File to write, ``.npz``.
    studies
        A folder of study files; those that ship with the package if None.
    primary
        Whose model.
    effort
        ``full``; ``short``, a fifth of the work, for a model with few studies; or ``quick`` to
        try out studies: its posterior is rough.
    seed
        Of everything: the same seed gives the same draws for any number of workers.
    workers
        Processes.
    progress
        Called with the stage, what is done and the total.

    Returns
    -------
    How the posterior was made: settings, convergence, agreement of the emulator, parameters that
    the studies say little about.

    Raises
    ------
    MissingExtraError
        If JAX and NumPyro are not installed.
    InputError
        If a study is wrong.
    OutputError
        If the file cannot be written.
    """
    path = Path(out)
    if path.suffix != ".npz":
        raise InputError("the name of the result must end in .npz", where="out", given=str(out))
    if not path.parent.is_dir():
        raise OutputError("there is no such folder", where=str(path.parent))
    if effort not in EFFORTS:
        raise InputError("unknown effort", where="effort", given=effort, allowed=", ".join(EFFORTS))
    missing = [n for n in ("jax", "numpyro", "arviz") if importlib.util.find_spec(n) is None]
    if missing:
        raise MissingExtraError(
            f"{', '.join(missing)} not installed",
            remedy="Install what calibration needs with: pip install 'mesospread[calibrate]'",
        )
    disease(primary)
    chosen = shipped_studies(primary) if studies is None else read_folder(Path(studies))
    chosen = tuple(s for s in chosen if s.primary == primary)
    if not chosen:
        raise InputError(f"there is no study of {primary} mesothelioma", where=str(studies))
    from mesospread.calibrate.run import Settings
    from mesospread.calibrate.run import calibrate as fit

    settings = Settings(**{**EFFORTS[effort], "seed": seed, "workers": workers})
    found = fit(chosen, primary, settings, progress)
    write_posterior(found.posterior, path)
    return dict(found.posterior.made)
