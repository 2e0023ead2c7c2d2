"""Deciding about texts that wait, and changing them while they do. Each action is one transaction.

Locks are taken in the order thread, waiting text, item of the queue: of two who decide at once the second one finds
it decided. While somebody is on it, nobody else decides about it or mends it; its author may do what they like.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from community.attachments.actions import (
    change_attachments,
    discard_held_attachments,
    post_held_attachments,
)
from community.attachments.queries import ids_of_post, list_held
from community.core import outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch, in_transaction
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.decisions.actions import log, record_release
from community.decisions.claims import demand_no_other_claim
from community.decisions.grounds import Ground
from community.decisions.statements import lift_statements_about, log_restriction
from community.decisions.work import WorkKind, finish_work, put_work
from community.ideas import actions as ideas
from community.ideas.permissions import can_answer_idea
from community.sanctions.queries import demand_may_write
from community.spaces.permissions import can_start_thread
from community.spaces.queries import SpaceCard, load_viewer
from community.threads import actions as thread_actions
from community.threads.models import IdeaStatus, PostKind
from community.threads.permissions import can_answer
from community.threads.queries import ThreadView, get_thread, opening_of
from community.waiting.models import TextKind, TextState, Why
from community.waiting.permissions import (
    can_refuse_text,
    can_release_text,
    can_rewrite_text,
    can_write_along,
)
from community.waiting.queries import TextRow, find_overruled, find_refusers, get_own, get_waiting

SHORTEST_REASON, LONGEST_REASON = 3, 500


@dataclass(frozen=True, slots=True)
class Wording:
    """What a text says; title and tags only where it has them."""

    body: str
    title: str = ""
    tags: tuple[str, ...] = ()


async def release_text(text_id: int, *, version: int, post_version: int, by: Viewer) -> int:
    """Publish it as its author, with everything that follows; the id of the thread or post.

    `version` and, of an edit, `post_version` (of the post as it stands) are what the releaser has read. `Conflict`
    where either has moved on or somebody else has decided; `RuleBroken` where it cannot be published (any more).
    """
    async with in_transaction():
        text = await _lock(text_id, by)
        await _demand_waiting(text, version)
        if not can_release_text(by, text):
            raise RuleBroken(_("Somebody else has to release what you have written."))
        await demand_no_other_claim(WorkKind.TEXT, f"text:{text_id}", by)
        if text.kind == TextKind.EDIT and text.newest_post_version != post_version:
            raise Conflict(
                _("The post itself has been changed meanwhile. Please look at the difference again.")
            )
        subject = f"text:{text_id}"
        if text.why == Why.FOUR_EYES:
            await record_release(subject, version, drafted_by=text.author_id, by=by, writers=text.writers)
        held = [row.id for row in await list_held(text_id)]
        thread_id, post_id = await _publish(text, with_files=bool(held or text.files_out))
        if text.kind == TextKind.EDIT and post_id is not None and (held or text.files_out):
            stay = [each for each in await ids_of_post(post_id) if each not in text.files_out]
            await change_attachments(post_id, [*stay, *held], by=text.author_id)
        await post_held_attachments(text_id, post_id or await opening_of(thread_id))
        await execute(
            """UPDATE waiting_texts SET state = 'released', title = '', body = '', tags = '', edit_reason = '',
            files_out = '', decided_at = :at, decided_by_id = :by, published_thread_id = :thread_id,
            published_post_id = :post_id
            WHERE id = :id""",
            {"at": now(), "by": by.id, "thread_id": thread_id, "post_id": post_id, "id": text_id},
        )
        await finish_work(WorkKind.TEXT, subject)
        await lift_statements_about(subject)
        await log(
            "release_text",
            subject,
            by=by,
            reason="",
            space_id=text.space_id,
            kind=text.kind,
            why=text.why,
            thread=thread_id,
            post=post_id,
        )
        await outbox.record("text.released", text_id=text_id, by=by.id)
    return post_id or thread_id


async def refuse_text(
    text_id: int, *, version: int, by: Viewer, reason: str, ground: Ground | None = None
) -> None:
    """Say no to it; the author learns the reason and keeps the text.

    Of a member's text that a rule has held a statement of reasons is made, on this ground; among colleagues none is.
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleBroken(_("Please give a reason; the author will read it."))
    async with in_transaction():
        text = await _lock(text_id, by)
        await _demand_waiting(text, version)
        if by.id in text.overruled:
            raise RuleBroken(_("You have refused this before, and the objection to that was right."))
        if not can_refuse_text(by, text):
            raise RuleBroken(_("You cannot decide about a text of your own."))
        await demand_no_other_claim(WorkKind.TEXT, f"text:{text_id}", by)
        await execute(
            """UPDATE waiting_texts SET state = 'refused', decided_at = :at, decided_by_id = :by, refusal = :reason
            WHERE id = :id""",
            {"at": now(), "by": by.id, "reason": reason.strip()[:1000], "id": text_id},
        )
        await finish_work(WorkKind.TEXT, f"text:{text_id}")
        statement_id = await _log_refusal(text, by, reason, ground)
        stated = {} if statement_id is None else {"statement_id": statement_id}
        await outbox.record("text.refused", text_id=text_id, by=by.id, **stated)


async def _log_refusal(text: TextRow, by: Viewer, reason: str, ground: Ground | None) -> int | None:
    """The id of the statement of reasons, where one is made."""
    given: dict[str, Any] = {"by": by, "reason": reason, "space_id": text.space_id}
    given |= {"kind": text.kind, "why": text.why}
    if text.why != Why.HELD:
        await log("refuse_text", f"text:{text.id}", **given)
        return None
    return await log_restriction(
        "refuse_text",
        f"text:{text.id}",
        concerns=text.author_id,
        ground=ground,
        is_found_by_program=True,
        **given,
    )


async def wait_again(text_id: int, *, by: Viewer, reason: str) -> None:
    """A text that was wrongly refused is decided about anew. Nothing where it is not refused any more, or gone."""
    async with in_transaction():
        try:
            text = await _lock(text_id, by)
        except NotFound:
            return
        if text.state != TextState.REFUSED:
            return
        moment = now()
        await execute(
            """UPDATE waiting_texts SET state = 'waiting', refusal = '', decided_at = NULL, decided_by_id = NULL,
            submitted_at = :at WHERE id = :id""",
            {"at": moment, "id": text_id},
        )
        subject = f"text:{text_id}"
        await put_work(
            WorkKind.TEXT,
            subject,
            space_id=text.space_id,
            since=moment,
            not_for=text.author_id,
            kept_from=await find_refusers(text_id),
        )
        await log("reopen_text", subject, by=by, reason=reason, space_id=text.space_id)


async def rewrite_text(text_id: int, wording: Wording, *, version: int, by: Viewer) -> None:
    """The author changes it, or sends a refused one once more. It waits anew, and a decision has to be about this."""
    async with in_transaction():
        text = await _lock(text_id, by, own=True)
        if not can_rewrite_text(by, text):
            raise Conflict(who_decided(text))
        await demand_may_write(by.id, text.space_id)
        await _rewrite(text, wording, version, by)


async def write_along(text_id: int, wording: Wording, *, version: int, by: Viewer) -> None:
    """A colleague mends it and is a writer of it from then on: somebody else still has to release it."""
    async with in_transaction():
        text = await _lock(text_id, by)
        await _demand_waiting(text, version)
        if not can_write_along(by, text):
            raise RuleBroken(_("This text is released or refused as it is."))
        await demand_no_other_claim(WorkKind.TEXT, f"text:{text_id}", by)
        await _rewrite(text, wording, version, by)
        await log("mend_text", f"text:{text_id}", by=by, reason="", space_id=text.space_id)


async def _rewrite(text: TextRow, wording: Wording, version: int, by: Viewer) -> None:
    title, tags = (wording.title.strip(), " ".join(wording.tags)) if text.has_title else ("", "")
    is_same = (text.body, text.title, " ".join(text.tags)) == (wording.body, title, tags)
    if is_same and text.state == TextState.WAITING:
        return  # The form was sent twice.
    if text.version != version:
        raise Conflict(_("Somebody has changed this text meanwhile."))
    writers, moment = sorted({*text.writers, by.id}), now()
    await execute(
        """UPDATE waiting_texts SET body = :body, title = :title, tags = :tags, writers = :writers,
        version = version + 1, state = 'waiting', refusal = '', decided_at = NULL, decided_by_id = NULL,
        submitted_at = CASE WHEN state = 'refused' THEN :at ELSE submitted_at END WHERE id = :id""",
        {
            "body": wording.body,
            "title": title,
            "tags": tags,
            "writers": json.dumps(writers),
            "at": moment,
            "id": text.id,
        },
    )
    # Where it waits already, nothing changes.
    await put_work(
        WorkKind.TEXT,
        f"text:{text.id}",
        space_id=text.space_id,
        since=moment,
        not_for=text.author_id,
        kept_from=await find_overruled(text.id),
    )


async def take_back_text(text_id: int, *, by: Viewer) -> None:
    """The author does not want it any more: it is gone."""
    async with in_transaction():
        text = await _lock(text_id, by, own=True)
        if not can_rewrite_text(by, text):
            raise Conflict(who_decided(text))
        await discard_held_attachments(text_id)
        await finish_work(WorkKind.TEXT, f"text:{text_id}")
        await execute_returning("DELETE FROM waiting_texts WHERE id = :id RETURNING id", {"id": text_id})


# --- what they share --------------------------------------------------------------------------------------


async def _lock(text_id: int, by: Viewer, *, own: bool = False) -> TextRow:
    """The text as it is once nobody else can change it; not found for whoever may not see it."""
    # Of a change, the thread in which its post is now: it may have been merged or split since.
    places = await fetch(
        """SELECT COALESCE(p.thread_id, w.thread_id) AS thread_id FROM waiting_texts w
        LEFT JOIN posts p ON p.id = w.post_id WHERE w.id = :id""",
        {"id": text_id},
    )
    if not places:
        raise NotFound
    for table, number in (("threads", places[0]["thread_id"]), ("waiting_texts", text_id)):
        row = f"SELECT id FROM {table} WHERE id = :id"  # noqa: S608 - a constant
        await fetch({"sqlite": row, "postgresql": f"{row} FOR NO KEY UPDATE"}, {"id": number or 0})
    return await (get_own(text_id, by) if own else get_waiting(text_id, by))


async def _demand_waiting(text: TextRow, version: int) -> None:
    if text.state != TextState.WAITING:
        raise Conflict(who_decided(text))
    if text.version != version:
        raise Conflict(_("Somebody has changed this text meanwhile."))


def who_decided(text: TextRow) -> str:
    """The sentence for whoever comes too late."""
    if not text.decider:
        return _("This has been decided meanwhile.")
    return _("%(name)s has decided about this meanwhile.") % {"name": text.decider}


async def _publish(text: TextRow, *, with_files: bool) -> tuple[int, int | None]:
    """Thread and, but for a new thread, post. The author must still be one who may write there."""
    author, spaces = await load_viewer(text.author_id)
    closed = RuleBroken(_("Its author may not write there any more, so it cannot be published."))
    if text.kind == TextKind.THREAD:
        space = next((card for card in spaces if card.id == text.space_id), None)
        if space is None or not can_start_thread(author, text.space_id):
            raise closed
        return await _publish_thread(text, space, author), None
    try:
        thread = await get_thread(text.thread_id or 0, author)
    except NotFound:
        raise closed from None
    if not author.may_take_part(thread.space_id):
        raise closed
    if text.kind == TextKind.EDIT:
        return thread.id, await _publish_edit(text, thread, author, with_files=with_files)
    if not (can_answer_idea if text.idea_status else can_answer)(author, thread):
        raise closed
    if text.idea_status:
        status = IdeaStatus(text.idea_status)
        return thread.id, await ideas.answer_idea(thread.id, status, body=text.body, by=author)
    if text.kind == TextKind.ANSWER:
        return thread.id, await thread_actions.add_answer(
            thread.id, body=text.body, by=author.id, by_staff=author.is_staff
        )
    await _demand_visible(text.post_id)
    return thread.id, await thread_actions.add_comment(
        text.post_id or 0, thread.id, body=text.body, by=author.id, by_staff=author.is_staff
    )


async def _publish_thread(text: TextRow, space: SpaceCard, author: Viewer) -> int:
    return await thread_actions.start_thread(
        space, title=text.title, body=text.body, tags=text.tags, by=author.id
    )


async def _publish_edit(text: TextRow, thread: ThreadView, author: Viewer, *, with_files: bool) -> int:
    is_opening = text.post_kind == PostKind.OPENING
    extra: dict[str, Any] = {"title": text.title, "tags": text.tags} if is_opening else {}
    await thread_actions.edit_post(
        text.post_id or 0,
        body=text.body,
        version=text.newest_post_version,
        by=author.id,
        staff=author if text.edit_reason else None,
        reason=text.edit_reason,
        with_files=with_files,
        **extra,
    )
    return text.post_id or 0


async def _demand_visible(post_id: int | None) -> None:
    rows = await fetch("SELECT hidden_at FROM posts WHERE id = :id", {"id": post_id or 0})
    if not rows or rows[0]["hidden_at"] is not None:
        raise RuleBroken(_("The post that this comment is about is hidden."))
