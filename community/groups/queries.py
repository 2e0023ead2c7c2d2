"""Groups as the viewer may know of them: a closed group exists for its members and administrators only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from community.core.db import fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer


@dataclass(frozen=True, slots=True)
class GroupView:
    id: int
    slug: str
    name: str
    description: str
    access: str
    is_member: bool


# Administrators make groups and put members in, so they see all of them; other staff only what members see.
_VISIBLE = """(g.access <> 'closed' OR :is_administrator = 1 OR EXISTS (
  SELECT 1 FROM memberships x WHERE x.group_id = g.id AND x.member_id = :viewer))"""

_COLUMNS = """SELECT g.id, g.slug, g.name, g.description, g.access, EXISTS (
  SELECT 1 FROM memberships x WHERE x.group_id = g.id AND x.member_id = :viewer) AS is_member FROM "groups" g"""


def _given(viewer: Viewer) -> dict[str, int]:
    return {"viewer": viewer.id, "is_administrator": int(viewer.is_administrator)}


async def list_groups(viewer: Viewer) -> list[GroupView]:
    """Groups the viewer may know of, their own first; at most 200."""
    rows = await fetch(f"{_COLUMNS} WHERE {_VISIBLE} ORDER BY g.name LIMIT 200", _given(viewer))
    groups = [GroupView(**{**dict(row), "is_member": bool(row["is_member"])}) for row in rows]
    return sorted(groups, key=lambda group: not group.is_member)


async def get_group(slug: str, viewer: Viewer) -> GroupView:
    """`NotFound` for a closed group of others just as for one that does not exist."""
    rows = await fetch(f"{_COLUMNS} WHERE g.slug = :slug AND {_VISIBLE}", {"slug": slug, **_given(viewer)})
    if not rows:
        raise NotFound
    return GroupView(**{**dict(rows[0]), "is_member": bool(rows[0]["is_member"])})


async def list_groups_by_ids(viewer: Viewer, group_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Slugs and names of those groups that the viewer may know of."""
    rows = await fetch(
        f'SELECT g.id, g.slug, g.name FROM "groups" g WHERE g.id IN (:ids) AND {_VISIBLE}',  # noqa: S608
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
    """How many members each group has, for administrators; groups without any are left out."""
    rows = await fetch(
        """SELECT x.group_id, COUNT(*) AS n FROM memberships x JOIN members m ON m.id = x.member_id
        WHERE m.erased_at IS NULL GROUP BY x.group_id"""
    )
    return {row["group_id"]: row["n"] for row in rows}


async def list_member_names(group_id: int) -> list[tuple[int, str]]:
    """Members of a group by nickname, for the administrator who put them in; at most 500."""
    rows = await fetch(
        """SELECT m.id, m.nickname FROM memberships x JOIN members m ON m.id = x.member_id
        WHERE x.group_id = :id AND m.erased_at IS NULL ORDER BY m.nickname LIMIT 500""",
        {"id": group_id},
    )
    return [(row["id"], row["nickname"]) for row in rows]
