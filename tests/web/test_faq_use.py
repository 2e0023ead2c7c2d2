"""How entries are used: what is counted, and what those who write the FAQ see of it."""

from __future__ import annotations

import csv
import io
import itertools

import pytest
from starlette.types import ASGIApp

from community.core.db import fetch
from community.faq.feedback import give_feedback
from community.insights import entry_uses
from community.insights.entry_figures import FEWEST_OPENINGS, list_entry_uses, list_words, spans
from community.insights.entry_uses import NotedUses, Use, forget_old_uses
from community.insights.models import EntryDay, EntryWords
from community.insights.searches import day_before
from community.web import faq_use
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.faq.entries import make_published
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.web.noted import noted_uses

PRESSED = {"Sec-Purpose": "prefetch", "Sec-Fetch-Site": "same-origin"}


async def _counts(*names: str) -> list[tuple[int, ...]]:
    rows = await fetch(f"SELECT {', '.join(names)} FROM faq_days ORDER BY day")
    return [tuple(row[name] for name in names) for row in rows]


@pytest.mark.each_database
async def test_views_are_counted_by_day_with_the_words_that_led_there(
    cast: Cast, visit: Visit, app: ASGIApp
) -> None:
    entry_id = await make_published(cast)
    noted, address = noted_uses(app), f"/faq/{entry_id}-router-lost-its-profile"
    guest = await visit()
    came_from = {"Referer": "http://127.0.0.1:8000/search?q=Lost++Profile&page=2"}
    for headers in (
        {},
        came_from,
        came_from,
        {"User-Agent": "Goodbot"},
        {"Sec-Purpose": "prefetch", "Sec-Fetch-Site": "none"},
        PRESSED,
    ):
        assert (await guest.get(address, headers=headers)).status_code == 200
    await guest.get(address, headers={"Referer": "https://elsewhere.example/search?q=secret"})
    await (await visit(cast.moderator)).get(address)
    await (await visit(cast.asker)).get(address)
    await noted.write()
    await noted.write()
    assert await _counts("view_count", "found_count") == [(6, 2)]
    assert [dict(row) for row in await fetch("SELECT words, open_count FROM faq_words")] == [
        {"words": "lost profile", "open_count": 1}
    ]


async def test_words_that_could_be_about_somebody_are_not_kept_and_rare_ones_not_shown(cast: Cast) -> None:
    noted, entry_id = NotedUses(), await make_published(cast)
    for words in ("mail to hans@example.org", "contract 4711 0815 99"):
        noted.note(entry_id, Use.FOUND, words=words)
    for _time in range(FEWEST_OPENINGS):
        noted.note(entry_id, Use.FOUND, words="router profile")
    for _time in range(FEWEST_OPENINGS - 1):
        noted.note(entry_id, Use.FOUND, words="our tiny secret")
    await noted.write()
    assert await list_words(entry_id, days=30) == [("router profile", FEWEST_OPENINGS)]


@pytest.mark.each_database
async def test_a_day_takes_so_many_words_and_still_counts_those_it_knows(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(entry_uses, "MOST_WORDS_OF_ENTRY", 2)
    noted, entry_id = NotedUses(), await make_published(cast)
    for _time in range(2):
        for words in ("aaa", "bbb", "ccc"):
            noted.note(entry_id, Use.FOUND, words=words)
        await noted.write()
    rows = await fetch("SELECT words, open_count FROM faq_words ORDER BY words")
    assert [(row["words"], row["open_count"]) for row in rows] == [("aaa", 2), ("bbb", 2)]


async def test_the_page_shows_what_an_entry_does(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    entry_id = await make_published(cast)
    await EntryDay.create(entry_id=entry_id, day=day_before(3), view_count=40, search_count=3, ask_count=1)
    await EntryDay.create(entry_id=entry_id, day=day_before(80), view_count=7)
    await EntryWords.create(entry_id=entry_id, day=day_before(3), words="lost profile", open_count=6)
    await give_feedback(entry_id, helpful=True, by=await viewer_for(cast.asker))
    await give_feedback(entry_id, helpful=False, by=await viewer_for(None), reasons=["outdated"])
    thread = await make_thread(cast.hidden_space, cast.helper)
    await make_answer(thread, cast.helper, f"/faq/{entry_id}")
    await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, f"/faq/{entry_id}-x")
    await deliver(search_engine)
    moderator = await visit(cast.moderator)
    page = (await moderator.get("/moderation/faq/use")).text
    for cell in ("40", "1 of 2", "4 (10%)"):
        assert f'<td class="num">{cell}</td>' in page
    assert "<polyline" in page
    assert '<td class="num">47</td>' in (await moderator.get("/moderation/faq/use?days=90&order=stuck")).text
    one = (await moderator.get(f"/moderation/faq/{entry_id}/use")).text
    assert "It is out of date" in one
    assert "lost profile" in one
    assert "each reader counts once a day, so over several days it may have been the same one" in one
    download = await moderator.get("/moderation/faq/use/download?days=90")
    rows = list(csv.DictReader(io.StringIO(download.text.removeprefix("\ufeff"))))
    assert [(row["views"], row["helped"], row["searched_on"]) for row in rows] == [("47", "1", "3")]
    staff = await list_entry_uses(await viewer_for(cast.moderator), days=30)
    readable = {cast.hidden_space.id} & set((await viewer_for(cast.moderator)).readable_space_ids)
    assert staff[0].quoted == (2 if readable else 1)


async def test_entries_without_use_are_found(cast: Cast, visit: Visit) -> None:
    unused = await make_published(cast, question="Never looked at")
    seen = await make_published(cast, question="Looked at")
    await EntryDay.create(entry_id=seen, day=day_before(3), view_count=4)
    moderator = await visit(cast.moderator)
    page = (await moderator.get("/moderation/faq/use?days=90&show=unused")).text
    assert "Never looked at" in page
    assert f"/moderation/faq/{seen}/use" not in page
    page = (await moderator.get("/moderation/faq/use?days=90&show=unthanked")).text
    assert f"/moderation/faq/{unused}/use" not in page
    assert f"/moderation/faq/{seen}/use" in page


@pytest.mark.each_database
async def test_the_list_is_sorted_and_cut_by_the_database_and_the_table_holds_all(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faq_use, "SIZE", 2)
    ids = {}
    for name, views, helped, not_helped, stuck in (
        ("Often", 90, 1, 1, 9),
        ("Seldom", 10, 0, 2, 5),
        ("Never", 0, 0, 0, 3),
        ("Loved", 50, 2, 0, 0),
        ("Silent", 20, 0, 0, 4),
    ):
        ids[name] = await make_published(cast, question=name)
        await EntryDay.create(entry_id=ids[name], day=day_before(3), view_count=views, ask_count=stuck)
        for helpful in [True] * helped + [False] * not_helped:
            await give_feedback(ids[name], helpful=helpful, by=await viewer_for(None))
    moderator = await visit(cast.moderator)

    async def shown(query: str) -> list[str]:
        page = (await moderator.get(f"/moderation/faq/use?{query}")).text
        places = {page.find(f"/moderation/faq/{entry_id}/use"): name for name, entry_id in ids.items()}
        return [places[place] for place in sorted(places) if place >= 0]

    assert await shown("") == ["Often", "Loved"]
    assert await shown("page=2") == ["Silent", "Seldom"]
    assert await shown("page=3") == ["Never"]
    assert (await moderator.get("/moderation/faq/use?page=4")).status_code == 404
    assert await shown("order=helped") == ["Seldom", "Often"]
    assert (await shown("order=helped&page=2"))[0] == "Loved"
    assert await shown("order=stuck") == ["Seldom", "Silent"]
    assert await shown("show=unused") == ["Never"]
    assert await shown("show=unthanked") == ["Silent", "Seldom"]
    download = await moderator.get("/moderation/faq/use/download?order=helped")
    rows = list(csv.DictReader(io.StringIO(download.text.removeprefix("\ufeff"))))
    assert [row["question"] for row in rows][:3] == ["Seldom", "Often", "Loved"]
    assert len(rows) == 5


async def test_nonsense_and_others_find_nothing(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    moderator = await visit(cast.moderator)
    for query in ("days=7", "order=x", "show=x", "page=0", "page=2"):
        assert (await moderator.get(f"/moderation/faq/use?{query}")).status_code == 404
    for path in ("/moderation/faq/use", f"/moderation/faq/{entry_id}/use", "/moderation/faq/use/download"):
        assert (await (await visit(cast.asker)).get(path)).status_code == 404
    assert (await moderator.get("/moderation/faq/1/use")).status_code == 404


async def test_old_counts_are_forgotten(cast: Cast) -> None:
    await EntryDay.create(entry_id=7, day=day_before(401), view_count=1)
    await EntryDay.create(entry_id=7, day=day_before(399), view_count=2)
    await EntryWords.create(entry_id=7, day=day_before(101), words="old", open_count=9)
    await forget_old_uses()
    assert await _counts("view_count") == [(2,)]
    assert await fetch("SELECT words FROM faq_words") == []


def test_parts_of_periods_touch_each_other_and_end_today() -> None:
    for days, parts in ((30, 30), (90, 12), (365, 36)):
        found = spans(days)
        assert len(found) == parts
        assert all((after[0] - before[1]).days == 1 for before, after in itertools.pairwise(found))
        assert found[-1][1].isoformat() == day_before(0)
