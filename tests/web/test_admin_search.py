"""Searches in the browser: what is counted, the report of staff, what they do about words that find nothing."""

from __future__ import annotations

import csv
import io
import re

import pytest
from starlette.types import ASGIApp

from community.core.db import fetch
from community.faq.categories import make_category
from community.faq.source_queries import list_editorial_sources
from community.insights.models import SearchTerm
from community.insights.searches import NotedSearches, day_before
from tests.cast import Cast
from tests.factories import viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


@pytest.fixture
def noted(app: ASGIApp) -> NotedSearches:
    """What the application has counted and not written yet."""
    inner = app
    while not hasattr(inner, "state"):
        inner = inner.app  # type: ignore[attr-defined]
    kept: NotedSearches = inner.state.noted_searches
    kept._counts.clear()
    return kept


async def add_term(words: str, *, searches: int = 1, nothing: int = 1, days_ago: int = 0) -> None:
    await SearchTerm.create(
        day=day_before(days_ago), language="de", words=words, search_count=searches, nothing_count=nothing
    )


async def test_only_searches_whose_results_somebody_sees_are_counted(
    cast: Cast, visit: Visit, noted: NotedSearches
) -> None:
    guest, member, staff = await visit(), await visit(cast.asker), await visit(cast.moderator)
    for browser in (guest, member):
        await browser.get("/search", params={"q": "Quitten  Marmelade"})
    for address in (
        "/search?q=quitten&page=2",
        "/search?q=quitten&kind=faq",
        "/search?q=quitten&sort=newest",
        "/search?tag=quitten",
        "/search",
        "/search/suggestions?q=quitten",
        "/search?q=jemand@firma.example",
        "/search?q=Kundennummer+47110815",
    ):
        await guest.get(address)
    await staff.get("/search?q=quitten")
    await guest.get("/search?q=quitten", headers={"User-Agent": "Mozilla/5.0 (compatible; Examplebot/2.1)"})
    await guest.get("/search?q=quitten", headers={"Sec-Purpose": "prefetch;prerender"})
    assert await fetch("SELECT * FROM search_terms") == []
    await noted.write()
    rows = await fetch("SELECT * FROM search_terms")
    assert [(row["words"], row["search_count"], row["nothing_count"]) for row in rows] == [
        ("quitten marmelade", 2, 2)
    ]
    assert set(dict(rows[0])) == {"id", "day", "language", "words", "search_count", "nothing_count"}


async def test_a_search_without_result_is_listed_and_dealt_with(cast: Cast, visit: Visit) -> None:
    await add_term("vvl", searches=4, nothing=3)
    await add_term("rechnung", searches=9, nothing=0)
    browser = await visit(cast.moderator)
    page = (await browser.get("/admin/search")).text
    assert "vvl" in page
    assert "rechnung" not in page
    assert 'href="/admin/vocabulary/new?word=vvl"' in page
    assert 'href="/moderation/faq/new?question=vvl&amp;language=de"' in page
    assert "rechnung" in (await browser.get("/admin/search?show=all&days=7")).text
    term = (await browser.get("/admin/search/term?words=vvl")).text
    assert "What it finds now" in term
    assert (await browser.get("/admin/search/term?words=nothing")).status_code == 404
    form = {"words": "vvl", "do": "done", "next": "/admin/search?show=nothing&days=30&order=nothing"}
    answer = await browser.post("/admin/search/settle", data=form, headers=ORIGIN)
    assert (answer.status_code, answer.headers["location"]) == (303, form["next"])
    assert "Nothing to do" in (await browser.get("/admin/search")).text
    settled = (await browser.get("/admin/search?show=settled")).text
    assert "Done" in settled
    assert "Jana K." in settled
    await browser.post("/admin/search/settle", data={"words": "vvl", "do": "open"}, headers=ORIGIN)
    assert "vvl" in (await browser.get("/admin/search")).text
    assert (
        await browser.post("/admin/search/settle", data={"words": "vvl", "do": "burn"}, headers=ORIGIN)
    ).status_code == 400
    evil = await browser.post(
        "/admin/search/settle",
        data={"words": "vvl", "do": "open", "next": "https://evil.example/"},
        headers=ORIGIN,
    )
    assert evil.headers["location"] == "/admin/search"


async def test_the_list_is_ordered_by_links_and_cut_into_pages(cast: Cast, visit: Visit) -> None:
    for number in range(60):
        await add_term(f"wort {number:02}", searches=60 - number)
    browser = await visit(cast.administrator)
    first = (await browser.get("/admin/search?show=nothing&order=words")).text
    words = re.findall(r"words=wort%20(\d\d)\"", first)
    assert words == [f"{number:02}" for number in range(50)]
    assert 'aria-sort="ascending"' in first
    (following,) = set(re.findall(r'href="([^"]+page=2)" rel="next"', first))
    second = (await browser.get(following.replace("&amp;", "&"))).text
    assert re.findall(r"words=wort%20(\d\d)\"", second) == [f"{number:02}" for number in range(50, 60)]
    for wrong in ("show=x", "days=8", "order=x", "days=-1"):
        assert (await browser.get(f"/admin/search?{wrong}")).status_code == 404
    assert (await browser.get("/admin/search?page=99999")).status_code == 200


async def test_the_table_for_spreadsheets_holds_no_formula(cast: Cast, visit: Visit) -> None:
    for words in ("=cmd|' /c calc'!a0", "+1 drucker", "-sum(a1)", "\tx tab", "grüße, „so“"):
        await add_term(words)
    browser = await visit(cast.moderator)
    answer = await browser.get("/admin/search/download?show=all&days=7")
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in answer.headers["content-disposition"]
    assert answer.headers["cache-control"] == "no-store"
    text = answer.content.decode("utf-8-sig")
    table = list(csv.reader(io.StringIO(text)))
    assert table[0][:4] == ["words", "language", "searches", "without_result"]
    cells = {row[0] for row in table[1:]}
    assert "grüße, „so“" in cells
    assert not [cell for cell in cells if cell[0] in "=+-@\t\r"]


async def test_an_entry_is_begun_with_what_people_search_for(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    form = (await browser.get("/moderation/faq/new?question=vvl ablehnen&language=de")).text
    assert 'value="Vvl ablehnen"' in form
    category_id = await make_category("Verträge", "de")
    fields = {
        "question": "Kann ich eine Vertragsverlängerung ablehnen?",
        "short_answer": "Ja, bis einen Monat vor dem Ende.",
        "language": "de",
        "audience": "public",
        "category": str(category_id),
        "version": "1",
    }
    url = "/moderation/faq/new?question=vvl"
    short = await browser.post(url, data=fields | {"question": "kurz"}, headers=ORIGIN)
    assert short.status_code == 422
    assert "Ja, bis einen Monat" in short.text
    made = await browser.post(url, data=fields | {"do": "save"}, headers=ORIGIN)
    assert made.status_code == 303
    desk = made.headers["location"]
    entry_id = int(desk.rpartition("/")[2])
    assert await list_editorial_sources(await viewer_for(cast.moderator), entry_id) == ()
    assert "There are no sources." in (await browser.get(desk)).text
    await browser.post(f"{desk}/review", data=fields | {"version": "1"}, headers=ORIGIN)
    second = await visit(cast.administrator)
    released = await second.post(f"{desk}/release", data={"version": "1"}, headers=ORIGIN)
    assert released.status_code == 303
    shown = await (await visit()).get(f"/faq/{entry_id}", follow_redirects=True)
    assert "Ja, bis einen Monat" in shown.text
    assert (await browser.get("/moderation/faq/new")).status_code == 404
    assert (await browser.get("/moderation/faq/new?thread=x&question=y")).status_code == 404
