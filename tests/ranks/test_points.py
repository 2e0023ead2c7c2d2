"""The ledger of points says what the facts say, whatever happens to them and in whatever order it is delivered."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community.core import outbox
from community.core.clock import now
from community.core.db import fetch
from community.core.models import OutboxFact
from community.kudos.actions import give_kudos, take_back_kudos
from community.kudos.models import Kudos
from community.members.models import Member
from community.personal_data.erasure import erase_member
from community.ranks import points
from community.ranks.actions import recompute_standings
from community.ranks.ladder import Rules, Step, change_recognition, find_recognition
from community.ranks.models import Point, Rank
from community.ranks.queries import list_standings
from community.spaces.models import Space, SpaceAccess
from community.threads import order
from community.threads.marks import accept_solution, withdraw_solution
from community.threads.models import Post, Solution
from search import SearchEngine
from tests.cast import Cast
from tests.factories import (
    make_account,
    make_answer,
    make_comment,
    make_group,
    make_member,
    make_space,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.moderation.flagging import REASON, deliver

FACTS = (*points.POST_FACTS, *points.THREAD_FACTS)


async def points_of(member: Member) -> int:
    await member.refresh_from_db()
    return member.points


async def ledger(member: Member) -> list[tuple[str, int]]:
    """Kind and space of the member's rows."""
    rows = await Point.filter(member_id=member.id).order_by("given_at", "fact_id")
    return [(row.kind, row.space_id) for row in rows]


@pytest.mark.each_database
async def test_what_is_taken_back_hidden_or_moved_takes_its_points_along(
    cast: Cast, search_engine: SearchEngine
) -> None:
    moderator = await viewer_for(cast.moderator)
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = await make_answer(thread, cast.helper), await make_answer(thread, cast.helper)
    comment = await make_comment(second, cast.colleague)

    async def after(act: object, expected: int, colleague: int = 0) -> None:
        await act  # type: ignore[misc]
        await deliver(search_engine)
        assert (await points_of(cast.helper), await points_of(cast.colleague)) == (expected, colleague)
        assert not await points.recount()

    await after(give_kudos(first.id, by=cast.asker.id), 1)
    await after(accept_solution(second.id, by=cast.asker.id), 6)
    await after(accept_solution(first.id, by=cast.asker.id), 6)
    await after(withdraw_solution(thread.id, by=cast.asker.id), 1)
    await after(accept_solution(second.id, by=cast.asker.id), 6)
    await after(give_kudos(comment.id, by=cast.asker.id), 6, 1)
    # The comment cannot be read without its post.
    await after(order.hide_post(second.id, by=moderator, reason=REASON), 1)
    await after(order.restore_post(second.id, by=moderator, reason=REASON), 1, 1)
    await after(order.hide_post((await opening_of(thread)).id, by=moderator, reason=REASON), 0)
    await after(order.restore_post((await opening_of(thread)).id, by=moderator, reason=REASON), 1, 1)
    move = order.move_thread
    await after(move(thread.id, to_space=cast.hidden_space.id, by=moderator, reason=REASON), 0)
    assert await ledger(cast.helper) == [("kudos", cast.hidden_space.id)]
    await after(move(thread.id, to_space=cast.open_space.id, by=moderator, reason=REASON), 1, 1)
    await after(take_back_kudos(first.id, by=cast.asker.id), 0, 1)


@pytest.mark.each_database
async def test_nobody_earns_points_from_themself(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await accept_solution((await make_answer(thread, cast.asker)).id, by=cast.asker.id)
    await points.recount()
    assert await points_of(cast.asker) == 0


@pytest.mark.each_database
async def test_points_follow_when_a_space_becomes_exclusive(cast: Cast, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await accept_solution((await make_answer(thread, cast.helper)).id, by=cast.asker.id)
    await deliver(search_engine)
    await recompute_standings()
    reader = await viewer_for(cast.asker)
    assert [line.points for line in await list_standings(reader)] == [5]
    for access, expected in ((SpaceAccess.EXCLUSIVE, 0), (SpaceAccess.MEMBERS, 5)):
        await Space.filter(id=cast.open_space.id).update(access=str(access))
        await outbox.record("space.access_changed", space_id=cast.open_space.id)
        await deliver(search_engine)
        assert await points_of(cast.helper) == expected
        assert [line.points for line in await list_standings(reader)] == [expected] * bool(expected)


@pytest.mark.each_database
async def test_facts_may_be_delivered_twice_and_backwards(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    await take_back_kudos(answer.id, by=cast.asker.id)
    await give_kudos(answer.id, by=cast.asker.id)
    await accept_solution(answer.id, by=cast.asker.id)
    await withdraw_solution(thread.id, by=cast.asker.id)
    facts = await OutboxFact.filter(name__in=FACTS).order_by("-id")
    for fact in [*facts, *facts[::2], *reversed(facts)]:
        if fact.name in points.POST_FACTS:
            await points.settle_posts([fact.payload["post_id"]])
        else:
            await points.settle_thread(fact.payload["thread_id"])
        assert await ledger(cast.helper) == [("kudos", cast.open_space.id)]
        assert await points_of(cast.helper) == 1


@pytest.mark.each_database
async def test_kudos_may_come_and_go_while_they_are_counted(fresh_database: str) -> None:
    asker, helper = await make_member("asker"), await make_member("helper")
    thread = await make_thread(await make_space(), asker)
    answers = [await make_answer(thread, helper) for _number in range(3)]
    givers = [await make_member() for _number in range(6)]

    async def press(post: Post, giver: Member) -> None:
        for act in (give_kudos, take_back_kudos, give_kudos)[: 1 + giver.id % 3]:
            await act(post.id, by=giver.id)
            await points.settle_posts([post.id])

    await asyncio.gather(
        *(press(post, giver) for post in answers for giver in givers),
        *(points.settle_thread(thread.id) for _time in range(3)),
    )
    rows = await Kudos.all().count()
    assert await points_of(helper) == rows == await Point.all().count()
    assert not await points.recount()


MONTH = datetime(2026, 2, 1, tzinfo=UTC)


async def thank(giver: Member, helper: Member, space: Space, moments: list[datetime]) -> list[Post]:
    """Kudos for an answer each, given at these moments."""
    posts = []
    for moment in moments:
        post = await make_answer(await make_thread(space, await make_member()), helper)
        await give_kudos(post.id, by=giver.id)
        await Kudos.filter(post_id=post.id).update(given_at=moment)
        posts.append(post)
    return posts


@pytest.mark.each_database
async def test_of_what_one_gives_another_the_first_ten_of_a_month_count(cast: Cast) -> None:
    last = MONTH + timedelta(days=28) - timedelta(microseconds=1)
    late = last - timedelta(hours=1)
    moments = [MONTH - timedelta(microseconds=1), *(MONTH + timedelta(days=day) for day in range(9))]
    posts = await thank(cast.colleague, cast.helper, cast.open_space, [*moments, late, late, late])
    await points.recount()
    # One of January, and ten of the twelve of February.
    assert await points_of(cast.helper) == 11
    await take_back_kudos(posts[1].id, by=cast.colleague.id)
    await points.settle_posts([posts[1].id])
    assert await points_of(cast.helper) == 11
    await thank(cast.asker, cast.helper, cast.open_space, [MONTH + timedelta(days=1)])
    await thank(cast.colleague, cast.helper, cast.open_space, [MONTH + timedelta(days=28)])
    await points.recount()
    assert await points_of(cast.helper) == 13
    assert not await points.recount()
    # A solution counts among them: the asker of this one has given ten kudos before.
    thread = await make_thread(cast.open_space, cast.colleague)
    await accept_solution((await make_answer(thread, cast.helper)).id, by=cast.colleague.id)
    await Solution.all().update(accepted_at=last)
    await points.recount()
    assert await points_of(cast.helper) == 13


@pytest.mark.each_database
async def test_the_cap_outside_does_not_tell_what_happens_in_an_exclusive_space(cast: Cast) -> None:
    moments = [MONTH + timedelta(days=day) for day in range(8)]
    await thank(cast.asker, cast.helper, cast.hidden_space, moments)
    await thank(cast.asker, cast.helper, cast.open_space, [moment + timedelta(days=9) for moment in moments])
    await points.recount()
    assert await points_of(cast.helper) == 8


@pytest.mark.each_database
async def test_leaving_does_not_let_more_kudos_count(cast: Cast, search_engine: SearchEngine) -> None:
    giver = await make_member("giver")
    await make_account(giver)
    await thank(giver, cast.helper, cast.open_space, [MONTH + timedelta(days=day) for day in range(12)])
    await points.recount()
    assert await points_of(cast.helper) == 10
    await erase_member(await viewer_for(giver), with_texts=True, language="en")
    await deliver(search_engine)
    assert await Point.filter(giver_id=None).count() == 12
    assert not await points.recount()
    assert await points_of(cast.helper) == 10


@pytest.mark.each_database
async def test_recount_mends_whatever_is_wrong_and_nothing_else(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, cast.helper) for _number in range(3)]
    for answer in answers:
        await give_kudos(answer.id, by=cast.asker.id)
    # What is not delivered yet is no mistake.
    assert not await points.recount()
    assert await points_of(cast.helper) == 3
    await OutboxFact.all().update(done_at=now())
    await Point.filter(post_id=answers[0].id).delete()
    await Point.filter(post_id=answers[1].id).update(space_id=cast.hidden_space.id)
    await Kudos.filter(post_id=answers[2].id).delete()
    await Member.filter(id=cast.asker.id).update(points=7)
    mended = await points.recount()
    assert (mended.missing, mended.wrong, mended.superfluous, mended.members) == (1, 1, 1, 1)
    assert (await points_of(cast.helper), await points_of(cast.asker)) == (2, 0)
    assert not await points.recount()
    await Point.all().update(nth=99)
    assert (await points.recount()).wrong == 2
    assert not await points.recount()


@pytest.mark.each_database
async def test_other_rules_hold_for_everything_that_was_given_before(cast: Cast) -> None:
    administrator = await viewer_for(cast.administrator)
    await thank(cast.asker, cast.helper, cast.open_space, [MONTH + timedelta(days=day) for day in range(12)])
    await points.carry_on_points()
    assert await points_of(cast.helper) == 10
    reader = await viewer_for(cast.asker)
    rules = Rules(solution=20, kudos=3, cap=0)
    version = (await find_recognition()).version
    await change_recognition(rules, [Step("Old hand", 36)], version=version, by=administrator)
    assert not (await find_recognition()).is_settled
    await points.carry_on_points()
    assert (await find_recognition()).is_settled
    assert await points_of(cast.helper) == 36
    assert [(line.points, line.author.rank) for line in await list_standings(reader, days=0)] == [
        (36, "Old hand")
    ]
    assert not await points.recount()


@pytest.mark.each_database
async def test_a_new_rank_makes_the_pages_kept_for_guests_stale_and_a_mere_point_does_not(cast: Cast) -> None:
    await Rank.create(name="Helping hand", points=2)
    thread = await make_thread(cast.open_space, cast.asker)
    stamps = []
    for giver in (cast.asker, cast.colleague, cast.moderator):
        answer = await make_answer(thread, cast.helper)
        await give_kudos(answer.id, by=giver.id)
        before = await fetch("SELECT value FROM site_stamp")
        await points.settle_posts([answer.id])
        stamps.append((await fetch("SELECT value FROM site_stamp"))[0]["value"] - before[0]["value"])
    assert stamps == [0, 1, 0]


@pytest.mark.each_database
async def test_what_an_import_brings_in_without_givers_counts_in_full(db: str) -> None:
    helper = await make_member("helper")
    group = await make_group(members=(helper,))
    closed = await make_space(access=SpaceAccess.EXCLUSIVE, groups=(group,))
    for space in (await make_space(), closed):
        answer = await make_answer(await make_thread(space, await make_member()), helper)
        for day in range(20):
            await Kudos.create(post_id=answer.id, member_id=None, given_at=MONTH - timedelta(days=400 + day))
    await points.recount()
    assert await points_of(helper) == 20
    await recompute_standings()
    lines = await list_standings(await viewer_for(helper), days=0, space_id=closed.id)
    assert [(line.kudos_count, line.points) for line in lines] == [(20, 20)]
    assert not await points.recount()


@pytest.mark.each_database
async def test_a_site_from_before_the_ledger_gets_one_by_itself_once(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await accept_solution((await make_answer(thread, cast.helper)).id, by=cast.asker.id)
    await OutboxFact.all().update(done_at=now())
    await points.carry_on_points()
    assert await points_of(cast.helper) == 5
    assert [line.points for line in await list_standings(await viewer_for(cast.asker))] == [5]
    # From then on facts alone change it: the chore has nothing to do.
    await Point.all().delete()
    await points.carry_on_points()
    assert await Point.all().count() == 0
