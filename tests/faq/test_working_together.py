"""Being on an entry of the FAQ in any state, and what editors say to each other about it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import execute, fetch
from community.core.errors import RuleBroken
from community.decisions.claims import TakenBySomebody
from community.faq import actions, editorial
from community.faq.claims import list_holders
from community.faq.scheduling import release_due, schedule_release
from community.faq.taking import give_back, take_entry
from community.moderation.queue import Wanted, count_work, list_work
from community.notifications.models import Notification
from community.notifications.queries import list_notifications
from community.threads import order
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_member, opening_of, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, deliver, told


async def _draft(cast: Cast) -> int:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    return await make_draft(cast, thread)


@pytest.mark.each_database
async def test_a_draft_is_taken_by_one_and_kept_through_their_edits_and_not_in_the_queue(cast: Cast) -> None:
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await take_entry(entry_id, by=moderator)
    text = (await editorial.get_editorial(moderator, entry_id)).text
    for late in (
        take_entry(entry_id, by=administrator),
        actions.edit_entry(entry_id, text, version=1, by=administrator),
        actions.withdraw_entry(entry_id, by=administrator, reason="Wrong"),
    ):
        with pytest.raises(TakenBySomebody, match="is on it"):
            await late
    await actions.edit_entry(entry_id, text, version=1, by=moderator)
    assert (await list_holders([entry_id]))[entry_id][0] == cast.moderator.id
    assert await list_work(administrator, Wanted()) == []
    assert (await count_work(administrator)).of(Wanted()).number == 0
    await give_back(entry_id, by=administrator)
    assert await list_holders([entry_id])
    await give_back(entry_id, by=moderator)
    assert await list_holders([entry_id]) == {}
    await take_entry(entry_id, by=administrator)
    await give_back(entry_id, by=administrator)
    assert await fetch("SELECT 1 FROM work_items WHERE kind = 'draft'") == []


async def test_in_review_it_is_taken_by_those_who_may_release_it(cast: Cast) -> None:
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await take_entry(entry_id, by=moderator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    assert await list_holders([entry_id]) == {}
    with pytest.raises(RuleBroken, match="Somebody else"):
        await take_entry(entry_id, by=moderator)
    await take_entry(entry_id, by=administrator)
    assert [row.holder_id for row in await list_work(administrator, Wanted())] == [cast.administrator.id]
    await actions.release_entry(entry_id, version=1, by=administrator)
    assert await list_holders([entry_id]) == {}


async def test_the_desk_and_the_list_say_who_is_on_it(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    url = f"/moderation/faq/{entry_id}"
    browser, other = await visit(cast.moderator), await visit(cast.administrator)
    assert (await browser.post(f"{url}/take", data={}, headers=ORIGIN)).status_code == 303
    assert "You are on it" in (await browser.get(url)).text
    refused = await other.post(f"{url}/take", data={}, headers=ORIGIN)
    assert refused.status_code == 409
    assert "Jana K. is on it." in refused.text
    assert "Jana K. is on it" in (await other.get("/moderation/faq")).text
    assert (await browser.post(f"{url}/give-back", data={}, headers=ORIGIN)).status_code == 303
    assert f'action="{url}/take"' in (await other.get(url)).text


async def test_editors_comment_on_a_version_and_colleagues_named_are_told(cast: Cast, visit: Visit) -> None:
    entry_id = await _draft(cast)
    colleague = await make_member("Kollegin", role="moderator", staff_name="Kim K.")
    browser, url = await visit(cast.moderator), f"/moderation/faq/{entry_id}"
    added = await browser.post(
        f"{url}/notes", data={"body": "@Kollegin is the second step still right?"}, headers=ORIGIN
    )
    assert added.headers["location"] == f"{url}#comments"
    text = (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).text
    await actions.edit_entry(entry_id, text, version=1, by=await viewer_for(cast.moderator))
    await browser.post(f"{url}/notes", data={"body": "Changed it."}, headers=ORIGIN)
    page = (await (await visit(colleague)).get(url)).text
    assert page.index("is the second step still right?") < page.index("Changed it.")
    assert page.index("Version 1") < page.index("Version 2")
    facts = await fetch("SELECT payload FROM outbox_facts WHERE name = 'note.addressed'")
    assert len(facts) == 1
    for who in (None, cast.asker, cast.marketing):
        hidden = await visit(who)
        assert (await hidden.get(f"{url}/notes")).status_code == 404
        assert "second step" not in (await hidden.get(f"/faq/{entry_id}")).text


async def test_editors_learn_what_becomes_of_a_version_that_they_work_on(
    cast: Cast, search_engine: SearchEngine
) -> None:
    entry_id = await _draft(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    await actions.send_back(entry_id, version=1, by=administrator, reason="Too long.")
    colleague = await viewer_for(await make_member("Kollegin", role="moderator", staff_name="Kim K."))
    later = now() + timedelta(hours=1)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    await schedule_release(entry_id, version=1, at=later, by=administrator)
    await actions.send_back(entry_id, version=1, by=colleague, reason="Too short.")
    await actions.send_for_review(entry_id, version=1, by=moderator)
    await schedule_release(entry_id, version=1, at=later, by=administrator)
    other, _answer = await make_solved(cast.open_space, cast.asker, cast.helper, title="Red light")
    await actions.add_sources(entry_id, [other.id], by=colleague)
    await actions.send_for_review(entry_id, version=1, by=moderator)
    await schedule_release(entry_id, version=1, at=later, by=administrator)
    await execute("UPDATE faq_schedules SET due_at = :due", {"due": now() - timedelta(seconds=1)})
    await order.hide_post((await opening_of(other)).id, by=moderator, reason="Asked for.")
    await release_due()
    await deliver(search_engine)
    assert await told(cast.moderator) == [
        ("entry_sent_back", "Too long."),
        ("entry_sent_back", "Too short."),
        ("entry_rests_on_more", ""),
        ("entry_not_released", ""),
    ]
    assert await told(cast.administrator) == [
        ("entry_sent_back", "Too short."),
        ("entry_rests_on_more", ""),
        ("entry_not_released", ""),
    ]
    assert {row.place for row in await Notification.filter(member_id=cast.moderator.id)} == {
        f"/moderation/faq/{entry_id}"
    }
    # It is not for whoever has left the team.
    assert len(await list_notifications(moderator)) == 4
    await execute("UPDATE members SET role = 'customer' WHERE id = :id", {"id": cast.moderator.id})
    assert await list_notifications(await viewer_for(cast.moderator)) == []
