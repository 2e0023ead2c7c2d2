"""Whether a search that a page has answered is counted: what people look for, without who."""

from __future__ import annotations

import re

from starlette.requests import Request

from community.core.i18n import language
from community.insights.searches import NotedSearches
from community.web.pages import viewer_of

_ROBOTS = re.compile(r"bot\b|crawler|spider|slurp", re.IGNORECASE)


def note_search(request: Request, text: str, *, found: bool) -> None:
    """Count a search whose results somebody sees. Not those of staff, who try things out, nor those of robots."""
    headers = request.headers
    is_fetched_ahead = "prefetch" in headers.get("sec-purpose", "")
    if viewer_of(request).is_staff or is_fetched_ahead or _ROBOTS.search(headers.get("user-agent", "")):
        return
    noted: NotedSearches = request.app.state.noted_searches
    noted.note(text, language(), found=found)
