"""Whether what a guest was shown of a thread is still so, in one statement."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from community.core.clock import now
from community.core.db import fetch, fetch_one


class GuestMark(NamedTuple):
    """Two pages of a thread with equal marks show a guest the same; only words such as "3 minutes ago" differ.

    `version` rises with everything on the thread itself, `stamp` with what other rows contribute: names, solved
    threads beside it, FAQ entries, spaces. `experts` counts those of the space at this moment, because such a status
    ends by itself.
    """

    version: int
    space_id: int
    stamp: int
    experts: int


async def find_guest_mark(thread_id: int) -> GuestMark | None:
    """The mark of a thread as it is at this moment; None if guests may not read it, or if it does not exist."""
    row = await fetch_one(
        """SELECT t.version, t.space_id, x.value AS stamp,
        (SELECT COUNT(*) FROM experts e WHERE e.space_id = t.space_id
         AND (e.expires_at IS NULL OR e.expires_at > :now)) AS experts
        FROM threads t
        JOIN spaces s ON s.id = t.space_id JOIN site_stamp x ON x.id = 1
        WHERE t.id = :id AND t.hidden_at IS NULL AND s.access = 'open'""",
        {"id": thread_id, "now": now()},
    )
    if row is None:
        return None
    return GuestMark(row["version"], row["space_id"], row["stamp"], row["experts"])


async def list_versions(thread_ids: Collection[int]) -> dict[int, int]:
    """How often these threads have changed. Says nothing about who may read them."""
    rows = await fetch("SELECT id, version FROM threads WHERE id IN (:ids)", {"ids": list(thread_ids)})
    return {row["id"]: row["version"] for row in rows}
