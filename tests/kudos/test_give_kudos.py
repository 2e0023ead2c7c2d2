"""Kudos are exact however many arrive at once."""

from __future__ import annotations

import asyncio

import pytest

from community.core.errors import RuleBroken
from community.core.models import OutboxFact
from community.kudos.actions import give_kudos, take_back_kudos
from community.kudos.models import Kudos
from community.members.models import Member
from community.threads.models import Post, Thread
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, opening_of


async def figures(post: Post, author: Member, thread: Thread) -> tuple[int, int, int]:
    for row in (post, author, thread):
        await row.refresh_from_db()
    return post.kudos_count, author.kudos_count, thread.kudos_count


@pytest.mark.each_database
async def test_fifty_at_once_are_counted_exactly(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    givers = [await make_member() for _number in range(50)]
    await asyncio.gather(*(give_kudos(answer.id, by=giver.id) for giver in givers))
    assert await figures(answer, cast.helper, thread) == (50, 50, 0)
    # Some take theirs back while others give twice.
    await asyncio.gather(
        *(take_back_kudos(answer.id, by=giver.id) for giver in givers[:20]),
        *(give_kudos(answer.id, by=giver.id) for giver in givers[20:]),
    )
    assert await figures(answer, cast.helper, thread) == (30, 30, 0)
    assert await Kudos.all().count() == 30


@pytest.mark.each_database
async def test_one_member_pressing_often_counts_once(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    await asyncio.gather(*(give_kudos(opening.id, by=cast.helper.id) for _time in range(50)))
    assert await figures(opening, cast.asker, thread) == (1, 1, 1)
    await asyncio.gather(*(take_back_kudos(opening.id, by=cast.helper.id) for _time in range(50)))
    assert await figures(opening, cast.asker, thread) == (0, 0, 0)
    assert await OutboxFact.filter(name="kudos.given").count() == 1
    assert await OutboxFact.filter(name="kudos.taken_back").count() == 1


@pytest.mark.each_database
async def test_giving_and_taking_back_at_once_leaves_counters_that_agree(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await asyncio.gather(
        *(
            act(answer.id, by=giver.id)
            for _round in range(8)
            for giver in (cast.asker, cast.colleague, cast.moderator)
            for act in (give_kudos, take_back_kudos)
        )
    )
    rows = await Kudos.all().count()
    assert await figures(answer, cast.helper, thread) == (rows, rows, 0)


async def test_kudos_in_an_exclusive_space_do_not_enter_the_public_figure(cast: Cast) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    assert await figures(answer, cast.helper, thread) == (1, 0, 0)


async def test_nobody_thanks_themselves_or_for_a_post_that_is_hidden(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    with pytest.raises(RuleBroken):
        await give_kudos(answer.id, by=cast.helper.id)
    await Post.filter(id=answer.id).update(hidden_at=answer.created_at)
    with pytest.raises(RuleBroken):
        await give_kudos(answer.id, by=cast.asker.id)
    assert await Kudos.all().count() == 0
