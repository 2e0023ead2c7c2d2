"""Internal comments: below the post for those who keep order, told to colleagues they turn to, and to nobody else."""

from __future__ import annotations

import re

import pytest

from community.core.viewer import Role
from community.decisions.grounds import NETIQUETTE
from community.decisions.models import LogEntry
from community.members.models import Member
from community.moderation import erasing, notes
from community.moderation.models import StaffNote
from community.moderation.notes import Subject, add_note, change_note
from community.notifications.models import Notification
from community.notifications.queries import count_unread, list_notifications
from community.personal_data.download import gather
from community.personal_data.erasure import erase_member
from community.threads import order
from search import SearchEngine
from tests.cast import Cast
from tests.factories import (
    make_account,
    make_answer,
    make_comment,
    make_member,
    make_thread,
    opening_of,
    viewer_for,
)
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, deliver, flag, told
from tests.web.test_thread_page import Statements

SAID = "Unmistakable: engineering knows of it."


@pytest.mark.each_database
async def test_it_stands_below_the_post_and_in_the_item_of_the_queue(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    comment = await make_comment(answer, cast.outsider)
    writer, colleague = await visit(cast.moderator), await visit(cast.administrator)
    url = f"/moderation/posts/{answer.id}/notes"
    page = (await writer.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert f'href="{url}"' in page
    assert "only the team sees this" not in page
    form = (await writer.get(url)).text
    assert "Internal comments on the post by Helper" in form
    assert "@tom (Tom B.)" in form
    sent = await writer.post(url, data={"body": SAID}, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, url)
    await add_note(Subject(post_id=comment.id), "About the remark.", by=await viewer_for(cast.moderator))
    await flag(answer, cast.outsider)
    for address in (f"/threads/{thread.id}-{thread.slug}", f"/moderation/posts/{answer.id}", url):
        page = (await colleague.get(address)).text
        assert SAID in page
        assert "Jana K." in page
    page = (await colleague.get(f"/threads/{thread.id}-{thread.slug}")).text
    assert "Internal: only the team sees this" in page
    assert page.index(SAID) < page.index("About the remark.")
    assert "on the comment by Outsider" in page
    # What is said about the comment is changed where it is said.
    own = f"/moderation/posts/{comment.id}/notes"
    links = re.findall(r'href="(/moderation/posts/[0-9]+/notes)">Say more', page)
    assert links == [url, own]
    assert f'href="{own}">Internal comments' in page
    assert (await writer.post(url, data={"body": " "}, headers=ORIGIN)).status_code == 422
    assert "data-mentions" not in form
    assert "they are told: @tom (Tom B.)" in form


@pytest.mark.each_database
async def test_many_of_them_do_not_push_out_the_newest(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    by = await viewer_for(cast.moderator)
    for number in range(4):
        await add_note(Subject(thread_id=thread.id), f"About the thread, {number}.", by=by)
    for number in range(4):
        await add_note(Subject(post_id=answer.id), f"About the post, {number}.", by=by)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(notes, "MOST_NOTES", 3)
        count, found = await notes.list_on_page(thread.id, [answer.id], by)
    assert count == 4
    assert await notes.list_on_page(thread.id, [], by) == (4, {})
    assert [note.text for note in found[answer.id]] == [f"About the post, {number}." for number in (1, 2, 3)]


@pytest.mark.each_database
async def test_nobody_else_can_tell_that_there_are_any(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    paths = (
        f"/threads/{thread.id}-{thread.slug}",
        f"/posts/{answer.id}",
        "/members/Helper",
        f"/spaces/{cast.open_space.slug}",
        "/notifications",
        "/search?q=unmistakable",
        f"/feeds/threads/{thread.id}.atom",
    )
    people = (None, cast.asker, cast.helper, cast.marketing)
    browsers = [await visit(person) if person else await visit() for person in people]

    async def answers() -> list[str]:
        found = [(await browser.get(path)).text for browser in browsers for path in paths]
        # The key that keeps a form from being sent twice is a new one each time.
        return [re.sub(r'(name="submission"[^>]*value=")[^"]*', r"\1", text) for text in found]

    before = await answers()
    note_id = await add_note(
        Subject(post_id=answer.id), f"{SAID} @Helper", by=await viewer_for(cast.moderator)
    )
    # Seen by a moderator first, so that what is remembered of the page would be theirs.
    assert SAID in (await (await visit(cast.moderator)).get(paths[0])).text
    assert await answers() == before
    for browser in browsers:
        for path in (f"/moderation/posts/{answer.id}/notes", f"/moderation/notes/{note_id}"):
            assert (await browser.get(path)).status_code == 404
            assert (await browser.post(path, data={"body": "Mine"}, headers=ORIGIN)).status_code == 404
        assert (await browser.post(f"/moderation/notes/{note_id}/delete", headers=ORIGIN)).status_code == 404
    assert "nmistakable" not in str(await gather(await viewer_for(cast.helper)))
    assert await StaffNote.all().count() == 1


async def test_a_page_asks_no_more_because_of_them(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answers = [await make_answer(thread, cast.helper) for _number in range(5)]
    browsers = [await visit(), await visit(cast.asker), await visit(cast.moderator)]
    counts = []
    for _round in range(2):
        for browser in browsers:
            await browser.get(f"/threads/{thread.id}-{thread.slug}")
            with Statements() as statements:
                await browser.get(f"/threads/{thread.id}-{thread.slug}")
            counts.append(len(statements.seen))
            assert any("staff_notes" in each for each in statements.seen) == (browser is browsers[2])
        for answer in answers:
            await add_note(Subject(post_id=answer.id), SAID, by=await viewer_for(cast.moderator))
    assert counts[:3] == counts[3:]


@pytest.mark.each_database
async def test_a_colleague_it_turns_to_is_told_once_and_not_what_it_says(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.hidden_space, cast.colleague)
    answer = await make_answer(thread, cast.colleague)
    third = await make_member("tessa", role=Role.MODERATOR, staff_name="Tessa T.")
    by = await viewer_for(cast.moderator)
    text = f"{SAID} @tom, @Helper and @{cast.moderator.nickname}: what do you think?"
    note_id = await add_note(Subject(post_id=answer.id), text, by=by)
    await deliver(search_engine)
    assert await told(cast.administrator) == [("note_addressed", "")]
    for other in (cast.helper, cast.moderator, third, cast.colleague):
        assert "note_addressed" not in [kind for kind, _note in await told(other)]
    assert (await Notification.get(kind="note_addressed")).mail_due_at is None
    browser = await visit(cast.administrator)
    page = (await browser.get("/notifications")).text
    assert "Jana K. turns to you in an internal comment" in page
    assert SAID not in page
    notification = await Notification.get(kind="note_addressed")
    there = await browser.post(f"/notifications/{notification.id}", headers=ORIGIN)
    assert there.headers["location"] == f"/moderation/posts/{answer.id}/notes"
    # Said again, only whoever is new learns of it; so it is with notes on a thread.
    await change_note(note_id, f"{text} And @tessa?", by=by)
    await add_note(Subject(thread_id=thread.id), "@tessa, have a look.", by=by)
    await deliver(search_engine)
    assert await told(cast.administrator) == [("note_addressed", "")]
    assert await told(third) == [("note_addressed", "")] * 2


@pytest.mark.each_database
@pytest.mark.parametrize("hidden", ["answer", "thread"])
async def test_what_is_hidden_is_told_to_the_team_alone(
    cast: Cast, visit: Visit, search_engine: SearchEngine, hidden: str
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp flickers")
    answer = await make_answer(thread, cast.helper)
    by = await viewer_for(cast.moderator)
    post = answer if hidden == "answer" else await opening_of(thread)
    await order.hide_post(post.id, by=by, reason="It names somebody.")
    await add_note(Subject(post_id=answer.id), f"{SAID} @tom, may it come back?", by=by)
    await deliver(search_engine)
    browser = await visit(cast.administrator)
    page = (await browser.get("/notifications")).text
    assert "Jana K. turns to you in an internal comment" in page
    assert "Zanzibar lamp flickers" in page
    assert await count_unread(await viewer_for(cast.administrator)) == 1
    notification = await Notification.get(kind="note_addressed")
    there = await browser.post(f"/notifications/{notification.id}", headers=ORIGIN)
    assert there.headers["location"] == f"/moderation/posts/{answer.id}/notes"
    assert SAID in (await browser.get(there.headers["location"])).text
    await order.restore_post(post.id, by=by, reason="It names nobody.")
    # Whoever has left the team does not see it any more, hidden or not.
    await Member.filter(id=cast.administrator.id).update(role="member")
    viewer = await viewer_for(await Member.get(id=cast.administrator.id))
    assert await list_notifications(viewer) == []
    assert await count_unread(viewer) == 0


async def test_its_author_deletes_it_and_that_stands_in_the_log(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    note_id = await add_note(Subject(post_id=answer.id), SAID, by=await viewer_for(cast.moderator))
    third = await visit(await make_member("tessa", role=Role.MODERATOR, staff_name="Tessa T."))
    assert (await third.post(f"/moderation/notes/{note_id}/delete", headers=ORIGIN)).status_code == 403
    author = await visit(cast.moderator)
    sent = await author.post(f"/moderation/notes/{note_id}/delete", headers=ORIGIN)
    assert sent.headers["location"] == f"/moderation/posts/{answer.id}/notes"
    assert not await StaffNote.exists()
    entry = await LogEntry.get(act="delete_note")
    assert (entry.subject, entry.space_id) == (f"post:{answer.id}", cast.open_space.id)
    assert "nmistakable" not in f"{entry.reason}{entry.details}"


@pytest.mark.each_database
async def test_it_goes_with_what_the_post_said(cast: Cast, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    erased, kept = await make_answer(thread, cast.helper), await make_answer(thread, cast.outsider)
    by = await viewer_for(cast.moderator)
    for post in (erased, kept):
        await add_note(Subject(post_id=post.id), SAID, by=by)
    await order.hide_post(erased.id, by=by, reason="It names somebody.")
    await erasing.erase_post(erased.id, ground=NETIQUETTE, by=by, reason="It names somebody.")
    await deliver(search_engine)
    assert [note.post_id for note in await StaffNote.all()] == [kept.id]  # type: ignore[attr-defined]
    await make_account(cast.outsider)
    await erase_member(await viewer_for(cast.outsider), with_texts=True, language="en")
    assert not await StaffNote.exists()
