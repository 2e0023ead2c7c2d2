"""The moderation log: narrowed down, in parts, entry by entry, and as a file. Only read here; it is never changed."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from community.core.clock import now
from community.core.i18n import gettext as _
from community.core.spreadsheets import csv_lines, csv_table
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.queries import ChainedLine, LogChoice, get_log_entry, list_chained, list_log
from community.web.forms import read_form
from community.web.log_details import read_details
from community.web.log_filters import LOG_URL, LogFilters, filters_of, read_choice
from community.web.moderation_log import LogEntryView, entry_views
from community.web.pages import LARGEST_ID, Head, path_id, show, viewer_of
from community.web.parts import Crumb, Link

SIZE = 50
EXPORTED_AT_ONCE = 500
EXPORT_COLUMNS = (
    *("position", "id", "at", "act", "subject", "actor_id", "actor_name", "space_id", "reason", "details"),
    *("name_salt", "name_digest", "reason_salt", "reason_digest", "hash"),
)
HEAD = Head(section="moderation")


@dataclass(frozen=True, slots=True)
class LogPage:
    crumbs: tuple[Crumb, ...]
    subject: str
    """What the log is narrowed down to; empty: everything."""
    filters: LogFilters
    is_narrowed: bool
    entries: tuple[LogEntryView, ...]
    older_url: str
    newest_url: str
    """Where the page shows a later part: the beginning of the list."""
    export_url: str
    """Empty for those who may not export."""


@dataclass(frozen=True, slots=True)
class LogEntryPage:
    crumbs: tuple[Crumb, ...]
    number: str
    entry: LogEntryView
    space: str
    details: tuple[tuple[str, Link], ...]
    place: str
    """Which one it is in the chain; empty as long as it has none."""
    hash: str


async def show_log(request: Request) -> Response:
    viewer = viewer_of(request)
    asked = await read_choice(request.query_params)
    before = _number(request.query_params.get("before", ""))
    lines = [] if asked.errors else await list_log(viewer, choice=asked.choice, before=before, size=SIZE + 1)
    more, lines = len(lines) > SIZE, lines[:SIZE]
    views = await entry_views(viewer, lines)
    page = LogPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        subject=views[0].subject.label if views and asked.choice.subject else "",
        filters=await filters_of(asked, request.state.spaces),
        is_narrowed=not asked.choice.is_everything or bool(asked.errors),
        entries=views,
        older_url=asked.address(before=lines[-1].id) if more else "",
        newest_url=asked.address() if before is not None else "",
        export_url=f"{LOG_URL}/export" if viewer.is_administrator else "",
    )
    return await show(request, "moderation/log.html", page, HEAD)


async def show_log_entry(request: Request) -> Response:
    viewer = viewer_of(request)
    chained = await get_log_entry(viewer, path_id(request, "entry_id"))
    line = chained.line
    spaces = {space.id: space.name for space in request.state.spaces}
    page = LogEntryPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Moderation log"), LOG_URL)),
        number=str(line.id),
        entry=(await entry_views(viewer, [line]))[0],
        space="" if line.space_id is None else spaces.get(line.space_id, _("A space that is gone")),
        details=read_details(line.details, spaces),
        place="" if chained.position is None else str(chained.position),
        hash=chained.hash,
    )
    return await show(request, "moderation/log_entry.html", page, HEAD)


def _number(text: str) -> int | None:
    if not (text.isascii() and text.isdecimal() and len(text) <= 16):
        return None
    return min(int(text), LARGEST_ID)


# --- the export -------------------------------------------------------------------------------------------


async def export_log(request: Request) -> Response:
    """A file with all that the page shows. That it was made stands in the log, and in the file as its last entry."""
    viewer, fields = viewer_of(request), await read_form(request)
    form = fields.get("format", "")
    if form not in FORMATS:
        raise HTTPException(400)
    asked = await read_choice(fields)
    if asked.errors:
        raise HTTPException(400)
    until = await log(
        "export_log", "log:0", by=viewer, reason="", format=form, narrowed=not asked.choice.is_everything
    )
    media_type, lines = FORMATS[form]
    name = f"moderation-log-{now().date().isoformat()}.{form}"
    return StreamingResponse(
        _parts(viewer, asked.choice, until, lines),
        media_type=media_type,
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"},
    )


async def _parts(
    viewer: Viewer, choice: LogChoice, until: int, lines: Callable[[Iterable[ChainedLine], bool], str]
) -> AsyncIterator[str]:
    """The file piece by piece: however long the log is, one piece lies in memory."""
    after, first = 0, True
    while True:
        found = await list_chained(viewer, choice, after=after, until=until, size=EXPORTED_AT_ONCE)
        if found or first:
            yield lines(found, first)
        if len(found) < EXPORTED_AT_ONCE:
            return
        after, first = found[-1].line.id, False


def _exported(chained: ChainedLine) -> dict[str, Any]:
    line = chained.line
    values = {
        "position": chained.position,
        "id": line.id,
        "at": line.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "act": line.act,
        "subject": line.subject,
        "actor_id": line.actor_id,
        "actor_name": line.actor_name,
        "space_id": line.space_id,
        "reason": line.reason,
        "details": line.details,
        "name_salt": chained.name_salt,
        "name_digest": chained.name_digest,
        "reason_salt": chained.reason_salt,
        "reason_digest": chained.reason_digest,
        "hash": chained.hash,
    }
    return {name: values[name] for name in EXPORT_COLUMNS}


def as_csv(found: Iterable[ChainedLine], first: bool) -> str:
    rows = [
        [
            json.dumps(value, sort_keys=True, ensure_ascii=False) if name == "details" else value
            for name, value in _exported(chained).items()
        ]
        for chained in found
    ]
    return csv_table(EXPORT_COLUMNS, rows) if first else csv_lines(rows)


def as_json_lines(found: Iterable[ChainedLine], first: bool) -> str:
    return "".join(json.dumps(_exported(chained), ensure_ascii=False) + "\n" for chained in found)


FORMATS: dict[str, tuple[str, Callable[[Iterable[ChainedLine], bool], str]]] = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "jsonl": ("application/x-ndjson; charset=utf-8", as_json_lines),
}
