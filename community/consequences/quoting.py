"""Which FAQ entries stand in a post as cards: kept for figures, made anew from what the post says now."""

from __future__ import annotations

from community.core.db import execute, fetch, in_transaction, random_id
from community.core.markdown_entries import cards_in
from community.core.outbox import Fact


async def note_quotations(fact: Fact) -> None:
    rows = await fetch("SELECT body_html FROM posts WHERE id = :id", {"id": fact["post_id"]})
    quoted = sorted({number for row in rows for _html, number in cards_in(row["body_html"]) if number})
    async with in_transaction():
        await execute("DELETE FROM faq_quotations WHERE post_id = :id", {"id": fact["post_id"]})
        for entry_id in quoted[:20]:
            await execute(
                """INSERT INTO faq_quotations (id, entry_id, post_id)
                SELECT :row_id, e.id, p.id FROM faq_entries e, posts p WHERE e.id = :entry_id AND p.id = :post_id
                ON CONFLICT (entry_id, post_id) DO NOTHING""",
                {"row_id": random_id(), "entry_id": entry_id, "post_id": fact["post_id"]},
            )
