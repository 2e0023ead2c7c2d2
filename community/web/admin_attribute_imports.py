"""Bringing in attributes from a file: read, look at what would change, say yes, watch it being done."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.http import tries
from community.segments import imports
from community.segments.definitions import list_definitions
from community.segments.imports import ImportView
from community.segments.models import Subject
from community.segments.permissions import can_manage_attributes
from community.segments.tables import Unreadable
from community.web.admin import admin_crumbs
from community.web.admin_attributes import URL as ATTRIBUTES_URL
from community.web.forms import read_upload
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState

URL = f"{ATTRIBUTES_URL}/import"
LARGEST_FILE = 900_000
MOST_REFUSED = 500


@dataclass(frozen=True, slots=True)
class UploadPage:
    crumbs: tuple[Crumb, ...]
    form: FormState
    company_columns: str
    person_columns: str


@dataclass(frozen=True, slots=True)
class ImportPage:
    crumbs: tuple[Crumb, ...]
    url: str
    facts: tuple[tuple[str, str], ...]
    refused: tuple[tuple[str, str], ...]
    more_refused: str
    left_out: tuple[str, ...]
    changes: tuple[tuple[str, str, str, str], ...]
    more_changes: str
    is_about_people: bool
    can_confirm: bool
    share: int | None
    """How far it is, in percent; None before it has begun."""
    is_done: bool


async def show_upload_form(request: Request) -> Response:
    return await _show_upload(request, FormState())


async def read_file(request: Request) -> Response:
    authorize(can_manage_attributes(viewer_of(request)))
    content = await read_upload(request, "file", most=LARGEST_FILE)
    await tries.ATTRIBUTE_IMPORTS.take(viewer_of(request).id)
    problem = ""
    if content is None:
        problem = _(
            "The file is too large for this page. The command “community import attributes” can do it."
        )
    elif not content:
        problem = _("Please choose a file.")
    else:
        try:
            report, changes = await imports.read_file(content)
            import_id = await imports.keep(report, changes, made_by=viewer_of(request).id)
            return redirect(f"{URL}/{import_id}")
        except Unreadable as unreadable:
            problem = str(unreadable)
    return await _show_upload(request, FormState({}, (FieldError("file", problem),)), status=422)


async def show_import(request: Request) -> Response:
    found = await _load(request)
    return await show(request, "admin/attribute_import.html", _page(found), Head(section="admin"))


async def confirm_import(request: Request) -> Response:
    found = await _load(request)
    with contextlib.suppress(RuleBroken):  # Said twice is said once.
        await imports.confirm(found.id, by=viewer_of(request))
    return redirect(f"{URL}/{found.id}")


async def cancel_import(request: Request) -> Response:
    found = await _load(request)
    await imports.cancel(found.id, made_by=viewer_of(request).id)
    return redirect(URL)


async def _load(request: Request) -> ImportView:
    viewer = viewer_of(request)
    found = await imports.get_import(path_id(request, "import_id"), viewer.id)
    authorize(can_manage_attributes(viewer))
    return found


async def _show_upload(request: Request, form: FormState, *, status: int = 200) -> Response:
    definitions = await list_definitions()
    page = UploadPage(
        crumbs=admin_crumbs(Crumb(_("Attributes"), ATTRIBUTES_URL)),
        form=form,
        company_columns=", ".join(one.key for one in definitions if one.subject == Subject.COMPANY),
        person_columns=", ".join(one.key for one in definitions if one.subject == Subject.ACCOUNT),
    )
    return await show(request, "admin/attribute_upload.html", page, Head(section="admin"), status=status)


def _page(found: ImportView) -> ImportPage:
    report = found.report
    is_about_people = report.subject == Subject.ACCOUNT
    separator = _("tab") if report.separator == "\t" else report.separator
    facts = [
        (_("Lines"), number(report.line_count)),
        (_("Refused"), number(len(report.refused))),
        (_("Encoding"), report.encoding.upper()),
        (_("Separator"), separator),
    ]
    if not is_about_people:
        facts.insert(2, (_("Companies that change"), number(report.company_count)))
    more = len(report.refused) - MOST_REFUSED
    more_companies = report.company_count - len({name for name, *_rest in report.changes})
    return ImportPage(
        crumbs=admin_crumbs(Crumb(_("Attributes"), ATTRIBUTES_URL), Crumb(_("Import"), URL)),
        url=f"{URL}/{found.id}",
        facts=tuple(facts),
        refused=tuple((number(line), reason) for line, reason in report.refused[:MOST_REFUSED]),
        more_refused=number(more) if more > 0 else "",
        left_out=tuple(report.left_out),
        changes=tuple((name, label, before, after) for name, label, before, after in report.changes),
        more_changes=ngettext("and %(num)s company more", "and %(num)s companies more", more_companies)
        % {"num": number(more_companies)}
        if more_companies > 0
        else "",
        is_about_people=is_about_people,
        can_confirm=not found.is_confirmed and found.change_count > 0,
        share=found.place * 100 // max(1, found.change_count) if found.is_confirmed else None,
        is_done=found.is_done,
    )
