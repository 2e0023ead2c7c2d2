"""The queue: what stands in it, who is on what, and that two people never do the same work."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.viewer import Role
from community.decisions import work
from community.decisions.claims import TakenBySomebody
from community.decisions.models import WorkItem
from community.decisions.work import WorkKind
from community.moderation import actions, queue
from community.moderation.models import Flag
from community.moderation.queue import Count, Wanted
from community.threads import order
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.factories import make_account, make_answer, make_member, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, age, claim, flag, item_url


async def test_only_those_who_keep_order_find_the_queue(cast: Cast, visit: Visit) -> None:
    for member in (None, cast.asker, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get("/moderation")).status_code == 404
    for member in (cast.moderator, cast.administrator):
        page = await (await visit(member)).get("/moderation")
        assert page.status_code == 200
        assert "Nothing to do" in page.text


async def test_flags_of_one_post_are_one_item_and_the_longest_wait_comes_first(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="The opening that was flagged")
    answer = await make_answer(thread, cast.helper)
    opening = await opening_of(thread)
    await flag(opening, cast.outsider)
    await flag(answer, cast.outsider, note="the older one")
    await flag(answer, cast.colleague, note="the same thing")
    await age(opening, hours=5)
    await age(answer, hours=30)
    viewer = await viewer_for(cast.moderator)
    rows = await queue.list_work(viewer, Wanted())
    assert [row.number for row in rows] == [answer.id, opening.id]
    page = (await (await visit(cast.moderator)).get("/moderation")).text
    assert "2 flags" in page
    assert "the older one" in (await (await visit(cast.moderator)).get(f"/moderation/posts/{answer.id}")).text
    assert "Overdue: waiting for 30 hours" in page
    assert "Soon overdue: waiting for 5 hours" in page
    assert page.index("Overdue: waiting for 30 hours") < page.index("Soon overdue: waiting for 5 hours")


async def test_an_item_shows_what_one_needs_to_decide_and_no_identity(cast: Cast, visit: Visit) -> None:
    await make_account(
        cast.helper, mail="helga@firma.example", real_name="Helga Helfer", stated_company="Helfer GmbH"
    )
    await make_account(cast.outsider, mail="otto@firma.example", real_name="Otto Aussen")
    thread = await make_thread(cast.hidden_space, cast.asker, title="Rare trouble")
    earlier = await make_answer(thread, cast.helper, body="An earlier rude answer")
    moderator = await viewer_for(cast.moderator)
    await actions.uphold_flags(
        earlier.id,
        [await flag(earlier, cast.colleague)],
        measure=actions.Measure.NOTE,
        by=moderator,
        reason="Please stay friendly.",
    )
    answer = await make_answer(thread, cast.helper, body="Another rude answer")
    await flag(answer, cast.colleague, note="rude again")
    browser = await visit(cast.administrator)
    for address in ("/moderation", f"/moderation/posts/{answer.id}"):
        page = (await browser.get(address)).text
        for expected in ("Another rude answer", "Rare trouble", "Hidden lab"):
            assert expected in page
        if address != "/moderation":
            assert "Helper" in page
            assert "rude again" in page
            assert "Flags were upheld about 1 other post under this nickname." in page
        for secret in ("firma.example", "Helga", "Aussen", "Helfer GmbH"):
            assert secret not in without_random(page)


async def test_nobody_sees_the_flags_on_their_own_posts(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator)
    flag_id = await flag(answer, cast.outsider, note="staff are wrong here")
    own, other = await visit(cast.moderator), await visit(cast.administrator)
    assert "Nothing to do" in (await own.get("/moderation")).text
    item = await item_url(answer)
    assert (await own.get(item)).status_code == 404
    await own.post(f"{item}/claim", headers=ORIGIN)
    assert (await WorkItem.get()).claimed_by is None
    assert (await own.get(f"/moderation/posts/{answer.id}")).status_code == 404
    sent = await own.post(
        f"/moderation/posts/{answer.id}/decide",
        data={"decision": "dismiss", "reason": "I say so", "flags": str(flag_id)},
        headers=ORIGIN,
    )
    assert sent.status_code == 404
    assert (await Flag.get()).state == "open"
    assert "staff are wrong here" in (await other.get(f"/moderation/posts/{answer.id}")).text


async def test_a_second_claim_is_refused_with_the_name_of_the_holder(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    first, second = await visit(cast.moderator), await visit(cast.administrator)
    url = await item_url(opening)
    taken = await first.post(f"{url}/claim", headers=ORIGIN)
    assert (taken.status_code, taken.headers["location"]) == (303, url)
    assert "You are on it" in (await first.get(f"/moderation/posts/{opening.id}")).text
    refused = await second.post(f"{url}/claim", headers=ORIGIN)
    assert refused.status_code == 409
    assert "Jana K. is on it." in refused.text
    assert "Jana K. is on it" in (await second.get("/moderation")).text
    assert (await WorkItem.get()).claimed_by == cast.moderator.id
    # Somebody else's claim is not given back by mistake.
    await second.post(f"{url}/release", headers=ORIGIN)
    assert (await WorkItem.get()).claimed_by == cast.moderator.id
    assert (await first.post(f"{url}/release", headers=ORIGIN)).status_code == 303
    assert (await second.post(f"{url}/claim", headers=ORIGIN)).status_code == 303
    assert (await WorkItem.get()).claimed_by == cast.administrator.id


@pytest.mark.each_database
async def test_a_claim_without_news_for_half_an_hour_can_be_taken_over(cast: Cast) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    jana, tom = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await claim(opening, by=jana)
    await WorkItem.all().update(claimed_at=now() - timedelta(minutes=29))
    with pytest.raises(TakenBySomebody):
        await claim(opening, by=tom)
    await claim(opening, by=jana)  # Still on it: the half hour begins anew.
    await WorkItem.all().update(claimed_at=now() - timedelta(minutes=31))
    assert (await queue.list_work(tom, Wanted("unclaimed")))[0].holder_id is None
    await claim(opening, by=tom)
    assert (await WorkItem.get()).claimed_by == cast.administrator.id


async def test_the_filters_show_mine_and_what_nobody_is_on(cast: Cast, visit: Visit) -> None:
    posts = []
    for number in range(3):
        opening = await opening_of(
            await make_thread(cast.open_space, cast.asker, title=f"Thread number {number}")
        )
        await flag(opening, cast.outsider)
        posts.append(opening)
    await claim(posts[0], by=await viewer_for(cast.moderator))
    await claim(posts[1], by=await viewer_for(cast.administrator))
    browser = await visit(cast.moderator)
    for choice, shown in (("all", {0, 1, 2}), ("mine", {0}), ("unclaimed", {2})):
        page = (await browser.get(f"/moderation?show={choice}")).text
        assert {number for number in range(3) if f"Thread number {number}" in page} == shown
    assert (await browser.get("/moderation?show=nonsense")).status_code == 404


@pytest.mark.each_database
async def test_of_many_claims_at_once_exactly_one_wins(fresh_database: str) -> None:
    cast = await make_cast()
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    await flag(opening, cast.outsider)
    staff = [
        await viewer_for(await make_member(role=Role.MODERATOR, staff_name=f"Mod {number}"))
        for number in range(8)
    ]
    results = await asyncio.gather(*(claim(opening, by=viewer) for viewer in staff), return_exceptions=True)
    winners = [viewer for viewer, result in zip(staff, results, strict=True) if result is None]
    assert len(winners) == 1
    assert (await WorkItem.get()).claimed_by == winners[0].id
    losers = [result for result in results if result is not None]
    assert all(isinstance(result, TakenBySomebody) for result in losers)
    assert {str(result) for result in losers} == {f"{winners[0].nickname} is on it."}


@pytest.mark.each_database
async def test_the_queue_is_read_part_by_part_and_no_item_twice(cast: Cast, visit: Visit) -> None:
    for number in range(7):
        opening = await opening_of(await make_thread(cast.open_space, cast.asker, title=f"Thread {number}"))
        await flag(opening, cast.outsider)
    viewer = await viewer_for(cast.moderator)
    whole = [row.id for row in await queue.list_work(viewer, Wanted())]
    read: list[int] = []
    after = None
    while part := await queue.list_work(viewer, Wanted(), after=after, size=3):
        read += [row.id for row in part]
        after = part[-1].cursor
    assert read == whole
    assert len(set(read)) == 7


@pytest.mark.each_database
async def test_a_long_queue_says_how_much_waits_at_least(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "MOST_COUNTED", 4)
    moment = now()
    for number, space in enumerate([cast.open_space] * 4 + [cast.members_space] * 2):
        subject = f"post:{(await opening_of(await make_thread(space, cast.asker))).id}"
        since = moment + timedelta(hours=number - 25)
        await work.put_work(WorkKind.FLAG, subject, space_id=space.id, since=since)
    viewer = await viewer_for(cast.moderator)
    counts = await queue.count_work(viewer)
    assert counts.of(Wanted()) == Count(4, is_whole=False)
    assert counts.of(Wanted("late")) == Count(2, is_whole=True), "all that is overdue comes first"
    assert counts.of(Wanted(space_id=cast.members_space.id)) == Count(0, is_whole=False)
    page = (await (await visit(cast.moderator)).get("/moderation")).text
    assert '<span class="seg__n">4+</span>' in page
    assert '<span class="seg__n">2</span>' in page
    # None of these was counted, and none may be missing: it can be chosen, and says no number.
    assert f'href="/moderation?space={cast.members_space.slug}">{cast.members_space.name}</a>' in page
    monkeypatch.setattr(queue, "MOST_COUNTED", 500)
    assert (await queue.count_work(viewer)).of(Wanted()) == Count(6, is_whole=True)


@pytest.mark.each_database
async def test_what_is_put_twice_waits_once_and_since_the_first_time(cast: Cast) -> None:
    moment = now()
    for hours in (0, 5):
        await work.put_work(
            WorkKind.FLAG, "post:1", space_id=cast.open_space.id, since=moment + timedelta(hours=hours)
        )
    item = await WorkItem.get()
    assert (item.since, item.due_at) == (moment, moment + timedelta(hours=24))
    await work.finish_work(WorkKind.FLAG, "post:1")
    await work.finish_work(WorkKind.FLAG, "post:1")
    assert await WorkItem.all().count() == 0


@pytest.mark.each_database
async def test_what_came_in_during_a_decision_waits_on_and_nobody_is_on_it(cast: Cast) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    seen = await flag(opening, cast.outsider)
    await age(opening, hours=30)
    jana, tom = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await claim(opening, by=jana)
    await flag(opening, cast.helper)
    await actions.dismiss_flags(opening.id, [seen], by=jana, reason="Nothing wrong here.")
    (item,) = await queue.list_work(tom, Wanted())
    assert item.holder_id is None
    assert item.due_at > now(), "the one that was overdue is decided"


@pytest.mark.each_database
async def test_a_post_that_is_moved_is_seen_by_those_who_read_its_new_space(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await flag(await opening_of(thread), cast.outsider)
    outside = await viewer_for(await make_member(role=Role.MODERATOR))
    outside = replace(
        outside, readable_space_ids=tuple(set(outside.readable_space_ids) - {cast.hidden_space.id})
    )
    assert (await queue.count_work(outside)).of(Wanted()).number == 1
    inside = await viewer_for(cast.moderator)
    await order.move_thread(thread.id, to_space=cast.hidden_space.id, by=inside, reason="It belongs there.")
    assert await queue.list_work(outside, Wanted()) == []
    assert (await queue.count_work(outside)).of(Wanted()).number == 0
    assert (await queue.count_work(inside)).of(Wanted()).number == 1
