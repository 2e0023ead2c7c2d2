"""The sources of an entry as its editors see them: each post with how it stands. Loaded once for a page."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from community.core.db import fetch
from community.core.viewer import Viewer
from community.faq.permissions import demand_editor
from community.faq.rules import needs_clearance, seen_together
from community.faq.standing import Source, find_newly_narrowed, is_edited, load_sources, readable, standing_of
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of


@dataclass(frozen=True, slots=True)
class SourcePost:
    """A post that an entry is made from, or could be."""

    post_id: int
    kind: str
    thread_id: int
    thread_slug: str
    thread_title: str
    space_name: str
    space_access: str
    author: AuthorRow | None
    body: str
    body_html: str
    hidden: bool
    erased: bool


@dataclass(frozen=True, slots=True)
class EditorialSource:
    """A source beside the text that was made from it."""

    post: SourcePost
    kept: str
    """The fingerprint that the released text was held against."""
    standing: str
    """What it says and how it stands now, as one value to compare."""
    changed: bool
    """Whether it said something else when the version in work was held against it."""
    asks_clearance: bool
    """Whether readers of the released text may not read it, and nobody has said yes to that."""
    is_solution: bool
    """Also for what is no answer."""
    solution: SourcePost | None
    """What is the solution of its thread now."""
    adopted: bool
    """Whether that is to take its place as soon as the text was found right against it."""


async def list_editorial_sources(viewer: Viewer, entry_id: int) -> tuple[EditorialSource, ...]:
    """The sources that this editor may read, the oldest post first, with what they say now."""
    demand_editor(viewer)
    sources = (await load_sources([entry_id]))[entry_id]
    shown = readable(sources, viewer)
    ids = {number for each in shown for number in (each.post_id, each.solution_id) if number is not None}
    posts = await _posts(viewer, ids)
    standing = standing_of(sources)
    narrowed = {source.id for source in find_newly_narrowed(sources, viewer)}
    return tuple(
        _source(source, posts, standing[source.id], source.id in narrowed)
        for source in shown
        if source.post_id in posts
    )


def _source(
    source: Source, posts: Mapping[int, SourcePost], standing: str, asks_clearance: bool
) -> EditorialSource:
    return EditorialSource(
        post=posts[source.post_id],
        kept=source.kept,
        standing=standing,
        changed=is_edited(source, draft=True),
        asks_clearance=asks_clearance,
        is_solution=source.solution_id == source.post_id or not source.is_answer,
        solution=posts.get(source.solution_id or 0),
        adopted=source.replaced_by == source.solution_id is not None,
    )


async def _posts(viewer: Viewer, post_ids: Collection[int]) -> dict[int, SourcePost]:
    rows = await fetch(
        f"""SELECT p.id, p.kind, p.body, p.body_html, p.hidden_at, p.erased_at, t.id AS thread_id, t.slug, t.title,
        t.hidden_at AS thread_hidden_at, t.space_id, s.name AS space_name, s.access, {AUTHOR_COLUMNS}
        FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
        LEFT JOIN members m ON m.id = p.author_id WHERE p.id IN (:ids)""",  # noqa: S608 - constants
        {"ids": sorted(post_ids)},
    )
    return {row["id"]: _post(row) for row in rows if viewer.may_read(row["space_id"])}


def _post(row: Mapping[str, Any]) -> SourcePost:
    return SourcePost(
        post_id=row["id"],
        kind=row["kind"],
        thread_id=row["thread_id"],
        thread_slug=row["slug"],
        thread_title=row["title"],
        space_name=row["space_name"],
        space_access=row["access"],
        author=author_of(row),
        body=row["body"],
        body_html=row["body_html"],
        hidden=row["hidden_at"] is not None or row["thread_hidden_at"] is not None,
        erased=row["erased_at"] is not None,
    )


def seen_of(sources: Iterable[EditorialSource]) -> str:
    """What a form keeps of the sources in view, for `edit_entry`."""
    return seen_together(source.standing for source in sources)


def wants_clearance(audience: str, sources: Iterable[EditorialSource]) -> bool:
    """Whether a person has to say yes before this entry goes into review."""
    return needs_clearance(audience, (source.post.space_access for source in sources))
