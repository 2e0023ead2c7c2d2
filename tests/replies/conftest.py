"""A site that takes answers by mail."""

from __future__ import annotations

import imaplib
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from community.core import reply_addresses
from community.replies import inbox
from community.replies.inbox import InboxPlace, read_inbox_url
from community.settings import settings
from tests.mail_server import free_port

OWN = "community@reply.example"


@pytest.fixture(autouse=True)
def answers_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reply_addresses, "settings", replace(settings, mail_reply_address=OWN))


@pytest.fixture(scope="package")
def imap_port() -> Iterator[int]:
    """A real IMAP server in a process of its own, with an empty mailbox."""
    port = free_port()
    options = f"--host 127.0.0.1 --port {port} --no-tls dict --demo-user reply --demo-password p@ss/word"
    server = subprocess.Popen(
        [sys.executable, "-c", "from pymap.main import main; main()", *options.split()],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _tenth in range(300):
            try:
                imaplib.IMAP4("127.0.0.1", port).logout()
                break
            except OSError:
                time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture
def place(imap_port: int) -> Iterator[InboxPlace]:
    found = read_inbox_url(f"imap://reply:p%40ss%2Fword@127.0.0.1:{imap_port}/INBOX")
    yield found
    with inbox.opened(found) as box:
        box.store("1:*", "+FLAGS", r"(\Deleted)")
        box.expunge()
