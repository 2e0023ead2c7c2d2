"""Entries that an older release kept or rendered, made as they would be kept and rendered now."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from community.core import markdown, outbox
from community.core.db import execute, fetch, in_transaction
from community.core.markdown_entries import without_words
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.faq.actions import lock_entry
from community.faq.rules import TYPED

AT_ONCE = 200


async def renew_entries(advance: Callable[[int], object] = lambda _count: None) -> int:
    """Bring all entries and their earlier versions to what would be kept of them now; how many entries were behind.

    Nothing of it is an edit. Mirrors are told by the worker, which sees that something has changed.
    """
    last, renewed = 0, 0
    while rows := await fetch(
        "SELECT * FROM faq_entries WHERE id > :last ORDER BY id LIMIT :size", {"last": last, "size": AT_ONCE}
    ):
        for row in rows:
            if await _changes(row):
                renewed += await _renew(row["id"])
        last = rows[-1]["id"]
        advance(len(rows))
    await _renew_versions()
    return renewed


async def _renew(entry_id: int) -> bool:
    async with in_transaction():
        entry = await lock_entry(entry_id)
        changes = await _changes(entry)
        if changes:
            await _write("faq_entries", entry, changes)
            await raise_site_stamp()
            await outbox.record("faq.scrubbed", entry_id=entry_id)
    return bool(changes)


async def _changes(entry: Mapping[str, Any]) -> dict[str, str]:
    """The columns that would hold something else if the entry were saved and released now."""
    wanted = {name: without_words(entry[name]) for typed in TYPED for name in (typed, f"published_{typed}")}
    wanted["slug"] = slug(wanted["published_question"] or wanted["question"])
    if entry["published_version"] is not None:
        wanted["published_html"] = await asyncio.to_thread(markdown.render, wanted["published_steps"])
    return {name: text for name, text in wanted.items() if text != entry[name]}


async def _renew_versions() -> None:
    """They are what newer ones are held against, by editors and where a translation was made from one."""
    last = 0
    while rows := await fetch(
        f"SELECT id, {', '.join(TYPED)} FROM faq_revisions WHERE id > :last ORDER BY id LIMIT :size",  # noqa: S608 - constants
        {"last": last, "size": AT_ONCE},
    ):
        for row in rows:
            changes = {name: text for name in TYPED if (text := without_words(row[name])) != row[name]}
            if changes:
                await _write("faq_revisions", row, changes)
        last = rows[-1]["id"]


async def _write(table: str, row: Mapping[str, Any], changes: Mapping[str, str]) -> None:
    """What an erasure has altered meanwhile stays as it is."""
    columns = ", ".join(f"{name} = :{name}" for name in changes)
    unchanged = " AND ".join(f"{name} = :old_{name}" for name in changes)
    await execute(
        f"UPDATE {table} SET {columns} WHERE id = :id AND {unchanged}",  # noqa: S608 - names of ours
        {**changes, **{f"old_{name}": row[name] for name in changes}, "id": row["id"]},
    )
