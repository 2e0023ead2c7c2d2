"""Refusals are pages in the reader's language that say what one can do next."""

from __future__ import annotations

import httpx2
from starlette.types import ASGIApp

from community.http.limits import MOST_BODY_BYTES
from tests.cast import Cast
from tests.clients import browser
from tests.factories import make_thread
from tests.fixtures import Visit

GERMAN = {"Accept-Language": "de"}


async def test_a_guest_who_followed_a_members_link_is_led_to_the_log_in_and_back(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.members_space, cast.asker)
    guest = await visit()
    answer = await guest.get(f"/threads/{thread.id}-{thread.slug}?page=2")
    assert answer.status_code == 404
    assert f'href="/log-in?next=/threads/{thread.id}-{thread.slug}%3Fpage%3D2"' in answer.text
    # The same for what does not exist at all.
    assert 'href="/log-in?next=/threads/1-gone"' in (await guest.get("/threads/1-gone")).text


async def test_a_member_is_not_asked_to_log_in_again(cast: Cast, visit: Visit) -> None:
    member = await visit(cast.asker)
    assert "/log-in" not in (await member.get("/threads/1-gone")).text


async def test_a_text_over_all_limits_is_refused_with_a_page(app: ASGIApp, cast: Cast) -> None:
    async with browser(app) as guest:
        answer = await guest.post(
            "/log-in",
            data={"mail": "x" * (MOST_BODY_BYTES + 1)},
            headers=GERMAN | {"Sec-Fetch-Site": "same-origin"},
        )
    assert answer.status_code == 413
    assert "Das ist zu viel auf einmal" in answer.text
    assert answer.text.rstrip().endswith("</html>")


async def test_a_refusal_below_all_pages_speaks_the_language_of_the_browser(app: ASGIApp, cast: Cast) -> None:
    async with browser(app) as guest:
        forged = {"Sec-Fetch-Site": "cross-site"}
        german = await _sentence(guest, forged | GERMAN)
        english = await _sentence(guest, forged | {"Accept-Language": "fr, en;q=0.5"})
        none = await _sentence(guest, forged)
    assert german.startswith("Diese Anfrage kam von einer anderen Website")
    assert (
        english
        == none
        == ("This request came from another site, so nothing was done. Please start on our own page.\n")
    )


async def _sentence(guest: httpx2.AsyncClient, headers: dict[str, str]) -> str:
    answer = await guest.post("/log-in", data={}, headers=headers)
    assert answer.status_code == 403
    return answer.text
