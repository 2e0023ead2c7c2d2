"""Imprint, privacy, terms, netiquette: what is in force, what will be, and every version that ever was."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.clock import now
from community.core.differences import Segment, differences
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.i18n import long_date, number
from community.site_texts import queries, rules
from community.site_texts.defaults import default_texts
from community.site_texts.queries import Shelf, Version
from community.web.pages import Head, show
from community.web.parts import Link

_EDITION = re.compile(r"(\d{4}-\d{2}-\d{2})-(\d{1,4})")


@dataclass(frozen=True, slots=True)
class LegalPage:
    """A page as readers see it: the one in force at its own address, each version at one with its date."""

    title: str
    html: Markup
    language: str
    """Of the text, where it is not there in the reader's."""
    dated: str
    """Since when it counts; empty for the text that the software brings."""
    notice: str
    """On a version that is not in force: when it was, or will be."""
    current_url: str
    """On a version with its date; empty on the page itself."""
    upcoming: Link | None
    summary: str
    """What this version changed, in the words of its editors."""
    changes: tuple[Segment, ...]
    versions: tuple[Link, ...]
    """All that were or will be in force, the newest first."""


async def show_page(request: Request) -> Response:
    name = _name(request)
    shelf, moment = await queries.get_shelf(name), now()
    current = shelf.current(moment)
    text, code = rules.in_language(current.texts if current else default_texts(name), i18n.language())
    if not text:
        raise NotFound
    upcoming = shelf.upcoming(moment)
    page = LegalPage(
        title=rules.page_names()[name],
        html=Markup(rules.render(text)),  # noqa: S704 - cleaned by render
        language=code,
        dated=_since(current) if current else "",
        notice="",
        current_url="",
        upcoming=_upcoming(name, upcoming) if upcoming else None,
        summary="",
        changes=(),
        versions=_versions(shelf) if len(shelf.reigns) > 1 else (),
    )
    return await show(request, "pages/legal.html", page, Head(canonical=f"/pages/{name}"))


async def show_edition(request: Request) -> Response:
    """One version for good, at an address with its date. Search engines list the one in force alone."""
    name, match = _name(request), _EDITION.fullmatch(request.path_params["edition"])
    shelf, moment = await queries.get_shelf(name), now()
    version = shelf.find(int(match[2])) if match else None
    reign = shelf.reign_of(version.version) if version else None
    if match is None or version is None or reign is None or _day(reign.begins) != match[1]:
        raise NotFound
    text, code = rules.in_language(version.texts, i18n.language())
    before = shelf.before(version.version)
    page = LegalPage(
        title=rules.page_names()[name],
        html=Markup(rules.render(text)),  # noqa: S704 - cleaned by render
        language=code,
        dated=_since(version),
        notice=_standing(reign, moment),
        current_url=f"/pages/{name}",
        upcoming=None,
        summary=rules.in_language(version.summaries, i18n.language())[0],
        changes=differences(rules.in_language(before.texts, code)[0], text) if before else (),
        versions=_versions(shelf),
    )
    return await show(request, "pages/legal.html", page, Head(canonical=f"/pages/{name}", robots="noindex"))


def edition_url(page: str, version: Version) -> str:
    """The address under which a published version is found for good."""
    return f"/pages/{page}/{_day(version.valid_from)}-{version.version}"


def _name(request: Request) -> str:
    name: str = request.path_params["name"]
    if name not in rules.LEGAL_PAGES:
        raise NotFound
    return name


def _day(moment: datetime) -> str:
    return i18n.local_time(moment).date().isoformat()


def _since(version: Version) -> str:
    if version.version == 0:
        return _("The template of the software")
    return _("Version %(number)s, valid from %(date)s") % {
        "number": number(version.version),
        "date": long_date(version.valid_from),
    }


def _standing(reign: rules.Reign, moment: datetime) -> str:
    if reign.holds_at(moment):
        return ""
    if reign.begins > moment:
        return _("This version comes into force on %(date)s.") % {"date": long_date(reign.begins)}
    return _("This is an earlier version. It was in force from %(begin)s to %(end)s.") % {
        "begin": long_date(reign.begins),
        "end": long_date(reign.ends or moment),
    }


def _upcoming(name: str, version: Version) -> Link:
    text = _("From %(date)s on a new version counts. Read it now.")
    return Link(text % {"date": long_date(version.valid_from)}, edition_url(name, version))


def _versions(shelf: Shelf) -> tuple[Link, ...]:
    found = [shelf.find(reign.version) for reign in shelf.reigns]
    return tuple(Link(_since(version), edition_url(shelf.page, version)) for version in found if version)
