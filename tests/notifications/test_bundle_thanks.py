"""Thanks for one post are one line until it is read, counted exactly."""

from __future__ import annotations

import asyncio

import pytest

from community.consequences import telling
from community.core.models import OutboxFact
from community.core.outbox import Fact
from community.groups.models import Membership
from community.kudos.actions import give_kudos, take_back_kudos
from community.members.models import Member
from community.notifications.actions import mark_read, remove_empty_thanks
from community.notifications.models import Notification
from community.notifications.queries import count_unread, list_notifications
from community.threads.models import Post
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, viewer_for


async def lines(member: Member) -> list[tuple[str | None, int, bool]]:
    """Who thanked, how many more, and whether it is new: of every line, the newest first."""
    rows = await list_notifications(await viewer_for(member))
    return [(row.actor, row.others, row.read_at is None) for row in rows if row.kind == "thanked"]


async def facts(name: str) -> list[Fact]:
    return [
        Fact(row.id, row.name, row.payload)
        for row in await OutboxFact.filter(name=name).order_by("created_at")
    ]


async def tell() -> None:
    """Every fact about kudos so far has its consequence (again)."""
    for fact in await facts("kudos.given"):
        await telling.tell_thanked(fact)
    for fact in await facts("kudos.taken_back"):
        await telling.untell_thanked(fact)


async def an_answer(cast: Cast) -> Post:
    return await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)


@pytest.mark.each_database
async def test_thanks_for_one_post_are_one_line_until_it_is_read(cast: Cast) -> None:
    answer = await an_answer(cast)
    for giver in (cast.asker, cast.outsider, cast.colleague):
        await give_kudos(answer.id, by=giver.id)
        await tell()
    viewer = await viewer_for(cast.helper)
    assert await lines(cast.helper) == [("Colleague", 2, True)]
    assert await count_unread(viewer) == 1
    await mark_read(cast.helper.id)
    await tell()
    assert await lines(cast.helper) == [("Colleague", 2, False)]
    await give_kudos(answer.id, by=cast.administrator.id)
    await tell()
    await tell()
    assert await lines(cast.helper) == [("Tom B.", 0, True), ("Colleague", 2, False)]


@pytest.mark.each_database
async def test_thanks_taken_back_are_not_told_even_if_the_facts_arrive_late(cast: Cast) -> None:
    answer = await an_answer(cast)
    for giver in (cast.asker, cast.colleague):
        await give_kudos(answer.id, by=giver.id)
    await tell()
    await take_back_kudos(answer.id, by=cast.colleague.id)
    assert await lines(cast.helper) == [("Asker", 0, True)]
    await take_back_kudos(answer.id, by=cast.asker.id)
    assert await count_unread(await viewer_for(cast.helper)) == 0
    await tell()
    assert await Notification.filter(member_id=cast.helper.id, kind="thanked").count() == 0
    await give_kudos(answer.id, by=cast.asker.id)
    await tell()
    assert await lines(cast.helper) == [("Asker", 0, True)]


@pytest.mark.each_database
async def test_many_at_once_told_twice_at_once_are_one_line_with_the_right_count(fresh_database: str) -> None:
    cast = await make_cast()
    answer = await an_answer(cast)
    givers = [await make_member() for _number in range(12)]
    for giver in givers:
        await give_kudos(answer.id, by=giver.id)
    given = await facts("kudos.given")
    await asyncio.gather(*(telling.tell_thanked(fact) for fact in [*given, *given]))
    assert [(others, new) for _name, others, new in await lines(cast.helper)] == [(11, True)]
    # Some take theirs back while they are told again.
    await asyncio.gather(
        *(take_back_kudos(answer.id, by=giver.id) for giver in givers[:5]),
        *(telling.tell_thanked(fact) for fact in given),
        remove_empty_thanks(answer.id),
    )
    assert [(others, new) for _name, others, new in await lines(cast.helper)] == [(6, True)]


async def test_who_thanked_is_not_shown_to_one_who_may_not_read_the_post_any_more(cast: Cast) -> None:
    answer = await make_answer(await make_thread(cast.hidden_space, cast.asker), cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    await tell()
    assert await lines(cast.helper) == [("Asker", 0, True)]
    await Membership.filter(member_id=cast.helper.id).delete()
    await give_kudos(answer.id, by=cast.colleague.id)
    await tell()
    assert await lines(cast.helper) == []
    assert await count_unread(await viewer_for(cast.helper)) == 0


async def test_a_giver_who_has_gone_still_counts(cast: Cast) -> None:
    answer = await an_answer(cast)
    for giver in (cast.asker, cast.colleague):
        await give_kudos(answer.id, by=giver.id)
    await tell()
    await cast.colleague.delete()
    assert await lines(cast.helper) == [("Asker", 1, True)]
