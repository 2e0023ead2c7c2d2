"""Search results while the index is behind the database: what was taken away does not come back through it."""

from __future__ import annotations

import pytest

from community.members.actions import rename_member
from community.personal_data.erasure import erase_member
from community.threads import order
from community.threads.actions import edit_post
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_account, make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import deliver

PAGES = ("/search?q=zanzibar", "/search/suggestions?q=zanzibar")


@pytest.mark.each_database
async def test_the_text_of_a_hidden_answer_is_gone_before_the_index_knows(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp")
    answer = await make_answer(thread, cast.helper, body="The zanzibar secret is a potato.")
    await deliver(search_engine)
    guest = await visit()
    assert "potato" in (await guest.get("/search?q=zanzibar+secret")).text
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason="Not for here")
    for page in (*PAGES, "/search?q=zanzibar+secret"):
        text = (await guest.get(page)).text
        assert "potato" not in text
        assert f"/threads/{thread.id}-" in text
    await deliver(search_engine)
    assert "potato" not in (await guest.get("/search?q=zanzibar+secret")).text


async def test_what_an_edit_took_out_is_gone_before_the_index_knows(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Zanzibar lamp of Potato Ltd", body="At Potato Ltd"
    )
    await deliver(search_engine)
    opening = await opening_of(thread)
    await edit_post(
        opening.id, body="It flickers.", title="Zanzibar lamp", tags=(), version=1, by=cast.asker.id
    )
    guest = await visit()
    for page in PAGES:
        text = (await guest.get(page)).text
        assert "Potato" not in text
        assert "Zanzibar lamp" in text
    await deliver(search_engine)
    assert "<mark>Zanzibar</mark> lamp" in (await guest.get(PAGES[0])).text


async def test_what_an_erased_member_wrote_is_gone_before_the_index_knows(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp")
    await make_account(cast.helper)
    await make_answer(thread, cast.helper, body="The zanzibar secret is a potato.")
    await deliver(search_engine)
    guest = await visit()
    page = "/search?q=zanzibar+secret"
    assert "potato" in (await guest.get(page)).text
    await erase_member(await viewer_for(cast.helper), with_texts=True, language="en")
    text = (await guest.get(page)).text
    assert "potato" not in text
    assert f"/threads/{thread.id}-" in text


async def test_nobody_learns_through_search_which_nickname_became_which(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await rename_member(cast.helper.id, "Zanzibar")
    await deliver(search_engine)
    guest = await visit()
    assert "/members/Zanzibar" in (await guest.get("/search?q=zanzibar&kind=people")).text
    await rename_member(cast.helper.id, "Potato")
    for page in PAGES:
        # The hit may stay for a moment; old and new name never stand together.
        text = (await guest.get(page)).text
        assert "/members/Potato" not in text or ">Zanzibar<" not in text.replace("<mark>", "").replace(
            "</mark>", ""
        )
