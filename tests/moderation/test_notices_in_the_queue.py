"""Notices and objections stand in the one queue while they wait, for those who may decide about them."""

from __future__ import annotations

import asyncio

import pytest

from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.viewer import Role
from community.decisions.claims import TakenBySomebody
from community.decisions.models import WorkBar, WorkItem
from community.decisions.work import WorkKind, forget_worker, keep_work_from
from community.faq.actions import send_for_review
from community.faq.queries import is_withdrawn
from community.members.models import Member
from community.moderation import appeals, notices, queue
from community.moderation.claiming import claim_item, hand_on, release_item
from community.moderation.models import Notice
from community.moderation.notice_rules import NoticeKind
from community.moderation.notices import Report
from community.moderation.queue import Wanted
from community.moderation.tending import tend_items
from community.threads.models import Post, Thread
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_entry, make_member, make_thread, viewer_for
from tests.faq.entries import make_draft, make_published, make_solved
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON
from tests.moderation.test_appeal import AGAIN, appealed

TEXT = "This name is one that the law does not let anybody use."


async def report(subject: str, *, by: Member | None = None, nonce: str = "q" * 24) -> Notice:
    told = Report(kind=NoticeKind.OTHER_LAW, text=TEXT, url="/members/Helper", nonce=nonce)
    await notices.file_notice(subject, told, by=by.id if by else None)
    return await Notice.get(nonce=nonce)


async def seen(member: Member, kind: str) -> list[int]:
    viewer = await viewer_for(member)
    rows = [row.number for row in await queue.list_work(viewer, Wanted(kind=kind))]
    assert (await queue.count_work(viewer)).of(Wanted(kind=kind)).number == len(rows)
    return rows


async def another() -> Member:
    return await make_member("another", role=Role.MODERATOR, staff_name="Ada A.")


@pytest.mark.each_database
async def test_a_notice_waits_until_it_is_decided(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    entry = await make_entry(answer, question="Why is it red?", answer="Restart it.")
    nickname = await report(f"member:{cast.helper.id}")
    faq = await report(f"faq:{entry.id}", nonce="r" * 24)
    assert await seen(cast.moderator, "notice") == [nickname.id, faq.id]
    item = await WorkItem.get(subject=f"notice:{nickname.id}")
    assert (item.due_at - item.since).total_seconds() == 24 * 3600
    browser = await visit(cast.moderator)
    page = (await browser.get("/moderation?kind=notice")).text
    for part in ("Notice about the nickname Helper", "Notice about an FAQ entry: Why is it red?", TEXT):
        assert part in page
    url = f"/moderation/notices/{nickname.id}"
    assert (await browser.get(f"/moderation/items/{item.id}")).headers["location"] == url
    assert f"/moderation/items/{item.id}/claim" in (await browser.get(url)).text
    fields = {"decision": "uphold", "ground": "respect", "reason": REASON, "next": "1"}
    sent = await browser.post(f"{url}/decide", data=fields, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, "/moderation/next")
    await notices.dismiss_notice(faq.id, by=await viewer_for(cast.administrator), reason=REASON)
    assert await WorkItem.all().count() == 0
    assert (await browser.get(url)).status_code == 200


@pytest.mark.each_database
async def test_whom_a_notice_concerns_and_who_reported_it_do_not_find_it(cast: Cast, visit: Visit) -> None:
    third = await another()
    notice = await report(f"member:{cast.moderator.id}", by=cast.administrator)
    assert [await seen(member, "notice") for member in (cast.moderator, cast.administrator, third)] == [
        [],
        [],
        [notice.id],
    ]
    item = await WorkItem.get(kind="notice")
    for member in (cast.moderator, cast.administrator):
        browser = await visit(member)
        assert "Nothing to do" in (await browser.get("/moderation")).text
        assert (await browser.get(f"/moderation/items/{item.id}")).status_code == 404
        with pytest.raises(RuleBroken):
            await claim_item(WorkKind.NOTICE, item.subject, by=await viewer_for(member))
        with pytest.raises(RuleBroken):
            await hand_on(
                item.id, WorkKind.NOTICE, item.subject, to=member.id, note="", by=await viewer_for(third)
            )
    await claim_item(WorkKind.NOTICE, item.subject, by=await viewer_for(third))


@pytest.mark.each_database
async def test_whom_a_notice_concerns_does_not_find_it_either_once_they_are_of_staff(
    cast: Cast, visit: Visit
) -> None:
    notice = await report(f"member:{cast.helper.id}")
    subject = f"notice:{notice.id}"
    await Member.filter(id=cast.helper.id).update(role="moderator", staff_name="Hella H.")
    helper = await Member.get(id=cast.helper.id)
    viewer = await viewer_for(helper)
    assert await seen(helper, "notice") == []
    browser = await visit(helper)
    assert (await browser.get("/moderation/next")).headers["location"] == "/moderation"
    # Also where the bar was lost, nobody gets past it.
    await WorkBar.all().delete()
    with pytest.raises(RuleBroken, match="Somebody else has to decide"):
        await claim_item(WorkKind.NOTICE, subject, by=viewer)
    item = await WorkItem.get(kind="notice")
    with pytest.raises(RuleBroken, match="Somebody else has to decide"):
        await hand_on(
            item.id, WorkKind.NOTICE, subject, to=helper.id, note="", by=await viewer_for(cast.moderator)
        )
    with pytest.raises(RuleBroken, match="Somebody else has to decide"):
        await notices.dismiss_notice(notice.id, by=viewer, reason=REASON)
    await tend_items()
    assert [bar.member_id for bar in await WorkBar.all()] == [helper.id]


@pytest.mark.each_database
async def test_who_wrote_or_released_an_entry_does_not_decide_a_notice_about_it(
    cast: Cast, visit: Visit
) -> None:
    entry_id = await make_published(cast)
    notice = await report(f"faq:{entry_id}")
    third = await another()
    assert [await seen(member, "notice") for member in (cast.moderator, cast.administrator, third)] == [
        [],
        [],
        [notice.id],
    ]
    url = f"/moderation/notices/{notice.id}"
    for member in (cast.moderator, cast.administrator):
        browser = await visit(member)
        page = (await browser.get(url)).text
        assert "Somebody else has to decide." in page
        assert f"{url}/decide" not in page
        sent = {"decision": "uphold", "ground": "respect", "reason": REASON}
        assert (await browser.post(f"{url}/decide", data=sent, headers=ORIGIN)).status_code == 409
    assert (await Notice.get()).state == "open"
    await notices.uphold_notice(notice.id, by=await viewer_for(third), reason=REASON)
    assert await is_withdrawn(entry_id)


async def test_administrators_read_where_nobody_is_left_who_may_decide(cast: Cast, visit: Visit) -> None:
    await report(f"faq:{await make_published(cast)}")
    appeal = await appealed(cast)
    await keep_work_from(WorkKind.APPEAL, f"appeal:{appeal.id}", [cast.administrator.id])
    stuck = "Nobody is left who may decide. Please appoint somebody."
    for member, told in ((cast.administrator, True), (cast.moderator, False)):
        browser = await visit(member)
        for page in ("/moderation/notices", "/moderation/appeals"):
            assert (stuck in (await browser.get(page)).text) is told, page
    await another()
    browser = await visit(cast.administrator)
    for page in ("/moderation/notices", "/moderation/appeals"):
        assert stuck not in (await browser.get(page)).text


@pytest.mark.each_database
async def test_the_queue_is_put_right_item_by_item(cast: Cast, caplog: pytest.LogCaptureFixture) -> None:
    first = await report(f"member:{cast.helper.id}")
    second = await report(f"member:{cast.moderator.id}", by=cast.outsider, nonce="r" * 24)
    appeal = await appealed(cast)
    before = {item.subject: item.due_at for item in await WorkItem.all()}
    entry_id = await make_draft(cast, (await make_solved(cast.open_space, cast.asker, cast.helper))[0])
    await send_for_review(entry_id, version=1, by=await viewer_for(cast.administrator))
    await WorkItem.filter(kind__in=["notice", "appeal"]).delete()
    await WorkBar.all().delete()
    for subject in ("notice:1", "appeal:1", "notice:broken"):
        await WorkItem.create(
            kind=subject.partition(":")[0], subject=subject, since=now(), soon_at=now(), due_at=now()
        )
    # One that cannot be read keeps no other from being put right.
    await Notice.filter(id=first.id).update(subject="member:none")
    await tend_items()
    assert "item not put right" in caplog.text
    found = {item.subject: item for item in await WorkItem.filter(kind__in=["notice", "appeal"])}
    assert set(found) == {f"notice:{second.id}", f"appeal:{appeal.id}"}
    assert {subject: item.due_at for subject, item in found.items()} == {
        subject: due_at for subject, due_at in before.items() if subject != f"notice:{first.id}"
    }
    assert found[f"notice:{second.id}"].not_for == cast.outsider.id
    assert await seen(cast.moderator, "notice") == await seen(cast.moderator, "appeal") == []
    item = await WorkItem.get(kind="faq")
    assert [bar.member_id for bar in await WorkBar.filter(item_id=item.id)] == [cast.moderator.id]
    await Notice.filter(id=first.id).update(subject=f"member:{cast.helper.id}")
    await Notice.filter(id=second.id).update(state="dismissed")
    await tend_items()
    assert await seen(cast.administrator, "notice") == [first.id]


async def test_who_comes_second_to_a_notice_is_told_who_is_on_it(cast: Cast, visit: Visit) -> None:
    notice = await report(f"member:{cast.helper.id}")
    await claim_item(WorkKind.NOTICE, f"notice:{notice.id}", by=await viewer_for(cast.moderator))
    browser = await visit(cast.administrator)
    url = f"/moderation/notices/{notice.id}"
    page = (await browser.get(url)).text
    assert "Jana K. is on it" in page
    assert f"{url}/decide" not in page
    fields = {"decision": "dismiss", "reason": REASON}
    late = await browser.post(f"{url}/decide", data=fields, headers=ORIGIN)
    assert late.status_code == 409
    assert "Jana K. is on it." in late.text
    assert REASON in late.text
    assert (await Notice.get()).state == "open"
    await release_item(WorkKind.NOTICE, f"notice:{notice.id}", by=await viewer_for(cast.moderator))
    assert (await browser.post(f"{url}/decide", data=fields, headers=ORIGIN)).status_code == 303


@pytest.mark.each_database
async def test_an_objection_waits_for_somebody_else(cast: Cast, visit: Visit) -> None:
    appeal = await appealed(cast)
    assert await seen(cast.moderator, "appeal") == []
    assert await seen(cast.administrator, "appeal") == [appeal.id]
    item = await WorkItem.get(kind="appeal")
    assert item.space_id == cast.open_space.id
    own, other = await visit(cast.moderator), await visit(cast.administrator)
    assert "Nothing to do" in (await own.get("/moderation")).text
    assert (await own.get("/moderation/next")).headers["location"] == "/moderation"
    page = (await other.get("/moderation")).text
    assert "Objection to a hidden post" in page
    assert "Somebody else than before has to decide" in page
    url = f"/moderation/appeals/{appeal.id}"
    assert (await other.get(f"/moderation/items/{item.id}")).headers["location"] == url
    assert f"/moderation/items/{item.id}/claim" in (await other.get(url)).text
    assert f"/moderation/items/{item.id}" not in (await own.get(url)).text
    sent = {"decision": "reject", "reason": AGAIN, "next": "1"}
    done = await other.post(f"{url}/decide", data=sent, headers=ORIGIN)
    assert (done.status_code, done.headers["location"]) == (303, "/moderation/next")
    assert (await WorkItem.all().count(), await WorkBar.all().count()) == (0, 0)


@pytest.mark.each_database
async def test_who_comes_to_have_to_do_with_it_gives_it_up(cast: Cast) -> None:
    appeal = await appealed(cast)
    subject = f"appeal:{appeal.id}"
    third = await another()
    viewer = await viewer_for(third)
    await claim_item(WorkKind.APPEAL, subject, by=viewer)
    await make_answer(await Thread.get(id=(await Post.get(author_id=cast.helper.id)).thread_id), third)
    with pytest.raises(RuleBroken, match="Somebody else has to decide"):
        await claim_item(WorkKind.APPEAL, subject, by=viewer)
    assert await seen(third, "appeal") == [appeal.id]
    await tend_items()
    assert await seen(third, "appeal") == []
    item = await WorkItem.get(kind="appeal")
    assert (item.claimed_by, item.claimed_at) == (None, None)
    with pytest.raises(RuleBroken):
        await hand_on(
            item.id,
            WorkKind.APPEAL,
            subject,
            to=cast.moderator.id,
            note="",
            by=await viewer_for(cast.administrator),
        )
    await appeals.grant_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
    await tend_items()
    assert await WorkItem.filter(kind="appeal").count() == 0


async def test_whoever_objects_does_not_read_it_among_the_objections(cast: Cast, visit: Visit) -> None:
    """Staff are hidden and locked like others; what they say to it is for their colleagues."""
    appeal = await appealed(cast)
    await Member.filter(id=cast.helper.id).update(role="moderator", staff_name="Hella H.")
    browser = await visit(await Member.get(id=cast.helper.id))
    assert (await browser.get(f"/moderation/appeals/{appeal.id}")).status_code == 404
    assert "Objection to" not in (await browser.get("/moderation/appeals")).text
    await tend_items()
    assert await seen(await Member.get(id=cast.helper.id), "appeal") == []


async def test_an_item_forgets_whoever_leaves(cast: Cast) -> None:
    await report(f"member:{cast.moderator.id}")
    assert [bar.member_id for bar in await WorkBar.all()] == [cast.moderator.id]
    await forget_worker(cast.moderator.id)
    assert await WorkBar.all().count() == 0
    assert await WorkItem.all().count() == 1


@pytest.mark.each_database
async def test_of_a_claim_and_a_decision_at_once_one_comes_first(fresh_database: str) -> None:
    cast = await make_cast()
    appeal = await appealed(cast)
    third = await another()
    claimed, decided = await asyncio.gather(
        claim_item(WorkKind.APPEAL, f"appeal:{appeal.id}", by=await viewer_for(third)),
        appeals.reject_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN),
        return_exceptions=True,
    )
    assert isinstance(claimed, RuleBroken) != isinstance(decided, TakenBySomebody), (claimed, decided)
