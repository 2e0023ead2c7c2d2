"""Where the files lie, by random names: what every store can do, and the store in a folder of this machine.

`stores` chooses between it and `s3`.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from anyio.to_thread import run_sync

from community.settings import settings

CHUNK = 1 << 18
NAME = re.compile(r"[0-9a-f]{32}(\.small)?")
"""Nothing else ever becomes part of a path."""


class StorageDown(Exception):  # noqa: N818 - it ends by itself, or the operator ends it
    """The store takes or gives nothing at the moment."""


class FileGone(Exception):  # noqa: N818
    """There is no such file."""


class Storage(Protocol):
    async def keep(self, name: str, source: Path) -> None:
        """Take a file over; when this returns it survives a power failure. `source` may be moved away."""

    def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        """A part of a file, piece by piece. Raises `FileGone` or `StorageDown` before the first one."""

    async def remove(self, names: Iterable[str]) -> None:
        """Remove files; harmless for those that are not there."""

    def list_old(self, before: datetime) -> AsyncIterator[str]:
        """The names of all files that were kept before a moment."""

    async def problem(self) -> str:
        """What keeps the store from working, for the operator; empty if nothing does."""


class Folder:
    """Files under `VAR_DIR/attachments`, spread over 256 folders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def _path(self, name: str) -> Path:
        if not NAME.fullmatch(name):
            raise FileGone
        return self.root / name[:2] / name

    async def keep(self, name: str, source: Path) -> None:
        await run_sync(self._keep, self._path(name), source)

    def _keep(self, target: Path, source: Path) -> None:
        try:
            if not target.parent.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                _sync(self.root)
            _sync(source)
            source.replace(target)
            _sync(target.parent)
        except OSError as trouble:
            raise StorageDown from trouble

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        path = self._path(name)
        try:
            file = await run_sync(path.open, "rb")
        except FileNotFoundError:
            raise FileGone from None
        except OSError as trouble:
            raise StorageDown from trouble
        try:
            file.seek(start)
            while length > 0 and (chunk := await run_sync(file.read, min(CHUNK, length))):
                length -= len(chunk)
                yield chunk
        finally:
            file.close()

    async def remove(self, names: Iterable[str]) -> None:
        await run_sync(self._remove, [self._path(name) for name in names])

    @staticmethod
    def _remove(paths: list[Path]) -> None:
        for path in paths:
            path.unlink(missing_ok=True)

    async def list_old(self, before: datetime) -> AsyncIterator[str]:
        for folder in await run_sync(lambda: sorted(self.root.glob("[0-9a-f][0-9a-f]"))):
            for name in await run_sync(_old_names, folder, before):
                yield name

    async def problem(self) -> str:
        return await run_sync(self._problem)

    def _problem(self) -> str:
        probe = incoming_folder(self.root) / f"check-{os.getpid()}"
        try:
            probe.parent.mkdir(parents=True, exist_ok=True)
            probe.write_bytes(b"x")
        except OSError as trouble:
            return f"The folder {self.root} cannot be written ({trouble.strerror})."
        finally:
            with suppress(OSError):
                probe.unlink(missing_ok=True)
        return ""


def _sync(path: Path) -> None:
    """See to it that a file, or the names in a folder, are on the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _old_names(folder: Path, before: datetime) -> list[str]:
    found = []
    for entry in os.scandir(folder):
        with suppress(FileNotFoundError):
            if NAME.fullmatch(entry.name) and _changed_at(entry) < before:
                found.append(entry.name)
    return found


def _changed_at(entry: os.DirEntry[str]) -> datetime:
    # When it came into the folder: a file keeps the moment at which it was written when it is moved.
    return datetime.fromtimestamp(entry.stat().st_ctime, UTC)


def incoming_folder(root: Path) -> Path:
    """Where files lie while they are received and checked: on the same disk, so that moving them on costs nothing."""
    return root / "incoming"


def incoming() -> Path:
    return incoming_folder(settings.attachments.folder)
