"""Answers are taken from a mailbox over IMAP, and removed from it only once they are done."""

from __future__ import annotations

import asyncio
import imaplib
import time

import pytest

from community.core.db import execute
from community.replies import inbox
from community.replies.inbox import InboxPlace, look_into, read_inbox_url
from tests.replies.correspondent import address_of_helper, count_answers
from tests.replies.mails import make_mail


def put(place: InboxPlace, content: bytes) -> None:
    with inbox.opened(place) as box:
        status, _said = box.append("INBOX", "", imaplib.Time2Internaldate(time.time()), content)
        assert status == "OK"


def count(place: InboxPlace, what: str = "ALL") -> int:
    with inbox.opened(place) as box:
        return len(box.search(None, what)[1][0].split())


@pytest.mark.each_database
async def test_answers_are_published_and_gone_and_other_mails_stay(
    fresh_database: str, place: InboxPlace
) -> None:
    address, thread_id = await address_of_helper()
    await asyncio.to_thread(put, place, make_mail(to=address, message_id="<1@x>").as_bytes())
    await asyncio.to_thread(
        put, place, make_mail(to="community@reply.example", message_id="<2@x>").as_bytes()
    )
    delivered = make_mail(to="list@x.example", message_id="<3@x>", Delivered_To=address)
    await asyncio.to_thread(put, place, delivered.as_bytes())
    assert await look_into(place) == 2
    assert await count_answers(thread_id) == 2
    assert await asyncio.to_thread(count, place) == 1
    assert await asyncio.to_thread(count, place, "UNSEEN") == 0
    assert await look_into(place) == 0


async def test_while_the_database_fails_the_mail_stays_new(fresh_database: str, place: InboxPlace) -> None:
    address, thread_id = await address_of_helper()
    await asyncio.to_thread(put, place, make_mail(to=address).as_bytes())
    await execute("ALTER TABLE submissions RENAME TO submissions_away")
    assert await look_into(place) == 0
    assert await asyncio.to_thread(count, place, "UNSEEN") == 1
    await execute("ALTER TABLE submissions_away RENAME TO submissions")
    assert await look_into(place) == 1
    assert await count_answers(thread_id) == 1
    assert await asyncio.to_thread(count, place) == 0


async def test_a_mail_whose_removal_failed_is_not_published_twice(
    fresh_database: str, place: InboxPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread_id = await address_of_helper()
    await asyncio.to_thread(put, place, make_mail(to=address).as_bytes())

    def lost(box: imaplib.IMAP4, number: str) -> None:
        raise imaplib.IMAP4.abort("connection lost")

    with monkeypatch.context() as changed:
        changed.setattr(inbox, "_remove", lost)
        with pytest.raises(imaplib.IMAP4.abort):
            await look_into(place)
    assert await count_answers(thread_id) == 1
    assert await look_into(place) == 1
    assert await count_answers(thread_id) == 1
    assert await asyncio.to_thread(count, place) == 0


async def test_a_mail_that_is_too_large_is_refused_by_its_headers(
    fresh_database: str, place: InboxPlace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "LARGEST_MAIL", 5_000)
    address, thread_id = await address_of_helper()
    await asyncio.to_thread(put, place, make_mail("x " * 5_000, to=address).as_bytes())
    assert await look_into(place) == 1
    assert await count_answers(thread_id) == 0
    assert await asyncio.to_thread(count, place) == 0


@pytest.mark.parametrize(
    "url",
    [
        "",
        "pop3://a:b@c",
        "imaps://host/INBOX",
        "imap://a:secret@mail.example/",
        "imaps://a:secret@x:port/",
        "imaps://",
    ],
)
def test_a_place_that_cannot_work_is_named_without_its_password(url: str) -> None:
    with pytest.raises(ValueError, match="MAIL_INBOX_URL") as problem:
        read_inbox_url(url)
    assert "secret" not in str(problem.value)


def test_a_place_does_not_show_its_password() -> None:
    found = read_inbox_url("imaps://a%40x.example:secret@mail.example/Answers/New")
    assert (found.user, found.port, found.folder) == ("a@x.example", 993, "Answers/New")
    assert "secret" not in repr(found)
