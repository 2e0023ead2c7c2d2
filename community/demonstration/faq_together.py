"""How the demo team works on the FAQ together: a translation that is released next week, and comments on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from community.core.clock import now
from community.core.db import fetch_one
from community.demonstration.shapes import DemoContent
from community.faq.actions import send_for_review
from community.faq.rules import EntryText
from community.faq.scheduling import schedule_release
from community.faq.translating import draft_translation
from community.moderation.notes import Subject, add_note
from community.spaces.queries import load_viewer

TRANSLATED = "feste-ip-nach-umstellung"
QUESTION = "Our fixed IP address is gone after the move to fibre. Can we get it back?"
SHORT_ANSWER = (
    "Yes. The fixed address belongs to your access data, not to the line, and we keep it for you for 30 days after "
    "the move. Take it over in the customer centre and enter the new user name in the router."
)
STEPS = """1. Open the new line in the customer centre and choose **Addresses › Take over fixed IPv4**.
2. Enter the user name shown there, with the ending `-fix`, in the router.
3. Disconnect, wait at least a minute, connect again.
4. Do you use IPv6? Then check the firewall rules too, because the prefix changes.

If the move is still to come, tick “Take over the address” in the order. Then there is no gap.
"""
ASKED = "@{nickname} Heißt der Menüpunkt in der englischen Oberfläche wirklich „Take over fixed IPv4“?"
ANSWERED = "Ja, gerade nachgesehen. Freigabe ist für nächste Woche geplant, zusammen mit dem englischen Kundencenter."


async def fill_faq_together(content: DemoContent, members: Mapping[str, int]) -> None:
    entry = next(entry for entry in content.entries if entry.id == TRANSLATED)
    editor, _spaces = await load_viewer(members[entry.drafted_by])
    releaser, _spaces = await load_viewer(members[entry.released_by])
    original = await fetch_one("SELECT id FROM faq_entries WHERE question = :it", {"it": entry.question})
    category = await fetch_one("SELECT id FROM faq_categories WHERE language = 'en'")
    assert original is not None  # noqa: S101 - the content of the demo has both
    assert category is not None  # noqa: S101 - content.toml names it
    text = EntryText(
        question=QUESTION,
        short_answer=SHORT_ANSWER,
        steps=STEPS,
        valid_for=entry.valid_for,
        category_id=category["id"],
        language="en",
    )
    made = await draft_translation(original["id"], text, seen_version=1, by=editor)
    await send_for_review(made, version=1, by=editor)
    about = Subject(entry_id=made)
    await add_note(about, ASKED.format(nickname=releaser.handle), by=editor, entry_version=1)
    await add_note(about, ANSWERED, by=releaser, entry_version=1)
    in_a_week = (now() + timedelta(days=7)).replace(hour=7, minute=0, second=0, microsecond=0)
    await schedule_release(made, version=1, at=in_a_week, by=releaser)
