"""TNM categories and stage groups; every answer names the rule that decided."""

from mesospread.staging.groups import (
    StageAnswer,
    check_group_fits,
    compatible_tnm,
    stage_group,
    t_from_pci,
)
from mesospread.staging.measurements import TAnswer, clinical_t
from mesospread.staging.parsing import groups_meant, parse_category, parse_group
from mesospread.staging.tables import Edition, edition_in_force, edition_table, editions

__all__ = [
    "Edition",
    "StageAnswer",
    "TAnswer",
    "check_group_fits",
    "clinical_t",
    "compatible_tnm",
    "edition_in_force",
    "edition_table",
    "editions",
    "groups_meant",
    "parse_category",
    "parse_group",
    "stage_group",
    "t_from_pci",
]
