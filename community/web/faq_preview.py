"""An entry as its readers will see it, in the theme of the site, before anybody releases it."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.clock import now
from community.core.errors import authorize
from community.core.i18n import gettext as _
from community.core.markdown import excerpt, render
from community.core.viewer import Viewer
from community.faq import editorial, permissions, queries, rules
from community.faq.languages import list_translations
from community.faq.queries import EntryLine
from community.faq.rules import PUBLIC_AUDIENCE, EntryText, split_ids
from community.spaces.queries import load_viewer
from community.web.faq import DESCRIPTION, EntryPage, checked_text, source_links, translation_link
from community.web.faq_check import day_text
from community.web.faq_desk import LIST_URL
from community.web.faq_editing import find_entry
from community.web.faq_text import read_text
from community.web.forms import read_form
from community.web.pages import Head, choose_language, show, viewer_of
from community.web.parts import Crumb, When
from community.web.people import author


async def show_preview(request: Request) -> Response:
    """The version in work, as it is saved."""
    entry = await find_entry(request)
    return await _show(request, entry.text, entry.id, entry.version)


async def preview_form(request: Request) -> Response:
    """What is typed, without saving it, also of an entry that is not saved yet."""
    authorize(permissions.can_edit_faq(viewer_of(request)))
    entry = await find_entry(request) if "entry_id" in request.path_params else None
    text, _errors = await read_text(await read_form(request))
    if text.language not in i18n.languages():
        text = replace(text, language=i18n.language())
    return await _show(request, text, entry.id if entry else 0, None)


async def _show(request: Request, text: EntryText, entry_id: int, version: int | None) -> Response:
    viewer, moment = viewer_of(request), now()
    choose_language(request, text.language)
    # Helpers and threads as a guest would see them: what no reader may know of is no part of a preview.
    guest, _spaces = await load_viewer()
    sources = await queries.list_sources(guest, [entry_id])
    translations = (await list_translations(guest, [entry_id])).get(entry_id, ())
    categories = {each.id: each for each in await editorial.list_all_categories()}
    category = categories.get(text.category_id or 0)
    crumbs = (Crumb(_("Home"), "/"), Crumb(_("FAQ"), "/faq"))
    page = EntryPage(
        id=entry_id,
        question=text.question or _("Question"),
        language=text.language,
        short_answer=text.short_answer,
        steps=Markup(render(text.steps[: rules.LONGEST_STEPS])),  # noqa: S704 - cleaned
        valid_for=text.valid_for,
        valid_until=day_text(text.valid_until),
        members_only=text.audience != PUBLIC_AUDIENCE,
        description=excerpt(text.short_answer, DESCRIPTION),
        crumbs=(*crumbs, Crumb(category.name, f"/faq/{category.slug}")) if category else crumbs,
        checked=When.of(moment),
        checked_text=checked_text(str(viewer.role), i18n.long_date(moment)),
        credits=tuple(author(row) for row in queries.credited(sources)),
        sources=source_links(sources),
        related=await _related(guest, text),
        translations=tuple(translation_link(line) for line in translations),
        feedback=None,
        ask_url="/ask",
        edit_url=f"{LIST_URL}/{entry_id}" if entry_id else "",
        preview_of=_what(version),
    )
    return await show(request, "faq/show.html", page, Head(section="faq", robots="noindex"))


def _what(version: int | None) -> str:
    if version is None:
        return _("Preview of what is typed; nothing is saved yet. Nobody but the editors sees this page.")
    return _("Preview of version %(number)s. Nobody but the editors sees this page.") % {"number": version}


async def _related(guest: Viewer, text: EntryText) -> tuple[EntryLine, ...]:
    picked = split_ids(text.related)
    found = await queries.list_entries_by_ids(guest, picked) if picked else {}
    return tuple(found[number] for number in picked if number in found)
