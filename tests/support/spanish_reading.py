"""How easy a Spanish text is to read: the perspicuity of Szigriszt-Pazos on the INFLESZ scale.

Ease = 206.835 − 62.3 · syllables / words − words / sentences (F. Szigriszt-Pazos, *Sistemas
predictivos de legibilidad del mensaje escrito: fórmula de perspicuidad*, doctoral thesis,
Universidad Complutense de Madrid 1993). I. M. Barrio-Cantalejo and others (*An Sist Sanit Navar*
2008;31:135-152, doi 10.4321/s1137-66272008000300004) set the INFLESZ bands for Spanish health
texts: below 40 very hard, 40-55 somewhat hard, 55-65 normal, 65-80 fairly easy, above 80 very
easy.
"""

import re

#: lower end of the bands, and their names
FAIRLY_EASY = 65.0
NORMAL = 55.0

_STRONG = set("aeoáéóíú")
#: the u of que, qui, gue, gui is not spoken
_SILENT_U = re.compile(r"(?<=[qg])u(?=[eiéí])")
#: y counts as a vowel where none follows: muy, hoy, and "y" itself
_VOWEL_Y = re.compile(r"y(?![aeiouáéíóúü])")


def syllables(word: str) -> int:
    """Return the number of syllables of a Spanish word; a figure counts as one."""
    word = _VOWEL_Y.sub("i", _SILENT_U.sub("", word.lower()))
    runs = re.findall(r"[aeiouáéíóúü]+", word)
    # two strong vowels part; a weak one joins its neighbour
    return max(1, sum(max(1, sum(letter in _STRONG for letter in run)) for run in runs))


def words_of(text: str) -> list[str]:
    """Return the words of a text; figures count as words."""
    return re.findall(r"\w+(?:[.,]\w+)*", text)


def sentences_of(text: str) -> list[str]:
    """Return the sentences of a text; a blank line also ends one."""
    # the points of "EE. UU." end no sentence
    text = text.replace("EE. UU.", "EEUU")
    parts = re.split(r"(?<=[.!?])[\"»)]*\s+|\n\s*\n", text.strip())
    return [part for part in parts if re.search(r"\w", part)]


def ease(text: str) -> float:
    """Return the Szigriszt-Pazos perspicuity of a text; higher is easier."""
    words = words_of(text)
    if not words:
        raise ValueError("a text without words has no reading ease")
    spoken = sum(syllables(word) for word in words)
    return 206.835 - 62.3 * spoken / len(words) - len(words) / len(sentences_of(text))
