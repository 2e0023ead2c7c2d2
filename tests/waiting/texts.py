"""What tests about waiting texts share."""

from __future__ import annotations

from community.members.models import Member
from community.spaces.models import Space
from community.threads.queries import get_post, get_thread
from community.waiting import publishing
from community.waiting.models import WaitingText
from tests.factories import card_of, viewer_for

ORIGIN = {"Origin": "http://127.0.0.1:8000"}
BODY = "From Monday on the router restarts by itself. Nothing has to be done."


async def ask_for_four_eyes(space: Space, *, articles: bool = False) -> None:
    """A second person for what staff write here; with `articles` for articles alone."""
    await Space.filter(id=space.id).update(articles_wait=articles, staff_posts_wait=not articles)


async def waiting_answer(thread_id: int, author: Member, body: str = BODY) -> WaitingText:
    viewer = await viewer_for(author)
    posted = await publishing.add_answer(await get_thread(thread_id, viewer), body=body, by=viewer)
    assert posted.waits
    return await WaitingText.get(id=posted.id)


async def waiting_thread(
    space: Space, author: Member, title: str = "A new router", body: str = BODY
) -> WaitingText:
    viewer = await viewer_for(author)
    posted = await publishing.start_thread(
        card_of(space), title=title, body=body, tags=("routers",), by=viewer
    )
    assert posted.waits
    return await WaitingText.get(id=posted.id)


async def waiting_edit(
    post_id: int, editor: Member, body: str, *, version: int = 1, reason: str = ""
) -> WaitingText:
    viewer = await viewer_for(editor)
    post, thread = await get_post(post_id, viewer)
    posted = await publishing.edit_post(post, thread, body=body, version=version, by=viewer, reason=reason)
    assert posted.waits
    return await WaitingText.get(id=posted.id)
