"""A store that speaks as much of S3 as files need, over a real socket; it refuses what is not signed rightly."""

from __future__ import annotations

import asyncio
import hashlib
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qsl

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from community.core.s3 import sign
from community.settings import S3Choice

PAGE = 3
"""Names in one answer to a list, so that there are several."""


@dataclass
class Store:
    chosen: S3Choice = field(default_factory=S3Choice)
    kept: dict[str, tuple[bytes, datetime]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    broken: bool = False

    async def answer(self, request: Request) -> Response:
        body = await request.body()
        self.asked.append(f"{request.method} {request.headers.get('range', '')}".strip())
        if self.broken:
            return Response("<Error><Code>SlowDown</Code></Error>", 503)
        if not self._is_signed(request, body):
            return Response("<Error><Code>SignatureDoesNotMatch</Code></Error>", 403)
        key = request.path_params.get("key", "")
        if request.method == "PUT":
            self.kept[key] = (body, datetime.now(UTC))
            return Response(status_code=200)
        if request.method == "DELETE":
            self.kept.pop(key, None)
            return Response(status_code=204)
        if not key:
            return self._list(request)
        if key not in self.kept:
            return Response("<Error><Code>NoSuchKey</Code></Error>", 404)
        content = self.kept[key][0]
        if "range" not in request.headers:
            return Response(content)
        first, _dash, last = request.headers["range"].removeprefix("bytes=").partition("-")
        return Response(content[int(first) : int(last) + 1], 206)

    def _is_signed(self, request: Request, body: bytes) -> bool:
        """As the published scheme has it: over method, path, query, the signed headers and the body."""
        given = request.headers.get("authorization", "")
        names = given.partition("SignedHeaders=")[2].partition(",")[0].split(";")
        digest = request.headers.get("x-amz-content-sha256", "")
        if digest != hashlib.sha256(body).hexdigest():
            return False
        moment = datetime.strptime(request.headers["x-amz-date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        own = {"host", "x-amz-content-sha256", "x-amz-date"}
        others = {name: request.headers[name] for name in names if name not in own}
        query = dict(parse_qsl(request.url.query, keep_blank_values=True))
        path, host = request.scope["path"], request.headers["host"]
        expected = sign(request.method, host, path, query, others, digest, moment, self.chosen)
        return given == expected["authorization"]

    def _list(self, request: Request) -> Response:
        prefix = request.query_params["prefix"]
        after = request.query_params.get("continuation-token", "")
        names = sorted(key for key in self.kept if key.startswith(prefix) and key > after)
        entries = "".join(
            f"<Contents><Key>{key}</Key><LastModified>{self.kept[key][1]:%Y-%m-%dT%H:%M:%S.000Z}</LastModified></Contents>"
            for key in names[:PAGE]
        )
        more = names[PAGE - 1] if len(names) > PAGE else ""
        token = f"<NextContinuationToken>{more}</NextContinuationToken>" if more else ""
        return Response(
            f"<ListBucketResult>{entries}{token}</ListBucketResult>", media_type="application/xml"
        )


@asynccontextmanager
async def s3_store() -> AsyncIterator[Store]:
    """Served from a thread of its own, as another machine would."""
    store = Store()
    methods = ["GET", "PUT", "DELETE"]
    routes = [
        Route("/files/{key:path}", store.answer, methods=methods),
        Route("/files", store.answer, methods=methods),
    ]
    server = uvicorn.Server(
        uvicorn.Config(Starlette(routes=routes), port=0, log_level="warning", lifespan="off")
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        await asyncio.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    store.chosen = S3Choice(f"http://127.0.0.1:{port}", "files", "eu-central-1", "key", "secret")
    try:
        yield store
    finally:
        server.should_exit = True
        await asyncio.to_thread(thread.join)
