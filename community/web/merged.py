"""Addresses of threads that were merged into others: they lead on for good, for whoever may read where they lead."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core.viewer import Viewer
from community.spaces.queries import load_viewer
from community.threads.merged import find_merged_into
from community.web.lists import thread_url

_THREAD = re.compile(r"/threads/([0-9]{1,16})(?:-[^/]*)?(/.*)?")
_FEED = re.compile(r"/feeds/threads/([0-9]{1,16})\.atom")


async def lead_on(request: Request, viewer: Viewer) -> Response | None:
    """For an address at which nothing was found; None where it is none of a merged thread.

    A form that was sent there (an answer that somebody was writing) is sent on, with what was typed.
    """
    path = request.url.path
    found = _THREAD.fullmatch(path) or _FEED.fullmatch(path)
    if found is None:
        return None
    if path.startswith("/feeds"):
        # Feeds are what guests see, whoever asks for them.
        viewer, _spaces = await load_viewer()
    merged = await find_merged_into(int(found[1]), viewer)
    if merged is None:
        return None
    thread_id, slug = merged
    if path.startswith("/feeds"):
        return RedirectResponse(f"/feeds/threads/{thread_id}.atom", status_code=301)
    if found[2]:
        return RedirectResponse(f"/threads/{thread_id}{found[2]}", status_code=308)
    return RedirectResponse(thread_url(thread_id, slug), status_code=301)
