"""By which names those are called who wrote in a thread, so that a text can be made that names none of them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from community.core.db import fetch

_SHORTENED = re.compile(r"(?<=\w\w\w)(?:[._-]\w{1,2}|[._-]?\d+)$")
"""What is put behind a first name to make a nickname: "markus.t", "anna_kl", "petra77"."""


async def list_writers(thread_ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """Of each of these threads the nicknames and staff names of all who wrote in it and are still there, comments
    included."""
    rows = await fetch(
        """SELECT DISTINCT p.thread_id, m.nickname, m.staff_name FROM posts p JOIN members m ON m.id = p.author_id
        WHERE p.thread_id IN (:ids) AND m.erased_at IS NULL""",
        {"ids": sorted(set(thread_ids))},
    )
    found: dict[int, tuple[str, ...]] = {}
    for row in rows:
        found[row["thread_id"]] = (
            *found.get(row["thread_id"], ()),
            *_names(row["nickname"], row["staff_name"]),
        )
    return found


def _names(nickname: str, staff_name: str) -> tuple[str, ...]:
    """Each as a whole, and what people say of it when they talk to somebody: the first name."""
    return tuple(
        dict.fromkeys(
            name for name in (nickname, _SHORTENED.sub("", nickname), staff_name, *staff_name.split()) if name
        )
    )
