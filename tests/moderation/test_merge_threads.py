"""Merging two threads: what was written, thanked, followed and linked is kept; undoing takes all of it back."""

from __future__ import annotations

import asyncio

import pytest

from community.core.clock import now
from community.core.db import fetch
from community.core.errors import RuleBroken
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry
from community.faq.models import EntrySource
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.moderation.erasing import erase_post
from community.notifications.models import Notification
from community.ranks import points
from community.spaces.models import Space
from community.threads import actions, marks, merging, order
from community.threads.models import Draft, Follow, Mute, Post, SameProblem, Solution, Thread
from community.threads.splitting import split_thread
from community.threads.undoing import undo
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_entry, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told


async def merge(cast: Cast, source: Thread, target: Thread, *, opening_up: bool = False) -> LogEntry:
    by = await viewer_for(cast.moderator)
    await merging.merge_threads(source.id, into=target.id, by=by, reason=REASON, opening_up=opening_up)
    entry = await LogEntry.all().order_by("-id").first()
    assert entry is not None
    return entry


async def state() -> list[tuple[object, ...]]:
    """Everything that a merge touches, but for versions and the members' own views of time."""
    rows: list[tuple[object, ...]] = [
        tuple(row)
        for row in await Thread.all()
        .order_by("id")
        .values_list(
            "id",
            "space_id",
            "status",
            "answer_count",
            "kudos_count",
            "same_problem_count",
            "hidden_at",
            "title",
        )
    ]
    rows += (
        await Post.all().order_by("id").values_list("id", "thread_id", "kind", "kudos_count", "moved_from_id")
    )
    rows += (
        await Solution.all()
        .order_by("id")
        .values_list("id", "thread_id", "post_id", "accepted_at", "by_staff")
    )
    for model in (Follow, Mute, SameProblem):
        rows += await model.all().order_by("id").values_list("id", "thread_id", "member_id")
    rows += await Draft.all().order_by("id").values_list("id", "place")
    rows += (
        await Space.all().order_by("id").values_list("id", "thread_count", "solved_count", "last_activity_at")
    )
    rows += await Member.all().order_by("id").values_list("id", "kudos_count", "solution_count")
    return rows


@pytest.mark.each_database
async def test_two_threads_become_one_and_old_addresses_lead_there(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    source = await make_thread(
        cast.open_space, cast.outsider, title="Zanzibar lamp", body="Quixotic flickering"
    )
    answer = await make_answer(source, cast.helper, body="Turn it off")
    comment = await make_comment(answer, cast.outsider)
    target = await make_thread(cast.open_space, cast.asker, title="The lamp flickers")
    opening = await opening_of(source)
    await give_kudos(opening.id, by=cast.helper.id)
    await give_kudos(answer.id, by=cast.asker.id)
    await marks.accept_solution(answer.id, by=cast.outsider.id)
    await marks.mark_same_problem(source.id, by=cast.colleague.id)
    await marks.follow_thread(source.id, by=cast.colleague.id)
    await actions.save_draft(f"answer:{source.id}", by=cast.colleague.id, body="What I was writing")
    entry_made = await make_entry(answer, answer="Turn it off")
    await deliver(search_engine)
    browser, guest = await visit(cast.moderator), await visit()
    url = f"/moderation/threads/{source.id}/merge"
    assert (await browser.get(url)).status_code == 200
    into = f"http://127.0.0.1:8000/threads/{target.id}-{target.slug}?page=1#answers"
    preview = await browser.post(url, data={"into": into, "reason": REASON}, headers=ORIGIN)
    assert "The solution of this thread becomes the solution of the other one." in preview.text
    assert (await Thread.get(id=source.id)).merged_into_id is None
    data = {"into": into, "reason": REASON, "confirmed": str(target.id)}
    sent = await browser.post(url, data=data, headers=ORIGIN)
    where = f"/threads/{target.id}-{target.slug}"
    assert (sent.status_code, sent.headers["location"]) == (303, where)
    for old in (
        f"/threads/{source.id}",
        f"/threads/{source.id}-{source.slug}",
        f"/threads/{source.id}-x?page=2",
    ):
        for reader in (guest, browser):
            moved = await reader.get(old)
            assert (moved.status_code, moved.headers["location"]) == (301, where)
    feed = await guest.get(f"/feeds/threads/{source.id}.atom")
    assert feed.headers["location"] == f"/feeds/threads/{target.id}.atom"
    page = (await guest.get(where)).text
    assert "From the merged thread “Zanzibar lamp”" in page
    for text in ("Quixotic flickering", "Turn it off"):
        assert text in page
    for post, anchor in ((opening, "post"), (answer, "post"), (comment, "comment")):
        assert (await guest.get(f"/posts/{post.id}")).headers["location"].endswith(f"#{anchor}-{post.id}")
    assert "Zanzibar lamp" not in (await guest.get(f"/spaces/{cast.open_space.slug}")).text
    # Somebody sends the answer that they have been writing under the old address.
    member = await visit(cast.colleague)
    late = await member.post(f"/threads/{source.id}/answers", data={"body": "x"}, headers=ORIGIN)
    assert (late.status_code, late.headers["location"]) == (308, f"/threads/{target.id}/answers")
    assert "What I was writing" in (await member.get(where)).text
    merged = await Thread.get(id=target.id)
    assert (merged.status, merged.answer_count, merged.same_problem_count) == ("solved", 2, 1)
    assert (await Solution.get(thread_id=target.id)).post_id == answer.id
    assert await Follow.exists(thread_id=target.id, member_id=cast.colleague.id)
    space = await Space.get(id=cast.open_space.id)
    assert (space.thread_count, space.solved_count) == (1, 1)
    await assert_figures_are_right()
    await deliver(search_engine)
    assert not await points.recount()
    assert (await EntrySource.filter(entry_id=entry_made.id).first()).thread_id == target.id  # type: ignore[union-attr]
    about = await Notification.filter(post_id__in=[opening.id, answer.id, comment.id])
    assert {row.thread_id for row in about} == {target.id}
    assert ("thread_merged", REASON) in await told(cast.outsider)
    found = (await guest.get("/search?q=quixotic")).text
    assert where in found
    assert f"/threads/{source.id}" not in found


@pytest.mark.each_database
async def test_undoing_a_merge_takes_all_of_it_back(cast: Cast, search_engine: SearchEngine) -> None:
    source = await make_thread(cast.members_space, cast.outsider, title="Zanzibar")
    target = await make_thread(cast.members_space, cast.asker)
    first, second = await make_answer(source, cast.helper), await make_answer(target, cast.colleague)
    await make_comment(first, cast.asker)
    await give_kudos((await opening_of(source)).id, by=cast.helper.id)
    await marks.accept_solution(first.id, by=cast.outsider.id)
    await marks.accept_solution(second.id, by=cast.asker.id)
    await marks.follow_thread(source.id, by=cast.asker.id)
    await marks.mute_thread(target.id, by=cast.colleague.id)
    await marks.follow_thread(source.id, by=cast.colleague.id)
    await marks.mute_thread(source.id, by=cast.moderator.id)
    await marks.mark_same_problem(source.id, by=cast.asker.id)
    await marks.mark_same_problem(source.id, by=cast.colleague.id)
    for thread in (source, target):
        await actions.save_draft(f"answer:{thread.id}", by=cast.helper.id, body=f"Draft in {thread.id}")
    await deliver(search_engine)
    before = await state()
    entry = await merge(cast, source, target)
    await assert_figures_are_right()
    # What somebody has said about the other thread holds; the asker has no "same problem" of their own.
    assert await Mute.exists(thread_id=target.id, member_id=cast.colleague.id)
    assert not await Follow.exists(thread_id=target.id, member_id=cast.colleague.id)
    assert await Mute.exists(thread_id=target.id, member_id=cast.moderator.id)
    assert not await SameProblem.exists(thread_id=target.id, member_id=cast.asker.id)
    assert (await Solution.get(thread_id=target.id)).post_id == second.id
    assert await Solution.all().count() == 1
    assert f"Draft in {source.id}" in (await Draft.get(place=f"answer:{target.id}")).body
    await deliver(search_engine)
    assert ("solution_merged", REASON) in await told(cast.helper)
    assert not await points.recount()
    await undo(entry.id, by=await viewer_for(cast.administrator), reason="They were two.")
    assert await state() == before
    await assert_figures_are_right()
    await deliver(search_engine)
    assert not await points.recount()
    assert ("thread_unmerged", "They were two.") in await told(cast.outsider)
    with pytest.raises(RuleBroken):
        await undo(entry.id, by=await viewer_for(cast.administrator), reason="They were two.")
    # They can be merged again, the other way round as well.
    await merge(cast, target, source)
    await assert_figures_are_right()


async def test_what_came_after_a_merge_stays_and_comments_go_with_their_posts(cast: Cast) -> None:
    source = await make_thread(cast.open_space, cast.outsider)
    target = await make_thread(cast.open_space, cast.asker)
    entry = await merge(cast, source, target)
    opening = await opening_of(target)
    moved = await Post.get(moved_from_id=source.id)
    later = await make_answer(target, cast.helper)
    remark = await actions.add_comment(moved.id, target.id, body="To the moved one", by=cast.helper.id)
    await undo(entry.id, by=await viewer_for(cast.moderator), reason=REASON)
    assert (await Post.get(id=later.id)).thread_id == target.id
    assert (await Post.get(id=remark)).thread_id == source.id
    assert (await Post.get(id=moved.id)).kind == "opening"
    assert (await opening_of(target)).id == opening.id
    await assert_figures_are_right()


@pytest.mark.parametrize("since", ["accepted", "hidden", "target merged", "target hidden"])
async def test_a_merge_is_not_undone_over_what_has_changed_since(cast: Cast, since: str) -> None:
    source = await make_thread(cast.open_space, cast.outsider)
    answer = await make_answer(source, cast.helper)
    target = await make_thread(cast.open_space, cast.asker)
    moderator = await viewer_for(cast.moderator)
    entry = await merge(cast, source, target)
    moved = await Post.get(moved_from_id=source.id)
    if since == "accepted":
        await marks.accept_solution(answer.id, by=cast.asker.id)
    elif since == "hidden":
        await order.hide_post(moved.id, by=moderator, reason=REASON)
    elif since == "target hidden":
        await order.hide_post((await opening_of(target)).id, by=moderator, reason=REASON)
    else:
        await merge(cast, target, await make_thread(cast.open_space, cast.colleague))
    before = await state()
    with pytest.raises(RuleBroken):
        await undo(entry.id, by=moderator, reason=REASON)
    assert await state() == before


async def test_what_is_closed_is_not_opened_without_saying_so(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    source = await make_thread(cast.hidden_space, cast.asker, title="Quixotic secret")
    target = await make_thread(cast.open_space, cast.outsider)
    browser, guest = await visit(cast.moderator), await visit()
    url = f"/moderation/threads/{source.id}/merge"
    data = {"into": str(target.id), "reason": REASON, "confirmed": str(target.id)}
    refused = await browser.post(url, data=data, headers=ORIGIN)
    assert refused.status_code == 409
    assert "everyone on the internet can read it" in refused.text
    assert (await guest.get(f"/threads/{source.id}")).status_code == 404
    sent = await browser.post(url, data=data | {"opening_up": "1"}, headers=ORIGIN)
    assert sent.status_code == 303
    assert (await guest.get(f"/threads/{source.id}")).status_code == 301
    await assert_figures_are_right()
    await deliver(search_engine)
    assert "secret" in (await guest.get(f"/threads/{target.id}-{target.slug}")).text


@pytest.mark.parametrize("since", ["commented", "edited"])
async def test_undoing_reveals_nothing_that_was_written_for_fewer(cast: Cast, since: str) -> None:
    """Merged into a closed space, the thread is spoken in freely; that does not become public by taking it back."""
    source = await make_thread(cast.open_space, cast.asker)
    target = await make_thread(cast.hidden_space, cast.asker)
    entry = await merge(cast, source, target)
    moved = await Post.get(moved_from_id=source.id)
    if since == "commented":
        await actions.add_comment(moved.id, target.id, body="Between us", by=cast.helper.id)
    else:
        await actions.edit_post(moved.id, body="Now with what is between us", version=1, by=cast.asker.id)
    with pytest.raises(RuleBroken):
        await undo(entry.id, by=await viewer_for(cast.moderator), reason=REASON)
    assert (await Post.get(id=moved.id)).thread_id == target.id


async def test_a_title_goes_no_further_than_the_thread_that_holds_it(cast: Cast, visit: Visit) -> None:
    """Split from a closed thread into an open one; then the closed one is merged into another closed one."""
    closed = await make_thread(cast.hidden_space, cast.asker, title="Quixotic secret")
    answer = await make_answer(closed, cast.helper)
    public = await make_thread(cast.open_space, cast.asker)
    moderator = await viewer_for(cast.moderator)
    await split_thread(closed.id, [answer.id], to=public.id, by=moderator, reason=REASON, opening_up=True)
    await merge(cast, closed, await make_thread(cast.hidden_space, cast.asker))
    url = f"/threads/{public.id}-{public.slug}"
    assert "Quixotic" not in (await (await visit()).get(url)).text
    assert "Quixotic" in (await (await visit(cast.moderator)).get(url)).text


async def test_the_title_of_a_merged_thread_is_erased_with_its_post(cast: Cast) -> None:
    source = await make_thread(cast.open_space, cast.asker, title="Quixotic secret")
    target = await make_thread(cast.open_space, cast.outsider)
    await merge(cast, source, target)
    moved = await Post.get(moved_from_id=source.id)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(moved.id, by=moderator, reason=REASON)
    await erase_post(moved.id, ground=Ground(GroundKind.PRIVACY), by=moderator, reason=REASON)
    assert "uixotic" not in str(await fetch("SELECT title, slug, tag_names FROM threads", {}))


async def test_who_may_not_read_the_other_thread_finds_nothing_and_learns_why(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    source = await make_thread(cast.open_space, cast.asker, title="Quixotic lamp")
    await make_answer(source, cast.outsider)
    target = await make_thread(cast.hidden_space, cast.asker, title="Zanzibar secret")
    await deliver(search_engine)
    await merge(cast, source, target)
    await deliver(search_engine)
    guest, outsider, asker = await visit(), await visit(cast.outsider), await visit(cast.asker)
    nowhere = await guest.get(f"/threads/{target.id + 1}")
    for browser in (guest, outsider):
        for path in (f"/threads/{source.id}", f"/feeds/threads/{source.id}.atom"):
            assert (await browser.get(path)).status_code == 404
        assert "Zanzibar" not in (await browser.get("/search?q=quixotic")).text
    gone = await guest.get(f"/threads/{source.id}")
    assert gone.text.replace(str(source.id), "") == nowhere.text.replace(str(target.id + 1), "")
    sent = await outsider.post(f"/threads/{source.id}/follow", headers=ORIGIN)
    assert sent.status_code == 404
    assert (await asker.get(f"/threads/{source.id}")).status_code == 301
    assert ("thread_merged_away", REASON) in await told(cast.outsider)
    news = (await outsider.get("/notifications")).text
    assert "Zanzibar" not in news
    assert str(target.id) not in news


async def test_what_does_not_fit_is_refused(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    moderator = await viewer_for(cast.moderator)
    hidden = await make_thread(cast.open_space, cast.outsider)
    await order.hide_post((await opening_of(hidden)).id, by=moderator, reason=REASON)
    talk = await make_thread(cast.discussions, cast.outsider)
    for other in (hidden, talk, thread):
        with pytest.raises(RuleBroken):
            await merge(cast, thread, other)
    with pytest.raises(RuleBroken):
        await merge(cast, hidden, thread)
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/merge"
    for wrong in ("", "nonsense", "99999999", str(thread.id), "9" * 16):
        sent = await browser.post(url, data={"into": wrong, "reason": REASON}, headers=ORIGIN)
        assert sent.status_code == 422, wrong
    for member in (cast.asker, cast.marketing):
        assert (await (await visit(member)).get(url)).status_code == 404


@pytest.mark.each_database
async def test_merges_in_a_circle_at_the_same_time_do_not_wait_for_each_other(fresh_database: str) -> None:
    from tests.cast import make_cast

    cast = await make_cast()
    threads = [await make_thread(cast.open_space, cast.asker) for _ in range(3)]
    for thread in threads:
        await make_answer(thread, cast.helper)
    pairs = [(threads[0], threads[1]), (threads[1], threads[2]), (threads[2], threads[0])]
    done = await asyncio.wait_for(
        asyncio.gather(*(merge(cast, a, b) for a, b in pairs), return_exceptions=True), 60
    )
    assert not [each for each in done if not isinstance(each, RuleBroken | LogEntry)]
    shown = await Thread.filter(hidden_at=None)
    assert len(shown) == 1
    assert await Post.filter(thread_id=shown[0].id).count() == 6
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_kudos_given_while_threads_are_merged_are_counted(fresh_database: str) -> None:
    from tests.cast import make_cast

    cast = await make_cast()
    source = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(source, cast.helper)
    target = await make_thread(cast.open_space, cast.asker)
    await asyncio.gather(
        merge(cast, source, target, opening_up=True),
        *(give_kudos(answer.id, by=member.id) for member in (cast.asker, cast.colleague, cast.moderator)),
    )
    assert (await Post.get(id=answer.id)).kudos_count == 3
    await assert_figures_are_right()


async def test_an_answer_that_waits_for_a_merged_thread_waits_for_the_other_one(
    cast: Cast, search_engine: SearchEngine
) -> None:
    source = await make_thread(cast.open_space, cast.asker)
    target = await make_thread(cast.members_space, cast.asker)
    text = await WaitingText.create(
        kind="answer",
        why="four_eyes",
        space_id=source.space_id,
        thread_id=source.id,
        author_id=cast.moderator.id,
        body="Not released yet",
        submitted_at=now(),
    )
    await merge(cast, source, target)
    await deliver(search_engine)
    assert (await WaitingText.get(id=text.id)).thread_id == target.id  # type: ignore[attr-defined]
