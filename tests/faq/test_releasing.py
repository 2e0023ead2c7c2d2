"""Four eyes: nobody releases what they have written, whatever the way."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from community.core.db import fetch, fetch_one
from community.core.errors import Conflict, NotFound, RuleBroken
from community.decisions.work import WorkKind
from community.faq import actions, editorial
from community.faq.feedback import give_feedback
from community.faq.models import Entry, EntrySource
from community.faq.permissions import can_release_entry
from community.faq.queries import get_entry, list_releasers, list_writers
from community.indexing import faq_documents
from community.moderation.claiming import claim_item, release_item
from community.moderation.queue import Wanted, list_work
from community.spaces.models import Space
from community.threads import order
from community.threads.models import Thread
from tests.cast import Cast, make_cast
from tests.factories import make_member, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved, publish, seen_by
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def _draft(cast: Cast, space: Space | None = None, **changes: object) -> int:
    thread, _answer = await make_solved(space or cast.open_space, cast.asker, cast.helper)
    return await make_draft(cast, thread, **changes)


async def test_a_second_person_publishes_an_entry(cast: Cast) -> None:
    entry_id = await _draft(cast)
    await publish(cast, entry_id)
    entry = await get_entry(await viewer_for(None), entry_id)
    assert entry.question == "Router lost its profile"
    assert "<strong>Load profile</strong>" in entry.html
    assert entry.checked_role == "administrator"
    release = await fetch_one("SELECT * FROM releases WHERE subject = :s", {"s": f"faq:{entry_id}"})
    assert release is not None
    assert (release["drafted_by"], release["released_by"]) == (cast.moderator.id, cast.administrator.id)
    facts = await fetch("SELECT name FROM outbox_facts WHERE name LIKE 'faq.%'")
    assert [fact["name"] for fact in facts] == ["faq.published"]


async def test_nobody_releases_their_own_version(cast: Cast) -> None:
    entry_id = await _draft(cast)
    moderator = await viewer_for(cast.moderator)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.administrator))
    assert not can_release_entry(moderator, await editorial.get_editorial(moderator, entry_id))
    with pytest.raises(RuleBroken):
        await actions.release_entry(entry_id, version=1, by=moderator)
    assert (await editorial.get_editorial(moderator, entry_id)).stage == "in_review"


async def test_an_edit_during_the_review_ends_it_and_bars_all_who_wrote_since_the_last_release(
    cast: Cast,
) -> None:
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    text = (await editorial.get_editorial(administrator, entry_id)).text
    await actions.edit_entry(entry_id, replace(text, question="Mine"), version=1, by=administrator)
    # Neither the version that waited nor the new one can be released by whoever has just edited.
    with pytest.raises(Conflict):
        await actions.release_entry(entry_id, version=1, by=administrator)
    with pytest.raises(Conflict):
        await actions.release_entry(entry_id, version=2, by=administrator)
    await actions.send_for_review(entry_id, version=2, by=moderator)
    # Each of the two has written something of what would be published.
    for writer in (administrator, moderator):
        assert not can_release_entry(writer, await editorial.get_editorial(writer, entry_id))
        assert await list_work(writer, Wanted(kind="faq")) == []
        with pytest.raises(RuleBroken):
            await actions.release_entry(entry_id, version=2, by=writer)
    third = await viewer_for(await make_member("third", role="moderator", staff_name="Tessa T."))
    assert [row.number for row in await list_work(third, Wanted(kind="faq"))] == [entry_id]
    await actions.release_entry(entry_id, version=2, by=third)
    assert (await get_entry(moderator, entry_id)).question == "Mine"
    # What was released is nobody's draft any more: whoever wrote in it before may release what a colleague adds.
    await actions.edit_entry(entry_id, replace(text, question="Hers"), version=2, by=third)
    await actions.send_for_review(entry_id, version=3, by=third)
    with pytest.raises(RuleBroken):
        await actions.release_entry(entry_id, version=3, by=third)
    await actions.release_entry(entry_id, version=3, by=administrator)
    assert (await get_entry(moderator, entry_id)).question == "Hers"


@pytest.mark.each_database
async def test_who_comes_second_is_told_who_is_on_it(cast: Cast, visit: Visit) -> None:
    entry_id = await _draft(cast)
    third = await make_member("third", role="moderator", staff_name="Tessa T.")
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    await claim_item(WorkKind.FAQ, f"faq:{entry_id}", by=await viewer_for(third))
    url = f"/moderation/faq/{entry_id}"
    browser = await visit(cast.administrator)
    page = (await browser.get(url)).text
    assert "Tessa T. is on it" in page
    assert f"{url}/release" not in page
    assert f"{url}/send-back" not in page
    for act in ("release", "send-back"):
        sent = {"version": "1", "reason": "Too long for a phone."}
        late = await browser.post(f"{url}/{act}", data=sent, headers=ORIGIN)
        assert late.status_code == 409, act
        assert "Tessa T. is on it." in late.text, act
    assert "Too long for a phone." in late.text
    assert (await editorial.get_editorial(await viewer_for(third), entry_id)).stage == "in_review"
    await release_item(WorkKind.FAQ, f"faq:{entry_id}", by=await viewer_for(third))
    done = await browser.post(f"{url}/release", data={"version": "1"}, headers=ORIGIN)
    assert done.status_code == 303
    assert (await editorial.get_editorial(await viewer_for(third), entry_id)).is_public


@pytest.mark.each_database
async def test_whoever_took_up_or_saved_an_unchanged_text_may_release_what_others_wrote(cast: Cast) -> None:
    entry_id = await make_published(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await actions.withdraw_entry(entry_id, by=administrator, reason="To be looked at")
    version = await actions.restore_entry(entry_id, by=administrator)
    text = (await editorial.get_editorial(administrator, entry_id)).text
    version = await actions.edit_entry(entry_id, text, version=version, by=administrator)
    assert await list_writers(entry_id) == {cast.moderator.id}
    version = await actions.edit_entry(
        entry_id, replace(text, question="Mine"), version=version, by=moderator
    )
    await actions.send_for_review(entry_id, version=version, by=moderator)
    assert [row.number for row in await list_work(administrator, Wanted(kind="faq"))] == [entry_id]
    await actions.release_entry(entry_id, version=version, by=administrator)
    assert await list_releasers(entry_id) == {cast.administrator.id}


async def test_who_is_on_it_is_not_overtaken_by_an_edit_or_a_withdrawal(cast: Cast, visit: Visit) -> None:
    entry_id = await _draft(cast)
    third = await make_member("third", role="moderator", staff_name="Tessa T.")
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    await claim_item(WorkKind.FAQ, f"faq:{entry_id}", by=await viewer_for(third))
    url = f"/moderation/faq/{entry_id}"
    browser = await visit(cast.administrator)
    page = (await browser.get(url)).text
    assert 'value="save"' not in page
    assert f"{url}/withdraw" not in page
    text = (await editorial.get_editorial(await viewer_for(third), entry_id)).text
    fields = {
        "question": "How do I load the profile again?",
        "short_answer": text.short_answer,
        "steps": text.steps,
        "category": str(text.category_id),
        "language": text.language,
        "audience": text.audience,
        "version": "1",
    }
    for path, sent in (
        ("", fields | {"do": "save"}),
        ("/review", fields | {"do": "review"}),
        ("/withdraw", {"reason": "Too long for a phone."}),
    ):
        late = await browser.post(f"{url}{path}", data=sent, headers=ORIGIN)
        assert late.status_code == 409, path
        assert "Tessa T. is on it." in late.text, path
        assert sent.get("question", "Too long for a phone.") in late.text, path
    entry = await editorial.get_editorial(await viewer_for(third), entry_id)
    assert (entry.stage, entry.version) == ("in_review", 1)
    # What a report or an objection leads to does not wait for an editor.
    administrator = await viewer_for(cast.administrator)
    await actions.withdraw_entry(entry_id, by=administrator, reason="Wrong", is_prompted=True)
    assert (await editorial.get_editorial(administrator, entry_id)).stage == "withdrawn"


async def test_taking_up_a_withdrawn_entry_does_not_go_around_the_second_person(cast: Cast) -> None:
    entry_id = await make_published(cast)
    administrator = await viewer_for(cast.administrator)
    await actions.withdraw_entry(entry_id, by=administrator, reason="To be looked at")
    version = await actions.restore_entry(entry_id, by=administrator)
    await actions.send_for_review(entry_id, version=version, by=administrator)
    with pytest.raises(RuleBroken):
        await actions.release_entry(entry_id, version=version, by=administrator)


async def test_a_draft_is_not_released_without_a_review(cast: Cast) -> None:
    entry_id = await _draft(cast)
    with pytest.raises(Conflict):
        await actions.release_entry(entry_id, version=1, by=await viewer_for(cast.administrator))


async def test_an_entry_that_is_sent_back_is_a_draft_again_with_the_reason_in_the_log(cast: Cast) -> None:
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    with pytest.raises(RuleBroken):
        await actions.send_back(entry_id, version=1, by=administrator, reason=" ")
    await actions.send_back(entry_id, version=1, by=administrator, reason="Too long")
    assert (await editorial.get_editorial(moderator, entry_id)).stage == "draft"
    row = await fetch_one("SELECT reason FROM moderation_log WHERE act = 'faq.sent_back'")
    assert row is not None
    assert row["reason"] == "Too long"


async def test_an_entry_without_a_category_does_not_go_into_review(cast: Cast) -> None:
    entry_id = await _draft(cast, category_id=None)
    with pytest.raises(RuleBroken):
        await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))


@pytest.mark.parametrize(
    ("space", "audience", "needs_yes"),
    [
        ("open_space", "public", False),
        ("members_space", "public", True),
        ("members_space", "members", False),
        ("hidden_space", "public", True),
        ("hidden_space", "members", True),
    ],
)
async def test_a_person_says_yes_to_sources_that_the_readers_may_not_read(
    cast: Cast, space: str, audience: str, needs_yes: bool
) -> None:
    entry_id = await _draft(cast, getattr(cast, space), audience=audience)
    moderator = await viewer_for(cast.moderator)
    if needs_yes:
        with pytest.raises(RuleBroken):
            await actions.send_for_review(entry_id, version=1, by=moderator)
        assert (await editorial.get_editorial(moderator, entry_id)).stage == "draft"
    seen = await seen_by(moderator, entry_id)
    await actions.send_for_review(entry_id, version=1, by=moderator, cleared=needs_yes, seen=seen)
    assert (await Entry.get(id=entry_id)).cleared_by == (moderator.id if needs_yes else None)


async def test_a_yes_is_for_what_its_giver_has_seen_and_may_read(cast: Cast) -> None:
    entry_id, moderator = await _draft(cast, cast.members_space), await viewer_for(cast.moderator)
    seen = await seen_by(moderator, entry_id)
    thread = await Thread.get(id=(await EntrySource.filter(entry_id=entry_id))[0].thread_id)  # type: ignore[attr-defined]
    await order.move_thread(thread.id, to_space=cast.hidden_space.id, by=moderator, reason="Asked for.")
    yes = {"version": 1, "cleared": True}
    # It was read in a space for members, and stands in an exclusive one by now.
    with pytest.raises(Conflict):
        await actions.send_for_review(entry_id, by=moderator, seen=seen, **yes)
    spaces = tuple(i for i in moderator.readable_space_ids if i != cast.hidden_space.id)
    outside = replace(moderator, readable_space_ids=spaces)
    with pytest.raises(RuleBroken, match="gives nothing away"):
        await actions.send_for_review(entry_id, by=outside, seen=await seen_by(outside, entry_id), **yes)
    assert {row.draft_accepted for row in await EntrySource.all()} == {""}
    seen = await seen_by(moderator, entry_id)
    # For whom the text is, the form may change itself: that is no change of a source.
    text = replace((await editorial.get_editorial(moderator, entry_id)).text, audience="members")
    await actions.edit_entry(entry_id, text, version=1, by=moderator, seen=seen)
    await actions.send_for_review(entry_id, version=2, by=moderator, seen=seen, cleared=True)
    await actions.release_entry(entry_id, version=2, by=await viewer_for(cast.administrator))


async def test_an_edit_takes_back_the_yes(cast: Cast) -> None:
    entry_id = await _draft(cast, cast.hidden_space)
    moderator = await viewer_for(cast.moderator)
    seen = await seen_by(moderator, entry_id)
    await actions.send_for_review(entry_id, version=1, by=moderator, cleared=True, seen=seen)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=moderator)
    with pytest.raises(RuleBroken):
        await actions.send_for_review(entry_id, version=2, by=moderator)


async def test_a_source_moved_out_of_reach_during_the_review_stops_the_release(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    thread.space_id = cast.hidden_space.id
    await thread.save()
    with pytest.raises(RuleBroken):
        await actions.release_entry(entry_id, version=1, by=await viewer_for(cast.administrator))


async def test_a_withdrawn_entry_is_gone_from_pages_and_search(cast: Cast) -> None:
    entry_id = await make_published(cast)
    assert [document.title for document in await faq_documents([entry_id])] == ["Router lost its profile"]
    moderator = await viewer_for(cast.moderator)
    with pytest.raises(RuleBroken):
        await actions.withdraw_entry(entry_id, by=moderator, reason="")
    await actions.withdraw_entry(entry_id, by=moderator, reason="Outdated")
    for member in (None, cast.asker, cast.moderator):
        with pytest.raises(NotFound):
            await get_entry(await viewer_for(member), entry_id)
    assert await faq_documents([entry_id]) == []


async def test_what_is_for_members_is_indexed_for_members(cast: Cast) -> None:
    entry_id = await make_published(cast, audience="members")
    (document,) = await faq_documents([entry_id])
    assert document.audience == 1
    await get_entry(await viewer_for(cast.outsider), entry_id)
    with pytest.raises(NotFound):
        await get_entry(await viewer_for(None), entry_id)


@pytest.mark.each_database
async def test_of_two_who_release_at_the_same_moment_one_wins(fresh_database: str) -> None:
    cast = await make_cast()
    entry_id = await _draft(cast)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    second = await viewer_for(cast.administrator)
    other = replace(second, id=cast.marketing.id)
    results = await asyncio.gather(
        actions.release_entry(entry_id, version=1, by=second),
        actions.release_entry(entry_id, version=1, by=other),
        return_exceptions=True,
    )
    assert sorted(type(result).__name__ for result in results) == ["Conflict", "NoneType"]
    rows = await fetch("SELECT 1 FROM releases")
    changes = await fetch("SELECT change FROM faq_changes")
    assert (len(rows), [row["change"] for row in changes]) == (1, ["published"])


@pytest.mark.each_database
async def test_a_release_and_an_edit_at_the_same_moment_never_publish_the_unread_text(
    fresh_database: str,
) -> None:
    cast = await make_cast()
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    await asyncio.gather(
        actions.edit_entry(entry_id, replace(text, question="Unread"), version=1, by=moderator),
        actions.release_entry(entry_id, version=1, by=administrator),
        return_exceptions=True,
    )
    row = await fetch_one("SELECT published_question, state, newer_state FROM faq_entries")
    assert row is not None
    assert row["published_question"] in ("", "Router lost its profile")
    assert (row["state"], row["newer_state"]) in (("draft", ""), ("published", "draft"))


@pytest.mark.each_database
async def test_a_member_who_answers_twice_at_the_same_moment_counts_once(fresh_database: str) -> None:
    cast = await make_cast()
    entry_id = await make_published(cast)
    asker = await viewer_for(cast.asker)
    await asyncio.gather(*(give_feedback(entry_id, helpful=number % 2 == 0, by=asker) for number in range(6)))
    row = await fetch_one("SELECT helpful_count, unhelpful_count FROM faq_entries")
    said = await fetch_one(
        "SELECT COUNT(*) AS n, SUM(CASE WHEN helpful THEN 1 ELSE 0 END) AS yes FROM faq_feedback"
    )
    assert row is not None
    assert said is not None
    assert said["n"] == 1
    assert (row["helpful_count"], row["unhelpful_count"]) == (said["yes"], 1 - said["yes"])
