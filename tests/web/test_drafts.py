"""Drafts are kept while one types, are one's own, and go when the text is published or emptied."""

from __future__ import annotations

import pytest

from community.threads.models import Draft
from tests.cast import Cast
from tests.factories import make_thread, opening_of
from tests.fixtures import Visit


@pytest.mark.each_database
async def test_what_is_typed_is_kept_and_shown_again(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    typed = {"space": cast.hidden_space.slug, "title": "Router", "body": "It res", "tags": "vpn"}
    assert (await asker.post("/drafts/ask", data=typed)).status_code == 204
    await asker.post("/drafts/ask", data=typed | {"body": "It restarts"})
    draft = await Draft.get()
    assert (draft.title, draft.body, draft.space_id) == ("Router", "It restarts", cast.hidden_space.id)
    page = (await asker.get("/ask")).text
    for value in ("Router", "It restarts", 'value="vpn"', f'value="{cast.hidden_space.slug}" selected'):
        assert value in page


async def test_a_reloaded_second_step_still_has_the_text(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    title = "Router restarts at night"
    await asker.post("/drafts/ask", data={"space": cast.open_space.slug, "title": title, "body": "It res"})
    second_step = {"space": cast.open_space.slug, "title": title, "next": "1"}
    assert "It res</textarea>" in (await asker.get("/ask", params=second_step)).text


async def test_a_draft_about_something_else_is_offered_and_not_mixed_in(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    await asker.post("/drafts/ask", data={"title": "Telephones are silent", "body": "Since the move"})
    page = (await asker.get("/ask?title=Router+restarts+at+night")).text
    assert "You have an unfinished question: Telephones are silent." in page
    assert "Since the move" not in page


async def test_nobody_else_sees_a_draft(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await (await visit(cast.helper)).post(f"/drafts/answer:{thread.id}", data={"body": "Not ready yet"})
    for member in (None, cast.asker, cast.moderator, cast.administrator):
        page = (await (await visit(member)).get(f"/threads/{thread.id}-{thread.slug}")).text
        assert "Not ready yet" not in page
    own = (await (await visit(cast.helper)).get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Not ready yet" in own


async def test_an_emptied_text_discards_the_draft(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    await asker.post("/drafts/ask", data={"title": "Router", "body": "It restarts"})
    await asker.post("/drafts/ask", data={"title": " ", "body": ""})
    assert await Draft.all().count() == 0


async def test_a_space_that_the_member_cannot_know_of_is_not_kept(cast: Cast, visit: Visit) -> None:
    outsider = await visit(cast.outsider)
    await outsider.post("/drafts/ask", data={"title": "Router", "space": cast.hidden_space.slug})
    assert (await Draft.get()).space_id is None


async def test_a_quotation_does_not_overwrite_the_draft(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, body="It restarts.")
    helper = await visit(cast.helper)
    await helper.post(f"/drafts/answer:{thread.id}", data={"body": "My first thought"})
    opening = await opening_of(thread)
    page = (await helper.get(f"/threads/{thread.id}-{thread.slug}?quote={opening.id}")).text
    assert "My first thought\n\n&gt; @Asker:" in page


async def test_places_that_do_not_exist_take_no_drafts(cast: Cast, visit: Visit) -> None:
    asker = await visit(cast.asker)
    for place in ("nowhere", "answer:", "answer:x", "answer:1", f"answer:{10**30}", "edit:5"):
        assert (await asker.post(f"/drafts/{place}", data={"body": "x"})).status_code == 404
    assert await Draft.all().count() == 0
