"""A mail that was acknowledged is published, and once, however often the process dies in between."""

from __future__ import annotations

import asyncio
import random
import smtplib
import subprocess
import time

from community.core.reply_addresses import address_for
from community.threads.models import Post
from tests.cast import make_cast
from tests.factories import make_account, make_thread
from tests.mail_server import free_port
from tests.replies.conftest import answers_are_taken  # noqa: F401 - a fixture for all tests here
from tests.replies.mails import make_mail
from tests.replies.test_command import ERIKA, command

MAILS = 20
DEATHS = 3


def send_until_taken(port: int, to: str, content: bytes) -> None:
    """As a mail server does: again after a lost connection, until it is told that the mail was taken."""
    while True:
        try:
            with smtplib.LMTP("127.0.0.1", port, timeout=30) as client:
                client.sendmail(ERIKA, [to], content)
                return
        except (OSError, smtplib.SMTPException):
            time.sleep(0.05)


async def test_nothing_acknowledged_is_lost_or_doubled(fresh_database: str) -> None:
    cast = await make_cast()
    await make_account(cast.helper, mail=ERIKA)
    thread = await make_thread(cast.open_space, cast.asker)
    address, port = address_for(thread.id, cast.helper.id), free_port()

    def start() -> subprocess.Popen[str]:
        return command("--lmtp", f"127.0.0.1:{port}", DATABASE_URL=fresh_database)

    def send_all() -> None:
        for number in range(MAILS):
            content = make_mail(f"Answer {number}", to=address, message_id=f"<{number}@x>").as_bytes()
            send_until_taken(port, address, content)

    process = start()
    sending = asyncio.create_task(asyncio.to_thread(send_all))
    try:
        for death in range(DEATHS):
            while await Post.filter(thread_id=thread.id, kind="answer").count() <= death * 4:
                await asyncio.sleep(0.01)
            await asyncio.sleep(random.uniform(0, 0.05))
            process.kill()
            await asyncio.to_thread(process.communicate)
            process = start()
        await asyncio.wait_for(sending, 120)
    finally:
        process.kill()
        await asyncio.to_thread(process.communicate)
    bodies = [post.body for post in await Post.filter(thread_id=thread.id, kind="answer")]
    assert sorted(bodies) == sorted(f"Answer {number}" for number in range(MAILS))
