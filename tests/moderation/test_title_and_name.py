"""Staff change what a thread is called and tagged, and take a nickname off a post: with reason, log and notice."""

from __future__ import annotations

import pytest

from community.core.db import fetch
from community.decisions.models import LogEntry
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.notifications.models import Notification
from community.ranks import points
from community.threads import marks
from community.threads.models import Follow, Post, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_answer, make_thread, opening_of
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, deliver, only_log_entry, told


def titled(title: str, tags: str = "modem", version: int = 1, reason: str = REASON) -> dict[str, str]:
    return {"title": title, "tags": tags, "version": str(version), "reason": reason}


@pytest.mark.each_database
async def test_a_new_title_leads_on_from_the_old_address_and_keeps_what_it_was(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Help!!! Zanzibar", tags=("router", "help"))
    await deliver(search_engine)
    browser, guest = await visit(cast.moderator), await visit()
    url = f"/moderation/threads/{thread.id}/title"
    form = (await browser.get(url)).text
    assert 'value="Help!!! Zanzibar"' in form
    assert 'value="router, help"' in form
    sent = await browser.post(
        url, data=titled("Quixotic  lamp flickers", "Router, VPN Zugang"), headers=ORIGIN
    )
    assert (sent.status_code, sent.headers["location"]) == (
        303,
        f"/threads/{thread.id}-quixotic-lamp-flickers",
    )
    old = await guest.get(f"/threads/{thread.id}-{thread.slug}")
    assert (old.status_code, old.headers["location"]) == (301, f"/threads/{thread.id}-quixotic-lamp-flickers")
    page = (await guest.get(old.headers["location"])).text
    assert "Quixotic lamp flickers" in page
    assert 'tag=vpn-zugang"' in page
    tags = await fetch("SELECT name FROM thread_tags WHERE thread_id = :id ORDER BY name", {"id": thread.id})
    assert [row["name"] for row in tags] == ["router", "vpn-zugang"]
    opening = await opening_of(thread)
    history = await (await visit(cast.helper)).get(f"/posts/{opening.id}/history")
    assert "Help!!!" in history.text
    entry = await only_log_entry()
    assert (entry.act, entry.subject, entry.details) == (
        "retitle_thread",
        f"thread:{thread.id}",
        {"version": 1},
    )
    await deliver(search_engine)
    assert ("thread_retitled", REASON) in await told(cast.asker)
    assert "lamp flickers" in (await guest.get("/search?q=quixotic")).text
    assert "lamp flickers" not in (await guest.get("/search?q=zanzibar")).text


async def test_what_was_edited_meanwhile_is_not_overwritten_unseen(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Old title")
    browser = await visit(cast.moderator)
    url = f"/moderation/threads/{thread.id}/title"
    assert (await browser.post(url, data=titled("First", ""), headers=ORIGIN)).status_code == 303
    late = await browser.post(url, data=titled("Second", ""), headers=ORIGIN)
    assert late.status_code == 409
    assert "First" in late.text
    assert 'value="Second"' in late.text
    assert (await Thread.get(id=thread.id)).title == "First"
    assert (await browser.post(url, data=titled("Second", "", 2), headers=ORIGIN)).status_code == 303
    same = await browser.post(url, data=titled("Second", "", 3), headers=ORIGIN)
    assert same.status_code == 409
    for wrong in (titled("", "", 3), titled("Third", "", 3, reason="")):
        assert (await browser.post(url, data=wrong, headers=ORIGIN)).status_code == 422
    assert await LogEntry.all().count() == 2


async def test_only_moderators_who_read_the_space_change_titles(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.hidden_space, cast.asker)
    opening = await opening_of(thread)
    for member in (cast.asker, cast.marketing):
        browser = await visit(member)
        for url in (f"/moderation/threads/{thread.id}/title", f"/moderation/posts/{opening.id}/unlink"):
            assert (await browser.get(url)).status_code == 404
            assert (await browser.post(url, data=titled("x"), headers=ORIGIN)).status_code == 404


@pytest.mark.each_database
async def test_the_nickname_is_taken_off_everything_the_member_wrote_in_a_thread(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    own = await make_answer(thread, cast.asker, body="My own answer")
    opening = await opening_of(thread)
    for post in (opening, own):
        await give_kudos(post.id, by=cast.helper.id)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await deliver(search_engine)
    assert (await Member.get(id=cast.asker.id)).points > 0
    browser = await visit(cast.moderator)
    url = f"/moderation/posts/{own.id}/unlink"
    assert "Nobody can undo this" in (await browser.get(url)).text
    unknown = await browser.post(url, data={"reason": REASON, "whole": "1"}, headers=ORIGIN)
    assert unknown.status_code == 422
    data = {"reason": REASON, "whole": "1", "known": "1"}
    assert (await browser.post(url, data=data, headers=ORIGIN)).status_code == 303
    page = (await (await visit()).get(f"/threads/{thread.id}-{thread.slug}")).text
    assert cast.asker.nickname not in without_random(page)
    assert "Former member" in page
    assert await Post.filter(thread_id=thread.id, author_id=cast.asker.id).count() == 0
    assert (await Thread.get(id=thread.id)).author_id is None
    assert not await Follow.exists(thread_id=thread.id, member_id=cast.asker.id)
    entry = await only_log_entry()
    assert (entry.act, entry.subject, entry.details) == ("unlink_author", f"post:{own.id}", {"count": 2})
    await assert_figures_are_right()
    await deliver(search_engine)
    asker = await Member.get(id=cast.asker.id)
    assert (asker.kudos_count, asker.points) == (0, 0)
    assert not await points.recount()
    assert (await Post.get(id=own.id)).kudos_count == 1
    # The member is told, and nothing told to anybody leads from the posts to the nickname any more.
    assert ("post_unlinked", REASON) in await told(cast.asker)
    posts = [own.id, opening.id]
    assert not await Notification.filter(post_id__in=posts, member_id=cast.asker.id).exists()
    assert not await Notification.filter(post_id__in=posts, actor_id=cast.asker.id).exists()
    assert (await browser.get(url)).status_code == 403


async def test_staff_do_not_step_away_from_what_they_wrote_themselves(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.moderator)
    browser = await visit(cast.moderator)
    assert (await browser.get(f"/moderation/posts/{answer.id}/unlink")).status_code == 403
    page = (await browser.get(f"/posts/{answer.id}")).headers["location"]
    assert f"/moderation/posts/{answer.id}/unlink" not in (await browser.get(page.split("#")[0])).text
