import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.differences import Segment, differences
from tests.core.stopwatch import at_most

texts = st.text(alphabet="ab äß.\n1", max_size=40)


def _without(kind: str, segments: tuple[Segment, ...]) -> str:
    return "".join(segment.text for segment in segments if segment.kind != kind)


@given(texts, texts)
def test_both_versions_can_be_read_from_the_segments(before: str, after: str) -> None:
    segments = differences(before, after)
    assert _without("added", segments) == before
    assert _without("removed", segments) == after


@given(texts)
def test_equal_texts_have_only_kept_segments(text: str) -> None:
    assert {segment.kind for segment in differences(text, text)} <= {"kept"}


def test_changed_words_stand_together() -> None:
    assert differences("The quick brown fox jumps.", "The slow red fox jumps.") == (
        Segment("kept", "The "),
        Segment("removed", "quick brown"),
        Segment("added", "slow red"),
        Segment("kept", " fox jumps."),
    )


def test_a_word_is_never_cut() -> None:
    assert differences("Anschluss", "Anschlüsse") == (
        Segment("removed", "Anschluss"),
        Segment("added", "Anschlüsse"),
    )


def test_an_added_paragraph_leaves_the_rest_alone() -> None:
    segments = differences("One.\n\nThree.", "One.\n\nTwo.\n\nThree.")
    assert [segment.text for segment in segments if segment.kind == "added"] == ["Two.\n\n"]
    assert not [segment for segment in segments if segment.kind == "removed"]


@pytest.mark.parametrize("seed", range(3))
def test_long_texts_without_anything_in_common_are_compared_quickly(seed: int) -> None:
    words = random.Random(seed)
    before = " ".join(words.choice("abcdefgh") for _ in range(10_000))
    after = " ".join(words.choice("abcdefgh") for _ in range(10_000))
    with at_most(1.0):
        segments = differences(before, after)
    assert _without("added", segments) == before
