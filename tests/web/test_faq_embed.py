"""The FAQ for frames and scripts of other websites, and the page for those who look after them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from community.faq import actions
from community.settings import read, settings
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_published
from tests.fixtures import Visit


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
    assert "EMBED_ORIGINS" not in answer.text
    assert "<script" not in answer.text
    assert answer.headers["x-robots-tag"] == "noindex"
    again = await (await visit()).get("/embed/faq", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


async def test_without_the_setting_no_other_website_shows_it_and_it_says_why(
    cast: Cast, visit: Visit
) -> None:
    answer = await (await visit()).get("/embed/faq")
    assert answer.headers["content-security-policy"].endswith("frame-ancestors 'self'")
    assert "EMBED_ORIGINS" in answer.text


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
    for wrong in ("language=xx", "theme=pink", "category=nothing", "page=0", "category=routers&page=x"):
        assert (await guest.get(f"/embed/faq?{wrong}")).status_code == 404


async def test_a_search_stays_within_what_the_website_shows(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest = await visit()
    nothing = (await guest.get("/embed/faq?q=" + "x" * 300)).text
    assert "0 answers" in nothing
    assert "x" * 101 not in nothing
    await actions.withdraw_entry(entry_id, by=await viewer_for(cast.moderator), reason="Wrong")
    assert f"faq-{entry_id}" not in (await guest.get("/embed/faq?q=router")).text


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
