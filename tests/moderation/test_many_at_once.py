"""One act on many at once: a spam wave is hidden with one reason, told once, and undone together."""

from __future__ import annotations

import re

import pytest

from community.core.errors import RuleBroken
from community.decisions.batches import get_batch
from community.decisions.models import Batch, LogEntry, Statement
from community.kudos.actions import give_kudos
from community.moderation.bulk import Wish, act_on_many, undo_many
from community.ranks import points
from community.threads import marks, order
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_comment, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told


@pytest.mark.each_database
async def test_a_wave_of_one_member_is_hidden_and_undone_together(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    other = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(other, cast.outsider, body=f"Quixotic {n}") for n in range(4)]
    own = await make_thread(cast.members_space, cast.outsider, title="Zanzibar offer")
    comment = await make_comment(await make_answer(other, cast.helper), cast.outsider)
    await give_kudos(answers[0].id, by=cast.helper.id)
    await marks.accept_solution(answers[0].id, by=cast.asker.id)
    await deliver(search_engine)
    browser = await visit(cast.moderator)
    page = (await browser.get(f"/moderation/several?member={cast.outsider.nickname}&hours=24")).text
    opening = await opening_of(own)
    ids = [*(post.id for post in answers), opening.id, comment.id]
    for post_id in ids:
        assert re.search(rf'name="post" value="{post_id}"[^>]* checked', page), post_id
    # Somebody else is quicker with one of them.
    await order.hide_post(answers[1].id, by=await viewer_for(cast.administrator), reason=REASON)
    scope = {"member": cast.outsider.nickname, "hours": "24"}
    data = scope | {"post": [str(each) for each in ids], "act": "hide_post", "reason": "Advertising."}
    asked = await browser.post("/moderation/several", data=data, headers=ORIGIN)
    assert asked.status_code == 422
    assert "Please choose on what the decision rests." in asked.text
    assert not await Post.filter(id__in=[answers[0].id, comment.id]).exclude(hidden_at=None).count()
    data |= {"ground": "advertising"}
    done = await browser.post("/moderation/several", data=data, headers=ORIGIN)
    assert done.status_code == 200
    assert "5 of 6 done" in done.text
    assert "This is hidden already." in done.text
    assert await Post.filter(id__in=ids, hidden_at=None).count() == 1  # the opening post of the hidden thread
    assert (await Thread.get(id=own.id)).hidden_at is not None
    assert (await Thread.get(id=other.id)).status == "open"
    batch = await Batch.all().get()
    entries = await LogEntry.filter(reason="Advertising.")
    assert sorted(entry.id for entry in entries) == sorted(batch.entries)
    assert {entry.details["batch"] for entry in entries} == {batch.id}
    assert {entry.details["ground"] for entry in entries} == {"advertising"}
    stated = await Statement.filter(member_id=cast.outsider.id, facts="Advertising.")
    assert [each.ground for each in stated] == ["advertising"] * 5
    await assert_figures_are_right()
    await deliver(search_engine)
    assert not await points.recount()
    assert [each for each in await told(cast.outsider) if each[1] == "Advertising."] == [
        ("posts_hidden", "Advertising.")
    ]
    undo = f"/moderation/batches/{batch.id}/undo"
    assert undo in done.text
    assert "5 steps of the log" in (await browser.get(undo)).text
    await order.restore_post(comment.id, by=await viewer_for(cast.administrator), reason=REASON)
    back = await browser.post(undo, data={"reason": "It was none."}, headers=ORIGIN)
    assert "4 of 5 done" in back.text
    assert (await Thread.get(id=other.id)).status == "solved"
    assert (await Thread.get(id=own.id)).hidden_at is None
    await assert_figures_are_right()
    await deliver(search_engine)
    assert not await points.recount()
    assert ("posts_restored", "It was none.") in await told(cast.outsider)
    # Undone once more it restricts again, so it is asked on what that rests.
    restored = await Batch.filter(act="undo").get()
    again = f"/moderation/batches/{restored.id}/undo"
    assert 'name="ground"' in (await browser.get(again)).text
    assert (await browser.post(again, data={"reason": REASON}, headers=ORIGIN)).status_code == 422
    law = {"reason": REASON, "ground": "law", "ground_name": "Section 185 (insult)"}
    assert "Done for all of them (4)" in (await browser.post(again, data=law, headers=ORIGIN)).text
    assert await Statement.filter(ground="law", ground_name="Section 185 (insult)").count() == 4


async def test_threads_of_a_space_are_locked_and_moved_together(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    threads = [await make_thread(cast.open_space, cast.asker) for _ in range(3)]
    openings = [await opening_of(thread) for thread in threads]
    answer = await make_answer(threads[0], cast.helper)
    browser, url = await visit(cast.moderator), "/moderation/several"
    page = (await browser.get(f"{url}?space={cast.open_space.slug}")).text
    assert all(f'value="{post.id}"' in page for post in openings)
    assert f'value="{answer.id}"' not in page
    data = {
        "space": cast.open_space.slug,
        "post": [str(post.id) for post in [*openings, answer]],
        "act": "move_thread",
        "reason": REASON,
    }
    assert (await browser.post(url, data=data, headers=ORIGIN)).status_code == 422
    moved = await browser.post(url, data=data | {"space_to": cast.members_space.slug}, headers=ORIGIN)
    assert "Done for all of them (3)" in moved.text
    assert await Thread.filter(space_id=cast.members_space.id).count() == 3
    await browser.post(url, data=data | {"act": "lock_thread", "ground": "place"}, headers=ORIGIN)
    assert await Thread.filter(locked_at=None).count() == 0
    await deliver(search_engine)
    kinds = [kind for kind, note in await told(cast.asker) if note == REASON]
    assert sorted(kinds) == ["threads_locked", "threads_moved"]
    for batch in await Batch.all().order_by("-at"):
        await undo_many(await get_batch(batch.id), by=await viewer_for(cast.moderator), reason=REASON)
    assert await Thread.filter(space_id=cast.open_space.id, locked_at=None).count() == 3
    await assert_figures_are_right()


async def test_nobody_reaches_beyond_what_is_theirs(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator)
    await order.hide_post(answer.id, by=await viewer_for(cast.administrator), reason=REASON)
    moderator = await viewer_for(cast.moderator)
    done = await act_on_many(Wish("restore_post", by=moderator, reason=REASON), [answer.id, 4711])
    assert [bool(outcome.problem) for outcome in done.outcomes] == [True, True]
    assert (done.id, await Batch.all().count()) == (0, 0)
    article = await make_thread(cast.blog, cast.moderator)
    opening = await opening_of(article)
    moved = await act_on_many(
        Wish("move_thread", by=moderator, reason=REASON, to_space=cast.open_space.id), [opening.id]
    )
    assert moved.outcomes[0].problem
    for act, ids in (
        ("erase_everything", [opening.id]),
        ("hide_post", []),
        ("hide_post", list(range(1, 202))),
        ("erase_post", [opening.id]),
    ):
        with pytest.raises(RuleBroken):
            await act_on_many(Wish(act, by=moderator, reason=REASON), ids)
    for member in (cast.asker, cast.marketing):
        browser = await visit(member)
        assert (await browser.get(f"/moderation/several?thread={thread.id}")).status_code == 404
        assert (await browser.get("/moderation/batches/1/undo")).status_code == 404
    browser = await visit(cast.moderator)
    assert (await browser.get("/moderation/batches/1/undo")).status_code == 404
    for query in ("", "?thread=1", "?space=nowhere", "?member=Nobody", "?member=Asker&hours=x"):
        assert (await browser.get(f"/moderation/several{query}")).status_code == 404
    assert (await browser.get(f"/moderation/several?thread={thread.id}")).status_code == 200
