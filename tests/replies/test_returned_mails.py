"""News stop where mail servers report that nobody is there, and only there."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from email.message import EmailMessage

import pytest
import time_machine

from community.accounts import vault
from community.accounts.models import Account
from community.core.clock import now
from community.core.db import execute
from community.core.reply_addresses import (
    LASTS,
    bounce_address_for,
    problem_with_reply_address,
    read_address,
    read_bounce_address,
)
from community.notifications.actions import notify
from community.notifications.mail_figures import sum_figures
from community.replies.bounces import says_nobody_is_there
from community.replies.inbox import InboxPlace, look_into
from search import SearchEngine
from tests.cast import Cast
from tests.mail_server import StartServer
from tests.notifications.mailed import make_reachable, send_mails, use_server
from tests.replies.mails import make_mail
from tests.replies.test_inbox import put
from tests.replies.test_mail_door import hand_over, opened_door

LARGEST = 2**53 - 1


def make_report(
    status: str = "5.1.1", *, action: str = "failed", to: str = "", kind: str = "delivery-status"
) -> bytes:
    """As Postfix writes them: words, the fields for machines, the headers of the mail that came back."""
    report = f"""From: MAILER-DAEMON@mx.firm.example (Mail Delivery System)
To: {to}
Subject: Undelivered Mail Returned to Sender
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type={kind}; boundary="xyz"

--xyz
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--xyz
Content-Type: message/{kind}

Reporting-MTA: dns; mx.firm.example
Arrival-Date: Mon, 11 Jan 2027 08:00:00 +0100

Final-Recipient: rfc822; somebody@firm.example
Original-Recipient: rfc822; somebody@firm.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 {status} no

--xyz
Content-Type: message/rfc822-headers

Subject: News

--xyz--
"""
    return report.replace("\n", "\r\n").encode()


async def let_news_go_out(
    cast: Cast, engine: SearchEngine, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> str:
    """A mail to the asker is taken by a real server; the address that reports about it go to."""
    await make_reachable(cast.asker)
    server, port = start_server()
    use_server(monkeypatch, port)
    await notify([cast.asker.id], "mentioned", cause="x")
    await send_mails(engine)
    [envelope] = server.envelopes
    assert envelope.mail_from is not None
    return str(envelope.mail_from)


async def is_refused(cast: Cast) -> bool:
    return (await Account.get(member_id=cast.asker.id)).mail_refused


@pytest.mark.each_database
async def test_a_report_stops_the_news_once_and_counts(
    cast: Cast, search_engine: SearchEngine, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await let_news_go_out(cast, search_engine, start_server, monkeypatch)
    today = now().date()
    for lmtp in (True, False):
        async with opened_door(lmtp=lmtp) as door:
            code, _words = await hand_over(door.port, address, make_report(to=address), sender="", lmtp=lmtp)
            assert code == 250
        assert await is_refused(cast)
        assert await sum_figures(today, today) == {"sent": 1, "returned": 1}
    await notify([cast.asker.id], "mentioned", cause="y")
    await send_mails(search_engine)
    assert await sum_figures(today, today) == {"sent": 1, "returned": 1}


async def test_the_address_names_nobody_and_is_none_for_answers(
    cast: Cast, search_engine: SearchEngine, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await let_news_go_out(cast, search_engine, start_server, monkeypatch)
    account = await Account.get(member_id=cast.asker.id)
    mail = vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id)
    assert mail.partition("@")[0] not in address
    assert str(cast.asker.id) not in address
    assert read_address(address) is None
    tag = read_bounce_address(address.upper())
    assert tag is not None
    assert tag.member_id == cast.asker.id
    assert len(bounce_address_for(LARGEST, LARGEST).partition("@")[0]) <= 64
    assert problem_with_reply_address("x" * 21 + "@reply.example") is None
    head, _plus, sign = address.partition("+")
    changed = f"{head}+{'b' if sign[0] == 'a' else 'a'}{sign[1:]}"
    async with opened_door() as door:
        assert (await hand_over(door.port, changed, make_report(), sender=""))[0] == 550


@pytest.mark.parametrize(
    ("status", "action", "is_final"),
    [
        ("5.1.1", "failed", True),
        ("5.1.10", "failed", True),
        ("5.2.1", "Failed", True),
        ("5.4.4 (no such host)", "failed", True),
        ("5.0.0", "failed", True),
        ("5.1.7", "failed", False),
        ("5.1.100", "failed", False),
        ("5.2.2", "failed", False),
        ("5.2.3", "failed", False),
        ("5.7.1", "failed", False),
        ("5.7.26", "failed", False),
        ("4.4.7", "failed", False),
        ("5.1.1", "delayed", False),
        ("5.1.1", "relayed", False),
        ("2.1.5", "delivered", False),
    ],
)
def test_only_a_final_failure_of_the_address_counts(status: str, action: str, is_final: bool) -> None:
    assert says_nobody_is_there(make_report(status, action=action)) is is_final


def test_what_is_no_such_report_says_nothing() -> None:
    receipt = make_report(kind="disposition-notification")
    forwarded = EmailMessage()
    forwarded.set_content("See below.")
    forwarded.add_attachment(make_report(), maintype="application", subtype="octet-stream")
    for content in (
        receipt,
        forwarded.as_bytes(),
        b"",
        b"\xff" * 100,
        make_mail(to="x@x.example").as_bytes(),
    ):
        assert not says_nobody_is_there(content)


async def test_what_came_too_late_or_from_somebody_changes_nothing(
    cast: Cast, search_engine: SearchEngine, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = await let_news_go_out(cast, search_engine, start_server, monkeypatch)
    async with opened_door() as door:
        await hand_over(door.port, address, make_report(to=address), sender="a@firm.example")
        await hand_over(door.port, address, make_mail(to=address).as_bytes(), sender="")
        assert not await is_refused(cast)
        with time_machine.travel(now() + LASTS + timedelta(days=2)):
            await hand_over(door.port, address, make_report(to=address), sender="")
        assert not await is_refused(cast)
        # By then the member has another address.
        await execute(
            "UPDATE vault_accounts SET mail_hash = 'other' WHERE member_id = :id", {"id": cast.asker.id}
        )
        await hand_over(door.port, address, make_report(to=address), sender="")
        assert not await is_refused(cast)


async def test_a_report_is_read_from_a_mailbox_too(
    cast: Cast,
    search_engine: SearchEngine,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
    place: InboxPlace,
) -> None:
    address = await let_news_go_out(cast, search_engine, start_server, monkeypatch)
    await asyncio.to_thread(put, place, make_report(to=address))
    assert await look_into(place) == 1
    assert await is_refused(cast)
