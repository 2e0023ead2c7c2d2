"""Deciding about flags: what follows, who is told what, and that it is decided once."""

from __future__ import annotations

import asyncio

import pytest

from community.core.errors import Conflict
from community.decisions.models import LogEntry, WorkItem
from community.moderation import actions
from community.moderation.models import Flag, Measure
from community.notifications.models import Notification
from community.threads import marks
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import (
    ORIGIN,
    REASON,
    assert_figures_are_right,
    claim,
    deliver,
    flag,
    only_log_entry,
    told,
)


def decision(what: str, *flag_ids: int, reason: str = REASON) -> dict[str, str]:
    flags = ",".join(map(str, flag_ids))
    return {"decision": what, "ground": "respect", "reason": reason, "flags": flags}


@pytest.mark.each_database
async def test_upholding_hides_the_post_and_tells_author_and_reporters_why(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    flags = [await flag(answer, cast.outsider), await flag(answer, cast.colleague)]
    browser = await visit(cast.moderator)
    await claim(answer, by=await viewer_for(cast.moderator))
    sent = await browser.post(
        f"/moderation/posts/{answer.id}/decide", data=decision("hide", *flags), headers=ORIGIN
    )
    assert (sent.status_code, sent.headers["location"]) == (303, "/moderation")
    assert (await Post.get(id=answer.id)).hidden_at is not None
    assert (await Thread.get(id=thread.id)).status == "unanswered"
    rows = await Flag.all()
    assert {(row.state, row.decided_by_id) for row in rows} == {("upheld", cast.moderator.id)}
    assert await WorkItem.all().count() == 0
    entries = await LogEntry.all().order_by("id")
    assert [(entry.act, entry.reason, entry.actor_name) for entry in entries] == [
        ("uphold_flags", REASON, "Jana K."),
        ("hide_post", REASON, "Jana K."),
    ]
    await deliver(search_engine)
    await deliver(search_engine)
    assert (await told(cast.helper))[-1] == ("post_hidden", REASON)
    assert [kind for kind, _note in await told(cast.helper)].count("post_hidden") == 1
    assert await told(cast.outsider) == [("flag_upheld", REASON)]
    assert await told(cast.colleague) == [("flag_upheld", REASON)]
    assert not await Notification.filter(kind="flag_upheld").exclude(actor_id=None).exists()
    await assert_figures_are_right()


async def test_the_author_never_learns_who_flagged_and_the_reporter_not_who_decided(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    flag_id = await flag(answer, cast.outsider)
    moderator = await viewer_for(cast.moderator)
    await actions.uphold_flags(answer.id, [flag_id], measure=Measure.HIDE, by=moderator, reason=REASON)
    await deliver(search_engine)
    author, reporter = await visit(cast.helper), await visit(cast.outsider)
    page = (await author.get("/notifications")).text
    assert REASON in page
    assert "Outsider" not in page
    page = (await reporter.get("/notifications")).text
    assert REASON in page
    assert "The moderators agree with your flag" in page
    assert "Jana" not in without_random(page)


async def test_dismissing_leaves_the_post_and_tells_only_the_reporter(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    flag_id = await flag(opening, cast.outsider)
    browser = await visit(cast.moderator)
    sent = await browser.post(
        f"/moderation/posts/{opening.id}/decide", data=decision("dismiss", flag_id), headers=ORIGIN
    )
    assert sent.status_code == 303
    entry = await only_log_entry()
    assert (entry.act, entry.subject, entry.reason) == ("dismiss_flags", f"post:{opening.id}", REASON)
    await deliver(search_engine)
    assert await told(cast.outsider) == [("flag_dismissed", REASON)]
    assert await told(cast.asker) == []
    assert (await (await visit()).get(f"/threads/{thread.id}-{thread.slug}")).status_code == 200
    # It can be flagged again.
    await flag(opening, cast.outsider)


async def test_upholding_can_lock_the_thread(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    browser = await visit(cast.moderator)
    await browser.post(
        f"/moderation/posts/{answer.id}/decide",
        data=decision("lock", await flag(answer, cast.outsider)),
        headers=ORIGIN,
    )
    assert (await Thread.get(id=thread.id)).locked_at is not None
    assert (await Post.get(id=answer.id)).hidden_at is None
    await deliver(search_engine)
    assert ("thread_locked", REASON) in await told(cast.asker)
    assert await told(cast.helper) == [("post_noted", REASON)]


async def test_upholding_with_a_word_to_the_author_changes_nothing_else(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    browser = await visit(cast.moderator)
    await browser.post(
        f"/moderation/posts/{opening.id}/decide",
        data=decision("note", await flag(opening, cast.outsider)),
        headers=ORIGIN,
    )
    assert (await only_log_entry()).act == "uphold_flags"
    await deliver(search_engine)
    assert await told(cast.asker) == [("post_noted", REASON)]


async def test_a_decision_needs_a_choice_and_a_reason_and_keeps_what_was_typed(
    cast: Cast, visit: Visit
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    flag_id = await flag(opening, cast.outsider)
    browser = await visit(cast.moderator)
    url = f"/moderation/posts/{opening.id}/decide"
    without_reason = await browser.post(url, data=decision("hide", flag_id, reason=" "), headers=ORIGIN)
    assert without_reason.status_code == 422
    without_choice = await browser.post(url, data=decision("burn", flag_id), headers=ORIGIN)
    assert without_choice.status_code == 422
    assert REASON in without_choice.text
    assert (await Flag.get()).state == "open"
    assert await LogEntry.all().count() == 0


async def test_customers_and_marketing_decide_nothing(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    flag_id = await flag(opening, cast.outsider)
    for member in (cast.outsider, cast.marketing):
        browser = await visit(member)
        sent = await browser.post(
            f"/moderation/posts/{opening.id}/decide", data=decision("hide", flag_id), headers=ORIGIN
        )
        assert sent.status_code == 404
    assert (await Flag.get()).state == "open"


async def test_a_decision_is_about_the_flags_that_stood_on_the_page(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    seen = await flag(opening, cast.outsider)
    late = await flag(opening, cast.helper, note="something else altogether")
    browser = await visit(cast.moderator)
    await browser.post(
        f"/moderation/posts/{opening.id}/decide", data=decision("dismiss", seen), headers=ORIGIN
    )
    assert (await Flag.get(id=seen)).state == "dismissed"
    assert (await Flag.get(id=late)).state == "open"
    assert "something else altogether" in (await browser.get(f"/moderation/posts/{opening.id}")).text
    assert "1 flag:" in (await browser.get("/moderation")).text


async def test_while_somebody_is_on_it_others_cannot_decide(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    flag_id = await flag(opening, cast.outsider)
    await claim(opening, by=await viewer_for(cast.moderator))
    browser = await visit(cast.administrator)
    sent = await browser.post(
        f"/moderation/posts/{opening.id}/decide", data=decision("hide", flag_id), headers=ORIGIN
    )
    assert sent.status_code == 409
    assert "Jana K. is on it." in sent.text
    assert REASON in sent.text
    assert (await Flag.get()).state == "open"


async def test_whoever_comes_second_is_told_who_has_decided(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    flag_id = await flag(opening, cast.outsider)
    first, second = await visit(cast.moderator), await visit(cast.administrator)
    url = f"/moderation/posts/{opening.id}"
    await first.post(f"{url}/decide", data=decision("dismiss", flag_id), headers=ORIGIN)
    late = await second.post(
        f"{url}/decide", data=decision("hide", flag_id, reason="My own reason"), headers=ORIGIN
    )
    assert late.status_code == 409
    assert "Jana K. has decided about this meanwhile." in late.text
    assert "My own reason" in late.text
    moved_on = await second.get(url)
    assert moved_on.headers["location"] == f"/moderation/log?subject=post:{opening.id}"
    assert (await Thread.get()).hidden_at is None


@pytest.mark.each_database
async def test_of_two_decisions_at_once_one_counts(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    flag_id = await flag(answer, cast.outsider)
    jana, tom = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    results = await asyncio.gather(
        actions.uphold_flags(answer.id, [flag_id], measure=Measure.HIDE, by=jana, reason="Jana says so."),
        actions.dismiss_flags(answer.id, [flag_id], by=tom, reason="Tom says no."),
        return_exceptions=True,
    )
    lost = [result for result in results if result is not None]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict)
    state = (await Flag.get()).state
    winner = {"upheld": "Jana K.", "dismissed": "Tom B."}[state]
    assert str(lost[0]) == f"{winner} has decided about this meanwhile."
    assert ((await Post.get(id=answer.id)).hidden_at is not None) == (state == "upheld")
    assert {entry.actor_name for entry in await LogEntry.all()} == {winner}
    await assert_figures_are_right()
