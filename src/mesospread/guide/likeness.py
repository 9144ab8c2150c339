"""How like a question is to the ways in which people ask about a topic.

Two measures of it. `Phrases` compares words, every word, also "how" and "who", the rarer the more.
`Meanings` compares what words mean, by a table of word vectors that comes inside the package
``wordllama``; it is there only if the extra ``embeddings`` is installed. Neither fetches anything.
"""

from __future__ import annotations

import importlib
import importlib.util
import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mesospread.errors import MissingExtraError

#: what a word that stands in no phrase is worth, in words that stand in one
UNKNOWN = 0.8
#: the package that holds the word vectors, and those that read them
PACKAGES = ("wordllama", "safetensors", "tokenizers")
_VECTORS = Path("weights") / "l2_supercat_256.safetensors"
_TOKENS = Path("tokenizers") / "l2_supercat_tokenizer_config.json"


class Phrases:
    """Ways to ask, compared with a question word by word: cosine of their rarities.

    Parameters
    ----------
    stems
        The stemmed words of each phrase.
    owners
        For each phrase, the number of its topic.
    """

    def __init__(self, stems: Sequence[Sequence[str]], owners: Sequence[int]) -> None:
        self._owners = owners
        phrases = [set(words) for words in stems]
        counts: dict[str, int] = {}
        for word in (word for words in phrases for word in words):
            counts[word] = counts.get(word, 0) + 1
        self._rarity = {word: math.log(1.0 + len(phrases) / n) for word, n in counts.items()}
        self._unknown = UNKNOWN * math.log(1.0 + len(phrases))
        self._holding: dict[str, list[tuple[int, float]]] = {}
        for number, words in enumerate(phrases):
            length = math.hypot(*(self._rarity[word] for word in words)) or 1.0
            for word in words:
                share = self._rarity[word] / length
                self._holding.setdefault(word, []).append((number, share))

    def alike(self, stems: Iterable[str]) -> Mapping[int, float]:
        """Return for each topic with a word of the question how like its likest phrase is, 0 to 1.

        Parameters
        ----------
        stems
            The stemmed words of a question.
        """
        worth = {word: self._rarity.get(word, self._unknown) for word in stems}
        length = math.hypot(*worth.values()) or 1.0
        found: dict[int, float] = {}
        for word in sorted(worth):
            for number, share in self._holding.get(word, ()):
                found[number] = found.get(number, 0.0) + share * worth[word] / length
        return _best(found.items(), self._owners)


class Meanings:
    """Ways to ask, compared with a question by what their words mean.

    Parameters
    ----------
    phrases
        The phrases.
    owners
        For each phrase, the number of its topic.

    Raises
    ------
    MissingExtraError
        If the extra ``embeddings`` is not installed.
    """

    def __init__(self, phrases: Sequence[str], owners: Sequence[int]) -> None:
        if not meanings_installed():
            raise MissingExtraError(
                "comparing meanings needs packages that are not installed",
                given=", ".join(PACKAGES),
                remedy="Run: pip install 'mesospread[embeddings]'",
            )
        self._owners = owners
        self._phrases = _meaning(phrases)

    def alike(self, question: str) -> Mapping[int, float]:
        """Return for each topic how like its likest phrase is to a question, -1 to 1."""
        cosines = self._phrases @ _meaning([question])[0]
        return _best(enumerate(cosines.tolist()), self._owners)


def meanings_installed() -> bool:
    """Whether the extra ``embeddings`` is there, with the files that are read from it."""
    return all(map(importlib.util.find_spec, PACKAGES)) and all(
        (_folder() / file).is_file() for file in (_VECTORS, _TOKENS)
    )


def _best(likenesses: Iterable[tuple[int, float]], owners: Sequence[int]) -> dict[int, float]:
    best: dict[int, float] = {}
    for number, likeness in likenesses:
        best[owners[number]] = max(best.get(owners[number], -1.0), likeness)
    return best


def _folder() -> Path:
    # found, not imported: its code sets up logging and can download, its files are all we need
    found = importlib.util.find_spec(PACKAGES[0])
    return Path((found.submodule_search_locations or ["."])[0] if found else ".")


@cache
def _table() -> tuple[Any, NDArray[np.float32]]:
    """Return what cuts a text into tokens, and the vector of each token."""
    tokens = importlib.import_module("tokenizers").Tokenizer.from_file(str(_folder() / _TOKENS))
    tokens.no_padding()
    vectors = importlib.import_module("safetensors.numpy").load_file(str(_folder() / _VECTORS))
    return tokens, vectors["embedding.weight"]


def _meaning(texts: Sequence[str]) -> NDArray[np.float32]:
    """Return the mean vector of the tokens of each text, of length 1 (or 0 without tokens)."""
    tokens, vectors = _table()
    means = np.zeros((len(texts), vectors.shape[1]), dtype=np.float32)
    for row, cut in enumerate(tokens.encode_batch(list(texts), add_special_tokens=False)):
        if cut.ids:
            means[row] = vectors[cut.ids].astype(np.float32).mean(axis=0)
    lengths = np.linalg.norm(means, axis=1, keepdims=True)
    return np.asarray(means / np.where(lengths > 0.0, lengths, 1.0), dtype=np.float32)
