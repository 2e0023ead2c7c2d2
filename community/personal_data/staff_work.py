"""The sections of the download that only staff have: what they did, wrote and decided for the community."""

from __future__ import annotations

from community.core.db import as_json, fetch
from community.core.viewer import Viewer
from community.personal_data.items import Section, pick


async def acts(viewer: Viewer) -> Section:
    """What the member did as staff. Reasons are about others and belong to the log."""
    rows = await fetch(
        "SELECT at, act, subject FROM moderation_log WHERE actor_id = :me ORDER BY at, id", {"me": viewer.id}
    )
    return [{"act": row["act"], "subject": row["subject"], **pick(row, "at")} for row in rows]


async def claims(viewer: Viewer) -> Section:
    rows = await fetch(
        "SELECT subject, claimed_at FROM work_items WHERE claimed_by = :me ORDER BY claimed_at",
        {"me": viewer.id},
    )
    return [{"item": row["subject"], **pick(row, "claimed_at")} for row in rows]


async def faq_versions(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT question, short_answer, steps, valid_for, version, saved_at FROM faq_revisions
        WHERE edited_by = :me ORDER BY saved_at, id""",
        {"me": viewer.id},
    )
    return [{**dict(row), **pick(row, "saved_at")} for row in rows]


async def releases(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT subject, version, released_at FROM releases WHERE released_by = :me OR drafted_by = :me
        ORDER BY released_at, id""",
        {"me": viewer.id},
    )
    return [{**dict(row), **pick(row, "released_at")} for row in rows]


async def vocabulary(viewer: Viewer) -> Section:
    rows = await fetch(
        "SELECT words, changed_at FROM vocabulary_entries WHERE changed_by = :me ORDER BY changed_at",
        {"me": viewer.id},
    )
    return [{"words": ", ".join(as_json(row["words"])), **pick(row, "changed_at")} for row in rows]


async def search_decisions(viewer: Viewer) -> Section:
    rows = await fetch(
        "SELECT words, state, decided_at FROM search_term_decisions WHERE decided_by = :me ORDER BY decided_at",
        {"me": viewer.id},
    )
    return [{**dict(row), **pick(row, "decided_at")} for row in rows]
