"""Spaces and tags are followed and muted: who hears of a new thread, and who has quiet."""

from __future__ import annotations

import pytest

from community.core.errors import NotFound
from community.groups.models import Membership
from community.members.models import Member
from community.notifications.actions import choose_channels
from community.notifications.models import Notification
from community.notifications.rules import Channel, Topic
from community.threads import marks, wishes
from community.threads.models import SpaceWish, TagWish, Thread, Wish
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import deliver, told


async def follow_space(member: Member, space_id: int, wish: Wish | None = Wish.FOLLOW) -> None:
    await wishes.wish_for_space(space_id, wish, by=await viewer_for(member))


async def follow_tag(member: Member, name: str, wish: Wish | None = Wish.FOLLOW) -> None:
    await wishes.wish_for_tag(name, wish, by=await viewer_for(member))


async def kinds(member: Member, thread: Thread) -> list[str]:
    rows = await Notification.filter(member_id=member.id, thread_id=thread.id).order_by("created_at", "id")
    return [row.kind for row in rows]


@pytest.mark.each_database
async def test_a_new_thread_is_told_once_and_muting_wins(cast: Cast, search_engine: SearchEngine) -> None:
    space = cast.open_space
    await make_thread(space, cast.moderator, tags=("vpn", "router"))
    await deliver(search_engine)
    await follow_space(cast.helper, space.id)
    await follow_tag(cast.helper, "vpn")
    await follow_tag(cast.outsider, "router")
    await follow_space(cast.colleague, space.id)
    await follow_tag(cast.colleague, "vpn", Wish.MUTE)
    await follow_space(cast.asker, space.id)
    await follow_space(cast.moderator, space.id)
    await follow_space(cast.moderator, space.id, Wish.MUTE)
    await follow_space(cast.administrator, space.id)
    await choose_channels(cast.administrator.id, {Topic.NEW_THREADS: Channel.NONE})
    await follow_space(cast.marketing, space.id)
    thread = await make_thread(space, cast.asker, body="Any idea, @mia?", tags=("vpn", "router"))
    await deliver(search_engine)
    await deliver(search_engine)
    assert await kinds(cast.helper, thread) == ["started_followed"]
    assert await kinds(cast.outsider, thread) == ["started_followed"]
    assert await kinds(cast.marketing, thread) == ["mentioned"]
    for quiet in (cast.colleague, cast.asker, cast.moderator, cast.administrator):
        assert await kinds(quiet, thread) == []
    other = await make_thread(space, cast.asker, tags=("billing",))
    await deliver(search_engine)
    assert await kinds(cast.colleague, other) == ["started_followed"]
    assert await kinds(cast.outsider, other) == []
    await follow_tag(cast.colleague, "vpn", None)
    await follow_space(cast.colleague, space.id, None)
    assert await kinds(cast.colleague, await _next(cast, search_engine)) == []


async def _next(cast: Cast, engine: SearchEngine) -> Thread:
    thread = await make_thread(cast.open_space, cast.asker, tags=("vpn",))
    await deliver(engine)
    return thread


@pytest.mark.each_database
async def test_a_muted_space_is_quiet_except_for_what_is_ones_own(
    cast: Cast, search_engine: SearchEngine
) -> None:
    own = await make_thread(cast.open_space, cast.colleague)
    other = await make_thread(cast.open_space, cast.asker)
    await marks.follow_thread(other.id, by=cast.colleague.id)
    await follow_space(cast.colleague, cast.open_space.id, Wish.MUTE)
    for thread in (own, other):
        await make_answer(thread, cast.helper)
    await make_answer(other, cast.helper, body="What do you say, @Colleague?")
    await deliver(search_engine)
    assert await kinds(cast.colleague, own) == ["answered"]
    assert await kinds(cast.colleague, other) == ["mentioned"]


async def test_nobody_hears_of_a_space_they_may_not_read(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.hidden_space, cast.helper, tags=("prototype",))
    await follow_space(cast.asker, cast.hidden_space.id)
    await follow_tag(cast.asker, "prototype")
    for member in (cast.outsider, cast.marketing):
        with pytest.raises(NotFound):
            await follow_space(member, cast.hidden_space.id)
        with pytest.raises(NotFound):
            await follow_tag(member, "prototype")
    page = (await (await visit(cast.asker)).get("/settings/following")).text
    assert cast.hidden_space.name in page
    await Membership.filter(member_id=cast.asker.id).delete()
    thread = await make_thread(cast.hidden_space, cast.helper, tags=("prototype",))
    await deliver(search_engine)
    assert await kinds(cast.asker, thread) == []
    page = (await (await visit(cast.asker)).get("/settings/following")).text
    assert cast.hidden_space.name not in page


async def test_all_of_many_followers_are_told(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "FOLLOWERS_AT_ONCE", 3)
    members = [await make_member() for _number in range(10)]
    for member in members:
        await follow_space(member, cast.open_space.id)
    await make_thread(cast.open_space, cast.asker)
    await deliver(search_engine)
    assert [await told(member) for member in members] == [[("started_followed", "")]] * 10


async def test_a_member_follows_so_many_tags(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wishes, "MOST_TAGS", 1)
    await make_thread(cast.open_space, cast.asker, tags=("vpn", "router"))
    client = await visit(cast.colleague)
    assert (await client.post("/tags/vpn/wish", data={"wish": "follow"})).status_code == 303
    assert (await client.post("/tags/router/wish", data={"wish": "follow"})).status_code == 409


async def test_it_is_chosen_at_the_space_at_the_tag_and_on_the_list(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, tags=("vpn",))
    client, slug = await visit(cast.colleague), cast.open_space.slug
    path = f"/spaces/{slug}?tag=vpn"
    for place in (path, f"/spaces/{slug}"):
        assert (await client.get(place)).text.count('name="wish" value="follow" aria-pressed="false"') == 1
    answer = await client.post("/tags/vpn/wish", data={"wish": "follow", "next": path})
    assert answer.headers["location"] == path
    await client.post(f"/spaces/{slug}/wish", data={"wish": "mute", "next": path})
    for place in (path, f"/spaces/{slug}"):
        assert (await client.get(place)).text.count('name="wish" value="" aria-pressed="true"') == 1
    assert ((await SpaceWish.get()).wish, (await TagWish.get()).wish) == ("mute", "follow")
    await marks.follow_thread(thread.id, by=cast.colleague.id)
    listed = (await client.get("/settings/following")).text
    for part in (f"/spaces/{slug}/wish", "/tags/vpn/wish", f"/threads/{thread.id}/unfollow", thread.title):
        assert part in listed
    answer = await client.post(f"/threads/{thread.id}/unfollow", data={"from": "following"})
    assert answer.headers["location"] == "/settings/following"
    await client.post(f"/threads/{thread.id}/mute", data={"from": "following"})
    assert f"/threads/{thread.id}/unmute" in (await client.get("/settings/following")).text
    await client.post(f"/spaces/{slug}/wish", data={"wish": "", "next": "/settings/following"})
    assert await SpaceWish.all().count() == 0
    assert (await client.post(f"/spaces/{slug}/wish", data={"wish": "loud"})).status_code == 404
    guest = (await (await visit()).get(path)).text
    assert 'name="wish"' not in guest
