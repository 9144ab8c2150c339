"""Where the numbers of a model come from, and what is behind the figures that people meet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mesospread.app.page_validation import shipped_validation
from mesospread.errors import InputError
from mesospread.evidence.bibtex import bibtex
from mesospread.evidence.claims import STANDINGS, Claim, find_claims
from mesospread.evidence.published import cite, load_published
from mesospread.model.load import disease, observation, treatments
from mesospread.reading import read_mapping
from mesospread.studies.library import shipped_studies


def evidence_for(words: str = "", *, primary: str = "pleural") -> dict[str, Any]:
    """Find parameters of a model and the published values behind them.

    Parameters
    ----------
    words
        All must occur in a parameter (name, note, sources) or in a published value
        (identifier, citation, population, what was measured). Empty: everything.
    primary
        Whose model.

    Returns
    -------
    dict
        ``parameters``: name, part, value, low, high, unit, kind, note, sources.
        ``values``: the published values found, or used by a parameter found; each with
        ``locator`` (where in its source it was read), ``population``, ``setting``, ``subject``,
        ``definition`` (``not recorded`` where nothing is), ``n``, ``events``, ``value`` and its
        interval, and its ``use``: ``calibrates`` (the model was fitted to it), ``validates``
        (kept back, and compared), or ``informs``.

    Raises
    ------
    InputError
        If nothing is found, or there is no model of this primary.
    """
    wanted = words.lower().split()
    parts = {
        "disease": disease(primary).parameters,
        "treatments": treatments(primary).parameters,
        "observation": observation(primary).parameters,
    }
    found = []
    for part, parameters in parts.items():
        for name, parameter in parameters.items():
            facts = parameter.model_dump(mode="json")
            text = f"{name} {name.replace('_', ' ')} {parameter.note} {parameter.sources}".lower()
            if all(word in text for word in wanted):
                found.append({"name": name, "part": part, **facts})
    ids = {source for row in found for source in row["sources"]}
    for identifier, value in load_published().items():
        text = f"{identifier} {value.citation} {value.population} {value.subject}".lower()
        if wanted and all(word in text for word in wanted):
            ids.add(identifier)
    if not found and not ids:
        raise InputError(
            "nothing is known under these words",
            where="evidence",
            given=repr(words),
            remedy="Try one word: a site (liver), a treatment (nivolumab), a test (PET-CT), a "
            "first author (Finn)",
            reason="nothing_known",
        )
    uses = _uses(primary)
    values = [
        row | _details(row["id"]) | {"use": uses.get(row["id"], "informs")} for row in cite(ids)
    ]
    return {"primary": primary, "parameters": found, "values": values}


#: what is told of a published value beside its source
_DETAILS = (
    "locator", "population", "setting", "subject", "definition", "statistic", "n", "events",
    "value", "ci_low", "ci_high", "unit",
)  # fmt: skip


def _details(identifier: str) -> dict[str, Any]:
    """Return who was counted, how, of how many, and where it was read."""
    value = load_published()[identifier]
    return {name: getattr(value, name) for name in _DETAILS}


def _uses(primary: str) -> dict[str, str]:
    """Return what the studies of a primary use published values for, by identifier."""
    words = {"validate": "validates", "calibrate": "calibrates"}
    found: dict[str, str] = {}
    # fitted ones last: what was fitted once is not kept back elsewhere
    for use, word in words.items():
        for study in shipped_studies(primary):
            found |= {r.evidence: word for r in study.result if r.evidence and r.use == use}
    return found


def claims(words: str = "", *, prognosis: bool = False) -> dict[str, Any]:
    """Return figures that people meet about spread, and what was really measured.

    Parameters
    ----------
    words
        All must occur in a claim, e.g. ``"brain"``; empty: all claims.
    prognosis
        Whether to tell those about how long people live, too. Only if that is wanted.

    Returns
    -------
    dict
        ``claims``: id, primary, statement, origin, people, eyes, counted, standing (in plain
        words), verdict, sources, and ``model``: what the model says through the protocols of
        studies that counted it (study, result, subject, statistic, reported and predicted, with
        intervals); ``no_answer``: where it says nothing, why.
        ``left_out``: how many about survival were found and not told.

    Raises
    ------
    InputError
        If no claim holds all words.
    """
    everything = find_claims(words, survival=True)
    if not everything:
        raise InputError(
            "no statement holds these words",
            where="evidence --claims",
            given=repr(words),
            remedy="Try one word, e.g. brain, peritoneal, surgery, 67; or none, for all",
        )
    told = [claim for claim in everything if prognosis or not claim.survival]
    return {"claims": [_told(c) for c in told], "left_out": len(everything) - len(told)}


def _told(claim: Claim) -> dict[str, Any]:
    facts = claim.model_dump(mode="json", exclude={"survival"})
    return facts | {
        "standing": STANDINGS[claim.standing],
        "sources": cite(claim.sources),
        "model": [_model_says(claim.primary, key) for key in claim.model],
    }


#: what is repeated of a validated figure beside a claim
_SAID = (
    "study", "result", "subject", "statistic", "use", "reported", "reported_low",
    "reported_high", "predicted", "predicted_low", "predicted_high",
)  # fmt: skip


def _model_says(primary: str, key: str) -> dict[str, Any]:
    """Return a figure of the validation of a primary (``any``: pleural) that ships."""
    validation = shipped_validation("pleural" if primary == "any" else primary, prognosis=True)
    assert validation is not None
    rows = [*validation["results"], *validation.get("informs", [])]
    (row,) = (r for r in rows if f"{r['study']}/{r['result']}" == key)
    return {name: row[name] for name in _SAID}


def bibliography(
    words: str = "",
    *,
    primary: str = "pleural",
    answer: str | Path | None = None,
    of_claims: bool = False,
    prognosis: bool = False,
) -> str:
    """Return BibTeX for the works behind what was found, or behind an answer.

    Parameters
    ----------
    words, primary
        As in `evidence_for`.
    answer
        Instead of words: a JSON file that one of the commands printed; the works behind all
        ``sources`` in it.
    of_claims, prognosis
        Take the works behind `claims` instead.

    Raises
    ------
    InputError
        If nothing is found, or the file cannot be read or names no sources.
    """
    if answer is not None:
        return bibtex(sources_in(answer))
    if of_claims:
        found = claims(words, prognosis=prognosis)["claims"]
        return bibtex(source["id"] for claim in found for source in claim["sources"])
    return bibtex(value["id"] for value in evidence_for(words, primary=primary)["values"])


def sources_in(answer: str | Path) -> set[str]:
    """Return the identifiers of published values under ``sources`` in a JSON answer.

    Parameters
    ----------
    answer
        File that a command printed with ``--json``.

    Raises
    ------
    InputError
        If the file cannot be read, or names no sources.
    """
    path = Path(answer)
    if path.suffix.lower() != ".json":
        raise InputError(
            "not the name of a JSON file",
            where="--from",
            given=str(path),
            allowed="what a command printed with --json, in a file whose name ends in .json",
        )
    found = set(_sources(read_mapping(path)))
    if not found:
        raise InputError(
            "there are no sources in this file",
            where=str(path),
            allowed="what forecast, compare, explain, ask or evidence printed with --json",
        )
    return found


def _sources(part: Any) -> Iterator[str]:
    """Yield identifiers under ``sources`` or ``values``, wherever they stand."""
    if isinstance(part, list):
        for inner in part:
            yield from _sources(inner)
    elif isinstance(part, dict):
        for name, inner in part.items():
            if name in ("sources", "values", "numbers") and isinstance(inner, list):
                yield from filter(None, map(_identifier, inner))
            yield from _sources(inner)


def _identifier(source: Any) -> str | None:
    if isinstance(source, dict):
        source = source.get("id")
    return source if isinstance(source, str) and source in load_published() else None
