"""What is done to many at once survives that its process is killed: everybody whose post was touched is told once."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from collections import Counter
from datetime import timedelta

import pytest

from community.core.db import fetch
from community.core.errors import RuleBroken
from community.core.models import OutboxFact
from community.decisions import batches
from community.decisions.batches import end_batch, open_batch
from community.decisions.models import Batch, LogEntry
from community.kudos.actions import give_kudos
from community.moderation.bulk import Wish, act_on_many
from community.notifications.models import Notification
from community.settings import PROJECT, settings
from community.threads import figures, order
from community.threads.models import Post
from search import SearchEngine
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, viewer_for
from tests.moderation.flagging import REASON, assert_figures_are_right, deliver, told


async def kill_in_the_middle(database_url: str, member_id: int, post_ids: list[int], *, after: int) -> None:
    """Start the act in a process of its own, and kill that once so many posts are hidden."""
    environment = {
        **os.environ,
        "DATABASE_URL": database_url,
        "VAR_DIR": str(settings.var_dir),
        "VAULT_KEY_FILE": str(settings.vault_key_file),
    }
    command = [sys.executable, "-m", "tests.moderation.many_process", str(member_id), *map(str, post_ids)]
    process = subprocess.Popen(command, cwd=PROJECT, env=environment)
    try:
        while process.poll() is None:
            rows = await fetch("SELECT COUNT(*) AS n FROM posts WHERE hidden_at IS NOT NULL")
            if rows[0]["n"] >= after:
                break
            await asyncio.sleep(0.002)
        assert process.poll() is None, "the act was over, or never began"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


@pytest.mark.each_database
async def test_after_a_kill_everybody_concerned_is_told_exactly_once(
    fresh_database: str, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker)
    authors = [await make_member(f"Advertiser {number}") for number in range(20)]
    posts = [await make_answer(thread, author) for _ in range(4) for author in authors]
    for post in posts[:3]:
        await give_kudos(post.id, by=cast.asker.id)
    await deliver(search_engine)
    await Notification.all().delete()
    await kill_in_the_middle(fresh_database, cast.moderator.id, [post.id for post in posts], after=5)
    hidden = {post.author_id for post in await Post.exclude(hidden_at=None)}
    assert 0 < len(hidden) <= 20
    entries = await LogEntry.filter(act="hide_post")
    batch = await Batch.all().get()
    assert sorted(batch.entries) == sorted(entry.id for entry in entries)
    assert len(entries) < len(posts)
    # While it could still be alive, nobody is told yet.
    await _deliver_what_is_due(search_engine)
    assert await Notification.filter(kind="posts_hidden").count() == 0
    monkeypatch.setattr(batches, "SILENCE", timedelta())
    await OutboxFact.filter(name=batches.FACT, done_at=None).update(due_at=batch.at)
    for _ in range(2):
        await deliver(search_engine)
    news = await Notification.filter(kind="posts_hidden", note="A wave of advertising.")
    assert Counter(each.member_id for each in news) == dict.fromkeys(hidden, 1)
    await assert_figures_are_right()
    again = await Batch.all().get()
    assert again.ended_at
    assert again.is_settled


async def _deliver_what_is_due(engine: SearchEngine) -> None:
    """As `deliver`, where the fact about the batch may say that it is too early."""
    await OutboxFact.filter(name=batches.FACT).update(parked_at=None)
    await deliver(engine)


@pytest.mark.each_database
async def test_whoever_was_taken_for_dead_does_nothing_more(cast: Cast, search_engine: SearchEngine) -> None:
    answers = [
        await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper) for _ in range(2)
    ]
    moderator = await viewer_for(cast.moderator)
    await open_batch(77, "hide_post")
    await order.hide_post(answers[0].id, by=moderator, reason=REASON, batch=77)
    assert await end_batch(77, is_settled=False)
    with pytest.raises(RuleBroken):
        await order.hide_post(answers[1].id, by=moderator, reason=REASON, batch=77)
    assert (await Post.get(id=answers[1].id)).hidden_at is None
    await deliver(search_engine)
    assert [each for each in await told(cast.helper) if each[0] == "posts_hidden"] == [
        ("posts_hidden", REASON)
    ]
    await assert_figures_are_right()


async def test_figures_are_counted_once_for_each_author(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, author) for _ in range(5) for author in (cast.helper, cast.outsider)]
    counted: list[int] = []
    recount = figures.recount_members

    async def count(member_ids: list[int]) -> None:
        counted.extend(member_ids)
        await recount(member_ids)

    for place in ("community.threads.order", "community.moderation.bulk"):
        monkeypatch.setattr(f"{place}.recount_members", count)
    moderator = await viewer_for(cast.moderator)
    wish = Wish("hide_post", by=moderator, reason=REASON)
    await act_on_many(wish, [post.id for post in answers])
    assert sorted(counted) == sorted((cast.helper.id, cast.outsider.id))
    await assert_figures_are_right()
    # Of one alone: its author, and nobody else of the thread; locking changes no figure.
    counted.clear()
    await order.restore_post(answers[0].id, by=moderator, reason=REASON)
    await order.lock_thread(thread.id, by=moderator, reason=REASON)
    assert counted == [cast.helper.id]
    await assert_figures_are_right()


async def test_nothing_done_leaves_nothing_behind(cast: Cast, search_engine: SearchEngine) -> None:
    wish = Wish("hide_post", by=await viewer_for(cast.moderator), reason=REASON)
    done = await act_on_many(wish, [4711])
    assert (done.id, await Batch.all().count()) == (0, 0)
    await deliver(search_engine)
    assert await OutboxFact.filter(name=batches.FACT, done_at=None).count() == 0
