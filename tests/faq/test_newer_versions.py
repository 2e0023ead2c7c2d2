"""What happens to sources while a newer version of the entry is in work, waits, or is to be released by itself."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.consequences.telling import tell_credited_helpers
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.core.errors import RuleBroken
from community.decisions.models import WorkItem
from community.faq import actions, editorial
from community.faq.claims import list_holders
from community.faq.freshness import adopt_solution, confirm_entry, look_at
from community.faq.listing import Wanted, list_editorial
from community.faq.models import Entry, EntrySource
from community.faq.schedules import list_schedules
from community.faq.scheduling import release_due, schedule_release
from community.faq.source_queries import list_editorial_sources
from community.faq.taking import take_entry
from community.notifications.models import Notification
from community.threads import marks, order
from community.threads.actions import edit_post
from community.threads.erasure import erase_texts
from community.threads.models import Post
from tests.cast import Cast
from tests.factories import make_answer, viewer_for
from tests.faq.entries import causes_of, make_draft, make_published, make_solved, seen_by

REASON = "Somebody asked for it."


async def _answer_of(entry_id: int) -> Post:
    source = await EntrySource.filter(entry_id=entry_id).order_by("id").prefetch_related("post")
    return next(one.post for one in source if one.post.kind == "answer")


async def _seen(cast: Cast, entry_id: int) -> str:
    return await seen_by(await viewer_for(cast.moderator), entry_id)


async def _newer_in_review(cast: Cast, *, scheduled: bool = False) -> int:
    """A released entry of which the moderator's second version waits for the administrator."""
    entry_id, moderator = await make_published(cast), await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=moderator, seen=await _seen(cast, entry_id))
    await actions.send_for_review(entry_id, version=2, by=moderator, seen=await _seen(cast, entry_id))
    if scheduled:
        by = await viewer_for(cast.administrator)
        await schedule_release(entry_id, version=2, at=now() + timedelta(hours=1), by=by)
    return entry_id


async def _edit_source(cast: Cast, entry_id: int) -> None:
    answer = await _answer_of(entry_id)
    await edit_post(answer.id, body="Something else in enough words.", version=1, by=cast.helper.id)
    await look_at([entry_id])


async def _accept_another(cast: Cast, post: Post, body: str) -> Post:
    thread = await post.thread
    other = await make_answer(thread, cast.colleague, body)
    await marks.withdraw_solution(thread.id, by=cast.asker.id)
    await marks.accept_solution(other.id, by=cast.asker.id)
    return other


async def _confirm(cast: Cast, entry_id: int) -> None:
    entry = await Entry.get(id=entry_id)
    assert entry.published_version
    await confirm_entry(
        entry_id,
        version=entry.published_version,
        seen=await _seen(cast, entry_id),
        by=await viewer_for(cast.moderator),
    )


@pytest.mark.parametrize("what", ["edited", "hidden", "erased"])
async def test_a_text_whose_source_has_moved_on_is_not_released_by_itself(cast: Cast, what: str) -> None:
    administrator = await viewer_for(cast.administrator)
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    await schedule_release(entry_id, version=1, at=now() + timedelta(hours=1), by=administrator)
    if what == "edited":
        await edit_post(answer.id, body="Something else in enough words.", version=1, by=cast.helper.id)
    elif what == "hidden":
        await order.hide_post(answer.id, by=administrator, reason=REASON)
    else:
        async with in_transaction():
            await erase_texts(cast.helper.id)
    await execute("UPDATE faq_schedules SET due_at = :due", {"due": now() - timedelta(seconds=1)})
    await release_due()
    assert (await Entry.get(id=entry_id)).state == "in_review"
    assert (await list_schedules([entry_id]))[entry_id].has_failed
    assert await WorkItem.filter(kind="faq").count() == 1
    if what != "edited":
        # Nor by a person, before somebody has looked through it with that in view.
        with pytest.raises(RuleBroken, match="hidden or erased"):
            await actions.release_entry(entry_id, version=1, by=administrator)


@pytest.mark.each_database
async def test_words_erased_at_their_authors_wish_are_urgent(cast: Cast) -> None:
    entry_id = await make_published(cast)
    async with in_transaction():
        await erase_texts(cast.helper.id)
    await look_at([entry_id])
    causes = await causes_of(await viewer_for(cast.moderator), entry_id)
    assert [cause.kind for cause in causes] == ["erased"]
    assert (await WorkItem.get(subject=f"faq:{entry_id}")).due_at <= now()


@pytest.mark.parametrize("scheduled", [False, True])
async def test_what_is_public_is_checked_by_anybody_whatever_becomes_of_a_newer_version(
    cast: Cast, *, scheduled: bool
) -> None:
    entry_id = await _newer_in_review(cast, scheduled=scheduled)
    await _edit_source(cast, entry_id)
    assert await WorkItem.filter(kind="faq", subject=f"faq:{entry_id}").count() == 1
    moderator = await viewer_for(cast.moderator)
    await take_entry(entry_id, by=moderator)
    assert [line.id for line in await list_editorial(moderator, Wanted(stage="check"))] == [entry_id]
    (waiting,) = await editorial.list_waiting_questions(moderator, [entry_id])
    assert (waiting.to_check, waiting.in_review) == (True, not scheduled)
    # That the released text is right says nothing about the newer one.
    await _confirm(cast, entry_id)
    assert (await Entry.get(id=entry_id)).state == "published"
    sources = await list_editorial_sources(moderator, entry_id)
    assert [source.post.kind for source in sources if source.changed] == ["answer"]


@pytest.mark.each_database
async def test_a_version_that_waits_was_not_held_against_a_source_that_is_adopted(cast: Cast) -> None:
    entry_id = await _newer_in_review(cast, scheduled=True)
    former, moderator = await _answer_of(entry_id), await viewer_for(cast.moderator)
    second = await _accept_another(cast, former, "Better hold the button for ten seconds.")
    await look_at([entry_id])
    await adopt_solution(entry_id, former.id, solution_id=second.id, by=moderator)
    assert await list_schedules([entry_id]) == {}
    assert (await Entry.get(id=entry_id)).newer_state == "draft"
    # A third one: nobody has agreed to that, and the second is none any more.
    third = await _accept_another(cast, former, "Best of all, call us.")
    await look_at([entry_id])
    (cause,) = await causes_of(moderator, entry_id)
    assert cause.other is not None
    assert (cause.other.post_id, cause.adopted) == (third.id, False)
    posts = {row["post_id"] for row in await fetch("SELECT post_id FROM faq_sources")}
    assert second.id not in posts
    await adopt_solution(entry_id, former.id, solution_id=third.id, by=moderator)
    (cause,) = await causes_of(moderator, entry_id)
    assert cause.adopted
    await _confirm(cast, entry_id)
    assert await causes_of(moderator, entry_id) == ()
    # Its helper is thanked in public now, and learns of it.
    (fact,) = [row for row in await outbox.lease() if row.name == "faq.confirmed"]
    await outbox.run(fact, {"faq.confirmed": [tell_credited_helpers]})
    told = await Notification.filter(kind="credited", member_id=cast.colleague.id).count()
    assert told == 1


async def test_an_adopted_source_that_readers_may_not_read_asks_for_a_yes(cast: Cast) -> None:
    entry_id, moderator = await make_published(cast), await viewer_for(cast.moderator)
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper)
    assert not any(s.asks_clearance for s in await list_editorial_sources(moderator, entry_id))
    await actions.add_sources(entry_id, [thread.id], by=moderator)
    assert any(s.asks_clearance for s in await list_editorial_sources(moderator, entry_id))
    with pytest.raises(RuleBroken, match="gives nothing away"):
        await _confirm(cast, entry_id)


async def test_an_edit_of_an_entry_to_be_checked_keeps_its_place_in_the_queue(cast: Cast) -> None:
    entry_id, moderator = await make_published(cast), await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=moderator)
    await take_entry(entry_id, by=moderator)
    answer = await _answer_of(entry_id)
    await order.hide_post(answer.id, by=moderator, reason=REASON)
    await look_at([entry_id])
    before = await WorkItem.get(subject=f"faq:{entry_id}")
    assert before.due_at <= now()
    await actions.edit_entry(entry_id, text, version=2, by=moderator)
    after = await WorkItem.get(subject=f"faq:{entry_id}")
    assert (after.kind, after.since) == ("faq", before.since)
    # Who was on the newer version is on it still, and one item says so.
    assert (await list_holders([entry_id]))[entry_id][0] == moderator.id
    await _edit_source(cast, entry_id)
    await order.restore_post(answer.id, by=moderator, reason=REASON)
    await look_at([entry_id])
    assert (await WorkItem.get(subject=f"faq:{entry_id}")).due_at > now()
