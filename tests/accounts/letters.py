"""Delivering the outbox in a test, and reading the mails that come of it."""

from __future__ import annotations

import re

from community.core.mail import StoredMail, stored_mails
from community.settings import settings
from community.worker import Worker
from search import SearchEngine

LINK = re.compile(r"http://127\.0\.0\.1:8000(/[a-z/-]+\?token=([\w-]+))")


async def deliver(engine: SearchEngine) -> None:
    """Run everything that is owed, as the worker does."""
    worker = Worker(engine)
    while await worker.run_once() or await worker.deliver_mails():
        pass


async def mails_to(address: str) -> list[StoredMail]:
    """The mails for this address, newest first."""
    return [mail for mail in await stored_mails(settings.var_dir, 1000) if mail.to == address]


def path_in(mail: StoredMail) -> str:
    """Path and query of the link in a mail."""
    found = LINK.search(mail.text)
    assert found is not None, mail.text
    return found.group(1)


def token_in(mail: StoredMail) -> str:
    return path_in(mail).partition("token=")[2]
