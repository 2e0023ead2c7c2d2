"""The worker proposes what deserves an entry, once for each subject, and says why with figures."""

from __future__ import annotations

import pytest

from community.core.db import execute, in_transaction, random_id
from community.core.rows import insert
from community.faq import actions
from community.insights.models import SearchTerm, ThreadDay
from community.insights.searches import day_before
from community.proposing.actions import accept_proposal
from community.proposing.finding import walk_anew
from community.proposing.rules import ReasonKind
from community.spaces.models import Space
from community.threads.erasure import erase_texts
from community.threads.marks import withdraw_solution
from community.threads.models import Thread
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.faq.entries import make_draft
from tests.proposing.subjects import QUESTION, count_proposals, find, make_wanted, relate

pytestmark = pytest.mark.each_database


async def read_often(thread: Thread, times: int, *, days_ago: int = 1) -> None:
    await insert(ThreadDay, id=random_id(), thread_id=thread.id, day=day_before(days_ago), read_count=times)


async def search_often(words: str, times: int, *, nothing: int = 0) -> None:
    await insert(
        SearchTerm, day=day_before(2), language="en", words=words, search_count=times, nothing_count=nothing
    )


async def test_a_proposal_says_question_answer_sources_and_reasons(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    await read_often(thread, 40)
    await read_often(thread, 1_000, days_ago=31)
    await search_often("router profile", 12, nothing=5)
    await search_often("router", 99)
    await search_often("invoice copy", 99)
    [proposal] = await find(cast)
    assert proposal.text.question == QUESTION
    assert proposal.text.short_answer == (
        "The router profile is loaded again from the customer centre under Devices. It takes about five minutes."
    )
    assert (proposal.text.audience, proposal.text.language) == ("public", "en")
    assert [one.id for one in proposal.threads] == [thread.id]
    assert proposal.figures.reasons() == (
        (ReasonKind.READS, 40),
        (ReasonKind.SEARCHES, 12),
        (ReasonKind.SAME_PROBLEM, 4),
    )
    assert (proposal.figures.nothing_count, proposal.figures.effect) == (5, 40 + 12 + 3 * 4)


async def test_looking_again_changes_nothing(cast: Cast) -> None:
    await make_wanted(cast)
    first = await find(cast)
    assert [one.id for one in await find(cast)] == [one.id for one in first]
    assert await count_proposals() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"same_problem": 2},
        {"title": "What is your favourite router for the office?"},
        {"body": "Thanks for asking! Could you say more about it?"},
    ],
)
async def test_what_deserves_no_entry_is_not_proposed(cast: Cast, changes: dict[str, object]) -> None:
    await make_wanted(cast, **changes)  # type: ignore[arg-type]
    assert await find(cast) == []


async def test_threads_that_ask_the_same_are_one_proposal(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast, same_problem=0)
    second, _ = await make_wanted(
        cast, title="How can I load a router profile again quickly?", same_problem=0
    )
    unsolved = await make_thread(cast.open_space, cast.asker, title="Load the router profile again, but how?")
    other, _ = await make_wanted(cast, title="How do I pay an invoice by card?", same_problem=0)
    for each in (second, unsolved, other):
        await relate(thread, each)
    [proposal] = await find(cast)
    assert {one.id for one in proposal.threads} == {thread.id, second.id, unsolved.id}
    assert proposal.figures.reasons() == ((ReasonKind.SIMILAR, 2),)
    assert proposal.figures.recent_count == 2
    assert await count_proposals() == 1


async def test_duplicates_said_by_people_count_whatever_their_words(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    other = await make_thread(cast.open_space, cast.asker, title="Everything blinks red since Friday")
    await relate(other, thread, "duplicate")
    [proposal] = await find(cast)
    assert {one.id for one in proposal.threads} == {thread.id, other.id}


async def test_an_entry_that_is_there_is_not_proposed_again(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    entry_id = await make_draft(cast, thread)
    assert await find(cast) == []
    new, _ = await make_wanted(cast, title="How do I load the router profile once again?")
    [proposal] = await find(cast)
    assert ([one.id for one in proposal.threads], proposal.entry_id) == ([new.id], entry_id)
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="old")
    # What it was made from may become an entry again.
    assert {one.id for each in await find(cast) for one in each.threads} == {thread.id, new.id}


async def test_a_subject_is_open_again_when_its_entry_is_withdrawn(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast)
    [proposal] = await find(cast)
    editor = await viewer_for(cast.moderator)
    entry_id = await accept_proposal(proposal, by=editor)
    assert await find(cast) == []
    await actions.withdraw_entry(entry_id, by=editor, reason="old")
    [again] = await find(cast)
    assert ([one.id for one in again.threads], again.entry_id) == ([thread.id], None)


async def test_erased_questions_are_no_subject(cast: Cast) -> None:
    # Both titles would be the same words.
    first, _ = await make_wanted(cast)
    second, _ = await make_wanted(cast, title="How do I pay an invoice by card?", same_problem=0)
    await relate(first, second)
    assert len(await find(cast)) == 1
    async with in_transaction():
        await erase_texts(cast.asker.id)
    assert await find(cast) == []


async def test_names_of_all_who_wrote_stay_in_their_thread(cast: Cast) -> None:
    body = "Colleague knows how the router profile is loaded. Load the router profile again from the customer centre."
    thread, _answer = await make_wanted(cast, title="How does Zacharias load the router profile?", body=body)
    await execute(
        "UPDATE members SET staff_name = 'Zacharias Colleague' WHERE id = :id", {"id": cast.colleague.id}
    )
    await make_answer(thread, cast.colleague, "No idea.")
    assert await find(cast) == []
    other, _ = await make_wanted(cast, body=body)
    await make_answer(other, cast.colleague, "No idea.")
    [proposal] = await find(cast)
    assert proposal.text.short_answer == "Load the router profile again from the customer centre."


async def test_a_subject_has_an_end(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("subjects", "finding", "queries"):
        monkeypatch.setattr(f"community.proposing.{module}.MOST_THREADS", 2)
    thread, _answer = await make_wanted(cast)
    duplicate = await make_thread(cast.open_space, cast.asker, title="Everything blinks red")
    for number in range(3):
        same = await make_thread(cast.open_space, cast.asker, title=f"{QUESTION[:-1]} {number}?")
        await relate(thread, same)
    await relate(thread, duplicate, "duplicate")
    for _call in range(2):
        [proposal] = await find(cast)
        assert {one.id for one in proposal.threads} == {thread.id, duplicate.id}


async def test_the_walk_hurries_until_it_has_been_through(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.proposing.finding.NEWEST", 0)
    monkeypatch.setattr("community.proposing.finding.WALKED", 1)
    for title in (QUESTION, "How do I pay an invoice by card?"):
        await make_wanted(cast, title=title, body=f"You can {title[9:-1]} in the portal.")
    assert len(await find(cast)) == 2
    await execute("DELETE FROM faq_proposals")
    assert [len(await find(cast)) for _call in range(3)] == [1, 2, 2]
    await execute("DELETE FROM faq_proposals")
    await walk_anew()
    assert len(await find(cast)) == 2


async def test_a_proposal_goes_with_what_it_was_made_from(cast: Cast) -> None:
    viewer = await viewer_for(cast.asker)
    thread, _answer = await make_wanted(cast)
    assert len(await find(cast)) == 1
    await withdraw_solution(thread.id, by=viewer.id)
    assert await find(cast) == []
    assert await count_proposals() == 0


async def test_a_hidden_thread_is_not_shown_even_before_the_worker_looks(cast: Cast) -> None:
    from community.proposing.queries import list_proposals

    thread, _answer = await make_wanted(cast)
    assert len(await find(cast)) == 1
    await execute("UPDATE threads SET hidden_at = created_at WHERE id = :id", {"id": thread.id})
    assert await list_proposals(await viewer_for(cast.moderator), "open") == []
    await find(cast)
    assert await count_proposals() == 0


@pytest.mark.parametrize("place", ["open_space", "members_space", "hidden_space"])
async def test_who_may_not_read_a_thread_sees_no_proposal_of_it(cast: Cast, place: str) -> None:
    space: Space = getattr(cast, place)
    await make_wanted(cast, space)
    everybody = await find(cast)
    inside = await viewer_for(cast.moderator)
    assert len(everybody) == (1 if inside.may_read(space.id) else 0)
    assert await count_proposals() == 1


async def test_threads_of_an_exclusive_space_stay_among_themselves(cast: Cast) -> None:
    thread, _answer = await make_wanted(cast, cast.hidden_space)
    other, _ = await make_wanted(cast, cast.open_space)
    await relate(thread, other)
    await find(cast)
    assert await count_proposals() == 2
