"""The part of the URL map for what staff keep for each other: private notes, canned answers, the handbook."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import canned_answers, handbook, staff_notes

MODERATOR = Access.MODERATOR
POST = "/moderation/posts/{post_id:int}/notes"
THREAD, MEMBER = "/moderation/threads/{thread_id:int}/notes", "/moderation/members/{nickname}/notes"
NOTE = "/moderation/notes/{note_id:int}"
CANNED = "/moderation/canned-answers"
CANNED_ONE = CANNED + "/{canned_id:int}"


def staff_tools() -> list[BaseRoute]:
    return [
        get("/moderation/handbook", handbook.show_handbook, "handbook.show", Access.STAFF),
        get(THREAD, staff_notes.show_thread_notes, "notes.thread", MODERATOR),
        post(THREAD, staff_notes.add_thread_note, "notes.add_to_thread", MODERATOR),
        get(POST, staff_notes.show_post_notes, "notes.post", MODERATOR),
        post(POST, staff_notes.add_post_note, "notes.add_to_post", MODERATOR),
        get(MEMBER, staff_notes.show_member_notes, "notes.member", MODERATOR),
        post(MEMBER, staff_notes.add_member_note, "notes.add_to_member", MODERATOR),
        get(NOTE, staff_notes.show_change_form, "notes.change_form", MODERATOR),
        post(NOTE, staff_notes.change_note, "notes.change", MODERATOR),
        post(NOTE + "/delete", staff_notes.delete_note, "notes.delete", MODERATOR),
        get(CANNED, canned_answers.list_all, "canned.list", MODERATOR),
        get(CANNED + "/new", canned_answers.show_new, "canned.new", MODERATOR),
        post(CANNED + "/new", canned_answers.add_canned, "canned.add", MODERATOR),
        get(CANNED_ONE, canned_answers.show_canned, "canned.show", MODERATOR),
        post(CANNED_ONE, canned_answers.change_canned, "canned.change", MODERATOR),
        post(CANNED_ONE + "/delete", canned_answers.delete_canned, "canned.delete", MODERATOR),
    ]
