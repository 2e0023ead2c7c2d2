"""Reading a form that may bring files. They go to the disk piece by piece, never whole into memory.

A file that is too large, one too many, or a full disk spoils only that file: the rest of the form is read to its end,
so that nothing typed is lost.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from anyio.to_thread import run_sync
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.exceptions import HTTPException
from starlette.requests import Request

from community.attachments.actions import Received
from community.attachments.rules import MOST_FILES, most_bytes
from community.attachments.storage import incoming
from community.web.forms import FILES, MOST_FIELDS, clean_field, read_form

LARGEST_FIELD = 262_144
"""Bytes; the longest text that a form takes has 20,000 characters."""
FORM_BYTES = 1_048_576
"""What a form may bring besides its files, headers of parts included."""
LONGEST_FILE_NAME = 400


def most_form_bytes() -> int:
    """The limit on bodies for forms with files."""
    return MOST_FILES * most_bytes() + FORM_BYTES


@dataclass(slots=True)
class FormWithFiles:
    fields: dict[str, str] = field(default_factory=dict)
    files: list[Received] = field(default_factory=list)


@asynccontextmanager
async def read_form_with_files(request: Request) -> AsyncIterator[FormWithFiles]:
    """The fields as `read_form` gives them, and the files of the field `files`, which are there inside the block."""
    content_type, options = parse_options_header(request.headers.get("content-type", ""))
    if content_type != b"multipart/form-data":
        yield FormWithFiles(dict(await read_form(request)))
        return
    reader = _Reader(options.get(b"boundary", b""))
    try:
        yield await reader.read(request)
    finally:
        await run_sync(reader.clean_up)


@dataclass(slots=True)
class _Part:
    name: str = ""
    file_name: str | None = None
    data: bytearray = field(default_factory=bytearray)
    path: Path | None = None
    file: IO[bytes] | None = None
    size: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    problem: str = ""

    def close(self) -> None:
        if self.file is not None:
            # What could not be written is tried once more when a file is closed, and fails again.
            with suppress(OSError):
                self.file.close()
            self.file = None


class _Reader:
    """Reads one request. The parser calls back in between; what is to be written waits for the next pause."""

    def __init__(self, boundary: bytes) -> None:
        if not boundary or len(boundary) > 200:
            raise HTTPException(400)
        self.form = FormWithFiles()
        self.part = _Part()
        self.files: list[_Part] = []
        self.pieces: list[tuple[_Part, bytes]] = []
        self.header = (bytearray(), bytearray())
        self.disposition = b""
        self.field_count = 0
        self.parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_begin": self._begin_header,
                "on_header_field": lambda data, start, end: self.header[0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self.header[1].extend(data[start:end]),
                "on_header_end": self._end_header,
                "on_headers_finished": self._know_part,
                "on_part_data": self._take,
                "on_part_end": self._end,
            },
        )

    async def read(self, request: Request) -> FormWithFiles:
        try:
            async for chunk in request.stream():
                self.parser.write(chunk)
                if self.pieces:
                    await run_sync(self._write)
            self.parser.finalize()
        except FormParserError:
            raise HTTPException(400) from None
        for part in self.files:
            part.close()
            self.form.files.append(
                Received(
                    name=(part.file_name or "")[:LONGEST_FILE_NAME],
                    path=part.path or incoming(),
                    size=part.size,
                    digest=part.digest.hexdigest(),
                    problem=part.problem or ("" if part.size else "empty"),
                )
            )
        return self.form

    def clean_up(self) -> None:
        for part in self.files:
            part.close()
            if part.path is not None:
                part.path.unlink(missing_ok=True)

    def _begin(self) -> None:
        self.part, self.disposition = _Part(), b""

    def _begin_header(self) -> None:
        self.header = (bytearray(), bytearray())

    def _end_header(self) -> None:
        if bytes(self.header[0]).lower() == b"content-disposition":
            self.disposition = bytes(self.header[1])

    def _know_part(self) -> None:
        _kind, options = parse_options_header(self.disposition)
        if b"name" not in options:
            raise HTTPException(400)
        self.part.name = options[b"name"].decode("utf-8", "replace")
        if b"filename" not in options:
            self.field_count += 1
            if self.field_count > MOST_FIELDS:
                raise HTTPException(400)
            return
        if self.part.name != FILES:
            raise HTTPException(400)
        self.part.file_name = options[b"filename"].decode("utf-8", "replace")
        # A form in which no file was chosen sends one without a name and without content.
        if self.part.file_name:
            if len(self.files) >= 2 * MOST_FILES:
                raise HTTPException(400)
            self.files.append(self.part)

    def _take(self, data: bytes, start: int, end: int) -> None:
        part = self.part
        if part.file_name is None:
            if len(part.data) + end - start > LARGEST_FIELD:
                raise HTTPException(413)
            part.data.extend(data[start:end])
        elif part.file_name:
            self.pieces.append((part, bytes(data[start:end])))

    def _write(self) -> None:
        for part, piece in self.pieces:
            part.size += len(piece)
            part.digest.update(piece)
            if part.size > most_bytes():
                part.problem = part.problem or "large"
            if part.problem:
                continue
            try:
                if part.file is None:
                    incoming().mkdir(parents=True, exist_ok=True)
                    part.path = incoming() / secrets.token_hex(16)
                    part.file = part.path.open("wb")
                part.file.write(piece)
                part.file.flush()
            except OSError:
                part.problem = "full"
                part.close()
        self.pieces.clear()

    def _end(self) -> None:
        part = self.part
        if part.file_name is not None:
            return
        if part.name in self.form.fields:
            raise HTTPException(400)
        try:
            text = part.data.decode()
        except UnicodeDecodeError:
            raise HTTPException(400) from None
        self.form.fields[part.name] = clean_field(text)
