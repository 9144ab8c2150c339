"""The closed lists of words in a patient file, with the other ways people write them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mesospread.anatomy import normalised
from mesospread.errors import InputError, nearest


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """A closed list of words.

    Attributes
    ----------
    kind
        What the words name, e.g. ``"modality"``.
    words
        Word -> its other spellings.
    refused
        Normalised words that are refused -> what to do instead.
    beside_the_point
        Words that may stand beside and change nothing, e.g. "chest" in "chest CT".
    """

    kind: str
    words: Mapping[str, tuple[str, ...]]
    refused: Mapping[str, str]
    beside_the_point: frozenset[str] = frozenset()

    def find(self, text: str) -> str:
        """Return the word that somebody meant.

        Parameters
        ----------
        text
            What was written.

        Raises
        ------
        InputError
            If nothing fits.
        """
        spellings = {
            normalised(spelling): word
            for word, others in self.words.items()
            for spelling in (word, *others)
        }
        wanted = normalised(text)
        if wanted in spellings:
            return spellings[wanted]
        shorter = " ".join(word for word in wanted.split() if word not in self.beside_the_point)
        if shorter in spellings:
            return spellings[shorter]
        guess = nearest(wanted, spellings)
        meant = f'Did you mean "{spellings[guess]}"?' if guess else "Use one of these words"
        raise InputError(
            f"unknown {self.kind}",
            given=repr(text),
            allowed=", ".join(self.words),
            remedy=self.refused.get(wanted, meant),
        )


HISTOLOGIES = Vocabulary(
    "histology",
    {
        "epithelioid": ("epithelial", "epitheliod", "epithelioid type"),
        "biphasic": ("mixed", "mixed type", "biphasic type"),
        "sarcomatoid": ("sarcomatous", "sarcomatoid type", "fibrous", "desmoplastic"),
    },
    {},
)

SEXES = Vocabulary("sex", {"male": ("m", "man"), "female": ("f", "woman")}, {})

SIDES = Vocabulary("side", {"left": ("l", "left side"), "right": ("r", "right side")}, {})

BASES = Vocabulary(
    "basis of the stage",
    {"clinical": ("c", "imaging"), "pathological": ("p", "pathologic", "surgical")},
    {},
)

#: words that may stand beside a scan: where it looked, and how
_BESIDE_A_SCAN = frozenset(
    [
        "chest",
        "thorax",
        "thoracic",
        "abdomen",
        "abdominal",
        "pelvis",
        "brain",
        "head",
        "spine",
        "liver",
        "whole",
        "body",
        "bone",
        "contrast",
        "enhanced",
        "low",
        "dose",
        "follow",
        "up",
        "staging",
        "of",
        "the",
        "and",
        "with",
    ]
)

MODALITIES = Vocabulary(
    "modality",
    {
        "CT": ("ct scan", "cat scan", "computed tomography", "cect"),
        "PET-CT": ("pet", "pet scan", "pet ct scan", "petct", "fdg pet", "fdg pet ct"),
        "MRI": ("mri scan", "mr", "magnetic resonance", "magnetic resonance imaging"),
        "bone scan": ("bone scintigraphy", "scintigraphy", "bonescan"),
        "ultrasound": ("us", "ultrasound scan", "sonography", "echo", "echocardiography"),
        "laparoscopy": ("staging laparoscopy", "peritoneoscopy", "keyhole surgery of the belly"),
        "mediastinoscopy": ("cervical mediastinoscopy",),
        "EBUS": ("endobronchial ultrasound", "ebus tbna"),
        "biopsy": ("needle biopsy", "tissue sample", "core biopsy"),
    },
    dict.fromkeys(
        ("autopsy", "necropsy", "post mortem"),
        "A patient file describes a living person; autopsies belong in a study file",
    ),
    _BESIDE_A_SCAN,
)

RESPONSES = Vocabulary(
    "response",
    {
        "complete": ("cr", "complete response", "complete remission"),
        "partial": ("pr", "partial response", "partial remission"),
        "stable": ("sd", "stable disease", "no change"),
        "progression": ("pd", "progressive", "progressive disease", "progressed"),
    },
    {},
)
