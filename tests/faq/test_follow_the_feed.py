"""Another website follows the public FAQ while editors work on it."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import pytest
from starlette.types import ASGIApp

from community.core.db import execute, in_transaction
from community.core.errors import Conflict, RuleBroken
from community.core.viewer import Viewer
from community.faq import actions, editorial
from community.faq.categories import move_category_up, rename_category
from community.faq.changes import MirrorTending, StartAgain, list_changes
from community.faq.export import build_export
from community.faq.models import EntrySource
from community.members.actions import remove_member, rename_member
from community.spaces.models import Space
from community.threads.actions import edit_post
from community.threads.models import Post
from community.threads.order import hide_post, restore_post
from tests.cast import Cast, make_cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_draft, make_published, make_solved, publish
from tests.faq.foreign_mirror import Mirror
from tests.http.real_server import on_a_port

STEPS_PER_EDITOR = 18


@dataclass
class Openness:
    """When which entry was shut to the public, and when somebody began to open it again."""

    shut: dict[str, float] = field(default_factory=dict)
    opening: dict[str, float] = field(default_factory=dict)

    def was_never_open(self, key: str, began: float) -> bool:
        shut = self.shut.get(key, 0.0)
        return 0 < shut < began and self.opening.get(key, 0.0) < shut


@dataclass
class Editor:
    """Works on entries of their own, in whatever order chance has it."""

    cast: Cast
    entries: list[int]
    chance: random.Random
    openness: Openness
    categories: list[int]

    async def work(self) -> None:
        by = await viewer_for(self.cast.moderator)
        for number in range(STEPS_PER_EDITOR):
            entry_id = self.chance.choice(self.entries)
            with contextlib.suppress(RuleBroken, Conflict):
                await self._step(entry_id, number, by)
            await asyncio.sleep(0)

    async def _step(self, entry_id: int, number: int, by: Viewer) -> None:
        key, entry = f"faq-{entry_id}", await editorial.get_editorial(by, entry_id)
        if entry.state == "withdrawn":
            await actions.restore_entry(entry_id, by=by)
            return
        doing = self.chance.choice(("withdraw", "for members", "language", "category", "change", "wait"))
        if doing == "withdraw":
            await actions.withdraw_entry(entry_id, by=by, reason="Wrong")
            self.openness.shut[key] = time.monotonic()
            return
        changes: dict[str, object] = {"audience": "public", "question": f"Step {number} of {entry_id}?"}
        if doing == "for members":
            changes = {"audience": "members", "question": "QUAGGA for members"}
        elif doing == "language":
            changes["language"] = self.chance.choice(("de", "en"))
        elif doing == "category":
            changes["category_id"] = self.chance.choice(self.categories)
        elif doing == "wait":
            changes = {"question": "QUAGGA waits"}
        text = replace(entry.text, **changes)  # type: ignore[arg-type]
        version = await actions.edit_entry(entry_id, text, version=entry.version, by=by)
        if doing == "wait":
            return
        if doing != "for members":
            self.openness.opening[key] = time.monotonic()
        await publish(self.cast, entry_id, version=version)
        if doing == "for members":
            self.openness.shut[key] = time.monotonic()


async def _look_after_the_rest(
    cast: Cast, categories: list[int], posts: list[int], chance: random.Random
) -> None:
    """Categories, names, hidden posts and who may read a space, meanwhile."""
    by, helper = await viewer_for(cast.administrator), cast.helper
    for number in range(STEPS_PER_EDITOR):
        with contextlib.suppress(RuleBroken, Conflict):
            match number % 5:
                case 0:
                    await rename_category(chance.choice(categories), f"Category {number}")
                case 1:
                    await move_category_up(chance.choice(categories))
                case 2:
                    await hide_post(chance.choice(posts), by=by, reason="Not nice")
                case 3:
                    await restore_post(chance.choice(posts), by=by, reason="Nice after all")
                case _:
                    async with in_transaction():
                        await rename_member(helper.id, f"Helper{number}")
        await asyncio.sleep(0)


async def _tend(stop: asyncio.Event) -> None:
    tending = MirrorTending()
    while not stop.is_set():
        await tending.look()
        await asyncio.sleep(0.05)


async def _follow(mirror: Mirror, openness: Openness, stop: asyncio.Event) -> None:
    while not stop.is_set():
        began = time.monotonic()
        for item in await asyncio.to_thread(mirror.visit):
            assert "QUAGGA" not in str(item)
            # A visit has several answers: only what was shut before the first of them began is certain.
            assert not openness.was_never_open(item["id"], began), item["id"]


@pytest.mark.each_database
async def test_a_foreign_mirror_ends_as_the_site_and_never_shows_what_was_not_public(
    fresh_database: str, app: ASGIApp
) -> None:
    cast, chance, openness = await make_cast(), random.Random(7), Openness()
    categories = [await a_category(name) for name in ("Routers", "Contracts", "Mobile")]
    entries, posts = [], []
    for _number in range(9):
        thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
        entries.append(await make_draft(cast, thread, category_id=chance.choice(categories)))
        await publish(cast, entries[-1])
        posts.append(answer.id)
    async with on_a_port(app) as port:
        mirrors = [
            Mirror(port, {"size": "3"}),
            Mirror(port, {"size": "2", "language": "de"}),
            Mirror(port, {"size": "4", "category": "contracts"}),
        ]
        stop = asyncio.Event()
        following = [asyncio.create_task(_follow(mirror, openness, stop)) for mirror in mirrors]
        tending = asyncio.create_task(_tend(stop))
        editors = (Editor(cast, entries[n::3], random.Random(n), openness, categories) for n in range(3))
        try:
            await asyncio.gather(
                *(editor.work() for editor in editors), _look_after_the_rest(cast, categories, posts, chance)
            )
        finally:
            stop.set()
            await asyncio.gather(tending, *following)
        await MirrorTending().look()
        whole = Mirror(port)
        await asyncio.to_thread(whole.visit)
        assert 0 < len(whole.entries) < len(entries)
        assert min(mirror.pages for mirror in mirrors) > 5
        for mirror in mirrors:
            await asyncio.to_thread(mirror.visit)
            language, category = mirror.query.get("language", ""), mirror.query.get("category", "")
            assert mirror.entries == {
                key: item
                for key, item in whole.entries.items()
                if language in ("", item["language"]) and category in ("", item["_kundenkreis"]["category"])
            }
            assert mirror.starts == 0


@pytest.fixture
async def published(cast: Cast) -> int:
    return await make_published(cast)


async def _credits(cursor: str) -> Iterator[tuple[str, ...]]:
    await MirrorTending().look()
    return iter([entry.credits for entry in (await list_changes(cursor)).entries])


@pytest.mark.parametrize("cause", ["renamed", "erased", "hidden", "closed"])
async def test_a_credit_that_changes_far_away_is_a_change(cast: Cast, cause: str) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    await publish(cast, await make_draft(cast, thread))
    await MirrorTending().look()
    cursor = (await list_changes()).cursor
    await MirrorTending().look()
    assert (await list_changes(cursor)).cursor == cursor, "looking twice tells nothing new"
    match cause:
        case "renamed":
            await rename_member(cast.helper.id, "Somebody")
        case "erased":
            await remove_member(cast.helper.id)
        case "hidden":
            await hide_post(answer.id, by=await viewer_for(cast.moderator), reason="Not nice")
        case _:
            await Space.filter(id=cast.open_space.id).update(access="members")
            await execute("UPDATE site_stamp SET value = value + 1 WHERE id = 1")
    expected = ("Somebody",) if cause == "renamed" else ()
    assert list(await _credits(cursor)) == [expected]


async def test_only_what_something_has_happened_to_is_looked_at_again(cast: Cast, published: int) -> None:
    other = await make_published(cast)
    tending = MirrorTending()
    await tending.look()
    cursor = (await list_changes()).cursor
    await execute("UPDATE faq_entries SET published_question = 'Behind its back'")
    await tending.look()
    assert (await list_changes(cursor)).entries == ()
    posts = await EntrySource.filter(entry_id=other).values_list("post_id", flat=True)
    answer = await Post.get(kind="answer", id__in=posts)
    await edit_post(answer.id, body="Load it in the service portal.", version=1, by=cast.helper.id)
    await tending.look()
    assert [entry.id for entry in (await list_changes(cursor)).entries] == [other]


async def test_a_cursor_of_another_life_means_to_start_again(cast: Cast, published: int) -> None:
    cursor = (await list_changes()).cursor
    number, _dash, _sign = cursor.partition("-")
    for unknown in (f"{int(number) + 9}-aaaaaaaaaaaa", f"{number}-aaaaaaaaaaaa", number, "x"):
        with pytest.raises(StartAgain):
            await list_changes(unknown)
    # The backup has the same numbers for other things.
    await execute("UPDATE faq_changes SET entry_id = entry_id + 1 WHERE id = :id", {"id": int(number)})
    with pytest.raises(StartAgain):
        await list_changes(cursor)


@pytest.mark.each_database
@pytest.mark.parametrize("way", ["feed", "bundle"])
async def test_what_was_shown_and_taken_back_before_anybody_noted_it_is_told(cast: Cast, way: str) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    await publish(cast, await make_draft(cast, thread))
    tending = MirrorTending()
    await tending.look()
    by = await viewer_for(cast.moderator)
    await hide_post(answer.id, by=by, reason="Not nice")
    if way == "feed":
        shown = await list_changes()
        cursor, credits = shown.cursor, list(shown.entries[0].credits)
    else:
        feed = json.loads((await build_export("json")).content)
        cursor, credits = feed["_kundenkreis"]["cursor"], feed["items"][0]["_kundenkreis"]["credits"]
    assert credits == []
    await restore_post(answer.id, by=by, reason="Nice after all")
    await tending.look()
    assert [entry.credits for entry in (await list_changes(cursor)).entries] == [("Helper",)]
