"""The part of the URL map for staff who keep order: the queue, acts on posts and threads, the log, identities."""

from __future__ import annotations

from starlette.routing import BaseRoute

from community.http.route import Access, get, post
from community.web import (
    log_pages,
    moderation,
    moderation_erase,
    moderation_items,
    moderation_many,
    moderation_merge,
    moderation_order,
    moderation_queue,
    moderation_split,
    moderation_titles,
    moderation_undo,
    reveals,
)

MODERATOR = Access.MODERATOR
POST, THREAD = "/moderation/posts/{post_id:int}", "/moderation/threads/{thread_id:int}"
BATCH = "/moderation/batches/{batch_id:int}"
LOG = "/moderation/log/{entry_id:int}"
ITEM = "/moderation/items/{item_id:int}"
REVEAL = "/moderation/reveals/{reveal_id:int}"


def keeping_order() -> list[BaseRoute]:
    """Everything under /moderation but the desk of the FAQ and the warnings."""
    return [
        get("/moderation", moderation_queue.show_queue, "moderation.queue", MODERATOR),
        get("/moderation/next", moderation_items.show_next, "moderation.next", MODERATOR),
        get("/moderation/holders", moderation_items.list_holders, "moderation.holders", MODERATOR),
        get(ITEM, moderation_items.show_item, "moderation.work", MODERATOR),
        post(ITEM + "/claim", moderation_items.claim_item, "moderation.claim", MODERATOR),
        post(ITEM + "/release", moderation_items.release_item, "moderation.release", MODERATOR),
        post(ITEM + "/hand-on", moderation_items.hand_on, "moderation.hand_on", MODERATOR),
        post(ITEM + "/snooze", moderation_items.snooze_item, "moderation.snooze", MODERATOR),
        post(ITEM + "/wake", moderation_items.wake_item, "moderation.wake", MODERATOR),
        post(ITEM + "/looking", moderation_items.note_looking, "moderation.looking", MODERATOR),
        get("/moderation/log", log_pages.show_log, "moderation.log", MODERATOR),
        get("/moderation/log/{entry_id:int}", log_pages.show_log_entry, "moderation.log_entry", MODERATOR),
        post("/moderation/log/export", log_pages.export_log, "moderation.export_log", Access.ADMINISTRATOR),
        get(POST, moderation.show_item, "moderation.item", MODERATOR),
        post(POST + "/decide", moderation.decide_item, "moderation.decide", MODERATOR),
        get(POST + "/hide", moderation_order.show_hide_form, "moderation.hide_form", MODERATOR),
        post(POST + "/hide", moderation_order.hide_post, "moderation.hide", MODERATOR),
        get(POST + "/restore", moderation_order.show_restore_form, "moderation.restore_form", MODERATOR),
        post(POST + "/restore", moderation_order.restore_post, "moderation.restore", MODERATOR),
        get(THREAD + "/lock", moderation_order.show_lock_form, "moderation.lock_form", MODERATOR),
        post(THREAD + "/lock", moderation_order.lock_thread, "moderation.lock", MODERATOR),
        get(THREAD + "/unlock", moderation_order.show_unlock_form, "moderation.unlock_form", MODERATOR),
        post(THREAD + "/unlock", moderation_order.unlock_thread, "moderation.unlock", MODERATOR),
        get(THREAD + "/pin", moderation_order.show_pin_form, "moderation.pin_form", MODERATOR),
        post(THREAD + "/pin", moderation_order.pin_thread, "moderation.pin", MODERATOR),
        get(THREAD + "/unpin", moderation_order.show_unpin_form, "moderation.unpin_form", MODERATOR),
        post(THREAD + "/unpin", moderation_order.unpin_thread, "moderation.unpin", MODERATOR),
        get(THREAD + "/move", moderation_order.show_move_form, "moderation.move_form", MODERATOR),
        post(THREAD + "/move", moderation_order.move_thread, "moderation.move", MODERATOR),
        get(THREAD + "/title", moderation_titles.show_title_form, "moderation.title_form", MODERATOR),
        post(THREAD + "/title", moderation_titles.change_title, "moderation.title", MODERATOR),
        get(THREAD + "/merge", moderation_merge.show_merge_form, "moderation.merge_form", MODERATOR),
        post(THREAD + "/merge", moderation_merge.merge_thread, "moderation.merge", MODERATOR),
        get(THREAD + "/split", moderation_split.show_split_form, "moderation.split_form", MODERATOR),
        post(THREAD + "/split", moderation_split.split, "moderation.split", MODERATOR),
        get("/moderation/several", moderation_many.show_many, "moderation.several_form", MODERATOR),
        post("/moderation/several", moderation_many.do_many, "moderation.several", MODERATOR),
        get(BATCH + "/undo", moderation_many.show_undo_many, "moderation.undo_several_form", MODERATOR),
        post(BATCH + "/undo", moderation_many.undo_all, "moderation.undo_several", MODERATOR),
        get(POST + "/erase", moderation_erase.show_erase_form, "moderation.erase_form", MODERATOR),
        post(POST + "/erase", moderation_erase.erase, "moderation.erase", MODERATOR),
        get(POST + "/unlink", moderation_titles.show_unlink_form, "moderation.unlink_form", MODERATOR),
        post(POST + "/unlink", moderation_titles.unlink, "moderation.unlink", MODERATOR),
        get(LOG + "/undo", moderation_undo.show_undo_form, "moderation.undo_form", MODERATOR),
        post(LOG + "/undo", moderation_undo.undo_act, "moderation.undo", MODERATOR),
        # identities
        get("/moderation/reveals", reveals.list_reveals, "reveals.list", MODERATOR),
        get("/moderation/reveals/new", reveals.show_ask_form, "reveals.ask_form", MODERATOR),
        post("/moderation/reveals/new", reveals.ask_reveal, "reveals.ask", MODERATOR),
        get(REVEAL, reveals.show_reveal, "reveals.show", MODERATOR),
        post(REVEAL + "/decide", reveals.decide_reveal, "reveals.decide", MODERATOR),
        post(REVEAL + "/show", reveals.show_identity, "reveals.show_identity", MODERATOR),
    ]
