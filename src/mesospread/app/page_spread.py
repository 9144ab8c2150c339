"""How each primary spreads: which places the model lets it reach, and by which route."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from mesospread.anatomy import primary
from mesospread.guide.topics import load_guide
from mesospread.model.load import disease

__all__ = ["ROUTES", "Place", "places_by_route"]

#: routes in the order in which they are told
ROUTES = ("direct", "lymphatic", "haematogenous")


@dataclass(frozen=True)
class Place:
    """A place that a primary may reach.

    Attributes
    ----------
    name
        Site name.
    plain, clinical
        In plain and in clinical words.
    topic
        Topic of the guide about it; empty if there is none.
    """

    name: str
    plain: str
    clinical: str
    topic: str


@cache
def places_by_route(name: str) -> dict[str, tuple[Place, ...]]:
    """Return the places that a primary may reach by each route.

    Parameters
    ----------
    name
        Name of the primary.

    Returns
    -------
    dict
        ``direct``, ``lymphatic`` and ``haematogenous`` to places, in the order of the catalogue.
        A place may stand under several.

    Raises
    ------
    InputError
        If there is no such primary.
    """
    structure = disease(name)
    reached: dict[str, set[str]] = {route: set() for route in ROUTES}
    for route in structure.routes:
        if route.via in reached and route.level == 0:
            reached[route.via].add(structure.processes[route.process].name)
    # the model calls all nodes of the region one ladder
    sites = primary(name).sites
    reached["lymphatic"] |= {site.name for site in sites if site.relation == "regional"}
    return {
        route: tuple(
            Place(site.name, site.label, site.clinical_label, _topic(site.name))
            for site in sites
            if site.name in reached[route]
        )
        for route in ROUTES
    }


def _topic(site: str) -> str:
    topic = site.replace("_", "-")
    return topic if topic in load_guide().topics else ""
