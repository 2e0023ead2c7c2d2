"""One member who may not write for some days, and one who was warned: so that there is something to look at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.clock import now
from community.decisions.grounds import Ground, GroundKind
from community.decisions.statements import find_statements
from community.moderation import appeals, sanctioning
from community.sanctions.actions import Wish
from community.sanctions.rules import Kind
from community.spaces.queries import load_viewer

OBJECTION = (
    "Ich habe nur auf eine Frage geantwortet, wo es die Dichtung gibt. "
    "Dass der Laden mir gehört, steht in meinem Profil."
)
MODERATOR = "sandra.k"
WARNED, MUTED = "brotzeit_ole", "pixelschubser"
GROUNDS = {WARNED: Ground(GroundKind.RESPECT), MUTED: Ground(GroundKind.ADVERTISING)}


async def fill_sanctions(members: Mapping[str, int]) -> None:
    by, _spaces = await load_viewer(members[MODERATOR])
    warnings = {
        WARNED: "Bitte bleiben Sie sachlich: „Wer lesen kann, ist im Vorteil“ hilft niemandem weiter.",
        MUTED: "Werbung für den eigenen Onlineshop in zwei fremden Fragen.",
    }
    for nickname, reason in warnings.items():
        wish = Wish(Kind.WARNING, reason, ground=GROUNDS[nickname])
        await sanctioning.impose(members[nickname], wish, by=by)
    wish = Wish(
        Kind.MUTE,
        "Trotz der Verwarnung noch einmal Werbung für den eigenen Onlineshop.",
        note="Beim nächsten Mal vorher im Team besprechen.",
        ends_at=now() + timedelta(days=14),
        ground=GROUNDS[MUTED],
        is_prompted=True,
    )
    sanction_id = await sanctioning.impose(members[MUTED], wish, by=by)
    subject = f"sanction:{sanction_id}"
    statement = (await find_statements([subject]))[subject]
    await appeals.appeal_statement(statement.id, text=OBJECTION, by=members[MUTED])
