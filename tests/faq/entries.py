"""Entries for tests, made as editors make them."""

from __future__ import annotations

from dataclasses import replace

from community.core.db import fetch_one
from community.core.viewer import Viewer
from community.faq import actions
from community.faq.categories import make_category
from community.faq.check_queries import CauseRow, list_causes
from community.faq.first_text import text_from_thread
from community.faq.source_queries import list_editorial_sources, seen_of
from community.members.models import Member
from community.spaces.models import Space
from community.threads.marks import accept_solution
from community.threads.models import Post, Thread
from community.threads.queries import get_thread
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for

SOLUTION = """Hello Asker,

the router has lost its profile. Load it again from the customer centre.

1. Open the customer centre.
2. Choose **Load profile**.
"""


async def make_solved(
    space: Space,
    asker: Member,
    helper: Member,
    *,
    title: str = "Router lost its profile",
    body: str = SOLUTION,
) -> tuple[Thread, Post]:
    """A thread with an accepted answer."""
    thread = await make_thread(space, asker, title=title, body="It blinks red since Friday. What can we do?")
    answer = await make_answer(thread, helper, body)
    await accept_solution(answer.id, by=asker.id)
    return await Thread.get(id=thread.id), answer


async def a_category(name: str = "Routers", language: str = "en") -> int:
    row = await fetch_one("SELECT id FROM faq_categories WHERE name = :name", {"name": name})
    return int(row["id"]) if row else await make_category(name, language)


async def make_draft(cast: Cast, thread: Thread, *, by: Member | None = None, **changes: object) -> int:
    """A draft of an entry by the moderator (or `by`), in a category, for the public unless `changes` say more."""
    editor = await viewer_for(by or cast.moderator)
    view = await get_thread(thread.id, editor)
    text = replace(await text_from_thread(view, editor), category_id=await a_category(), audience="public")
    return await actions.draft_entry(view, replace(text, **changes), by=editor)  # type: ignore[arg-type]


async def seen_by(viewer: Viewer, entry_id: int) -> str:
    """What the form on the desk keeps of the sources that are in view."""
    return seen_of(await list_editorial_sources(viewer, entry_id))


async def causes_of(viewer: Viewer, entry_id: int) -> tuple[CauseRow, ...]:
    """What the desk says that has to be checked."""
    return await list_causes(viewer, entry_id, await list_editorial_sources(viewer, entry_id))


async def publish(cast: Cast, entry_id: int, *, version: int = 1, cleared: bool = False) -> None:
    """Review by the moderator, release by the administrator."""
    moderator = await viewer_for(cast.moderator)
    seen = await seen_by(moderator, entry_id)
    await actions.send_for_review(entry_id, version=version, by=moderator, cleared=cleared, seen=seen)
    await actions.release_entry(entry_id, version=version, by=await viewer_for(cast.administrator))


async def make_published(cast: Cast, space: Space | None = None, **changes: object) -> int:
    """A released entry made from a solved thread of `space` (the open one)."""
    thread, _answer = await make_solved(space or cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread, **changes)
    await publish(cast, entry_id, cleared=space is not None and space.access != "open")
    return entry_id
