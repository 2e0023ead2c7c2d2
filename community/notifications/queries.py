"""What a member is told, always filtered by what they may read now."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import Row, as_known_time, as_time, fetch
from community.core.errors import NotFound
from community.core.pagination import Cursor
from community.core.viewer import STAFF_ROLES, Viewer
from community.groups.invitations import KNOWN_BY_VIEWER
from community.notifications.rules import OF_EDITORS
from community.threads.permissions import visible_in_spaces

MOST_COUNTED = 99


@dataclass(frozen=True, slots=True)
class NotificationRow:
    id: int
    kind: str
    actor: str | None
    """Nickname (or short real name of staff) of who caused it."""
    actor_seed: int
    actor_photo: str
    actor_is_staff: bool
    thread_id: int | None
    thread_slug: str
    thread_title: str
    post_id: int | None
    group_slug: str
    group_name: str
    note: str
    created_at: datetime
    read_at: datetime | None
    muted: bool = False
    """Whether the viewer has muted the thread since."""
    place: str = ""
    """The path of a page for the viewer alone that it leads to."""
    others: int = 0
    """How many more there are beside `actor`, where one line bundles several."""


_THANKS = "SELECT 1 FROM notification_thanks x WHERE x.notification_id = n.id"


def _thread_visible(viewer: Viewer) -> str:
    """Whether the thread may be shown: to those who keep order also a hidden one that a colleague asks them about."""
    visible = visible_in_spaces(viewer)
    if not viewer.is_moderator:
        return visible
    spaces = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"({visible} OR CASE WHEN n.kind = 'note_addressed' THEN t.space_id END IN ({spaces}))"


def for_team(viewer: Viewer) -> str:
    """SQL condition on a notification `n`: what the team says to each other is not for whoever has left it."""
    kinds = ", ".join(f"'{kind}'" for kind in ("note_addressed", *sorted(OF_EDITORS)))
    return "1 = 1" if viewer.is_moderator else f"n.kind NOT IN ({kinds})"


def _readable(viewer: Viewer) -> str:
    # A notice about a post that was hidden or moved out of reach is not shown; its reason (note) still is.
    hidden = " OR n.kind = 'note_addressed'" if viewer.is_moderator else ""
    visible = f"{_thread_visible(viewer)} AND (p.id IS NULL OR p.hidden_at IS NULL{hidden})"
    # Thanks that were all taken back are not told any more. Older lines hold one giver each, as the actor.
    thanked = f"(n.kind <> 'thanked' OR n.actor_id IS NOT NULL OR EXISTS ({_THANKS}))"
    # A group that the viewer may not know of (any more) is not named, nor that there was something about it.
    group = f"(n.group_id IS NULL OR {KNOWN_BY_VIEWER})"
    return f"(n.thread_id IS NULL OR n.note <> '' OR ({visible})) AND {thanked} AND {group} AND {for_team(viewer)}"


def _given(viewer: Viewer) -> dict[str, Any]:
    return {"viewer": viewer.id, "is_administrator": int(viewer.is_administrator), "now": now()}


async def count_unread(viewer: Viewer) -> int:
    """Unread notifications, counted up to 99."""
    rows = await fetch(
        f"""SELECT COUNT(*) AS n FROM (SELECT 1 FROM notifications n LEFT JOIN threads t ON t.id = n.thread_id
        LEFT JOIN posts p ON p.id = n.post_id LEFT JOIN "groups" g ON g.id = n.group_id
        WHERE n.member_id = :viewer AND n.read_at IS NULL AND {_readable(viewer)} LIMIT {MOST_COUNTED}) AS unread""",  # noqa: S608 - constants and our own ids
        _given(viewer),
    )
    return int(rows[0]["n"])


async def list_notifications(
    viewer: Viewer, *, before: datetime | None = None, size: int = 50
) -> list[NotificationRow]:
    """The viewer's notifications, newest first."""
    earlier = "AND n.created_at < :before" if before else ""
    return await _select(viewer, earlier, {"before": before, "size": size})


async def list_new(viewer: Viewer, after: Cursor, *, size: int) -> list[NotificationRow]:
    """The unread ones that came after `after`, oldest first; only the last of them, if there are more than `size`."""
    later = "AND n.read_at IS NULL AND (n.created_at > :time OR (n.created_at = :time AND n.id > :id))"
    return (await _select(viewer, later, {"time": after.time, "id": after.id, "size": size}))[::-1]


async def list_marks(member_ids: Collection[int]) -> dict[int, tuple[Any, ...]]:
    """For each of these members something that is different once they are told something, or have read it."""
    rows = await fetch(
        f"""SELECT m.id, (SELECT MAX(n.created_at) FROM notifications n WHERE n.member_id = m.id) AS newest,
        (SELECT COUNT(*) FROM (SELECT 1 FROM notifications n WHERE n.member_id = m.id AND n.read_at IS NULL
         LIMIT {MOST_COUNTED}) AS unread) AS unread
        FROM members m WHERE m.id IN (:ids)""",  # noqa: S608 - a constant
        {"ids": list(member_ids)},
    )
    return {row["id"]: (row["newest"], row["unread"]) for row in rows}


async def list_in_mail(viewer: Viewer, mail_id: int, *, size: int = 100) -> list[NotificationRow]:
    """What a mail is to tell and its receiver, the viewer, has neither read nor may not read by now; newest first."""
    return await _select(
        viewer, "AND n.mail_id = :mail_id AND n.read_at IS NULL", {"mail_id": mail_id, "size": size}
    )


async def _select(viewer: Viewer, condition: str, given: dict[str, Any]) -> list[NotificationRow]:
    rows = await fetch(
        f"""SELECT n.id, n.kind, n.thread_id, n.post_id, n.note, n.created_at, n.read_at, n.place,
        CASE WHEN {_thread_visible(viewer)} THEN t.slug END AS thread_slug,
        CASE WHEN {_thread_visible(viewer)} THEN t.title END AS thread_title,
        g.slug AS group_slug, g.name AS group_name,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS actor, m.seed AS actor_seed, m.photo AS actor_photo,
        m.role AS actor_role,
        EXISTS (SELECT 1 FROM thread_mutes u WHERE u.thread_id = n.thread_id AND u.member_id = :viewer) AS muted
        FROM notifications n LEFT JOIN threads t ON t.id = n.thread_id LEFT JOIN posts p ON p.id = n.post_id
        LEFT JOIN "groups" g ON g.id = n.group_id LEFT JOIN members m ON m.id = n.actor_id AND m.erased_at IS NULL
        WHERE n.member_id = :viewer {condition} AND {_readable(viewer)}
        ORDER BY n.created_at DESC, n.id DESC LIMIT :size""",  # noqa: S608 - the same
        {**_given(viewer), **given},
    )
    latest = await _latest_givers([row["id"] for row in rows if row["kind"] == "thanked"])
    return [_row(row, latest.get(row["id"])) for row in rows]


async def _latest_givers(notification_ids: list[int]) -> dict[int, Row]:
    """Of each bundle of thanks the giver who came last and is still there, and how many gave."""
    if not notification_ids:
        return {}
    rows = await fetch(
        """SELECT * FROM (SELECT x.notification_id, COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS actor,
        m.seed AS actor_seed, m.photo AS actor_photo, m.role AS actor_role,
        COUNT(*) OVER (PARTITION BY x.notification_id) AS givers,
        ROW_NUMBER() OVER (PARTITION BY x.notification_id
          ORDER BY CASE WHEN m.id IS NULL THEN 1 ELSE 0 END, k.given_at DESC, k.id) AS place
        FROM notification_thanks x JOIN kudos k ON k.id = x.kudos_id
        LEFT JOIN members m ON m.id = k.member_id AND m.erased_at IS NULL
        WHERE x.notification_id IN (:ids)) AS thanks WHERE place = 1""",
        {"ids": notification_ids},
    )
    return {row["notification_id"]: row for row in rows}


def _row(row: Row, giver: Row | None) -> NotificationRow:
    actor = giver or row
    return NotificationRow(
        id=row["id"],
        kind=row["kind"],
        actor=actor["actor"],
        actor_seed=actor["actor_seed"] or 0,
        actor_photo=actor["actor_photo"] or "",
        actor_is_staff=actor["actor_role"] in STAFF_ROLES,
        muted=bool(row["muted"]),
        place=row["place"],
        others=giver["givers"] - 1 if giver else 0,
        thread_id=row["thread_id"] if row["thread_title"] else None,
        thread_slug=row["thread_slug"] or "",
        thread_title=row["thread_title"] or "",
        post_id=row["post_id"],
        group_slug=row["group_slug"] or "",
        group_name=row["group_name"] or "",
        note=row["note"],
        created_at=as_known_time(row["created_at"]),
        read_at=as_time(row["read_at"]),
    )


async def get_notification(notification_id: int, viewer: Viewer) -> NotificationRow:
    """One of the viewer's own notifications."""
    rows = await _select(viewer, "AND n.id = :id", {"id": notification_id, "size": 1})
    if not rows:
        raise NotFound
    return rows[0]
