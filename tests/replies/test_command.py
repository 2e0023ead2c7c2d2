"""`community receive-mail` as a process of its own, with a mail server's client in front of it."""

from __future__ import annotations

import asyncio
import os
import signal
import smtplib
import subprocess
import sys
import time

import pytest

from community.core.reply_addresses import address_for
from community.settings import PROJECT, settings
from community.threads.models import Post
from tests.cast import make_cast
from tests.factories import make_account, make_thread
from tests.mail_server import free_port
from tests.replies.conftest import OWN
from tests.replies.mails import make_mail

ERIKA = "erika@firm.example"


def command(*options: str, **environment: str) -> subprocess.Popen[str]:
    given = {
        **os.environ,
        "VAULT_KEY_FILE": str(settings.vault_key_file),
        "MAIL_REPLY_ADDRESS": OWN,
        **environment,
    }
    return subprocess.Popen(
        [sys.executable, "-m", "community", "receive-mail", *options],
        cwd=PROJECT,
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def hand_over(port: int, to: str, content: bytes) -> None:
    for _tenth in range(300):
        try:
            with smtplib.LMTP("127.0.0.1", port) as client:
                client.sendmail(ERIKA, [to], content)
                return
        except ConnectionRefusedError:
            time.sleep(0.1)
    raise AssertionError("Nobody listens.")


@pytest.mark.each_database
async def test_a_mail_is_taken_and_the_process_ends_when_asked(fresh_database: str) -> None:
    cast = await make_cast()
    await make_account(cast.helper, mail=ERIKA)
    thread = await make_thread(cast.open_space, cast.asker)
    address, port = address_for(thread.id, cast.helper.id), free_port()
    process = command("--lmtp", f"127.0.0.1:{port}", DATABASE_URL=fresh_database, LOG_LEVEL="DEBUG")
    try:
        await asyncio.to_thread(hand_over, port, address, make_mail(to=address).as_bytes())
        assert await Post.filter(thread_id=thread.id, kind="answer").count() == 1
    finally:
        process.send_signal(signal.SIGTERM)
        said, _nothing = await asyncio.to_thread(process.communicate, timeout=30)
    assert process.returncode == 0, said
    for word in (ERIKA, address, "Take out the plug"):
        assert word not in said


@pytest.mark.parametrize(
    ("options", "environment", "sentence"),
    [
        (("--lmtp", "127.0.0.1:1"), {"MAIL_REPLY_ADDRESS": ""}, "MAIL_REPLY_ADDRESS is empty"),
        (("--lmtp", "127.0.0.1:1"), {"MAIL_REPLY_ADDRESS": "a+b@x.example"}, "plus sign"),
        (("--imap",), {"MAIL_INBOX_URL": ""}, "MAIL_INBOX_URL reads"),
        (("--lmtp", "nowhere"), {}, "HOST:PORT"),
        ((), {}, "one of the arguments"),
    ],
)
async def test_what_is_missing_is_said_in_a_sentence(
    fresh_database: str, options: tuple[str, ...], environment: dict[str, str], sentence: str
) -> None:
    process = command(*options, DATABASE_URL=fresh_database, **environment)
    said, _nothing = await asyncio.to_thread(process.communicate, timeout=60)
    assert process.returncode == 2
    assert sentence in said
    assert "Traceback" not in said
