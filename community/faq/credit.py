"""Who helped with FAQ entries, as their profile shows it."""

from __future__ import annotations

from dataclasses import dataclass

from community.core.db import fetch
from community.core.viewer import Viewer
from community.faq.permissions import visible_entries
from community.faq.queries import entry_url
from community.threads.permissions import visible_in_spaces

MOST_SHOWN = 10


@dataclass(frozen=True, slots=True)
class Credit:
    """A released entry that was made from an answer of the member."""

    question: str
    language: str
    url: str


async def list_credits(viewer: Viewer, member_id: int) -> tuple[int, tuple[Credit, ...]]:
    """With how many entries a member helped, and the newest of them.

    Only entries that the viewer may read, made from answers that the viewer may read: nobody learns by them that the
    member writes in a space that they cannot see.
    """
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_question AS question, e.published_language AS language,
        COUNT(*) OVER () AS entry_count FROM faq_entries e
        WHERE {visible_entries(viewer)} AND e.id IN (
          SELECT s.entry_id FROM faq_sources s JOIN posts p ON p.id = s.post_id JOIN threads t ON t.id = p.thread_id
          WHERE p.author_id = :member_id AND s.is_answer AND p.hidden_at IS NULL AND s.fingerprint <> ''
          AND {visible_in_spaces(viewer)})
        ORDER BY e.published_at DESC, e.id LIMIT {MOST_SHOWN}""",  # noqa: S608 - constants
        {"member_id": member_id},
    )
    credits = tuple(
        Credit(row["question"], row["language"], entry_url(row["id"], row["slug"])) for row in rows
    )
    return (int(rows[0]["entry_count"]) if rows else 0), credits
