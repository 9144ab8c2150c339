"""TNM categories and stage groups; every answer names the rule that decided."""

from mesospread.staging.groups import (
    StageAnswer,
    check_group_fits,
    compatible_tnm,
    stage_group,
    t_from_pci,
)
from mesospread.staging.measurements import TAnswer, clinical_t, t_from_features
from mesospread.staging.migration import (
    Reading,
    forecast_reading,
    in_words,
    model_tnm,
    read_elsewhere,
)
from mesospread.staging.parsing import (
    edition_of_words,
    groups_meant,
    parse_category,
    parse_group,
)
from mesospread.staging.tables import (
    Edition,
    earlier_editions,
    edition_in_force,
    edition_table,
    editions,
)

__all__ = [
    "Edition",
    "Reading",
    "StageAnswer",
    "TAnswer",
    "check_group_fits",
    "clinical_t",
    "compatible_tnm",
    "earlier_editions",
    "edition_in_force",
    "edition_of_words",
    "edition_table",
    "editions",
    "forecast_reading",
    "groups_meant",
    "in_words",
    "model_tnm",
    "parse_category",
    "parse_group",
    "read_elsewhere",
    "stage_group",
    "t_from_features",
    "t_from_pci",
]
