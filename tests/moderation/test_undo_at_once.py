"""Right after an act its page offers to undo it, with one press and without scripts, and only once."""

from __future__ import annotations

import html
import re

from httpx2 import AsyncClient

from community.decisions.models import LogEntry
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.fixtures import Visit
from tests.moderation.flagging import GROUNDED, ORIGIN, REASON, assert_figures_are_right, deliver, told

HIDDEN = '<input type="hidden" name="reason" value="([^"]+)">'


async def page_after(browser: AsyncClient, url: str, data: dict[str, str]) -> str:
    """What stands there once the form of an act was sent, wherever that leads."""
    sent = await browser.post(url, data=data, headers=ORIGIN)
    assert sent.status_code == 303, sent.text
    page = await browser.get(sent.headers["location"])
    while page.is_redirect:
        page = await browser.get(page.headers["location"])
    assert page.status_code == 200
    return page.text


def offered(page: str) -> tuple[str, str] | None:
    """Address and reason of the form that undoes what was just done."""
    found = re.search(rf'<form method="post" action="(/moderation/log/\d+/undo)">{HIDDEN}', page)
    return (found[1], html.unescape(found[2])) if found else None


async def test_one_press_takes_back_what_was_just_done(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="How it was called")
    answer = await make_answer(thread, cast.helper)
    other = await make_thread(cast.open_space, cast.asker)
    browser, threads = await visit(cast.moderator), f"/moderation/threads/{thread.id}"
    acts = {
        f"/moderation/posts/{answer.id}/hide": GROUNDED,
        f"{threads}/lock": GROUNDED,
        f"{threads}/pin": {"reason": ""},
        f"{threads}/move": {
            "space": cast.members_space.slug,
            "confirmed": cast.members_space.slug,
            "reason": REASON,
        },
        f"{threads}/title": {"title": "Another name", "tags": "", "version": "1", "reason": REASON},
        f"{threads}/merge": {"into": f"/threads/{other.id}", "confirmed": str(other.id), "reason": REASON},
    }
    for url, data in acts.items():
        offer = offered(await page_after(browser, url, data))
        assert offer, url
        page = await page_after(browser, offer[0], {"reason": offer[1]})
        assert offered(page) is None, "what was undone is not offered once more"
        entry = await LogEntry.all().order_by("-id").first()
        assert entry
        assert (entry.reason, bool(entry.details["undoes"])) == (offer[1], True)
    now = await Thread.get(id=thread.id)
    assert (now.locked_at, now.pinned_at, now.space_id) == (None, None, cast.open_space.id)
    assert (now.title, now.merged_into_id, now.hidden_at) == ("How it was called", None, None)
    assert (await Post.get(id=answer.id)).hidden_at is None
    await assert_figures_are_right()
    await deliver(search_engine)
    assert ("post_restored", "That was a mistake and is taken back.") in await told(cast.helper)


async def test_split_is_offered_and_erasing_is_not(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, cast.helper) for _ in range(2)]
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/split"
    data = {"post": str(answers[0].id), "title": "A new one", "space": cast.open_space.slug, "reason": REASON}
    shown = (await browser.post(url, data=data, headers=ORIGIN)).text
    confirmed = re.search(r'name="confirmed" value="([^"]+)"', shown)
    assert confirmed, shown
    offer = offered(await page_after(browser, url, data | {"confirmed": html.unescape(confirmed[1])}))
    assert offer
    await page_after(browser, offer[0], {"reason": offer[1]})
    assert (await Post.get(id=answers[0].id)).thread_id == thread.id
    await page_after(browser, f"/moderation/posts/{answers[1].id}/hide", GROUNDED)
    data = GROUNDED | {"word": "ERASE"}
    assert offered(await page_after(browser, f"/moderation/posts/{answers[1].id}/erase", data)) is None


async def test_what_restricts_again_leads_to_the_form_that_asks_for_the_ground(
    cast: Cast, visit: Visit
) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    browser = await visit(cast.moderator)
    await page_after(browser, f"/moderation/posts/{answer.id}/hide", GROUNDED)
    page = await page_after(browser, f"/moderation/posts/{answer.id}/restore", GROUNDED)
    entry = await LogEntry.get(act="restore_post")
    assert offered(page) is None
    assert f'<a href="/moderation/log/{entry.id}/undo">Undo</a>' in page


async def test_the_offer_is_shown_once_and_to_staff_alone(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser, address = await visit(cast.moderator), f"/threads/{thread.id}-{thread.slug}"
    offer = offered(await page_after(browser, f"/moderation/threads/{thread.id}/pin", {"reason": ""}))
    assert offer
    assert offered((await browser.get(address)).text) is None
    for member in (cast.asker, cast.marketing, None):
        stranger = await visit(member)
        stranger.cookies.set("notice", f"undo.{(await LogEntry.all().get()).id}")
        assert "/undo" not in (await stranger.get(address)).text
        refused = await stranger.post(offer[0], data={"reason": offer[1]}, headers=ORIGIN)
        assert refused.status_code == 404
    assert (await Thread.get(id=thread.id)).pinned_at is not None


async def test_what_was_done_to_many_is_taken_back_with_one_press(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, cast.helper) for _ in range(3)]
    browser = await visit(cast.moderator)
    ids = [str(answer.id) for answer in answers]
    data = {"thread": str(thread.id), "post": ids, "act": "hide_post"} | GROUNDED
    page = (await browser.post("/moderation/several", data=data, headers=ORIGIN)).text
    form = re.search(
        r'action="(/moderation/batches/\d+/undo)"><input type="hidden" name="reason" value="([^"]+)">', page
    )
    assert form
    done = await browser.post(form[1], data={"reason": html.unescape(form[2])}, headers=ORIGIN)
    assert "Done for all of them (3)" in done.text
    assert await Post.filter(id__in=ids, hidden_at=None).count() == 3
