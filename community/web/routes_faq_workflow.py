"""The part of the URL map for how editors of the FAQ work together on an entry, beside writing its text."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import faq_languages, faq_preview, faq_scheduling, faq_taking, staff_notes

MODERATOR = Access.MODERATOR
ENTRY = "/moderation/faq/{entry_id:int}"


def editing_together() -> list[BaseRoute]:
    return [
        post("/moderation/faq/preview", faq_preview.preview_form, "faq.preview_new", MODERATOR),
        get(ENTRY + "/preview", faq_preview.show_preview, "faq.preview", MODERATOR),
        post(ENTRY + "/preview", faq_preview.preview_form, "faq.preview_form", MODERATOR),
        post(ENTRY + "/take", faq_taking.take_entry, "faq.take", MODERATOR),
        post(ENTRY + "/give-back", faq_taking.give_back, "faq.give_back", MODERATOR),
        get(ENTRY + "/notes", staff_notes.show_entry_notes, "notes.entry", MODERATOR),
        post(ENTRY + "/notes", staff_notes.add_entry_note, "notes.add_to_entry", MODERATOR),
        post(ENTRY + "/schedule", faq_scheduling.schedule_release, "faq.schedule", MODERATOR),
        post(ENTRY + "/unschedule", faq_scheduling.take_back_schedule, "faq.unschedule", MODERATOR),
        get(ENTRY + "/translate", faq_languages.show_translate, "faq.translate_form", MODERATOR),
        post(ENTRY + "/translate", faq_languages.translate, "faq.translate", MODERATOR),
        post(ENTRY + "/agrees", faq_languages.note_agreement, "faq.agrees", MODERATOR),
    ]
