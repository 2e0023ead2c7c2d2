"""Staff give a thread another title or other tags; what they were is kept as an earlier version."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import STAFF_ROLES, Viewer
from community.spaces.models import SpaceKind
from community.spaces.queries import find_four_eyes
from community.threads.actions import retitle
from community.threads.models import Post, Revision, Thread
from community.threads.order import conclude, demand_reason, lock_opening


async def retitle_thread(
    thread_id: int,
    *,
    title: str,
    tags: tuple[str, ...],
    by: Viewer,
    reason: str,
    version: int | None = None,
    **noted: Any,
) -> None:
    """Another title, other tags, or both; whoever started the thread learns the reason.

    `version` is that of the opening post as the form showed it: `Conflict` if it has been edited meanwhile.
    """
    demand_reason(reason)
    async with in_transaction():
        opening = await lock_opening(thread_id)
        thread = await Thread.get(id=thread_id)
        await _demand_no_second_person(opening)
        post = await Post.get(id=opening["id"])
        if version is not None and version != post.version:
            raise Conflict(_("Somebody has edited this text meanwhile."))
        if (thread.title, thread.tag_names) == (title, " ".join(tags)):
            raise RuleBroken(_("Title and tags are the same as before."))
        await insert(
            Revision,
            id=random_id(),
            post_id=post.id,
            version=post.version,
            title=thread.title,
            tag_names=thread.tag_names,
            body=post.body,
            edited_by_id=by.id,
            replaced_at=now(),
        )
        await execute(
            "UPDATE posts SET edited_at = :at, version = version + 1 WHERE id = :id",
            {"at": now(), "id": post.id},
        )
        await retitle(thread, title, tags)
        await conclude(
            opening, "retitle_thread", by, reason, fact="thread.retitled", version=post.version, **noted
        )


async def _demand_no_second_person(opening: Mapping[str, Any]) -> None:
    """Where texts of staff need a second person, so do their titles: as a change of the text, which waits."""
    row = await fetch_one(
        """SELECT m.role, s.kind FROM spaces s LEFT JOIN members m ON m.id = :author WHERE s.id = :space""",
        {"author": opening["author_id"], "space": opening["space_id"]},
    )
    if row is None or (row["kind"] != SpaceKind.BLOG and row["role"] not in STAFF_ROLES):
        return
    asked = await find_four_eyes(opening["space_id"])
    if asked.articles_wait if row["kind"] == SpaceKind.BLOG else asked.staff_posts_wait:
        raise RuleBroken(
            _("Texts of staff need a second person here. Please edit the text itself, with its title.")
        )


async def retitle_back(thread_id: int, *, version: int, by: Viewer, reason: str, **noted: Any) -> None:
    """Title and tags as they were in this version; refused if the opening post has been edited since."""
    async with in_transaction():
        opening = await lock_opening(thread_id)
        post = await Post.get(id=opening["id"])
        before = await fetch_one(
            "SELECT title, tag_names FROM revisions WHERE post_id = :id AND version = :version",
            {"id": post.id, "version": version},
        )
        if post.version != version + 1 or before is None:
            raise RuleBroken(_("The question has been edited since. Please change title and tags by hand."))
        tags = tuple(before["tag_names"].split())
        await retitle_thread(thread_id, title=before["title"], tags=tags, by=by, reason=reason, **noted)


async def find_opening_version(thread_id: int) -> int:
    """Of the opening post, for the form; the thread was loaded through the viewer before."""
    rows = await fetch(
        "SELECT version FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id}
    )
    return int(rows[0]["version"])
