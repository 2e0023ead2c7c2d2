"""Thanks for a post: one per member and post, never for oneself, counted exactly however many arrive at once."""

from __future__ import annotations

from community.core import outbox
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.sanctions.queries import demand_may_write
from community.threads.marks import count_kudos


async def give_kudos(post_id: int, *, by: int) -> None:
    """Give thanks; giving twice is the same as giving once."""
    async with in_transaction():
        rows = await fetch(
            """SELECT p.author_id, t.space_id FROM posts p JOIN threads t ON t.id = p.thread_id
            WHERE p.id = :id AND p.hidden_at IS NULL""",
            {"id": post_id},
        )
        if not rows or rows[0]["author_id"] == by:
            raise RuleBroken(_("You cannot give kudos for this post."))
        await demand_may_write(by, rows[0]["space_id"])
        added = await execute(
            """INSERT INTO kudos (id, post_id, member_id, given_at) VALUES (:id, :post_id, :by, :at)
            ON CONFLICT (post_id, member_id) DO NOTHING""",
            {"id": random_id(), "post_id": post_id, "by": by, "at": now()},
        )
        if added:
            await count_kudos(post_id, 1)
            await outbox.record("kudos.given", post_id=post_id, by=by)


async def take_back_kudos(post_id: int, *, by: int) -> None:
    async with in_transaction():
        removed = await execute(
            "DELETE FROM kudos WHERE post_id = :post_id AND member_id = :by", {"post_id": post_id, "by": by}
        )
        if removed:
            await count_kudos(post_id, -1)
            await outbox.record("kudos.taken_back", post_id=post_id, by=by)
