"""Likeness of a question to ways to ask: in words, and in meaning where the extra is there."""

from __future__ import annotations

import socket
import sys

import pytest

from mesospread.errors import MissingExtraError
from mesospread.guide import likeness, search
from mesospread.guide.likeness import Meanings, Phrases, meanings_installed

with_meanings = pytest.mark.skipif(
    not meanings_installed(),
    reason="NOT TESTED: the extra is missing; pip install 'mesospread[embeddings]'",
)
PHRASES = Phrases([["can", "i", "fly"], ["may", "i", "fly"], ["can", "i", "eat"]], [0, 0, 1])


def test_the_same_words_are_wholly_alike_and_others_not_at_all() -> None:
    assert PHRASES.alike(["can", "i", "fly"])[0] == pytest.approx(1.0)
    assert PHRASES.alike(["toe"]) == {}


def test_rare_words_count_more_and_unknown_ones_count_against() -> None:
    alike = PHRASES.alike(["i", "eat"])
    assert alike[1] > alike[0] > 0.0
    assert PHRASES.alike(["i", "eat", "toes"])[1] < alike[1]


def test_nothing_asked_is_like_nothing() -> None:
    assert PHRASES.alike([]) == {}


def test_without_the_extra_all_works_and_asking_for_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(likeness, "PACKAGES", ("no_such_package",))
    assert not meanings_installed()
    assert search.ask("does it go to the liver").passages[0].topic.id == "liver"
    with pytest.raises(MissingExtraError, match="embeddings"):
        Meanings(["a"], [0])


@with_meanings
def test_what_means_the_same_is_alike_without_a_common_word() -> None:
    meanings = Meanings(["aeroplane journey", "sore throat"], [0, 1])
    alike = meanings.alike("flying by jet")
    assert alike[0] > alike[1]
    assert Meanings(["sore throat"], [0]).alike("sore throat")[0] == pytest.approx(1.0, abs=1e-5)
    assert Meanings(["sore throat"], [0]).alike("")[0] == 0.0


@with_meanings
def test_nothing_is_fetched_and_no_code_of_the_vectors_package_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refused(*_: object, **__: object) -> None:
        raise OSError("the network was used")

    for name in ("connect", "connect_ex"):
        monkeypatch.setattr(socket.socket, name, refused)
    monkeypatch.setattr(socket, "getaddrinfo", refused)
    likeness._table.cache_clear()
    assert Meanings(["a plane"], [0]).alike("an aircraft")[0] > 0.0
    assert "wordllama" not in sys.modules
