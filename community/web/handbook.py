"""The handbook of the team: for staff alone, written by administrators at the desk of the site's own texts."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.clock import now
from community.core.i18n import gettext as _
from community.core.i18n import long_date, number
from community.site_texts import queries, rules
from community.site_texts.defaults import default_texts
from community.site_texts.permissions import can_edit_page
from community.web.pages import Head, show, viewer_of
from community.web.parts import Crumb

HEAD = Head(section="moderation", robots="noindex")


@dataclass(frozen=True, slots=True)
class HandbookPage:
    title: str
    crumbs: tuple[Crumb, ...]
    dated: str
    """Which version this is; empty for the text that the software brings."""
    upcoming: str
    """From when on another version counts; empty where none does."""
    html: Markup
    language: str
    edit_url: str
    """For administrators."""


async def show_handbook(request: Request) -> Response:
    """The version in force, in the reader's language."""
    viewer = viewer_of(request)
    shelf, moment = await queries.get_shelf(rules.HANDBOOK), now()
    current, upcoming = shelf.current(moment), shelf.upcoming(moment)
    texts = current.texts if current else default_texts(rules.HANDBOOK)
    text, language = rules.in_language(texts, i18n.language())
    dated = ""
    if current and current.version:
        values = {"number": number(current.version), "date": long_date(current.valid_from)}
        dated = _("Version %(number)s, valid from %(date)s") % values
    page = HandbookPage(
        title=rules.page_names()[rules.HANDBOOK],
        crumbs=(Crumb(_("Moderation"), "/moderation") if viewer.is_moderator else Crumb(_("Home"), "/"),),
        dated=dated,
        upcoming=_("From %(date)s on a new version counts.") % {"date": long_date(upcoming.valid_from)}
        if upcoming
        else "",
        html=Markup(rules.render(text)),  # noqa: S704 - cleaned by render
        language=language,
        edit_url=f"/admin/pages/{rules.HANDBOOK}" if can_edit_page(viewer, rules.HANDBOOK) else "",
    )
    return await show(request, "moderation/handbook.html", page, HEAD)
