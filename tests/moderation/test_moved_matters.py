"""Statements, reports and objections go with what they are about, and are for those who read where it is now."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from community.core.errors import NotFound
from community.core.viewer import Role, Viewer
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement, WorkItem
from community.decisions.statements import get_statement
from community.moderation import appeals, notices
from community.moderation.models import Appeal, Notice
from community.moderation.notice_rules import NoticeKind
from community.moderation.statements import find_concerned_content
from community.personal_data.erasure import erase_member
from community.threads import merging, order
from community.threads.models import Post
from community.threads.undoing import undo
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_account, make_answer, make_member, make_thread, viewer_for
from tests.moderation.flagging import REASON, deliver
from tests.waiting.test_object_to_refusal import refused

GROUND = Ground(GroundKind.RESPECT)
TEXT = "I have only quoted what the manual of the maker says about it."
AGAIN = "The manual does say so; the post was right."
SECRET = "What is only for the lab"


async def outside_of(cast: Cast) -> Viewer:
    """One of staff who does not read the hidden space."""
    viewer = await viewer_for(await make_member("Outer", role=Role.MODERATOR, staff_name="Ole O."))
    spaces = tuple(set(viewer.readable_space_ids) - {cast.hidden_space.id})
    return replace(viewer, readable_space_ids=spaces)


async def hidden_answer(cast: Cast) -> Post:
    """A hidden answer to which its author objects, and about which somebody has given notice."""
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp flickers")
    answer = await make_answer(thread, cast.helper, body=SECRET)
    by = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=by, reason=REASON, ground=GROUND)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.helper.id)
    report = notices.Report(
        kind=NoticeKind.FRAUD, text=TEXT, url="/x", nonce="n" * 24, name="N", mail="n@firm.example"
    )
    await notices.file_notice(f"post:{answer.id}", report, by=cast.outsider.id)
    return answer


async def places() -> set[int | None]:
    """In which spaces all this lies."""
    items = [item.space_id for item in await WorkItem.filter(kind__in=["appeal", "notice"])]
    assert len(items) == 2
    rows = [*await Statement.all(), *await Notice.all()]
    return {*items, *(row.space_id for row in rows)}


@pytest.mark.each_database
async def test_what_is_moved_is_judged_by_those_who_read_where_it_is(cast: Cast) -> None:
    answer = await hidden_answer(cast)
    outer, by = await outside_of(cast), await viewer_for(cast.moderator)
    statement = await get_statement((await Statement.get()).id, outer)
    content = await find_concerned_content(statement, outer)
    assert content is not None
    assert SECRET in content.body_html
    await order.move_thread(answer.thread_id, to_space=cast.hidden_space.id, by=by, reason=REASON)
    assert await places() == {cast.hidden_space.id}
    with pytest.raises(NotFound):
        await get_statement(statement.id, outer)
    # Even with the statement in hand the text is for those who read there, and for whoever wrote it.
    content = await find_concerned_content(statement, outer)
    assert content is not None
    assert (content.title, content.body_html) == ("", "")
    own = await find_concerned_content(statement, await viewer_for(cast.helper))
    assert own is not None
    assert SECRET in own.body_html
    appeal = await Appeal.get()
    for decide in (appeals.grant_appeal, appeals.reject_appeal):
        with pytest.raises(NotFound):
            await decide(appeal.id, by=outer, reason=AGAIN)
    assert (await Appeal.get()).state == "open"
    assert (await Post.get(id=answer.id)).hidden_at is not None
    await appeals.grant_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
    assert (await Post.get(id=answer.id)).hidden_at is None


async def test_what_is_merged_and_taken_apart_again_goes_with_its_post(cast: Cast) -> None:
    answer = await hidden_answer(cast)
    target = await make_thread(cast.hidden_space, cast.asker, title="The lamp of the lab")
    by = await viewer_for(cast.moderator)
    await merging.merge_threads(answer.thread_id, into=target.id, by=by, reason=REASON)
    assert await places() == {cast.hidden_space.id}
    entry = (await list_merges())[-1]
    await undo(entry, by=by, reason=REASON)
    assert await places() == {cast.open_space.id}


async def list_merges() -> list[int]:
    return [entry.id for entry in await LogEntry.filter(act="merge_thread").order_by("id")]


async def test_a_refused_text_goes_with_the_thread_for_which_it_was(
    cast: Cast, search_engine: SearchEngine
) -> None:
    text = await refused(cast)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.helper.id)
    thread_id = (await WaitingText.get(id=text.id)).thread_id
    assert thread_id is not None
    by = await viewer_for(cast.moderator)
    await order.move_thread(thread_id, to_space=cast.hidden_space.id, by=by, reason=REASON)
    # At once, whatever the worker has done by now.
    with pytest.raises(NotFound):
        await appeals.grant_appeal((await Appeal.get()).id, by=await outside_of(cast), reason=AGAIN)
    await deliver(search_engine)
    assert (await Statement.get()).space_id == cast.hidden_space.id
    assert (await WorkItem.get(kind="appeal")).space_id == cast.hidden_space.id


@pytest.mark.each_database
async def test_deciding_and_erasing_whoever_objected_do_not_wait_for_each_other(fresh_database: str) -> None:
    cast = await make_cast()
    await make_account(cast.helper)
    await hidden_answer(cast)
    decider, author = await viewer_for(cast.administrator), await viewer_for(cast.helper)
    appeal = await Appeal.get()
    outcomes = await asyncio.wait_for(
        asyncio.gather(
            appeals.grant_appeal(appeal.id, by=decider, reason=AGAIN),
            erase_member(author, with_texts=False, language="en"),
            return_exceptions=True,
        ),
        60,
    )
    assert [outcome for outcome in outcomes if isinstance(outcome, Exception)] == []
    assert (await Appeal.get()).state == "granted"
    assert (await Statement.get()).member_id is None
