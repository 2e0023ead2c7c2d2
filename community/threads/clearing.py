"""Erasing what a post says, for good: where the law, or somebody's right, leaves no other way.

Only what is hidden is erased, so there is always a step before it that can be taken back. In a space that asks for
it, whoever erases is not who has hidden it.
"""

from __future__ import annotations

from typing import Any

from community.core import markdown
from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, in_transaction
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.text import slug
from community.core.viewer import Viewer
from community.decisions.four_eyes import demand_second_person
from community.decisions.grounds import Ground
from community.decisions.statements import find_statements
from community.threads.actions import discard_edit_drafts, edit_place, save_draft
from community.threads.erased import erased_texts
from community.threads.models import PostKind
from community.threads.order import Restriction, conclude, demand_reason, lock_post
from community.threads.whereabouts import Whereabouts, find_whereabouts


async def clear_post(post_id: int, *, ground: Ground, by: Viewer, reason: str, **noted: Any) -> None:
    """Put a short sentence in the place of what the post says, and forget all that it ever said.

    Of an opening post title and tags go, too. It stays hidden; restored, it shows the sentence, so that answers and
    comments of others can be read again. The log keeps no word of it. What hangs on the post goes by
    `moderation.erasing`, which is the act that pages offer.
    """
    demand_reason(reason)
    async with in_transaction():
        post = await lock_post(post_id)
        is_opening = post["kind"] == PostKind.OPENING
        if post["thread_hidden_at" if is_opening else "hidden_at"] is None:
            raise RuleBroken(_("Please hide it first. Only what is hidden can be erased."))
        been = await find_whereabouts(post_id, post["thread_id"])
        await _demand_second_person(been, post["space_id"], by)
        body, title = await _in_language_of(post["thread_id"])
        if await _is_cleared(post_id, body):
            raise RuleBroken(_("This is erased already."))
        await execute(
            """UPDATE posts SET body = :body, body_html = :html, render_version = :render, edited_at = NULL,
            erased_at = :now, version = version + 1 WHERE id = :id""",
            {
                "now": now(),
                "body": body,
                "html": markdown.render(body),
                "render": markdown.RENDER_VERSION,
                "id": post_id,
            },
        )
        await execute("DELETE FROM revisions WHERE post_id = :id", {"id": post_id})
        await discard_edit_drafts(post_id)
        named = await _named_by(post_id, been) | ({post["thread_id"]} if is_opening else set())
        for thread_id in sorted(named):
            given = {"title": title, "slug": slug(title), "id": thread_id}
            await execute(
                "UPDATE threads SET title = :title, slug = :slug, tag_names = '' WHERE id = :id", given
            )
            await execute("DELETE FROM thread_tags WHERE thread_id = :id", {"id": thread_id})
        subject = f"post:{post_id}"
        before = (await find_statements([subject])).get(subject)
        restriction = Restriction(post["author_id"], ground, before is not None and before.is_prompted)
        await conclude(post, "erase_post", by, reason, fact="post.erased", restriction=restriction, **noted)


async def _demand_second_person(been: Whereabouts, space_id: int, by: Viewer) -> None:
    """Where a space asks for two, or has asked while the post stood in it, neither whoever has hidden it erases it
    nor whoever has carried it out of there."""
    spaces = sorted(been.spaces | {space_id})
    rows = await fetch("SELECT id FROM spaces WHERE id IN (:ids) AND erasures_wait", {"ids": spaces})
    asking = {row["id"] for row in rows}
    if not asking:
        return
    first = been.carriers_from(asking) | {entry.actor_id for entry in been.hidden[:1] if entry.actor_id}
    if not first:
        raise RuleBroken(
            _(
                "Nobody knows who has hidden this. Please restore it and hide it again; then a colleague erases it."
            )
        )
    if by.id in first:
        raise RuleBroken(_("You have hidden or moved this. In its space somebody else has to erase it."))
    await demand_second_person(by, first)


async def save_edit_draft(post_id: int, *, by: int, title: str, body: str, tags: str, version: int) -> None:
    """Keep what a member has typed for a post. Nothing is kept where the post was erased since they began: words that
    are erased do not come back from a page that was still open."""
    async with in_transaction():
        found = (
            "SELECT t.language, p.version FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = :id"
        )
        row = await fetch_one({"sqlite": found, "postgresql": f"{found} FOR SHARE OF p"}, {"id": post_id})
        if row is None:
            return
        if row["version"] != version and await _is_cleared(post_id, erased_texts(row["language"]).by_staff):
            return
        await save_draft(edit_place(post_id), by=by, title=title, body=body, tags=tags, version=version)


async def _is_cleared(post_id: int, body: str) -> bool:
    row = await fetch_one(
        """SELECT 1 AS found FROM posts WHERE id = :id AND body = :body
        AND NOT EXISTS (SELECT 1 FROM revisions WHERE post_id = :id)""",
        {"id": post_id, "body": body},
    )
    return row is not None


async def _named_by(post_id: int, been: Whereabouts) -> set[int]:
    """The threads that this post has opened and that lead elsewhere now: their rows keep title and tags."""
    rows = await fetch(
        "SELECT id FROM threads WHERE id IN (:ids) AND merged_into_id IS NOT NULL",
        {"ids": sorted(been.opened(post_id))},
    )
    return {row["id"] for row in rows}


async def _in_language_of(thread_id: int) -> tuple[str, str]:
    thread = await fetch_one("SELECT language FROM threads WHERE id = :id", {"id": thread_id})
    assert thread is not None  # noqa: S101 - its row is locked
    texts = erased_texts(thread["language"])
    return texts.by_staff, texts.title
