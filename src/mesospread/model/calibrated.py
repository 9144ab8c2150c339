"""Draws of parameters from the calibrated posterior, as they ship with the package."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import InputError
from mesospread.model.definition import Parameter
from mesospread.model.parameters import from_months
from mesospread.writing import write_whole

Floats = NDArray[np.float64]

#: the primary whose posterior centres the ranges of what other primaries borrow
LENDER = "pleural"
#: points that stand for a normal distribution
_QUANTILES = 1000


@dataclass(frozen=True)
class Calibrated:
    """A calibrated posterior.

    Attributes
    ----------
    names
        Of the parameters, (K,).
    values
        Draws, (D, K), in months.
    kinds, scatter
        Kinds of figures, and draws of the scatter between studies of each, (D, kinds), on the
        logit or log scale.
    selection
        Draws of the log factor by which patients of specialist centres, and of trials, live
        longer than age, fitness and treatment explain, (D, 2).
    made
        How: studies, settings, convergence, software.
    """

    names: tuple[str, ...]
    values: Floats
    kinds: tuple[str, ...]
    scatter: Floats
    selection: Floats
    made: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """A short fingerprint of the draws."""
        text = ",".join(self.names).encode()
        return hashlib.sha256(text + self.values.astype(np.float32).tobytes()).hexdigest()[:12]

    def applied(self, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """Return those of some parameters that were calibrated, with their draws."""
        return {
            name: _calibrated(parameters[name], self.values[:, k])
            for k, name in enumerate(self.names)
            if name in parameters
        }

    def lent(self, parameters: Mapping[str, Parameter]) -> dict[str, Parameter]:
        """Return some parameters with the posterior range, to be widened by who borrows them."""
        return {
            name: p.model_copy(update={"draws": ()}) for name, p in self.applied(parameters).items()
        }


def _calibrated(parameter: Parameter, draws_months: Floats) -> Parameter:
    low, middle, high = (
        from_months(float(q), parameter.unit)
        for q in np.quantile(draws_months, [0.025, 0.5, 0.975])
    )
    return parameter.model_copy(
        update={
            "value": middle,
            "low": low,
            "high": high,
            "prior": (parameter.value, parameter.low, parameter.high),
            "draws": tuple(draws_months.tolist()),
        }
    )


def between_studies(kind: str, primary: str) -> float:
    """Return how far a further study of a kind may lie from the model: half of 95 %.

    Parameters
    ----------
    kind
        Of figures, as in `Calibrated.kinds`.
    primary
        Whose posterior says so; one that has none borrows.

    Returns
    -------
    float
        On the logit or log scale; 0 if no figure of the kind was fitted.
    """
    posterior = shipped_posterior(primary) or shipped_posterior(LENDER)
    if posterior is None or kind not in posterior.kinds:
        return 0.0
    # imported here: to read a definition scipy is not needed
    from scipy.special import ndtri

    scatter = posterior.scatter[:, posterior.kinds.index(kind)]
    normal = ndtri((np.arange(_QUANTILES) + 0.5) / _QUANTILES)
    return float(np.quantile(np.outer(scatter, normal), 0.975))


@cache
def shipped_posterior(primary: str) -> Calibrated | None:
    """Return the posterior of a primary that ships with the package, if there is one."""
    entry = resources.files("mesospread.model") / "data" / f"{primary}_posterior.npz"
    if not entry.is_file():
        return None
    with resources.as_file(entry) as path:
        return read_posterior(path)


def read_posterior(path: Path) -> Calibrated:
    """Read a file that `write_posterior` made.

    Raises
    ------
    InputError
        If it cannot be read or is none.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            return Calibrated(
                names=tuple(file["names"].tolist()),
                values=file["values"].astype(np.float64),
                kinds=tuple(file["kinds"].tolist()),
                scatter=file["scatter"].astype(np.float64),
                selection=file["selection"].astype(np.float64),
                made=json.loads(str(file["made"])),
            )
    except (OSError, KeyError, ValueError) as problem:
        raise InputError(
            "this is not a file of parameter draws",
            where=str(path),
            given=str(problem),
            allowed="a file that `mesospread calibrate --out FILE` made",
        ) from None


def write_posterior(posterior: Calibrated, path: Path) -> None:
    """Write draws to a file, whole or not at all.

    Raises
    ------
    OutputError
        If it cannot be written.
    """
    content = io.BytesIO()
    np.savez_compressed(
        content,
        names=np.array(posterior.names),
        values=posterior.values.astype(np.float32),
        kinds=np.array(posterior.kinds),
        scatter=posterior.scatter.astype(np.float32),
        selection=posterior.selection.astype(np.float32),
        made=np.array(json.dumps(dict(posterior.made), sort_keys=True)),
    )
    write_whole(path, content.getvalue())
