"""Where the numbers of a model come from."""

from __future__ import annotations

from typing import Any

from mesospread.errors import InputError
from mesospread.evidence.published import cite, load_published
from mesospread.model.load import disease, observation, treatments


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
        ``values``: the published values found, or used by a parameter found.

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
        )
    return {"primary": primary, "parameters": found, "values": cite(ids)}
