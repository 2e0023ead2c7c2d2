"""One member who may not write for some days, and one who was warned: so that there is something to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.clock import now
from community.moderation import sanctioning
from community.sanctions.actions import Wish
from community.sanctions.rules import Kind
from community.spaces.queries import load_viewer

MODERATOR = "sandra.k"
WARNED, MUTED = "brotzeit_ole", "pixelschubser"


async def fill_sanctions(members: Mapping[str, int]) -> None:
    by, _spaces = await load_viewer(members[MODERATOR])
    warnings = {
        WARNED: "Bitte bleiben Sie sachlich: „Wer lesen kann, ist im Vorteil“ hilft niemandem weiter.",
        MUTED: "Werbung für den eigenen Onlineshop in zwei fremden Fragen.",
    }
    for nickname, reason in warnings.items():
        await sanctioning.impose(members[nickname], Wish(Kind.WARNING, reason), by=by)
    wish = Wish(
        Kind.MUTE,
        "Trotz der Verwarnung noch einmal Werbung für den eigenen Onlineshop.",
        note="Beim nächsten Mal vorher im Team besprechen.",
        ends_at=now() + timedelta(days=14),
    )
    await sanctioning.impose(members[MUTED], wish, by=by)
