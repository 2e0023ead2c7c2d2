"""Texts that wait stand in the one queue while they wait, for everybody but their author, with one person on each."""

from __future__ import annotations

import asyncio

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.decisions.claims import TakenBySomebody
from community.decisions.models import LogEntry, WorkItem
from community.decisions.work import WorkKind
from community.members.models import Member
from community.moderation import queue
from community.moderation.claiming import claim_item, release_item
from community.moderation.queue import Wanted
from community.sanctions.rules import Kind
from community.threads import merging, order, splitting
from community.threads.models import Post
from community.threads.splitting import NewThread
from community.threads.unlinking import unlink_author
from community.waiting import actions
from community.waiting.actions import Wording
from community.waiting.following import forget_edits, forget_texts_of
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.sanctions.parts import impose
from tests.waiting.texts import ORIGIN, ask_for_four_eyes, waiting_answer, waiting_edit, waiting_thread

REASON = "It belongs there."


async def seen(member) -> list[int]:
    viewer = await viewer_for(member)
    return [row.number for row in await queue.list_work(viewer, Wanted(kind="text"))]


@pytest.mark.each_database
async def test_a_text_stands_in_the_queue_of_others_as_long_as_it_waits(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    author, other = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    answer = await waiting_answer(thread.id, cast.moderator)
    article = await waiting_thread(cast.open_space, cast.moderator)
    assert await seen(cast.moderator) == []
    assert set(await seen(cast.administrator)) == {answer.id, article.id}
    await actions.refuse_text(answer.id, version=1, by=other, reason="The date is wrong.")
    assert await seen(cast.administrator) == [article.id]
    await actions.rewrite_text(answer.id, Wording("On Tuesday."), version=1, by=author)
    assert set(await seen(cast.administrator)) == {answer.id, article.id}
    await actions.release_text(answer.id, version=2, post_version=0, by=other)
    await actions.take_back_text(article.id, by=author)
    assert await WorkItem.filter(kind="text").count() == 0


@pytest.mark.each_database
async def test_who_comes_second_is_told_who_is_on_it(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.marketing)
    item = await WorkItem.get(kind="text")
    jana, tom = await visit(cast.moderator), await visit(cast.administrator)
    url = f"/moderation/waiting/{text.id}"
    assert f"/moderation/items/{item.id}/claim" in (await jana.get(url)).text
    assert (await jana.post(f"/moderation/items/{item.id}/claim", headers=ORIGIN)).status_code == 303
    page = (await tom.get(url)).text
    assert "Jana K. is on it" in page
    assert f'action="{url}/' not in page
    for act in ("release", "refuse", "edit"):
        sent = {"version": "1", "post_version": "0", "reason": "Not like this.", "body": "Mended."}
        late = await tom.post(f"{url}/{act}", data=sent, headers=ORIGIN)
        assert late.status_code == 409, act
        assert "Jana K. is on it." in late.text, act
    assert (await WaitingText.get(id=text.id)).state == "waiting"
    # Its author goes on with it all the same, and she can decide; so can the others once she gives it back.
    await actions.rewrite_text(text.id, Wording("Better."), version=1, by=await viewer_for(cast.marketing))
    await release_item(WorkKind.TEXT, f"text:{text.id}", by=await viewer_for(cast.moderator))
    sent = {"version": "2", "post_version": "0", "next": "1"}
    done = await tom.post(f"{url}/release", data=sent, headers=ORIGIN)
    assert (done.status_code, done.headers["location"]) == (303, "/moderation/next")
    assert (await Post.get(kind="answer")).body == "Better."


async def test_its_author_is_not_given_it(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    text = await waiting_thread(cast.open_space, cast.moderator)
    with pytest.raises(RuleBroken):
        await claim_item(WorkKind.TEXT, f"text:{text.id}", by=await viewer_for(cast.moderator))


@pytest.mark.each_database
async def test_of_a_claim_and_a_decision_at_once_one_comes_first(fresh_database: str) -> None:
    cast = await make_cast()
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    text = await waiting_answer(thread.id, cast.marketing)
    jana, tom = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    claimed, released = await asyncio.gather(
        claim_item(WorkKind.TEXT, f"text:{text.id}", by=jana),
        actions.release_text(text.id, version=1, post_version=0, by=tom),
        return_exceptions=True,
    )
    assert isinstance(claimed, RuleBroken) != isinstance(released, TakenBySomebody), (claimed, released)


@pytest.mark.each_database
async def test_it_goes_where_its_thread_goes(cast: Cast, search_engine: SearchEngine) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread, other = [await make_thread(cast.open_space, cast.asker) for _number in range(2)]
    target = await make_thread(cast.members_space, cast.asker)
    answer = await make_answer(thread, cast.marketing)
    await waiting_answer(thread.id, cast.marketing)
    edit = await waiting_edit(answer.id, cast.marketing, "New words.")
    merged = await waiting_answer(other.id, cast.marketing)
    by = await viewer_for(cast.moderator)
    await splitting.split_thread(thread.id, [answer.id], to=target.id, by=by, reason=REASON, opening_up=True)
    await deliver(search_engine)
    assert await spaces_of(edit, merged) == [cast.members_space.id, cast.open_space.id]
    await merging.merge_threads(other.id, into=target.id, by=by, reason=REASON, opening_up=True)
    await order.move_thread(thread.id, to_space=cast.discussions.id, by=by, reason=REASON)
    await deliver(search_engine)
    assert await spaces_of(edit, merged) == [cast.members_space.id] * 2
    assert await WorkItem.filter(space_id=cast.discussions.id).count() == 1


async def spaces_of(*texts: WaitingText) -> list[int]:
    return [(await WorkItem.get(subject=f"text:{text.id}")).space_id for text in texts]


async def test_it_goes_with_its_author_and_with_its_post(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    thread = await make_thread(cast.open_space, cast.asker)
    post = await make_answer(thread, cast.marketing)
    await waiting_edit(post.id, cast.marketing, "New words.")
    answer = await waiting_answer(thread.id, cast.marketing)
    await forget_edits(post.id)
    assert await seen(cast.administrator) == [answer.id]
    await forget_texts_of(cast.marketing.id)
    assert await WorkItem.filter(kind="text").count() == 0
    assert await WaitingText.all().count() == 0


@pytest.mark.each_database
async def test_nobody_brings_their_own_past_the_second_person_by_splitting_and_merging(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    strict = await make_thread(cast.open_space, cast.asker)
    loose = await make_thread(cast.members_space, cast.asker)
    own, theirs = await make_answer(loose, cast.moderator), await make_answer(loose, cast.helper)
    by, colleague = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    told = {"reason": REASON, "opening_up": True}
    for target in (strict.id, NewThread(cast.open_space.id, "All is well")):
        with pytest.raises(RuleBroken, match="second person"):
            await splitting.split_thread(loose.id, [own.id], to=target, by=by, **told)
    with pytest.raises(RuleBroken, match="second person"):
        await merging.merge_threads(loose.id, into=strict.id, by=by, **told)
    # What others wrote, and what a colleague looks at, is moved; a new title over a text of staff waits for none.
    await splitting.split_thread(
        loose.id, [theirs.id], to=NewThread(cast.open_space.id, "Theirs"), by=by, **told
    )
    with pytest.raises(RuleBroken, match="second person"):
        title = NewThread(cast.open_space.id, "All is well")
        await splitting.split_thread(loose.id, [own.id], to=title, by=colleague, **told)
    await splitting.split_thread(loose.id, [own.id], to=strict.id, by=colleague, **told)
    assert (await Post.get(id=own.id)).thread_id == strict.id


async def test_nor_by_taking_a_split_back(cast: Cast) -> None:
    strict = await make_thread(cast.open_space, cast.asker)
    loose = await make_thread(cast.members_space, cast.asker)
    own = await make_answer(strict, cast.moderator)
    by, colleague = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await splitting.split_thread(strict.id, [own.id], to=loose.id, by=by, reason=REASON, opening_up=True)
    await ask_for_four_eyes(cast.open_space)
    entry = await split_entry()
    with pytest.raises(RuleBroken, match="second person"):
        await splitting.unsplit_thread(entry, at=now(), thread_id=strict.id, by=by, reason=REASON)
    await splitting.unsplit_thread(entry, at=now(), thread_id=strict.id, by=colleague, reason=REASON)
    assert (await Post.get(id=own.id)).thread_id == strict.id
    assert (await opening_of(strict)).id != own.id


async def split_entry() -> dict:
    return (await LogEntry.get(act="split_thread")).details


async def test_who_takes_an_item_back_leaves_it_to_whoever_is_on_it(cast: Cast, visit: Visit) -> None:
    await ask_for_four_eyes(cast.open_space)
    text = await waiting_answer((await make_thread(cast.open_space, cast.asker)).id, cast.marketing)
    await claim_item(WorkKind.TEXT, f"text:{text.id}", by=await viewer_for(cast.moderator))
    item = await WorkItem.get(kind="text")
    other = await visit(cast.administrator)
    assert (await other.post(f"/moderation/items/{item.id}/wake", headers=ORIGIN)).status_code == 303
    assert (await WorkItem.get(kind="text")).claimed_by == cast.moderator.id


async def test_an_edit_does_not_bring_back_a_nickname_that_was_taken_off(
    cast: Cast, search_engine: SearchEngine
) -> None:
    await ask_for_four_eyes(cast.open_space)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.marketing)
    await waiting_edit(answer.id, cast.marketing, "Differently said, and longer than before.")
    await unlink_author(answer.id, whole_thread=False, by=await viewer_for(cast.moderator), reason=REASON)
    await deliver(search_engine)
    assert await WaitingText.all().count() == 0
    assert await WorkItem.filter(kind="text").count() == 0


async def test_an_edit_of_whoever_may_not_write_any_more_is_not_released(cast: Cast) -> None:
    await ask_for_four_eyes(cast.open_space)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.marketing)
    text = await waiting_edit(answer.id, cast.marketing, "Differently said, and longer than before.")
    # Staff are not sanctioned; somebody who is not staff any more is.
    await Member.filter(id=cast.marketing.id).update(role="customer")
    await impose(cast, await Member.get(id=cast.marketing.id), Kind.MUTE)
    with pytest.raises(RuleBroken, match="author may not write there"):
        await actions.release_text(text.id, version=1, post_version=1, by=await viewer_for(cast.moderator))
    with pytest.raises(RuleBroken):
        await actions.rewrite_text(text.id, Wording("Again."), version=1, by=await viewer_for(cast.marketing))
