"""The moderation log: newest first, narrowed down to one thing, in parts, for those who keep order."""

from __future__ import annotations

import re
from html import unescape

from community.core.db import in_transaction
from community.decisions.actions import log
from community.threads import order
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import REASON


async def test_the_log_shows_who_did_what_and_why(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason=REASON)
    await order.lock_thread(thread.id, by=moderator, reason="Nothing more to say.")
    browser = await visit(cast.administrator)
    page = (await browser.get("/moderation/log")).text
    assert page.index("Nothing more to say.") < page.index(REASON)
    assert "Jana K." in page
    assert f'href="/posts/{answer.id}"' in page
    narrowed = (await browser.get(f"/moderation/log?subject=post:{answer.id}")).text
    assert REASON in narrowed
    assert "Nothing more to say." not in narrowed


async def test_others_do_not_find_the_log(cast: Cast, visit: Visit) -> None:
    for member in (None, cast.asker, cast.marketing):
        browser = await visit(member) if member else await visit()
        assert (await browser.get("/moderation/log")).status_code == 404


async def test_nonsense_is_not_found_or_left_out(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.moderator)
    assert (await browser.get("/moderation/log?subject=post:x")).status_code == 404
    assert (await browser.get("/moderation/log?subject=' OR 1=1")).status_code == 404
    for before in ("x", "-1", "9" * 16, "9" * 40, "²"):
        assert (await browser.get("/moderation/log", params={"before": before})).status_code == 200


async def test_a_long_log_comes_in_parts_without_gap_or_repetition(cast: Cast, visit: Visit) -> None:
    moderator = await viewer_for(cast.moderator)
    async with in_transaction():
        for number in range(120):
            await log("lock_thread", "thread:17", by=moderator, reason=f"reason-{number:03}.")
    browser = await visit(cast.moderator)
    seen: list[str] = []
    url = "/moderation/log?subject=thread:17"
    for _part in range(3):
        page = (await browser.get(url)).text
        seen += [f"reason-{number:03}." for number in range(119, -1, -1) if f"reason-{number:03}." in page]
        older = re.search(r'href="([^"]+)" rel="next"', page)
        url = unescape(older[1]) if older else ""
    assert url == ""
    assert seen == [f"reason-{number:03}." for number in range(119, -1, -1)]
