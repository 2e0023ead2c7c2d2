"""The list of entries that editors work on, narrowed down to what they look for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import as_time, fetch
from community.core.viewer import Viewer
from community.decisions.work import CLAIM_IDLE, WorkKind
from community.faq.claims import KINDS
from community.faq.editorial import EDITOR, STAGE
from community.faq.models import PUBLIC_STATES, EntryState
from community.faq.permissions import demand_editor
from community.faq.related import words_condition

MOST_LISTED = 200
MINE = "mine"
WAITING = "waiting"

# What waits for staff, or somebody is on: its item of the queue.
_ITEM = "SELECT 1 FROM work_items w WHERE w.subject = 'faq:' || CAST(e.id AS VARCHAR(20)) AND"
_CLAIM = "w.claimed_at >= :idle_since"
_WHOSE = {
    MINE: f"(e.edited_by = :me OR EXISTS ({_ITEM} w.kind IN (:kinds) AND w.claimed_by = :me AND {_CLAIM}))",
    # As the queue has it: not what one wrote oneself, what sleeps, or what somebody else is on or was handed.
    WAITING: f"""EXISTS ({_ITEM} w.kind = :kind AND (w.not_for IS NULL OR w.not_for <> :me)
        AND NOT EXISTS (SELECT 1 FROM work_bars b WHERE b.item_id = w.id AND b.member_id = :me)
        AND (w.claimed_by IS NULL OR w.claimed_by = :me OR NOT {_CLAIM})
        AND (w.handed_to IS NULL OR w.handed_to = :me) AND (w.snoozed_until IS NULL OR w.snoozed_until <= :now))""",  # noqa: S608 - constants
}
_ENTRIES = "faq_entries e LEFT JOIN faq_categories c ON c.id = e.category_id"


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which entries; what is empty narrows nothing down."""

    stage: str = ""
    """Without one all that are not withdrawn."""
    language: str = ""
    category: str = ""
    """The slug of it."""
    whose: str = ""
    """Those that the viewer has written or is on (`MINE`), or that wait for them (`WAITING`)."""
    words: str = ""
    """All of them stand in the question."""


@dataclass(frozen=True, slots=True)
class EditorialLine:
    """An entry in the list of editors."""

    id: int
    stage: str
    state: str
    question: str
    language: str
    audience: str
    category_name: str
    editor: str
    """Nickname, or short name of staff, of who wrote the version in work; empty for a former member."""
    edited_by: int | None
    edited_at: datetime


async def list_editorial(
    viewer: Viewer, wanted: Wanted | None = None, *, thread_id: int | None = None
) -> tuple[EditorialLine, ...]:
    """The entries that are wanted, those edited last first.

    With `thread_id` those made from this thread, so that nobody makes a second one by mistake.
    """
    demand_editor(viewer)
    wanted = wanted or Wanted()
    where, given = _conditions(viewer, wanted)
    where = f"{_standing(wanted.stage)} AND {where}"
    if thread_id is not None:
        where += " AND e.id IN (SELECT entry_id FROM faq_sources WHERE thread_id = :thread_id)"
    rows = await fetch(
        f"""SELECT e.id, {STAGE} AS stage, e.state, e.question, e.language, e.audience, e.edited_by, e.edited_at,
        c.name AS category_name, {EDITOR} FROM {_ENTRIES}
        LEFT JOIN members m ON m.id = e.edited_by AND m.erased_at IS NULL
        WHERE {where} ORDER BY e.edited_at DESC, e.id LIMIT {MOST_LISTED}""",  # noqa: S608 - constants
        {**given, "stage": wanted.stage, "thread_id": thread_id},
    )
    return tuple(
        EditorialLine(
            id=row["id"],
            stage=row["stage"],
            state=row["state"],
            question=row["question"],
            language=row["language"],
            audience=row["audience"],
            category_name=row["category_name"] or "",
            editor=row["editor"] or "",
            edited_by=row["edited_by"],
            edited_at=as_time(row["edited_at"]) or now(),
        )
        for row in rows
    )


async def count_by_stage(viewer: Viewer, wanted: Wanted | None = None) -> dict[str, int]:
    """How many of those wanted stand where. A public entry with a newer version counts for both."""
    demand_editor(viewer)
    where, given = _conditions(viewer, wanted or Wanted())
    rows = await fetch(
        f"SELECT e.state, e.newer_state, COUNT(*) AS n FROM {_ENTRIES} WHERE {where} GROUP BY e.state, e.newer_state",  # noqa: S608
        given,
    )
    counts = dict.fromkeys((str(state) for state in EntryState), 0)
    for row in rows:
        counts[row["state"]] += row["n"]
        if row["newer_state"]:
            counts[row["newer_state"]] += row["n"]
    return counts


def _standing(stage: str) -> str:
    if not stage:
        return "e.state <> 'withdrawn'"
    # A public entry with a newer version stays one of the published, or of those to be checked.
    return "e.state = :stage" if stage in PUBLIC_STATES else f"{STAGE} = :stage"


def _conditions(viewer: Viewer, wanted: Wanted) -> tuple[str, dict[str, Any]]:
    """SQL for all that is wanted but the stage, and what it is given."""
    words, given = words_condition(wanted.words, ("e.question",))
    moment = now()
    parts = {
        "e.language = :language": wanted.language,
        "c.slug = :category": wanted.category,
        _WHOSE.get(wanted.whose, ""): wanted.whose,
        words: words,
    }
    return " AND ".join(("1 = 1", *(part for part, chosen in parts.items() if chosen))), {
        **given,
        "language": wanted.language,
        "category": wanted.category,
        "me": viewer.id,
        "kind": str(WorkKind.FAQ),
        "kinds": [str(kind) for kind in KINDS],
        "now": moment,
        "idle_since": moment - CLAIM_IDLE,
    }
