"""The list of entries in work, narrowed down."""

from __future__ import annotations

import pytest

from community.core.viewer import Viewer
from community.faq import actions
from community.faq.listing import MINE, WAITING, Wanted, count_by_stage, list_editorial
from community.faq.taking import take_entry
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import a_category, make_draft, make_published, make_solved
from tests.fixtures import Visit


async def _found(viewer: Viewer, **wanted: str) -> set[int]:
    return {line.id for line in await list_editorial(viewer, Wanted(**wanted))}


@pytest.mark.each_database
async def test_entries_are_narrowed_down(cast: Cast) -> None:
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    released = await make_published(cast, question="Which cable fits the router?")
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    german = await make_draft(
        cast,
        thread,
        by=cast.administrator,
        question="Ändert 100 % Last den Router?",
        language="de",
        category_id=await a_category("Geräte", "de"),
    )
    review = await make_draft(cast, thread, question="Why is the router slow?")
    await actions.send_for_review(review, version=1, by=moderator)

    assert await _found(moderator, language="de") == {german}
    assert await _found(moderator, category="routers") == {released, review}
    assert await _found(moderator, words="ROUTER the") == {released, review}
    assert await _found(moderator, words="ändert") == {german}
    assert await _found(moderator, words="100 %") == {german}
    assert await _found(moderator, words="_____________________________") == set()
    assert await _found(moderator, whose=MINE) == {released, review}
    assert await _found(administrator, whose=MINE) == {german}
    assert await _found(moderator, whose=MINE, stage="in_review", language="en", words="slow") == {review}
    assert (await count_by_stage(moderator, Wanted(language="en", stage="draft")))["published"] == 1
    assert (await count_by_stage(moderator, Wanted(language="en")))["draft"] == 0


@pytest.mark.each_database
async def test_what_waits_for_somebody_is_what_they_could_release_or_check_now(cast: Cast) -> None:
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    assert await _found(administrator, whose=WAITING) == set()
    await actions.send_for_review(entry_id, version=1, by=moderator)
    assert await _found(moderator, whose=WAITING) == set()
    assert await _found(administrator, whose=WAITING) == {entry_id}
    await take_entry(entry_id, by=administrator)
    assert await _found(administrator, whose=WAITING) == {entry_id}
    assert entry_id in await _found(administrator, whose=MINE)


async def test_the_list_keeps_what_is_chosen_and_refuses_what_does_not_exist(
    cast: Cast, visit: Visit
) -> None:
    await make_published(cast, question="Which cable fits the router?")
    browser = await visit(cast.moderator)
    page = await browser.get("/moderation/faq?language=en&words=Cable+%22x")
    assert "No entry fits all of this." in page.text
    assert 'value="Cable &#34;x"' in page.text
    assert 'href="/moderation/faq?stage=draft&amp;language=en&amp;words=Cable+%22x"' in page.text
    assert "Which cable fits" in (await browser.get("/moderation/faq?whose=mine&category=routers")).text
    for unknown in ("stage=gone", "language=xx", "category=nowhere", "whose=yours"):
        assert (await browser.get(f"/moderation/faq?{unknown}")).status_code == 404
