"""Files in a store that speaks S3. All reads go through the site, which looks at the rights; nothing links there.

Requests are signed by version 4 of its scheme, "Authenticating Requests: Using the Authorization Header".
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from datetime import datetime
from html import unescape
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
from anyio.to_thread import run_sync

from community.attachments.storage import CHUNK, NAME, FileGone, StorageDown
from community.core.clock import now
from community.settings import S3Choice

EMPTY = hashlib.sha256(b"").hexdigest()
FOLDER = "attachments/"
SECONDS = 30.0
_ENTRY = re.compile(
    r"<Key>attachments/([0-9a-f]{32}(?:\.small)?)</Key>\s*<LastModified>([^<]+)</LastModified>"
)
_NEXT = re.compile(r"<NextContinuationToken>([^<]+)</NextContinuationToken>")


class Bucket:
    """One bucket, addressed by path, as all stores of this kind understand it."""

    def __init__(self, chosen: S3Choice) -> None:
        self.chosen = chosen
        self.host = urlsplit(chosen.endpoint).netloc

    async def keep(self, name: str, source: Path) -> None:
        digest, size = await run_sync(_measured, source)
        answer = await self._ask("PUT", self._key(name), digest=digest, size=size, source=source)
        if answer.status_code != 200:
            raise StorageDown(_refusal(answer))

    async def read(self, name: str, start: int, length: int) -> AsyncIterator[bytes]:
        path = self._path(self._key(name))
        headers = {"range": f"bytes={start}-{start + length - 1}"}
        signed = sign("GET", self.host, path, {}, headers, EMPTY, now(), self.chosen)
        async with _client() as client:
            try:
                async with client.stream("GET", self.chosen.endpoint + path, headers=signed) as answer:
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
                raise StorageDown(_refusal(answer))

    async def list_old(self, before: datetime) -> AsyncIterator[str]:
        token = ""
        while True:
            query = {"list-type": "2", "prefix": FOLDER} | ({"continuation-token": token} if token else {})
            answer = await self._ask("GET", "", query=query)
            if answer.status_code != 200:
                raise StorageDown(_refusal(answer))
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
        return "" if answer.status_code == 200 else f"The store of S3_ENDPOINT refuses ({_refusal(answer)})."

    @staticmethod
    def _key(name: str) -> str:
        if not NAME.fullmatch(name):
            raise FileGone
        return FOLDER + name

    def _path(self, key: str) -> str:
        return f"/{self.chosen.bucket}" + (f"/{key}" if key else "")

    async def _ask(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        digest: str = EMPTY,
        size: int = 0,
        source: Path | None = None,
    ) -> httpx2.Response:
        path, query = self._path(key), query or {}
        given = {"content-length": str(size)} if source else {}
        signed = sign(method, self.host, path, query, given, digest, now(), self.chosen)
        address = self.chosen.endpoint + path + (f"?{_canonical(query)}" if query else "")
        try:
            async with _client() as client:
                content = _pieces(source) if source else None
                return await client.request(method, address, headers=signed, content=content)
        except (httpx2.HTTPError, OSError) as trouble:
            raise StorageDown(type(trouble).__name__) from trouble


def _client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False)


def _measured(path: Path) -> tuple[str, int]:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await run_sync(path.open, "rb")
    try:
        while piece := await run_sync(file.read, CHUNK):
            yield piece
    finally:
        file.close()


def _refusal(answer: httpx2.Response) -> str:
    code = re.search(r"<Code>([A-Za-z0-9]{1,60})</Code>", answer.text)
    return f"{answer.status_code} {code[1]}" if code else str(answer.status_code)


def _canonical(query: Mapping[str, str]) -> str:
    return "&".join(f"{quote(name, safe='')}={quote(query[name], safe='')}" for name in sorted(query))


def sign(
    method: str,
    host: str,
    path: str,
    query: Mapping[str, str],
    headers: Mapping[str, str],
    digest: str,
    moment: datetime,
    chosen: S3Choice,
) -> dict[str, str]:
    """The headers with which a request is sent: those given, and what proves that it is ours."""
    stamp = f"{moment:%Y%m%dT%H%M%SZ}"
    signed = {**headers, "host": host, "x-amz-content-sha256": digest, "x-amz-date": stamp}
    names = ";".join(sorted(signed))
    lines = [method, quote(path), _canonical(query)]
    lines += [f"{name}:{signed[name].strip()}" for name in sorted(signed)]
    request = "\n".join([*lines, "", names, digest])
    scope = f"{stamp[:8]}/{chosen.region}/s3/aws4_request"
    said = "\n".join(["AWS4-HMAC-SHA256", stamp, scope, hashlib.sha256(request.encode()).hexdigest()])
    key = f"AWS4{chosen.secret_key}".encode()
    for part in (stamp[:8], chosen.region, "s3", "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    proof = hmac.digest(key, said.encode(), "sha256").hex()
    credential = f"Credential={chosen.access_key}/{scope}"
    signed["authorization"] = f"AWS4-HMAC-SHA256 {credential},SignedHeaders={names},Signature={proof}"
    return signed
