"""Erasing what a post says, for good: after hiding it, with a typed word, and nothing of it is left anywhere."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.core.errors import RuleBroken
from community.core.viewer import Role
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement
from community.moderation.erasing import erase_post
from community.moderation.models import Appeal
from community.notifications.models import Notification
from community.spaces.models import Space
from community.threads import actions, order
from community.threads.merging import merge_threads
from community.threads.models import Post, Revision, Thread
from community.threads.splitting import NewThread, split_thread
from community.threads.undoing import UNDOABLE
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_member, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, told

DATA = {
    "ground": "law",
    "ground_name": "Section 185 (insult)",
    "reason": "A court has said so.",
    "word": "ERASE",
}


async def left_of(word: str) -> list[str]:
    """Where the word still stands, in all tables that hold texts of members or of staff."""
    places = {
        "posts": "body || body_html",
        "revisions": "title || body || tag_names",
        "threads": "title || slug || tag_names",
        "thread_tags": "name",
        "moderation_log": "reason || CAST(details AS TEXT)",
        "notifications": "note",
        "waiting_texts": "title || body || tags",
        "outbox_facts": "CAST(payload AS TEXT)",
    }
    found = []
    for table, texts in places.items():
        rows = await fetch(
            f"SELECT COUNT(*) AS n FROM {table} WHERE LOWER({texts}) LIKE :word", {"word": f"%{word}%"}
        )
        found += [table] if rows[0]["n"] else []
    return found


@pytest.mark.each_database
async def test_nothing_is_left_of_what_was_erased(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(
        cast.open_space, cast.asker, title="Quixotic title", body="A quixotic text", tags=("quixotic",)
    )
    answer = await make_answer(thread, cast.helper, body="An answer that stays")
    opening = await opening_of(thread)
    await actions.edit_post(
        opening.id, body="Another quixotic text", version=1, by=cast.asker.id, title="Quixotic still"
    )
    await deliver(search_engine)
    browser, url = await visit(cast.moderator), f"/moderation/posts/{opening.id}/erase"
    assert (await browser.get(url)).status_code == 200
    early = await browser.post(url, data=DATA, headers=ORIGIN)
    assert early.status_code == 409
    assert "hide it first" in early.text
    await order.hide_post(opening.id, by=await viewer_for(cast.moderator), reason=REASON)
    for wrong in ({"word": "erasing"}, {"ground": "none"}, {"ground_name": ""}, {"reason": ""}):
        assert (await browser.post(url, data=DATA | wrong, headers=ORIGIN)).status_code == 422
    sent = await browser.post(url, data=DATA, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, f"/posts/{opening.id}")
    await deliver(search_engine)
    assert await left_of("quixotic") == []
    assert await Revision.all().count() == 0
    entry = await LogEntry.get(act="erase_post")
    assert (entry.subject, entry.details) == (
        f"post:{opening.id}",
        {"ground": "law", "ground_name": "Section 185 (insult)"},
    )
    assert "erase_post" not in UNDOABLE
    assert ("post_erased", "A court has said so.") in await told(cast.asker)
    # Restored, the answers of others can be read again, under a sentence in the place of the question.
    await order.restore_post(opening.id, by=await viewer_for(cast.moderator), reason=REASON)
    await deliver(search_engine)
    guest, now = await visit(), await Thread.get(id=thread.id)
    page = (await guest.get(f"/threads/{now.id}-{now.slug}")).text
    assert "This text was erased by the moderators." in page
    assert "An answer that stays" in page
    found = (await guest.get("/search?q=quixotic")).text
    assert f"/threads/{now.id}" not in found
    assert (await Post.get(id=answer.id)).body == "An answer that stays"
    await assert_figures_are_right()


async def test_where_two_are_asked_for_whoever_hid_it_does_not_erase_it(cast: Cast, visit: Visit) -> None:
    await Space.filter(id=cast.open_space.id).update(erasures_wait=True)
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, body="Quixotic")
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    url = f"/moderation/posts/{answer.id}/erase"
    refused = await (await visit(cast.moderator)).post(url, data=DATA, headers=ORIGIN)
    assert refused.status_code == 409
    assert (await Post.get(id=answer.id)).body == "Quixotic"
    sent = await (await visit(cast.administrator)).post(url, data=DATA, headers=ORIGIN)
    assert sent.status_code == 303
    assert (await Post.get(id=answer.id)).body != "Quixotic"


async def test_only_moderators_erase_and_nobody_their_own(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.moderator)
    for member, status in ((cast.asker, 404), (cast.marketing, 404), (cast.moderator, 403)):
        browser = await visit(member)
        assert (await browser.get(f"/moderation/posts/{answer.id}/erase")).status_code == status


async def test_its_author_reads_why_and_objects_though_it_cannot_come_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, body="Quixotic")
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason=REASON, is_prompted=True)
    staff = await visit(cast.moderator)
    await staff.post(f"/moderation/posts/{answer.id}/erase", data=DATA, headers=ORIGIN)
    await deliver(search_engine)
    statement = await Statement.get(act="erase_post")
    assert (statement.member_id, statement.is_prompted) == (cast.helper.id, True)
    url = f"/decisions/{statement.id}"
    assert (await Notification.get(member_id=cast.helper.id, kind="post_erased")).place == url
    author = await visit(cast.helper)
    page = (await author.get(url)).text
    for part in ("Your post was erased", "A court has said so.", "Section 185 (insult)", "reported it"):
        assert part in page
    assert "uixotic" not in page
    text = "What I wrote was true, and the court spoke about somebody else."
    assert (await author.post(f"{url}/appeal", data={"text": text}, headers=ORIGIN)).status_code == 303
    appeal = await Appeal.get()
    other, decide = await visit(cast.administrator), f"/moderation/appeals/{appeal.id}"
    assert "What was erased cannot come back." in (await other.get(decide)).text
    data = {"decision": "grant", "reason": "That court decision is about another post."}
    assert (await staff.post(f"{decide}/decide", data=data, headers=ORIGIN)).status_code == 409
    assert (await other.post(f"{decide}/decide", data=data, headers=ORIGIN)).status_code == 303
    page = (await author.get(url)).text
    assert "Your objection was right. What was erased cannot come back, but you can write it again." in page
    assert (await Post.get(id=answer.id)).body == "This text was erased by the moderators."


async def test_nobody_gets_past_the_second_person_by_carrying_the_post_elsewhere(cast: Cast) -> None:
    """Moved, merged or split into a space that asks for nobody: whoever did it, or hid it, does not erase it."""
    await Space.filter(id=cast.open_space.id).update(erasures_wait=True)
    by, colleague = await viewer_for(cast.moderator), await viewer_for(cast.administrator)

    async def moved() -> Post:
        thread = await make_thread(cast.open_space, cast.asker)
        answer = await make_answer(thread, cast.helper, body="Quixotic")
        await order.move_thread(thread.id, to_space=cast.members_space.id, by=by, reason=REASON)
        return answer

    async def merged() -> Post:
        thread = await make_thread(cast.open_space, cast.asker)
        answer = await make_answer(thread, cast.helper, body="Quixotic")
        into = await make_thread(cast.members_space, cast.colleague)
        await merge_threads(thread.id, into=into.id, by=by, reason=REASON, opening_up=True)
        return answer

    async def split() -> Post:
        thread = await make_thread(cast.open_space, cast.asker)
        answer = await make_answer(thread, cast.helper, body="Quixotic")
        new = NewThread(cast.members_space.id, "Another matter")
        await split_thread(thread.id, [answer.id], to=new, by=by, reason=REASON, opening_up=True)
        return answer

    for carry in (moved, merged, split):
        answer = await carry()
        await order.hide_post(answer.id, by=colleague, reason=REASON)
        for person in (by, colleague):
            with pytest.raises(RuleBroken):
                await erase_post(answer.id, ground=Ground(GroundKind.LAW, "§ 1"), by=person, reason=REASON)
        assert (await Post.get(id=answer.id)).body == "Quixotic"
        third = await make_member("third", role=Role.MODERATOR)
        await erase_post(
            answer.id, ground=Ground(GroundKind.LAW, "§ 1"), by=await viewer_for(third), reason=REASON
        )
        await third.delete()
        assert (await Post.get(id=answer.id)).body != "Quixotic"


async def test_what_is_erased_is_erased_once(cast: Cast, search_engine: SearchEngine) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper, body="Quixotic")
    by = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=by, reason=REASON)
    await erase_post(answer.id, ground=Ground(GroundKind.LAW, "§ 1"), by=by, reason=REASON)
    with pytest.raises(RuleBroken, match="erased already"):
        await erase_post(answer.id, ground=Ground(GroundKind.LAW, "§ 1"), by=by, reason=REASON)
    await deliver(search_engine)
    assert await LogEntry.filter(act="erase_post").count() == 1
    assert [kind for kind, _reason in await told(cast.helper)].count("post_erased") == 1


async def test_the_title_goes_also_where_the_post_was_carried_on_since(cast: Cast) -> None:
    """Merged away with its title, then split off again: the row of the first thread must not keep its words."""
    thread = await make_thread(cast.open_space, cast.asker, title="Quixotic title")
    into = await make_thread(cast.open_space, cast.colleague)
    by = await viewer_for(cast.moderator)
    opening = await opening_of(thread)
    await merge_threads(thread.id, into=into.id, by=by, reason=REASON)
    await split_thread(
        into.id, [opening.id], to=NewThread(cast.open_space.id, "Neutral"), by=by, reason=REASON
    )
    await order.hide_post(opening.id, by=by, reason=REASON)
    await erase_post(opening.id, ground=Ground(GroundKind.LAW, "§ 1"), by=by, reason=REASON)
    titles = [row.title for row in await Thread.all()]
    assert not any("Quixotic" in title or title == "Neutral" for title in titles), titles
