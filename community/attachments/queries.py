"""What pages read about attachments. Who may see one follows from its post, which is loaded through the viewer."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from community.core.db import Row, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.spaces.models import SpaceAccess
from community.threads.queries import get_post


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    id: int
    post_id: int | None
    member_id: int | None
    place: str
    name: str
    alt: str
    content_type: str
    size: int
    digest: str
    storage_name: str
    width: int | None
    height: int | None
    small_width: int | None
    small_height: int | None

    @property
    def is_picture(self) -> bool:
        return self.width is not None

    @property
    def text_id(self) -> int | None:
        """The waiting text that it waits with."""
        kind, _colon, number = self.place.partition(":")
        return int(number) if kind == "text" and self.post_id is None else None


_COLUMNS = """a.id, a.post_id, a.member_id, a.place, a.name, a.alt, a.content_type, a.size, a.digest,
a.storage_name, a.width, a.height, a.small_width, a.small_height"""
_ORDER = "ORDER BY a.position, a.created_at, a.id"


_IN_PLACE = """(a.place = :place OR a.place IN (
    WITH RECURSIVE merged (id) AS (SELECT id FROM threads WHERE merged_into_id = :thread
      UNION SELECT t.id FROM threads t JOIN merged m ON t.merged_into_id = m.id)
    SELECT 'answer:' || merged.id FROM merged))"""
"""Whoever was answering in a thread that was merged meanwhile goes on in the other one, with their files."""


def _in_place(place: str) -> dict[str, object]:
    kind, _colon, number = place.partition(":")
    is_answer = kind == "answer" and number.isascii() and number.isdecimal()
    return {"place": place, "thread": int(number) if is_answer else 0}


def _rows(rows: Sequence[Row]) -> tuple[AttachmentRow, ...]:
    return tuple(AttachmentRow(**dict(row)) for row in rows)


def held_in(text_id: int) -> str:
    """The place of files that wait with a text."""
    return f"text:{text_id}"


async def get_row(attachment_id: int) -> AttachmentRow:
    """Says nothing about who may see it."""
    rows = await fetch(f"SELECT {_COLUMNS} FROM attachments a WHERE a.id = :id", {"id": attachment_id})  # noqa: S608
    if not rows:
        raise NotFound
    return _rows(rows)[0]


async def demand_readable(row: AttachmentRow, viewer: Viewer) -> bool:
    """`NotFound` unless the viewer may see the file at this moment; whether everybody may.

    It is seen by whoever sees its post; before it is posted, by its member alone.
    """
    if row.post_id is None:
        if not viewer.is_member or row.member_id != viewer.id:
            raise NotFound
        return False
    post, thread = await get_post(row.post_id, viewer)
    return thread.space_access == SpaceAccess.OPEN and thread.hidden_at is None and post.hidden_at is None


async def list_held(text_id: int) -> tuple[AttachmentRow, ...]:
    """The files of a waiting text that was loaded through the viewer before."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM attachments a WHERE a.post_id IS NULL AND a.place = :place {_ORDER}",  # noqa: S608
        {"place": held_in(text_id)},
    )
    return _rows(rows)


async def list_of_posts(post_ids: Collection[int]) -> dict[int, tuple[AttachmentRow, ...]]:
    """The files of posts that were loaded through the viewer before."""
    if not post_ids:
        return {}
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM attachments a WHERE a.post_id IN (:post_ids) {_ORDER}",  # noqa: S608
        {"post_ids": list(post_ids)},
    )
    found: dict[int, tuple[AttachmentRow, ...]] = {}
    for row in _rows(rows):
        found[row.post_id or 0] = (*found.get(row.post_id or 0, ()), row)
    return found


async def alts_of(ids: Collection[int]) -> dict[int, str]:
    """What is said to be seen on these pictures; those without a word are left out.

    In a transaction they stay as they are until its end: what was checked is what is published.
    """
    if not ids:
        return {}
    found = "SELECT id, alt FROM attachments WHERE id IN (:ids) ORDER BY id"
    rows = await fetch({"sqlite": found, "postgresql": f"{found} FOR NO KEY UPDATE"}, {"ids": list(ids)})
    return {row["id"]: row["alt"] for row in rows if row["alt"]}


async def ids_of_post(post_id: int) -> tuple[int, ...]:
    """The files of one post, in their order."""
    return tuple(row.id for row in (await list_of_posts([post_id])).get(post_id, ()))


async def list_unposted(viewer: Viewer, place: str) -> tuple[AttachmentRow, ...]:
    """What the viewer has attached in a form that is not published yet."""
    rows = await fetch(
        f"SELECT {_COLUMNS} FROM attachments a WHERE a.member_id = :me AND a.post_id IS NULL AND {_IN_PLACE} "  # noqa: S608
        f"{_ORDER}",
        {"me": viewer.id, **_in_place(place)},
    )
    return _rows(rows)


async def list_usable(
    viewer: Viewer, ids: Sequence[int], *, place: str, post_id: int | None = None
) -> tuple[AttachmentRow, ...]:
    """Of these files, in this order, those that a form may name: unposted ones of its own, and those of its post."""
    if not ids:
        return ()
    rows = await fetch(
        f"""SELECT {_COLUMNS} FROM attachments a WHERE a.id IN (:ids)
        AND ((a.member_id = :me AND a.post_id IS NULL AND {_IN_PLACE}) OR a.post_id = :post_id)""",  # noqa: S608
        {"ids": list(ids), "me": viewer.id, "post_id": post_id or 0, **_in_place(place)},
    )
    found = {row.id: row for row in _rows(rows)}
    return tuple(found[each] for each in dict.fromkeys(ids) if each in found)


async def list_teasers(thread_ids: Collection[int]) -> dict[int, AttachmentRow]:
    """The first picture of the opening post of each of these threads, which were loaded through the viewer before."""
    if not thread_ids:
        return {}
    rows = await fetch(
        f"""SELECT p.thread_id, {_COLUMNS} FROM attachments a JOIN posts p ON p.id = a.post_id
        WHERE p.thread_id IN (:ids) AND p.kind = 'opening' AND p.hidden_at IS NULL AND a.width IS NOT NULL
        {_ORDER}""",  # noqa: S608 - constants
        {"ids": list(thread_ids)},
    )
    found: dict[int, AttachmentRow] = {}
    for row in rows:
        values = dict(row)
        found.setdefault(values.pop("thread_id"), AttachmentRow(**values))
    return found
