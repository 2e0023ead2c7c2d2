"""robots.txt, sitemaps cut by date, speculation rules."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from xml.etree import ElementTree

import httpx2
import pytest
from starlette.applications import Starlette

from community.core.clock import now
from community.faq.models import Entry, EntryState
from community.http.route import Access, get
from community.http.state import ViewerState
from community.threads import actions, order
from community.threads.models import Thread
from community.web.errors import HANDLERS
from community.web.sitemaps import Sitemaps
from community.web.templating import Templates
from community.web.theming import Theme
from tests.cast import Cast
from tests.clients import browser
from tests.factories import make_answer, make_entry, make_thread, opening_of, viewer_for
from tests.fixtures import Visit

NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
BASE = "http://127.0.0.1:8000"


def places(answer: httpx2.Response) -> dict[str, str]:
    """Path and date of the last change of all that a sitemap or an index lists."""
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/xml; charset=utf-8"
    found: dict[str, str] = {}
    for element in ElementTree.fromstring(answer.content):
        address = element.findtext(f"{NAMESPACE}loc") or ""
        assert address.startswith(f"{BASE}/")
        found[address.removeprefix(BASE)] = element.findtext(f"{NAMESPACE}lastmod") or ""
    return found


def day(year: int, month: int, number: int, hour: int = 12) -> datetime:
    return datetime(year, month, number, hour, tzinfo=UTC)


def address(thread: Thread) -> str:
    return f"/threads/{thread.id}-{thread.slug}"


def a_site(maps: Sitemaps) -> Starlette:
    """The sitemaps alone, with settings of their own."""
    site = Starlette(
        routes=[
            get("/sitemap.xml", maps.show_index, "index", Access.PUBLIC, "for the test"),
            get("/sitemaps/{name}.xml", maps.show_file, "file", Access.PUBLIC, "for the test"),
        ],
        exception_handlers=HANDLERS,
    )
    site.state.templates = Templates(Theme.load())
    site.add_middleware(ViewerState)
    return site


async def test_robots_are_kept_from_what_is_not_for_them_and_led_to_the_sitemap(
    cast: Cast, visit: Visit
) -> None:
    answer = await (await visit()).get("/robots.txt")
    assert answer.headers["content-type"] == "text/plain; charset=utf-8"
    lines = answer.text.splitlines()
    assert lines[0] == "User-agent: *"
    for path in ("/search", "/settings", "/moderation", "/admin", "/log-in", "/register", "/ask"):
        assert f"Disallow: {path}" in lines
    assert "Disallow: /notifications" in lines
    assert "Disallow: /posts" in lines
    assert lines[-1] == f"Sitemap: {BASE}/sitemap.xml"
    assert not any(line.startswith("Disallow: /threads") for line in lines)


@pytest.mark.each_database
async def test_threads_are_listed_by_the_month_in_which_they_were_started(cast: Cast, visit: Visit) -> None:
    old = await make_thread(cast.open_space, cast.asker, title="Old", at=day(2024, 2, 29, 23))
    new = await make_thread(cast.discussions, cast.asker, title="New", at=day(2024, 3, 1, 0))
    article = await make_thread(cast.blog, cast.marketing, title="News", at=day(2024, 12, 31, 23))
    guest = await visit()
    index = places(await guest.get("/sitemap.xml"))
    assert index["/sitemaps/threads-2024-02.xml"] == "2024-02-29T23:00:00Z"
    assert index["/sitemaps/threads-2024-03.xml"] == "2024-03-01T00:00:00Z"
    for month, thread in (("2024-02", old), ("2024-03", new), ("2024-12", article)):
        listed = places(await guest.get(f"/sitemaps/threads-{month}.xml"))
        assert listed == {address(thread): index[f"/sitemaps/threads-{month}.xml"]}


@pytest.mark.each_database
async def test_the_date_is_that_of_the_last_change_that_a_reader_can_see(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, at=day(2024, 5, 5))
    guest = await visit()
    path = "/sitemaps/threads-2024-05.xml"
    assert places(await guest.get(path))[address(thread)] == "2024-05-05T12:00:00Z"
    opening = await opening_of(thread)
    before = now().replace(microsecond=0)
    await actions.edit_post(opening.id, body="More exactly now.", version=1, by=cast.asker.id)
    edited = places(await guest.get(path))[address(thread)]
    assert datetime.fromisoformat(edited) >= before
    assert places(await guest.get("/sitemap.xml"))[path] == edited
    await Thread.filter(id=thread.id).update(last_activity_at=now() + timedelta(hours=1))
    later = places(await guest.get(path))[address(thread)]
    assert later > edited
    assert places(await guest.get("/sitemap.xml"))[path] == later


async def test_only_what_guests_may_read_is_listed_whoever_asks(cast: Cast, visit: Visit) -> None:
    shown = await make_thread(cast.open_space, cast.asker, at=day(2024, 6, 1))
    hidden = await make_thread(cast.open_space, cast.asker, title="Spam", at=day(2024, 6, 2))
    await order.hide_post(
        (await opening_of(hidden)).id, by=await viewer_for(cast.moderator), reason="Advertisement"
    )
    for space in (cast.members_space, cast.hidden_space, cast.tile_space):
        await make_thread(space, cast.asker, at=day(2024, 6, 3))
        await make_thread(space, cast.asker, at=day(2024, 7, 3))
    answers = set()
    for viewer in (None, cast.asker, cast.moderator, cast.administrator):
        reader = await visit(viewer)
        assert list(places(await reader.get("/sitemaps/threads-2024-06.xml"))) == [address(shown)]
        assert (await reader.get("/sitemaps/threads-2024-07.xml")).status_code == 404
        index = await reader.get("/sitemap.xml")
        assert "/sitemaps/threads-2024-07.xml" not in places(index)
        spaces = await reader.get("/sitemaps/spaces.xml")
        assert set(places(spaces)) == {
            f"/spaces/{space.slug}" for space in (cast.open_space, cast.discussions, cast.blog)
        }
        answers.add((index.content, spaces.content))
    assert len(answers) == 1


async def test_every_listed_page_exists_and_may_be_indexed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await make_entry(await make_answer(thread, cast.helper), answer="Update the firmware.")
    guest = await visit()
    for file in places(await guest.get("/sitemap.xml")):
        for path in places(await guest.get(file)):
            page = await guest.get(path)
            assert page.status_code == 200, path
            assert f'<link rel="canonical" href="{BASE}{path}">' in page.text, path
            assert 'name="robots"' not in page.text, path
            assert "x-robots-tag" not in page.headers, path


async def test_faq_entries_for_the_public_are_listed(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    entry = await make_entry(await make_answer(thread, cast.helper), answer="Update the firmware.")
    guest = await visit()
    path = f"/faq/{entry.id}-{entry.slug}"
    assert path in places(await guest.get("/sitemaps/faq.xml"))
    await Entry.filter(id=entry.id).update(published_audience="members")
    assert (await guest.get("/sitemaps/faq.xml")).status_code == 404
    await Entry.filter(id=entry.id).update(published_audience="public", state=EntryState.WITHDRAWN)
    assert (await guest.get("/sitemaps/faq.xml")).status_code == 404
    assert "/sitemaps/faq.xml" not in places(await guest.get("/sitemap.xml"))


async def test_a_long_month_is_cut_by_days_and_a_long_day_in_parts(cast: Cast) -> None:
    threads = [
        await make_thread(cast.open_space, cast.asker, title=f"Thread {number}", at=at)
        for number, at in enumerate(
            [day(2024, 8, 1, 9), day(2024, 8, 2, 9), *(day(2024, 9, 9, hour) for hour in range(1, 6))]
        )
    ]
    async with browser(a_site(Sitemaps(keep_seconds=0, most_addresses=2))) as reader:
        index = [path for path in places(await reader.get("/sitemap.xml")) if "threads" in path]
        assert index == [
            "/sitemaps/threads-2024-08.xml",
            "/sitemaps/threads-2024-09-09.xml",
            "/sitemaps/threads-2024-09-09-2.xml",
            "/sitemaps/threads-2024-09-09-3.xml",
        ]
        listed = [path for file in index for path in places(await reader.get(file))]
        assert listed == [address(thread) for thread in threads]
        assert (await reader.get("/sitemaps/threads-2024-09-09-4.xml")).status_code == 404


@pytest.mark.parametrize(
    "name",
    [
        "threads-2024-13",
        "threads-2024-02-30",
        "threads-0000-01",
        "threads-9999-12",
        "threads-2024",
        "threads-1999-01",
        "threads-2024-01-01-9999",
        "threads-٢٠٢٤-01",
        "nothing",
        "robots",
    ],
)
async def test_files_that_do_not_exist_are_not_found(cast: Cast, visit: Visit, name: str) -> None:
    assert (await (await visit()).get(f"/sitemaps/{name}.xml")).status_code == 404


async def test_sitemaps_are_sent_again_only_if_changed(cast: Cast, visit: Visit) -> None:
    await make_thread(cast.open_space, cast.asker, at=day(2024, 10, 1))
    guest = await visit()
    for path in ("/sitemap.xml", "/sitemaps/threads-2024-10.xml", "/robots.txt"):
        first = await guest.get(path)
        # A file holds titles in its addresses; a hidden one must be gone from a proxy's copy as well.
        kept = "no-cache" if path.startswith("/sitemaps/") else "public, max-age=3600"
        assert first.headers["cache-control"] == kept
        again = await guest.get(path, headers={"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
    await make_thread(cast.open_space, cast.asker, title="Another", at=day(2024, 10, 2))
    for path in ("/sitemap.xml", "/sitemaps/threads-2024-10.xml"):
        first = await guest.get(path)
        assert "2024-10-02" in first.text


async def test_the_index_is_made_once_in_a_while_only(cast: Cast) -> None:
    await make_thread(cast.open_space, cast.asker, at=day(2024, 11, 1))
    async with browser(a_site(Sitemaps(keep_seconds=600))) as reader:
        first = (await reader.get("/sitemap.xml")).text
        await make_thread(cast.open_space, cast.asker, at=day(2024, 12, 1))
        assert (await reader.get("/sitemap.xml")).text == first
    async with browser(a_site(Sitemaps(keep_seconds=0))) as reader:
        assert "threads-2024-12" in (await reader.get("/sitemap.xml")).text


async def test_browsers_may_fetch_ahead_what_guests_read_and_nothing_else(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await (await visit()).get("/speculation-rules.json")
    assert answer.headers["content-type"] == "application/speculationrules+json"
    pointed, pressed = json.loads(answer.text)["prefetch"]
    assert (pointed["eagerness"], pointed["where"]) == ("moderate", {"href_matches": "/spaces/*"})
    assert pressed["eagerness"] == "conservative"
    either, never = pressed["where"]["and"]
    assert [condition["href_matches"] for condition in either["or"]] == ["/threads/*", "/faq/*"]
    assert never == {"not": {"href_matches": "/faq/*/stuck\\?*"}}
    for path in (address(thread), f"/spaces/{cast.open_space.slug}"):
        page = await (await visit()).get(path)
        assert page.headers["speculation-rules"] == '"/speculation-rules.json"'
        assert "speculation-rules" not in (await (await visit(cast.asker)).get(path)).headers
    assert not re.search(r"<script[^>]*speculationrules", page.text)
