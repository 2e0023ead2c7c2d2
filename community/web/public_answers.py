"""Answers that are the same for everybody and that programs fetch again and again: conditional, compressed, and open
to scripts of other websites, which learn nothing by them that anybody could not."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.http.guest_pages import accepted_encoding
from community.web.compression import SMALLEST_WORTH_COMPRESSING, compress

OPEN_TO_ALL = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified",
    "Cross-Origin-Resource-Policy": "cross-origin",
}


async def answer_everybody(
    request: Request,
    body: bytes,
    media_type: str,
    *,
    changed_at: datetime | None = None,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """`body`, or 304 if whoever asks has it; `changed_at` is when it last became another one, if that is known.

    The tag is made of nothing but what is answered: one that knew more would tell that something else had happened.
    """
    tag = hashlib.blake2b(body, digest_size=12).hexdigest()
    encoding = ""
    if len(body) >= SMALLEST_WORTH_COMPRESSING:
        encoding = accepted_encoding(request.headers.get("accept-encoding", ""))
    known = _headers(tag) | dict(headers or {})
    # Dates know whole seconds: within the same one there may come another change that they could not tell apart.
    if changed_at is not None and now() - changed_at > timedelta(seconds=2):
        known["Last-Modified"] = format_datetime(
            changed_at.astimezone(UTC).replace(microsecond=0), usegmt=True
        )
    if _is_known(request, tag, known.get("Last-Modified", "")):
        return Response(status_code=304, headers=known)
    if encoding:
        known["Content-Encoding"] = encoding
        body = await run_sync(compress, body, encoding)
    return Response(body, headers={**known, "Content-Type": media_type})


def _headers(tag: str) -> dict[str, str]:
    return {
        # Weak: whoever compares means the content, not the bytes of one encoding.
        "ETag": f'W/"{tag}"',
        "Cache-Control": "public, no-cache",
        "Vary": "Accept-Encoding",
        **OPEN_TO_ALL,
    }


def _is_known(request: Request, tag: str, modified: str) -> bool:
    """As RFC 9110 has it: a list of tags decides, compared weakly; a date counts only where there is none."""
    tags = request.headers.getlist("if-none-match")
    if tags:
        given = {each.strip().removeprefix("W/") for each in ",".join(tags).split(",")}
        return "*" in given or f'"{tag}"' in given
    since = request.headers.get("if-modified-since", "")
    if not since or not modified:
        return False
    try:
        return parsedate_to_datetime(modified) <= _in_utc(parsedate_to_datetime(since))
    except ValueError:
        return False


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
