"""Who is told of what staff decided, and why."""

from __future__ import annotations

from community.accounts import reveals
from community.core.db import as_json, fetch, fetch_one
from community.core.outbox import Fact
from community.decisions.batches import end_batch, take_ended_batch
from community.decisions.queries import list_entries_by_ids
from community.moderation.bulk import RESTRICTING, settle_batch
from community.moderation.notes import find_thread, list_addressed
from community.notifications.actions import notify
from community.spaces.queries import readers_among

_ACTS = {
    "post.hidden": "hide_post",
    "post.restored": "restore_post",
    "post.noted": "uphold_flags",
    "post.corrected": "edit_post",
    "thread.locked": "lock_thread",
    "thread.unlocked": "unlock_thread",
    "thread.moved": "move_thread",
    "thread.retitled": "retitle_thread",
    "post.erased": "erase_post",
}
"""Under which act the log keeps the reason of a decision that its author is told of."""


async def tell_author_of_decision(fact: Fact) -> None:
    """The author learns what staff did, and why; also where the post cannot be read any more.

    What was done to many at once is told by `tell_of_batch`, once to each author.
    """
    if "batch" in fact.payload:
        return
    rows = await fetch(
        """SELECT p.author_id, l.reason FROM posts p JOIN moderation_log l
        ON l.subject IN (:post_subject, :thread_subject) AND l.act = :act
        WHERE p.id = :id ORDER BY l.id DESC LIMIT 1""",
        {
            "id": fact["post_id"],
            "act": _ACTS[fact.name],
            "post_subject": f"post:{fact['post_id']}",
            "thread_subject": f"thread:{fact['thread_id']}",
        },
    )
    if rows and rows[0]["author_id"] not in (None, fact.payload.get("by")):
        await notify(
            [rows[0]["author_id"]],
            fact.name.replace(".", "_"),
            cause=f"{fact.id}",
            actor_id=None,
            thread_id=fact["thread_id"],
            # The address of a post that was hidden leads nowhere; that of its thread may.
            post_id=None if fact.name in ("post.hidden", "post.erased") else fact["post_id"],
            place=_statement_place(fact),
            note=rows[0]["reason"],
        )


_SEVERAL = {
    "hide_post": "posts_hidden",
    "restore_post": "posts_restored",
    "lock_thread": "threads_locked",
    "unlock_thread": "threads_unlocked",
    "move_thread": "threads_moved",
    "erase_post": "posts_erased",
}


async def settle_broken_batch(fact: Fact) -> None:
    """Where a batch was broken off with its process, it ends here, and the figures are put right."""
    batch = await take_ended_batch(fact["batch_id"])
    if batch is not None and not batch.is_settled:
        await settle_batch(batch)
        await end_batch(batch.id, is_settled=True)


async def tell_of_batch(fact: Fact) -> None:
    """Each author learns once what staff did to posts or threads of theirs at once, and why; also where it was
    broken off in the middle."""
    batch = await take_ended_batch(fact["batch_id"])
    entries = await list_entries_by_ids(batch.entries) if batch else []
    acts: dict[str, list[str]] = {}
    for entry in entries:
        acts.setdefault(entry.act, []).append(entry.subject)
    for act, subjects in sorted(acts.items()):
        if act in _SEVERAL:
            authors = await _authors_of(subjects) - {entries[0].actor_id}
            note = entries[0].reason
            await notify(
                sorted(authors),
                _SEVERAL[act],
                cause=f"{fact.id}:{act}",
                # Each post or thread has its statement of reasons; they find all of them in one place.
                place="/decisions" if act in RESTRICTING else "",
                note=note,
            )


async def _authors_of(subjects: list[str]) -> set[int]:
    """Who has written these posts, or started these threads ("post:123", "thread:123")."""
    authors: set[int] = set()
    for kind, table in (("post", "posts"), ("thread", "threads")):
        ids = [int(each.partition(":")[2]) for each in subjects if each.startswith(f"{kind}:")]
        rows = await fetch(
            f"SELECT DISTINCT author_id FROM {table} WHERE id IN (:ids) AND author_id IS NOT NULL",  # noqa: S608
            {"ids": ids},
        )
        authors |= {row["author_id"] for row in rows}
    return authors


async def tell_unlinked(fact: Fact) -> None:
    """Whoever asked not to be named beside what they wrote learns that it is done; not beside what, for the
    notification would go on saying it."""
    rows = await fetch(
        """SELECT reason FROM moderation_log WHERE subject = :subject AND act = 'unlink_author'
        ORDER BY id DESC LIMIT 1""",
        {"subject": f"post:{fact['post_id']}"},
    )
    for row in rows:
        await notify([fact["member_id"]], "post_unlinked", cause=f"{fact.id}", note=row["reason"])


def _statement_place(fact: Fact) -> str:
    statement_id = fact.payload.get("statement_id")
    return f"/decisions/{statement_id}" if statement_id else ""


async def tell_reporter(fact: Fact) -> None:
    """Whoever raised a flag learns how it was decided, and why; not by whom."""
    rows = await fetch(
        """SELECT f.reporter_id, f.state, p.thread_id, p.hidden_at, l.reason, l.details, n.id AS notice_id
        FROM flags f LEFT JOIN notices n ON n.flag_id = f.id
        JOIN posts p ON p.id = f.post_id JOIN moderation_log l ON l.subject = :subject
        WHERE f.id = :id AND l.act IN ('uphold_flags', 'dismiss_flags') ORDER BY l.id DESC LIMIT 100""",
        {"id": fact["flag_id"], "subject": f"post:{fact['post_id']}"},
    )
    for row in rows:
        if fact["flag_id"] in as_json(row["details"]).get("flags", ()) and row["reporter_id"] is not None:
            await notify(
                [row["reporter_id"]],
                f"flag_{row['state']}",
                cause=f"{fact.id}",
                thread_id=row["thread_id"],
                post_id=fact["post_id"] if row["hidden_at"] is None else None,
                place=f"/notices/{row['notice_id']}" if row["notice_id"] else "",
                note=row["reason"],
            )


_SANCTIONS = {
    "member.sanctioned": "imposed",
    "member.sanction_changed": "changed",
    "member.sanction_lifted": "lifted",
    "member.sanction_ended": "ended",
}


async def tell_sanctioned(fact: Fact) -> None:
    """The member learns of a sanction in the site; while it keeps them out, from the page that refuses the log-in."""
    rows = await fetch(
        "SELECT member_id, kind, reason, lift_reason FROM sanctions WHERE id = :id",
        {"id": fact["sanction_id"]},
    )
    for row in rows:
        what = _SANCTIONS[fact.name]
        reason = {"imposed": row["reason"], "lifted": row["lift_reason"]}.get(what, "")
        await notify(
            [row["member_id"]],
            f"{row['kind']}_{what}",
            cause=f"{fact.id}",
            place=_statement_place(fact),
            note=reason,
        )


async def tell_revealed(fact: Fact) -> None:
    """Whoever's identity was shown to staff learns of it, when it may be told."""
    member_id = await reveals.mark_told(fact["reveal_id"])
    if member_id is not None:
        await notify([member_id], "identity_revealed", cause=f"{fact.id}")


async def tell_author_of_release(fact: Fact) -> None:
    """Whoever wrote a text that waited learns that it is published."""
    rows = await fetch(
        """SELECT author_id, published_thread_id, published_post_id FROM waiting_texts
        WHERE id = :id AND state = 'released'""",
        {"id": fact["text_id"]},
    )
    for row in rows:
        await notify(
            [row["author_id"]],
            "text_released",
            cause=f"{fact.id}",
            thread_id=row["published_thread_id"],
            post_id=row["published_post_id"],
        )


async def tell_author_of_refusal(fact: Fact) -> None:
    """Or that it is not, and why; they find it among their own texts. Not once they have sent it anew."""
    rows = await fetch(
        "SELECT author_id, refusal FROM waiting_texts WHERE id = :id AND state = 'refused'",
        {"id": fact["text_id"]},
    )
    for row in rows:
        await notify(
            [row["author_id"]],
            "text_refused",
            cause=f"{fact.id}",
            place=_statement_place(fact),
            note=row["refusal"],
        )


async def tell_addressed(fact: Fact) -> None:
    """Whoever of the team a note turns to learns of it, once, and nothing of what it says."""
    found = await list_addressed(fact["note_id"])
    if found is None:
        return
    note, members = found
    if note.subject.entry_id is not None:
        place, cause = f"/moderation/faq/{note.subject.entry_id}#comments", f"note:{note.id}"
        await notify(members, "note_addressed", cause=cause, actor_id=note.author_id, place=place)
        return
    thread = await find_thread(note.subject)
    if thread is not None:
        await notify(
            sorted(await readers_among(thread["space_id"], members)),
            "note_addressed",
            cause=f"note:{note.id}",
            actor_id=note.author_id,
            thread_id=thread["id"],
            post_id=note.subject.post_id,
        )


async def tell_handed(fact: Fact) -> None:
    """Whoever gets an item of the queue from a colleague learns of it, while it is theirs."""
    row = await fetch_one(
        "SELECT note FROM work_items WHERE id = :id AND handed_to = :to",
        {"id": fact["item_id"], "to": fact["to"]},
    )
    if row is not None:
        await notify(
            [fact["to"]], "work_handed", cause=f"{fact.id}", actor_id=fact.payload.get("by"), note=row["note"]
        )
