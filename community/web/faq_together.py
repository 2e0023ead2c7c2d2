"""What editors have to work on one entry together: who is on it, and what they say to each other about it."""

from __future__ import annotations

from community.core.viewer import Viewer
from community.decisions.queries import list_entries
from community.faq.editorial import EditorialEntry
from community.faq.models import EntryState
from community.faq.schedules import Schedule
from community.moderation.notes import Subject, list_notes
from community.web.faq_desk import LIST_URL
from community.web.faq_views import SentBack, Together
from community.web.parts import When
from community.web.staff_notes import colleagues_of, note_view


async def together_of(
    viewer: Viewer, entry: EditorialEntry, schedule: Schedule | None, holder: tuple[int, str] | None
) -> Together:
    base, about = f"{LIST_URL}/{entry.id}", Subject(entry_id=entry.id)
    rows = await list_notes(about, viewer)
    waits_for_others = entry.stage == EntryState.IN_REVIEW and viewer.id in {entry.edited_by, *entry.writers}
    is_done = entry.state == EntryState.WITHDRAWN or (schedule is not None and not schedule.has_failed)
    is_mine = holder is not None and holder[0] == viewer.id
    return Together(
        take_url="" if holder or is_done or waits_for_others else f"{base}/take",
        give_back_url=f"{base}/give-back" if is_mine else "",
        notes_url=f"{base}/notes",
        notes=tuple(note_view(row, viewer) for row in reversed(rows)),
        colleagues=await colleagues_of(about, viewer),
        sent_back=await _sent_back(entry),
    )


async def _sent_back(entry: EditorialEntry) -> SentBack | None:
    """The wish for changes in the text in work, until it is sent for review again."""
    if entry.stage != EntryState.DRAFT:
        return None
    newest = (await list_entries([f"faq:{entry.id}"], ["faq.sent_for_review", "faq.sent_back"]))[:1]
    for line in newest:
        if line.reason and line.details.get("version", 0) > (entry.published_version or 0):
            return SentBack(line.actor_name, line.reason, When.of(line.at))
    return None
