"""What pages read about the FAQ: plain rows, bounded, always through the viewer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.db import fetch
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class EntryLink:
    """An entry in a list: its question and its address."""

    id: int
    question: str
    url: str


def visible_entries(viewer: Viewer) -> str:
    """SQL condition on an entry `e`: published, and for this audience."""
    audiences = "'public', 'members'" if viewer.is_member else "'public'"
    return f"e.state IN ('published', 'check') AND e.audience IN ({audiences})"


async def list_highlights(viewer: Viewer, size: int = 4) -> list[EntryLink]:
    """The entries for the home page: those that helped most, then the newest."""
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_question FROM faq_entries e WHERE {visible_entries(viewer)}
        ORDER BY e.helpful_count DESC, e.published_at DESC, e.id LIMIT :size""",  # noqa: S608 - constants
        {"size": size},
    )
    return [EntryLink(row["id"], row["published_question"], f"/faq/{row['id']}-{row['slug']}") for row in rows]


async def list_entries_by_ids(viewer: Viewer, entry_ids: Sequence[int]) -> dict[int, EntryLink]:
    """Those of `entry_ids` that the viewer may read: how search hits are confirmed."""
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_question FROM faq_entries e
        WHERE e.id IN (:ids) AND {visible_entries(viewer)}""",  # noqa: S608 - constants
        {"ids": list(entry_ids)},
    )
    return {
        row["id"]: EntryLink(row["id"], row["published_question"], f"/faq/{row['id']}-{row['slug']}") for row in rows
    }
