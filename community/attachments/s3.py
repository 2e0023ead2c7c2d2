"""Files in a store that speaks S3. All reads go through the site, which looks at the rights; nothing links there."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import httpx2

from community.attachments.storage import CHUNK, NAME, FileGone, StorageDown
from community.core.s3 import S3Client, S3Down, client, refusal
from community.settings import S3Choice

FOLDER = "attachments/"
_ENTRY = re.compile(
    r"<Key>attachments/([0-9a-f]{32}(?:\.small)?)</Key>\s*<LastModified>([^<]+)</LastModified>"
)
_NEXT = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")


class Bucket:
    """One bucket, addressed by path, as all stores of this kind understand it."""

    def __init__(self, chosen: S3Choice) -> None:
        self.store = S3Client(chosen)

    async def keep(self, name: str, source: Path) -> None:
        answer = await self._ask("PUT", self._key(name), content=source)
        if answer.status_code != 200:
            raise StorageDown(refusal(answer))

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        path = self.store.path(self._key(name))
        headers = {"range": f"bytes={start}-{start + length - 1}"}
        signed = self.store.signed("GET", path, headers)
        async with client() as speaking:
            try:
                async with speaking.stream(
                    "GET", self.store.chosen.endpoint + path, headers=signed
                ) as answer:
                    if answer.status_code == 404:
                        raise FileGone
                    if answer.status_code not in (200, 206):
                        raise StorageDown(f"status {answer.status_code}")
                    async for piece in answer.aiter_bytes(CHUNK):
                        yield piece
            except httpx2.HTTPError as trouble:
                raise StorageDown(type(trouble).__name__) from trouble

    async def remove(self, names: Iterable[str]) -> None:
        for name in names:
            answer = await self._ask("DELETE", self._key(name))
            if answer.status_code not in (200, 204, 404):
                raise StorageDown(refusal(answer))

    async def list_old(self, before: datetime) -> AsyncIterator[str]:
        token = ""
        while True:
            query = {"list-type": "2", "prefix": FOLDER} | ({"continuation-token": token} if token else {})
            answer = await self._ask("GET", "", query=query)
            if answer.status_code != 200:
                raise StorageDown(refusal(answer))
            for name, changed_at in _ENTRY.findall(answer.text):
                if datetime.fromisoformat(changed_at) < before:
                    yield name
            following = _NEXT.search(answer.text)
            if following is None:
                return
            token = unescape(following[1])

    async def problem(self) -> str:
        """Asks for the list, which needs the address, the bucket and the keys to be right."""
        try:
            answer = await self._ask("GET", "", query={"list-type": "2", "max-keys": "1", "prefix": FOLDER})
        except StorageDown as down:
            return f"The store of S3_ENDPOINT cannot be reached ({down})."
        return "" if answer.status_code == 200 else f"The store of S3_ENDPOINT refuses ({refusal(answer)})."

    @staticmethod
    def _key(name: str) -> str:
        if not NAME.fullmatch(name):
            raise FileGone
        return FOLDER + name

    async def _ask(self, method: str, key: str, **what: Any) -> httpx2.Response:
        try:
            return await self.store.ask(method, key, **what)
        except S3Down as down:
            raise StorageDown(str(down)) from down
