"""Whoever asked is asked once how satisfied they are; the answer is theirs, and a number for administrators."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from community.core.clock import now
from community.core.db import random_id
from community.insights.satisfaction import get_satisfaction, list_satisfaction_notes
from community.threads import marks, satisfaction
from community.threads.models import Post, Satisfaction, Thread
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_account, make_answer, make_thread
from tests.fixtures import Visit


@pytest.fixture
def mail() -> str:
    """An address that no other test writes to: mails are kept as files."""
    return f"asker{random_id()}@firm.example"


async def solved(cast: Cast) -> tuple[Thread, Post]:
    thread = await make_thread(cast.open_space, cast.asker, title="Qxz router restarts")
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    return thread, answer


@pytest.mark.each_database
async def test_the_asker_answers_once_on_the_page_and_nobody_else_is_asked(cast: Cast, visit: Visit) -> None:
    thread, _answer = await solved(cast)
    url = f"/threads/{thread.id}/satisfaction"
    for member in (cast.helper, cast.moderator, cast.administrator):
        client = await visit(member)
        assert "satisfaction" not in (await client.get(f"/threads/{thread.id}", follow_redirects=True)).text
        assert (await client.post(url, data={"rating": "1"})).status_code == 403
    asker = await visit(cast.asker)
    page = (await asker.get(f"/threads/{thread.id}", follow_redirects=True)).text
    assert page.count('name="rating"') == 5
    for wrong in ({}, {"rating": "6"}, {"rating": "4", "note": "Call +49 30 901820 please"}):
        assert (await asker.post(url, data=wrong)).status_code == 422
    assert (await asker.post(url, data={"rating": "4", "note": "Quick and clear"})).status_code == 303
    assert (await asker.post(url, data={"rating": "1"})).status_code == 303
    row = await Satisfaction.get()
    assert (row.rating, row.note) == (4, "Quick and clear")
    page = (await asker.get(f"/threads/{thread.id}", follow_redirects=True)).text
    assert 'name="rating"' not in page
    assert "4 – satisfied" in page


@pytest.mark.each_database
async def test_another_solution_asks_no_more_but_opening_again_does(cast: Cast) -> None:
    thread, answer = await solved(cast)
    asked = await satisfaction.find_asked(thread.id)
    assert asked is not None
    await satisfaction.give(asked, rating=2, note="")
    other = await make_answer(thread, cast.colleague)
    await marks.accept_solution(other.id, by=cast.asker.id)
    assert await Satisfaction.all().count() == 1
    await marks.withdraw_solution(thread.id, by=cast.asker.id)
    assert await satisfaction.find_asked(thread.id) is None
    today = now().date()
    assert (await get_satisfaction(today, today)).answers == 0
    await marks.accept_solution(answer.id, by=cast.asker.id)
    again = await satisfaction.find_asked(thread.id)
    assert again is not None and again.rating is None


async def test_the_mail_comes_a_day_later_unless_it_was_answered(
    cast: Cast, mail: str, search_engine: SearchEngine, visit: Visit
) -> None:
    await make_account(cast.asker, mail=mail)
    thread, _answer = await solved(cast)
    await satisfaction.send_due_questions()
    await deliver(search_engine)
    assert await mails_to(mail) == []
    await Satisfaction.all().update(mail_due_at=now() - timedelta(minutes=1))
    for _worker in range(2):
        await satisfaction.send_due_questions()
        await deliver(search_engine)
    (got,) = await mails_to(mail)
    said = without_random(got.text)
    assert "Qxz" not in said and cast.asker.nickname not in said
    assert all(f"&rating={rating}" in got.text for rating in range(1, 6))
    guest, token = await visit(), await satisfaction.find_token(thread.id)
    page = (await guest.get(f"/satisfaction?token={token}&rating=5")).text
    assert 'value="5" checked' in page
    assert "Qxz" not in without_random(page) and str(thread.id) not in page
    assert (await Satisfaction.get()).answered_at is None
    assert (await guest.post("/satisfaction", data={"token": token, "rating": "5"})).status_code == 303
    assert (await Satisfaction.get()).rating == 5


async def test_no_mail_goes_out_once_it_is_answered_or_open_again(
    cast: Cast, mail: str, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=mail)
    for step in ("answered", "withdrawn"):
        thread, _answer = await solved(cast)
        await Satisfaction.filter(thread_id=thread.id).update(mail_due_at=now() - timedelta(minutes=1))
        await satisfaction.send_due_questions()
        asked = await satisfaction.find_asked(thread.id)
        assert asked is not None
        if step == "answered":
            await satisfaction.give(asked, rating=3, note="")
        else:
            await marks.withdraw_solution(thread.id, by=cast.asker.id)
    await deliver(search_engine)
    assert await mails_to(mail) == []


async def _given(cast: Cast, *ratings: int, days_ago: int = 0, note: str = "") -> list[Satisfaction]:
    rows = []
    for rating in ratings:
        thread, _answer = await solved(cast)
        asked = await satisfaction.find_asked(thread.id)
        assert asked is not None
        await satisfaction.give(asked, rating=rating, note=note)
        row = await Satisfaction.get(thread_id=thread.id)
        await Satisfaction.filter(id=row.id).update(answered_at=now() - timedelta(days=days_ago))
        rows.append(row)
    return rows


@pytest.mark.each_database
async def test_the_figure_is_the_mean_with_its_number_and_says_nothing_below_five(
    cast: Cast, visit: Visit
) -> None:
    administrator = await visit(cast.administrator)
    await _given(cast, 5, 4, 4, 3, note="Qxznote")
    page = (await administrator.get("/admin/figures")).text
    assert "fewer than 5" in page and "Qxznote" not in page
    await _given(cast, 3, note="Qxzfifth")
    page = (await administrator.get("/admin/figures")).text
    assert "3.8" in page and "Qxzfifth" in page
    assert cast.asker.nickname not in page and "Qxz router" not in page
    file = await administrator.get("/admin/figures/satisfaction")
    lines = list(csv.DictReader(io.StringIO(file.content.decode("utf-8-sig"))))
    assert len(lines) == 24
    assert lines[-1] == {
        "month": f"{now():%Y-%m}",
        "answers": "5",
        "mean": "3.80",
        "withdrawn_since": "0",
    }
    assert {line["answers"] for line in lines[:-1]} == {"0"}
    for member in (cast.moderator, cast.marketing, cast.asker):
        assert (await (await visit(member)).get("/admin/figures/satisfaction")).status_code == 404


@pytest.mark.each_database
async def test_a_past_period_stays_as_it_was_and_says_what_was_withdrawn_since(cast: Cast) -> None:
    rows = await _given(cast, 5, 5, 5, 5, 5, 1, days_ago=40, note="Qxznote")
    first, last = (now() - timedelta(days=45)).date(), (now() - timedelta(days=35)).date()
    before = await get_satisfaction(first, last)
    await marks.withdraw_solution(rows[-1].thread_id, by=cast.asker.id)  # type: ignore[attr-defined]
    after = await get_satisfaction(first, last)
    assert (after.answers, after.mean) == (before.answers, before.mean)
    assert (before.withdrawn_since, after.withdrawn_since) == (0, 1)
    assert len(await list_satisfaction_notes(first, last)) == 5
