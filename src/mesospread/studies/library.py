"""Read studies: those that ship with the package, and a folder of anybody's."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from pathlib import Path

from mesospread.errors import InputError, unknown_name
from mesospread.model.load import disease, observation, treatments
from mesospread.model.treatments import find_treatment
from mesospread.reading import checked, read_mapping
from mesospread.studies.observed import observed
from mesospread.studies.protocol import Population, Result, Seen, Staged, Study

_DATA = "data"


@cache
def shipped_studies(primary: str = "pleural") -> tuple[Study, ...]:
    """Return the studies of a primary that ship with the package, in order of their names."""
    with resources.as_file(resources.files("mesospread.studies") / _DATA) as folder:
        studies = read_folder(folder)
    return tuple(s for s in studies if s.primary == primary)


def read_folder(folder: Path) -> tuple[Study, ...]:
    """Read all study files of a folder, in order of their names.

    Raises
    ------
    InputError
        If there is no such folder, no study in it, two have the same name, or one is wrong.
    """
    if not folder.is_dir():
        raise InputError(
            "this is not a folder",
            where=str(folder),
            allowed="a folder with study files that end in .toml",
        )
    files = sorted(folder.glob("*.toml"))
    if not files:
        raise InputError(
            "there is no study in this folder",
            where=str(folder),
            allowed="files that end in .toml",
        )
    studies = tuple(read_study(path) for path in files)
    seen: dict[str, Path] = {}
    for study, path in zip(studies, files, strict=True):
        if study.study in seen:
            raise InputError(
                "two files describe the same study",
                where=str(path),
                given=study.study,
                remedy=f"Change the name here or in {seen[study.study].name}",
            )
        seen[study.study] = path
    return studies


def read_study(path: Path) -> Study:
    """Read one study and check every name in it against the model.

    Raises
    ------
    InputError
        Where, what was given, what is allowed.
    """
    study = checked(Study, read_mapping(path), str(path))
    check_study(study, str(path))
    return study


def check_study(study: Study, source: str) -> None:
    """Refuse names that the model of the primary does not know, and impossible figures."""
    check_population(study, study.primary, source)
    arms = [arm.name for arm in study.cohort.arms]
    for number, result in enumerate(study.result):
        where = f"{source} › result[{number}] ({result.id})"
        _check_result(study, result, arms, where)
        if result.intervals is None:
            observed(study, result)


def check_population(population: Population, primary: str, source: str) -> None:
    """Refuse names in who is looked at that the model of a primary does not know."""
    library = treatments(primary)
    for i, arm in enumerate(population.cohort.arms):
        for j, course in enumerate(arm.courses):
            where = f"{source} › cohort.arms[{i}].courses[{j}].name"
            find_treatment(library, course.name, where)
    entry = population.entry
    if entry.staged is not None:
        _check_staged(primary, entry.staged, f"{source} › entry.staged")
    if entry.free_of is not None:
        check_look(primary, entry.free_of.sites, entry.free_of.by, f"{source} › entry.free_of")
    covariates = disease(primary).definition.covariates
    for covariate in ("histology", "performance_status", "sex"):
        levels = list(covariates[covariate].levels)  # type: ignore[union-attr]
        _known(covariate, getattr(population.cohort, covariate), levels, f"{source} › cohort")


def _check_result(study: Study, result: Result, arms: list[str], where: str) -> None:
    if isinstance(result.seen, Seen):
        check_look(study.primary, result.seen.sites, result.seen.by, f"{where}.seen")
    if result.staged is not None:
        _check_staged(study.primary, result.staged, f"{where}.staged")
    for name, group in (("among", result.among), ("against", result.against)):
        if group is None:
            continue
        if group.arm:
            _known("arm", [group.arm], arms, f"{where}.{name}")
        if group.staged is not None:
            _check_staged(study.primary, group.staged, f"{where}.{name}.staged")


def check_look(primary: str, sites: Iterable[str], by: Iterable[str], where: str) -> None:
    """Refuse sites and examinations that the model of a primary does not know."""
    structure, seen = disease(primary), observation(primary)
    places = {
        "distant",
        "regional_nodes",
        *structure.of_role("site"),
        *structure.definition.groups,
    }
    _known("site", sites, places, where)
    _known("examination", by, [m.name for m in seen.modality], where)


def _check_staged(primary: str, staged: Staged, where: str) -> None:
    structure = disease(primary)
    for axis, wanted, role in (("t", staged.t, "extent"), ("n", staged.n, "nodes")):
        levels = structure.process(structure.of_role(role)[0]).levels
        _known(f"category of {axis}", wanted, levels, where)


def _known(kind: str, names: Iterable[str], allowed: Iterable[str], where: str) -> None:
    allowed = list(allowed)
    for name in names:
        if name not in allowed:
            raise unknown_name(kind, name, allowed, where=where)
