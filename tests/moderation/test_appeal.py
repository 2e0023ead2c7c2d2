"""Appeals: by the author and by whoever reported, to somebody else, and with everything back that hung on it."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import time_machine

from community.core.clock import now
from community.core.errors import Conflict, RuleBroken
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.moderation import actions, appeals, notices
from community.moderation.models import Appeal, FlagReason, Measure, Notice
from community.moderation.notice_rules import NoticeKind
from community.threads import marks, order
from community.threads.models import Post, Thread
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, assert_figures_are_right, flag, told

GROUND = Ground(GroundKind.RESPECT)
TEXT = "I have only quoted what the manual of the maker says about it."
AGAIN = "The manual does say so; the post was right."


async def hidden_answer(cast: Cast, *, by: Member | None = None) -> Post:
    """An answer that was reported and hidden, with a statement for its author."""
    thread = await make_thread(cast.open_space, cast.asker, title="Zanzibar lamp flickers")
    answer = await make_answer(thread, cast.helper, body="The zanzibar answer")
    await give_kudos(answer.id, by=cast.outsider.id)
    flags = [await flag(answer, cast.outsider)]
    by_viewer = await viewer_for(by or cast.moderator)
    await actions.uphold_flags(
        answer.id, flags, measure=Measure.HIDE, by=by_viewer, reason=REASON, ground=GROUND
    )
    return answer


async def appealed(cast: Cast, *, by: Member | None = None) -> Appeal:
    await hidden_answer(cast, by=by)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.helper.id)
    return await Appeal.get()


@pytest.mark.each_database
async def test_an_author_objects_and_everything_comes_back(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    answer = await hidden_answer(cast)
    assert (await Member.get(id=cast.helper.id)).kudos_count == 0
    await deliver(search_engine)
    statement = await Statement.get()
    author = await visit(cast.helper)
    url = f"/decisions/{statement.id}"
    short = await author.post(f"{url}/appeal", data={"text": "No."}, headers=ORIGIN)
    assert short.status_code == 422
    sent = await author.post(f"{url}/appeal", data={"text": TEXT}, headers=ORIGIN)
    assert (sent.status_code, sent.headers["location"]) == (303, url)
    page = (await author.get(url)).text
    assert "Somebody else than before looks at it again." in page
    assert TEXT in page
    again = await author.post(f"{url}/appeal", data={"text": TEXT}, headers=ORIGIN)
    assert again.status_code == 409
    appeal = await Appeal.get()
    other = await visit(cast.administrator)
    assert "Objection to a hidden post" in (await other.get("/moderation/appeals")).text
    page = (await other.get(f"/moderation/appeals/{appeal.id}")).text
    for part in (TEXT, REASON, "The zanzibar answer"):
        assert part in page
    assert "Outsider" not in page
    decided = await other.post(
        f"/moderation/appeals/{appeal.id}/decide", data={"decision": "grant", "reason": AGAIN}, headers=ORIGIN
    )
    assert decided.status_code == 303
    await deliver(search_engine)
    assert (await Post.get(id=answer.id)).hidden_at is None
    assert (await Member.get(id=cast.helper.id)).kudos_count == 1
    assert (await Statement.get()).lifted_at is not None
    guest = await visit()
    assert "zanzibar" in (await guest.get("/search?q=zanzibar")).text.lower()
    assert (
        "The zanzibar answer" in (await guest.get(f"/threads/{answer.thread_id}", follow_redirects=True)).text
    )
    assert ("appeal_decided", AGAIN) in await told(cast.helper)
    assert "Your objection was right." in (await author.get(url)).text
    acts = [entry.act for entry in await LogEntry.all().order_by("id")]
    assert acts == ["uphold_flags", "hide_post", "grant_appeal", "restore_post"]
    await assert_figures_are_right()


async def test_whoever_decided_wrote_or_reported_does_not_decide_again(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    wrote = await make_member("writes", role="moderator", staff_name="Wanda W.")
    reported = await make_member("reports", role="moderator", staff_name="Rita R.")
    locked = await make_member("locks", role="moderator", staff_name="Lena L.")
    await make_answer(thread, wrote)
    await order.lock_thread(thread.id, by=await viewer_for(locked), reason=REASON, ground=GROUND)
    flags = [await flag(answer, reported)]
    await actions.uphold_flags(
        answer.id,
        flags,
        measure=Measure.HIDE,
        by=await viewer_for(cast.moderator),
        reason=REASON,
        ground=GROUND,
    )
    statement = await Statement.get(act="hide_post")
    await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    appeal = await Appeal.get()
    for member in (cast.moderator, wrote, reported, locked):
        browser = await visit(member)
        assert "Somebody else has to decide." in (await browser.get(f"/moderation/appeals/{appeal.id}")).text
        for decision in ("grant", "reject"):
            sent = await browser.post(
                f"/moderation/appeals/{appeal.id}/decide",
                data={"decision": decision, "reason": AGAIN},
                headers=ORIGIN,
            )
            assert sent.status_code == 409
            assert AGAIN in sent.text
        viewer = await viewer_for(member)
        with pytest.raises(RuleBroken):
            await appeals.grant_appeal(appeal.id, by=viewer, reason=AGAIN)
        with pytest.raises(RuleBroken):
            await appeals.reject_appeal(appeal.id, by=viewer, reason=AGAIN)
    assert (await Appeal.get()).state == "open"
    assert (await Post.get(id=answer.id)).hidden_at is not None
    # Somebody who had nothing to do with it.
    await appeals.reject_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
    assert (await Appeal.get()).state == "rejected"
    for member in (cast.helper, cast.outsider, cast.marketing):
        assert (await (await visit(member)).get(f"/moderation/appeals/{appeal.id}")).status_code == 404


async def test_a_rejected_objection_changes_nothing_and_says_why(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    appeal = await appealed(cast)
    await appeals.reject_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
    await deliver(search_engine)
    statement = await Statement.get()
    assert statement.lifted_at is None
    page = (await (await visit(cast.helper)).get(f"/decisions/{statement.id}")).text
    assert "The decision stays as it is." in page
    assert AGAIN in page
    assert ("appeal_decided", AGAIN) in await told(cast.helper)
    assert (await Post.get(id=int(statement.subject.partition(":")[2]))).hidden_at is not None


async def test_an_objection_is_possible_for_six_months_and_for_nobody_else(cast: Cast, visit: Visit) -> None:
    await hidden_answer(cast)
    statement = await Statement.get()
    for member in (cast.outsider, cast.administrator):
        sent = await (await visit(member)).post(
            f"/decisions/{statement.id}/appeal", data={"text": TEXT}, headers=ORIGIN
        )
        assert sent.status_code == 404
    moment = now()
    late = time_machine.travel(moment + timedelta(days=185), tick=False)
    with late, pytest.raises(RuleBroken, match="six months"):
        await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    with time_machine.travel(moment + timedelta(days=183), tick=False):
        await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)
    assert await Appeal.all().count() == 1


@pytest.mark.each_database
async def test_whoever_reported_objects_by_their_link_and_is_right(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    report = notices.Report(
        kind=NoticeKind.DEFAMATION,
        text=TEXT,
        url=f"/posts/{answer.id}",
        nonce="a" * 24,
        name="Rea Meldung",
        mail="rea@meldung.example",
        language="en",
    )
    await actions.report_post(answer.id, report, reason=FlagReason.LAW, by=None)
    notice = await Notice.get()
    token = notices.status_token("a" * 24)
    guest = await visit()
    early = await guest.post("/report/appeal", data={"token": token, "text": TEXT}, headers=ORIGIN)
    assert early.status_code == 409, "nothing is decided yet"
    await actions.dismiss_flags(
        answer.id, [notice.flag_id], by=await viewer_for(cast.moderator), reason="We see nothing."
    )
    assert (
        await guest.post("/report/appeal", data={"token": "x", "text": TEXT}, headers=ORIGIN)
    ).status_code == 404
    sent = await guest.post("/report/appeal", data={"token": token, "text": TEXT}, headers=ORIGIN)
    assert sent.headers["location"] == f"/report/status?token={token}"
    appeal = await Appeal.get()
    other = await visit(cast.administrator)
    page = (await other.get(f"/moderation/appeals/{appeal.id}")).text
    assert notice.reference in page
    assert "Rea Meldung" not in page
    assert "rea@" not in page
    url = f"/moderation/appeals/{appeal.id}/decide"
    without = await other.post(url, data={"decision": "hide", "reason": AGAIN}, headers=ORIGIN)
    assert without.status_code == 422, "what restricts somebody needs its ground"
    fields = {"decision": "hide", "ground": "law", "ground_name": "Section 185", "reason": AGAIN}
    assert (await other.post(url, data=fields, headers=ORIGIN)).status_code == 303
    await deliver(search_engine)
    assert (await Post.get(id=answer.id)).hidden_at is not None
    statement = await Statement.get()
    assert (statement.member_id, statement.ground, statement.is_prompted) == (cast.helper.id, "law", True)
    assert (await Notice.get()).state == "upheld"
    assert ("post_hidden", AGAIN) in await told(cast.helper)
    subjects = [
        mail.subject for mail in await mails_to("rea@meldung.example") if notice.reference in mail.subject
    ]
    assert len(subjects) == 3
    page = (await guest.get(f"/report/status?token={token}")).text
    assert "Your objection was right." in page
    assert "We agree with your report." in page


async def test_a_member_objects_to_what_became_of_their_notice(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    report = notices.Report(
        kind=NoticeKind.FRAUD, text=TEXT, url="/members/Helper", nonce="b" * 24, language="en"
    )
    await notices.file_notice(f"member:{cast.helper.id}", report, by=cast.outsider.id)
    notice = await Notice.get()
    await notices.dismiss_notice(notice.id, by=await viewer_for(cast.moderator), reason=REASON)
    member = await visit(cast.outsider)
    sent = await member.post(f"/notices/{notice.id}/appeal", data={"text": TEXT}, headers=ORIGIN)
    assert sent.status_code == 303
    stranger = await visit(cast.colleague)
    assert (
        await stranger.post(f"/notices/{notice.id}/appeal", data={"text": TEXT}, headers=ORIGIN)
    ).status_code == 404
    appeal = await Appeal.get()
    await appeals.grant_appeal(
        appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN, ground=GROUND
    )
    await deliver(search_engine)
    assert ("appeal_decided", AGAIN) in await told(cast.outsider)
    assert ("member_noted", AGAIN) in await told(cast.helper)


async def test_whoever_had_reported_learns_that_it_was_changed(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    flag_id = await actions.flag_post(opening.id, reason=FlagReason.LAW, note=TEXT, by=cast.outsider.id)
    await actions.uphold_flags(
        opening.id,
        [flag_id],
        measure=Measure.LOCK,
        by=await viewer_for(cast.moderator),
        reason=REASON,
        ground=GROUND,
    )
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.asker.id)
    await appeals.grant_appeal((await Appeal.get()).id, by=await viewer_for(cast.administrator), reason=AGAIN)
    await deliver(search_engine)
    assert (await Thread.get(id=thread.id)).locked_at is None
    assert ("notice_decided", AGAIN) in await told(cast.outsider)
    notice = await Notice.get()
    page = (await (await visit(cast.outsider)).get(f"/notices/{notice.id}")).text
    assert "It stays as it is." in page


async def test_what_was_restored_meanwhile_is_no_obstacle(cast: Cast) -> None:
    appeal = await appealed(cast)
    statement = await Statement.get()
    post_id = int(statement.subject.partition(":")[2])
    await order.restore_post(post_id, by=await viewer_for(cast.moderator), reason="On second thoughts.")
    await appeals.grant_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN)
    assert (await Appeal.get()).state == "granted"
    with pytest.raises(RuleBroken, match="lifted"):
        await appeals.appeal_statement(statement.id, text=TEXT, by=cast.helper.id)


async def test_a_solution_that_was_hidden_is_the_solution_again(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON, ground=GROUND)
    await appeals.appeal_statement((await Statement.get()).id, text=TEXT, by=cast.helper.id)
    await appeals.grant_appeal((await Appeal.get()).id, by=await viewer_for(cast.administrator), reason=AGAIN)
    assert (await Thread.get(id=thread.id)).status == "solved"
    await assert_figures_are_right()


@pytest.mark.each_database
async def test_of_two_who_decide_at_once_one_does(fresh_database: str) -> None:
    cast = await make_cast()
    second = await make_member("second", role="moderator", staff_name="Sina S.")
    appeal = await appealed(cast)
    results = await asyncio.gather(
        appeals.grant_appeal(appeal.id, by=await viewer_for(cast.administrator), reason=AGAIN),
        appeals.reject_appeal(appeal.id, by=await viewer_for(second), reason=AGAIN),
        return_exceptions=True,
    )
    lost = [result for result in results if isinstance(result, Exception)]
    assert len(lost) == 1
    assert isinstance(lost[0], Conflict)
    state = (await Appeal.get()).state
    assert ((await Statement.get()).lifted_at is not None) == (state == "granted")
    await assert_figures_are_right()


async def test_a_hidden_space_keeps_its_appeals_to_those_who_read_it(cast: Cast, visit: Visit) -> None:
    appeal = await appealed(cast)
    await Statement.all().update(space_id=2**40)
    browser = await visit(cast.administrator)
    assert (await browser.get(f"/moderation/appeals/{appeal.id}")).status_code == 404
    assert "Objection to a hidden post" not in (await browser.get("/moderation/appeals")).text


async def test_nobody_reads_what_is_said_against_a_thing_of_their_own(cast: Cast, visit: Visit) -> None:
    """An objection tells in whose words a post was reported."""
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.moderator)
    report = notices.Report(
        kind=NoticeKind.DEFAMATION, text=TEXT, url=f"/posts/{answer.id}", nonce="c" * 24, language="en"
    )
    await actions.report_post(answer.id, report, reason=FlagReason.LAW, by=cast.outsider.id)
    notice = await Notice.get()
    other = await viewer_for(cast.administrator)
    await actions.dismiss_flags(answer.id, [notice.flag_id], by=other, reason="We see nothing.")
    sent = await (await visit(cast.outsider)).post(
        f"/notices/{notice.id}/appeal", data={"text": "Read the second sentence again."}, headers=ORIGIN
    )
    assert sent.status_code == 303
    appeal = await Appeal.get()
    concerned, another = await visit(cast.moderator), await visit(cast.administrator)
    assert "second sentence" in (await another.get(f"/moderation/appeals/{appeal.id}")).text
    assert (await concerned.get(f"/moderation/appeals/{appeal.id}")).status_code == 404
    assert f"/moderation/appeals/{appeal.id}" not in (await concerned.get("/moderation/appeals")).text


async def test_an_old_objection_does_not_undo_a_later_decision(cast: Cast, visit: Visit) -> None:
    appeal = await appealed(cast)
    post = await Post.get(body="The zanzibar answer")
    by = await viewer_for(cast.moderator)
    await order.restore_post(post.id, by=by, reason=REASON)
    other = await visit(cast.administrator)
    url = f"/moderation/appeals/{appeal.id}"
    assert "It was lifted already." in (await other.get(url)).text
    await order.hide_post(post.id, by=by, reason="Now it quotes a private letter.", ground=GROUND)
    assert "A later decision about the same holds" in (await other.get(url)).text
    sent = await other.post(
        f"{url}/decide", data={"decision": "grant", "reason": AGAIN}, headers=ORIGIN, follow_redirects=True
    )
    assert "lifted or decided anew before" in sent.text
    assert (await Appeal.get()).state == "granted"
    assert (await Post.get(id=post.id)).hidden_at is not None
    later = await Statement.get(lifted_at=None)
    assert later.facts == "Now it quotes a private letter."
    page = (await (await visit(cast.helper)).get(f"/decisions/{appeal.statement_id}")).text
    assert "A later decision about the same holds nevertheless." in page
