"""Canned answers: kept by moderators on pages of their own, offered to staff in the form for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.members.queries import list_profiles_by_ids
from community.moderation import canned
from community.moderation.canned import CannedRow
from community.settings import settings
from community.threads.queries import ThreadView
from community.web.forms import check_length, read_form
from community.web.lists import thread_url
from community.web.moderation_queue import moderation_links
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, Link

HERE = "/moderation/canned-answers"
HEAD = Head(section="moderation", robots="noindex")
NEW = CannedRow(0, "", "", "", None)


@dataclass(frozen=True, slots=True)
class CannedLine:
    title: str
    url: str
    text: str
    where: str
    language: str
    used: str


@dataclass(frozen=True, slots=True)
class CannedListPage:
    links: tuple[Link, ...]
    new_url: str
    answers: tuple[CannedLine, ...]


@dataclass(frozen=True, slots=True)
class CannedPage:
    crumbs: tuple[Crumb, ...]
    heading: str
    url: str
    form: FormState
    languages: tuple[Choice, ...]
    spaces: tuple[Choice, ...]
    placeholders: tuple[tuple[str, str], ...]
    """Each with what stands in its place in the answer."""
    delete_url: str


# --- keeping them -----------------------------------------------------------------------------------------


async def list_all(request: Request) -> Response:
    page = CannedListPage(
        links=moderation_links(),
        new_url=f"{HERE}/new",
        answers=tuple(_line(row) for row in await canned.list_canned(viewer_of(request))),
    )
    return await show(request, "moderation/canned_answers.html", page, HEAD)


def _line(row: CannedRow) -> CannedLine:
    return CannedLine(
        title=row.title,
        url=f"{HERE}/{row.id}",
        text=row.text,
        where=row.space_name or _("everywhere"),
        language=i18n.language_names().get(row.language, row.language) or _("all languages"),
        used=ngettext("used %(num)s time", "used %(num)s times", row.use_count)
        % {"num": number(row.use_count)},
    )


async def show_new(request: Request) -> Response:
    return await _show(request, NEW, FormState())


async def add_canned(request: Request) -> Response:
    fields = dict(await read_form(request))
    draft, errors = _read(request, fields, NEW)
    if errors:
        return await _show(request, NEW, FormState(fields, tuple(errors)), status=422)
    try:
        await canned.add_canned(draft, by=viewer_of(request))
    except RuleBroken as broken:
        form = FormState(fields, (FieldError("", str(broken)),))
        return await _show(request, NEW, form, status=409)
    return redirect(HERE, notice="saved")


async def show_canned(request: Request) -> Response:
    row = await _canned(request)
    values = {
        "title": row.title,
        "text": row.text,
        "language": row.language,
        "space": str(row.space_id or ""),
    }
    return await _show(request, row, FormState(values))


async def change_canned(request: Request) -> Response:
    row, fields = await _canned(request), dict(await read_form(request))
    draft, errors = _read(request, fields, row)
    if errors:
        return await _show(request, row, FormState(fields, tuple(errors)), status=422)
    await canned.change_canned(draft, by=viewer_of(request))
    return redirect(HERE, notice="saved")


async def delete_canned(request: Request) -> Response:
    await canned.delete_canned(await _canned(request), by=viewer_of(request))
    return redirect(HERE, notice="saved")


async def _canned(request: Request) -> CannedRow:
    return await canned.get_canned(path_id(request, "canned_id"), viewer_of(request))


def _read(request: Request, fields: Mapping[str, str], row: CannedRow) -> tuple[CannedRow, list[FieldError]]:
    """The canned answer as the form says it, and what is wrong with it."""
    title, text = fields.get("title", "").strip(), fields.get("text", "").strip()
    errors = check_length("title", title, least=2, most=canned.LONGEST_TITLE)
    errors += check_length("text", text, least=2, most=canned.LONGEST_TEXT)
    unknown = canned.unknown_placeholders(text)
    if unknown:
        values = {
            "unknown": ", ".join(f"{{{name}}}" for name in unknown),
            "known": " ".join(f"{{{name}}}" for name in canned.PLACEHOLDERS),
        }
        message = _("Nothing can be filled in for %(unknown)s. These placeholders work: %(known)s") % values
        errors.append(FieldError("text", message))
    language, space = fields.get("language", ""), fields.get("space", "")
    if language and language not in i18n.languages():
        errors.append(FieldError("language", _("Please choose one of these.")))
    if space and space not in {str(space_id) for space_id in viewer_of(request).readable_space_ids}:
        errors.append(FieldError("space", _("Please choose one of these.")))
        space = ""
    return CannedRow(row.id, title, text, language, int(space) if space else None), errors


async def _show(request: Request, row: CannedRow, form: FormState, *, status: int = 200) -> Response:
    viewer = viewer_of(request)
    page = CannedPage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Canned answers"), HERE)),
        heading=row.title or _("New canned answer"),
        url=f"{HERE}/{row.id}" if row.id else f"{HERE}/new",
        form=form,
        languages=tuple(Choice(code, name) for code, name in i18n.language_names().items()),
        spaces=tuple(
            Choice(str(space.id), space.name) for space in request.state.spaces if viewer.may_read(space.id)
        ),
        placeholders=(
            ("{nickname}", _("the nickname of who started the thread")),
            ("{thread}", _("the title of the thread")),
            ("{space}", _("the name of the space")),
            ("{staff}", _("the name under which you answer")),
            ("{link}", _("the address of the thread")),
        ),
        delete_url=f"{HERE}/{row.id}/delete" if row.id else "",
    )
    return await show(request, "moderation/canned_answer.html", page, HEAD, status=status)


# --- in the form for an answer ----------------------------------------------------------------------------


async def list_choices(thread: ThreadView, viewer: Viewer) -> tuple[Choice, ...]:
    """What staff can begin an answer with; nothing for everybody else."""
    if not canned.can_use_canned(viewer):
        return ()
    fitting = await canned.list_fitting(thread.space_id, thread.language, viewer)
    return tuple(Choice(str(row.id), row.title) for row in fitting)


async def insert_into(body: str, wanted: str, thread: ThreadView, viewer: Viewer) -> str | None:
    """What was typed with the chosen canned answer below it; None where none that fits was chosen."""
    fitting = await canned.list_fitting(thread.space_id, thread.language, viewer)
    chosen = next((row for row in fitting if str(row.id) == wanted), None)
    if chosen is None:
        return None
    names = await list_profiles_by_ids([thread.author_id]) if thread.author_id else {}
    text = canned.fill_in(
        chosen.text,
        {
            "nickname": names.get(thread.author_id or 0, "") or _("Former member"),
            "thread": thread.title,
            "space": thread.space_name,
            "staff": viewer.nickname,
            "link": settings.base_url + thread_url(thread.id, thread.slug),
        },
    )
    await canned.count_use(chosen.id)
    return f"{body}\n\n{text}".lstrip()
