"""The sections of the download about texts of the site, what was accepted of them, and notes of staff."""

from __future__ import annotations

from community.core.db import fetch
from community.core.viewer import Viewer
from community.personal_data.items import Section, pick
from community.site_texts.acceptance import list_own_acceptances


async def page_versions(viewer: Viewer) -> Section:
    """Versions that the member saved or published: which ones and when. Their text is the company's."""
    rows = await fetch(
        """SELECT page AS name, version, note, CASE WHEN saved_by = :me THEN saved_at END AS saved_at,
        CASE WHEN published_by = :me THEN published_at END AS published_at, saved_by
        FROM site_text_versions WHERE saved_by = :me OR published_by = :me ORDER BY page, version""",
        {"me": viewer.id},
    )
    return [
        {
            **pick(row, "name", "version", "saved_at", "published_at"),
            "note": row["note"] if row["saved_by"] == viewer.id else "",
        }
        for row in rows
    ]


async def acceptances(viewer: Viewer) -> Section:
    """Which version of terms, privacy and netiquette the member has accepted, and when."""
    return [
        {
            "name": accepted.page,
            "version": accepted.version,
            "language": accepted.language,
            "way": accepted.way,
            "accepted_at": accepted.accepted_at,
        }
        for accepted in await list_own_acceptances(viewer.id)
    ]


async def staff_notes(viewer: Viewer) -> Section:
    """What staff noted about the member, without who did; and what the member noted as staff, but not of whom."""
    rows = await fetch(
        """SELECT text, created_at, edited_at, CASE WHEN member_id = :me THEN 1 ELSE 0 END AS about_me
        FROM staff_notes WHERE member_id = :me OR author_id = :me ORDER BY created_at, id""",
        {"me": viewer.id},
    )
    return [
        {"about_me": bool(row["about_me"]), **pick(row, "text", "created_at", "edited_at")} for row in rows
    ]
