"""Groups as the viewer may know of them: a closed group exists for its members and administrators only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.core.clock import now
from community.core.db import Row, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class GroupView:
    id: int
    slug: str
    name: str
    description: str
    access: str
    shows_members: bool
    role: str
    """The viewer's own; empty for whoever does not belong to it."""
    came_openly: bool
    wants_listing: bool
    by_rule: bool
    """Whether a rule has put the viewer in."""

    @property
    def is_member(self) -> bool:
        return self.role != ""


@dataclass(frozen=True, slots=True)
class Manager:
    """Somebody who looks after a group, and has said yes to being known for it."""

    id: int
    nickname: str
    name: str
    """The nickname, or the short real name of staff."""
    role: str


# Administrators make groups and put members in, so they see all of them; other staff only what members see.
VISIBLE = """(g.access <> 'closed' OR :is_administrator = 1 OR EXISTS (
  SELECT 1 FROM memberships x WHERE x.group_id = g.id AND x.member_id = :viewer))"""

_COLUMNS = """SELECT g.id, g.slug, g.name, g.description, g.access, g.shows_members, o.role, o.came_openly,
o.wants_listing, o.by_rule FROM "groups" g LEFT JOIN memberships o ON o.group_id = g.id AND o.member_id = :viewer"""


def _view(row: Row) -> GroupView:
    flags = {name: bool(row[name]) for name in ("shows_members", "came_openly", "wants_listing", "by_rule")}
    return GroupView(**{**dict(row), **flags, "role": row["role"] or ""})


def _given(viewer: Viewer) -> dict[str, int]:
    return {"viewer": viewer.id, "is_administrator": int(viewer.is_administrator)}


async def list_groups(viewer: Viewer) -> list[GroupView]:
    """Groups the viewer may know of, their own first; at most 200."""
    rows = await fetch(f"{_COLUMNS} WHERE {VISIBLE} ORDER BY g.name LIMIT 200", _given(viewer))
    groups = [_view(row) for row in rows]
    return sorted(groups, key=lambda group: not group.is_member)


async def get_group(slug: str, viewer: Viewer) -> GroupView:
    """`NotFound` for a closed group of others just as for one that does not exist."""
    rows = await fetch(f"{_COLUMNS} WHERE g.slug = :slug AND {VISIBLE}", {"slug": slug, **_given(viewer)})
    if not rows:
        raise NotFound
    return _view(rows[0])


async def list_groups_by_ids(viewer: Viewer, group_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Slugs and names of those groups that the viewer may know of."""
    rows = await fetch(
        f'SELECT g.id, g.slug, g.name FROM "groups" g WHERE g.id IN (:ids) AND {VISIBLE}',  # noqa: S608
        {"ids": list(group_ids), **_given(viewer)},
    )
    return {row["id"]: (row["slug"], row["name"]) for row in rows}


async def list_own_closed_groups(viewer: Viewer) -> frozenset[int]:
    """Ids of the closed groups the viewer stands in: the audiences under which search finds those groups."""
    if viewer.is_guest:
        return frozenset()
    rows = await fetch(
        """SELECT g.id FROM "groups" g JOIN memberships x ON x.group_id = g.id
        WHERE x.member_id = :viewer AND g.access = 'closed'""",
        {"viewer": viewer.id},
    )
    return frozenset(row["id"] for row in rows)


async def count_members_of_groups() -> dict[int, int]:
    """How many members each group had when this week began; groups without any are left out.

    A figure that moved at once would tell whether somebody who was invited just now has come.
    """
    rows = await fetch(
        """SELECT x.group_id, COUNT(*) AS n FROM memberships x JOIN members m ON m.id = x.member_id
        WHERE m.erased_at IS NULL AND x.joined_at < :week GROUP BY x.group_id""",
        {"week": beginning_of_week()},
    )
    return {row["group_id"]: row["n"] for row in rows}


def beginning_of_week() -> datetime:
    today = now().replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=today.weekday())


async def list_managers(group_id: int) -> list[Manager]:
    """Owners first, then curators; at most 100."""
    rows = await fetch(
        """SELECT m.id, m.nickname, COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS name, x.role
        FROM memberships x JOIN members m ON m.id = x.member_id
        WHERE x.group_id = :id AND x.role <> 'member' AND m.erased_at IS NULL
        ORDER BY x.role DESC, m.nickname LIMIT 100""",
        {"id": group_id},
    )
    return [Manager(**row) for row in rows]


async def list_listed_members(group_id: int) -> list[str]:
    """Nicknames of those who came openly and want to be seen; at most 500."""
    rows = await fetch(
        """SELECT m.nickname FROM memberships x JOIN members m ON m.id = x.member_id
        WHERE x.group_id = :id AND x.came_openly AND x.wants_listing AND m.erased_at IS NULL
        ORDER BY m.nickname LIMIT 500""",
        {"id": group_id},
    )
    return [row["nickname"] for row in rows]


async def list_told_of_requests(group_id: int) -> list[int]:
    """Who decides requests: those who look after the group, or the administrators where nobody does."""
    rows = await fetch(
        """SELECT m.id FROM members m WHERE m.erased_at IS NULL AND (EXISTS (SELECT 1 FROM memberships x
          WHERE x.member_id = m.id AND x.group_id = :id AND x.role <> 'member')
        OR (m.role = 'administrator' AND NOT EXISTS (SELECT 1 FROM memberships x JOIN members a ON a.id = x.member_id
          WHERE x.group_id = :id AND x.role <> 'member' AND a.erased_at IS NULL))) ORDER BY m.id LIMIT 100""",
        {"id": group_id},
    )
    return [row["id"] for row in rows]
