"""Which titles ask the same: a word that many titles have says less."""

from __future__ import annotations

from community.faq.words import telling
from community.proposing.subjects import FEWEST_TITLES, alike_by_words, weigh_words

THINGS = ("router", "phone", "laptop", "printer", "tablet", "camera", "sensor", "modem", "switch", "fax")
TITLES = [
    telling(f"{thing} customer portal contract {number}", "en")
    for thing in THINGS
    for number in range(10, 18)
]


def words(title: str) -> frozenset[str]:
    return telling(title, "en")


def test_words_that_most_titles_have_make_no_subject() -> None:
    weights = weigh_words(TITLES)
    one, other = words("customer portal contract router"), words("customer portal contract printer")
    assert not alike_by_words(one, other, weights)
    # By their number, three of five words in common are enough.
    assert alike_by_words(one, other)


def test_rare_words_in_common_make_a_subject_beside_common_ones() -> None:
    weights = weigh_words(
        [*TITLES, words("reset printer"), words("reset the printer in the customer portal")]
    )
    assert alike_by_words(words("reset printer contract"), words("reset printer customer portal"), weights)


def test_one_word_in_common_is_a_thing_and_no_question() -> None:
    assert not alike_by_words(words("zebra"), words("zebra"), weigh_words([*TITLES, words("zebra")]))


def test_few_titles_say_nothing_about_how_rare_a_word_is() -> None:
    assert weigh_words(TITLES[: FEWEST_TITLES - 1]) == {}
    assert weigh_words(TITLES[:FEWEST_TITLES])
