"""Erasing what a post says, for good: where the law, or somebody's right, leaves no other way.

Only what is hidden is erased, so there is always a step before it that can be taken back. In a space that asks for
it, whoever erases is not who has hidden it.
"""

from __future__ import annotations

from typing import Any

from community.core import i18n, markdown
from community.core.db import execute, fetch_one, in_transaction
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.text import slug
from community.core.viewer import Viewer
from community.decisions.four_eyes import demand_second_person
from community.decisions.grounds import Ground
from community.decisions.queries import find_last_actor
from community.decisions.statements import find_statements
from community.threads.actions import discard_edit_drafts
from community.threads.models import PostKind
from community.threads.order import Restriction, conclude, demand_reason, lock_post


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
        thread = await fetch_one(
            """SELECT t.language, s.erasures_wait FROM threads t JOIN spaces s ON s.id = t.space_id
            WHERE t.id = :id""",
            {"id": post["thread_id"]},
        )
        assert thread is not None  # noqa: S101 - its row is locked
        if thread["erasures_wait"]:
            hidden_by = await find_last_actor(f"post:{post_id}", "hide_post")
            if hidden_by == by.id:
                raise RuleBroken(_("You have hidden this. In its space somebody else has to erase it."))
            await demand_second_person(by, {hidden_by} if hidden_by is not None else set())
        body, title = _in_language(thread["language"])
        await execute(
            """UPDATE posts SET body = :body, body_html = :html, render_version = :render, edited_at = NULL,
            version = version + 1 WHERE id = :id""",
            {
                "body": body,
                "html": markdown.render(body),
                "render": markdown.RENDER_VERSION,
                "id": post_id,
            },
        )
        await execute("DELETE FROM revisions WHERE post_id = :id", {"id": post_id})
        await discard_edit_drafts(post_id)
        named = post["thread_id"] if is_opening else await _find_merged(post_id)
        if named is not None:
            given = {"title": title, "slug": slug(title), "id": named}
            await execute(
                "UPDATE threads SET title = :title, slug = :slug, tag_names = '' WHERE id = :id", given
            )
            await execute("DELETE FROM thread_tags WHERE thread_id = :id", {"id": named})
        subject = f"post:{post_id}"
        before = (await find_statements([subject])).get(subject)
        restriction = Restriction(post["author_id"], ground, before is not None and before.is_prompted)
        await conclude(post, "erase_post", by, reason, fact="post.erased", restriction=restriction, **noted)


async def _find_merged(post_id: int) -> int | None:
    """The thread that this post opened before it was merged into another one: its row keeps title and tags."""
    row = await fetch_one(
        """SELECT t.id FROM posts p JOIN threads t ON t.id = p.moved_from_id AND t.created_at = p.created_at
        WHERE p.id = :id AND t.merged_into_id IS NOT NULL""",
        {"id": post_id},
    )
    return row["id"] if row else None


def _in_language(language: str) -> tuple[str, str]:
    """What stands in the place of a text and of a title, for readers of the thread."""
    reader = i18n.language()
    i18n.use(language)
    try:
        return _("This text was erased by the moderators."), _("Erased question")
    finally:
        i18n.use(reader)
