"""What staff see of proposals: of those alone of which they may read every thread."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.viewer import Viewer
from community.faq.permissions import demand_editor
from community.faq.rules import MEMBERS_AUDIENCE, PUBLIC_AUDIENCE, EntryText
from community.proposing.models import ProposalState
from community.proposing.rules import MOST_THREADS, Figures
from community.proposing.texts import Texts, load_texts, propose
from community.spaces.models import SpaceAccess
from community.threads.permissions import visible_in_spaces

PROPOSALS_PER_PAGE = 20


@dataclass(frozen=True, slots=True)
class ProposalThreadRow:
    """A thread about the subject."""

    id: int
    slug: str
    title: str
    language: str
    space_name: str
    space_access: str
    is_solved: bool


@dataclass(frozen=True, slots=True)
class ProposalView:
    """One proposal with its texts as they are now."""

    id: int
    state: str
    text: EntryText
    """What the draft would say; empty where the solution is gone at this moment."""
    threads: tuple[ProposalThreadRow, ...]
    """That of the draft first."""
    figures: Figures
    entry_id: int | None
    entry_question: str
    """Of the entry that covers the subject already, or that came of it."""
    decided_at: datetime | None
    why: str
    """Why it was dismissed, a `DismissalReason`; else empty."""
    returned: str


def _readable(viewer: Viewer) -> str:
    """SQL condition on a proposal `p`: no thread of it stands where the viewer may not read, and that of the draft
    is not hidden."""
    ids = ",".join(str(int(space_id)) for space_id in viewer.readable_space_ids) or "NULL"
    return f"""NOT EXISTS (SELECT 1 FROM faq_proposal_threads y JOIN threads z ON z.id = y.thread_id
        WHERE y.proposal_id = p.id AND CASE WHEN z.space_id IN ({ids}) THEN 0 ELSE 1 END = 1)
        AND EXISTS (SELECT 1 FROM threads t WHERE t.id = p.thread_id AND {visible_in_spaces(viewer)})"""  # noqa: S608


async def count_proposals(viewer: Viewer, state: str) -> int:
    """How many in this state the viewer may read."""
    demand_editor(viewer)
    row = await fetch_one(
        f"SELECT COUNT(*) AS n FROM faq_proposals p WHERE p.state = :state AND {_readable(viewer)}",  # noqa: S608
        {"state": state},
    )
    return int(row["n"]) if row else 0


async def list_proposals(viewer: Viewer, state: str, *, page: int = 1) -> list[ProposalView]:
    """Open ones by their effect; others with what was decided last first."""
    demand_editor(viewer)
    order = "p.effect DESC, p.found_at, p.id" if state == ProposalState.OPEN else "p.decided_at DESC, p.id"
    rows = await fetch(
        f"""SELECT p.*, e.question AS entry_question FROM faq_proposals p
        LEFT JOIN faq_entries e ON e.id = p.entry_id
        WHERE p.state = :state AND {_readable(viewer)} ORDER BY {order} LIMIT :size OFFSET :skip""",  # noqa: S608
        {"state": state, "size": PROPOSALS_PER_PAGE, "skip": (page - 1) * PROPOSALS_PER_PAGE},
    )
    return await _views(viewer, rows)


async def get_proposal(viewer: Viewer, proposal_id: int) -> ProposalView:
    """One proposal; not found for whoever may not read all of it."""
    demand_editor(viewer)
    rows = await fetch(
        f"""SELECT p.*, e.question AS entry_question FROM faq_proposals p
        LEFT JOIN faq_entries e ON e.id = p.entry_id WHERE p.id = :id AND {_readable(viewer)}""",  # noqa: S608
        {"id": proposal_id},
    )
    if not rows:
        raise NotFound
    return (await _views(viewer, rows))[0]


async def demand_readable(viewer: Viewer, proposal_ids: Sequence[int]) -> None:
    """Not found, if one of these is for others: whoever may not read a proposal does not learn that it exists."""
    demand_editor(viewer)
    rows = await fetch(
        f"SELECT p.id FROM faq_proposals p WHERE p.id IN (:ids) AND {_readable(viewer)}",  # noqa: S608
        {"ids": list(proposal_ids)},
    )
    if len(rows) < len(set(proposal_ids)):
        raise NotFound


async def _views(viewer: Viewer, rows: Sequence[Mapping[str, Any]]) -> list[ProposalView]:
    threads = await _threads_of(viewer, [row["id"] for row in rows])
    texts = await load_texts(thread.id for each in threads.values() for thread in each)
    return [await _view(row, threads.get(row["id"], []), texts) for row in rows]


async def _threads_of(viewer: Viewer, proposal_ids: Sequence[int]) -> dict[int, list[ProposalThreadRow]]:
    rows = await fetch(
        f"""SELECT x.proposal_id, t.id, t.slug, t.title, t.language, s.name AS space_name, s.access, t.status
        FROM faq_proposal_threads x JOIN faq_proposals p ON p.id = x.proposal_id
        JOIN threads t ON t.id = x.thread_id JOIN spaces s ON s.id = t.space_id
        WHERE x.proposal_id IN (:ids) AND {visible_in_spaces(viewer)}
        ORDER BY x.proposal_id, CASE WHEN t.id = p.thread_id THEN 0 ELSE 1 END, t.created_at, t.id
        LIMIT {PROPOSALS_PER_PAGE * MOST_THREADS}""",  # noqa: S608 - constants
        {"ids": list(proposal_ids)},
    )
    found: dict[int, list[ProposalThreadRow]] = {}
    for row in rows:
        found.setdefault(row["proposal_id"], []).append(
            ProposalThreadRow(
                id=row["id"],
                slug=row["slug"],
                title=row["title"],
                language=row["language"],
                space_name=row["space_name"],
                space_access=row["access"],
                is_solved=row["status"] == "solved",
            )
        )
    return found


async def _view(
    row: Mapping[str, Any], threads: Sequence[ProposalThreadRow], texts: Mapping[int, Texts]
) -> ProposalView:
    lead, others = row["thread_id"], [one.id for one in threads if one.id != row["thread_id"]]
    proposed = await propose(lead, others, texts)
    is_public = all(one.space_access == SpaceAccess.OPEN for one in threads)
    text = EntryText(
        question=proposed.question if proposed else threads[0].title,
        short_answer=proposed.draft.short_answer if proposed else "",
        steps=proposed.draft.steps if proposed else "",
        language=texts[lead].language if lead in texts else "de",
        audience=PUBLIC_AUDIENCE if is_public else MEMBERS_AUDIENCE,
    )
    return ProposalView(
        id=row["id"],
        state=row["state"],
        text=text,
        threads=tuple(threads),
        figures=Figures(**{name: row[name] for name in Figures.__slots__}),
        entry_id=row["entry_id"],
        entry_question=row["entry_question"] or "",
        decided_at=as_time(row["decided_at"]),
        why=row["why"],
        returned=row["returned"],
    )
