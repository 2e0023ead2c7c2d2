"""What editors see of why an entry has to be checked: each cause with what the source said then and says now.

What a source said is not kept with the entry: it is looked up among the versions of the post, by its fingerprint.
So what was erased there can be read nowhere.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_known_time, fetch
from community.core.viewer import Viewer
from community.faq.causes import Source, find_newly_narrowed, load_sources, readable
from community.faq.models import CauseKind
from community.faq.permissions import demand_editor
from community.faq.rules import source_fingerprint
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

MOST_SETTLED = 20
MOST_VERSIONS = 200
"""So many earlier versions of a post are looked through."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a post says or said; the title only of an opening post."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class SourcePost:
    post_id: int
    kind: str
    thread_id: int
    thread_slug: str
    thread_title: str
    space_name: str
    space_access: str
    author: AuthorRow | None
    body_html: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause that is not settled."""

    kind: str
    post_id: int | None
    raised_at: datetime
    source: SourcePost | None
    """The source that it is about; None for dates and feedback."""
    now: Wording
    before: Wording | None
    """For an edited source, what it said when the entry was made; None where that is kept no more."""
    other: SourcePost | None
    """Where another answer is the solution now."""
    adopted: bool
    """Whether that is to take the place of the source as soon as the text was found right against it."""


@dataclass(frozen=True, slots=True)
class SettledRow:
    kind: str
    raised_at: datetime
    settled_at: datetime
    how: str
    by: str
    """Name of the person; empty where it settled itself, or for a former member."""


async def list_causes(viewer: Viewer, entry_id: int) -> tuple[CauseRow, ...]:
    """Causes that are not settled, the oldest first; none about a source that this editor may not read."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT id, kind, post_id, mark, raised_at FROM faq_causes
        WHERE entry_id = :id AND settled_at IS NULL ORDER BY raised_at, id LIMIT 100""",
        {"id": entry_id},
    )
    if not rows:
        return ()
    sources = {s.post_id: s for s in readable((await load_sources([entry_id]))[entry_id], viewer)}
    solutions = {s.solution_id for s in sources.values() if s.solution_id is not None}
    posts = await _posts(viewer, [*sources, *solutions])
    return tuple(
        [
            await _cause(row, sources, posts)
            for row in rows
            if row["post_id"] is None or (row["post_id"] in sources and row["post_id"] in posts)
        ]
    )


async def _cause(
    row: Mapping[str, Any], sources: Mapping[int, Source], posts: Mapping[int, tuple[SourcePost, str]]
) -> CauseRow:
    post_id = row["post_id"]
    source = sources.get(post_id)
    post, body = posts.get(post_id, (None, ""))
    other = None
    if source is not None and row["kind"] == CauseKind.OTHER_SOLUTION:
        other = posts.get(source.solution_id or 0, (None, ""))[0]
    is_edited = row["kind"] == CauseKind.EDITED
    return CauseRow(
        kind=row["kind"],
        post_id=post_id,
        raised_at=as_known_time(row["raised_at"]),
        source=post,
        now=Wording(post.thread_title if post and post.kind == "opening" else "", body),
        before=await _find_earlier(source) if source is not None and is_edited else None,
        other=other,
        adopted=source is not None and source.replaced_by == source.solution_id is not None,
    )


async def _posts(viewer: Viewer, post_ids: Sequence[int]) -> dict[int, tuple[SourcePost, str]]:
    rows = await fetch(
        f"""SELECT p.id, p.kind, p.body, p.body_html, t.id AS thread_id, t.slug, t.title, t.space_id,
        s.name AS space_name, s.access, {AUTHOR_COLUMNS} FROM posts p JOIN threads t ON t.id = p.thread_id
        JOIN spaces s ON s.id = t.space_id LEFT JOIN members m ON m.id = p.author_id
        WHERE p.id IN (:ids)""",  # noqa: S608 - constants
        {"ids": list(post_ids)},
    )
    return {
        row["id"]: (
            SourcePost(
                post_id=row["id"],
                kind=row["kind"],
                thread_id=row["thread_id"],
                thread_slug=row["slug"],
                thread_title=row["title"],
                space_name=row["space_name"],
                space_access=row["access"],
                author=author_of(row),
                body_html=row["body_html"],
            ),
            row["body"],
        )
        for row in rows
        if viewer.may_read(row["space_id"])
    }


async def _find_earlier(source: Source) -> Wording | None:
    """The version of the post that the released text was held against."""
    rows = await fetch(
        "SELECT title, body FROM revisions WHERE post_id = :id ORDER BY version DESC LIMIT :most",
        {"id": source.post_id, "most": MOST_VERSIONS},
    )
    for row in rows:
        if source_fingerprint("answer", "", row["body"]) == source.kept:
            return Wording("", row["body"])
        if source_fingerprint("opening", row["title"], row["body"]) == source.kept:
            return Wording(row["title"], row["body"])
    return None


async def asks_clearance(viewer: Viewer, entry_id: int) -> bool:
    """Whether a confirmation by this editor takes the yes that the text gives nothing away."""
    demand_editor(viewer)
    return bool(find_newly_narrowed((await load_sources([entry_id]))[entry_id], viewer))


async def has_unreadable_causes(viewer: Viewer, entry_id: int) -> bool:
    """Whether the entry is in check for something that this editor may not read."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT t.space_id FROM faq_causes c LEFT JOIN posts p ON p.id = c.post_id
        LEFT JOIN threads t ON t.id = p.thread_id
        WHERE c.entry_id = :id AND c.settled_at IS NULL AND c.post_id IS NOT NULL""",
        {"id": entry_id},
    )
    return any(row["space_id"] is None or not viewer.may_read(row["space_id"]) for row in rows)


async def list_kinds(viewer: Viewer, entry_ids: Sequence[int]) -> dict[int, list[str]]:
    """By entry the kinds of causes that are not settled and that this editor may know of, each once."""
    demand_editor(viewer)
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    rows = await fetch(
        f"""SELECT DISTINCT c.entry_id, c.kind FROM faq_causes c LEFT JOIN posts p ON p.id = c.post_id
        LEFT JOIN threads t ON t.id = p.thread_id WHERE c.entry_id IN (:ids) AND c.settled_at IS NULL
        AND (c.post_id IS NULL OR t.space_id IN ({spaces})) ORDER BY c.kind""",  # noqa: S608 - integers of ours
        {"ids": list(entry_ids)},
    )
    kinds: dict[int, list[str]] = {}
    for row in rows:
        kinds.setdefault(row["entry_id"], []).append(row["kind"])
    return kinds


async def list_settled(viewer: Viewer, entry_id: int) -> tuple[SettledRow, ...]:
    """What was settled, the latest first; nothing about a source that this editor may not read."""
    demand_editor(viewer)
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    rows = await fetch(
        f"""SELECT c.kind, c.raised_at, c.settled_at, c.settled_how,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS name FROM faq_causes c
        LEFT JOIN posts p ON p.id = c.post_id LEFT JOIN threads t ON t.id = p.thread_id
        LEFT JOIN members m ON m.id = c.settled_by AND m.erased_at IS NULL
        WHERE c.entry_id = :id AND c.settled_at IS NOT NULL AND (c.post_id IS NULL OR t.space_id IN ({spaces}))
        ORDER BY c.settled_at DESC, c.id DESC LIMIT {MOST_SETTLED}""",  # noqa: S608 - integers of ours
        {"id": entry_id},
    )
    return tuple(
        SettledRow(
            kind=row["kind"],
            raised_at=as_known_time(row["raised_at"]),
            settled_at=as_known_time(row["settled_at"]),
            how=row["settled_how"],
            by=row["name"] or "",
        )
        for row in rows
    )
