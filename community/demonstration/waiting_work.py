"""What waits for the staff of the demo community: flags of different age, one of them handed to a colleague."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.clock import now
from community.core.db import execute, fetch
from community.decisions.targets import USUAL
from community.decisions.work import WorkKind
from community.moderation.actions import flag_post
from community.moderation.claiming import hand_on
from community.moderation.models import FlagReason
from community.spaces.queries import load_viewer
from community.threads.unanswered import ask_staff

FLAGS = (
    (
        ("bueroumzug-in-eine-andere-stadt-beginnt-die-laufzeit-von-vorn", "tk_bastler"),
        ("s_huber", FlagReason.OTHER, "Der Ton passt nicht: Die Frage war ernst gemeint."),
        27,
    ),
    (
        ("erste-rechnung-viel-hoeher-als-angeboten", "gartencenter_rosa"),
        ("verein_hafenkultur", FlagReason.PERSONAL, "Am Datum erkennt man, bei wem der Techniker war."),
        6,
    ),
)
NOTE = "Ist ein Datum schon zu viel? Sie haben das im Frühjahr entschieden, ich kenne die Linie nicht."


async def fill_waiting_work(members: Mapping[str, int]) -> None:
    """`members` by nickname. Unanswered questions come in by their age, as the worker would put them."""
    for (thread, author), (reporter, reason, note), hours in FLAGS:
        rows = await fetch(
            """SELECT p.id FROM posts p JOIN threads t ON t.id = p.thread_id
            WHERE t.slug = :slug AND p.author_id = :author AND p.kind = 'comment' ORDER BY p.created_at LIMIT 1""",
            {"slug": thread, "author": members[author]},
        )
        post_id = rows[0]["id"]
        await flag_post(post_id, reason=reason, note=note, by=members[reporter])
        await _date_back(post_id, hours)
    giver, _spaces = await load_viewer(members["sandra.k"])
    item = (
        await fetch(
            "SELECT id, subject FROM work_items WHERE kind = 'flag' ORDER BY since DESC LIMIT 1",
        )
    )[0]
    await hand_on(item["id"], WorkKind.FLAG, item["subject"], to=members["aylin.d"], note=NOTE, by=giver)
    await ask_staff()


async def _date_back(post_id: int, hours: int) -> None:
    since = now() - timedelta(hours=hours)
    await execute("UPDATE flags SET created_at = :at WHERE post_id = :id", {"at": since, "id": post_id})
    await execute(
        "UPDATE work_items SET since = :since, soon_at = :soon, due_at = :due WHERE subject = :subject",
        {
            "since": since,
            "soon": USUAL.soon_at(since),
            "due": USUAL.due_at(since),
            "subject": f"post:{post_id}",
        },
    )
