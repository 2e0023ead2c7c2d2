"""Whether an entry helped, why not, and what whoever is still stuck can do."""

from __future__ import annotations

import re

import pytest
from starlette.types import ASGIApp

from community.core.db import fetch_one
from community.faq.feedback import give_feedback, sign_answer
from tests.cast import Cast
from tests.factories import viewer_for
from tests.faq.entries import make_published
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN
from tests.web.noted import noted_uses

SCRIPT = {"HX-Request": "true"} | ORIGIN


async def _said() -> list[int]:
    row = await fetch_one("SELECT helpful_count, unhelpful_count FROM faq_entries")
    rows = await fetch_one("SELECT COUNT(*) AS n FROM faq_feedback")
    assert row is not None
    assert rows is not None
    return [row["helpful_count"], row["unhelpful_count"], rows["n"]]


async def _reasons() -> tuple[str, str]:
    row = await fetch_one("SELECT reasons, reason FROM faq_feedback")
    assert row is not None
    return row["reasons"], row["reason"]


@pytest.mark.each_database
async def test_a_member_says_no_why_and_changes_their_mind(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    member, url = await visit(cast.asker), f"/faq/{entry_id}/feedback"
    answer = await member.post(url, data={"helpful": "no"}, headers=ORIGIN)
    assert answer.status_code == 303
    page = (await member.get(answer.headers["location"])).text
    assert 'name="reason-outdated"' in page
    assert f"/faq/{entry_id}/stuck?to=ask" in page
    told = {
        "helpful": "no",
        "step": "no",
        "reason-outdated": "1",
        "reason-steps": "1",
        "reason": "Menu is gone",
    }
    answer = await member.post(url, data=told, headers=ORIGIN)
    assert "make the entry better" in (await member.get(answer.headers["location"])).text
    assert await _reasons() == ("outdated,steps", "Menu is gone")
    assert await _said() == [0, 1, 1]
    again = (await member.get(f"/faq/{entry_id}", follow_redirects=True)).text
    assert 'name="reason-outdated" value="1" checked' in again
    assert "Menu is gone" in again
    await member.post(url, data={"helpful": "yes"}, headers=ORIGIN)
    assert await _said() == [1, 0, 1]
    assert await _reasons() == ("", "")


async def test_a_guest_counts_once_a_day_and_can_say_why(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    guest, url = await visit(), f"/faq/{entry_id}/feedback"
    answered = await guest.post(url, data={"helpful": "no"}, headers=ORIGIN)
    assert answered.status_code == 200
    answer = re.findall(r'name="answer" value="([^"]+)"', answered.text)[0]
    told = {"helpful": "no", "step": "no", "reason-unclear": "1", "answer": answer}
    assert (await guest.post(url, data=told, headers=ORIGIN)).status_code == 303
    assert await _reasons() == ("unclear", "")
    second = await guest.post(url, data={"helpful": "no", "reason": "So"}, headers=ORIGIN)
    assert "one answer a day is counted" in (await guest.get(second.headers["location"])).text
    assert await _said() == [0, 1, 1]
    number, _point, sign = answer.partition(".")
    for forged in (f"{number}.{'0' * 32}", f"{int(number) + 1}.{sign}", "x"):
        assert (await guest.post(url, data=told | {"answer": forged}, headers=ORIGIN)).status_code == 404


async def test_nobody_adds_reasons_to_the_answer_of_a_member(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    number = await give_feedback(entry_id, helpful=False, by=await viewer_for(cast.asker))
    told = {"helpful": "no", "reason": "Mine", "answer": sign_answer(number)}
    answer = await (await visit()).post(f"/faq/{entry_id}/feedback", data=told, headers=ORIGIN)
    assert answer.status_code == 404
    assert await _reasons() == ("", "")


async def test_scripts_get_the_part_of_the_page_alone(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    answer = await (await visit(cast.asker)).post(
        f"/faq/{entry_id}/feedback", data={"helpful": "no"}, headers=SCRIPT
    )
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith("<section")
    assert "<html" not in answer.text


async def test_too_long_a_line_loses_nothing(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast)
    member, url = await visit(cast.asker), f"/faq/{entry_id}/feedback"
    too_long = {"helpful": "no", "step": "no", "reason": "x" * 501}
    answer = await member.post(url, data=too_long, headers=ORIGIN)
    assert answer.status_code == 422
    assert "x" * 501 in answer.text
    assert (await member.post(url, data={}, headers=ORIGIN)).status_code == 422
    assert (await member.post("/faq/1/feedback", data={"helpful": "no"}, headers=ORIGIN)).status_code == 404


async def test_whoever_is_still_stuck_asks_and_the_form_knows_what_was_read(
    cast: Cast, visit: Visit, app: ASGIApp
) -> None:
    entry_id = await make_published(cast)
    member, noted = await visit(cast.asker), noted_uses(app)
    answer = await member.get(f"/faq/{entry_id}/stuck?to=ask")
    assert answer.status_code == 303
    page = (await member.get(answer.headers["location"])).text
    assert "You come from the FAQ entry" in page
    assert f'name="after" value="faq-{entry_id}"' in page
    asked = {
        "title": "Router lost its profile again",
        "space": cast.open_space.slug,
        "body": "Loading it again did not help at all.",
        "after": f"faq-{entry_id}",
    }
    assert (await member.post("/ask", data=asked, headers=ORIGIN)).status_code == 303
    found = await member.get(f"/faq/{entry_id}/stuck?to=search")
    assert "/search?q=Router" in found.headers["location"]
    assert (await member.get(f"/faq/{entry_id}/stuck?to=nowhere")).status_code == 404
    await noted.write()
    row = await fetch_one("SELECT search_count, ask_count, asked_count FROM faq_days")
    assert row is not None
    assert (row["search_count"], row["ask_count"], row["asked_count"]) == (1, 1, 1)


async def test_an_entry_for_members_is_no_way_on_for_guests(cast: Cast, visit: Visit) -> None:
    entry_id = await make_published(cast, audience="members")
    guest = await visit()
    for to in ("ask", "search"):
        assert (await guest.get(f"/faq/{entry_id}/stuck?to={to}")).status_code == 404
