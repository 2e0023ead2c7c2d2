"""Erasing what a post says, for good: after hiding it, with a typed word, and nothing of it is left anywhere."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.decisions.models import LogEntry
from community.spaces.models import Space
from community.threads import actions, order
from community.threads.models import Post, Revision, Thread
from community.threads.undoing import UNDOABLE
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told

DATA = {"ground": "law", "reason": "A court has said so.", "word": "ERASE"}


async def left_of(word: str) -> list[str]:
    """Where the word still stands, in all tables that hold texts of members or of staff."""
    places = {
        "posts": "body || body_html",
        "revisions": "title || body || tag_names",
        "threads": "title || slug || tag_names",
        "thread_tags": "name",
        "moderation_log": "reason || CAST(details AS TEXT)",
        "notifications": "note",
        "waiting_texts": "title || body || tags",
        "outbox_facts": "CAST(payload AS TEXT)",
    }
    found = []
    for table, texts in places.items():
        rows = await fetch(
            f"SELECT COUNT(*) AS n FROM {table} WHERE LOWER({texts}) LIKE :word", {"word": f"%{word}%"}
        )
        found += [table] if rows[0]["n"] else []
    return found


@pytest.mark.each_database
async def test_nothing_is_left_of_what_was_erased(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Quixotic title", body="A quixotic text", tags=("quixotic",)
    )
    answer = await make_answer(thread, cast.helper, body="An answer that stays")
    opening = await opening_of(thread)
    await actions.edit_post(
        opening.id, body="Another quixotic text", version=1, by=cast.asker.id, title="Quixotic still"
    )
    await deliver(search_engine)
    browser, url = await visit(cast.moderator), f"/moderation/posts/{opening.id}/erase"
    assert (await browser.get(url)).status_code == 200
    early = await browser.post(url, data=DATA, headers=ORIGIN)
    assert early.status_code == 409
    assert "hide it first" in early.text
    await order.hide_post(opening.id, by=await viewer_for(cast.moderator), reason=REASON)
    for wrong in ({"word": "erasing"}, {"ground": "none"}, {"reason": ""}):
        assert (await browser.post(url, data=DATA | wrong, headers=ORIGIN)).status_code == 422
    sent = await browser.post(url, data=DATA, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/posts/{opening.id}")
    await deliver(search_engine)
    assert await left_of("quixotic") == []
    assert await Revision.all().count() == 0
    entry = await LogEntry.get(act="erase_post")
    assert (entry.subject, entry.details) == (f"post:{opening.id}", {"ground": "law"})
    assert "erase_post" not in UNDOABLE
    assert ("post_erased", "A court has said so.") in await told(cast.asker)
    # Restored, the answers of others can be read again, under a sentence in the place of the question.
    await order.restore_post(opening.id, by=await viewer_for(cast.moderator), reason=REASON)
    await deliver(search_engine)
    guest, now = await visit(), await Thread.get(id=thread.id)
    page = (await guest.get(f"/threads/{now.id}-{now.slug}")).text
    assert "This text was erased by the moderators." in page
    assert "An answer that stays" in page
    found = (await guest.get("/search?q=quixotic")).text
    assert f"/threads/{now.id}" not in found
    assert (await Post.get(id=answer.id)).body == "An answer that stays"
    await assert_figures_are_right()


async def test_where_two_are_asked_for_whoever_hid_it_does_not_erase_it(cast: Cast, visit: Visit) -> None:
    await Space.filter(id=cast.open_space.id).update(erasures_wait=True)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, body="Quixotic")
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    url = f"/moderation/posts/{answer.id}/erase"
    refused = await (await visit(cast.moderator)).post(url, data=DATA, headers=ORIGIN)
    assert refused.status_code == 409
    assert (await Post.get(id=answer.id)).body == "Quixotic"
    sent = await (await visit(cast.administrator)).post(url, data=DATA, headers=ORIGIN)
    assert sent.status_code == 303
    assert (await Post.get(id=answer.id)).body != "Quixotic"


async def test_only_moderators_erase_and_nobody_their_own(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator)
    for member, status in ((cast.asker, 404), (cast.marketing, 404), (cast.moderator, 403)):
        browser = await visit(member)
        assert (await browser.get(f"/moderation/posts/{answer.id}/erase")).status_code == status
