"""All that a post has said: its earlier texts and the one that stands now, each with who wrote it, and when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.db import as_time, fetch
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView, get_body

MOST_VERSIONS = 200


@dataclass(frozen=True, slots=True)
class Version:
    number: int
    by: str
    """Who wrote it; empty for a former member."""
    at: datetime
    title: str
    """Of the thread, as are the tags; empty for what opens none."""
    tags: tuple[str, ...]
    body: str


async def list_versions(post: PostRow, thread: ThreadView) -> list[Version]:
    """The newest 200 of a post that was loaded through the viewer, oldest first; the last one is what it says now."""
    rows = await fetch(
        f"""SELECT r.version, r.title, r.tag_names, r.body, r.replaced_at,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS edited_by
        FROM revisions r LEFT JOIN members m ON m.id = r.edited_by_id AND m.erased_at IS NULL
        WHERE r.post_id = :id ORDER BY r.version DESC LIMIT {MOST_VERSIONS}""",  # noqa: S608 - a constant
        {"id": post.id},
    )
    versions: list[Version] = []
    # A row holds what was replaced, and by whom and when: so each names the writer of the version after it.
    by, at = (post.author.staff_name or post.author.nickname) if post.author else "", post.created_at
    for row in reversed(rows):
        versions.append(
            Version(row["version"], by, at, row["title"], tuple(row["tag_names"].split()), row["body"])
        )
        by, at = row["edited_by"] or "", as_time(row["replaced_at"]) or at
    is_opening = post.kind == PostKind.OPENING
    title, tags = (thread.title, thread.tags) if is_opening else ("", ())
    return [*versions, Version(post.version, by, at, title, tags, await get_body(post.id))]
