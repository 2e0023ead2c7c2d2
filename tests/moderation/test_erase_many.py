"""Erasing many at once: only what is hidden, by a second person where two are asked for, told once, never undone."""

from __future__ import annotations

import pytest

from community.decisions.models import Batch, LogEntry
from community.spaces.models import Space
from community.threads import order
from community.threads.models import Post
from community.waiting.models import WaitingText
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told
from tests.moderation.test_erase_post import left_of
from tests.waiting.texts import ask_for_four_eyes, waiting_edit

ERASING = {"act": "erase_post", "ground": "privacy", "reason": "It names somebody.", "word": "erase"}


@pytest.mark.each_database
async def test_what_is_hidden_is_erased_together_and_told_once(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.outsider, title="Quixotic", body="Quixotic words")
    answers = [await make_answer(thread, cast.helper, body=f"Quixotic {n}") for n in range(3)]
    shown = await make_answer(thread, cast.helper, body="Still to be read")
    opening, moderator = await opening_of(thread), await viewer_for(cast.moderator)
    for post in answers:
        await order.hide_post(post.id, by=moderator, reason=REASON)
    await order.hide_post(opening.id, by=moderator, reason=REASON)
    await deliver(search_engine)
    browser, url = await visit(cast.moderator), "/moderation/several"
    ids = [str(post.id) for post in (opening, *answers, shown)]
    data = ERASING | {"thread": str(thread.id), "post": ids}
    for wrong in ({"word": "yes"}, {"ground": ""}, {"reason": ""}):
        assert (await browser.post(url, data=data | wrong, headers=ORIGIN)).status_code == 422
    done = await browser.post(url, data=data, headers=ORIGIN)
    assert "4 of 5 done" in done.text
    assert "Please hide it first" in done.text
    batch = await Batch.all().get()
    assert f"/moderation/batches/{batch.id}/undo" not in done.text
    assert (await browser.get(f"/moderation/batches/{batch.id}/undo")).status_code == 404
    await deliver(search_engine)
    assert await left_of("quixotic") == []
    assert (await Post.get(id=shown.id)).body == "Still to be read"
    entries = await LogEntry.filter(act="erase_post")
    assert {(entry.details["ground"], entry.details["batch"]) for entry in entries} == {("privacy", batch.id)}
    assert len(entries) == 4
    for member in (cast.helper, cast.outsider):
        assert [each for each in await told(member) if each[1] == "It names somebody."] == [
            ("posts_erased", "It names somebody.")
        ]
    await assert_figures_are_right()


async def test_what_waits_to_change_it_goes_in_the_same_transaction(cast: Cast, visit: Visit) -> None:
    """Without a worker: nothing of it is left for a later step that might not come."""
    await ask_for_four_eyes(cast.open_space)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.administrator)
    await waiting_edit(answer.id, cast.administrator, "A quixotic change")
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    browser = await visit(cast.moderator)
    data = ERASING | {"thread": str(answer.thread_id), "post": [str(answer.id)]}
    done = await browser.post("/moderation/several", data=data, headers=ORIGIN)
    assert "Done for all of them (1)" in done.text
    assert await WaitingText.all().count() == 0


async def test_where_two_are_asked_for_it_stays_for_somebody_else(cast: Cast, visit: Visit) -> None:
    await Space.filter(id=cast.open_space.id).update(erasures_wait=True)
    thread = await make_thread(cast.open_space, cast.asker)
    first = await make_answer(thread, cast.helper, body="Quixotic one")
    second = await make_answer(thread, cast.helper, body="Quixotic two")
    own = await make_answer(thread, cast.moderator, body="Of the moderator")
    await order.hide_post(first.id, by=await viewer_for(cast.moderator), reason=REASON)
    for post in (second, own):
        await order.hide_post(post.id, by=await viewer_for(cast.administrator), reason=REASON)
    data = ERASING | {"thread": str(thread.id), "post": [str(post.id) for post in (first, second, own)]}
    done = await (await visit(cast.moderator)).post("/moderation/several", data=data, headers=ORIGIN)
    assert "1 of 3 done" in done.text
    assert "somebody else has to erase it" in done.text
    assert "This is not yours to decide about" in done.text
    assert (await Post.get(id=first.id)).body == "Quixotic one"
    assert (await Post.get(id=own.id)).body == "Of the moderator"
    assert "Quixotic" not in (await Post.get(id=second.id)).body
