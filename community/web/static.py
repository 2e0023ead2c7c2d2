"""Serves the static files of the theme: kept forever by browsers, compressed once."""

import gzip
from functools import lru_cache

import brotli
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from community.web.theming import StaticFile, Theme

# The address holds a fingerprint of the content, so a year is safe: a changed file has another address.
FOREVER = "public, max-age=31536000, immutable"

_SMALLEST_WORTH_COMPRESSING = 256


class StaticFiles:
    """The handler behind ``/static/{theme}/{path:path}``."""

    def __init__(self, theme: Theme) -> None:
        self.theme = theme
        # One entry for each file and encoding of a theme, with room for the versions of a day's development.
        self._compressed = lru_cache(maxsize=512)(_compress)

    async def serve(self, request: Request) -> Response:
        """The file with long-lived caching headers; 404 for anything the theme does not have."""
        file = None
        if request.path_params["theme"] == self.theme.name:
            file = self.theme.find_static(request.path_params["path"])
        if file is None:
            return Response("Not found", 404, media_type="text/plain", headers={"Cache-Control": "no-store"})
        headers = {"Cache-Control": FOREVER, "ETag": file.etag, "Content-Type": file.content_type}
        if file.is_text:
            headers["Vary"] = "Accept-Encoding"
        if request.headers.get("if-none-match") == file.etag:
            return Response(status_code=304, headers=headers)
        body = file.body
        encoding = _best_encoding(request.headers.get("accept-encoding", ""), file)
        if encoding:
            headers["Content-Encoding"] = encoding
            body = await run_sync(self._compressed, encoding, file.body)
        return Response(body, headers=headers)


def _best_encoding(accepted: str, file: StaticFile) -> str:
    """Brotli, gzip or nothing, by what the browser names; a quality of zero is not looked for in practice."""
    if not file.is_text or len(file.body) < _SMALLEST_WORTH_COMPRESSING:
        return ""
    names = {entry.partition(";")[0].strip() for entry in accepted.split(",")}
    return "br" if "br" in names else "gzip" if "gzip" in names else ""


def _compress(encoding: str, body: bytes) -> bytes:
    if encoding == "br":
        return brotli.compress(body, quality=11)
    return gzip.compress(body, compresslevel=9, mtime=0)
