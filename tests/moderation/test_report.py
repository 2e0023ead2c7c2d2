"""Reporting as illegal: by guests and members, with receipt, status and decision; and what it never gives away."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import httpx2
import pytest
import time_machine

from community.accounts.models import Notifier
from community.core.clock import now
from community.core.db import fetch
from community.decisions.grounds import Ground, GroundKind
from community.decisions.models import LogEntry, Statement
from community.members.models import Member
from community.moderation import actions, notices
from community.moderation.models import Flag, Measure, Notice
from community.threads import order
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.factories import make_answer, make_entry, make_thread, opening_of, viewer_for
from tests.fixtures import Visit
from tests.moderation.flagging import ORIGIN, REASON, told

MAIL, NAME = "qxzjvk.notifier@qxzjvk.example", "Qxzjvk Meldefrau"
TEXT = "The answer calls a named colleague a thief, which is not true."
LAW = Ground(GroundKind.LAW, "Section 185 of the Criminal Code (insult)")


def form(url: str, **others: str) -> dict[str, str]:
    return {
        "url": url,
        "kind": "defamation",
        "text": TEXT,
        "name": NAME,
        "mail": MAIL,
        "good_faith": "1",
    } | others


async def report(browser: httpx2.AsyncClient, url: str, **others: str) -> str:
    """Send a report; the address of its status page."""
    sent = await browser.post("/report", data=form(url, **others), headers=ORIGIN)
    assert sent.status_code == 303, sent.text
    return str(sent.headers["location"])


@pytest.mark.each_database
async def test_a_guest_reports_a_post_and_follows_it_to_the_decision(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    guest = await visit()
    page = await guest.get(f"/threads/{thread.id}-{thread.slug}")
    assert f"/report?url=/posts/{answer.id}" in page.text
    shown = await guest.get(f"/report?url=/posts/{answer.id}")
    assert f'value="/posts/{answer.id}"' in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    status = await report(guest, f"http://127.0.0.1:8000/threads/{thread.id}-{thread.slug}#post-{answer.id}")
    row = await Notice.get()
    flag = await Flag.get()
    assert (row.subject, row.kind, row.flag_id) == (f"post:{answer.id}", "defamation", flag.id)
    assert (flag.post_id, flag.reporter_id, flag.reason) == (answer.id, None, "law")
    await deliver(search_engine)
    [receipt] = [mail for mail in await mails_to(MAIL) if row.reference in mail.subject]
    assert path_in(receipt) == status
    assert "thief" not in without_random(receipt.text)
    page = await guest.get(status)
    assert "Your report has arrived." in page.text
    assert page.headers["cache-control"] == "private, no-store"
    assert page.headers["referrer-policy"] in ("same-origin", "no-referrer")
    moderator = await visit(cast.moderator)
    item = (await moderator.get(f"/moderation/posts/{answer.id}")).text
    assert TEXT in item
    assert row.reference in item
    decided = {"decision": "hide", "ground": "law", "ground_name": LAW.name, "reason": REASON}
    sent = await moderator.post(
        f"/moderation/posts/{answer.id}/decide", data=decided | {"flags": str(flag.id)}, headers=ORIGIN
    )
    assert sent.status_code == 303
    row = await Notice.get()
    assert (row.state, row.decided_by_id, row.measure) == ("upheld", cast.moderator.id, "hide")
    assert row.dealt_at is not None
    await deliver(search_engine)
    assert len([mail for mail in await mails_to(MAIL) if row.reference in mail.subject]) == 2
    page = (await guest.get(status)).text
    assert REASON in page
    assert "We agree with your report." in page
    assert "Jana" not in without_random(page)


async def test_nobody_reads_who_has_reported(cast: Cast, visit: Visit, search_engine: SearchEngine) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    status = await report(await visit(), f"/posts/{answer.id}")
    await deliver(search_engine)
    moderator = await viewer_for(cast.moderator)
    flags = [row.id for row in await Flag.all()]
    staff = await visit(cast.moderator)
    seen = [(await staff.get(url)).text for url in (f"/moderation/posts/{answer.id}", "/moderation/notices")]
    await actions.uphold_flags(
        answer.id, flags, measure=Measure.HIDE, by=moderator, reason=REASON, ground=LAW
    )
    await deliver(search_engine)
    author = await visit(cast.helper)
    statement = await Statement.get()
    seen += [(await author.get(url)).text for url in ("/notifications", f"/decisions/{statement.id}")]
    notice = await Notice.get()
    seen += [
        (await staff.get(f"/moderation/notices/{notice.id}")).text,
        (await (await visit()).get(status)).text,
    ]
    assert not [page for page in seen if "qxzjvk" in without_random(page).lower()]
    # In the database it lies encrypted, in the vault alone.
    tables = await fetch("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    for table in tables:
        rows = await fetch(f'SELECT * FROM "{table["name"]}"')
        text = without_random(str([dict(row) for row in rows]))
        assert "qxzjvk" not in text.lower(), table["name"]


async def test_what_guests_may_not_read_answers_like_what_does_not_exist(cast: Cast, visit: Visit) -> None:
    hidden = await opening_of(await make_thread(cast.hidden_space, cast.asker))
    members = await opening_of(await make_thread(cast.members_space, cast.asker))
    gone = await opening_of(await make_thread(cast.open_space, cast.asker))
    await order.hide_post(gone.id, by=await viewer_for(cast.moderator), reason=REASON)
    guest = await visit()
    answers = []
    for number in (hidden.id, members.id, gone.id, 1, 2**60):
        sent = await guest.post("/report", data=form(f"/posts/{number}", key="k" * 24), headers=ORIGIN)
        assert sent.status_code == 422
        answers.append(sent.text.replace(f"/posts/{number}", "-"))
    assert len(set(answers)) == 1
    read = (await opening_of(await make_thread(cast.open_space, cast.asker))).id
    schemes = (
        f"javascript:/posts/{read}",
        f"ms-x:/posts/{read}",
        f"javascript://127.0.0.1:8000/posts/{read}",
    )
    for url in (
        *schemes,
        "https://elsewhere.example/posts/1",
        "/admin",
        "/members/Nobody",
        "//[",
        "/faq/1",
        "%00",
    ):
        assert (await guest.post("/report", data=form(url), headers=ORIGIN)).status_code == 422
    assert await Notice.all().count() == 0


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"kind": ""}, "Please choose what is wrong."),
        ({"text": "Bad."}, "Please write at least 20 characters."),
        ({"name": ""}, "Please write your name."),
        ({"mail": ""}, "Please write your mail address."),
        ({"mail": "nonsense"}, "Please write a mail address like name@example.com."),
        ({"good_faith": ""}, "Please confirm that you report in good faith."),
    ],
)
async def test_what_is_missing_is_said_and_what_was_typed_is_kept(
    cast: Cast, visit: Visit, changed: dict[str, str], error: str
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    sent = await (await visit()).post("/report", data=form(f"/posts/{opening.id}", **changed), headers=ORIGIN)
    assert sent.status_code == 422
    assert error in sent.text
    assert changed.get("text", TEXT) in sent.text
    assert await Notice.all().count() == 0


@pytest.mark.parametrize("kind", ["abuse", "rules"])
async def test_some_kinds_need_neither_name_nor_address(
    cast: Cast, visit: Visit, search_engine: SearchEngine, kind: str
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    guest = await visit()
    status = await report(guest, f"/posts/{opening.id}", kind=kind, name="", mail="")
    assert await Notifier.all().count() == 0
    await deliver(search_engine)
    assert "Your report has arrived." in (await guest.get(status)).text


@pytest.mark.each_database
async def test_a_form_sent_twice_is_one_report(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    guest = await visit()
    [key] = re.findall(r'name="key" value="([^"]+)"', (await guest.get("/report")).text)
    first = await report(guest, f"/posts/{opening.id}", key=key)
    assert await report(guest, f"/posts/{opening.id}", key=key) == first
    assert await Notice.all().count() == 1
    fields = form(f"/posts/{opening.id}", key=key, text="Something else that is wrong here.")
    assert (await guest.post("/report", data=fields, headers=ORIGIN)).status_code == 409
    # Nothing that a visitor sends as a key opens somebody else's report.
    other = await report(await visit(), f"/posts/{opening.id}", key="short")
    assert other != first
    token = first.partition("token=")[2]
    assert len(token) >= 40
    assert (await guest.get(f"/report/status?token={token[:-1]}")).status_code == 404


async def test_too_many_reports_are_refused_with_what_was_typed(cast: Cast, visit: Visit) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.asker))
    guest = await visit()
    for _number in range(10):
        await report(guest, f"/posts/{opening.id}")
    refused = await guest.post("/report", data=form(f"/posts/{opening.id}"), headers=ORIGIN)
    assert refused.status_code == 429
    assert TEXT in refused.text
    assert await Notice.all().count() == 10


async def test_a_member_who_flags_for_the_law_gets_receipt_and_decision_in_the_site(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    answer = await make_answer(await make_thread(cast.members_space, cast.asker), cast.helper)
    member = await visit(cast.outsider)
    url = f"/posts/{answer.id}/flag"
    short = await member.post(url, data={"reason": "law", "note": "Bad."}, headers=ORIGIN)
    assert short.status_code == 422
    sent = await member.post(url, data={"reason": "law", "note": TEXT}, headers=ORIGIN)
    assert sent.status_code == 303
    notice = await Notice.get()
    assert (notice.reporter_id, notice.text, notice.notifier_id) == (cast.outsider.id, TEXT, None)
    await deliver(search_engine)
    assert await told(cast.outsider) == [("notice_received", "")]
    page = (await member.get(f"/notices/{notice.id}")).text
    assert notice.reference in page
    assert (await (await visit(cast.colleague)).get(f"/notices/{notice.id}")).status_code == 404
    await actions.dismiss_flags(
        answer.id, [notice.flag_id], by=await viewer_for(cast.moderator), reason="It is a quotation."
    )
    await deliver(search_engine)
    assert (await told(cast.outsider))[-1] == ("flag_dismissed", "It is a quotation.")
    assert "It stays as it is." in (await member.get(f"/notices/{notice.id}")).text


@pytest.mark.each_database
async def test_a_nickname_can_be_reported_and_its_owner_is_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, staff = await visit(), await visit(cast.moderator)
    assert "/report?url=/members/Helper" in (await guest.get("/members/Helper")).text
    await report(guest, "/members/Helper")
    notice = await Notice.get()
    assert notice.reference in (await staff.get("/moderation/notices")).text
    page = (await staff.get(f"/moderation/notices/{notice.id}")).text
    assert TEXT in page
    fields = {"decision": "uphold", "ground": "law", "ground_name": LAW.name, "reason": REASON}
    without = await staff.post(
        f"/moderation/notices/{notice.id}/decide", data=fields | {"ground": ""}, headers=ORIGIN
    )
    assert without.status_code == 422
    sent = await staff.post(f"/moderation/notices/{notice.id}/decide", data=fields, headers=ORIGIN)
    assert sent.status_code == 303
    await deliver(search_engine)
    assert await told(cast.helper) == [("member_noted", REASON)]
    statement = await Statement.get()
    assert (
        "choose another nickname" in (await (await visit(cast.helper)).get(f"/decisions/{statement.id}")).text
    )
    assert (await LogEntry.get()).act == "uphold_notice"
    late = await staff.post(f"/moderation/notices/{notice.id}/decide", data=fields, headers=ORIGIN)
    assert late.status_code == 409
    assert REASON in late.text


async def test_an_entry_of_the_faq_can_be_reported_and_is_withdrawn(cast: Cast, visit: Visit) -> None:
    answer = await make_answer(await make_thread(cast.open_space, cast.asker), cast.helper)
    entry = await make_entry(answer, answer="Restart it.")
    guest, staff = await visit(), await visit(cast.moderator)
    url = f"/faq/{entry.id}-{entry.slug}"
    assert f"/report?url={url}" in (await guest.get(url)).text
    await report(guest, url)
    notice = await Notice.get()
    fields = {"decision": "uphold", "ground": "privacy", "reason": REASON}
    await staff.post(f"/moderation/notices/{notice.id}/decide", data=fields, headers=ORIGIN)
    assert (await guest.get(url)).status_code == 404
    assert [entry.act for entry in await LogEntry.all().order_by("id")] == ["uphold_notice", "faq.withdrawn"]


async def test_nobody_decides_about_their_own_things_and_the_list_leaves_them_out(
    cast: Cast, visit: Visit
) -> None:
    opening = await opening_of(await make_thread(cast.open_space, cast.moderator))
    await report(await visit(), f"/posts/{opening.id}")
    await report(await visit(), f"/members/{cast.moderator.nickname}")
    own, other = await visit(cast.moderator), await visit(cast.administrator)
    for row in await Notice.all():
        assert row.reference not in (await own.get("/moderation/notices")).text
        assert row.reference in (await other.get("/moderation/notices")).text
        assert (await own.get(f"/moderation/notices/{row.id}")).status_code == 404
        sent = await own.post(f"/moderation/notices/{row.id}/decide", data={}, headers=ORIGIN)
        assert sent.status_code == 404
    for member in (cast.helper, cast.marketing):
        assert (await (await visit(member)).get("/moderation/notices")).status_code == 404


async def test_the_clock_marks_what_took_too_long(cast: Cast, visit: Visit) -> None:
    await report(await visit(), "/members/Helper")
    staff = await visit(cast.moderator)
    assert "Late: it should" not in (await staff.get("/moderation/notices")).text
    await Notice.all().update(knew_at=now() - timedelta(hours=25))
    notice = await Notice.get()
    for url in ("/moderation/notices", "/moderation/notices?show=late", f"/moderation/notices/{notice.id}"):
        assert "Late: it should be dealt with by now" in (await staff.get(url)).text
    await notices.dismiss_notice(notice.id, by=await viewer_for(cast.administrator), reason=REASON)
    assert (await Notice.get()).dealt_late
    assert "after 25 hours" in (await staff.get("/moderation/notices?show=late")).text


@pytest.mark.each_database
async def test_of_two_who_decide_at_once_one_does(fresh_database: str) -> None:
    cast = await make_cast()
    fields = notices.Report(
        kind=notices.NoticeKind.FRAUD, text=TEXT, url="/members/Helper", nonce="n" * 24, name=NAME, mail=MAIL
    )
    await notices.file_notice(f"member:{cast.helper.id}", fields, by=None)
    notice = await Notice.get()
    first, second = await viewer_for(cast.moderator), await viewer_for(cast.administrator)
    results = await asyncio.gather(
        notices.uphold_notice(notice.id, by=first, reason=REASON, ground=LAW),
        notices.dismiss_notice(notice.id, by=second, reason=REASON),
        return_exceptions=True,
    )
    assert [type(result).__name__ for result in results if result is not None] == ["Conflict"]
    assert await LogEntry.all().count() == 1


async def test_names_and_old_notices_are_forgotten_in_time(cast: Cast, visit: Visit) -> None:
    await report(await visit(), "/members/Helper")
    notice = await Notice.get()
    moment = now()
    with time_machine.travel(moment + timedelta(days=800), tick=False):
        await notices.forget_old_notices()
    assert await Notifier.all().count() == 1, "what is open is not forgotten"
    await notices.dismiss_notice(notice.id, by=await viewer_for(cast.moderator), reason=REASON)
    for days, notifiers, left in ((210, 1, 1), (216, 0, 1), (1090, 0, 1), (1100, 0, 0)):
        with time_machine.travel(moment + timedelta(days=days), tick=False):
            await notices.forget_old_notices()
        assert (await Notifier.all().count(), await Notice.all().count()) == (notifiers, left), days


async def test_the_erasure_of_whoever_reported_takes_their_words(cast: Cast, visit: Visit) -> None:
    browser = await visit(cast.outsider)
    await report(browser, "/members/Helper")
    await notices.forget_reporter(cast.outsider.id)
    await Member.filter(id=cast.outsider.id).delete()
    row = await Notice.get()
    assert (row.reporter_id, row.text) == (None, "")
