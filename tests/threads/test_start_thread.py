"""Starting, answering and commenting: what is true afterwards, also when much happens at once."""

from __future__ import annotations

import asyncio

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.models import OutboxFact
from community.spaces.models import Space
from community.threads.actions import add_answer, add_comment, clean_tags
from community.threads.marks import follow_thread, mark_same_problem, unmark_same_problem
from community.threads.models import Follow, Post, SameProblem, Thread
from tests.cast import Cast, make_cast
from tests.factories import make_member, make_thread, opening_of


@pytest.mark.each_database
async def test_a_thread_begins_unanswered_and_followed_by_its_author(cast: Cast) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, body="Ask @Helper about it", tags=("vpn", "router")
    )
    opening = await opening_of(thread)
    assert (thread.status, thread.answer_count, thread.tag_names) == ("unanswered", 0, "vpn router")
    assert '<a href="/members/Helper"' in opening.body_html
    assert await Follow.filter(member_id=cast.asker.id, thread_id=thread.id).exists()
    assert (await Space.get(id=cast.open_space.id)).thread_count == 1
    fact = await OutboxFact.get(name="thread.started")
    assert fact.payload == {"thread_id": thread.id, "post_id": opening.id, "by": cast.asker.id}


@pytest.mark.each_database
async def test_answers_at_once_are_all_counted(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    members = [await make_member() for _number in range(20)]
    await asyncio.gather(
        *(add_answer(thread.id, body="Me too", by=member.id, by_staff=False) for member in members),
        *(mark_same_problem(thread.id, by=member.id) for member in members),
        *(mark_same_problem(thread.id, by=member.id) for member in members),
        *(follow_thread(thread.id, by=member.id) for member in members),
    )
    await asyncio.gather(*(unmark_same_problem(thread.id, by=member.id) for member in members[:5] * 2))
    thread = await Thread.get(id=thread.id)
    assert (thread.answer_count, thread.status) == (20, "open")
    assert thread.same_problem_count == await SameProblem.all().count() == 15
    assert await Post.filter(kind="answer").count() == 20
    assert await Follow.filter(thread_id=thread.id).count() == 21


@pytest.mark.parametrize("column", ["locked_at", "hidden_at"])
async def test_a_thread_that_was_closed_meanwhile_takes_no_text(cast: Cast, column: str) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    await Thread.filter(id=thread.id).update(**{column: now()})
    with pytest.raises(RuleBroken):
        await add_answer(thread.id, body="Too late", by=cast.helper.id, by_staff=False)
    with pytest.raises(RuleBroken):
        await add_comment(opening.id, thread.id, body="Too late", by=cast.helper.id)
    assert await Post.all().count() == 1


def test_tags_are_cleaned_as_they_are_typed() -> None:
    assert clean_tags("VPN, feste IP; vpn,, Größe") == ("vpn", "feste-ip", "groesse")
    assert len(clean_tags("a,b,c,d,e,f,g")) == 5
    assert len(" ".join(clean_tags(",".join(letter * 60 for letter in "abcde")))) <= 200
    assert clean_tags(" ; , ") == ()
