"""The FAQ for frames and scripts of other websites, and the page for those who look after them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from community.core.rate_limits import Limit
from community.faq import actions
from community.insights.searches import NotedSearches
from community.settings import read, settings
from search import SearchEngine
from search.index import SearchDown
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_published
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.web.test_thread_page import Statements


@pytest.fixture
def allowed(monkeypatch: pytest.MonkeyPatch) -> None:
    faq = replace(settings.faq, embed_origins=("https://www.example.com", "https://*.example.org"))
    monkeypatch.setattr("community.web.faq_embed.settings", replace(settings, faq=faq))


async def test_a_frame_may_do_nothing_and_stands_on_named_websites_alone(
    cast: Cast, visit: Visit, allowed: None
) -> None:
    await make_published(cast)
    answer = await (await visit()).get("/embed/faq")
    assert answer.headers["content-security-policy"] == (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'self' https://www.example.com https://*.example.org"
    )
    assert "<script" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    again = await (await visit()).get("/embed/faq", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_without_the_setting_no_other_website_frames_it_and_the_script_shows_it_all_the_same(
    cast: Cast, visit: Visit
) -> None:
    answer = await (await visit()).get("/embed/faq")
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    # The script takes the same page: customers must not read there what the web team has to set.
    assert "EMBED_ORIGINS" not in answer.text
    assert "EMBED_ORIGINS" in (await (await visit(cast.administrator)).get("/admin/faq/website")).text


async def test_only_what_is_shown_is_loaded(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    client = await visit()
    with Statements() as statements:
        await client.get("/embed/faq")
    assert not [sql for sql in statements.seen if "faq_sources" in sql or "original_id" in sql]
    assert len([sql for sql in statements.seen if "FROM spaces" in sql]) == 1


async def test_everybody_gets_what_guests_get_and_no_cookie(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    await make_published(cast, question="QUAGGA for members", audience="members")
    answers = []
    for who in (None, cast.asker, cast.administrator):
        client = await visit(who)
        client.cookies.set("language", "de")
        client.cookies.set("mode", "dark")
        answers.append(await client.get("/embed/faq"))
    assert len({answer.text for answer in answers}) == 1
    assert "QUAGGA" not in answers[0].text
    assert 'lang="en"' in answers[0].text
    assert not any("set-cookie" in answer.headers for answer in answers)


async def test_language_category_and_look_are_the_websites_choice(cast: Cast, visit: Visit) -> None:
    await make_published(cast, question="How do I restart?")
    german = await a_category("Verträge", "de")
    await make_published(cast, question="Wie kündige ich?", language="de", category_id=german)
    guest = await visit()
    page = (await guest.get("/embed/faq?language=de&theme=dark")).text
    assert "Wie kündige ich?" in page
    assert "How do I restart?" not in page
    assert '<html lang="de" data-mode="dark">' in page
    assert '<input type="hidden" name="theme" value="dark">' in page
    one = (await guest.get("/embed/faq?category=routers")).text
    assert "How do I restart?" in one
    assert "Wie kündige ich?" not in one
    for wrong in ("language=xx", "theme=pink", "category=A'", "page=0", "category=routers&page=x"):
        answer = await guest.get(f"/embed/faq?{wrong}")
        assert answer.status_code == 404
        # So that browsers show what it says and no error of their own.
        assert "frame-ancestors 'self'" in answer.headers["content-security-policy"]
        assert 'role="status">Hier gibt es nichts' in answer.text
    empty = await guest.get("/embed/faq?category=nothing")
    assert empty.status_code == 200
    assert "There are no answers here at the moment." in empty.text


async def test_it_speaks_the_language_of_most_entries_whatever_the_browser_says(
    cast: Cast, visit: Visit
) -> None:
    german = await a_category("Verträge", "de")
    await make_published(cast, language="de", category_id=german, valid_until="2030-06-30")
    await make_published(cast, language="de", category_id=german)
    await make_published(cast)
    pages = [
        await (await visit()).get("/embed/faq", headers={"Accept-Language": language})
        for language in ("en", "fr")
    ]
    assert pages[0].text == pages[1].text
    assert '<html lang="de">' in pages[0].text
    assert "Gültig bis: 30. Juni 2030" in pages[0].text
    assert pages[0].headers["vary"] == "Accept-Encoding"
    assert '<html lang="en">' in (await (await visit()).get("/embed/faq?category=routers")).text


async def test_a_search_stays_within_what_the_website_shows(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest = await visit()
    nothing = (await guest.get("/embed/faq?q=" + "x" * 300)).text
    assert "0 answers" in nothing
    assert "x" * 101 not in nothing
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    assert f"faq-{entry_id}" not in (await guest.get("/embed/faq?q=router")).text


async def test_a_search_finds_what_stands_behind_many_of_other_categories(
    cast: Cast, visit: Visit, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("community.web.faq_embed.HITS_AT_A_TIME", 1)
    other = await a_category("Contracts")
    wanted = await make_published(cast, question="What about a quagga, if anything?")
    others = [await make_published(cast, question="Quagga?", category_id=other) for _number in range(2)]
    await deliver(search_engine)
    guest = await visit()
    page = (await guest.get("/embed/faq?q=quagga&category=routers")).text
    assert "1 answer" in page
    assert f"faq-{wanted}" in page
    assert not any(f"faq-{entry_id}" in page for entry_id in others)


async def test_searches_are_counted_and_those_that_fail_say_so(
    cast: Cast, visit: Visit, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    noted: list[tuple[str, bool]] = []
    monkeypatch.setattr(
        NotedSearches, "note", lambda self, text, language, *, found: noted.append((text, found))
    )
    guest = await visit()
    by_a_person = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
    await guest.get("/embed/faq?q=nothing", headers=by_a_person)
    assert noted == [("nothing", False)]

    async def down(*_: object, **__: object) -> None:
        raise SearchDown("away")

    monkeypatch.setattr(search_engine, "search", down)
    page = await guest.get("/embed/faq?q=router", headers=by_a_person)
    assert page.status_code == 200
    assert "Search does not answer" in page.text
    assert "0 answers" not in page.text
    assert len(noted) == 1

    monkeypatch.setattr("community.core.limits.SEARCHES", Limit("search", 1, timedelta(minutes=5)))
    await guest.get("/embed/faq?q=router")
    refused = await guest.get("/embed/faq?q=router")
    assert refused.status_code == 429
    assert "retry-after" in refused.headers
    assert "frame-ancestors 'self'" in refused.headers["content-security-policy"]
    assert refused.headers["access-control-allow-origin"] == "*"
    assert 'id="kk-faq"' in refused.text


async def test_a_full_category_has_more(cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("community.faq.queries.ENTRIES_PER_PAGE", 1)
    monkeypatch.setattr("community.faq.queries.ENTRIES_PER_CARD", 1)
    ids = [await make_published(cast) for _number in range(2)]
    guest = await visit()
    first = (await guest.get("/embed/faq")).text
    assert "/embed/faq?subject=routers" in first
    page = (await guest.get("/embed/faq?subject=routers")).text
    assert "page=2" in page
    rest = (await guest.get("/embed/faq?subject=routers&page=2")).text
    assert {entry_id for entry_id in ids if f"faq-{entry_id}" in page + rest} == set(ids)
    assert "page=3" not in rest


async def test_the_page_for_the_web_team_gives_what_fits_the_choice(cast: Cast, visit: Visit) -> None:
    await make_published(cast)
    client = await visit(cast.administrator)
    answer = await client.get("/admin/faq/website?category=routers&language=en&theme=light")
    for text in (
        "/embed/faq?category=routers&amp;amp;language=en&amp;amp;theme=light",
        "integrity=&#34;sha384-",
        "/feeds/faq.json?category=routers&amp;language=en",
        "community publish faq --to",
        "openssl pkeyutl -verify",
        'src="/embed/faq?category=routers&amp;language=en&amp;theme=light"',
        "EMBED_ORIGINS",
    ):
        assert text in answer.text
    policy = answer.headers["content-security-policy"]
    assert policy.endswith("frame-ancestors 'none'; frame-src 'self'")
    for wrong in ("category=nothing", "language=xx", "theme=pink"):
        assert (await client.get(f"/admin/faq/website?{wrong}")).status_code == 404
    assert (await (await visit(cast.moderator)).get("/admin/faq/website")).status_code == 404


@pytest.mark.parametrize(
    "given", ["https://a.example; script-src *", "*", "www.example.com", "https://a.example/x"]
)
def test_origins_that_would_change_the_policy_are_refused(given: str) -> None:
    with pytest.raises(ValueError, match="EMBED_ORIGINS"):
        read({"EMBED_ORIGINS": given})


def test_origins_are_read_with_commas_and_blanks() -> None:
    read_settings = read({"EMBED_ORIGINS": "https://WWW.example.com, http://localhost:8080"})
    assert read_settings.faq.embed_origins == ("https://www.example.com", "http://localhost:8080")
