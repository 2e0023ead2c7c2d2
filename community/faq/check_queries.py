"""What editors see of why an entry has to be checked: each cause with what the source said then and says now.

What a source said is not kept with the entry: it is looked up among the versions of the post, by its fingerprint.
So what was erased there can be read nowhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_known_time, fetch
from community.core.viewer import Viewer
from community.faq.models import CauseKind
from community.faq.permissions import demand_editor, known_causes
from community.faq.rules import source_fingerprint
from community.faq.source_queries import EditorialSource, SourcePost

MOST_SETTLED = 20
MOST_VERSIONS = 200
"""So many earlier versions of a post are looked through."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a post says or said; the title only of an opening post."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class CauseRow:
    """A cause that is not settled."""

    kind: str
    raised_at: datetime
    source: SourcePost | None = None
    """The source that it is about; None for dates and feedback."""
    now: Wording = Wording("", "")
    before: Wording | None = None
    """For an edited source, what it said when the entry was made; None where that is kept no more."""
    other: SourcePost | None = None
    """Where another answer is the solution now."""
    adopted: bool = False
    """Whether that is to take the place of the source as soon as the text was found right against it."""

    @property
    def post_id(self) -> int | None:
        return self.source.post_id if self.source else None


@dataclass(frozen=True, slots=True)
class SettledRow:
    kind: str
    raised_at: datetime
    settled_at: datetime
    how: str
    by: str
    """Name of the person; empty where it settled itself, or for a former member."""


async def list_causes(
    viewer: Viewer, entry_id: int, sources: Iterable[EditorialSource]
) -> tuple[CauseRow, ...]:
    """Causes that are not settled, the oldest first. Of those about a source only the ones about `sources`, which are
    those that this editor may read."""
    demand_editor(viewer)
    rows = await fetch(
        """SELECT id, kind, post_id, mark, raised_at FROM faq_causes
        WHERE entry_id = :id AND settled_at IS NULL ORDER BY raised_at, id LIMIT 100""",
        {"id": entry_id},
    )
    known = {source.post.post_id: source for source in sources}
    return tuple(
        [
            await _cause(row, known.get(row["post_id"]))
            for row in rows
            if row["post_id"] is None or row["post_id"] in known
        ]
    )


async def _cause(row: Mapping[str, Any], source: EditorialSource | None) -> CauseRow:
    kind, raised_at = row["kind"], as_known_time(row["raised_at"])
    if source is None:
        return CauseRow(kind, raised_at)
    post = source.post
    return CauseRow(
        kind,
        raised_at,
        source=post,
        now=Wording(post.thread_title if post.kind == "opening" else "", post.body),
        before=await _find_earlier(source) if kind == CauseKind.EDITED else None,
        other=source.solution if kind == CauseKind.OTHER_SOLUTION else None,
        adopted=source.adopted,
    )


async def _find_earlier(source: EditorialSource) -> Wording | None:
    """The version of the post that the released text was held against."""
    rows = await fetch(
        "SELECT title, body FROM revisions WHERE post_id = :id ORDER BY version DESC LIMIT :most",
        {"id": source.post.post_id, "most": MOST_VERSIONS},
    )
    for row in rows:
        if source_fingerprint("answer", "", row["body"]) == source.kept:
            return Wording("", row["body"])
        if source_fingerprint("opening", row["title"], row["body"]) == source.kept:
            return Wording(row["title"], row["body"])
    return None


async def list_kinds(viewer: Viewer, entry_ids: Sequence[int]) -> dict[int, list[str]]:
    """By entry the kinds of causes that are not settled and that this editor may know of, each once."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT DISTINCT x.entry_id, x.kind FROM faq_causes x WHERE x.entry_id IN (:ids)
        AND x.settled_at IS NULL AND {known_causes(viewer)} ORDER BY x.kind""",  # noqa: S608 - integers of ours
        {"ids": list(entry_ids)},
    )
    kinds: dict[int, list[str]] = {}
    for row in rows:
        kinds.setdefault(row["entry_id"], []).append(row["kind"])
    return kinds


async def list_settled(viewer: Viewer, entry_id: int) -> tuple[SettledRow, ...]:
    """What was settled, the latest first; nothing about a source that this editor may not read."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT x.kind, x.raised_at, x.settled_at, x.settled_how,
        COALESCE(NULLIF(m.staff_name, ''), m.nickname) AS name FROM faq_causes x
        LEFT JOIN members m ON m.id = x.settled_by AND m.erased_at IS NULL
        WHERE x.entry_id = :id AND x.settled_at IS NOT NULL AND {known_causes(viewer)}
        ORDER BY x.settled_at DESC, x.id DESC LIMIT {MOST_SETTLED}""",  # noqa: S608 - integers of ours
        {"id": entry_id},
    )
    return tuple(
        SettledRow(
            kind=row["kind"],
            raised_at=as_known_time(row["raised_at"]),
            settled_at=as_known_time(row["settled_at"]),
            how=row["settled_how"],
            by=row["name"] or "",
        )
        for row in rows
    )
