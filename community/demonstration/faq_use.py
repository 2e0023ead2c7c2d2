"""How the FAQ of the demo community is used: views, answers whether it helped, entries in answers of the team."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.clock import now
from community.core.db import fetch, random_id
from community.core.rows import insert
from community.core.viewer import GUEST
from community.faq.feedback import give_feedback
from community.insights.models import EntryDay, EntryWords
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


# Entry, views a day on average; of a hundred views: from searches, on to the search, on to the form; answers yes and
# no, reasons ticked.
USES = (
    ("wlan-langsamer-als-anschluss", 14, 38, 3, 2, 21, 3, ("unclear", "question")),
    ("feste-ip-nach-umstellung", 9, 52, 4, 3, 12, 2, ("steps",)),
    ("eigener-router-glasfaser", 7, 45, 6, 5, 13, 6, ("outdated", "steps", "outdated")),
    ("ansage-oeffnungszeiten", 4, 30, 2, 1, 6, 0, ()),
    ("portierung-abgelehnt-inhaber", 3, 61, 5, 8, 9, 4, ("question", "other")),
    ("vpn-grosse-pakete", 2, 57, 1, 1, 4, 0, ()),
)
SEARCHES = (
    ("wlan-langsamer-als-anschluss", "wlan langsam", 34),
    ("wlan-langsamer-als-anschluss", "geschwindigkeit messen", 12),
    ("feste-ip-nach-umstellung", "feste ip weg", 27),
    ("eigener-router-glasfaser", "eigener router zugangsdaten", 19),
)
DAYS = 90


async def fill_uses(entries: Mapping[str, int]) -> None:
    """Views and answers of the last three months, more on working days; `entries` by their id in the files."""
    today = now().date()
    for entry, views, found, searched, asked, yes, no, reasons in USES:
        for back in range(DAYS):
            day = today - timedelta(days=back)
            count = views * (back * 7 + views) % (2 * views + 1) // (3 if day.weekday() > 4 else 1)
            await insert(
                EntryDay,
                id=random_id(),
                entry_id=entries[entry],
                day=day.isoformat(),
                view_count=count,
                found_count=count * found // 100,
                search_count=count * searched // 100 + (back % 9 == 0),
                ask_count=count * asked // 100 + (back % 11 == 0),
            )
        for number in range(yes + no):
            await give_feedback(
                entries[entry],
                helpful=number < yes,
                by=GUEST,
                reasons=reasons[number - yes : number - yes + 1],
            )
    for entry, words, count in SEARCHES:
        await insert(
            EntryWords,
            id=random_id(),
            entry_id=entries[entry],
            day=today.isoformat(),
            words=words,
            open_count=count,
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
