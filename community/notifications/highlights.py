"""What of the community is worth telling a member in a digest, from what they may read now.

Nothing of exclusive spaces, as others may read the mail; of members spaces only where the member wants titles in
mails. Nothing that they have written or asked themselves: what is chosen must not tell who they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community.core.clock import now
from community.core.db import Row, fetch
from community.core.viewer import Viewer
from community.threads.permissions import visible_in_spaces

MOST_UNANSWERED = 5
MOST_SOLVED = 5
MOST_HELPFUL = 3
FEWEST_KUDOS = 2
RECENTLY = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Highlight:
    thread_id: int
    slug: str
    title: str
    post_id: int | None = None
    count: int = 0


@dataclass(frozen=True, slots=True)
class Highlights:
    unanswered: list[Highlight]
    solved: list[Highlight]
    helpful: list[Highlight]

    def __bool__(self) -> bool:
        return bool(self.unanswered or self.solved or self.helpful)


async def find_highlights(viewer: Viewer, *, since: datetime, with_members_spaces: bool) -> Highlights:
    """What has happened since then."""
    told = await _list_told_spaces(viewer, with_members_spaces=with_members_spaces)
    own = [space_id for space_id in await _list_own_spaces(viewer.id) if space_id in told] or told
    given = {"me": viewer.id, "since": since, "own": own, "told": told}
    return Highlights(
        unanswered=await _find(viewer, _UNANSWERED, given),
        solved=await _find(viewer, _SOLVED, given),
        helpful=await _find(viewer, _HELPFUL, given),
    )


async def _list_told_spaces(viewer: Viewer, *, with_members_spaces: bool) -> list[int]:
    access = ["open", "members"] if with_members_spaces else ["open"]
    rows = await fetch("SELECT id FROM spaces WHERE access IN (:access) ORDER BY id", {"access": access})
    return [row["id"] for row in rows if viewer.may_read(row["id"])]


async def _list_own_spaces(member_id: int) -> list[int]:
    """Where the member has written or followed something in the last year, or is an expert."""
    rows = await fetch(
        """SELECT t.space_id FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.author_id = :me AND p.created_at > :recently
        UNION SELECT t.space_id FROM follows f JOIN threads t ON t.id = f.thread_id
        WHERE f.member_id = :me AND f.created_at > :recently
        UNION SELECT e.space_id FROM experts e WHERE e.member_id = :me""",
        {"me": member_id, "recently": now() - RECENTLY},
    )
    return sorted(row["space_id"] for row in rows)


_NOT_OWN = "(t.author_id IS NULL OR t.author_id <> :me)"

_UNANSWERED = f"""SELECT t.id, t.slug, t.title, NULL AS post_id, t.same_problem_count AS n
    FROM threads t JOIN spaces s ON s.id = t.space_id
    WHERE t.space_id IN (:own) AND s.kind = 'questions' AND t.status = 'unanswered' AND t.created_at > :since
    AND t.locked_at IS NULL AND {_NOT_OWN} AND {{visible}}
    ORDER BY t.same_problem_count DESC, t.created_at DESC, t.id LIMIT {MOST_UNANSWERED}"""  # noqa: S608 - constants

_SOLVED = f"""SELECT t.id, t.slug, t.title, p.id AS post_id, p.kudos_count AS n
    FROM solutions x JOIN threads t ON t.id = x.thread_id JOIN posts p ON p.id = x.post_id
    WHERE x.accepted_at > :since AND t.space_id IN (:own) AND p.hidden_at IS NULL
    AND (p.author_id IS NULL OR p.author_id <> :me) AND {_NOT_OWN} AND {{visible}}
    ORDER BY t.same_problem_count DESC, p.kudos_count DESC, x.accepted_at DESC, t.id LIMIT {MOST_SOLVED}"""  # noqa: S608

_HELPFUL = f"""SELECT t.id, t.slug, t.title, p.id AS post_id, k.n FROM (
      SELECT post_id, COUNT(*) AS n FROM kudos WHERE given_at > :since
      GROUP BY post_id HAVING COUNT(*) >= {FEWEST_KUDOS}) k
    JOIN posts p ON p.id = k.post_id JOIN threads t ON t.id = p.thread_id
    WHERE t.space_id IN (:told) AND p.hidden_at IS NULL AND p.kind = 'answer'
    AND (p.author_id IS NULL OR p.author_id <> :me) AND {_NOT_OWN} AND {{visible}}
    ORDER BY k.n DESC, p.created_at DESC, p.id LIMIT {MOST_HELPFUL}"""  # noqa: S608


async def _find(viewer: Viewer, statement: str, given: dict[str, Any]) -> list[Highlight]:
    rows = await fetch(statement.format(visible=visible_in_spaces(viewer)), given)
    return [_highlight(row) for row in rows]


def _highlight(row: Row) -> Highlight:
    return Highlight(row["id"], row["slug"], row["title"], row["post_id"], int(row["n"]))
