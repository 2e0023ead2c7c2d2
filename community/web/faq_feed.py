"""The feed by which other websites follow the public FAQ, what describes it, and the key for what is signed."""

from __future__ import annotations

import json
import re

from anyio.to_thread import run_sync
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import NotFound
from community.faq.changes import BEGINNING, CHANGES_PER_PAGE, StartAgain, list_changes
from community.faq.formats import FeedQuery, json_feed
from community.faq.schema import schema_text
from community.faq.signing import Signer
from community.settings import settings
from community.web.public_answers import OPEN_TO_ALL, answer_everybody

FEED_TYPE = "application/feed+json"
_CATEGORY = re.compile(r"[a-z0-9-]{0,80}")
_CURSOR = re.compile(r"[0-9]{1,15}(?:-[0-9a-f]{12})?")


async def show_feed(request: Request) -> Response:
    """Public entries and retractions after the cursor `since`, in their released wording; the same for everybody."""
    asked = _asked(request)
    try:
        changes = await list_changes(
            asked.since, language=asked.language, category=asked.category, size=asked.size
        )
    except StartAgain:
        return _start_again(asked)
    body = json_feed(changes, asked).encode()
    return await answer_everybody(request, body, FEED_TYPE, changed_at=changes.changed_at)


async def show_schema(request: Request) -> Response:
    """JSON Schema of the feed and of the manifest of bundles."""
    return await answer_everybody(request, schema_text().encode(), "application/schema+json")


async def show_key(request: Request) -> Response:
    """The public key for what is signed here."""
    signer = await run_sync(Signer, settings.faq.key_file)
    return await answer_everybody(request, signer.public_pem, "application/x-pem-file")


def _asked(request: Request) -> FeedQuery:
    query = request.query_params
    since, size = query.get("since", BEGINNING), query.get("size", str(CHANGES_PER_PAGE))
    if not _CURSOR.fullmatch(since) or not (size.isascii() and size.isdecimal() and len(size) <= 3):
        raise HTTPException(400)
    if not 1 <= int(size) <= CHANGES_PER_PAGE:
        raise HTTPException(400)
    language, category = query.get("language", ""), query.get("category", "")
    # Whether a category is there is not asked: one that has just become empty has retractions to tell.
    if language not in ("", *i18n.languages()) or not _CATEGORY.fullmatch(category):
        raise NotFound
    return FeedQuery(since, language, category, int(size))


def _start_again(asked: FeedQuery) -> Response:
    """As RFC 9457 has it: a mirror must not go on from a cursor that leads past changes it has never seen."""
    problem = {
        "type": "about:blank",
        "title": "Start again",
        "status": 410,
        "detail": "This cursor is not known here, perhaps because a backup was restored. "
        "Fetch everything from start_url and delete what does not come.",
        "start_url": asked.address(BEGINNING),
    }
    return Response(
        json.dumps(problem, indent=2) + "\n",
        410,
        media_type="application/problem+json",
        headers={"Cache-Control": "no-store", **OPEN_TO_ALL},
    )
