"""The list of the FAQ desk: all entries, where they stand, and who is on them."""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import asdict, dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.faq import editorial, rules
from community.faq.claims import list_holders
from community.faq.languages import list_outdated
from community.faq.listing import MINE, WAITING, EditorialLine, Wanted, count_by_stage, list_editorial
from community.faq.models import EntryState
from community.faq.schedules import Schedule, list_schedules
from community.web.faq_desk import (
    LIST_URL,
    desk_links,
    language_choices,
    schedule_text,
    stage_name,
    stage_text,
)
from community.web.pages import Head, show, viewer_of
from community.web.parts import Choice, Crumb, FilterLink, FormState, When

HEAD = Head(section="faq", robots="noindex")
LONGEST_WORDS = 100
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
    state: str
    stage_text: str
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
class Narrowing:
    """The form by which the list is narrowed down."""

    form: FormState
    languages: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    whose: tuple[Choice, ...]
    all_url: str
    """The stage alone; empty where nothing else is chosen."""


@dataclass(frozen=True, slots=True)
class EditorialPage:
    crumbs: tuple[Crumb, ...]
    filters: tuple[FilterLink, ...]
    narrowing: Narrowing
    rows: tuple[EditorialRow, ...]
    desk: tuple[FilterLink, ...]


async def list_entries(request: Request) -> Response:
    viewer = viewer_of(request)
    categories = await editorial.list_all_categories()
    wanted = _wanted(request, {each.slug for each in categories})
    counts = await count_by_stage(viewer, wanted)
    lines = await list_editorial(viewer, wanted)
    ids = [line.id for line in lines]
    schedules, behind = await list_schedules(ids), await list_outdated(ids)
    holders = await list_holders(ids)
    page = EditorialPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        filters=_stages(wanted, counts),
        narrowing=Narrowing(
            form=FormState(asdict(wanted)),
            languages=language_choices(),
            categories=tuple(Choice(each.slug, f"{each.name} ({each.language})") for each in categories),
            whose=(Choice(MINE, _("Mine")), Choice(WAITING, _("Waiting for me"))),
            all_url=_url(Wanted(stage=wanted.stage)) if wanted != Wanted(stage=wanted.stage) else "",
        ),
        rows=tuple(
            _row(line, schedules.get(line.id), line.id in behind, holders.get(line.id)) for line in lines
        ),
        desk=desk_links(viewer, LIST_URL),
    )
    return await show(request, "faq/editorial.html", page, HEAD)


def _wanted(request: Request, categories: Set[str]) -> Wanted:
    query = request.query_params
    wanted = Wanted(**{name: query.get(name, "") for name in ("stage", "language", "category", "whose")})
    for value, allowed in (
        (wanted.stage, STAGES),
        (wanted.language, i18n.languages()),
        (wanted.category, categories),
        (wanted.whose, (MINE, WAITING)),
    ):
        if value and value not in allowed:
            raise NotFound
    return replace(wanted, words=query.get("words", "").strip()[:LONGEST_WORDS])


def _url(wanted: Wanted) -> str:
    return with_query(LIST_URL, asdict(wanted))


def _stages(wanted: Wanted, counts: Mapping[str, int]) -> tuple[FilterLink, ...]:
    """The stages, with whatever else is chosen."""
    return (
        FilterLink(_("All"), _url(replace(wanted, stage="")), current=not wanted.stage),
        *(
            FilterLink(
                stage_name(stage),
                _url(replace(wanted, stage=str(stage))),
                current=wanted.stage == stage,
                count=counts[stage],
            )
            for stage in STAGES
        ),
    )


def _row(
    line: EditorialLine, schedule: Schedule | None, is_behind: bool, holder: tuple[int, str] | None
) -> EditorialRow:
    return EditorialRow(
        url=f"{LIST_URL}/{line.id}",
        question=line.question,
        language=line.language,
        state=line.state,
        stage_text=stage_text(line.state, line.stage),
        members_only=line.audience != rules.PUBLIC_AUDIENCE,
        category=line.category_name,
        editor=line.editor,
        when=When.of(line.edited_at),
        scheduled=schedule_text(schedule) if schedule else "",
        is_behind=is_behind,
        holder=holder[1] if holder else "",
    )
