"""Answers by mail, and reports of mails that came back, over LMTP or SMTP, handed over by a mail server in front.

A mail is acknowledged only when what follows from it is on disk. If the database is away the answer is a 4xx, and the
server in front tries again for days. What is written to no genuine address is refused at once, so nothing is ever
bounced to a stranger from here.
"""

from __future__ import annotations

import asyncio
import logging
from typing import Any, Final

from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import SMTP, Envelope, Session

from community.core.mail import mail_host
from community.replies.reading import LARGEST_MAIL
from community.replies.taking import find_tag, take
from community.settings import settings

logger = logging.getLogger(__name__)

MOST_CONNECTIONS: Final = 20
SECONDS_OF_SILENCE: Final = 60
GRACE: Final = 20
"""Seconds that mails which are just being done get at the end."""

for _name in ("mail.log", "mail.debug", "mail.error"):
    # The library writes addresses into its log.
    logging.getLogger(_name).setLevel(logging.CRITICAL + 1)


class MailDoor:
    """Takes mails until it is closed."""

    def __init__(self, *, speaks_lmtp: bool) -> None:
        self._protocol = LMTP if speaks_lmtp else SMTP
        self._connections: set[asyncio.BaseTransport] = set()
        self._working = 0
        self._server: asyncio.Server | None = None

    async def open(self, host: str, port: int) -> None:
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connection, host, port)

    @property
    def port(self) -> int:
        assert self._server is not None  # noqa: S101 - asked for once it is open
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        """No new mails; those that are just being done are finished."""
        if self._server is None:
            return
        self._server.close()
        for _tenth in range(GRACE * 10):
            if not self._working:
                break
            await asyncio.sleep(0.1)
        for transport in list(self._connections):
            transport.close()
        await asyncio.sleep(0)

    def _connection(self) -> asyncio.Protocol:
        door = self

        class Connection(self._protocol):  # type: ignore[name-defined]
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                if len(door._connections) >= MOST_CONNECTIONS:
                    transport.write(b"421 4.3.2 Too many connections\r\n")  # type: ignore[attr-defined]
                    transport.close()
                    return
                door._connections.add(transport)
                self._kept = transport
                super().connection_made(transport)

            def connection_lost(self, error: Exception | None) -> None:
                kept = getattr(self, "_kept", None)
                if kept is not None:
                    door._connections.discard(kept)
                    super().connection_lost(error)

        connection: asyncio.Protocol = Connection(
            self,
            hostname=mail_host(settings.base_url),
            ident="Kundenkreis",
            data_size_limit=LARGEST_MAIL,
            enable_SMTPUTF8=True,
            timeout=SECONDS_OF_SILENCE,
            loop=asyncio.get_running_loop(),
        )
        return connection

    # What the library asks for, by names of its own.

    async def handle_RCPT(  # noqa: N802
        self, server: Any, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if envelope.rcpt_tos:
            # Each of several would have to be answered for itself; servers then send the mail once more.
            return "452 4.5.3 One receiver at a time, please"
        if find_tag([address]) is None:
            return "550 5.1.1 There is no such address"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: Any, session: Session, envelope: Envelope) -> str:  # noqa: N802
        tag, content = find_tag(envelope.rcpt_tos), envelope.content
        if tag is None or not isinstance(content, bytes):
            return "550 5.1.1 There is no such address"
        self._working += 1
        try:
            await take(tag, content, return_path=envelope.mail_from or "")
        except Exception as error:  # whatever it is, the mail is not lost: it comes again
            logger.warning("mail not taken", exc_info=error)
            return "451 4.3.0 Not now; please try again later"
        finally:
            self._working -= 1
        return "250 2.0.0 OK"
