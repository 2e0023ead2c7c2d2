"""What an objection is about, held while it is decided: in the order in which everything takes its locks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from community.core.db import fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.threads.locks import lock_thread_of, lock_threads

_THREAD_OF_TEXT = """SELECT COALESCE(q.thread_id, p.thread_id, w.published_thread_id, w.thread_id) AS thread_id
FROM waiting_texts w LEFT JOIN posts p ON p.id = w.post_id LEFT JOIN posts q ON q.id = w.published_post_id
WHERE w.id = :id"""


async def hold_matter(matter: Mapping[str, Any], by: Viewer) -> None:
    """The thread, then whom it concerns, before the objection itself: erasing a member goes the same way.

    Not found where the thread lies in a space by now that this one of staff does not read.
    """
    kind, _colon, number = str(matter["subject"]).partition(":")
    thread_id = await _hold_thread(kind, int(number))
    if thread_id is not None:
        row = await fetch_one("SELECT space_id FROM threads WHERE id = :id", {"id": thread_id})
        if row is not None and not by.may_read(row["space_id"]):
            raise NotFound
    concerned = {matter["member_id"] or 0, int(number) if kind == "member" else 0} - {0}
    members = "SELECT id FROM members WHERE id IN (:ids) ORDER BY id"
    if concerned:
        await fetch(
            {"sqlite": members, "postgresql": f"{members} FOR NO KEY UPDATE"}, {"ids": sorted(concerned)}
        )


async def _hold_thread(kind: str, number: int) -> int | None:
    """None where it is about no thread, or about what is gone."""
    try:
        if kind == "post":
            return await lock_thread_of(number)
        thread_id = number if kind == "thread" else None
        if kind == "text":
            row = await fetch_one(_THREAD_OF_TEXT, {"id": number})
            thread_id = row["thread_id"] if row else None
        if thread_id is not None:
            await lock_threads([thread_id])
    except NotFound:
        return None
    return thread_id
