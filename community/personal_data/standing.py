"""The sections of the download about what helping has earned: expert status, questions to experts, badges."""

from __future__ import annotations

from community.core.db import fetch
from community.core.viewer import Viewer
from community.personal_data.items import Section, pick, place, title
from community.sanctions.queries import list_sanctions


async def experts(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT CASE WHEN s.id IN ({",".join(map(str, viewer.readable_space_ids)) or "NULL"})
        THEN s.name ELSE '' END AS space, e.granted_at, e.expires_at, e.earned_at, e.revoked_at
        FROM experts e JOIN spaces s ON s.id = e.space_id WHERE e.member_id = :me ORDER BY e.granted_at""",  # noqa: S608
        {"me": viewer.id},
    )
    times = ("granted_at", "expires_at", "earned_at", "revoked_at")
    return [{"space": row["space"], **pick(row, *times)} for row in rows]


async def expert_questions(viewer: Viewer) -> Section:
    """Questions sent to the member as an expert, and those they have sent to others."""
    rows = await fetch(
        f"""SELECT q.asked_at, CASE WHEN q.asked_by_id = :me THEN 1 ELSE 0 END AS by_me, {title(viewer)}
        FROM expert_questions q JOIN threads t ON t.id = q.thread_id
        WHERE q.member_id = :me OR q.asked_by_id = :me ORDER BY q.asked_at, q.id""",  # noqa: S608 - our own ids
        {"me": viewer.id},
    )
    return [{**place(row), "asked_by_me": bool(row["by_me"]), **pick(row, "asked_at")} for row in rows]


async def badges(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT name, granted_at FROM badges WHERE member_id = :me UNION ALL
        SELECT b.name, g.granted_at FROM badge_grants g JOIN badge_kinds b ON b.id = g.kind_id
        WHERE g.member_id = :me ORDER BY granted_at""",
        {"me": viewer.id},
    )
    return [{"name": row["name"], **pick(row, "granted_at")} for row in rows]


async def sanctions(viewer: Viewer) -> Section:
    """Sanctions of the member, as they read them themselves."""
    return [
        {
            "kind": row.kind,
            "space": row.space,
            "reason": row.reason,
            "decided_at": row.imposed_at,
            "ends_at": row.ends_at,
            "lifted_at": row.lifted_at,
            "lift_reason": row.lift_reason,
        }
        for row in await list_sanctions(viewer.id)
    ]
