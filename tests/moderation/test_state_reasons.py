"""Statements of reasons: every part that the law wants, for the member concerned alone."""

from __future__ import annotations

import re

import pytest

from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement
from community.moderation import actions
from community.moderation.models import Measure
from community.threads import order
from community.threads.models import Post, Thread
from community.threads.unlinking import unlink_author
from search import SearchEngine
from tests.cast import Cast
from tests.chance import without_random
from tests.factories import make_answer, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import GROUNDED, ORIGIN, REASON, deliver, flag

LAW = Ground(GroundKind.LAW, "Section 185 of the Criminal Code (insult)")


@pytest.mark.each_database
async def test_whoever_is_concerned_reads_every_part_of_the_decision(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker, title="Lamp flickers")
    answer = await make_answer(thread, cast.helper, body="You are all fools")
    browser = await visit(cast.moderator)
    fields = {"ground": "law", "ground_name": LAW.name, "reason": REASON}
    sent = await browser.post(f"/moderation/posts/{answer.id}/hide", data=fields, headers=ORIGIN)
    assert sent.status_code == 303
    entry = await LogEntry.get()
    assert (entry.details["ground"], entry.details["ground_name"]) == ("law", LAW.name)
    await deliver(search_engine)
    author = await visit(cast.helper)
    news = (await author.get("/notifications")).text
    [form] = re.findall(r'action="(/notifications/[0-9]+)"', news)
    opened = await author.post(form, headers=ORIGIN)
    statement = await Statement.get()
    assert opened.headers["location"] == f"/decisions/{statement.id}"
    page = (await author.get(opened.headers["location"])).text
    for part in (
        "Your post was hidden",
        REASON,
        f"The law: {LAW.name}",
        "Nobody but the moderators can read the post",
        "Until it is lifted",
        "Our staff came upon it themselves.",
        "no program took part",
        "within six months",
        "You are all fools",
        "Lamp flickers",
    ):
        assert part in page, part
    assert "Jana" not in without_random(page)
    assert "Your post was hidden" in (await author.get("/decisions")).text


async def test_nobody_else_reads_a_statement_but_moderators(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.hidden_space, cast.asker), cast.helper)
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON, ground=LAW)
    url = f"/decisions/{(await Statement.get()).id}"
    for member in (cast.asker, cast.outsider, cast.marketing):
        browser = await visit(member)
        assert (await browser.get(url)).status_code == 404
        assert "Your post was hidden" not in (await browser.get("/decisions")).text
    assert (await (await visit()).get(url)).headers["location"].startswith("/log-in")
    assert "This is what the member concerned reads." in (await (await visit(cast.moderator)).get(url)).text


@pytest.mark.parametrize("measure", list(Measure))
async def test_the_page_is_the_same_whoever_has_reported(cast: Cast, visit: Visit, measure: Measure) -> None:
    moderator = await viewer_for(cast.moderator)
    pages = []
    for reporter in (cast.outsider, cast.colleague):
        opening = await opening_of(await make_thread(cast.open_space, cast.asker, title="One and the same"))
        flag_id = await flag(opening, reporter, note=f"By {reporter.nickname}")
        await actions.uphold_flags(
            opening.id, [flag_id], measure=measure, by=moderator, reason=REASON, ground=LAW
        )
        statement = await Statement.get()
        await Statement.filter(id=statement.id).update(at=opening.created_at)
        page = (await (await visit(cast.asker)).get(f"/decisions/{statement.id}")).text
        assert "Somebody had reported it. Who it was is not told." in page
        pages.append(page.replace(str(statement.id), "-").replace(opening.created_at.isoformat(), "-"))
        await Statement.all().delete()
    moments = re.compile(r"<time.*?</time>|[0-9]{1,2}:[0-9]{2}")
    assert moments.sub("", pages[0]) == moments.sub("", pages[1])
    assert "Outsider" not in pages[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"reason": REASON},
        {"reason": REASON, "ground": "nonsense"},
        {"reason": REASON, "ground": "law"},
        {"reason": REASON, "ground": "netiquette", "ground_name": " "},
        {"ground": "respect"},
    ],
)
async def test_no_restricting_act_goes_without_reason_and_ground(
    cast: Cast, visit: Visit, fields: dict[str, str]
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    opening = await opening_of(thread)
    flag_id = await flag(opening, cast.outsider)
    browser = await visit(cast.moderator)
    decision = {**fields, "decision": "hide", "flags": str(flag_id)}
    for url, sent in (
        (f"/moderation/posts/{opening.id}/hide", fields),
        (f"/moderation/threads/{thread.id}/lock", fields),
        (f"/moderation/posts/{opening.id}/decide", decision),
    ):
        answer = await browser.post(url, data=sent, headers=ORIGIN)
        assert answer.status_code == 422
        assert fields.get("reason", "") in answer.text
    assert await Statement.all().count() == 0
    assert (await Thread.get(id=thread.id)).hidden_at is None


async def test_restoring_lifts_the_statement_and_hiding_again_makes_another(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason=REASON, ground=LAW)
    await order.restore_post(answer.id, by=moderator, reason="It was a quotation.")
    statement = await Statement.get()
    assert statement.lifted_at is not None
    page = (await (await visit(cast.helper)).get(f"/decisions/{statement.id}")).text
    assert "Lifted on" in page
    await order.hide_post(answer.id, by=moderator, reason=REASON, ground=LAW)
    assert await Statement.filter(lifted_at=None).count() == 1
    assert (await Statement.get(id=statement.id)).lifted_at is not None


async def test_taking_the_name_off_a_post_takes_it_off_the_statement(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    moderator = await viewer_for(cast.moderator)
    await order.hide_post(answer.id, by=moderator, reason=REASON, ground=LAW)
    await unlink_author(answer.id, whole_thread=False, by=moderator, reason=REASON)
    statement = await Statement.get()
    assert statement.member_id is None
    assert (await (await visit(cast.helper)).get(f"/decisions/{statement.id}")).status_code == 404


async def test_nobody_gets_a_statement_about_what_they_did_to_themselves(cast: Cast) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.moderator)
    await order.hide_post(answer.id, by=await viewer_for(cast.moderator), reason=REASON)
    former = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    await Post.filter(id=former.id).update(author_id=None)
    await order.hide_post(former.id, by=await viewer_for(cast.moderator), reason=REASON)
    assert await Statement.all().count() == 0


async def test_locking_for_an_answer_tells_both_who_are_concerned(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    moderator = await viewer_for(cast.moderator)
    flags = [await flag(answer, cast.outsider)]
    await actions.uphold_flags(
        answer.id, flags, measure=Measure.LOCK, by=moderator, reason=REASON, ground=LAW
    )
    rows = {(row.act, row.member_id, row.is_prompted, row.ground_name) for row in await Statement.all()}
    assert rows == {
        ("lock_thread", cast.asker.id, True, LAW.name),
        ("note_post", cast.helper.id, True, LAW.name),
    }


async def test_acts_that_restrict_nobody_ask_for_no_ground(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    browser = await visit(cast.moderator)
    assert 'name="ground"' not in (await browser.get(f"/moderation/threads/{thread.id}/pin")).text
    assert 'name="ground"' in (await browser.get(f"/moderation/threads/{thread.id}/lock")).text
    sent = await browser.post(f"/moderation/threads/{thread.id}/lock", data=GROUNDED, headers=ORIGIN)
    assert sent.status_code == 303
