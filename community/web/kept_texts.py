"""What a browser has kept of a text that was typed: the offer to put it back into its form."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.differences import Segment, differences
from community.web.forms import read_form
from community.web.pages import show


@dataclass(frozen=True, slots=True)
class KeptTextPage:
    differences: tuple[Segment, ...]
    """What the kept text changes in the one in the form; empty where the form is empty."""
    kept: str


async def offer_kept_text(request: Request) -> Response:
    """A fragment for scripts. Both texts come from the browser and go back to it; nothing is written."""
    fields = await read_form(request)
    kept, shown = fields.get("kept", "").strip(), fields.get("shown", "").strip()
    page = KeptTextPage(differences(shown, kept) if shown else (), kept)
    return await show(request, "threads/kept.html", page, block="offer")
