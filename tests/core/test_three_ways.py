"""Two changes of one text: nothing of either is lost, and only what both changed is asked about."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.three_ways import MOST_OVERLAPS, Piece, bring_together
from tests.core.stopwatch import at_most

texts = st.text(alphabet="ab äß.\n1", max_size=30)


def _mine(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.mine for piece in pieces)


def _theirs(pieces: tuple[Piece, ...]) -> str:
    return "".join(piece.theirs for piece in pieces)


@given(texts, texts)
def test_a_text_that_only_one_has_changed_is_theirs(base: str, changed: str) -> None:
    for pieces in (bring_together(base, changed, base), bring_together(base, base, changed)):
        assert all(piece.is_agreed for piece in pieces)
        assert _mine(pieces) == changed


@given(texts, texts, texts)
def test_who_comes_first_makes_no_difference(base: str, one: str, other: str) -> None:
    there, back = bring_together(base, one, other), bring_together(base, other, one)
    assert _mine(there) == _theirs(back)
    assert _theirs(there) == _mine(back)


def test_changes_in_different_places_are_both_taken() -> None:
    base = "Restart the router.\nThen wait a minute.\nThen call us."
    mine = "Restart the modem.\nThen wait a minute.\nThen call us."
    theirs = "Restart the router.\nThen wait a minute.\nThen call us, please.\n\nGood luck!"
    pieces = bring_together(base, mine, theirs)
    assert all(piece.is_agreed for piece in pieces)
    assert _mine(pieces) == "Restart the modem.\nThen wait a minute.\nThen call us, please.\n\nGood luck!"


def test_the_same_words_changed_by_both_are_one_place_to_choose() -> None:
    pieces = bring_together("Wait a minute, then call.", "Wait an hour, then call.", "Wait a day, then ring.")
    assert [piece for piece in pieces if not piece.is_agreed] == [Piece("an hour", "a day")]
    assert _mine(pieces) == "Wait an hour, then ring."


def test_words_side_by_side_are_about_the_same() -> None:
    pieces = bring_together("a quick brown fox", "a slow brown fox", "a quick red fox")
    assert [piece for piece in pieces if not piece.is_agreed] == [Piece("slow brown", "quick red")]


def test_what_both_have_added_at_one_place_can_stand_there_twice() -> None:
    pieces = bring_together("Hello.", "Hello.\n\nMine", "Hello.\n\nTheirs")
    assert pieces[-1].both == "\n\nTheirs\n\nMine"
    assert Piece("mine", "theirs").both == "theirs mine"
    assert Piece("", "theirs").both == "theirs"


def test_one_change_made_by_both_is_made_once() -> None:
    assert bring_together("It restarts.", "It stops.", "It stops.") == (Piece("It stops.", "It stops."),)


def test_without_the_text_that_both_began_with_everything_is_asked() -> None:
    assert bring_together(None, "Mine", "Theirs") == (Piece("Mine", "Theirs"),)
    assert bring_together(None, "Same", "Same")[0].is_agreed


def test_very_many_places_are_asked_about_as_one() -> None:
    base = "\n".join(f"line {number} end" for number in range(40))
    pieces = bring_together(base, base.replace("line", "mine"), base.replace("line", "theirs"))
    assert len([piece for piece in pieces if not piece.is_agreed]) == 1
    few = "\n".join(f"line {number} end" for number in range(MOST_OVERLAPS))
    pieces = bring_together(few, few.replace("line", "mine"), few.replace("line", "theirs"))
    assert len([piece for piece in pieces if not piece.is_agreed]) == MOST_OVERLAPS


@pytest.mark.parametrize("seed", [1, 2])
def test_the_longest_texts_are_brought_together_at_once(seed: int) -> None:
    chance = random.Random(seed)
    words = [f"word{chance.randrange(50)}" for _ in range(2_800)]
    mine, theirs = ([word if chance.random() < 0.9 else "new" for word in words] for _ in range(2))
    with at_most(5.0):
        bring_together(" ".join(words), " ".join(mine), " ".join(theirs))
