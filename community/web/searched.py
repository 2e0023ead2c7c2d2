"""Whether a search that a page has answered is counted: what people look for, without who."""

from __future__ import annotations

from starlette.requests import Request

from community.core.i18n import language
from community.http.by_people import is_by_a_person
from community.insights.searches import NotedSearches
from community.web.pages import viewer_of


def note_search(request: Request, text: str, *, found: bool) -> None:
    """Count a search whose results somebody sees. Not those of staff, who try things out, nor those of robots."""
    if viewer_of(request).is_staff or not is_by_a_person(request.headers):
        return
    noted: NotedSearches = request.app.state.noted_searches
    noted.note(text, language(), found=found)
