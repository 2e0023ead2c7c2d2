"""A real mail server on loopback, for tests: it keeps what arrives, or answers what it was told to."""

from __future__ import annotations

import asyncio
import email
import email.policy
import socket
from collections.abc import Callable, Iterator
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope


def read_back(content: bytes) -> EmailMessage:
    parsed = email.message_from_bytes(content, policy=email.policy.default)
    assert isinstance(parsed, EmailMessage)
    return parsed


class Inbox:
    """Handler of the test server: keeps what arrives, or answers with the line it was told to."""

    def __init__(self) -> None:
        self.envelopes: list[Envelope] = []
        self.to_receiver = "250 OK"
        self.to_sender = "250 OK"
        self.to_text = "250 OK"
        self.delay = 0.0

    async def handle_MAIL(  # noqa: N802 - the name aiosmtpd looks for
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await asyncio.sleep(self.delay)
        envelope.mail_from = address
        return self.to_sender

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.to_receiver.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_receiver

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802
        if self.to_text.startswith("250"):
            self.envelopes.append(envelope)
        return self.to_text

    @property
    def mails(self) -> list[EmailMessage]:
        return [read_back(envelope.content) for envelope in self.envelopes]  # type: ignore[arg-type]


StartServer = Callable[..., tuple[Inbox, int]]


@pytest.fixture
def start_server() -> Iterator[StartServer]:
    """Starts aiosmtpd on a free port of loopback; gives its inbox and the port."""
    controllers = []

    def start(**options: Any) -> tuple[Inbox, int]:
        inbox = Inbox()
        # The controller calls itself once, so that it has to know its port.
        port = free_port()
        controller = Controller(inbox, hostname="127.0.0.1", port=port, **options)
        controller.start()
        controllers.append(controller)
        return inbox, port

    yield start
    for controller in controllers:
        controller.stop()


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
