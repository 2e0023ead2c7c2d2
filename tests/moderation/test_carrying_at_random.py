"""Whatever is merged, split and undone in whatever order: no post, no thanks and no address is lost, every figure
says what the facts say, and the index says what the database says."""

from __future__ import annotations

import random

import pytest

from community.core.db import fetch
from community.core.errors import NotFound, RuleBroken
from community.decisions.models import LogEntry
from community.indexing import audiences_of, id_of
from community.kudos.actions import give_kudos
from community.ranks import points
from community.threads import marks, merging, splitting
from community.threads.merged import find_merged_into
from community.threads.models import Post, Solution, Thread
from community.threads.queries import get_post, get_post_page, get_thread
from community.threads.recounting import recount
from community.threads.splitting import NewThread
from community.threads.undoing import UNDOABLE, undo
from search import SearchEngine
from search.index import Query
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, viewer_for
from tests.moderation.flagging import REASON, deliver

STEPS = 14


async def make_threads(cast: Cast, chance: random.Random) -> None:
    members = [cast.asker, cast.helper, cast.colleague, cast.outsider]
    for number in range(4):
        space = chance.choice([cast.open_space, cast.members_space])
        thread = await make_thread(space, chance.choice(members), body=f"opening{number}word")
        answers = []
        for each in range(chance.randrange(4)):
            answers.append(
                await make_answer(thread, chance.choice(members), body=f"answer{number}x{each}word")
            )
            if chance.random() < 0.4:
                await make_comment(answers[-1], chance.choice(members), body=f"comment{number}x{each}word")
            for member in members:
                if member.id != answers[-1].author_id and chance.random() < 0.3:
                    await give_kudos(answers[-1].id, by=member.id)
        for member in members:
            mark = chance.choice([marks.follow_thread, marks.mute_thread, marks.mark_same_problem, None])
            if mark is not None and member.id != thread.author_id:
                await mark(thread.id, by=member.id)
        if answers and chance.random() < 0.6:
            await marks.accept_solution(chance.choice(answers).id, by=thread.author_id)  # type: ignore[attr-defined]


async def step(cast: Cast, chance: random.Random) -> str:
    """One act on things chosen by chance; empty where it was refused."""
    by = await viewer_for(cast.moderator)
    shown = await Thread.filter(merged_into_id=None).order_by("id")
    thread, other = chance.choice(shown), chance.choice(shown)
    act = chance.choice(["merge", "split", "split", "undo", "undo"])
    try:
        if act == "merge":
            await merging.merge_threads(thread.id, into=other.id, by=by, reason=REASON, opening_up=True)
        elif act == "split":
            answers = await Post.filter(thread_id=thread.id, kind="answer").order_by("id")
            if not answers:
                return ""
            chosen = chance.sample(answers, chance.randint(1, len(answers)))
            to = chance.choice([other.id, NewThread(cast.open_space.id, "Another thread")])
            ids = [post.id for post in chosen]
            await splitting.split_thread(thread.id, ids, to=to, by=by, reason=REASON, opening_up=True)
        else:
            entries = await LogEntry.filter(act__in=UNDOABLE).order_by("id")
            if not entries:
                return ""
            await undo(chance.choice(entries).id, by=by, reason=REASON)
    except (RuleBroken, NotFound):
        return ""
    return act


async def assert_whole(cast: Cast, posts: dict[int, tuple[int, int]], engine: SearchEngine) -> None:
    viewer = await viewer_for(cast.administrator)
    rows = await Post.all().values_list("id", "kudos_count", "author_id")
    assert {row[0]: (row[1], row[2]) for row in rows} == posts
    assert await recount() == 0
    for thread in await Thread.all():
        if thread.merged_into_id is not None:
            assert not await Post.filter(thread_id=thread.id).exists()
            assert await find_merged_into(thread.id, viewer) is not None
            continue
        assert await Post.filter(thread_id=thread.id, kind="opening").count() == 1
        view = await get_thread(thread.id, viewer)
        page = await get_post_page(view, viewer, page=1)
        assert len(page.answers) == view.answer_count
        assert view.solution_post_id is None or page.solution is not None
    both = await fetch(
        """SELECT 1 FROM follows f JOIN thread_mutes u ON u.thread_id = f.thread_id AND u.member_id = f.member_id"""
    )
    assert not both
    assert await Solution.all().count() == await Thread.filter(status="solved").count()
    await deliver(engine)
    assert not await points.recount()
    audiences = await audiences_of(viewer)
    for post_id in posts:
        post, view = await get_post(post_id, viewer)
        if post.kind == "comment":
            parent, _thread = await get_post(post.parent_id or 0, viewer)
            assert parent.thread_id == post.thread_id
        word = (await Post.get(id=post_id)).body
        found = await engine.search(Query(word, audiences))
        assert [id_of(hit.key) for hit in found.hits] == [view.id], word


@pytest.mark.each_database
@pytest.mark.parametrize("seed", range(3))
async def test_nothing_is_lost_whatever_is_carried_where(
    cast: Cast, search_engine: SearchEngine, seed: int
) -> None:
    chance = random.Random(seed)
    await make_threads(cast, chance)
    rows = await Post.all().values_list("id", "kudos_count", "author_id")
    posts = {row[0]: (row[1], row[2]) for row in rows}
    done = [await step(cast, chance) for _ in range(STEPS)]
    await assert_whole(cast, posts, search_engine)
    more = [await step(cast, chance) for _ in range(STEPS)]
    await assert_whole(cast, posts, search_engine)
    assert {"merge", "split", "undo"} <= {*done, *more}
