"""Content pages speak the language of their content to guests, all of them: text, dates, breadcrumbs (TH-2)."""

from __future__ import annotations

import pytest

from community.faq.queries import get_entry
from tests.cast import Cast
from tests.factories import make_answer, make_thread, viewer_for
from tests.faq.entries import make_published
from tests.fixtures import Visit

GERMAN_WORDS = ("Start</a>", "Bereiche</a>", "geprüft", "Anmelden", "gerade eben", "Antwort")


@pytest.fixture
async def pages(cast: Cast) -> list[str]:
    """An English space, thread, FAQ entry and its category."""
    thread = await make_thread(cast.open_space, cast.asker)
    await make_answer(thread, cast.helper)
    entry = await get_entry(await viewer_for(None), await make_published(cast))
    return [
        f"/spaces/{cast.open_space.slug}",
        f"/threads/{thread.id}-{thread.slug}",
        entry.url,
        f"/faq/{entry.category_slug}",
    ]


async def test_english_content_is_english_throughout_for_a_german_browser(
    cast: Cast, visit: Visit, pages: list[str]
) -> None:
    guest = await visit()
    guest.headers["Accept-Language"] = "de"
    for url in pages:
        page = (await guest.get(url)).text
        assert '<html lang="en"' in page, url
        visible = page.partition("<main")[2].partition("</main>")[0]
        assert [word for word in GERMAN_WORDS if word in visible] == [], url


async def test_a_choice_of_language_counts_more_than_the_content(
    cast: Cast, visit: Visit, pages: list[str]
) -> None:
    guest = await visit()
    guest.cookies.set("language", "de")
    for url in pages:
        page = (await guest.get(url)).text
        assert '<html lang="de"' in page, url
        assert ">Start</a>" in page, url
