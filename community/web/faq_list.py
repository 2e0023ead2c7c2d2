"""The list of the FAQ desk: all entries, where they stand, and who is on them."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.faq import editorial, rules
from community.faq.editorial import EditorialLine
from community.faq.holding import list_holders
from community.faq.languages import list_outdated
from community.faq.models import EntryState
from community.faq.schedules import Schedule, list_schedules
from community.web.faq_desk import LIST_URL, desk_links, schedule_text, stage_name
from community.web.pages import Head, show, viewer_of
from community.web.parts import Crumb, FilterLink, When

HEAD = Head(section="faq", robots="noindex")
STAGES = (
    EntryState.DRAFT,
    EntryState.IN_REVIEW,
    EntryState.PUBLISHED,
    EntryState.CHECK,
    EntryState.WITHDRAWN,
)


@dataclass(frozen=True, slots=True)
class EditorialRow:
    """An entry in the list of editors."""

    url: str
    question: str
    language: str
    stage_text: str
    is_public: bool
    members_only: bool
    category: str
    editor: str
    when: When
    scheduled: str
    """When it is released by itself, or that this failed; empty for neither."""
    holder: str
    """Who is on it; empty for nobody."""
    is_behind: bool
    """A translation whose original says something else now."""


@dataclass(frozen=True, slots=True)
class EditorialPage:
    crumbs: tuple[Crumb, ...]
    filters: tuple[FilterLink, ...]
    rows: tuple[EditorialRow, ...]
    desk: tuple[FilterLink, ...]


async def list_entries(request: Request) -> Response:
    viewer = viewer_of(request)
    chosen = request.query_params.get("stage", "")
    if chosen and chosen not in STAGES:
        raise NotFound
    counts = await editorial.count_by_stage(viewer)
    filters = [FilterLink(_("All"), LIST_URL, current=not chosen)]
    filters += [
        FilterLink(
            stage_name(stage), f"{LIST_URL}?stage={stage}", current=chosen == stage, count=counts[stage]
        )
        for stage in STAGES
    ]
    lines = await editorial.list_editorial(viewer, chosen)
    ids = [line.id for line in lines]
    schedules, behind = await list_schedules(ids), await list_outdated(ids)
    holders = await list_holders(ids)
    page = EditorialPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        filters=tuple(filters),
        rows=tuple(
            _row(line, schedules.get(line.id), line.id in behind, holders.get(line.id)) for line in lines
        ),
        desk=desk_links(viewer, LIST_URL),
    )
    return await show(request, "faq/editorial.html", page, HEAD)


def _row(
    line: EditorialLine, schedule: Schedule | None, is_behind: bool, holder: tuple[int, str] | None
) -> EditorialRow:
    return EditorialRow(
        url=f"{LIST_URL}/{line.id}",
        question=line.question,
        language=line.language,
        stage_text=stage_name(line.stage),
        is_public=line.is_public,
        members_only=line.audience != rules.PUBLIC_AUDIENCE,
        category=line.category_name,
        editor=line.editor,
        when=When.of(line.edited_at),
        scheduled=schedule_text(schedule) if schedule else "",
        is_behind=is_behind,
        holder=holder[1] if holder else "",
    )
