"""Primaries, sites and lymph nodes, with their codes and plain-language names."""

from mesospread.anatomy.catalogue import (
    Code,
    Primary,
    Relation,
    Site,
    find_primary,
    find_site,
    primaries,
    primary,
    site,
    sites_of,
)
from mesospread.anatomy.names import normalised

__all__ = [
    "Code",
    "Primary",
    "Relation",
    "Site",
    "find_primary",
    "find_site",
    "normalised",
    "primaries",
    "primary",
    "site",
    "sites_of",
]
