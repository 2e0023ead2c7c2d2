"""Moving a thread: who can read it changes at once, everywhere; its address stays; figures follow."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community import relating
from community.core import outbox
from community.core.db import in_transaction
from community.core.models import OutboxFact
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.spaces.models import Space, SpaceAccess
from community.threads import marks
from community.threads.models import RelatedThread, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_space, make_thread
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, only_log_entry, told


def to(space: Space, *, confirmed: bool = True, reason: str = REASON) -> dict[str, str]:
    form = {"space": space.slug, "reason": reason}
    return form | {"confirmed": space.slug} if confirmed else form


@pytest.mark.each_database
async def test_a_thread_moved_into_an_exclusive_space_is_gone_for_outsiders_at_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.outsider, title="Quixotic modem hums")
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.outsider.id)
    await marks.accept_solution(answer.id, by=cast.outsider.id)
    await deliver(search_engine)
    url = f"/threads/{thread.id}-{thread.slug}"
    assert "modem hums" in (await (await visit()).get("/search?q=quixotic")).text
    moderator = await visit(cast.moderator)
    sent = await moderator.post(
        f"/moderation/threads/{thread.id}/move", data=to(cast.hidden_space), headers=ORIGIN
    )
    assert (sent.status_code, sent.headers["location"]) == (303, url)
    # The index still says the old thing here; the database has the last word.
    for member in (None, cast.outsider, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get(url)).status_code == 404
        for address in (
            "/",
            f"/spaces/{cast.open_space.slug}",
            "/search?q=quixotic",
            "/search/suggestions?q=quixotic",
        ):
            assert "modem hums" not in (await browser.get(address)).text, address
    assert (await (await visit(cast.asker)).get(url)).status_code == 200
    assert (await moderator.get(url)).status_code == 200
    entry = await only_log_entry()
    assert (entry.act, entry.reason) == ("move_thread", REASON)
    assert entry.details == {"from_space": cast.open_space.id, "to_space": cast.hidden_space.id}
    source, target = await Space.get(id=cast.open_space.id), await Space.get(id=cast.hidden_space.id)
    assert (source.thread_count, source.solved_count) == (0, 0)
    assert (target.thread_count, target.solved_count) == (1, 1)
    helper = await Member.get(id=cast.helper.id)
    assert (helper.kudos_count, helper.solution_count) == (0, 0)
    await assert_figures_are_right()
    await deliver(search_engine)
    source = await Space.get(id=cast.open_space.id)
    assert source.last_activity_at is None
    assert "modem hums" in (await (await visit(cast.asker)).get("/search?q=quixotic")).text
    # The author hears of it, and no more than that.
    assert (await told(cast.outsider))[-1] == ("thread_moved", REASON)
    page = (await (await visit(cast.outsider)).get("/notifications")).text
    assert REASON in page
    assert "modem hums" not in page


@pytest.mark.each_database
async def test_where_a_thread_may_not_be_read_it_takes_no_place_from_others(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    """A guest would see a gap beside the threads that list it."""
    threads = []
    for _each in range(2):
        threads.append(await make_thread(cast.open_space, cast.asker, title="Quixotic modem hums"))
        await deliver(search_engine)
    moved, listing = threads
    space = await make_space("Another space", access=SpaceAccess.MEMBERS)
    moderator = await visit(cast.moderator)

    async def lists_it() -> bool:
        await deliver(search_engine)
        return await RelatedThread.filter(thread_id=listing.id, related_id=moved.id).exists()

    assert await lists_it()
    url = f"/moderation/threads/{moved.id}/move"
    assert (await moderator.post(url, data=to(space), headers=ORIGIN)).status_code == 303
    assert not await lists_it()
    # Its own list may name only what everybody reads and its own space.
    assert await RelatedThread.filter(thread_id=moved.id, related_id=listing.id).exists()


@pytest.mark.each_database
async def test_when_a_space_closes_its_threads_leave_the_lists_of_others(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relating, "NOTED_AT_ONCE", 1)
    monkeypatch.setattr(relating, "ONE_THREAD_EVERY", timedelta())
    threads = []
    for space in (cast.discussions, cast.discussions, cast.open_space, cast.open_space):
        threads.append(await make_thread(space, cast.asker, title="Quixotic modem hums"))
        await deliver(search_engine)
    closing, inside, *_outside = threads
    await Space.filter(id=cast.discussions.id).update(access=SpaceAccess.MEMBERS)
    assert await RelatedThread.filter(related_id=closing.id).count() == 3
    async with in_transaction():
        await outbox.record("space.access_changed", space_id=cast.discussions.id)
    await deliver(search_engine)
    listing = await RelatedThread.filter(related_id=closing.id)
    assert [row.thread_id for row in listing] == [inside.id]  # type: ignore[attr-defined]
    assert await OutboxFact.filter(name="thread.to_relate").count() == 2


async def test_moving_back_brings_the_figures_back(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.tile_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    browser = await visit(cast.moderator)
    sent = await browser.post(
        f"/moderation/threads/{thread.id}/move", data=to(cast.members_space), headers=ORIGIN
    )
    assert sent.status_code == 303
    assert (await Member.get(id=cast.helper.id)).kudos_count == 1
    await assert_figures_are_right()


async def test_before_it_is_moved_the_page_says_who_can_read_it_then(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/move"
    for space, sentence in (
        (cast.discussions, "After the move everyone on the internet can read it."),
        (cast.members_space, "After the move all members can read it, guests cannot."),
        (
            cast.hidden_space,
            "After the move only members of Closed circle and staff who keep order can read it.",
        ),
    ):
        assert sentence in (await browser.get(f"{url}?space={space.slug}")).text
        asked = await browser.post(url, data=to(space, confirmed=False), headers=ORIGIN)
        assert asked.status_code == 200
        assert sentence in asked.text
        assert REASON in asked.text
    # Another space than the one that was confirmed is asked about again.
    other = to(cast.members_space) | {"space": cast.discussions.slug}
    assert (await browser.post(url, data=other, headers=ORIGIN)).status_code == 200
    assert (await Thread.get(id=thread.id)).space_id == cast.open_space.id


async def test_threads_do_not_become_articles_and_nothing_moves_to_where_it_is(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/move"
    form = (await browser.get(url)).text
    assert f'value="{cast.hidden_space.slug}"' in form
    for space in (cast.blog, cast.open_space):
        assert f'value="{space.slug}"' not in form
        assert (await browser.post(url, data=to(space), headers=ORIGIN)).status_code == 422
    nowhere = await browser.post(url, data={"space": "nowhere", "reason": "Kept words"}, headers=ORIGIN)
    assert nowhere.status_code == 422
    assert "Kept words" in nowhere.text
    assert (
        await browser.post(url, data=to(cast.members_space, reason=""), headers=ORIGIN)
    ).status_code == 422
