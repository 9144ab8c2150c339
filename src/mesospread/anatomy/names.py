"""One spelling for the many ways people write a name."""

from __future__ import annotations

import re

_BRACKETS = re.compile(r"\([^)]*\)")
_SEPARATORS = re.compile(r"[\s_\-–/.,]+")


def normalised(text: str) -> str:
    """Return a name in lower case, words parted by one space, no brackets, no leading "the".

    ``"Contralateral-Lung"``, ``"the contralateral lung"`` and ``"contralateral_lung"`` give
    the same answer.

    Parameters
    ----------
    text
        What somebody wrote.
    """
    words = _SEPARATORS.sub(" ", _BRACKETS.sub(" ", text)).strip().casefold()
    return words.removeprefix("the ")
