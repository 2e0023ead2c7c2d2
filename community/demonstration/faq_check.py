"""Entries of the demo community that have to be checked: a source was edited, and dates have come or come soon."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.db import fetch_one
from community.faq.causes import today
from community.faq.freshness import look_at
from community.threads.actions import edit_post
from community.threads.history import Brought

# Entry, and how many days its validity lasts from now on.
VALIDITY = {"erste-rechnung-hoeher": -12, "roaming-switzerland-uk": 20}
# Thread, and what its helper has changed in the solution after an entry was made from it.
EDITED = (
    (
        "mob-esim-neues-handy",
        "**Mobilfunk → Ihre Nummer → SIM-Karte → Auf anderes Gerät umziehen**.",
        "**Mobilfunk → Ihre Nummer → eSIM → Neues Gerät**. Seit Oktober geht das auch in der App.",
    ),
)


def valid_until(entry: str) -> str:
    """The last day on which the entry holds; empty for most."""
    return str(today() + timedelta(days=VALIDITY[entry])) if entry in VALIDITY else ""


async def edit_sources(threads: Mapping[str, Brought], entries: Mapping[str, int]) -> None:
    """`threads` and `entries` by their ids in the files."""
    for thread, before, after in EDITED:
        row = await fetch_one(
            """SELECT p.id, p.body, p.version, p.author_id FROM solutions x JOIN posts p ON p.id = x.post_id
            WHERE x.thread_id = :id""",
            {"id": threads[thread].thread_id},
        )
        assert row is not None  # noqa: S101 - its thread is solved
        assert before in row["body"], f"{thread} says something else"  # noqa: S101 - our own words
        body = row["body"].replace(before, after)
        await edit_post(row["id"], body=body, version=row["version"], by=row["author_id"])
    await look_at(entries.values())
