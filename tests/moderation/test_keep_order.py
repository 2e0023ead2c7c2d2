"""Hide, restore, lock, unlock, pin, unpin: each by its page, with its reason, once, and with right figures."""

from __future__ import annotations

import asyncio
import re

import pytest

from community.core.errors import RuleBroken
from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos, take_back_kudos
from community.members.models import Member
from community.spaces.models import Space
from community.threads import marks, order
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.decisions.owner import open_the_gates
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import (
    GROUNDED,
    ORIGIN,
    REASON,
    assert_figures_are_right,
    deliver,
    only_log_entry,
    told,
)

THREAD_ACTS = ("lock", "unlock", "pin", "unpin")


async def in_state_for(act: str, thread: Thread, cast: Cast) -> None:
    """Bring the thread where the act makes sense, and forget what the log says about it."""
    moderator = await viewer_for(cast.administrator)
    if act == "unlock":
        await order.lock_thread(thread.id, by=moderator, reason="First locked.")
    if act == "unpin":
        await order.pin_thread(thread.id, by=moderator, reason="")
    await open_the_gates()
    await LogEntry.all().delete()


# --- hide and restore -------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_hiding_an_answer_takes_it_from_others_and_ends_the_solution(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, body="The answer to be hidden")
    await give_kudos(answer.id, by=cast.outsider.id)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    browser = await visit(cast.moderator)
    form = await browser.get(f"/moderation/posts/{answer.id}/hide")
    assert "The answer to be hidden" in form.text
    sent = await browser.post(f"/moderation/posts/{answer.id}/hide", data=GROUNDED, headers=ORIGIN)
    assert sent.status_code == 303
    assert sent.headers["location"] == f"/threads/{thread.id}-{thread.slug}#post-{answer.id}"
    entry = await only_log_entry()
    assert (entry.act, entry.subject, entry.reason) == ("hide_post", f"post:{answer.id}", REASON)
    helper = await Member.get(id=cast.helper.id)
    assert (helper.kudos_count, helper.solution_count) == (0, 0)
    assert (await Thread.get(id=thread.id)).status == "unanswered"
    for reader in (None, cast.helper):
        other = await visit(reader) if reader else await visit()
        page = await other.get(f"/threads/{thread.id}-{thread.slug}")
        assert "The answer to be hidden" not in page.text
    await deliver(search_engine)
    assert ("post_hidden", REASON) in await told(cast.helper)
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_hiding_the_opening_post_hides_the_thread_and_restoring_brings_it_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp flickers")
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.outsider.id)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    opening = await opening_of(thread)
    browser, guest = await visit(cast.moderator), await visit()
    await deliver(search_engine)
    await browser.post(f"/moderation/posts/{opening.id}/hide", data=GROUNDED, headers=ORIGIN)
    assert (await guest.get(f"/threads/{thread.id}-{thread.slug}")).status_code == 404
    assert "lamp flickers" not in (await guest.get(f"/spaces/{cast.open_space.slug}")).text
    assert "lamp flickers" not in (await guest.get("/search?q=zanzibar")).text
    space = await Space.get(id=cast.open_space.id)
    assert (space.thread_count, space.solved_count) == (0, 0)
    assert (await Member.get(id=cast.helper.id)).solution_count == 0
    await assert_figures_are_right()
    await open_the_gates()
    await LogEntry.all().delete()
    sent = await browser.post(
        f"/moderation/posts/{opening.id}/restore", data={"reason": "A mistake."}, headers=ORIGIN
    )
    assert sent.status_code == 303
    assert (await only_log_entry()).act == "restore_post"
    assert (await guest.get(f"/threads/{thread.id}-{thread.slug}")).status_code == 200
    space = await Space.get(id=cast.open_space.id)
    assert (space.thread_count, space.solved_count) == (1, 1)
    await deliver(search_engine)
    assert ("post_restored", "A mistake.") in await told(cast.asker)
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_figures_stay_right_when_posts_of_a_hidden_thread_are_hidden_and_restored(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    comment = await make_comment(answer, cast.outsider)
    for post in (answer, comment):
        await give_kudos(post.id, by=cast.moderator.id)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    opening, moderator = await opening_of(thread), await viewer_for(cast.moderator)
    for step, post in (
        (order.hide_post, opening),
        (order.hide_post, answer),
        (order.hide_post, comment),
        (order.restore_post, opening),
        (order.restore_post, comment),
        (order.restore_post, answer),
    ):
        await step(post.id, by=moderator, reason=REASON)
        await assert_figures_are_right()
    assert (await Thread.get(id=thread.id)).status == "open"
    assert (await Member.get(id=cast.helper.id)).kudos_count == 1


async def test_kudos_taken_back_from_a_hidden_post_count_once(cast: Cast) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    await give_kudos(answer.id, by=cast.moderator.id)
    await order.hide_post(answer.id, by=await viewer_for(cast.administrator), reason=REASON)
    await take_back_kudos(answer.id, by=cast.moderator.id)
    assert (await Member.get(id=cast.helper.id)).kudos_count == 0
    await assert_figures_are_right()


async def test_an_act_without_a_reason_is_not_done(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    browser = await visit(cast.moderator)
    for url in (f"/moderation/posts/{opening.id}/hide", f"/moderation/threads/{thread.id}/lock"):
        for reason in ("", "  ", "no"):
            sent = await browser.post(url, data={"ground": "respect", "reason": reason}, headers=ORIGIN)
            assert sent.status_code == 422
        long = await browser.post(url, data={"reason": "x" * 1001}, headers=ORIGIN)
        assert long.status_code == 422
        assert "x" * 1001 in long.text
    row = await Thread.get(id=thread.id)
    assert (row.hidden_at, row.locked_at) == (None, None)
    assert await LogEntry.all().count() == 0


async def test_what_is_done_already_is_refused_and_the_reason_is_kept(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    browser = await visit(cast.moderator)
    for verb, before in (("hide", None), ("restore", "hide")):
        if before is None:
            await order.hide_post(answer.id, by=await viewer_for(cast.administrator), reason="First.")
        else:
            await order.restore_post(answer.id, by=await viewer_for(cast.administrator), reason="First.")
        entries = await LogEntry.all().count()
        again = await browser.post(
            f"/moderation/posts/{answer.id}/{verb}",
            data={"ground": "respect", "reason": "Second thoughts"},
            headers=ORIGIN,
        )
        assert again.status_code == 409
        assert "Second thoughts" in again.text
        assert await LogEntry.all().count() == entries


async def test_nobody_undoes_what_a_colleague_decided_about_their_own_text(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.moderator)
    answer = await make_answer(thread, cast.moderator)
    colleague, own = await viewer_for(cast.administrator), await viewer_for(cast.moderator)
    browser, other = await visit(cast.moderator), await visit(cast.administrator)
    await order.lock_thread(thread.id, by=colleague, reason=REASON)
    await order.hide_post(answer.id, by=colleague, reason=REASON)
    restore, unlock = f"/moderation/posts/{answer.id}/restore", f"/moderation/threads/{thread.id}/unlock"
    for address in (restore, unlock):
        assert (await browser.get(address)).status_code == 403
        sent = await browser.post(address, data={"reason": "I say so"}, headers=ORIGIN)
        assert sent.status_code == 403
        assert (await other.post(address, data={"reason": "Right"}, headers=ORIGIN)).status_code == 303
    await order.hide_post(answer.id, by=own, reason="My own mistake")
    sent = await browser.post(restore, data={"reason": "It was right"}, headers=ORIGIN)
    assert sent.status_code == 303


@pytest.mark.each_database
async def test_of_two_who_hide_at_once_one_does_it(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    staff = [await viewer_for(member) for member in (cast.moderator, cast.administrator)]
    results = await asyncio.gather(
        *(order.hide_post(answer.id, by=viewer, reason=REASON) for viewer in staff), return_exceptions=True
    )
    assert sum(isinstance(result, RuleBroken) for result in results) == 1
    assert await LogEntry.all().count() == 1
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_many_acts_in_threads_of_the_same_people_do_not_block_each_other(fresh_database: str) -> None:
    cast = await make_cast()
    people = (cast.asker, cast.helper, cast.colleague)
    threads = []
    for number in range(6):
        thread = await make_thread(cast.open_space, people[number % 3])
        for author in people[::-1] if number % 2 else people:
            await make_answer(thread, author)
        threads.append(thread)
    moderator = await viewer_for(cast.moderator)
    targets = (cast.members_space, cast.hidden_space)
    await asyncio.gather(
        *(
            order.move_thread(thread.id, to_space=targets[number % 2].id, by=moderator, reason=REASON)
            for number, thread in enumerate(threads)
        )
    )
    await asyncio.gather(
        *(
            order.move_thread(thread.id, to_space=targets[1 - number % 2].id, by=moderator, reason=REASON)
            for number, thread in enumerate(threads)
        )
    )
    await assert_figures_are_right()


# --- lock, pin --------------------------------------------------------------------------------------------


@pytest.mark.each_database
@pytest.mark.parametrize("act", THREAD_ACTS)
async def test_an_act_on_a_thread_is_done_once_and_logged_once(cast: Cast, visit: Visit, act: str) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await in_state_for(act, thread, cast)
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/{act}"
    assert (await browser.get(url)).status_code == 200
    sent = await browser.post(url, data=GROUNDED, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/threads/{thread.id}-{thread.slug}")
    entry = await only_log_entry()
    assert (entry.act, entry.subject, entry.reason) == (f"{act}_thread", f"thread:{thread.id}", REASON)
    row = await Thread.get(id=thread.id)
    assert (row.locked_at is not None) == (act == "lock")
    assert (row.pinned_at is not None) == (act == "pin")
    again = await browser.post(url, data={"ground": "respect", "reason": "Once more, please"}, headers=ORIGIN)
    assert again.status_code == 409
    assert "Once more, please" in again.text
    assert await LogEntry.all().count() == 1
    await assert_figures_are_right()


async def test_pinning_needs_no_reason_but_locking_does(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser = await visit(cast.moderator)
    base = f"/moderation/threads/{thread.id}"
    assert (await browser.post(f"{base}/lock", headers=ORIGIN)).status_code == 422
    assert (await browser.post(f"{base}/pin", headers=ORIGIN)).status_code == 303
    assert (await browser.post(f"{base}/unpin", headers=ORIGIN)).status_code == 303
    assert (await browser.post(f"{base}/unlock", headers=ORIGIN)).status_code == 422


async def test_locking_tells_whoever_started_the_thread(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser = await visit(cast.moderator)
    await browser.post(f"/moderation/threads/{thread.id}/lock", data=GROUNDED, headers=ORIGIN)
    await deliver(search_engine)
    assert await told(cast.asker) == [("thread_locked", REASON)]
    page = (await (await visit(cast.asker)).get("/notifications")).text
    assert REASON in page
    assert "Jana" not in without_random(page)


@pytest.mark.parametrize("act", [*THREAD_ACTS, "move"])
async def test_customers_and_marketing_find_no_act_on_threads(cast: Cast, visit: Visit, act: str) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    url = f"/moderation/threads/{thread.id}/{act}"
    for member in (None, cast.asker, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get(url)).status_code == 404
        assert (await browser.post(url, data=GROUNDED, headers=ORIGIN)).status_code == 404
    assert await LogEntry.all().count() == 0


@pytest.mark.parametrize("verb", ["hide", "restore"])
async def test_customers_and_marketing_find_no_act_on_posts(cast: Cast, visit: Visit, verb: str) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    url = f"/moderation/posts/{opening.id}/{verb}"
    for member in (None, cast.asker, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get(url)).status_code == 404
        assert (await browser.post(url, data=GROUNDED, headers=ORIGIN)).status_code == 404


async def test_every_act_that_a_thread_page_offers_has_its_page(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await make_comment(await make_answer(thread, cast.helper), cast.outsider)
    browser = await visit(cast.moderator)
    page = (await browser.get(f"/threads/{thread.id}-{thread.slug}")).text
    links = set(re.findall(r'href="(/moderation/(?:posts|threads)/[^"]+)"', page))
    assert {link.rpartition("/")[2] for link in links} == {
        "hide",
        "unlink",
        "lock",
        "pin",
        "move",
        "title",
        "merge",
        "split",
        "notes",
    }
    for link in links:
        assert (await browser.get(link)).status_code == 200, link


async def test_a_hidden_answer_is_still_there_for_moderators(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper, body="Seen by moderators alone")
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    page = (await (await visit(cast.moderator)).get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Seen by moderators alone" in page
    assert f"/moderation/posts/{answer.id}/restore" in page
    assert (await Post.get(id=answer.id)).hidden_at is not None
