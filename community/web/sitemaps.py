"""What search engines are told: robots.txt, sitemaps cut by date, and what browsers may fetch ahead.

Ids are random, so sitemaps are cut by the month in which threads were started: old files do not change any more. All
of them list what guests may read, whoever asks.
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.faq.languages import list_public_alternates
from community.faq.queries import list_public_addresses
from community.settings import settings
from community.site_texts.rules import LEGAL_PAGES
from community.spaces.queries import load_viewer
from community.threads.syndication import DayOfThreads, count_by_day, list_addresses
from community.web.documents import document, xml_text, xml_time
from community.web.ideas import DONE, idea_spaces
from community.web.lists import thread_url

MOST_ADDRESSES = 10_000
"""In one file; a fifth of what search engines take."""
XML = "application/xml; charset=utf-8"
AN_HOUR = "public, max-age=3600"
INDEX_KEPT_SECONDS = 600.0

NOT_FOR_ROBOTS = (
    "/search",
    "/settings",
    "/moderation",
    "/admin",
    "/log-in",
    "/log-out",
    "/register",
    "/ask",
    "/notifications",
    "/posts",
)

_THREADS_FILE = re.compile(r"threads-(\d{4})-(\d{2})(?:-(\d{2})(?:-(\d{1,3}))?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Place:
    """An address for search engines, as a path; `changed_at` is the last change that a reader can see."""

    path: str
    changed_at: datetime | None = None
    alternates: tuple[tuple[str, str], ...] = ()
    """Language and path of the same in each language it is there in."""


async def show_robots(request: Request) -> Response:
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in NOT_FOR_ROBOTS), ""]
    lines += [f"Sitemap: {settings.base_url}/sitemap.xml", ""]
    return document(request, "\n".join(lines), "text/plain; charset=utf-8", cache_control=AN_HOUR)


async def show_speculation_rules(request: Request) -> Response:
    """Browsers may fetch a page ahead: a space when a guest points at its link, what counts its views only when they
    press it, so that it is read as well (`http.by_people`). Only guests' pages name these rules, and what guests find
    behind these links is open to all. Ways on from an entry are counted and lead elsewhere: never ahead."""
    counted = {"or": [{"href_matches": path} for path in ("/threads/*", "/faq/*")]}
    way_on = {"not": {"href_matches": "/faq/*/stuck\\?*"}}
    rules = {
        "prefetch": [
            {"source": "document", "where": {"href_matches": "/spaces/*"}, "eagerness": "moderate"},
            {"source": "document", "where": {"and": [counted, way_on]}, "eagerness": "conservative"},
        ],
    }
    return document(
        request, json.dumps(rules), "application/speculationrules+json", cache_control="public, max-age=86400"
    )


class Sitemaps:
    """The handlers of the sitemaps. The index looks at all threads, so it is made at most once in `keep_seconds`."""

    def __init__(
        self, *, keep_seconds: float = INDEX_KEPT_SECONDS, most_addresses: int = MOST_ADDRESSES
    ) -> None:
        self.keep_seconds = keep_seconds
        self.most_addresses = most_addresses
        self._index = ""
        self._made_at = float("-inf")
        self._making = asyncio.Lock()

    async def show_index(self, request: Request) -> Response:
        """All files with the date of the last change in each."""
        async with self._making:
            if time.monotonic() - self._made_at >= self.keep_seconds:
                self._index = _index_xml(await self._files())
                self._made_at = time.monotonic()
        return document(request, self._index, XML, cache_control=AN_HOUR)

    async def show_file(self, request: Request) -> Response:
        name = request.path_params["name"]
        if name == "pages":
            places = _site_pages()
        elif name == "spaces":
            places = await _spaces()
        elif name == "faq":
            places = await _faq()
        else:
            places = await self._threads(name)
        if not places:
            raise NotFound
        # Addresses hold titles: what was hidden a moment ago must not be handed out by a proxy.
        return document(request, _file_xml(places), XML, cache_control="no-cache")

    async def _files(self) -> list[Place]:
        viewer, _spaces_known = await load_viewer()
        files = [Place("/sitemaps/pages.xml")]
        for name, places in (("spaces", await _spaces()), ("faq", await _faq())):
            if places:
                files.append(Place(f"/sitemaps/{name}.xml", _last_change(places)))
        return files + _thread_files(await count_by_day(viewer), self.most_addresses)

    async def _threads(self, name: str) -> list[Place]:
        matched = _THREADS_FILE.fullmatch(name)
        if matched is None:
            raise NotFound
        year, month, day, part = (int(number) if number else 0 for number in matched.groups())
        try:
            since = datetime(year, month, day or 1, tzinfo=UTC)
            until = since + timedelta(days=1) if day else (since + timedelta(days=31)).replace(day=1)
        except (ValueError, OverflowError):
            raise NotFound from None
        viewer, _spaces_known = await load_viewer()
        threads = await list_addresses(
            viewer,
            since=since,
            until=until,
            size=self.most_addresses,
            skip=max(0, part - 1) * self.most_addresses,
        )
        return [Place(thread_url(thread.id, thread.slug), thread.changed_at) for thread in threads]


def _thread_files(days: Iterable[DayOfThreads], most: int) -> list[Place]:
    """A file for each month; for each day of a month that is too long for one; in parts if a day is."""
    files = []
    for month, in_month in groupby(days, key=lambda day: day.day.strftime("%Y-%m")):
        of_month = list(in_month)
        if sum(day.count for day in of_month) <= most:
            files.append(Place(f"/sitemaps/threads-{month}.xml", max(day.changed_at for day in of_month)))
            continue
        for day in of_month:
            name = f"/sitemaps/threads-{day.day.isoformat()}"
            files.append(Place(f"{name}.xml", day.changed_at))
            parts = -(-day.count // most)
            files += [Place(f"{name}-{part}.xml", day.changed_at) for part in range(2, parts + 1)]
    return files


def _site_pages() -> list[Place]:
    return [Place(path) for path in ("/", "/spaces", "/faq", "/blog", *(f"/pages/{n}" for n in LEGAL_PAGES))]


async def _spaces() -> list[Place]:
    _viewer, spaces = await load_viewer()
    places = [Place(f"/spaces/{space.slug}", space.last_activity_at) for space in spaces if not space.locked]
    return [*places, Place(DONE)] if idea_spaces(spaces) else places


async def _faq() -> list[Place]:
    alternates = await list_public_alternates()
    addresses = await list_public_addresses(MOST_ADDRESSES)
    return [Place(path, changed_at, alternates.get(path, ())) for path, changed_at in addresses]


def _last_change(places: Iterable[Place]) -> datetime | None:
    return max((place.changed_at for place in places if place.changed_at is not None), default=None)


def _index_xml(files: Iterable[Place]) -> str:
    return _xml("sitemapindex", "sitemap", files)


def _file_xml(places: Iterable[Place]) -> str:
    return _xml("urlset", "url", places)


def _xml(root: str, element: str, places: Iterable[Place]) -> str:
    places = list(places)
    links = ' xmlns:xhtml="http://www.w3.org/1999/xhtml"' if any(place.alternates for place in places) else ""
    lines = [
        '<?xml version="1.0" encoding="utf-8"?>',
        f'<{root} xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"{links}>',
    ]
    for place in places:
        changed = f"<lastmod>{xml_time(place.changed_at)}</lastmod>" if place.changed_at else ""
        others = "".join(
            f'<xhtml:link rel="alternate" hreflang="{code}" href="{xml_text(settings.base_url + path)}"/>'
            for code, path in place.alternates
        )
        where = xml_text(settings.base_url + place.path)
        lines.append(f"<{element}><loc>{where}</loc>{changed}{others}</{element}>")
    return "\n".join([*lines, f"</{root}>", ""])
