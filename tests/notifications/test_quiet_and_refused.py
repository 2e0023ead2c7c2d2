"""Hours of quiet delay and lose nothing, nor does a mail server that is away; a refused address gets no more."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from community.accounts.models import Account
from community.core.clock import now
from community.core.models import OutboxFact
from community.notifications import mail_figures, mailing
from community.notifications.actions import choose_channels, notify
from community.notifications.mail_wishes import ZONE, Wishes, quiet_ends, wish
from community.notifications.models import Notification, NotificationMail
from community.notifications.rules import Channel, Topic
from community.threads import reminders
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast
from tests.fixtures import Visit
from tests.mail_server import StartServer
from tests.notifications.mailed import (
    mails_of,
    make_reachable,
    minutes_pass,
    send_mails,
    text_of,
    use_server,
)
from tests.threads.test_reminders import answered

NIGHT = Wishes(quiet_from=20, quiet_until=7)
NOON = Wishes(quiet_from=12, quiet_until=14)


@pytest.mark.parametrize(
    ("wishes", "moment", "end"),
    [
        (NIGHT, datetime(2026, 1, 15, 18, 59, tzinfo=UTC), None),
        (NIGHT, datetime(2026, 1, 15, 19, 0, tzinfo=UTC), datetime(2026, 1, 16, 6, tzinfo=UTC)),
        (NIGHT, datetime(2026, 1, 16, 5, 59, tzinfo=UTC), datetime(2026, 1, 16, 6, tzinfo=UTC)),
        (NIGHT, datetime(2026, 1, 16, 6, 0, tzinfo=UTC), None),
        (NIGHT, datetime(2026, 3, 28, 20, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (
            Wishes(quiet_from=12, quiet_until=14),
            datetime(2026, 1, 15, 12, tzinfo=UTC),
            datetime(2026, 1, 15, 13, tzinfo=UTC),
        ),
        (NOON, datetime(2026, 1, 15, 13, tzinfo=UTC), None),
        (Wishes(quiet_from=9, quiet_until=9), datetime(2026, 1, 15, 8, tzinfo=UTC), None),
        (Wishes(), datetime(2026, 1, 15, 8, tzinfo=UTC), None),
    ],
)
def test_quiet_ends_at_the_hour_that_was_chosen(
    wishes: Wishes, moment: datetime, end: datetime | None
) -> None:
    assert quiet_ends(wishes, moment) == end


@pytest.mark.each_database
async def test_what_happens_in_hours_of_quiet_comes_afterwards_in_one_mail(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, NIGHT)
    with time_machine.travel(datetime(2027, 1, 15, 21, 0, tzinfo=UTC), tick=False) as clock:
        for number in range(3):
            await notify([cast.asker.id], "mentioned", cause=f"x{number}")
            clock.shift(timedelta(minutes=30))
            await mailing.make_due_mails()
            await deliver(search_engine)
        clock.move_to(datetime(2027, 1, 16, 5, 59, tzinfo=UTC))
        await mailing.make_due_mails()
        await deliver(search_engine)
        assert mails_of(mail) == []
        clock.move_to(datetime(2027, 1, 16, 6, 1, tzinfo=UTC))
        await mailing.make_due_mails()
        await deliver(search_engine)
    assert [got["Subject"] for got in mails_of(mail)] == ["You have been mentioned 3 times"]


async def test_a_mail_that_is_owed_waits_too_if_quiet_has_begun(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, NIGHT)
    with time_machine.travel(datetime(2027, 1, 15, 18, 58, tzinfo=UTC), tick=False) as clock:
        await notify([cast.asker.id], "mentioned", cause="x")
        await minutes_pass()
        await mailing.make_due_mails()
        clock.shift(timedelta(minutes=5))
        await deliver(search_engine)
        assert mails_of(mail) == []
        fact = await OutboxFact.get(name="account.news_to_mail")
        assert (fact.attempts, fact.parked_at) == (0, None)
        clock.move_to(datetime(2027, 1, 16, 6, 1, tzinfo=UTC))
        await deliver(search_engine)
    assert len(mails_of(mail)) == 1


async def test_a_mail_server_that_is_away_for_a_day_gets_each_mail_once_afterwards(
    cast: Cast, search_engine: SearchEngine, start_server: StartServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_reachable(cast.asker)
    inbox, port = start_server()
    use_server(monkeypatch, port)
    inbox.to_sender = "421 away"
    with time_machine.travel(datetime(2027, 1, 15, 8, 0, tzinfo=UTC), tick=False) as clock:
        for hour in range(26):
            await notify([cast.asker.id], "mentioned", cause=f"x{hour}")
            clock.shift(timedelta(hours=1))
            await mailing.make_due_mails()
            await deliver(search_engine)
        assert await NotificationMail.all().count() == 1
        inbox.to_sender = "250 OK"
        for _hour in range(3):
            clock.shift(timedelta(hours=1))
            await mailing.make_due_mails()
            await deliver(search_engine)
    subjects = [str(got["Subject"]) for got in inbox.mails]
    assert subjects == ["Somebody has mentioned you", "You have been mentioned 25 times"]
    assert not await OutboxFact.filter(name="account.news_to_mail", done_at=None).exists()


@pytest.mark.parametrize(
    ("answer", "is_stopped"),
    [
        ("550 5.1.1 no such mail box", True),
        ("550 no such user here", True),
        ("553 5.1.3 odd", True),
        ("552 5.2.2 mail box full", False),
        ("552 full", False),
        ("550 5.7.1 we do not like you", False),
    ],
)
async def test_a_refused_address_gets_no_more_until_it_is_confirmed_again(
    cast: Cast,
    search_engine: SearchEngine,
    start_server: StartServer,
    monkeypatch: pytest.MonkeyPatch,
    answer: str,
    is_stopped: bool,
) -> None:
    await make_reachable(cast.asker)
    inbox, port = start_server()
    use_server(monkeypatch, port)
    inbox.to_receiver = answer
    await notify([cast.asker.id], "mentioned", cause="x")
    await send_mails(search_engine)
    assert (await Account.get(member_id=cast.asker.id)).mail_refused is is_stopped
    inbox.to_receiver = "250 OK"
    await notify([cast.asker.id], "mentioned", cause="y")
    await send_mails(search_engine)
    assert len(inbox.mails) == (0 if is_stopped else 1)
    assert await Notification.filter(member_id=cast.asker.id).count() == 2
    today = now().date()
    assert await mail_figures.sum_figures(today, today) == {"failed": 1} | ({} if is_stopped else {"sent": 1})


async def test_the_settings_say_so_and_a_link_confirms_the_address(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    client = await visit(cast.asker)
    assert "Mails do not reach you" not in (await client.get("/settings/notifications")).text
    await Account.filter(member_id=cast.asker.id).update(mail_refused=True)
    assert "Mails do not reach you" in (await client.get("/settings/notifications")).text
    assert (await client.post("/settings/notifications/confirm-address")).status_code == 303
    await deliver(search_engine)
    [got] = mails_of(mail)
    found = re.search(r"http://127\.0\.0\.1:8000(/mails/confirm-address\?token=([\w-]+))", text_of(got))
    assert found is not None
    guest = await visit()
    assert (await guest.get(found[1])).status_code == 200
    assert (await Account.get(member_id=cast.asker.id)).mail_refused
    answer = await guest.post("/mails/confirm-address", data={"token": found[2]})
    assert answer.status_code == 303
    assert not (await Account.get(member_id=cast.asker.id)).mail_refused
    again = await guest.post("/mails/confirm-address", data={"token": found[2]})
    assert again.status_code == 410


async def test_reminders_keep_quiet_and_can_be_ended_by_their_link(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await answered(cast, days=4)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    [got] = mails_of(mail)
    path = str(got["List-Unsubscribe"]).strip("<>").removeprefix("http://127.0.0.1:8000")
    assert "about=own_questions" in path
    assert (await (await visit()).post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    await answered(cast, days=4)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    assert len(mails_of(mail)) == 1
    await choose_channels(cast.asker.id, {Topic.OWN_QUESTIONS: Channel.MAIL})
    hour = now().astimezone(ZONE).hour
    await wish(cast.asker.id, Wishes(quiet_from=hour, quiet_until=(hour + 2) % 24))
    await answered(cast, days=4)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    assert len(mails_of(mail)) == 1
    assert await OutboxFact.filter(name="account.asker_reminded", done_at=None).count() == 1
