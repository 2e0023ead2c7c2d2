"""Undoing what staff did, from its entry in the log, as long as nothing else was done with it since."""

from __future__ import annotations

import asyncio

import pytest

from community.core.errors import RuleBroken
from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.moderation import actions as upholding
from community.moderation.models import Measure
from community.ranks import points
from community.threads import actions, marks, order, retitling
from community.threads.models import Post, Satisfaction, Solution, Thread
from community.threads.undoing import undo
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import GROUNDED, ORIGIN, REASON, assert_figures_are_right, deliver, flag, told


async def last_entry() -> LogEntry:
    entry = await LogEntry.all().order_by("-id").first()
    assert entry is not None
    return entry


@pytest.mark.each_database
async def test_undoing_a_hidden_solution_brings_the_solution_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await give_kudos(answer.id, by=cast.asker.id)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    before = await Solution.get(thread_id=thread.id)
    await deliver(search_engine)
    browser = await visit(cast.moderator)
    await browser.post(f"/moderation/posts/{answer.id}/hide", data=GROUNDED, headers=ORIGIN)
    await deliver(search_engine)
    assert (await Member.get(id=cast.helper.id)).solution_count == 0
    entry = await last_entry()
    url = f"/moderation/log/{entry.id}/undo"
    assert url in (await browser.get("/moderation/log")).text
    log = f"/moderation/log?subject=thread:{thread.id}"
    assert log in (await browser.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Undo" in (await browser.get(url)).text
    assert (await browser.post(url, data={"reason": ""}, headers=ORIGIN)).status_code == 422
    sent = await browser.post(url, data={"reason": "A mistake."}, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/posts/{answer.id}")
    after = await Solution.get(thread_id=thread.id)
    assert (after.id, after.post_id, after.accepted_at) == (before.id, answer.id, before.accepted_at)
    assert (await Thread.get(id=thread.id)).status == "solved"
    assert (await Satisfaction.get(thread_id=thread.id)).withdrawn_at is None
    await assert_figures_are_right()
    undone = await last_entry()
    assert (undone.act, undone.details) == ("restore_post", {"undoes": entry.id})
    await deliver(search_engine)
    assert not await points.recount()
    assert (await Member.get(id=cast.helper.id)).solution_count == 1
    assert ("post_restored", "A mistake.") in await told(cast.helper)
    # Undone once; undoing what undid it hides it again.
    again = await browser.post(url, data={"reason": "Once more."}, headers=ORIGIN)
    assert again.status_code == 409
    assert "This has been undone already." in again.text
    assert url not in (await browser.get("/moderation/log")).text
    back = await browser.post(
        f"/moderation/log/{undone.id}/undo",
        data={"ground": "respect", "reason": "It was none."},
        headers=ORIGIN,
    )
    assert back.status_code == 303
    assert (await Post.get(id=answer.id)).hidden_at is not None
    await assert_figures_are_right()


async def test_another_solution_chosen_meanwhile_stays(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = await make_answer(thread, cast.helper), await make_answer(thread, cast.outsider)
    await marks.accept_solution(first.id, by=cast.asker.id)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(first.id, by=moderator, reason=REASON)
    await marks.accept_solution(second.id, by=cast.asker.id)
    await undo((await last_entry()).id, by=moderator, reason=REASON)
    assert (await Solution.get(thread_id=thread.id)).post_id == second.id
    assert (await Post.get(id=first.id)).hidden_at is None
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_every_simple_act_is_undone(cast: Cast, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="As it was", tags=("one", "two"))
    opening, by = await opening_of(thread), await viewer_for(cast.moderator)

    async def state() -> tuple[object, ...]:
        now = await Thread.get(id=thread.id)
        marks_ = (now.hidden_at is None, now.locked_at is None, now.pinned_at is None)
        return (*marks_, now.title, now.slug, now.tag_names, now.space_id, now.status)

    async def retitle() -> None:
        await retitling.retitle_thread(thread.id, title="Another", tags=("three",), by=by, reason=REASON)

    async def move() -> None:
        await order.move_thread(thread.id, to_space=cast.hidden_space.id, by=by, reason=REASON)

    async def pin_and_move() -> None:
        await order.pin_thread(thread.id, by=by, reason=REASON)

    for act in (
        lambda: order.hide_post(opening.id, by=by, reason=REASON),
        lambda: order.lock_thread(thread.id, by=by, reason=REASON),
        lambda: order.pin_thread(thread.id, by=by, reason=REASON),
        retitle,
        move,
    ):
        before = await state()
        await act()
        assert await state() != before
        entry = await last_entry()
        await undo(entry.id, by=by, reason="A mistake.")
        assert await state() == before
        with pytest.raises(RuleBroken):
            await undo(entry.id, by=by, reason="A mistake.")
        await assert_figures_are_right()
    await pin_and_move()
    pinned = await state()
    await move()
    await undo((await last_entry()).id, by=by, reason="A mistake.")
    assert await state() == pinned
    await deliver(search_engine)
    assert ("thread_retitled", "A mistake.") in await told(cast.asker)


async def test_a_move_is_not_undone_over_what_was_written_for_fewer(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    by = await viewer_for(cast.moderator)
    await order.move_thread(thread.id, to_space=cast.hidden_space.id, by=by, reason=REASON)
    entry = await last_entry()
    answer = await make_answer(thread, cast.helper)
    with pytest.raises(RuleBroken, match="more people could read"):
        await undo(entry.id, by=by, reason="A mistake.")
    assert (await Thread.get(id=thread.id)).space_id == cast.hidden_space.id
    await Post.filter(id=answer.id).delete()
    await undo(entry.id, by=by, reason="A mistake.")
    assert (await Thread.get(id=thread.id)).space_id == cast.open_space.id


async def test_what_a_colleague_has_confirmed_meanwhile_is_not_undone(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    by, colleague = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    flag_id = await flag(answer, cast.outsider)
    await order.hide_post(answer.id, by=by, reason=REASON)
    entry = await last_entry()
    await upholding.uphold_flags(
        answer.id, [flag_id], measure=Measure.HIDE, by=colleague, reason="It stays hidden."
    )
    with pytest.raises(RuleBroken):
        await undo(entry.id, by=by, reason="A mistake.")
    assert (await Post.get(id=answer.id)).hidden_at is not None


async def test_a_title_is_not_put_back_over_a_later_edit(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="First")
    by = await viewer_for(cast.moderator)
    await retitling.retitle_thread(thread.id, title="Second", tags=(), by=by, reason=REASON)
    entry, opening = await last_entry(), await opening_of(thread)
    await actions.edit_post(opening.id, body="More details", version=2, by=cast.asker.id, title="Third")
    browser = await visit(cast.moderator)
    late = await browser.post(
        f"/moderation/log/{entry.id}/undo", data={"reason": "A mistake."}, headers=ORIGIN
    )
    assert late.status_code == 409
    assert "edited since" in late.text
    assert (await Thread.get(id=thread.id)).title == "Third"


async def test_nobody_undoes_what_a_colleague_did_to_their_own_post(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.moderator)
    await order.lock_thread(thread.id, by=await viewer_for(cast.administrator), reason=REASON)
    entry = await last_entry()
    browser = await visit(cast.moderator)
    assert (await browser.get(f"/moderation/log/{entry.id}/undo")).status_code == 403
    sent = await browser.post(f"/moderation/log/{entry.id}/undo", data={"reason": REASON}, headers=ORIGIN)
    assert sent.status_code == 403
    assert (await Thread.get(id=thread.id)).locked_at is not None


async def test_other_entries_and_strangers_have_nothing_to_undo(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await actions.edit_post(
        answer.id,
        body="Edited",
        version=1,
        by=cast.moderator.id,
        staff=await viewer_for(cast.moderator),
        reason=REASON,
    )
    edited = await last_entry()
    await order.lock_thread(thread.id, by=await viewer_for(cast.moderator), reason=REASON)
    locked = await last_entry()
    moderator = await visit(cast.moderator)
    for entry_id in (edited.id, locked.id + 1000):
        assert (await moderator.get(f"/moderation/log/{entry_id}/undo")).status_code == 404
    for member in (cast.asker, cast.marketing):
        browser = await visit(member)
        assert (await browser.get(f"/moderation/log/{locked.id}/undo")).status_code == 404


@pytest.mark.each_database
async def test_of_two_who_undo_at_once_one_does(fresh_database: str) -> None:
    from tests.cast import make_cast

    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    by = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=by, reason=REASON)
    entry = await last_entry()
    done = await asyncio.gather(
        *(undo(entry.id, by=by, reason=REASON) for _ in range(4)), return_exceptions=True
    )
    assert sorted(type(each).__name__ for each in done) == ["LogLine", *["RuleBroken"] * 3]
    assert (await Post.get(id=answer.id)).hidden_at is None
    await assert_figures_are_right()
