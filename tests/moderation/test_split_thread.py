"""Taking answers out of a thread, to a new or another one: nothing is lost, and undoing brings them back."""

from __future__ import annotations

import pytest

from community.core.errors import NotFound, RuleBroken
from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos
from community.ranks import points
from community.spaces.models import Space
from community.threads import marks, merging, order, splitting
from community.threads.models import Post, Satisfaction, Solution, Thread
from community.threads.splitting import NewThread
from community.threads.undoing import undo
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told
from tests.moderation.test_merge_threads import state


async def split(cast: Cast, thread: Thread, *posts: Post, to: int | NewThread) -> int:
    by = await viewer_for(cast.moderator)
    return await splitting.split_thread(thread.id, [post.id for post in posts], to=to, by=by, reason=REASON)


async def last_entry() -> LogEntry:
    entry = await LogEntry.all().order_by("-id").first()
    assert entry is not None
    return entry


@pytest.mark.each_database
async def test_answers_become_a_thread_of_their_own(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="The lamp flickers")
    stays = await make_answer(thread, cast.colleague, body="Turn it off")
    first = await make_answer(thread, cast.outsider, body="Quixotic other question")
    second = await make_answer(thread, cast.helper, body="Answer to the other one")
    comment = await make_comment(first, cast.asker)
    await give_kudos(first.id, by=cast.helper.id)
    await marks.accept_solution(second.id, by=cast.asker.id)
    await deliver(search_engine)
    browser, guest = await visit(cast.moderator), await visit()
    url = f"/moderation/threads/{thread.id}/split"
    assert "Quixotic other question" in (await browser.get(url)).text
    data = {
        "post": [str(first.id), str(second.id)],
        "title": "Zanzibar modem",
        "space": cast.open_space.slug,
        "reason": REASON,
    }
    preview = (await browser.post(url, data=data, headers=ORIGIN)).text
    assert "2 answers with their comments become the new thread “Zanzibar modem”" in preview
    assert "this question is open again" in preview
    mark = preview.split('name="confirmed" value="')[1].split('"')[0]
    sent = await browser.post(url, data=data | {"confirmed": mark}, headers=ORIGIN)
    assert sent.status_code == 303
    made = await Thread.get(title="Zanzibar modem")
    where = f"/threads/{made.id}-zanzibar-modem"
    assert sent.headers["location"] == where
    page = (await guest.get(where)).text
    for text in ("Quixotic other question", "Answer to the other one", "Moved here from “The lamp flickers”"):
        assert text in page
    assert f"/threads/{thread.id}-{thread.slug}" in page
    old = (await guest.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Turn it off" in old
    assert "Quixotic other question" not in old
    assert where in old
    for post in (first, second, comment):
        assert (await guest.get(f"/posts/{post.id}")).headers["location"].startswith(where)
    assert (made.author_id, made.status, made.kudos_count, made.answer_count) == (
        cast.outsider.id,
        "solved",
        1,
        1,
    )
    assert made.created_at == first.created_at
    assert (await Solution.get(thread_id=made.id)).post_id == second.id
    left = await Thread.get(id=thread.id)
    assert (left.status, left.answer_count) == ("open", 1)
    assert (await Post.get(id=stays.id)).thread_id == thread.id
    space = await Space.get(id=cast.open_space.id)
    assert (space.thread_count, space.solved_count) == (2, 1)
    await assert_figures_are_right()
    await deliver(search_engine)
    assert not await points.recount()
    for member in (cast.outsider, cast.helper):
        assert ("posts_carried", REASON) in await told(member)
    assert ("thread_split", REASON) in await told(cast.asker)
    found = (await guest.get("/search?q=quixotic")).text
    assert where in found
    assert f"/threads/{thread.id}-" not in found


@pytest.mark.each_database
async def test_undoing_brings_the_answers_and_the_solution_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    other = await make_thread(cast.members_space, cast.colleague)
    await make_answer(thread, cast.outsider)
    answer = await make_answer(thread, cast.helper)
    await make_comment(answer, cast.asker)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await deliver(search_engine)
    moderator = await viewer_for(cast.moderator)
    before = await state()
    for to in (other.id, NewThread(cast.members_space.id, "Another")):
        target_id = await split(cast, thread, answer, to=to)
        await assert_figures_are_right()
        # In another question it is the solution still; the question that it opens has none.
        assert await Solution.all().count() == (1 if to == other.id else 0)
        entry = await last_entry()
        await undo(entry.id, by=moderator, reason="It belonged there.")
        await assert_figures_are_right()
        made = await Thread.filter(merged_into_id=thread.id).values_list("id", flat=True)
        now = [row for row in await state() if row[0] not in made and row[1] not in made]
        assert now == before
        assert (await Satisfaction.get(thread_id=thread.id)).withdrawn_at is None
        with pytest.raises(RuleBroken):
            await undo(entry.id, by=moderator, reason="It belonged there.")
    reader = await visit(cast.asker)
    assert (await reader.get(f"/threads/{target_id}")).headers["location"] == (
        f"/threads/{thread.id}-{thread.slug}"
    )
    await deliver(search_engine)
    assert not await points.recount()
    assert ("thread_unsplit", "It belonged there.") in await told(cast.asker)


@pytest.mark.parametrize("since", ["answered", "merged", "moved on", "accepted"])
async def test_it_is_not_undone_over_what_has_changed_since(cast: Cast, since: str) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    first, second = await make_answer(thread, cast.helper), await make_answer(thread, cast.outsider)
    target_id = await split(cast, thread, first, second, to=NewThread(cast.open_space.id, "Another"))
    entry, moderator = await last_entry(), await viewer_for(cast.moderator)
    target = await Thread.get(id=target_id)
    if since == "answered":
        await make_answer(target, cast.colleague)
    elif since == "accepted":
        await marks.accept_solution(second.id, by=cast.helper.id)
    elif since == "moved on":
        await split(cast, target, second, to=(await make_thread(cast.open_space, cast.asker)).id)
    else:
        await merging.merge_threads(target_id, into=thread.id, by=moderator, reason=REASON)
    before = await state()
    with pytest.raises(RuleBroken):
        await undo(entry.id, by=moderator, reason=REASON)
    assert await state() == before


async def test_where_it_came_from_is_named_only_to_those_who_may_read_it(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker, title="Zanzibar secret")
    answer = await make_answer(thread, cast.helper)
    moderator = await viewer_for(cast.moderator)
    new = NewThread(cast.open_space.id, "In the open")
    with pytest.raises(RuleBroken):
        await split(cast, thread, answer, to=new)
    target_id = await splitting.split_thread(
        thread.id, [answer.id], to=new, by=moderator, reason=REASON, opening_up=True
    )
    url = f"/threads/{target_id}-in-the-open"
    for member in (None, cast.outsider):
        page = (await (await visit(member) if member else await visit()).get(url)).text
        assert "Moved here from another thread" in page
        assert "Zanzibar" not in page
        assert str(thread.id) not in page
    assert "Moved here from “Zanzibar secret”" in (await (await visit(cast.asker)).get(url)).text


async def test_only_visible_answers_of_the_thread_are_taken_out(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    other = await make_thread(cast.open_space, cast.asker)
    answer, elsewhere = await make_answer(thread, cast.helper), await make_answer(other, cast.helper)
    comment = await make_comment(answer, cast.asker)
    for wrong in (elsewhere, comment):
        with pytest.raises(NotFound):
            await split(cast, thread, wrong, to=NewThread(cast.open_space.id, "Another"))
    with pytest.raises(RuleBroken):
        await split(cast, thread, answer, to=thread.id)
    with pytest.raises(RuleBroken):
        await split(cast, thread, answer, to=NewThread(cast.blog.id, "An article"))
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    with pytest.raises(RuleBroken):
        await split(cast, thread, answer, to=other.id)
    browser, url = await visit(cast.moderator), f"/moderation/threads/{thread.id}/split"
    for data in ({}, {"post": str(elsewhere.id), "title": "", "space": "nowhere", "into": ""}, {"into": "x"}):
        assert (await browser.post(url, data=data | {"reason": REASON}, headers=ORIGIN)).status_code == 422
    assert (await (await visit(cast.asker)).get(url)).status_code == 404
    await assert_figures_are_right()
