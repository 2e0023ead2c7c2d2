"""Votes are exact however many come at once, and go with an idea that is merged."""

from __future__ import annotations

import asyncio
import re

import pytest

from community.core.errors import NotFound, RuleBroken
from community.decisions.models import LogEntry
from community.ideas.actions import answer_idea, take_back_vote, vote
from community.spaces.models import Space, SpaceKind
from community.threads.marks import follow_thread, mark_same_problem
from community.threads.merging import merge_threads
from community.threads.models import Follow, IdeaStatus, Post, SameProblem, Thread
from community.threads.recounting import recount
from community.threads.undoing import undo
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_comment, make_member, make_space, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, deliver

REASON = "The same idea twice."


async def ideas_space() -> Space:
    return await make_space("Wishes", kind=SpaceKind.IDEAS)


async def votes(thread: Thread) -> int:
    await thread.refresh_from_db()
    assert await SameProblem.filter(thread_id=thread.id).count() == thread.same_problem_count
    return thread.same_problem_count


@pytest.mark.each_database
async def test_many_at_once_and_one_who_presses_often(fresh_database: str) -> None:
    cast = await make_cast()
    idea = await make_thread(await ideas_space(), cast.asker)
    members = [await make_member() for _number in range(20)]
    await asyncio.gather(*(vote(idea.id, by=member.id) for member in members for _time in range(2)))
    assert await votes(idea) == 20
    await asyncio.gather(
        *(take_back_vote(idea.id, by=member.id) for member in members[:7] for _time in range(2)),
        *(vote(idea.id, by=member.id) for member in members[7:]),
    )
    assert await votes(idea) == 13
    assert await recount() == 0


@pytest.mark.each_database
async def test_a_vote_that_meets_a_merge_is_not_lost(fresh_database: str) -> None:
    cast = await make_cast()
    space = await ideas_space()
    one, other = await make_thread(space, cast.asker), await make_thread(space, cast.helper)
    by = await viewer_for(cast.moderator)
    members = [await make_member() for _number in range(8)]
    outcomes = await asyncio.gather(
        *(vote(one.id, by=member.id) for member in members[:4]),
        merge_threads(one.id, into=other.id, by=by, reason=REASON),
        *(vote(one.id, by=member.id) for member in members[4:]),
        return_exceptions=True,
    )
    refused = [outcome for outcome in outcomes if isinstance(outcome, NotFound | RuleBroken)]
    assert len(refused) == len([outcome for outcome in outcomes if isinstance(outcome, Exception)])
    # Whose idea was merged wants the other one.
    assert await votes(other) == len(members) - len(refused) + 1
    assert await votes(one) == 0


@pytest.mark.each_database
async def test_taking_back_beside_a_merge_is_done_or_sent_on(fresh_database: str) -> None:
    cast = await make_cast()
    space = await ideas_space()
    one, other = await make_thread(space, cast.asker), await make_thread(space, cast.helper)
    members = [await make_member() for _number in range(8)]
    for member in members:
        await vote(one.id, by=member.id)
    outcomes = await asyncio.gather(
        *(take_back_vote(one.id, by=member.id) for member in members[:4]),
        merge_threads(one.id, into=other.id, by=await viewer_for(cast.moderator), reason=REASON),
        *(take_back_vote(one.id, by=member.id) for member in members[4:]),
        return_exceptions=True,
    )
    sent_on = [outcome for outcome in outcomes if isinstance(outcome, NotFound)]
    assert len(sent_on) == len([outcome for outcome in outcomes if isinstance(outcome, Exception)])
    assert await votes(other) == len(sent_on) + 1
    assert await votes(one) == 0
    with pytest.raises(NotFound):
        await take_back_vote(one.id, by=members[0].id)


async def test_merging_counts_each_member_once_and_undoing_gives_the_votes_back(cast: Cast) -> None:
    space = await ideas_space()
    one, other = await make_thread(space, cast.asker), await make_thread(space, cast.helper)
    by = await viewer_for(cast.moderator)
    for thread, members in ((one, [cast.helper, cast.colleague, cast.outsider]), (other, [cast.outsider])):
        for member in members:
            await vote(thread.id, by=member.id)
    await merge_threads(one.id, into=other.id, by=by, reason=REASON)
    wanted = {cast.colleague.id, cast.outsider.id, cast.asker.id}
    rows = await SameProblem.filter(thread_id=other.id).values_list("member_id", flat=True)
    assert set(rows) == wanted, "nobody twice, not whose idea it is, but whose own idea was merged"
    assert await SameProblem.filter(thread_id=other.id).count() == 3
    await other.refresh_from_db()
    assert other.same_problem_count == 3
    with pytest.raises(RuleBroken):
        await vote(one.id, by=cast.marketing.id)

    entry = await LogEntry.filter(act="merge_thread").first()
    assert entry is not None
    await undo(entry.id, by=by, reason="They are not the same.")
    assert await votes(one) == 3
    assert await votes(other) == 1


async def test_undoing_a_merge_respects_what_was_voted_and_taken_back_since(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    space = await ideas_space()
    one, other = await make_thread(space, cast.asker), await make_thread(space, cast.helper)
    comment = await make_comment(await make_answer(one, cast.outsider), cast.colleague)
    await follow_thread(one.id, by=cast.outsider.id)
    for thread, members in ((one, [cast.colleague, cast.outsider]), (other, [cast.colleague])):
        for member in members:
            await vote(thread.id, by=member.id)
    by, browser = await viewer_for(cast.moderator), await visit(cast.colleague)
    await merge_threads(one.id, into=other.id, by=by, reason=REASON)
    await deliver(search_engine)
    assert await votes(other) == 3
    assert "3 votes" in " ".join(re.sub("<[^>]*>", " ", (await browser.get("/spaces/wishes")).text).split())
    moved = await browser.post(f"/threads/{one.id}/vote/take-back", headers=ORIGIN)
    assert (moved.status_code, moved.headers["location"]) == (308, f"/threads/{other.id}/vote/take-back")
    await browser.post(moved.headers["location"], headers=ORIGIN)
    await vote(other.id, by=cast.marketing.id)
    await take_back_vote(other.id, by=cast.asker.id)
    await vote(other.id, by=cast.asker.id)
    assert await votes(other) == 3

    entry = await LogEntry.filter(act="merge_thread").get()
    await undo(entry.id, by=by, reason="They are not the same.")
    assert await SameProblem.filter(thread_id=one.id).values_list("member_id", flat=True) == [
        cast.outsider.id
    ]
    wanted = await SameProblem.filter(thread_id=other.id).values_list("member_id", flat=True)
    assert set(wanted) == {cast.marketing.id, cast.asker.id}
    assert (await votes(one), await votes(other)) == (1, 2)
    assert await Follow.filter(thread_id=one.id, member_id=cast.outsider.id).count() == 1
    assert (await Post.get(id=comment.id)).thread_id == one.id  # type: ignore[attr-defined]
    assert await recount() == 0


async def test_what_is_built_takes_no_more_votes_but_gives_them_back(cast: Cast) -> None:
    idea = await make_thread(await ideas_space(), cast.asker)
    await vote(idea.id, by=cast.helper.id)
    by = await viewer_for(cast.moderator)
    await answer_idea(idea.id, IdeaStatus.DONE, body="It is built.", by=by)
    with pytest.raises(RuleBroken):
        await vote(idea.id, by=cast.outsider.id)
    await take_back_vote(idea.id, by=cast.helper.id)
    assert await votes(idea) == 0


async def test_a_question_that_becomes_an_idea_brings_its_marks_as_votes(cast: Cast) -> None:
    question = await make_thread(cast.open_space, cast.asker)
    await mark_same_problem(question.id, by=cast.helper.id)
    with pytest.raises(RuleBroken):
        await vote(question.id, by=cast.outsider.id)
    assert await votes(question) == 1
