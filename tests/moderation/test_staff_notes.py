"""Private notes of staff: for moderators alone, warned about identities, and without a trace for everybody else."""

from __future__ import annotations

import re

import pytest

from community.decisions.models import LogEntry
from community.moderation.models import StaffNote
from community.moderation.notes import Subject, add_note
from community.personal_data.download import gather
from community.personal_data.erasure import erase_member
from tests.cast import Cast
from tests.factories import make_account, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def test_a_note_on_a_thread_is_read_by_colleagues(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    url = f"/moderation/threads/{thread.id}/notes"
    writer, colleague = await visit(cast.moderator), await visit(cast.administrator)
    answer = await writer.post(url, data={"body": "Asked engineering about it."}, headers=ORIGIN)
    assert answer.headers["location"] == url
    page = (await colleague.get(url)).text
    assert "Asked engineering about it." in page
    assert "Jana K." in page
    assert "Notes of the team (1)" in (await colleague.get(f"/threads/{thread.id}-{thread.slug}")).text


async def test_a_note_on_a_nickname_stands_on_the_profile_for_moderators(cast: Cast, visit: Visit) -> None:
    writer = await visit(cast.moderator)
    answer = await writer.post(
        "/moderation/members/Asker/notes", data={"body": "Answers late."}, headers=ORIGIN
    )
    assert answer.status_code == 303
    assert "Notes of the team (1)" in (await writer.get("/members/Asker")).text
    assert "Answers late." in (await writer.get("/moderation/members/Asker/notes")).text
    assert "Notes of the team" not in (await writer.get("/members/tom")).text


@pytest.mark.each_database
async def test_nobody_else_can_tell_that_there_are_notes(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    paths = (
        f"/threads/{thread.id}-{thread.slug}",
        "/members/Asker",
        "/",
        f"/spaces/{cast.open_space.slug}",
        "/notifications",
        "/search?q=unmistakable",
        f"/feeds/threads/{thread.id}.atom",
    )
    people = (None, cast.asker, cast.outsider, cast.marketing)
    browsers = [await visit(person) if person else await visit() for person in people]

    async def answers() -> list[str]:
        found = [(await browser.get(path)).text for browser in browsers for path in paths]
        # The key that keeps a form from being sent twice is a new one each time.
        return [re.sub(r'(name="submission"[^>]*value=")[^"]*', r"\1", text) for text in found]

    before = await answers()
    by = await viewer_for(cast.moderator)
    note_id = await add_note(Subject(thread_id=thread.id), "Unmistakable note", by=by)
    await add_note(Subject(member_id=cast.asker.id), "Unmistakable note", by=by)
    assert await answers() == before
    for browser in browsers:
        for path in (
            f"/moderation/threads/{thread.id}/notes",
            "/moderation/members/Asker/notes",
            f"/moderation/notes/{note_id}",
        ):
            assert (await browser.get(path)).status_code == 404
            assert (await browser.post(path, data={"body": "Mine"}, headers=ORIGIN)).status_code == 404


async def test_what_could_tell_who_somebody_is_is_asked_about(cast: Cast, visit: Visit) -> None:
    writer, url = await visit(cast.moderator), "/moderation/members/Asker/notes"
    text = "Call them: 0228 1234567 or mail@their-company.de"
    asked = await writer.post(url, data={"body": text}, headers=ORIGIN)
    assert asked.status_code == 422
    assert "<mark>mail@their-company.de</mark>" in asked.text
    assert "Call them: 0228" in asked.text
    assert not await StaffNote.exists()
    saved = await writer.post(url, data={"body": text, "confirm": "1"}, headers=ORIGIN)
    assert saved.status_code == 303
    assert (await writer.post(url, data={"body": " "}, headers=ORIGIN)).status_code == 422


async def test_the_author_changes_a_note_and_deleting_one_is_in_the_log(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    note_id = await add_note(Subject(thread_id=thread.id), "First words", by=await viewer_for(cast.moderator))
    author, chief, url = (
        await visit(cast.moderator),
        await visit(cast.administrator),
        f"/moderation/notes/{note_id}",
    )
    assert (await chief.post(url, data={"body": "Their words"}, headers=ORIGIN)).status_code == 403
    assert (await author.post(url, data={"body": "Other words"}, headers=ORIGIN)).status_code == 303
    assert (await StaffNote.get(id=note_id)).text == "Other words"
    assert (await chief.post(f"{url}/delete", headers=ORIGIN)).status_code == 303
    assert not await StaffNote.exists()
    entry = await LogEntry.get(act="delete_note")
    assert (entry.subject, entry.actor_id) == (f"thread:{thread.id}", cast.administrator.id)
    assert "words" not in f"{entry.reason}{entry.details}"
    assert (await author.post(f"{url}/delete", headers=ORIGIN)).status_code == 404


async def test_members_get_what_is_noted_about_them_without_who_noted_it(cast: Cast) -> None:
    await make_account(cast.asker)
    by = await viewer_for(cast.moderator)
    await add_note(Subject(member_id=cast.asker.id), "Answers late.", by=by)
    await add_note(Subject(member_id=cast.helper.id), "About another.", by=by)
    viewer = await viewer_for(cast.asker)
    (note,) = (await gather(viewer))["staff_notes"]
    assert note["text"] == "Answers late."  # type: ignore[index]
    assert "Jana" not in str(note)
    await erase_member(viewer, with_texts=False, language="en")
    assert [note.text for note in await StaffNote.all()] == ["About another."]
