"""The figures for administrators: what is solved before it is asked, each with its definition."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest

from community.core.clock import now
from community.insights.ask_sessions import Step, record_steps
from community.insights.models import AskDay, AskSession
from tests.cast import Cast
from tests.factories import make_answer, make_entry, make_thread
from tests.fixtures import Visit

BEGUN = (Step.BEGUN, Step.SHOWN)


async def test_only_administrators_see_figures(cast: Cast, visit: Visit) -> None:
    for member in (None, cast.asker, cast.moderator, cast.marketing):
        client = await visit(member) if member else await visit()
        for address in ("/admin/figures", "/admin/figures/download"):
            assert (await client.get(address)).status_code == 404
    assert (await (await visit(cast.administrator)).get("/admin/figures")).status_code == 200


async def test_without_any_session_the_page_says_so(cast: Cast, visit: Visit) -> None:
    page = (await (await visit(cast.administrator)).get("/admin/figures")).text
    assert "No ask sessions in this period" in page
    assert "/admin/figures" in (await (await visit(cast.administrator)).get("/admin")).text


@pytest.mark.each_database
async def test_figures_stand_with_definition_share_and_the_period_before(cast: Cast, visit: Visit) -> None:
    for number in range(1, 5):
        await record_steps(number, *BEGUN, Step.OPENED)
    await record_steps(1, Step.SOLVED)
    await record_steps(2, Step.ASKED)
    await AskSession.filter(id=3).update(
        started_at=(now() - timedelta(hours=26)).replace(minute=0, second=0, microsecond=0)
    )
    before = (now() - timedelta(days=40)).date().isoformat()
    await AskDay.create(day=before, session_count=10, shown_count=8, solved_count=1, asked_count=9)
    page = (await (await visit(cast.administrator)).get("/admin/figures")).text
    rows = {row.split(" <small")[0]: row for row in page.split('<th scope="row">')[1:]}
    assert '<td class="num">1</td><td class="num">25%</td><td class="num">1 (10%)</td>' in rows["Deflections"]
    assert (
        '<td class="num">1</td><td class="num">25%</td><td class="num">0 (0%)</td>'
        in rows["Left after opening"]
    )
    assert '<td class="num">1</td><td class="num">25%</td><td class="num">9 (90%)</td>' in rows["Asked"]
    assert "answered before it was asked" in rows["Deflections"]
    assert "counted apart" in rows["Left after opening"]
    assert "25% of ask sessions, 10% before · better" in page


async def test_periods_are_those_offered(cast: Cast, visit: Visit) -> None:
    administrator = await visit(cast.administrator)
    await AskDay.create(day=(now() - timedelta(days=200)).date().isoformat(), session_count=3, solved_count=3)
    assert "No ask sessions" in (await administrator.get("/admin/figures?days=7")).text
    page = (await administrator.get("/admin/figures?days=365")).text
    assert "100% of ask sessions" in page
    for wrong in ("8", "-7", "all", "٧"):
        assert (await administrator.get("/admin/figures", params={"days": wrong})).status_code == 404


async def test_the_download_has_a_line_for_each_day(cast: Cast, visit: Visit) -> None:
    await record_steps(1, *BEGUN, Step.SOLVED)
    answer = await (await visit(cast.administrator)).get("/admin/figures/download?days=7")
    assert answer.headers["content-type"].startswith("text/csv")
    assert "attachment" in answer.headers["content-disposition"]
    lines = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(lines) == 7
    assert lines[-1]["day"] == now().date().isoformat()
    assert (lines[-1]["sessions"], lines[-1]["solved"], lines[-1]["left"]) == ("1", "1", "0")
    assert {line["sessions"] for line in lines[:-1]} == {"0"}


async def test_what_helped_is_named_as_far_as_the_reader_may_read_it(cast: Cast, visit: Visit) -> None:
    shown = await make_thread(cast.open_space, cast.asker, title="A thread that helped")
    entry = await make_entry(
        await make_answer(shown, cast.helper), question="An entry that helped", answer="Yes."
    )
    secret = await make_thread(cast.hidden_space, cast.asker, title="A secret that helped")
    for number, key in enumerate(
        (f"thread-{shown.id}", f"faq-{entry.id}", f"thread-{secret.id}", "thread-4711"), 1
    ):
        await record_steps(number, *BEGUN, Step.OPENED, Step.SOLVED, suggestion=key)
    page = (await (await visit(cast.administrator)).get("/admin/figures")).text
    assert "A thread that helped" in page
    assert "An entry that helped" in page
    reads_secret = (await (await visit(cast.administrator)).get(f"/threads/{secret.id}")).status_code != 404
    assert ("A secret that helped" in page) == reads_secret
