"""Which row of ours a foreign row became: what makes an import repeatable, and old addresses findable."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Literal

from community.core.db import fetch
from community.core.rows import insert_many
from community.importing.models import ImportedItem

ItemKind = Literal["thread", "post", "comment", "member"]
"""A question is both: a thread, and a post for its text."""

_BATCH = 2_000


async def remember(source: str, items: Sequence[tuple[ItemKind, int, int]]) -> None:
    """Note what foreign rows became (kind, foreign id, our id), inside the transaction that writes ours."""
    await insert_many(
        ImportedItem,
        [
            {"source": source, "kind": kind, "foreign_id": str(foreign_id), "local_id": local_id}
            for kind, foreign_id, local_id in items
        ],
    )


async def find_imported(kind: ItemKind, foreign_id: int | str, source: str = "") -> int | None:
    """Our id of what had `foreign_id` elsewhere; None where nothing was imported or two sources had that id."""
    rows = await fetch(
        """SELECT DISTINCT local_id FROM imported_items
        WHERE kind = :kind AND foreign_id = :foreign_id AND (source = :source OR :any_source = 1)""",
        {"kind": kind, "foreign_id": str(foreign_id), "source": source, "any_source": int(not source)},
    )
    return rows[0]["local_id"] if len(rows) == 1 else None


async def list_imported(source: str) -> AsyncIterator[list[tuple[str, str, int]]]:
    """Kind, foreign id and our id of everything that came from a source, in batches."""
    last = 0
    while True:
        rows = await fetch(
            f"""SELECT id, kind, foreign_id, local_id FROM imported_items
            WHERE source = :source AND id > :last ORDER BY id LIMIT {_BATCH}""",  # noqa: S608 - a constant
            {"source": source, "last": last},
        )
        if not rows:
            return
        yield [(row["kind"], row["foreign_id"], row["local_id"]) for row in rows]
        last = rows[-1]["id"]
