"""Checks of the population of a definition: covariates, effects, random effects."""

from __future__ import annotations

from mesospread.model.definition import Categorical
from mesospread.model.names import Names


def check_background(names: Names, path: str) -> None:
    """Refuse background mortality in a population without age and sex."""
    covariates = names.definition.covariates
    sex = covariates.get("sex")
    if "age" not in covariates or not (
        isinstance(sex, Categorical) and {"male", "female"} <= set(sex.levels)
    ):
        raise names.error(
            "background mortality needs the covariates age (years) and sex (male, female)",
            f"{path}.background",
            given=", ".join(covariates) or "no covariates",
        )


def check_population(names: Names) -> None:
    """Refuse effects, random effects and covariates that do not fit each other."""
    definition = names.definition
    for name, effect in definition.effects.items():
        path = f"effects.{name}"
        if effect.covariate not in definition.covariates:
            raise names.unknown(
                "covariate", effect.covariate, definition.covariates, f"{path}.covariate"
            )
        ratios = getattr(effect, "ratios", None)
        covariate = definition.covariates[effect.covariate]
        if (ratios is not None) != isinstance(covariate, Categorical):
            raise names.error(
                "the effect does not fit its covariate",
                path,
                allowed="ratios for a categorical covariate; ratio, per, centre for a numeric one",
            )
        for level, ratio in (ratios or {"": getattr(effect, "ratio", 1.0)}).items():
            if level and isinstance(covariate, Categorical) and level not in covariate.levels:
                raise names.unknown("level", level, covariate.levels, f"{path}.ratios")
            names.value(ratio, "", path)
    for name, frailty in definition.frailty.items():
        names.value(frailty.log_sd, "", f"frailty.{name}.log_sd")
    for name, covariate in definition.covariates.items():
        listed = (
            list(covariate.levels.values())
            if isinstance(covariate, Categorical)
            else [covariate.mean, covariate.sd, covariate.low, covariate.high]
        )
        for value in listed:
            if isinstance(value, str):
                names.value(value, "", f"covariates.{name}")
