"""One entry in several languages: found from each other, one per language, and behind when the original changes."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from community.core.db import fetch
from community.core.errors import RuleBroken
from community.faq import actions, editorial
from community.faq.changes import list_changes
from community.faq.exported import list_exported
from community.faq.freshness import look_at
from community.faq.languages import find_original, list_outdated, list_translations
from community.faq.models import Entry, EntrySource
from community.faq.rules import EntryText
from community.faq.translating import draft_translation, note_agreement
from tests.cast import Cast, make_cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_published, publish
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def german(**changes: object) -> EntryText:
    text = EntryText(
        question="Was tun, wenn der Router sein Profil verloren hat?",
        short_answer="Laden Sie das Profil im Kundencenter neu.",
        category_id=await a_category("Router", "de"),
        language="de",
    )
    return replace(text, **changes)  # type: ignore[arg-type]


async def _translated(cast: Cast, **changes: object) -> tuple[int, int]:
    """An English entry and its German translation, both public."""
    original = await make_published(cast, language="en")
    moderator = await viewer_for(cast.moderator)
    translation = await draft_translation(original, await german(**changes), seen_version=1, by=moderator)
    await publish(cast, translation)
    return original, translation


async def _release_anew(cast: Cast, entry_id: int, version: int, **changes: object) -> None:
    moderator = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    text = replace(text, **changes)  # type: ignore[arg-type]
    await actions.edit_entry(entry_id, text, version=version, by=moderator)
    await publish(cast, entry_id, version=version + 1)


async def test_each_page_leads_to_the_other_language_and_search_engines_know_both(
    cast: Cast, visit: Visit
) -> None:
    original, translation = await _translated(cast)
    guest = await visit()
    page = (await guest.get(f"/faq/{translation}", follow_redirects=True)).text
    assert f'href="/faq/{original}-router-lost-its-profile" hreflang="en"' in page
    for code in ("de", "en"):
        assert f'<link rel="alternate" hreflang="{code}"' in page
    sitemap = (await guest.get("/sitemaps/faq.xml")).text
    assert sitemap.count('<xhtml:link rel="alternate" hreflang="de"') == 2
    (english,) = [entry for entry in await list_exported() if entry.language == "en"]
    assert english.translations == (f"faq-{translation}",)
    rows = await fetch("SELECT post_id FROM faq_sources WHERE entry_id = :id", {"id": translation})
    assert len(rows) == 2


async def test_readers_are_told_of_no_translation_that_they_may_not_read(cast: Cast, visit: Visit) -> None:
    original, translation = await _translated(cast, audience="members")
    assert str(translation) not in (await (await visit()).get(f"/faq/{original}", follow_redirects=True)).text
    assert (await list_translations(await viewer_for(None), [original])) == {}
    shown = await (await visit(cast.asker)).get(f"/faq/{original}", follow_redirects=True)
    assert str(translation) in shown.text
    (english,) = [entry for entry in await list_exported() if entry.language == "en"]
    assert english.translations == ()


async def test_mirrors_hear_that_a_translation_came_and_went(cast: Cast) -> None:
    original = await make_published(cast, language="en")
    moderator = await viewer_for(cast.moderator)
    cursor = (await list_changes()).cursor
    translation = await draft_translation(original, await german(), seen_version=1, by=moderator)
    await publish(cast, translation)
    came = await list_changes(cursor)
    assert {entry.id for entry in came.entries} == {original, translation}
    await actions.withdraw_entry(translation, by=moderator, reason="Wrong")
    gone = await list_changes(came.cursor)
    assert [(entry.id, entry.translations) for entry in gone.entries] == [(original, ())]


async def test_a_translation_takes_a_yes_of_its_own(cast: Cast) -> None:
    moderator = await viewer_for(cast.moderator)
    original = await make_published(cast, cast.hidden_space, language="en")
    translation = await draft_translation(original, await german(), seen_version=1, by=moderator)
    accepted = {
        each: [row.accepted + row.draft_accepted for row in await EntrySource.filter(entry_id=each)]
        for each in (original, translation)
    }
    assert accepted == {original: ["narrowed:exclusive"] * 2, translation: ["", ""]}
    await publish(cast, translation, cleared=True)
    await look_at([translation])
    assert (await Entry.get(id=translation)).state == "published"


@pytest.mark.each_database
async def test_there_is_one_entry_in_each_language(fresh_database: str) -> None:
    cast = await make_cast()
    original = await make_published(cast, language="en")
    moderator, text = await viewer_for(cast.moderator), await german()
    made = await asyncio.gather(
        *(draft_translation(original, text, seen_version=1, by=moderator) for _number in range(2)),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in made) == ["RuleBroken", "int"]
    (translation,) = [result for result in made if isinstance(result, int)]
    with pytest.raises(RuleBroken):
        await actions.edit_entry(translation, replace(text, language="en"), version=1, by=moderator)
    with pytest.raises(RuleBroken):
        await draft_translation(translation, text, seen_version=1, by=moderator)


@pytest.mark.each_database
async def test_a_translation_is_behind_from_the_release_of_another_text_until_a_person_says_it_agrees(
    cast: Cast,
) -> None:
    original, translation = await _translated(cast)
    moderator = await viewer_for(cast.moderator)
    await _release_anew(cast, original, 1, valid_for="Router Pro 4", audience="public")
    assert await list_outdated([original, translation]) == {translation}
    found = await find_original(moderator, translation)
    assert found is not None
    assert (found.agreed.valid_for, found.text.valid_for, found.has_changed) == ("", "Router Pro 4", True)
    await note_agreement(translation, version=2, by=moderator)
    assert await list_outdated([translation]) == set()
    # Another category is nothing that a translation has to follow.
    await _release_anew(cast, original, 2, category_id=await a_category("Other", "en"))
    assert await list_outdated([translation]) == set()


async def test_in_the_browser_a_translation_is_written_beside_its_original(cast: Cast, visit: Visit) -> None:
    original = await make_published(cast, language="en")
    browser, url = await visit(cast.moderator), f"/moderation/faq/{original}"
    category = await a_category("Router", "de")
    assert f'href="{url}/translate?language=de"' in (await browser.get(url)).text
    form = (await browser.get(f"{url}/translate?language=de")).text
    assert "The router has lost its profile. Load it again" in form
    assert f'value="{category}" selected' in form
    assert (await browser.get(f"{url}/translate?language=en")).status_code == 404
    text = await german()
    fields = {
        "question": text.question,
        "short_answer": text.short_answer,
        "category": str(category),
        "language": "de",
        "audience": "public",
        "version": "1",
    }
    made = await browser.post(f"{url}/translate", data=fields, headers=ORIGIN)
    assert made.status_code == 303
    again = await browser.post(f"{url}/translate", data=fields, headers=ORIGIN)
    assert again.status_code == 422
    assert "in this language already" in again.text
    await _release_anew(cast, original, 1, short_answer="Load it again, then restart it.")
    desk = (await browser.get(made.headers["location"])).text
    assert "The original has changed since" in desk
    assert "original changed since" in (await browser.get("/moderation/faq")).text
    agreed = await browser.post(f"{made.headers['location']}/agrees", data={"version": "2"}, headers=ORIGIN)
    assert agreed.status_code == 303
    assert "has changed since" not in (await browser.get(made.headers["location"])).text


async def test_the_history_tells_of_a_new_language_and_category(cast: Cast, visit: Visit) -> None:
    original = await make_published(cast, language="en")
    await _release_anew(cast, original, 1, language="de", category_id=await a_category("Zusatz", "de"))
    page = (await (await visit(cast.moderator)).get(f"/moderation/faq/{original}/history")).text
    assert "Zusatz" in page
    assert "Deutsch" in page
