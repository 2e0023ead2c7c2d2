"""What websites that mirror the public FAQ were told, and what they have to be told now.

The newest row of an entry in `faq_changes` says what they know of it. Whatever alters an entry outside, be it a
release, a category, or a post far away whose author is named here, is noticed by comparing what a guest may read now
with that row, so that no cause can be forgotten. The cursor of the feed is the id of a row.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_known_time, fetch, fetch_one, in_transaction
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.faq.exported import BATCH, ExportedEntry, entry_key, list_exported, load_exported
from community.faq.models import IS_PUBLIC, EntryChange
from community.settings import settings

BEGINNING = "0"
"""The cursor of whoever has nothing yet."""
CHANGES_PER_PAGE = 500
WITHDRAWN = "withdrawn"
_MOST_ATTEMPTS = 5
"""Others may be changing entries meanwhile."""

_NEWEST = "NOT EXISTS (SELECT 1 FROM faq_changes n WHERE n.entry_id = c.entry_id AND n.id > c.id)"


class StartAgain(Exception):  # noqa: N818 - it is an answer, not a failure
    """The cursor is none of ours, or of a time before a backup was restored: only everything helps."""


@dataclass(frozen=True, slots=True)
class Retraction:
    """An entry that was there and is not any more."""

    id: int
    at: datetime

    @property
    def key(self) -> str:
        return entry_key(self.id)


@dataclass(frozen=True, slots=True)
class Changes:
    """What happened to the public FAQ after a cursor."""

    entries: tuple[ExportedEntry, ...]
    retractions: tuple[Retraction, ...]
    cursor: str
    """Where to go on next time."""
    more: bool
    """Whether there are further changes after `cursor` already now."""
    changed_at: datetime | None = None
    """When the newest of them happened; None where more follow."""


# --- reading --------------------------------------------------------------------------------------------


async def list_changes(
    since: str = BEGINNING, *, language: str = "", category: str = "", size: int = CHANGES_PER_PAGE
) -> Changes:
    """What changed after the cursor `since`, each entry once, in its present state. Raises `StartAgain`.

    With `language` or `category` only entries in it; one that has left it is retracted like one that was withdrawn,
    because nobody remembers where it stood when this mirror last came.
    """
    after = await _position(since)
    rows, present = await _as_noted(after, size)
    page = rows[:size]
    entries = tuple(
        entry
        for entry in present
        if (not language or entry.language == language) and (not category or entry.category_slug == category)
    )
    there = {entry.id for entry in entries}
    return Changes(
        entries=entries,
        retractions=tuple(
            Retraction(row["entry_id"], as_known_time(row["at"]))
            for row in page
            if after and row["entry_id"] not in there
        ),
        cursor=_cursor(page[-1]) if page else since,
        more=len(rows) > size,
        # Another change of an entry on a page before the last one takes it away from there, which no date here tells.
        changed_at=as_known_time(page[-1]["at"]) if page and len(rows) <= size else None,
    )


async def _as_noted(after: int, size: int) -> tuple[Sequence[Row], tuple[ExportedEntry, ...]]:
    """The rows after a position, one more than `size`, and the entries of the first `size`, as the rows note them.

    What is shown here and noted nowhere would stay with a mirror, if it were taken back before the worker looks.
    """
    for _attempt in range(_MOST_ATTEMPTS):
        rows = await fetch(
            f"""SELECT c.id, c.entry_id, c.at, c.digest FROM faq_changes c WHERE c.id > :after AND {_NEWEST}
            ORDER BY c.id LIMIT :size""",  # noqa: S608 - constants
            {"after": after, "size": size + 1},
        )
        entries = await load_exported([row["entry_id"] for row in rows[:size]])
        told = {row["entry_id"]: row["digest"] for row in rows[:size]}
        if not await _note_others(entries, told):
            break
    return rows, entries


async def load_all() -> tuple[tuple[ExportedEntry, ...], str]:
    """All public entries by category, as mirrors are told of them, and the cursor with which a mirror that begins
    with them goes on."""
    for _attempt in range(_MOST_ATTEMPTS):
        # The cursor is read first: whoever goes on from it meets a change of this moment twice rather than never.
        cursor = await current_cursor()
        entries = await list_exported()
        rows = await fetch(f"SELECT c.entry_id, c.digest FROM faq_changes c WHERE {_NEWEST}")  # noqa: S608
        if not await _note_others(entries, {row["entry_id"]: row["digest"] for row in rows}):
            break
    return entries, cursor


async def _note_others(entries: Sequence[ExportedEntry], told: Mapping[int, str]) -> bool:
    """Note whichever of these is not as mirrors were told (no digest: withdrawn); whether there was any."""
    present = {entry.id: _digest(entry) for entry in entries}
    others = [each for each in {**told, **present} if told.get(each, "") != present.get(each, "")]
    for start in range(0, len(others), BATCH):
        # Each in a transaction of its own: it holds what all who change anything public wait for.
        await _note_now(others[start : start + BATCH])
    return bool(others)


async def current_cursor() -> str:
    """The cursor after everything that has happened so far."""
    row = await fetch_one("SELECT id, entry_id, at FROM faq_changes ORDER BY id DESC LIMIT 1")
    return _cursor(row) if row else BEGINNING


def _cursor(row: Mapping[str, Any]) -> str:
    """The row's number, and a sign of what it says: after a restored backup the same number means something else."""
    said = f"{row['id']}|{row['entry_id']}|{as_known_time(row['at']).isoformat()}"
    return f"{row['id']}-{hashlib.blake2b(said.encode(), digest_size=6).hexdigest()}"


async def _position(cursor: str) -> int:
    if cursor == BEGINNING:
        return 0
    number = cursor.partition("-")[0]
    if not (number.isascii() and number.isdecimal() and len(number) < 16):
        raise StartAgain
    row = await fetch_one("SELECT id, entry_id, at FROM faq_changes WHERE id = :id", {"id": int(number)})
    if row is None or _cursor(row) != cursor:
        raise StartAgain
    return int(row["id"])


# --- noting ---------------------------------------------------------------------------------------------


async def note_changes(entry_ids: Sequence[int]) -> None:
    """Compare these entries with what mirrors were told, and note what is new.

    In a transaction that has raised the site's stamp before: its row is the lock by which a larger id never becomes
    visible before a smaller one.
    """
    moment = now()
    for start in range(0, len(entry_ids), BATCH):
        batch = entry_ids[start : start + BATCH]
        for entry_id, change, digest in await _differences(batch):
            await insert(EntryChange, entry_id=entry_id, change=change, digest=digest, at=moment)


async def _note_now(entry_ids: Sequence[int]) -> None:
    """For what was found outside of a transaction: looked at anew in one, for somebody may have been faster. Not for
    nothing, because the stamp makes kept pages stale."""
    async with in_transaction():
        await raise_site_stamp()
        await note_changes(entry_ids)


async def _differences(entry_ids: Collection[int]) -> list[tuple[int, str, str]]:
    """What mirrors do not know yet of these entries: id, what happened, and the digest of what there is now."""
    present = {entry.id: _digest(entry) for entry in await load_exported(list(entry_ids))}
    rows = await fetch(
        f"SELECT c.entry_id, c.change, c.digest FROM faq_changes c WHERE c.entry_id IN (:ids) AND {_NEWEST}",  # noqa: S608
        {"ids": list(entry_ids)},
    )
    told = {row["entry_id"]: row["digest"] for row in rows if row["change"] != WITHDRAWN}
    found = []
    for entry_id in entry_ids:
        if entry_id in present and entry_id not in told:
            found.append((entry_id, "published", present[entry_id]))
        elif entry_id in present and present[entry_id] != told[entry_id]:
            found.append((entry_id, "changed", present[entry_id]))
        elif entry_id in told and entry_id not in present:
            found.append((entry_id, WITHDRAWN, ""))
    return found


def _digest(entry: ExportedEntry) -> str:
    """All that leaves the site of an entry, in 32 characters."""
    said = {each.name: getattr(entry, each.name) for each in fields(entry)}
    text = json.dumps(said, default=str, sort_keys=True)
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


class MirrorTending:
    """Looks again and again whether something far from the FAQ has changed an entry outside."""

    def __init__(self) -> None:
        self._seen: _Surroundings | None = None

    async def look(self) -> None:
        """Note what has changed; nearly free while nothing has that could matter."""
        seen = await _surroundings()
        if seen == self._seen:
            return
        ids = await _concerned(self._seen, seen)
        for start in range(0, len(ids), BATCH):
            found = [entry_id for entry_id, *_rest in await _differences(ids[start : start + BATCH])]
            if found:
                await _note_now(found)
        self._seen = seen


@dataclass(frozen=True, slots=True)
class _Surroundings:
    """Differs from an earlier one if anything has changed that an entry shows outside."""

    stamp: object
    """For names, spaces and the FAQ itself: such a change may matter to every entry."""
    sources: Mapping[int, tuple[int, ...]]
    """By entry, for what is done to its sources."""


async def _surroundings() -> _Surroundings:
    stamp = await fetch_one("SELECT value FROM site_stamp WHERE id = 1")
    assert stamp is not None  # noqa: S101 - the migration that made the table made its row
    rows = await fetch(
        """SELECT s.entry_id, COUNT(*) AS n, MIN(t.id) AS first, MAX(t.id) AS last, SUM(t.version) AS versions
        FROM faq_sources s JOIN threads t ON t.id = s.thread_id GROUP BY s.entry_id"""
    )
    sources = {row["entry_id"]: (row["n"], row["first"], row["last"], int(row["versions"])) for row in rows}
    return _Surroundings((stamp["value"], settings.base_url), sources)


async def _concerned(before: _Surroundings | None, after: _Surroundings) -> list[int]:
    """The entries that may show something else outside now."""
    if before is not None and before.stamp == after.stamp:
        ids = before.sources.keys() | after.sources.keys()
        return sorted(i for i in ids if before.sources.get(i) != after.sources.get(i))
    rows = await fetch(
        f"""SELECT e.id FROM faq_entries e WHERE {IS_PUBLIC} AND e.published_audience = 'public'
        UNION SELECT c.entry_id FROM faq_changes c WHERE c.change <> '{WITHDRAWN}' AND {_NEWEST}
        ORDER BY 1"""  # noqa: S608 - constants
    )
    return [row["id"] for row in rows]
