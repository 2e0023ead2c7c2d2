"""The first draft of an entry says nothing that the thread does not say."""

from __future__ import annotations

import pytest

from community.core.errors import RuleBroken
from community.faq.proposals import first_sentences, lists_of, propose_entry, sentences
from community.threads.queries import get_thread
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.faq.entries import SOLUTION, make_solved


async def test_title_first_sentences_and_lists_of_the_solution_make_the_draft(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    viewer = await viewer_for(cast.moderator)
    proposed = await propose_entry(await get_thread(thread.id, viewer), viewer)
    assert proposed.question == "Router lost its profile"
    assert proposed.short_answer == "The router has lost its profile. Load it again from the customer centre."
    assert proposed.steps == "1. Open the customer centre.\n2. Choose **Load profile**."
    assert (proposed.language, proposed.audience, proposed.category_id) == ("en", "public", None)


async def test_an_entry_from_a_space_that_is_not_open_is_proposed_for_members(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper)
    viewer = await viewer_for(cast.moderator)
    assert (await propose_entry(await get_thread(thread.id, viewer), viewer)).audience == "members"


async def test_an_unsolved_thread_makes_no_entry(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    viewer = await viewer_for(cast.moderator)
    with pytest.raises(RuleBroken):
        await propose_entry(await get_thread(thread.id, viewer), viewer)


@pytest.mark.parametrize(
    "body",
    [
        SOLUTION,
        "Moin!\n\n> quoted text\n\nKurz gesagt: es geht. Mehr dazu im Handbuch.",
        "- only\n- a list",
        "One sentence without an end",
        "x" * 500,
    ],
)
def test_no_word_is_invented(body: str) -> None:
    words = set(body.replace("*", "").split())
    assert set(first_sentences(body).casefold().split()) <= {word.casefold() for word in words}
    assert set(lists_of(body).replace("*", "").split()) <= words


def test_greetings_quotations_and_code_are_passed_over() -> None:
    body = "Hallo zusammen,\n\n> Alles kaputt.\n\n```\nreboot\n```\n\nBitte neu starten."
    assert first_sentences(body) == "Bitte neu starten."


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert sentences("Nehmen Sie z. B. Port 5. Danach ca. 3 Minuten warten. Fertig.") == [
        "Nehmen Sie z. B. Port 5.",
        "Danach ca. 3 Minuten warten.",
        "Fertig.",
    ]


def test_the_short_answer_stays_short_but_keeps_its_first_sentence_whole() -> None:
    body = " ".join(f"Sentence number {number} says something." for number in range(40))
    assert len(first_sentences(body)) <= 320
    long = "word " * 100 + "end."
    assert first_sentences(long) == long
