"""Canned answers of the demo team."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.viewer import Role
from community.demonstration import shapes
from community.moderation.canned import CannedRow, add_canned
from community.spaces.queries import load_viewer

ANSWERS = (
    (
        "Es fehlen Angaben",
        "Hallo {nickname},\n\ndamit wir bei „{thread}“ weiterkommen, brauchen wir noch:\n\n"
        "- seit wann es auftritt,\n- welches Gerät und welche Version betroffen sind,\n"
        "- was im Protokoll steht, als Text.\n\n"
        "Bitte keine Kundennummern und keine öffentlichen IP-Adressen.\n\n{staff}",
        "de",
    ),
    (
        "Bitte an den Support wenden",
        "Hallo {nickname},\n\ndafür müssten wir in Ihren Vertrag sehen, und das gehört nicht hierher. Bitte wenden "
        "Sie sich an den Support und nennen Sie diesen Beitrag: {link}\n\n"
        "Die Lösung lesen wir gern wieder hier.\n\n{staff}",
        "de",
    ),
    (
        "Details needed",
        "Hello {nickname},\n\nto look into “{thread}” we need to know since when it happens, which device and "
        "version you use, and what the log says, as text.\n\n{staff}",
        "en",
    ),
)


async def fill_canned(content: shapes.DemoContent, members: Mapping[str, int]) -> None:
    author = next(member for member in content.members if member.role == Role.MODERATOR)
    by, _cards = await load_viewer(members[author.nickname])
    for title, text, language in ANSWERS:
        await add_canned(CannedRow(0, title, text, language, None), by=by)
