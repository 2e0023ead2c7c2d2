"""Texts that an older release rendered, made anew from what their writers typed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from community.core import markdown, outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.threads.actions import render_body

AT_ONCE = 200
INDEX_OUTDATED = "index.outdated"
BUILT_WITHIN = timedelta(hours=1)
"""When the index is built anew if this is killed; else it is at once."""


async def renew_texts(advance: Callable[[int], object] = lambda _count: None) -> int:
    """Bring the HTML of all posts to what `markdown.render` gives now, beside a running site; how many were behind.

    Nothing of it is an edit. What somebody writes meanwhile is newer than what was read here, and stays.
    """
    last, renewed = 0, 0
    while rows := await fetch(
        """SELECT id, thread_id, body, version FROM posts WHERE id > :last AND render_version <> :now
        ORDER BY id LIMIT :size""",
        {"last": last, "now": markdown.RENDER_VERSION, "size": AT_ONCE},
    ):
        texts = [(row, await render_body(row["body"])) for row in rows]
        async with in_transaction():
            # Threads first and in order, as in every change of a post.
            for thread_id in sorted({row["thread_id"] for row in rows}):
                await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})
            for row, html in texts:
                renewed += await execute(
                    """UPDATE posts SET body_html = :html, render_version = :now
                    WHERE id = :id AND version = :version""",
                    {
                        "html": html,
                        "now": markdown.RENDER_VERSION,
                        "id": row["id"],
                        "version": row["version"],
                    },
                )
            if not await outbox.count_waiting(INDEX_OUTDATED):
                await outbox.record_for_later(INDEX_OUTDATED, due_at=now() + BUILT_WITHIN)
        last = rows[-1]["id"]
        advance(len(rows))
    if renewed:
        await outbox.make_due(INDEX_OUTDATED)
    return renewed
