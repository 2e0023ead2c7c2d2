"""The nickname of an erased member goes out of sources: these say the same, so nothing is raised."""

from __future__ import annotations

import asyncio

import pytest

from community.core.db import in_transaction
from community.core.viewer import Viewer
from community.faq import actions
from community.faq.causes import take_over_draft
from community.faq.freshness import look_at
from community.faq.models import EntrySource
from community.faq.rewording import follow_body
from community.faq.rules import source_fingerprint
from community.personal_data import replacing
from community.personal_data.erasure import erase_member
from community.threads import merging
from community.threads.actions import edit_post
from community.threads.models import Post, Thread
from tests.cast import Cast, make_cast
from tests.databases import until_somebody_waits
from tests.factories import make_account, make_member, make_thread, opening_of, viewer_for
from tests.faq.entries import SOLUTION, causes_of, make_draft, make_solved, publish

MENTIONING = f"As @Qxzorina says:\n\n{SOLUTION}"


async def _published(cast: Cast, title: str) -> tuple[int, Thread, Post]:
    thread, answer = await make_solved(
        cast.open_space, cast.asker, cast.helper, title=title, body=f"{MENTIONING}\n{title}"
    )
    entry_id = await make_draft(cast, thread, question="How do I load the profile again?")
    await publish(cast, entry_id)
    return entry_id, thread, answer


@pytest.mark.each_database
async def test_a_nickname_that_goes_is_no_edit_of_the_source(cast: Cast) -> None:
    member, moderator = await make_member("Qxzorina"), await viewer_for(cast.moderator)
    await make_account(member)
    plain, thread, answer = await _published(cast, "The trick of @Qxzorina")
    edited, _thread, changed = await _published(cast, "Edited")
    merged, from_thread, _answer = await _published(cast, "Merged, says @Qxzorina")
    await edit_post(changed.id, body=f"{MENTIONING}\nThe third step is new.", version=1, by=cast.helper.id)
    target = await make_thread(cast.open_space, cast.outsider, title="Red light")
    await merging.merge_threads(from_thread.id, into=target.id, by=moderator, reason="The same.")
    entries = [plain, edited, merged]
    await look_at(entries)
    before = [await _kinds(moderator, entry_id) for entry_id in entries]
    assert before == [set(), {"edited"}, {"carried"}]

    await erase_member(await viewer_for(member), with_texts=False, language="en")
    await replacing.carry_on()
    for post in (answer, changed):
        assert "Qxzorina" not in (await Post.get(id=post.id)).body
    assert (await Thread.get(id=thread.id)).title == "The trick of former member"
    await look_at(entries)
    assert [await _kinds(moderator, entry_id) for entry_id in entries] == before
    # What was an edit before still shows what it has changed.
    (cause,) = await causes_of(moderator, edited)
    assert cause.before is not None
    assert cause.before.body == f"{MENTIONING}\nEdited".replace("@Qxzorina", "former member")

    # Whatever else changes the words counts as ever.
    opening = await opening_of(thread)
    await edit_post(
        opening.id, body="It blinks green.", version=opening.version, by=cast.asker.id, title="Green"
    )
    await look_at([plain])
    assert await _kinds(moderator, plain) == {"edited"}
    assert await EntrySource.filter(entry_id=plain).count() == 2


@pytest.mark.parametrize("database_kind", ["postgresql"], indirect=True, scope="session")
async def test_a_release_in_the_same_moment_is_kept(fresh_database: str) -> None:
    cast = await make_cast()
    entry_id, _thread, answer = await _published(cast, "The trick")
    source = await EntrySource.get(entry_id=entry_id, post_id=answer.id)
    drafted = source_fingerprint("answer", "", "The text in work.")
    await EntrySource.filter(id=source.id).update(draft_fingerprint=drafted)
    begins = asyncio.Event()

    async def scrub() -> None:
        await begins.wait()
        async with in_transaction():
            await follow_body(answer.id, answer.body, "As former member says")

    scrubbing = asyncio.create_task(scrub())
    async with in_transaction():
        await actions.lock_entry(entry_id)
        await take_over_draft(entry_id)
        begins.set()
        await until_somebody_waits()
    await scrubbing
    released = await EntrySource.get(id=source.id)
    assert (released.fingerprint, released.draft_fingerprint) == (drafted, "")


async def _kinds(viewer: Viewer, entry_id: int) -> set[str]:
    return {cause.kind for cause in await causes_of(viewer, entry_id)}
