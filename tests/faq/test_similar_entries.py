"""FAQ entries beside threads that ask about the same, whichever of the two came first."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.faq import actions as faq
from community.faq.queries import MOST_SIMILAR
from community.threads.models import Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.faq.entries import make_published, publish
from tests.fixtures import Visit
from tests.moderation.flagging import deliver
from tests.web.test_thread_page import address

QUESTION = "What does the zitherphone cost per month?"
TITLE = "Which monthly cost does a zitherphone have?"


async def _beside(visit: Visit, thread: Thread, viewer: object = None) -> str:
    page = (await (await visit(viewer)).get(address(thread))).text  # type: ignore[arg-type]
    return page[page.index('<aside class="rail"') :]


@pytest.mark.each_database
async def test_an_entry_stands_beside_older_and_newer_threads_until_it_is_withdrawn(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    older = await make_thread(cast.open_space, cast.asker, title=TITLE)
    other = await make_thread(cast.open_space, cast.asker, title="Where is the key to the server room?")
    await deliver(search_engine)
    assert QUESTION not in await _beside(visit, older)
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    newer = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    for thread in (older, newer):
        assert f'href="/faq/{entry_id}-what-does-the-zitherphone-cost-per-month"' in await _beside(
            visit, thread
        )
    assert QUESTION not in await _beside(visit, other)
    by = await viewer_for(cast.moderator)
    await faq.withdraw_entry(entry_id, by=by, reason="Wrong")
    assert QUESTION not in await _beside(visit, older)
    await deliver(search_engine)
    assert await fetch("SELECT id FROM similar_entries") == []


async def test_an_entry_that_asks_something_else_now_leaves_its_threads(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    await deliver(search_engine)
    assert QUESTION in await _beside(visit, thread)
    by = await viewer_for(cast.moderator)
    [row] = await fetch("SELECT category_id, language FROM faq_entries WHERE id = :id", {"id": entry_id})
    text = faq.EntryText("Who opens the gate at night?", "The porter.", **dict(row))
    await faq.edit_entry(entry_id, text, version=1, by=by)
    await publish(cast, entry_id, version=2)
    await deliver(search_engine)
    assert f"/faq/{entry_id}" not in await _beside(visit, thread)


async def test_entries_for_members_take_no_place_from_those_for_everybody(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    secret = [
        await make_published(cast, question=QUESTION, short_answer="Nothing at all.", audience="members")
        for _each in range(MOST_SIMILAR)
    ]
    entry_id = await make_published(cast, question=QUESTION, short_answer="Nothing at all.")
    thread = await make_thread(cast.open_space, cast.asker, title=TITLE)
    await deliver(search_engine)
    shown = await _beside(visit, thread)
    assert f"/faq/{entry_id}-" in shown
    assert not any(f"/faq/{each}-" in shown for each in secret)
    shown = await _beside(visit, thread, cast.colleague)
    assert shown.count('href="/faq/') == MOST_SIMILAR
