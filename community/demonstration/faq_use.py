"""How the FAQ of the demo community is used: entries that stand in answers of the team."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.db import fetch
from community.threads import actions
from community.threads.history import Brought

# Thread, what is written there with the address of an entry on a line of its own, and the entry.
ANSWERS = (
    (
        "treff-anrufe-ausserhalb-der-zeiten",
        "Falls Sie bei der Ansage bleiben: Einrichten lässt sie sich in zehn Minuten, auch mit Feiertagen.\n\n"
        "{entry}\n\nDie Rückrufliste setzt darauf auf, sie ist nur eine weitere Taste im selben Menü.",
        "ansage-oeffnungszeiten",
    ),
)
COMMENTS = (
    (
        "sites-usv-laufzeit",
        "Wenn zusätzlich die Leitung ausfällt, hilft der zweite Weg über 5G:\n{entry}",
        "ersatzweg-5g-umschaltzeit",
    ),
)


async def quote_entries(
    members: Mapping[str, int], threads: Mapping[str, Brought], entries: Mapping[str, int]
) -> None:
    """`entries` by their id in the files."""
    staff = members["markus.t"]
    for thread, body, entry in ANSWERS:
        await actions.add_answer(
            threads[thread].thread_id,
            body=body.format(entry=f"/faq/{entries[entry]}"),
            by=staff,
            by_staff=True,
        )
    for thread, body, entry in COMMENTS:
        thread_id = threads[thread].thread_id
        rows = await fetch(
            "SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id}
        )
        text = body.format(entry=f"/faq/{entries[entry]}")
        await actions.add_comment(rows[0]["id"], thread_id, body=text, by=staff, by_staff=True)
