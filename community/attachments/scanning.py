"""Asks clamd whether a file is known to be harmful, where the installation has one (`CLAMD_URL`).

Without an answer nothing is let through: a scanner that is away must not be a way around it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

CHUNK = 1 << 16
LONGEST = 30.0
"""Seconds for one file; clamd reads megabytes in a fraction of one."""
DEFAULT_PORT = 3310


class ScannerDown(Exception):  # noqa: N818 - it ends by itself, or the operator ends it
    """There is no answer, or none that says whether the file is harmless."""


def read_address(url: str) -> tuple[str, int]:
    """Host and port of `tcp://host:3310`, or the path of `unix:///run/clamav/clamd.ctl` and 0.

    Raises ValueError with a sentence for the operator.
    """
    parts = urlsplit(url)
    if parts.scheme == "tcp" and parts.hostname:
        return parts.hostname, parts.port or DEFAULT_PORT
    if parts.scheme == "unix" and parts.path and not parts.netloc:
        return parts.path, 0
    raise ValueError("CLAMD_URL is tcp://host:port or unix:///path/of/the/socket.")


async def is_harmful(path: Path, url: str) -> bool:
    """Whether clamd knows something harmful in a file. Raises `ScannerDown`."""
    said = await _ask(url, b"zINSTREAM\0", _pieces(path))
    if said == "stream: OK":
        return False
    if said.startswith("stream: ") and said.endswith(" FOUND"):
        return True
    # Such as "INSTREAM size limit exceeded. ERROR": then nobody has looked at all of it.
    raise ScannerDown(said)


async def problem(url: str) -> str:
    """What keeps the scanner from answering, for the operator; empty if nothing does."""
    try:
        said = await _ask(url, b"zPING\0", iter(()))
    except (ValueError, ScannerDown) as trouble:
        return str(trouble)
    return "" if said == "PONG" else f"It answers {said[:60]!r}."


def _pieces(path: Path) -> Iterator[bytes]:
    """The file as clamd wants it: each piece with its length before it, and an empty one at the end."""
    with path.open("rb") as file:
        while piece := file.read(CHUNK):
            yield len(piece).to_bytes(4, "big") + piece
    yield b"\0\0\0\0"


async def _ask(url: str, command: bytes, pieces: Iterator[bytes]) -> str:
    host, port = read_address(url)
    try:
        async with asyncio.timeout(LONGEST):
            if port:
                reader, writer = await asyncio.open_connection(host, port)
            else:
                reader, writer = await asyncio.open_unix_connection(host)
            try:
                writer.write(command)
                # Where clamd has seen enough it answers and reads no further.
                with suppress(ConnectionError):
                    for piece in pieces:
                        writer.write(piece)
                        await writer.drain()
                answer = await reader.readuntil(b"\0")
            finally:
                writer.close()
    except TimeoutError:
        raise ScannerDown("It does not answer in time.") from None
    except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as trouble:
        raise ScannerDown(f"It cannot be reached ({type(trouble).__name__}).") from None
    return answer.rstrip(b"\0\n").decode("utf-8", "replace").strip()
