"""Which FAQ entries stand in a post as cards: kept for figures, made anew from what the post says now."""

from __future__ import annotations

from community.core.db import execute, fetch, in_transaction, random_id
from community.core.markdown_entries import CARD_CLASS
from community.core.outbox import Fact
from community.faq.queries import quoted_ids


async def note_quotations(fact: Fact) -> None:
    await _note(fact["post_id"])


async def recount_quotations() -> None:
    """For all posts that hold cards: imported ones have told nobody."""
    last = 0
    while rows := await fetch(
        "SELECT id FROM posts WHERE id > :last AND body_html LIKE :card ORDER BY id LIMIT 500",
        {"last": last, "card": f'%class="{CARD_CLASS}"%'},
    ):
        for row in rows:
            await _note(row["id"])
        last = rows[-1]["id"]


async def _note(post_id: int) -> None:
    rows = await fetch("SELECT body_html FROM posts WHERE id = :id", {"id": post_id})
    quoted = quoted_ids(row["body_html"] for row in rows)
    if not quoted and not await fetch(
        "SELECT 1 FROM faq_quotations WHERE post_id = :id LIMIT 1", {"id": post_id}
    ):
        return
    async with in_transaction():
        await execute("DELETE FROM faq_quotations WHERE post_id = :id", {"id": post_id})
        for entry_id in sorted(quoted):
            await execute(
                """INSERT INTO faq_quotations (id, entry_id, post_id)
                SELECT :row_id, e.id, p.id FROM faq_entries e, posts p WHERE e.id = :entry_id AND p.id = :post_id
                ON CONFLICT (entry_id, post_id) DO NOTHING""",
                {"row_id": random_id(), "entry_id": entry_id, "post_id": post_id},
            )
