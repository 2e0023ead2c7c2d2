"""A virus scanner that speaks clamd's protocol over a real socket, and knows one harmful text."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

HARMFUL = b"X5O!P%@AP harmful for tests"


@dataclass
class Scanner:
    url: str = ""
    seen: list[bytes] = field(default_factory=list)
    most: int = 1 << 24
    mood: str = ""
    """"silent", "nonsense" or "gone" instead of an answer."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            command = (await reader.readuntil(b"\0"))[:-1]
            answer = b"PONG" if command == b"zPING" else await self._look(reader)
            if self.mood == "silent":
                await asyncio.sleep(5)
            if self.mood != "gone":
                writer.write((b"something else" if self.mood == "nonsense" else answer) + b"\0")
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _look(self, reader: asyncio.StreamReader) -> bytes:
        content = b""
        while length := int.from_bytes(await reader.readexactly(4), "big"):
            content += await reader.readexactly(length)
            if len(content) > self.most:
                return b"INSTREAM size limit exceeded. ERROR"
        self.seen.append(content)
        return b"stream: Test.Harmful FOUND" if HARMFUL in content else b"stream: OK"


@asynccontextmanager
async def scanner(socket: Path | None = None) -> AsyncIterator[Scanner]:
    """Over TCP, or at this path."""
    made = Scanner()
    if socket is None:
        server = await asyncio.start_server(made.serve, "127.0.0.1", 0)
        made.url = f"tcp://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    else:
        server = await asyncio.start_unix_server(made.serve, socket)
        made.url = f"unix://{socket}"
    try:
        yield made
    finally:
        server.close()
