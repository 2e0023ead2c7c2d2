"""Editors of the FAQ learn what becomes of a version that they have written, are on, or have released for later."""

from __future__ import annotations

from community.core.db import fetch
from community.core.outbox import Fact
from community.faq.claims import list_holders
from community.notifications.actions import notify

_KINDS = {
    "faq.sent_back": "entry_sent_back",
    "faq.rests_on_more": "entry_rests_on_more",
    "faq.schedule_failed": "entry_not_released",
}


async def tell_editors(fact: Fact) -> None:
    """Who wrote in it since the last release, who is on it and who had released it, while they edit the FAQ."""
    entry_id = fact["entry_id"]
    holder = (await list_holders([entry_id])).get(entry_id)
    rows = await fetch(
        """SELECT m.id FROM members m WHERE m.role IN ('moderator', 'administrator') AND m.erased_at IS NULL
        AND (m.id IN (:concerned) OR m.id IN (SELECT r.edited_by FROM faq_revisions r JOIN faq_entries e
          ON e.id = r.entry_id WHERE e.id = :entry AND r.version > COALESCE(e.published_version, 0)))""",
        {"entry": entry_id, "concerned": [holder[0] if holder else None, fact.payload.get("released_by")]},
    )
    by = fact.payload.get("by")
    await notify(
        {row["id"] for row in rows} - {by},
        _KINDS[fact.name],
        cause=f"{fact.id}",
        actor_id=by,
        place=f"/moderation/faq/{entry_id}",
        note=await _reason(fact),
    )


async def _reason(fact: Fact) -> str:
    """What the log says: whoever has to change the text has to know what."""
    rows = await fetch("SELECT reason FROM moderation_log WHERE id = :id", {"id": fact.payload.get("log", 0)})
    return rows[0]["reason"] if rows else ""
