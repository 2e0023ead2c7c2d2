"""Talking to a store that speaks S3.

Requests are signed by version 4 of its scheme, "Authenticating Requests: Using the Authorization Header".
"""

from __future__ import annotations

import hashlib
import hmac
import re
import ssl
from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from urllib.parse import quote, urlsplit

import httpx2
from anyio.to_thread import run_sync

from community.core.clock import now
from community.settings import S3Choice

CHUNK = 1 << 18
EMPTY = hashlib.sha256(b"").hexdigest()
SECONDS = 30.0


class S3Down(Exception):  # noqa: N818 - it ends by itself, or the operator ends it
    """The store does not answer; its name says how."""


class S3Client:
    """One bucket, addressed by path, as all stores of this kind understand it."""

    def __init__(self, chosen: S3Choice) -> None:
        self.chosen = chosen
        self.host = urlsplit(chosen.endpoint).netloc

    def path(self, key: str) -> str:
        return f"/{self.chosen.bucket}" + (f"/{key}" if key else "")

    def signed(self, method: str, path: str, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request without a body."""
        return sign(method, self.host, path, {}, headers, EMPTY, now(), self.chosen)

    async def ask(
        self,
        method: str,
        key: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        content: bytes | Path | None = None,
    ) -> httpx2.Response:
        """The answer, whatever its status; `content` is sent from memory or from a file. Raises `S3Down`."""
        path, query, given, digest = self.path(key), query or {}, dict(headers or {}), EMPTY
        try:
            if content is not None:
                digest, size = await run_sync(_measured, content)
                given["content-length"] = str(size)
            signed = sign(method, self.host, path, query, given, digest, now(), self.chosen)
            address = self.chosen.endpoint + quote(path) + (f"?{_canonical(query)}" if query else "")
            async with client() as speaking:
                body = _pieces(content) if isinstance(content, Path) else content
                return await speaking.request(method, address, headers=signed, content=body)
        except (httpx2.HTTPError, OSError) as trouble:
            raise S3Down(type(trouble).__name__) from trouble


def client() -> httpx2.AsyncClient:
    return httpx2.AsyncClient(timeout=SECONDS, follow_redirects=False, trust_env=False, verify=_trusted())


@lru_cache(maxsize=1)
def _trusted() -> ssl.SSLContext:
    """Reading the certificates takes longer than most requests, so it is done once."""
    return httpx2.create_ssl_context(trust_env=False)


def refusal(answer: httpx2.Response) -> str:
    """What the store says against it, without anything that it may quote."""
    code = re.search(r"<Code>([A-Za-z0-9]{1,60})</Code>", answer.text)
    return f"{answer.status_code} {code[1]}" if code else str(answer.status_code)


def _measured(content: bytes | Path) -> tuple[str, int]:
    if isinstance(content, bytes):
        return hashlib.sha256(content).hexdigest(), len(content)
    with content.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest(), file.tell()


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    file = await run_sync(path.open, "rb")
    try:
        while piece := await run_sync(file.read, CHUNK):
            yield piece
    finally:
        file.close()


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
