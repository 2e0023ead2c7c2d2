"""Answers for machines: feeds, sitemaps, rules. The same for everybody, compressed, sent again only if changed."""

from __future__ import annotations

import hashlib
import re
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape

from starlette.requests import Request
from starlette.responses import Response

from community.http.guest_pages import accepted_encoding
from community.web.compression import SMALLEST_WORTH_COMPRESSING, compress

_NOT_IN_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(text: str) -> str:
    """`text` as content of an element or an attribute; characters that XML knows no way to write are left out."""
    return escape(_NOT_IN_XML.sub("", text))


def xml_time(moment: datetime) -> str:
    """As RFC 3339 wants it, in UTC, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def document(
    request: Request,
    text: str,
    content_type: str,
    *,
    cache_control: str,
    changed_at: datetime | None = None,
) -> Response:
    """The answer with `text`, or 304 for whoever has it already.

    Only the ETag decides that: a post that is hidden changes the text, but no date. `changed_at` is told all the
    same, as readers show it.
    """
    body = text.encode()
    headers = {
        "Content-Type": content_type,
        "Cache-Control": cache_control,
        "Vary": "Accept-Encoding",
        "ETag": f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
    }
    if changed_at is not None:
        headers["Last-Modified"] = format_datetime(changed_at.astimezone(UTC), usegmt=True)
    known = request.headers.get("if-none-match", "")
    if headers["ETag"] in (tag.strip() for tag in known.split(",")):
        del headers["Content-Type"]
        return Response(status_code=304, headers=headers)
    encoding = accepted_encoding(request.headers.get("accept-encoding", ""))
    if encoding and len(body) >= SMALLEST_WORTH_COMPRESSING:
        headers["Content-Encoding"] = encoding
        body = compress(body, encoding)
    return Response(body, headers=headers)
