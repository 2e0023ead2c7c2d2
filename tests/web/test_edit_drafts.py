"""The draft of an edit: kept while one types, one's own, gone on with elsewhere, thrown away when it is saved."""

from __future__ import annotations

import pytest

from community.core.clock import now
from community.core.db import execute
from community.decisions.grounds import Ground, GroundKind
from community.threads.clearing import clear_post
from community.threads.erasure import erase_texts
from community.threads.merging import merge_threads
from community.threads.models import Draft, Post
from community.threads.order import hide_post, lock_thread, move_thread
from community.threads.unlinking import unlink_author
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for
from tests.fixtures import Visit


async def _answer(cast: Cast, body: str = "Restart the router.") -> Post:
    return await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, body)


@pytest.mark.each_database
async def test_another_device_goes_on_with_the_edit_and_saving_ends_the_draft(
    cast: Cast, visit: Visit
) -> None:
    answer = await _answer(cast)
    url, typed = f"/posts/{answer.id}/edit", {"body": "Restart the modem.", "version": "1", "kind": "answer"}
    first = await visit(cast.helper)
    page = await first.get(url)
    assert f'data-draft="/drafts/edit:{answer.id}"' in page.text
    assert "You typed this earlier" not in page.text
    assert (await first.post(f"/drafts/edit:{answer.id}", data=typed)).status_code == 204
    second = await visit(cast.helper)
    page = await second.get(url)
    assert "Restart the modem.</textarea>" in page.text
    assert "You typed this earlier" in page.text
    assert (await Post.get(id=answer.id)).body == "Restart the router."
    assert (await second.post(url, data=typed)).status_code == 303
    assert await Draft.all().count() == 0


async def test_title_and_tags_are_kept_with_the_text(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router", tags=("vpn",))
    opening = await opening_of(thread)
    asker, url = await visit(cast.asker), f"/posts/{opening.id}/edit"
    typed = {"title": "Modem", "body": opening.body, "tags": "dsl", "version": "1", "do": "draft"}
    saved = await asker.post(url, data=typed)
    assert (saved.status_code, saved.headers["location"]) == (303, url)
    page = (await asker.get(url)).text
    assert 'value="Modem"' in page
    assert 'value="dsl"' in page
    previewed = await asker.post(url, data=typed | {"do": "preview", "title": "Switch"})
    assert 'value="Switch"' in previewed.text
    assert (await Draft.get()).title == "Switch"


async def test_a_draft_can_be_thrown_away(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    await helper.post(f"/drafts/edit:{answer.id}", data={"body": "Restart the modem.", "version": "1"})
    assert (await helper.post(url, data={"body": "Restart the modem.", "do": "discard"})).status_code == 303
    page = (await helper.get(url)).text
    assert "Restart the router.</textarea>" in page
    assert "is thrown away" in page
    assert await Draft.all().count() == 0


async def test_nobody_else_sees_the_draft_of_an_edit(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    comment = await make_comment(answer, cast.helper)
    helper = await visit(cast.helper)
    for post in (answer, comment):
        await helper.post(f"/drafts/edit:{post.id}", data={"body": "Not ready yet", "version": "1"})
    for member in (None, cast.asker, cast.moderator, cast.administrator):
        other = await visit(member)
        for post in (answer, comment):
            for url in (
                f"/posts/{post.id}/edit",
                f"/posts/{post.id}/history",
                f"/threads/{answer.thread_id}",
            ):
                assert "Not ready yet" not in (await other.get(url, follow_redirects=True)).text
    moderator = await visit(cast.moderator)
    await moderator.post(f"/drafts/edit:{answer.id}", data={"body": "Of staff", "version": "1"})
    assert "Of staff" not in (await helper.get(f"/posts/{answer.id}/edit")).text
    assert "Of staff" in (await moderator.get(f"/posts/{answer.id}/edit")).text


async def test_only_who_may_edit_can_leave_a_draft(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    hidden = await make_answer(await make_thread(cast.hidden_space, cast.asker), cast.helper)
    outsider = await visit(cast.outsider)
    assert (await outsider.post(f"/drafts/edit:{answer.id}", data={"body": "Mine"})).status_code == 403
    for place in (f"edit:{hidden.id}", "edit:", "edit:x", "edit:1", f"edit:{10**30}"):
        assert (await outsider.post(f"/drafts/{place}", data={"body": "Mine"})).status_code == 404
    assert await Draft.all().count() == 0


@pytest.mark.parametrize("what", ["hidden", "locked", "moved"])
async def test_what_was_typed_for_a_post_that_is_closed_meanwhile_is_kept(
    what: str, cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.outsider, "As it was.")
    moderator = await viewer_for(cast.moderator)
    if what == "hidden":
        await hide_post(answer.id, by=moderator, reason="Not here")
    elif what == "locked":
        await lock_thread(thread.id, by=moderator, reason="Settled")
    else:
        await move_thread(thread.id, to_space=cast.hidden_space.id, by=moderator, reason="Internal")
    outsider, url = await visit(cast.outsider), f"/posts/{answer.id}/edit"
    # While one types, when it is sent, and whenever one comes back.
    typing = await outsider.post(f"/drafts/edit:{answer.id}", data={"body": "Long", "version": "1"})
    assert typing.status_code == 204
    page = await outsider.post(url, data={"body": "Long and careful.", "version": "1"})
    assert page.status_code in (403, 404)
    assert "Long and careful." in page.text
    assert "It is kept for you" in page.text
    back = await outsider.get(url)
    assert "Long and careful." in back.text
    assert "Hidden lab" not in back.text
    other = await visit(cast.helper)
    assert "Long and careful." not in (await other.get(url)).text
    await outsider.post(url, data={"do": "discard"})
    assert await Draft.all().count() == 0


async def test_a_draft_goes_on_once_the_post_is_open_again(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    await execute("UPDATE posts SET hidden_at = :at WHERE id = :id", {"at": now(), "id": answer.id})
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    await helper.post(url, data={"body": "Restart the modem.", "version": "1"})
    await execute("UPDATE posts SET hidden_at = NULL WHERE id = :id", {"id": answer.id})
    page = await helper.get(url)
    assert page.status_code == 200
    assert "Restart the modem.</textarea>" in page.text


async def test_erasing_a_text_erases_the_drafts_of_its_edits(cast: Cast, visit: Visit) -> None:
    answer, other = await _answer(cast, "Call 030 123."), await _answer(cast)
    for member in (cast.helper, cast.moderator):
        await (await visit(member)).post(
            f"/drafts/edit:{answer.id}", data={"body": "Call 030 1234.", "version": "1"}
        )
    await (await visit(cast.moderator)).post(
        f"/drafts/edit:{other.id}", data={"body": "Mended", "version": "1"}
    )
    moderator = await viewer_for(cast.moderator)
    await hide_post(answer.id, by=moderator, reason="A number")
    await clear_post(answer.id, ground=Ground(GroundKind.PRIVACY), by=moderator, reason="A number")
    assert await Draft.all().values_list("place", flat=True) == [f"edit:{other.id}"]
    # Whoever is erased with their texts leaves none in the drafts of staff.
    await erase_texts(cast.helper.id)
    assert await Draft.all().count() == 0


async def test_erased_words_do_not_come_back_from_a_page_that_was_open(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast, "Quixotic words.")
    helper, url = await visit(cast.helper), f"/drafts/edit:{answer.id}"
    typed = {"body": "Quixotic words, more of them.", "version": "1", "kind": "answer"}
    await hide_post(answer.id, by=await viewer_for(cast.moderator), reason="Against the rules.")
    by = await viewer_for(cast.moderator)
    await clear_post(answer.id, ground=Ground(GroundKind.LAW, "§ 1"), by=by, reason="A court has said so.")
    assert (await helper.post(url, data=typed)).status_code == 204
    sent = await helper.post(f"/posts/{answer.id}/edit", data=typed)
    assert sent.status_code == 404
    assert "Quixotic words, more of them." in sent.text, "whoever has typed it can copy it"
    assert "Please copy it before you leave" in sent.text
    assert await Draft.all().count() == 0


async def test_no_draft_says_who_wrote_what_a_former_member_wrote(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    helper = await visit(cast.helper)
    typed = {"body": "Restart the modem.", "version": "1", "kind": "answer"}
    await helper.post(f"/drafts/edit:{answer.id}", data=typed)
    assert await Draft.all().count() == 1
    await unlink_author(
        answer.id, whole_thread=False, by=await viewer_for(cast.moderator), reason="They asked for it."
    )
    assert await Draft.all().count() == 0


async def test_a_text_that_is_too_long_is_not_cut_without_a_word(cast: Cast, visit: Visit) -> None:
    answer = await _answer(cast)
    helper, url = await visit(cast.helper), f"/posts/{answer.id}/edit"
    long = "word " * 4_100 + "the end"
    sent = await helper.post(url, data={"body": long, "version": "1", "kind": "answer", "do": "draft"})
    assert sent.status_code == 422
    assert "the end</textarea>" in sent.text
    await lock_thread(answer.thread_id, by=await viewer_for(cast.moderator), reason="Enough.")
    refused = await helper.post(url, data={"body": long, "version": "1", "kind": "answer"})
    assert refused.status_code == 403
    assert "the end" in refused.text


async def test_the_title_of_a_draft_is_shown_where_the_post_opens_nothing_any_more(
    cast: Cast, visit: Visit
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Router")
    into = await make_thread(cast.open_space, cast.colleague)
    opening = await opening_of(thread)
    asker, url = await visit(cast.asker), f"/posts/{opening.id}/edit"
    typed = {"title": "My better title", "body": opening.body, "tags": "", "version": "1", "do": "draft"}
    await asker.post(url, data=typed)
    await merge_threads(thread.id, into=into.id, by=await viewer_for(cast.moderator), reason="The same.")
    assert "My better title" in (await asker.get(url)).text
