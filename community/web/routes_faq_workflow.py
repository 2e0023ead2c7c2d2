"""The part of the URL map for how editors of the FAQ work together on an entry, beside writing its text."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, post
from community.web import faq_scheduling

MODERATOR = Access.MODERATOR
ENTRY = "/moderation/faq/{entry_id:int}"


def editing_together() -> list[BaseRoute]:
    return [
        post(ENTRY + "/schedule", faq_scheduling.schedule_release, "faq.schedule", MODERATOR),
        post(ENTRY + "/unschedule", faq_scheduling.take_back_schedule, "faq.unschedule", MODERATOR),
    ]
