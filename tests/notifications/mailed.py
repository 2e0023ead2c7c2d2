"""Letting time pass for mails, and reading what they say."""

from __future__ import annotations

import email
import email.policy
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage

import pytest

from community.accounts import letters
from community.core.clock import now
from community.core.db import random_id
from community.members.models import Member
from community.notifications.mailing import make_due_digests, make_due_mails
from community.notifications.models import Digest, Notification
from community.settings import settings
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.chance import without_random
from tests.factories import make_account


async def make_reachable(member: Member) -> str:
    """An account with an address that no other test writes to; mails are kept as files."""
    mail = f"reader{random_id()}@firm.example"
    await make_account(member, mail=mail)
    return mail


def use_server(monkeypatch: pytest.MonkeyPatch, port: int) -> None:
    """Mails leave through the mail server on this port."""
    monkeypatch.setattr(letters, "settings", replace(settings, mail_url=f"smtp://127.0.0.1:{port}"))


async def minutes_pass() -> None:
    """Whatever waits for a mail has waited long enough."""
    await Notification.filter(mail_due_at__isnull=False).update(mail_due_at=now() - timedelta(seconds=1))


async def send_mails(engine: SearchEngine) -> None:
    """Everything that happened is told, minutes pass, and what is still to be mailed is sent."""
    await deliver(engine)
    await minutes_pass()
    await make_due_mails()
    await deliver(engine)


async def send_digests(engine: SearchEngine) -> None:
    """The morning comes on which digests are due."""
    await deliver(engine)
    await Digest.filter(due_at__isnull=False).update(due_at=now() - timedelta(seconds=1))
    await make_due_digests()
    await deliver(engine)


def mails_of(address: str) -> list[EmailMessage]:
    """The mails to this address, the oldest first, with their headers."""
    found = []
    for path in sorted((settings.var_dir / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        mail = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        if mail["To"] == address:
            found.append(mail)
    return found


def text_of(mail: EmailMessage) -> str:
    """The text part."""
    part = mail.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


def html_of(mail: EmailMessage) -> str:
    part = mail.get_body(("html",))
    assert part is not None
    return str(part.get_content())


def everything_in(mail: EmailMessage) -> str:
    """Subject, headers and both parts, in one, but for the tokens in them."""
    headers = (f"{name}: {value}" for name, value in mail.items())
    return without_random("\n".join([*headers, text_of(mail), html_of(mail)]))
