"""Mail servers hand answers over by LMTP or SMTP and hear the truth: taken, never, or later."""

from __future__ import annotations

import asyncio
import smtplib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from community.core.clock import now
from community.replies import server, taking
from community.replies.server import MOST_CONNECTIONS, MailDoor
from tests.replies.correspondent import ERIKA, address_of_helper, count_answers
from tests.replies.mails import make_mail


@asynccontextmanager
async def opened_door(*, lmtp: bool = True) -> AsyncIterator[MailDoor]:
    door = MailDoor(speaks_lmtp=lmtp)
    await door.open("127.0.0.1", 0)
    try:
        yield door
    finally:
        await door.close()


async def hand_over(
    port: int, to: str, content: bytes, *, sender: str = ERIKA, lmtp: bool = True
) -> tuple[int, str]:
    """Code and words with which the mail was answered, by the client of the standard library."""

    def work() -> tuple[int, str]:
        client: smtplib.SMTP = (smtplib.LMTP if lmtp else smtplib.SMTP)("127.0.0.1", port)
        with client:
            try:
                client.sendmail(sender, [to], content)
            except smtplib.SMTPRecipientsRefused as refused:
                code, words = refused.recipients[to]
                return code, words.decode()
            except smtplib.SMTPResponseException as refused:
                return refused.smtp_code, str(refused.smtp_error)
            return 250, ""

    return await asyncio.to_thread(work)


@pytest.mark.each_database
async def test_what_is_acknowledged_is_published(fresh_database: str) -> None:
    address, thread_id = await address_of_helper()
    for number, lmtp in enumerate((True, False), start=1):
        async with opened_door(lmtp=lmtp) as door:
            content = make_mail(to=address, message_id=f"<{number}@x>").as_bytes()
            for _time in range(2):
                assert (await hand_over(door.port, address, content, lmtp=lmtp))[0] == 250
        assert await count_answers(thread_id) == number


async def test_while_the_database_fails_the_mail_is_to_come_again(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread_id = await address_of_helper()
    content = make_mail(to=address).as_bytes()
    async with opened_door() as door:
        from community.core.db import execute

        await execute("ALTER TABLE submissions RENAME TO submissions_away")
        code, words = await hand_over(door.port, address, content)
        assert code == 451
        assert "firm.example" not in words
        assert await count_answers(thread_id) == 0
        await execute("ALTER TABLE submissions_away RENAME TO submissions")
        assert (await hand_over(door.port, address, content))[0] == 250
    assert await count_answers(thread_id) == 1


async def test_addresses_that_are_not_genuine_are_refused_at_once(fresh_database: str) -> None:
    async with opened_door() as door:
        for address in ("community@reply.example", "community+abc@reply.example", "x@other.example"):
            assert (await hand_over(door.port, address, b"x"))[0] == 550


async def test_a_mail_that_is_too_large_is_refused(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "LARGEST_MAIL", 20_000)
    address, thread_id = await address_of_helper()
    async with opened_door() as door:
        code, _words = await hand_over(door.port, address, make_mail("x " * 30_000).as_bytes())
        assert code == 552
    assert await count_answers(thread_id) == 0


async def test_a_bounce_is_taken_and_forgotten(fresh_database: str) -> None:
    address, thread_id = await address_of_helper()
    async with opened_door() as door:
        assert (await hand_over(door.port, address, make_mail().as_bytes(), sender=""))[0] == 250
    assert await count_answers(thread_id) == 0


async def test_a_second_receiver_comes_in_a_mail_of_its_own(fresh_database: str) -> None:
    address, _thread_id = await address_of_helper()
    async with opened_door() as door:

        def work() -> tuple[int, int]:
            with smtplib.LMTP("127.0.0.1", door.port) as client:
                client.ehlo()
                client.mail(ERIKA)
                return client.rcpt(address)[0], client.rcpt(address)[0]

        assert await asyncio.to_thread(work) == (250, 452)


async def test_there_are_only_so_many_connections(fresh_database: str) -> None:
    async with opened_door() as door:
        clients = [
            await asyncio.to_thread(smtplib.LMTP, "127.0.0.1", door.port) for _ in range(MOST_CONNECTIONS)
        ]

        def one_more() -> int:
            try:
                smtplib.LMTP("127.0.0.1", door.port).close()
            except smtplib.SMTPConnectError as refused:
                return refused.smtp_code
            return 220

        assert await asyncio.to_thread(one_more) == 421
        for client in clients:
            client.close()
        await _until(lambda: not door._connections)
        assert await asyncio.to_thread(one_more) == 220


async def _until(condition: Callable[[], bool]) -> None:
    for _tenth in range(100):
        if condition():
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"Not after ten seconds, at {now()}.")


async def test_closing_lets_a_mail_end_that_is_just_being_done(
    fresh_database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    address, thread_id = await address_of_helper()
    begun = asyncio.Event()
    real = taking.receive

    async def slowly(*given: object, **named: object) -> object:
        begun.set()
        await asyncio.sleep(0.5)
        return await real(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(taking, "receive", slowly)
    async with opened_door() as door:
        handing = asyncio.create_task(hand_over(door.port, address, make_mail().as_bytes()))
        await begun.wait()
    assert await count_answers(thread_id) == 1
    await asyncio.gather(handing, return_exceptions=True)


async def test_the_library_logs_no_addresses(fresh_database: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    address, _thread_id = await address_of_helper()
    async with opened_door() as door:
        await hand_over(door.port, address, make_mail().as_bytes())
    assert "firm.example" not in caplog.text
    assert address not in caplog.text
