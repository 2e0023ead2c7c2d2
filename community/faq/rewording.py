"""Sources out of whose words the nickname of an erased member was taken: they say the same, so what is kept of what
they said moves along. Nothing else may use this: whatever else changes a post is for a person to look at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from community.core.db import Row, execute, fetch
from community.faq.actions import lock_entry
from community.faq.rules import source_fingerprint


class Words(NamedTuple):
    """What a post says, or said in an earlier version; the title counts where it opens a thread."""

    title: str
    body: str


_SOURCES = """SELECT f.id, f.entry_id, f.fingerprint, f.draft_fingerprint, p.body, t.title, o.title AS earlier_title
FROM faq_sources f JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
LEFT JOIN threads o ON o.id = f.checked_thread_id"""
_OF_POST = "f.post_id = :id"
_OF_THREAD = """f.checked_thread_id = :id
OR f.post_id IN (SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening')"""


async def follow_body(post_id: int, before: str, after: str) -> None:
    """In the transaction in which the body of a post loses a nickname."""
    for row in await _held_sources(_OF_POST, post_id):
        titles = {row["title"], row["earlier_title"] or ""}
        await _move(row, ((Words(title, before), Words(title, after)) for title in titles))


async def follow_title(thread_id: int, before: str, after: str) -> None:
    """In the transaction in which the title of a thread loses a nickname; what it once opened counts, too."""
    for row in await _held_sources(_OF_THREAD, thread_id):
        await _move(row, [(Words(before, row["body"]), Words(after, row["body"]))])


async def follow_version(post_id: int, before: Words, after: Words) -> None:
    """In the transaction in which an earlier version of a post loses a nickname: the text may rest on that one."""
    for row in await _held_sources(_OF_POST, post_id):
        await _move(row, [(before, after)])


async def _held_sources(condition: str, number: int) -> Sequence[Row]:
    """Read once their entries are locked, as whoever releases or confirms one does: nobody changes them meanwhile."""
    select = f"{_SOURCES} WHERE {condition}"
    entry_ids = {row["entry_id"] for row in await fetch(select, {"id": number})}
    for entry_id in sorted(entry_ids):
        await lock_entry(entry_id)
    return await fetch(select, {"id": number}) if entry_ids else ()


async def _move(row: Row, changes: Iterable[tuple[Words, Words]]) -> None:
    moved = {}
    for before, after in changes:
        for kind in ("opening", "answer"):
            moved[source_fingerprint(kind, *before)] = source_fingerprint(kind, *after)
    kept, drafted = row["fingerprint"], row["draft_fingerprint"]
    if kept in moved or drafted in moved:
        await execute(
            "UPDATE faq_sources SET fingerprint = :kept, draft_fingerprint = :drafted WHERE id = :id",
            {"kept": moved.get(kept, kept), "drafted": moved.get(drafted, drafted), "id": row["id"]},
        )
