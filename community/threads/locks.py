"""The row of a thread is the lock for all that belongs to it; posts can come to stand in another thread."""

from __future__ import annotations

from collections.abc import Collection

from community.core.db import fetch, fetch_one
from community.core.errors import NotFound


async def lock_threads(thread_ids: Collection[int]) -> None:
    """Hold these threads until the end of the transaction; always in the order of their ids, so that two who want
    the same ones never wait for each other."""
    threads = "SELECT id FROM threads WHERE id IN (:ids) ORDER BY id"
    # SQLite has the whole database to itself inside a transaction.
    rows = await fetch(
        {"sqlite": threads, "postgresql": f"{threads} FOR NO KEY UPDATE"}, {"ids": sorted(set(thread_ids))}
    )
    if len(rows) != len(set(thread_ids)):
        raise NotFound


async def lock_thread_of(post_id: int) -> int:
    """Hold the thread that a post stands in, and answer its id.

    While this waits the post may be moved to another thread, so it is looked at again once the lock is there.
    """
    thread_id = await _thread_of(post_id)
    while True:
        await lock_threads([thread_id])
        found = await _thread_of(post_id)
        if found == thread_id:
            return thread_id
        thread_id = found


async def _thread_of(post_id: int) -> int:
    row = await fetch_one("SELECT thread_id FROM posts WHERE id = :id", {"id": post_id})
    if row is None:
        raise NotFound
    return int(row["thread_id"])
