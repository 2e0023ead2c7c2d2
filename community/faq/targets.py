"""Where the public FAQ can be published to: a folder of a web server, or a bucket of a store that speaks S3."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol

from anyio.to_thread import run_sync

from community.core.files import replace_file
from community.core.s3 import S3Client, S3Down, refusal
from community.settings import S3Choice, settings

_NAME = re.compile(r"[a-z0-9][a-z0-9.-]*(/[a-z0-9][a-z0-9.-]*)*")
"""Names come from a manifest that lies where others may write, so they are looked at before they become paths."""
_BUCKET = re.compile(r"s3://([a-z0-9][a-z0-9.-]{1,62})(?:/([A-Za-z0-9._/-]*))?")
_TYPES = {
    "html": "text/html; charset=utf-8",
    "json": "application/json",
    "jsonld": "application/ld+json",
    "csv": "text/csv; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "sig": "application/octet-stream",
}


class CannotPublish(Exception):  # noqa: N818 - it is what the command says
    """The place takes nothing, or holds something that is not ours."""


class Target(Protocol):
    @property
    def label(self) -> str:
        """As it was given."""

    async def read(self, name: str) -> bytes | None:
        """A file; None if it is not there."""

    async def has(self, name: str, size: int) -> bool:
        """Whether the file seems to be there, as far as that is cheap to say."""

    async def exists(self, name: str) -> bool:
        """Whether anything of that name is there, for certain."""

    async def write(self, name: str, content: bytes) -> None:
        """The whole file or nothing."""

    async def remove(self, names: Sequence[str]) -> None:
        """Harmless for files that are not there."""


def open_target(given: str, s3: S3Choice | None = None) -> Target:
    """The place that was named. Raises `CannotPublish` if it cannot be one."""
    if not given.startswith("s3://"):
        return FolderTarget(Path(given))
    found = _BUCKET.fullmatch(given)
    s3 = s3 or settings.attachments.s3
    if found is None or ".." in given:
        raise CannotPublish(f"{given} is not like s3://bucket/prefix.")
    if not (s3.endpoint and s3.access_key and s3.secret_key):
        raise CannotPublish(f"{given} needs S3_ENDPOINT, S3_ACCESS_KEY and S3_SECRET_KEY.")
    return BucketTarget(given, replace(s3, bucket=found[1]), (found[2] or "").strip("/"))


def _checked(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise CannotPublish(f"{name[:80]!r} is no name of a file of ours.")
    return name


class FolderTarget:
    def __init__(self, root: Path) -> None:
        self.root = root.absolute()
        self.label = str(self.root)

    async def read(self, name: str) -> bytes | None:
        try:
            return await run_sync((self.root / _checked(name)).read_bytes)
        except FileNotFoundError:
            return None
        except OSError as trouble:
            raise _refused(self.label, trouble) from trouble

    async def has(self, name: str, size: int) -> bool:
        try:
            return (await run_sync((self.root / _checked(name)).stat)).st_size == size
        except OSError:
            return False

    async def exists(self, name: str) -> bool:
        return await run_sync(os.path.lexists, self.root / _checked(name))

    async def write(self, name: str, content: bytes) -> None:
        try:
            await run_sync(replace_file, self.root / _checked(name), content)
        except OSError as trouble:
            raise _refused(self.label, trouble) from trouble

    async def remove(self, names: Sequence[str]) -> None:
        try:
            for name in names:
                await run_sync(lambda path: path.unlink(missing_ok=True), self.root / _checked(name))
        except OSError as trouble:
            raise _refused(self.label, trouble) from trouble


def _refused(label: str, trouble: OSError) -> CannotPublish:
    return CannotPublish(f"{label}: {trouble.strerror or type(trouble).__name__}.")


class BucketTarget:
    def __init__(self, label: str, chosen: S3Choice, prefix: str) -> None:
        self.label = label
        self._store = S3Client(chosen)
        self._prefix = f"{prefix}/" if prefix else ""

    async def read(self, name: str) -> bytes | None:
        answer = await self._ask("GET", name, (200, 404))
        return answer.content if answer.status_code == 200 else None

    async def has(self, name: str, size: int) -> bool:
        # One question for each file would cost more than it tells: nobody else writes there.
        return True

    async def exists(self, name: str) -> bool:
        return (await self._ask("HEAD", name, (200, 404))).status_code == 200

    async def write(self, name: str, content: bytes) -> None:
        kind = _TYPES.get(name.rpartition(".")[2], "application/octet-stream")
        await self._ask("PUT", name, (200,), headers={"content-type": kind}, content=content)

    async def remove(self, names: Sequence[str]) -> None:
        for name in names:
            await self._ask("DELETE", name, (200, 204, 404))

    async def _ask(self, method: str, name: str, fine: tuple[int, ...], **what: object):  # type: ignore[no-untyped-def]
        try:
            answer = await self._store.ask(method, self._prefix + _checked(name), **what)  # type: ignore[arg-type]
        except S3Down as down:
            raise CannotPublish(f"{self.label} does not answer ({down}).") from down
        if answer.status_code not in fine:
            raise CannotPublish(f"{self.label} refuses ({refusal(answer)}).")
        return answer
