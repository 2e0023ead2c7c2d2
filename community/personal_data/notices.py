"""What a member has flagged, reported and objected to, and what was decided about them: parts of the download."""

from __future__ import annotations

from community.core.db import as_json, fetch
from community.core.viewer import Viewer
from community.personal_data.items import Section, pick, place, title


async def statements(viewer: Viewer) -> Section:
    """What was restricted, and on what it rests; not who decided, nor who had reported anything."""
    rows = await fetch(
        """SELECT at, act, facts AS reason, ground, ground_name, is_prompted, is_automated, is_found_by_program,
        until, lifted_at
        FROM statements WHERE member_id = :me ORDER BY at, id""",
        {"me": viewer.id},
    )
    flags = ("is_prompted", "is_automated", "is_found_by_program")
    return [{**dict(row), **{name: bool(row[name]) for name in flags}} for row in rows]


async def notices(viewer: Viewer) -> Section:
    """What the member has reported as illegal, with how it was decided; not by whom."""
    rows = await fetch(
        """SELECT reference, url, kind, text, state, reason AS decision, knew_at AS created_at, dealt_at AS decided_at
        FROM notices WHERE reporter_id = :me ORDER BY knew_at, id""",
        {"me": viewer.id},
    )
    return [dict(row) for row in rows]


async def appeals(viewer: Viewer) -> Section:
    """Where the member objected to a decision, and how that was decided; not by whom."""
    rows = await fetch(
        """SELECT COALESCE(n.reference, '') AS reference, COALESCE(s.act, '') AS act, a.text, a.state,
        a.reason AS decision, a.filed_at AS created_at, a.decided_at FROM appeals a
        LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
        WHERE s.member_id = :me OR n.reporter_id = :me ORDER BY a.filed_at, a.id""",
        {"me": viewer.id},
    )
    return [dict(row) for row in rows]


async def flags(viewer: Viewer) -> Section:
    """Flags the member raised, with how and why they were decided; not by whom."""
    reasons: dict[int, str] = {}
    for row in await fetch(
        """SELECT DISTINCT l.id, l.reason, l.details FROM flags f
        JOIN moderation_log l ON l.subject = 'post:' || f.post_id
        WHERE f.reporter_id = :me AND l.act IN ('uphold_flags', 'dismiss_flags') ORDER BY l.id""",
        {"me": viewer.id},
    ):
        reasons |= dict.fromkeys(as_json(row["details"]).get("flags", ()), row["reason"])
    rows = await fetch(
        f"""SELECT f.id, f.post_id, f.reason, f.note, f.state, f.created_at, f.decided_at, {title(viewer)}
        FROM flags f JOIN posts p ON p.id = f.post_id JOIN threads t ON t.id = p.thread_id
        WHERE f.reporter_id = :me ORDER BY f.created_at, f.id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [
        {
            **place(row),
            "reason": row["reason"],
            "note": row["note"],
            "state": row["state"],
            "decision": reasons.get(row["id"], ""),
            **pick(row, "created_at", "decided_at"),
        }
        for row in rows
    ]
