"""A release that takes effect later: exactly that version, once, or not at all."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import execute, fetch, fetch_one
from community.core.errors import RuleBroken
from community.faq import actions, editorial
from community.faq.schedules import list_schedules
from community.faq.scheduling import release_due, schedule_release, take_back_schedule
from community.moderation.queue import Wanted, list_work
from tests.cast import Cast, make_cast
from tests.factories import viewer_for
from tests.faq.entries import make_draft, make_solved
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN


async def _in_review(cast: Cast) -> int:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    entry_id = await make_draft(cast, thread)
    await actions.send_for_review(entry_id, version=1, by=await viewer_for(cast.moderator))
    return entry_id


async def _scheduled(cast: Cast) -> int:
    entry_id = await _in_review(cast)
    await schedule_release(
        entry_id, version=1, at=now() + timedelta(hours=1), by=await viewer_for(cast.administrator)
    )
    return entry_id


async def _let_time_pass() -> None:
    await execute("UPDATE faq_schedules SET due_at = :due", {"due": now() - timedelta(seconds=1)})


async def _stage(cast: Cast, entry_id: int) -> str:
    return (await editorial.get_editorial(await viewer_for(cast.moderator), entry_id)).stage


async def _waiting(cast: Cast) -> list[int]:
    rows = await list_work(await viewer_for(cast.administrator), Wanted(kind="faq"))
    return [row.number for row in rows]


@pytest.mark.each_database
async def test_two_workers_release_what_is_due_once_in_the_name_of_whoever_said_yes(
    fresh_database: str,
) -> None:
    cast = await make_cast()
    entry_id = await _scheduled(cast)
    assert await _waiting(cast) == []
    await release_due()
    assert await _stage(cast, entry_id) == "in_review"
    await _let_time_pass()
    await asyncio.gather(release_due(), release_due())
    assert await _stage(cast, entry_id) == "published"
    rows = await fetch("SELECT released_by, version FROM releases")
    assert [tuple(row) for row in rows] == [(cast.administrator.id, 1)]
    assert len(await fetch("SELECT 1 FROM faq_changes")) == 1
    assert await list_schedules([entry_id]) == {}
    acts = await fetch("SELECT actor_id FROM moderation_log WHERE act = 'faq.released'")
    assert [row["actor_id"] for row in acts] == [cast.administrator.id]


@pytest.mark.parametrize("step", ["edit", "send_back", "withdraw", "take_back"])
async def test_whatever_happens_before_takes_it_back(cast: Cast, step: str) -> None:
    entry_id = await _scheduled(cast)
    moderator = await viewer_for(cast.moderator)
    if step == "edit":
        text = (await editorial.get_editorial(moderator, entry_id)).text
        await actions.edit_entry(entry_id, text, version=1, by=moderator)
    elif step == "send_back":
        await actions.send_back(entry_id, version=1, by=moderator, reason="Too long")
    elif step == "withdraw":
        await actions.withdraw_entry(entry_id, by=moderator, reason="Wrong")
    else:
        await take_back_schedule(entry_id, by=moderator)
    assert await list_schedules([entry_id]) == {}
    assert await _waiting(cast) == ([entry_id] if step == "take_back" else [])
    await release_due()
    assert await _stage(cast, entry_id) != "published"
    row = await fetch_one("SELECT actor_id FROM moderation_log WHERE act = 'faq.unscheduled'")
    assert row is not None
    assert row["actor_id"] == cast.moderator.id


async def test_a_yes_of_somebody_who_edits_no_more_counts_no_more(cast: Cast) -> None:
    entry_id = await _scheduled(cast)
    await execute("UPDATE members SET role = 'marketing' WHERE id = :id", {"id": cast.administrator.id})
    await _let_time_pass()
    await release_due()
    await release_due()
    assert await _stage(cast, entry_id) == "in_review"
    assert (await list_schedules([entry_id]))[entry_id].has_failed
    assert len(await fetch("SELECT 1 FROM work_items WHERE kind = 'faq'")) == 1
    assert len(await fetch("SELECT 1 FROM moderation_log WHERE act = 'faq.schedule_failed'")) == 1


async def test_a_source_moved_out_of_reach_meanwhile_stops_it(cast: Cast) -> None:
    entry_id = await _scheduled(cast)
    await execute("UPDATE threads SET space_id = :id", {"id": cast.hidden_space.id})
    await _let_time_pass()
    await release_due()
    assert await _stage(cast, entry_id) == "in_review"
    assert await _waiting(cast) == [entry_id]


async def test_what_nobody_may_release_now_nobody_schedules(cast: Cast) -> None:
    entry_id = await _in_review(cast)
    moderator, administrator = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    with pytest.raises(RuleBroken, match="Somebody else"):
        await schedule_release(entry_id, version=1, at=now() + timedelta(hours=1), by=moderator)
    for at in (now() - timedelta(minutes=1), now() + timedelta(days=400)):
        with pytest.raises(RuleBroken, match="within a year"):
            await schedule_release(entry_id, version=1, at=at, by=administrator)
    assert await list_schedules([entry_id]) == {}


async def test_in_the_browser_the_moment_is_chosen_in_the_time_zone_of_the_site(
    cast: Cast, visit: Visit
) -> None:
    entry_id = await _in_review(cast)
    browser, url = await visit(cast.administrator), f"/moderation/faq/{entry_id}"
    assert "Europe/Berlin" in (await browser.get(url)).text
    for typed in ("", "soon", "2020-01-01T10:00"):
        refused = await browser.post(
            f"{url}/schedule", data={"version": "1", "release_at": typed}, headers=ORIGIN
        )
        assert refused.status_code == 422
        assert f'value="{typed}"' in refused.text
    winter = f"{now().year + 1}-01-10T09:30" if now().month > 6 else f"{now().year}-12-10T09:30"
    sent = await browser.post(f"{url}/schedule", data={"version": "1", "release_at": winter}, headers=ORIGIN)
    assert sent.status_code == 303
    due = (await list_schedules([entry_id]))[entry_id].due_at
    assert due.strftime("%Y-%m-%dT%H:%M") == winter.replace("09:30", "08:30")
    assert "09:30" in (await browser.get("/moderation/faq")).text
    page = (await (await visit(cast.moderator)).get(url)).text
    assert "Whoever changes it before takes that back" in page
    assert f'action="{url}/unschedule"' in page
    taken = await browser.post(f"{url}/unschedule", data={}, headers=ORIGIN)
    assert taken.status_code == 303
    assert await list_schedules([entry_id]) == {}
