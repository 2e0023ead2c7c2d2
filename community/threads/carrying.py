"""What merging and splitting share: posts change their thread, and everything that counts them follows.

Rows are moved, hardly ever made or deleted, so the entry in the log can name them, and undoing moves the same ones
back.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import execute, fetch
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.site_stamp import raise_site_stamp
from community.core.viewer import Viewer
from community.decisions.places import move_decided
from community.spaces.actions import note_activity
from community.spaces.models import SpaceAccess
from community.threads.actions import refresh_status
from community.threads.figures import recount_members
from community.threads.models import ThreadStatus
from community.threads.order import asks_more, count_in_space, demand_none_of

AT_ONCE = 500
_OPENNESS = {SpaceAccess.EXCLUSIVE: 0, SpaceAccess.MEMBERS: 1, SpaceAccess.OPEN: 2}


@dataclass(frozen=True, slots=True)
class Held:
    """A thread whose row is locked, as it was when it was locked."""

    id: int
    space_id: int
    space_kind: str
    space_access: str
    author_id: int | None
    status: str
    language: str
    hidden: bool
    merged_into: int | None
    opening_id: int
    opening_from: int | None
    """From which thread its opening post was moved before."""

    @property
    def counted(self) -> tuple[int, int]:
        """What its space counts of it: as a thread, and as a solved one."""
        return (0, 0) if self.hidden else (1, int(self.status == ThreadStatus.SOLVED))


async def hold(thread_id: int, by: Viewer) -> Held:
    """The thread, whose lock the caller has, for staff who read its space; a merged one has no opening post (0)."""
    rows = await fetch(
        """SELECT t.id, t.space_id, s.kind AS space_kind, s.access AS space_access, t.author_id, t.status, t.language,
        CASE WHEN t.hidden_at IS NULL THEN 0 ELSE 1 END AS hidden, t.merged_into_id AS merged_into,
        COALESCE(p.id, 0) AS opening_id, p.moved_from_id AS opening_from
        FROM threads t JOIN spaces s ON s.id = t.space_id
        LEFT JOIN posts p ON p.thread_id = t.id AND p.kind = 'opening' WHERE t.id = :id""",
        {"id": thread_id},
    )
    if not rows or not by.may_read(rows[0]["space_id"]):
        raise NotFound
    return Held(**{**dict(rows[0]), "hidden": bool(rows[0]["hidden"])})


def opens_up(source_access: str, target_access: str, *, same_space: bool) -> bool:
    """Whether people read what is carried from one space to another who could not read it before."""
    if same_space:
        return False
    closed = source_access == SpaceAccess.EXCLUSIVE
    return closed or _OPENNESS[SpaceAccess(target_access)] > _OPENNESS[SpaceAccess(source_access)]


async def demand_nothing_revealed(
    carried: Sequence[int], posts: Sequence[int], at: datetime, here: Held, back: Held
) -> None:
    """Taking a merge or split back brings nothing to more readers that was written for fewer: `RuleBroken` where
    something was, since `at`. `carried` are the posts that came, `posts` those that would go."""
    if not opens_up(here.space_access, back.space_access, same_space=here.space_id == back.space_id):
        return
    edited = False
    for batch in batches(posts):
        rows = await fetch(
            "SELECT 1 AS found FROM posts WHERE id IN (:ids) AND edited_at > :at LIMIT 1",
            {"ids": batch, "at": at},
        )
        edited = edited or bool(rows)
    if edited or set(posts) - set(carried):
        raise RuleBroken(_("Something was written here since that more people could read then."))


def demand_open(*threads: Held) -> None:
    """Only threads that can be seen, and stand for themselves, are taken apart or put together."""
    for thread in threads:
        if thread.merged_into is not None:
            raise RuleBroken(_("This thread has been merged into another one."))
        if thread.hidden:
            raise RuleBroken(_("A hidden thread has to be restored first."))


async def with_comments(post_ids: Sequence[int]) -> list[int]:
    """These posts and the comments on them."""
    found = list(post_ids)
    for batch in batches(post_ids):
        rows = await fetch("SELECT id FROM posts WHERE parent_id IN (:ids) ORDER BY id", {"ids": batch})
        found += [row["id"] for row in rows]
    return list(dict.fromkeys(found))


async def carry_posts(post_ids: Sequence[int], source: Held, to: Held, by: Viewer) -> None:
    """Let these posts stand in that thread, and what waits for staff about them in its space.

    Refused where a second person has to agree to what `by` has written among them.
    """
    if await asks_more(source.space_id, to.space_id):
        for batch in batches(post_ids):
            await demand_none_of(by, "id IN (:ids)", {"ids": batch})
    await move_decided([f"post:{post_id}" for post_id in post_ids], to_space=to.space_id)
    for batch in batches(post_ids):
        await execute("UPDATE posts SET thread_id = :to WHERE id IN (:ids)", {"to": to.id, "ids": batch})


async def count_in_thread(post_ids: Sequence[int], thread_id: int) -> int:
    """How many of these posts stand in this thread."""
    count = 0
    for batch in batches(post_ids):
        rows = await fetch(
            "SELECT COUNT(*) AS n FROM posts WHERE thread_id = :id AND id IN (:ids)",
            {"id": thread_id, "ids": batch},
        )
        count += rows[0]["n"]
    return count


async def settle_carried(before: Sequence[Held], post_ids: Sequence[int]) -> None:
    """Bring the figures of these threads, of their spaces and of those who wrote the posts in line with what is so
    now; `before` is how the threads were."""
    changes: dict[int, list[int]] = {}
    for thread in sorted(before, key=lambda held: held.id):
        await refresh_status(thread.id)
        await execute(
            """UPDATE threads SET
            kudos_count = COALESCE((SELECT p.kudos_count FROM posts p
                                    WHERE p.thread_id = :id AND p.kind = 'opening'), 0),
            same_problem_count = (SELECT COUNT(*) FROM same_problems x WHERE x.thread_id = :id)
            WHERE id = :id""",
            {"id": thread.id},
        )
        rows = await fetch(
            "SELECT space_id, status, hidden_at FROM threads WHERE id = :id", {"id": thread.id}
        )
        row = rows[0]
        shown = int(row["hidden_at"] is None)
        after = (shown, shown * int(row["status"] == ThreadStatus.SOLVED))
        change = changes.setdefault(row["space_id"], [0, 0])
        for index in (0, 1):
            change[index] += after[index] - thread.counted[index]
    for space_id, (threads, solved) in sorted(changes.items()):
        await count_in_space(space_id, threads, solved)
    await note_activity(changes)
    await recount_members(await _authors_of(post_ids))
    await raise_site_stamp()


async def _authors_of(post_ids: Sequence[int]) -> list[int]:
    authors: set[int] = set()
    for batch in batches(post_ids):
        rows = await fetch(
            "SELECT DISTINCT author_id FROM posts WHERE id IN (:ids) AND author_id IS NOT NULL",
            {"ids": batch},
        )
        authors |= {row["author_id"] for row in rows}
    return sorted(authors)


def batches(ids: Sequence[int]) -> Iterable[list[int]]:
    return (list(ids[start : start + AT_ONCE]) for start in range(0, len(ids), AT_ONCE))


def ids_of(rows: Iterable[Any]) -> list[int]:
    return [row["id"] for row in rows]
