"""The figures of the yearly report: computed from dated decisions, about nobody in particular."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta

import pytest

from community.core.clock import now
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import Statement
from community.moderation import appeals, notices
from community.moderation.models import Appeal, Notice
from community.moderation.notice_rules import NoticeKind
from community.moderation.transparency import get_year
from community.sanctions.models import Sanction
from community.sanctions.rules import Kind
from community.threads import order
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import REASON
from tests.sanctions.parts import impose
from tests.waiting.test_object_to_refusal import GROUND, refused

TEXT = "A text that says why this is against the law."
JUNE = datetime(2025, 6, 1, 12, tzinfo=UTC)


async def some_year(cast: Cast) -> None:
    """Three notices of 2025 (one upheld, one dismissed, one open) and one of 2026; two measures; one appeal."""
    moderator, other = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    for number, kind in enumerate((NoticeKind.FRAUD, NoticeKind.FRAUD, NoticeKind.HATE, NoticeKind.HATE)):
        report = notices.Report(
            kind=kind, text=TEXT, url="/members/Helper", nonce=f"{number}" * 24, name="N", mail="n@x.example"
        )
        await notices.file_notice(f"member:{cast.helper.id}", report, by=cast.outsider.id if number else None)
    first, second, third, last = await Notice.all().order_by("knew_at")
    await notices.uphold_notice(first.id, by=moderator, reason=REASON, ground=Ground(GroundKind.RESPECT))
    await notices.dismiss_notice(second.id, by=moderator, reason=REASON)
    await Notice.filter(id=first.id).update(knew_at=JUNE, dealt_at=JUNE + timedelta(hours=2))
    await Notice.filter(id=second.id).update(knew_at=JUNE, dealt_at=JUNE + timedelta(hours=30))
    await Notice.filter(id=third.id).update(knew_at=JUNE)
    await Notice.filter(id=last.id).update(knew_at=datetime(2026, 1, 1, tzinfo=UTC))
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    await order.hide_post(answer.id, by=moderator, reason=REASON, ground=Ground(GroundKind.LAW, "§ 185 StGB"))
    statement = await Statement.get(act="hide_post")
    await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    await appeals.grant_appeal((await Appeal.get()).id, by=other, reason=REASON)
    await Statement.all().update(at=JUNE)
    await Appeal.all().update(filed_at=JUNE, decided_at=JUNE + timedelta(hours=5))


@pytest.mark.each_database
async def test_the_figures_of_a_year_count_what_happened_in_it(cast: Cast) -> None:
    await some_year(cast)
    year = await get_year(2025)
    assert {
        (row.kind, row.received, row.upheld, row.dismissed, row.open, row.from_outside)
        for row in year.notices
    } == {
        ("fraud", 2, 1, 1, 0, 1),
        ("hate", 1, 0, 0, 1, 0),
    }
    times = year.notice_times
    assert (times.decided, times.median, times.ninth_tenth, times.late) == (
        2,
        timedelta(hours=16),
        timedelta(hours=30),
        1,
    )
    assert {(row.act, row.ground, row.count, row.prompted, row.lifted) for row in year.measures} == {
        ("hide_post", "law", 1, 0, 1),
        ("note_member", "respect", 1, 1, 0),
    }
    assert sum(row.automated for row in year.measures) == 0
    [appeal] = year.appeals
    assert (appeal.by_notifier, appeal.filed, appeal.granted, appeal.rejected) == (False, 1, 1, 0)
    assert year.appeal_times.median == timedelta(hours=5)
    assert [(row.act, row.filed, row.granted, row.rejected) for row in year.objections] == [
        ("hide_post", 1, 1, 0)
    ]
    assert {row.kind: row.median for row in year.notices} == {"fraud": timedelta(hours=16), "hate": None}
    assert [row.received for row in (await get_year(2026)).notices] == [1]
    assert (await get_year(2024)).notices == ()
    # What came in one year and is decided in the next has its median there.
    await Notice.filter(kind="fraud").update(knew_at=datetime(2023, 12, 31, 22, tzinfo=UTC))
    await Notice.filter(kind="fraud").update(dealt_at=datetime(2024, 1, 1, 1, tzinfo=UTC))
    [fraud] = (await get_year(2024)).notices
    assert (fraud.kind, fraud.received, fraud.upheld, fraud.median) == ("fraud", 0, 0, timedelta(hours=3))


@pytest.mark.each_database
async def test_sanctions_and_refused_texts_are_counted_with_what_became_of_objections(
    cast: Cast, visit: Visit
) -> None:
    await refused(cast)
    sanction_id = await impose(cast, cast.asker, Kind.MUTE, ground=GROUND)
    await impose(cast, cast.outsider, Kind.BAN, ground=GROUND, is_prompted=True)
    text, mute = [await Statement.get(act=act) for act in ("refuse_text", "mute_member")]
    other = await viewer_for(cast.administrator)
    await appeals.appeal_statement(text.id, text=TEXT, by=cast.helper.id)
    await appeals.reject_appeal((await Appeal.get()).id, by=other, reason=REASON)
    await appeals.appeal_statement(mute.id, text=TEXT, by=cast.asker.id)
    await appeals.grant_appeal((await Appeal.get(statement_id=mute.id)).id, by=other, reason=REASON)
    assert (await Sanction.get(id=sanction_id)).lifted_at is not None
    year = await get_year(now().year)
    assert [
        (row.act, row.ground, row.count, row.prompted, row.found_by_program, row.lifted)
        for row in year.measures
    ] == [
        ("ban_member", "advertising", 1, 1, 0, 0),
        ("mute_member", "advertising", 1, 0, 0, 1),
        ("refuse_text", "advertising", 1, 0, 1, 0),
    ]
    assert [(row.act, row.filed, row.granted, row.rejected) for row in year.objections] == [
        ("mute_member", 1, 1, 0),
        ("refuse_text", 1, 0, 1),
    ]
    browser = await visit(cast.administrator)
    page = (await browser.get("/admin/transparency")).text
    for label in ("Writing ban", "Ban", "Held text refused"):
        assert f'<th scope="row">{label}</th>' in page
    lines = (await browser.get("/admin/transparency/download")).text
    assert "objections,mute_member,,granted,1" in lines
    assert "measures,refuse_text,advertising,found_by_program,1" in lines


async def test_administrators_see_them_and_download_them(cast: Cast, visit: Visit) -> None:
    await some_year(cast)
    browser = await visit(cast.administrator)
    page = (await browser.get("/admin/transparency?year=2025")).text
    for part in ("Fraud", "Post hidden", "The law", "By those whom it restricts", "16 hours"):
        assert part in page, part
    for name in ("Helper", "Outsider", "Asker", "§ 185 StGB", TEXT):
        assert name not in without_random(page)
    file = await browser.get("/admin/transparency/download?year=2025")
    assert file.headers["content-disposition"] == 'attachment; filename="transparency-2025.csv"'
    lines = list(csv.reader(file.text.splitlines()))
    assert ["2025", "notices", "fraud", "", "upheld", "1"] in lines
    assert ["2025", "measures", "hide_post", "law", "lifted", "1"] in lines
    assert ["2025", "notices", "all", "", "median_hours", "16.00"] in lines
    assert ["2025", "appeals", "restricted", "", "granted", "1"] in lines
    assert (await browser.get("/admin/transparency?year=1999")).status_code == 404
    for member in (cast.moderator, cast.helper):
        assert (await (await visit(member)).get("/admin/transparency")).status_code == 404


async def test_a_community_in_which_nothing_happened_has_an_empty_report(cast: Cast, visit: Visit) -> None:
    page = (await (await visit(cast.administrator)).get("/admin/transparency")).text
    assert "Nothing to report" in page
