"""Drafting and editing: every version is kept, nothing typed is lost, the public reads what was released."""

from __future__ import annotations

from dataclasses import replace

import pytest

from community.core.db import fetch, fetch_one
from community.core.errors import Conflict, NotFound, RuleBroken
from community.faq import actions, editorial
from community.faq.feedback import give_feedback
from community.faq.listing import count_by_stage, list_editorial
from community.faq.queries import get_entry, list_for_thread
from community.faq.source_queries import list_editorial_sources, seen_of
from community.threads.actions import edit_post
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved, publish


async def test_a_draft_keeps_its_sources_with_what_they_said(cast: Cast) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    editor = await viewer_for(cast.moderator)
    sources = await list_editorial_sources(editor, entry_id)
    assert [source.post.kind for source in sources] == ["opening", "answer"]
    assert not any(source.changed for source in sources)
    await edit_post(answer.id, body="Something else now.", version=1, by=cast.helper.id)
    changed = await list_editorial_sources(editor, entry_id)
    assert [source.changed for source in changed] == [False, True]


async def test_an_unsolved_thread_makes_no_draft(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    with pytest.raises(RuleBroken):
        await make_draft(cast, thread)


async def test_a_draft_is_nobodys_but_the_editors(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    for member in (None, cast.helper, cast.marketing):
        viewer = await viewer_for(member)
        with pytest.raises(NotFound):
            await get_entry(viewer, entry_id)
        with pytest.raises(NotFound):
            await editorial.get_editorial(viewer, entry_id)
        assert await list_for_thread(viewer, thread.id) == ((), {})


async def test_an_edit_of_an_older_version_is_refused_and_changes_nothing(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    assert await actions.edit_entry(entry_id, replace(text, question="First"), version=1, by=moderator) == 2
    with pytest.raises(Conflict):
        await actions.edit_entry(entry_id, replace(text, question="Second"), version=1, by=administrator)
    entry = await editorial.get_editorial(moderator, entry_id)
    assert (entry.text.question, entry.version, entry.edited_by) == ("First", 2, cast.moderator.id)


async def test_every_saved_text_is_kept(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, question="Shorter"), version=1, by=editor)
    revisions = await editorial.list_entry_revisions(editor, entry_id)
    assert [(row.version, row.text.question, row.editor) for row in revisions] == [
        (2, "Shorter", "Jana K."),
        (1, "Router lost its profile", "Jana K."),
    ]


async def test_the_public_reads_the_released_text_while_a_new_version_waits(cast: Cast) -> None:
    entry_id = await make_published(cast)
    guest, editor = await viewer_for(None), await viewer_for(cast.moderator)
    before = await get_entry(guest, entry_id)
    text = (await editorial.get_editorial(editor, entry_id)).text
    new = replace(text, question="New wording", short_answer="Other.", steps="- x", audience="members")
    await actions.edit_entry(entry_id, new, version=1, by=editor)
    assert await get_entry(guest, entry_id) == before
    await actions.send_for_review(entry_id, version=2, by=editor)
    assert await get_entry(guest, entry_id) == before
    entry = await editorial.get_editorial(editor, entry_id)
    assert (entry.state, entry.stage, entry.published) == ("published", "in_review", text)
    await actions.release_entry(entry_id, version=2, by=await viewer_for(cast.administrator))
    after = await get_entry(editor, entry_id)
    assert (after.question, after.short_answer, after.url) == (
        "New wording",
        "Other.",
        f"/faq/{entry_id}-new-wording",
    )
    with pytest.raises(NotFound):
        await get_entry(guest, entry_id)


async def test_fingerprints_are_renewed_only_by_an_editor_who_has_seen_the_change(cast: Cast) -> None:
    thread, answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    seen_before = seen_of(await list_editorial_sources(editor, entry_id))
    await edit_post(answer.id, body="Something else now.", version=1, by=cast.helper.id)
    await actions.edit_entry(entry_id, text, version=1, by=editor, seen=seen_before)
    sources = await list_editorial_sources(editor, entry_id)
    assert [source.changed for source in sources] == [False, True]
    await actions.edit_entry(entry_id, text, version=2, by=editor, seen=seen_of(sources))
    sources = await list_editorial_sources(editor, entry_id)
    assert [source.changed for source in sources] == [False, False]


async def test_a_withdrawn_entry_is_not_edited_before_it_is_taken_up_again(cast: Cast) -> None:
    entry_id = await make_published(cast)
    editor = await viewer_for(cast.moderator)
    text = (await editorial.get_editorial(editor, entry_id)).text
    await actions.withdraw_entry(entry_id, by=editor, reason="Wrong since the new firmware")
    with pytest.raises(RuleBroken):
        await actions.edit_entry(entry_id, text, version=1, by=editor)
    assert await actions.restore_entry(entry_id, by=editor) == 2
    assert (await editorial.get_editorial(editor, entry_id)).stage == "draft"
    await publish(cast, entry_id, version=2)
    assert (await get_entry(await viewer_for(None), entry_id)).question == "Router lost its profile"


async def test_feedback_counts_once_for_a_member_and_each_time_for_guests(cast: Cast) -> None:
    entry_id = await make_published(cast)
    asker, guest = await viewer_for(cast.asker), await viewer_for(None)
    await give_feedback(entry_id, helpful=False, by=asker, reason="At first")
    await give_feedback(entry_id, helpful=True, by=asker)
    await give_feedback(entry_id, helpful=False, by=guest, reason="Too short")
    await give_feedback(entry_id, helpful=False, by=guest)
    row = await fetch_one(
        "SELECT helpful_count, unhelpful_count FROM faq_entries WHERE id = :id", {"id": entry_id}
    )
    assert row is not None
    assert (row["helpful_count"], row["unhelpful_count"]) == (1, 2)
    reasons = await editorial.list_feedback(await viewer_for(cast.moderator), entry_id)
    assert [feedback.reason for feedback in reasons] == ["Too short"]


async def test_counts_say_where_entries_stand(cast: Cast) -> None:
    published = await make_published(cast)
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper, title="Another one")
    draft = await make_draft(cast, thread)
    editor = await viewer_for(cast.moderator)
    counts = await count_by_stage(editor)
    assert (counts["published"], counts["draft"], counts["in_review"]) == (1, 1, 0)
    lines = await list_editorial(editor)
    assert {line.id for line in lines} == {published, draft}
    assert [line.id for line in await list_editorial(editor, thread_id=thread.id)] == [draft]
    assert await fetch("SELECT 1 FROM faq_changes WHERE entry_id = :id", {"id": draft}) == []
