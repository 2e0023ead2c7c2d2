"""What a member has typed but not published, kept on the server while they write."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.spaces.queries import SpaceCard
from community.threads import actions, queries
from community.web.edit_drafts import save_draft_of_edit
from community.web.forms import read_form
from community.web.limiting import count_draft
from community.web.pages import LARGEST_ID, viewer_of


async def save_draft(request: Request) -> Response:
    """Keep the fields of the form for this place ("ask", "answer:12", "edit:12"); scripts call it while one types."""
    viewer = viewer_of(request)
    place = request.path_params["place"]
    await count_draft(request)
    fields = await read_form(request)
    if place == "ask":
        await save_ask_draft(viewer.id, fields, request.state.spaces)
    elif place.startswith("edit:"):
        await save_draft_of_edit(_id_in(place), fields, viewer)
    else:
        thread = await queries.get_thread(_id_in(place), viewer)
        await actions.save_draft(f"answer:{thread.id}", by=viewer.id, body=fields.get("body", ""))
    return Response(status_code=204)


async def save_ask_draft(member_id: int, fields: Mapping[str, str], spaces: tuple[SpaceCard, ...]) -> None:
    """Keep a question that is being written."""
    chosen = next((space for space in spaces if space.slug == fields.get("space")), None)
    await actions.save_draft(
        "ask",
        by=member_id,
        title=fields.get("title", ""),
        body=fields.get("body", ""),
        space_id=chosen.id if chosen else None,
        tags=fields.get("tags", ""),
    )


def _id_in(place: str) -> int:
    kind, _colon, number = place.partition(":")
    is_number = number.isascii() and number.isdecimal() and len(number) <= 16
    if kind not in ("answer", "edit") or not is_number or int(number) > LARGEST_ID:
        raise NotFound
    return int(number)
