"""The words of the search in the browser: list, form with its errors, a look at what changes, history."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from community.indexing import bring_in_line
from community.insights.models import SearchTerm
from community.insights.searches import day_before
from community.vocabulary import actions
from community.vocabulary.models import EntryKind, VocabularyEntry
from community.vocabulary.rules import EntryDraft
from search import SearchEngine
from search.configuration import load_configuration
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN

NEW = "/admin/vocabulary/new"


@pytest.fixture(autouse=True)
def _unlearned(search_engine: SearchEngine) -> Iterator[None]:
    yield
    search_engine.configure(load_configuration())


def form(words: str, kind: str = "same", **changes: str) -> dict[str, str]:
    return {"kind": kind, "words": words, "version": "", "replaces": "", "reason": "", "do": "save"} | changes


async def test_new_words_find_at_once(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zauberstab blinkt rot")
    await bring_in_line(search_engine, "thread", [thread.id])
    guest, browser = await visit(), await visit(cast.moderator)
    assert "Zauberstab" not in (await guest.get("/search?q=wunderrute")).text
    saved = await browser.post(NEW, data=form("Wunderrute\nZauberstab"), headers=ORIGIN)
    assert saved.status_code == 303
    assert "blinkt rot" in (await guest.get("/search?q=wunderrute")).text
    page = (await browser.get("/admin/vocabulary")).text
    assert "Wunderrute = Zauberstab" in page
    assert "Jana K." in page
    await browser.post(f"{saved.headers['location']}/remove", data={"reason": "Wrong"}, headers=ORIGIN)
    assert "blinkt rot" not in (await guest.get("/search?q=wunderrute")).text
    await search_engine.delete([f"thread-{thread.id}"])


async def test_a_look_at_what_changes_saves_nothing(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zauberstab blinkt rot")
    await bring_in_line(search_engine, "thread", [thread.id])
    await SearchTerm.create(
        day=day_before(0), language="de", words="wunderrute kaputt", search_count=5, nothing_count=5
    )
    browser = await visit(cast.moderator)
    typed = form("Wunderrute\nZauberstab", do="preview", reason="A reason to keep")
    answer = await browser.post(NEW, data=typed, headers=ORIGIN)
    assert answer.status_code == 200
    page = answer.text
    assert re.search(r'<span class="chip chip--ok">New</span> <a href="[^"]+">[^<]*<mark>Zauberstab', page)
    assert "wunderrute kaputt" in page
    assert 'value="A reason to keep"' in page
    assert "approximation" not in page
    assert await VocabularyEntry.all().count() == 0
    assert "Zauberstab" not in (await (await visit()).get("/search?q=wunderrute")).text
    await search_engine.delete([f"thread-{thread.id}"])


async def test_what_was_typed_comes_back_with_every_error(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    answer = await browser.post(
        NEW, data=form("Rechnungen\nmit Vertrag", reason="Kept words"), headers=ORIGIN
    )
    assert answer.status_code == 422
    for part in ("Rechnungen\nmit Vertrag", "Kept words", "which the search leaves out", "already stands in"):
        assert part in answer.text
    for wrong in ({"kind": "nonsense"}, {"words": ""}, {"words": "w" * 2_001}, {"reason": "r" * 301}):
        assert (await browser.post(NEW, data=form("a") | wrong, headers=ORIGIN)).status_code == 422
    assert await VocabularyEntry.all().count() == 0


async def test_two_people_at_one_entry_lose_nothing(cast: Cast, visit: Visit) -> None:
    by = await viewer_for(cast.moderator)
    entry_id = await actions.add_entry(EntryDraft(EntryKind.SAME, ("VVL", "Neuvertrag")), by=by)
    url = f"/admin/vocabulary/{entry_id}"
    first, second = await visit(cast.moderator), await visit(cast.administrator)
    assert 'name="version" value="1"' in (await second.get(url)).text
    await first.post(url, data=form("VVL\nFolgevertrag", version="1"), headers=ORIGIN)
    refused = await second.post(url, data=form("VVL\nAnschlussvertrag", version="1"), headers=ORIGIN)
    assert refused.status_code == 409
    assert "Anschlussvertrag" in refused.text
    assert "Jana K. has changed this entry meanwhile to: VVL, Folgevertrag" in refused.text
    assert 'name="version" value="2"' in refused.text
    again = await second.post(url, data=form("VVL\nAnschlussvertrag", version="2"), headers=ORIGIN)
    assert again.status_code == 303
    page = (await second.get(url)).text
    assert page.count("words of the search changed") == 2
    assert "VVL, Folgevertrag" in page
    log = (await first.get(f"/moderation/log?subject=words:{entry_id}")).text
    assert f'href="{url}"' in log
    assert (await first.post(url, data=form("a\nb", version="x"), headers=ORIGIN)).status_code in (400, 422)


async def test_a_group_that_ships_is_switched_off_and_on_and_replaced(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.administrator)
    off = await browser.post("/admin/vocabulary/switch-off", data={"group": "rechnung"}, headers=ORIGIN)
    assert off.status_code == 303
    page = (await browser.get("/admin/vocabulary?q=invoice")).text
    assert "Switched off" in page
    (restore,) = re.findall(r'action="(/admin/vocabulary/\d+/remove)"', page)
    assert (await browser.get(restore.removesuffix("/remove"))).status_code == 404
    await browser.post(restore, headers=ORIGIN)
    assert "Switched off" not in (await browser.get("/admin/vocabulary?q=invoice")).text
    begun = (await browser.get(f"{NEW}?replaces=rechnung")).text
    assert "rechnung\ninvoice\nbill" in begun
    made = await browser.post(
        NEW, data=form("rechnung\ninvoice\nbill\nFaktura", replaces="rechnung"), headers=ORIGIN
    )
    assert made.status_code == 303
    assert "Replaced by your own" in (await browser.get("/admin/vocabulary?q=invoice")).text
    assert (await browser.get(f"{NEW}?replaces=nothing")).status_code == 404
    assert (
        await browser.post("/admin/vocabulary/switch-off", data={"group": "nothing"}, headers=ORIGIN)
    ).status_code == 404


async def test_the_pages_are_found_by_moderators_and_administrators_alone(cast: Cast, visit: Visit) -> None:
    for address in ("/admin/vocabulary", NEW, "/admin/search", "/admin/search/download"):
        for member in (cast.moderator, cast.administrator):
            assert (await (await visit(member)).get(address)).status_code == 200
        for other in (cast.asker, cast.marketing):
            assert (await (await visit(other)).get(address)).status_code == 404


async def test_words_that_customers_do_not_use_are_told_to_whoever_writes_the_faq(
    cast: Cast, visit: Visit
) -> None:
    browser = await visit(cast.moderator)
    words = "Vermittlungsstelle\nTechnik vor Ort"
    looked = await browser.post(NEW, data=form(words, "jargon", do="preview"), headers=ORIGIN)
    assert "The search finds what it finds now" in looked.text
    assert (await browser.post(NEW, data=form(words, "jargon"), headers=ORIGIN)).status_code == 303
    assert "Vermittlungsstelle → Technik vor Ort" in (await browser.get("/admin/vocabulary")).text
    typed = {
        "question": "Why?",
        "short_answer": "Unsere <Vermittlungsstelle> ist weit.",
        "language": "de",
        "do": "preview",
    }
    page = await browser.post("/moderation/faq/new?question=Why", data=typed, headers=ORIGIN)
    assert "<mark>Vermittlungsstelle</mark> → Technik vor Ort" in page.text
