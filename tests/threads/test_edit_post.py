"""An edit names the version it was made from; nothing that was ever saved is lost."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from community.core.errors import Conflict
from community.threads.actions import edit_post, says_the_same
from community.threads.models import Post, Revision, Thread, ThreadTag
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_thread, opening_of


@pytest.mark.each_database
async def test_of_many_edits_at_once_one_wins_and_the_others_are_told(fresh_database: str) -> None:
    cast = await make_cast()
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, "Version 1")
    results = await asyncio.gather(
        *(edit_post(answer.id, body=f"Edit {number}", version=1, by=cast.helper.id) for number in range(10)),
        return_exceptions=True,
    )
    assert results.count(None) == 1
    assert sum(isinstance(result, Conflict) for result in results) == 9
    saved = await Post.get(id=answer.id)
    assert (saved.version, saved.body) == (2, f"Edit {results.index(None)}")
    assert [row.body for row in await Revision.all()] == ["Version 1"]


@pytest.mark.each_database
async def test_the_same_edit_sent_many_times_is_done_once(fresh_database: str) -> None:
    cast = await make_cast()
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", tags=("router",))
    opening = await opening_of(thread)
    change: dict[str, Any] = {"body": "New text", "version": 1, "title": "Modem restarts", "tags": ("modem",)}
    results = await asyncio.gather(
        *(edit_post(opening.id, by=cast.asker.id, **change) for _ in range(5)), return_exceptions=True
    )
    assert results == [None] * 5
    assert (await Post.get(id=opening.id)).version == 2
    assert await Revision.all().count() == 1
    assert await says_the_same(opening.id, **change)
    with pytest.raises(Conflict):
        await edit_post(opening.id, by=cast.asker.id, **(change | {"title": "Switch restarts"}))
    with pytest.raises(Conflict):
        await says_the_same(opening.id, **(change | {"tags": ("router",)}))


@pytest.mark.each_database
async def test_an_edited_question_keeps_its_earlier_title(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router restarts", tags=("router", "vpn"))
    opening = await opening_of(thread)
    await edit_post(
        opening.id, body="New text", version=1, by=cast.asker.id, title="Modem restarts", tags=("modem",)
    )
    thread = await Thread.get(id=thread.id)
    assert (thread.title, thread.slug, thread.tag_names) == ("Modem restarts", "modem-restarts", "modem")
    assert await ThreadTag.all().values_list("name", flat=True) == ["modem"]
    revision = await Revision.get()
    assert (revision.title, revision.body) == ("Router restarts", opening.body)


async def test_a_question_edited_without_tags_given_keeps_them(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker, tags=("router",))
    opening = await opening_of(thread)
    await edit_post(opening.id, body="New text", version=1, by=cast.asker.id)
    thread = await Thread.get(id=thread.id)
    assert (thread.title, thread.tag_names) == ("Router loses the connection", "router")
