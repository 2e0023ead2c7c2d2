"""Imprint, privacy, terms, netiquette: texts of the theme, in the language of the reader."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n, markdown
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.web.pages import Head, show, templates_of

NAMES = ("imprint", "privacy", "terms", "netiquette")


@dataclass(frozen=True, slots=True)
class LegalPage:
    title: str
    html: Markup


async def show_page(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in NAMES:
        raise NotFound
    theme = templates_of(request).theme
    text = theme.read_page(name, i18n.language()) or theme.read_page(name, "en")
    if text is None:
        raise NotFound
    titles = {
        "imprint": _("Imprint"),
        "privacy": _("Privacy"),
        "terms": _("Terms"),
        "netiquette": _("Netiquette"),
    }
    page = LegalPage(titles[name], Markup(markdown.render(text, outermost=2)))  # noqa: S704 - cleaned by render
    return await show(request, "pages/legal.html", page, Head(canonical=f"/pages/{name}"))
