"""Rankings, experts and badges as pages show them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import as_time, fetch
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.ranks.actions import PERIODS
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of


@dataclass(frozen=True, slots=True)
class StandingLine:
    position: int
    author: AuthorRow
    points: int
    solution_count: int
    kudos_count: int
    made_at: datetime | None
    """The moment up to which facts are counted."""


async def list_standings(
    viewer: Viewer, *, days: int = 30, space_id: int = 0, staff: bool = False, size: int = 50
) -> list[StandingLine]:
    """A ranking; the one of a space only for those who may read it."""
    if days not in PERIODS or (space_id and not viewer.may_read(space_id)):
        raise NotFound
    rows = await fetch(
        f"""SELECT s.points, s.solution_count AS solutions, s.kudos_count AS kudos, s.made_at, {AUTHOR_COLUMNS}
        FROM standings s JOIN members m ON m.id = s.member_id
        WHERE s.space_id = :space_id AND s.days = :days AND s.is_staff = :staff AND m.erased_at IS NULL
        AND m.hides_ranks = :no AND (m.role <> 'customer') = s.is_staff
        ORDER BY s.position LIMIT :size""",  # noqa: S608 - constants
        {"space_id": space_id, "days": days, "staff": staff, "no": False, "size": size},
    )
    # Counted here: nobody's place says that somebody before them has left or hides.
    lines: list[StandingLine] = []
    for row in rows:
        author = author_of(row)
        if author:
            place, made_at = len(lines) + 1, as_time(row["made_at"])
            lines.append(StandingLine(place, author, row["points"], row["solutions"], row["kudos"], made_at))
    return lines


async def list_experts(viewer: Viewer, space_id: int, size: int = 8) -> list[AuthorRow]:
    """The experts of a space that the viewer may read; members who hide their standing are not listed."""
    if not viewer.may_read(space_id):
        raise NotFound
    rows = await fetch(
        f"""SELECT {AUTHOR_COLUMNS} FROM experts e JOIN members m ON m.id = e.member_id
        WHERE e.space_id = :space_id AND (e.expires_at IS NULL OR e.expires_at > :now)
        AND m.erased_at IS NULL AND m.hides_ranks = :no
        ORDER BY m.solution_count DESC, m.nickname_key LIMIT :size""",  # noqa: S608 - constants
        {"space_id": space_id, "now": now(), "no": False, "size": size},
    )
    return [author for author in map(author_of, rows) if author]


@dataclass(frozen=True, slots=True)
class ExpertLine:
    author: AuthorRow
    solution_count: int
    """In the space."""


async def list_space_experts(viewer: Viewer, space_id: int, size: int = 100) -> list[ExpertLine]:
    """The experts of a space with what they have solved in it, most first."""
    if not viewer.may_read(space_id):
        raise NotFound
    rows = await fetch(
        f"""SELECT f.solutions, {AUTHOR_COLUMNS} FROM (
          SELECT e.member_id, (SELECT COUNT(*) FROM posts p JOIN solutions x ON x.post_id = p.id
            JOIN threads t ON t.id = p.thread_id WHERE p.author_id = e.member_id AND p.kind = 'answer'
            AND t.space_id = e.space_id AND p.hidden_at IS NULL AND t.hidden_at IS NULL) AS solutions
          FROM experts e WHERE e.space_id = :space_id AND (e.expires_at IS NULL OR e.expires_at > :now)) AS f
        JOIN members m ON m.id = f.member_id
        WHERE m.erased_at IS NULL AND m.hides_ranks = :no AND m.role = 'customer'
        ORDER BY f.solutions DESC, m.nickname_key LIMIT :size""",  # noqa: S608 - constants
        {"space_id": space_id, "now": now(), "no": False, "size": size},
    )
    return [ExpertLine(author, row["solutions"]) for row in rows if (author := author_of(row))]


async def list_expert_subjects(viewer: Viewer, member_id: int) -> list[tuple[str, str]]:
    """Name and slug of the spaces a member is expert of, as far as the viewer may read them."""
    rows = await fetch(
        """SELECT s.name, s.slug, s.id FROM experts e JOIN spaces s ON s.id = e.space_id
        WHERE e.member_id = :id AND (e.expires_at IS NULL OR e.expires_at > :now) ORDER BY s.name""",
        {"id": member_id, "now": now()},
    )
    return [(row["name"], row["slug"]) for row in rows if viewer.may_read(row["id"])]


async def list_own_badges(member_id: int) -> list[tuple[str, str]]:
    """Name and description of the badges that a member has earned or was given here, the latest first."""
    rows = await fetch(
        """SELECT b.name, b.description FROM badge_grants g JOIN badge_kinds b ON b.id = g.kind_id
        WHERE g.member_id = :id ORDER BY g.granted_at DESC, b.name LIMIT 40""",
        {"id": member_id},
    )
    return [(row["name"], row["description"]) for row in rows]


async def list_badges(member_id: int) -> list[tuple[str, int]]:
    """Names of the badges that a member brought along, with how often each was earned, most often first."""
    rows = await fetch(
        """SELECT name, COUNT(*) AS times FROM badges WHERE member_id = :id
        GROUP BY name ORDER BY COUNT(*) DESC, name LIMIT 40""",
        {"id": member_id},
    )
    return [(row["name"], row["times"]) for row in rows]
