"""The second part of an erasure, done by the worker: every mention of the nickname by others becomes "former member".

All texts are walked through in the order of their ids, in steps that each leave behind how far they came; a worker
that is killed is followed by another that goes on from there. A second round a quarter of an hour later finds what
was being written during the first. Then the nickname is forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cache

from tortoise import Tortoise
from tortoise.fields import CharField

from community.accounts import erasure
from community.accounts.erasure import ANOTHER_ROUND_AFTER, OpenErasure
from community.core import i18n, markdown, outbox
from community.core.clock import now
from community.core.db import APP, Row, execute, fetch, in_transaction
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.decisions.actions import rewrite_reason
from community.faq.rewording import Words, follow_body, follow_title, follow_version
from community.personal_data.mentions import links_to, without_nickname
from community.threads.actions import render_body

BATCH = 100
SECONDS_AT_ONCE = 20.0
"""How long one call works; the next one goes on."""
ROUNDS = 2
INDEX_OUTDATED = "index.outdated"
INDEX_BUILT_WITHIN = timedelta(hours=12)
"""So that several who leave on one day cost one new index."""


@dataclass(frozen=True, slots=True)
class Texts:
    """A table with columns in which somebody may be mentioned."""

    table: str
    columns: tuple[str, ...]
    language: str = "''"
    """SQL that says in which language the row `x` is written."""


_OF_POST = "(SELECT t.language FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = x.post_id)"

PLACES = (
    Texts("threads", ("title",), "x.language"),
    Texts("posts", ("body", "body_html"), "(SELECT t.language FROM threads t WHERE t.id = x.thread_id)"),
    Texts("revisions", ("title", "body"), _OF_POST),
    Texts("attachments", ("alt",), _OF_POST),
    Texts("drafts", ("title", "body"), "(SELECT s.language FROM spaces s WHERE s.id = x.space_id)"),
    Texts(
        "waiting_texts",
        ("title", "body", "edit_reason", "refusal"),
        "(SELECT s.language FROM spaces s WHERE s.id = x.space_id)",
    ),
    Texts("notifications", ("note",), "(SELECT m.language FROM members m WHERE m.id = x.member_id)"),
    Texts("flags", ("note",), _OF_POST),
    Texts("moderation_log", ("reason",)),
    Texts("work_items", ("note",)),
    Texts("vault_reveals", ("reason",)),
    Texts("staff_notes", ("text",)),
    Texts(
        "faq_entries",
        (
            "question",
            "short_answer",
            "steps",
            "valid_for",
            "published_question",
            "published_short_answer",
            "published_steps",
            "published_html",
            "published_valid_for",
        ),
        "x.language",
    ),
    Texts("faq_revisions", ("question", "short_answer", "steps", "valid_for")),
    Texts("faq_feedback", ("reason",)),
    Texts("groups", ("description",)),
    Texts("spaces", ("purpose",), "x.language"),
)


async def carry_on() -> None:
    """Work on the oldest erasure for a while; several workers at once only repeat each other's steps."""
    began = time.monotonic()
    while time.monotonic() - began < SECONDS_AT_ONCE:
        task = await erasure.find_open_erasure()
        if task is None or not await _step(task):
            return


async def _step(task: OpenErasure) -> bool:
    """One batch; False where the erasure now waits for its second round, or is done."""
    turn, number, last = (int(part) for part in (task.place or "1:0:0").split(":"))
    if number == len(PLACES):
        return await _end_round(task, turn)
    place = PLACES[number]
    rows = await _next_rows(place, last)
    for row in rows:
        await _clean(place, row, task.nickname)
    reached = f"{turn}:{number}:{rows[-1]['id']}" if rows else f"{turn}:{number + 1}:0"
    await erasure.note_place(task.id, reached)
    return True


async def _end_round(task: OpenErasure, turn: int) -> bool:
    if turn < ROUNDS:
        await erasure.note_place(task.id, f"{turn + 1}:0:0", again_at=now() + ANOTHER_ROUND_AFTER)
    else:
        await _forget_facts(task.id)
        # Deleted documents stay in the files of an index until it is built anew.
        if not await outbox.count_waiting(INDEX_OUTDATED):
            await outbox.record_for_later(INDEX_OUTDATED, due_at=now() + INDEX_BUILT_WITHIN)
        await erasure.end_erasure(task.id)
    return False


async def _next_rows(place: Texts, last: int) -> Sequence[Row]:
    columns = ", ".join(f"x.{column}" for column in place.columns)
    wanted = " OR ".join(
        f"x.{column} LIKE '%@%' OR x.{column} LIKE '%/members/%'" for column in place.columns
    )
    belongs_to = {"posts": ", x.thread_id", "revisions": ", x.post_id"}
    extra = belongs_to.get(place.table, "")
    return await fetch(
        f"""SELECT x.id, {columns}{extra}, {place.language} AS written_in FROM "{place.table}" x
        WHERE x.id > :last AND ({wanted}) ORDER BY x.id LIMIT {BATCH}""",  # noqa: S608 - names of this module
        {"last": last},
    )


async def _clean(place: Texts, row: Row, nickname: str) -> None:
    before = i18n.language()
    i18n.use(row["written_in"] or i18n.languages()[0])
    try:
        if place.table == "posts":
            await _clean_post(row, nickname)
            return
        if place.table == "moderation_log":
            reason = without_nickname(row["reason"], nickname)[: _widths(place.table)["reason"]]
            if reason != row["reason"]:
                await rewrite_reason(row["id"], old=row["reason"], new=reason)
            return
        widths = _widths(place.table)
        new = {
            column: without_nickname(row[column], nickname)[: widths.get(column)] for column in place.columns
        }
        if any(new[column] != row[column] for column in place.columns):
            await _write(place, row, new)
    finally:
        i18n.use(before)


@cache
def _widths(table: str) -> dict[str, int]:
    """How many characters the columns of a table hold, where that has a limit: what stands in the place of a nickname
    can be longer than it, and PostgreSQL refuses what does not fit."""
    model = next(model for model in Tortoise.apps[APP].values() if model._meta.db_table == table)
    fields = model._meta.fields_map.items()
    return {name: field.max_length for name, field in fields if isinstance(field, CharField)}


async def _write(place: Texts, row: Row, new: dict[str, str]) -> None:
    """A row that was changed meanwhile is left to the second round."""
    if place.table == "threads":
        new["slug"] = slug(new["title"])
    elif place.table == "faq_entries":
        new["slug"] = slug(new["published_question"] or new["question"])
    changes = ", ".join(f"{column} = :{column}" for column in new)
    unchanged = " AND ".join(f"{column} = :old_{column}" for column in place.columns)
    old = {f"old_{column}": row[column] for column in place.columns}
    async with in_transaction():
        written = await execute(
            f'UPDATE "{place.table}" SET {changes} WHERE id = :id AND {unchanged}',  # noqa: S608
            {**new, **old, "id": row["id"]},
        )
        if not written:
            return
        if place.table == "threads":
            await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": row["id"]})
            await follow_title(row["id"], row["title"], new["title"])
            await outbox.record("thread.scrubbed", thread_id=row["id"])
        elif place.table == "revisions":
            before, after = Words(row["title"], row["body"]), Words(new["title"], new["body"])
            await follow_version(row["post_id"], before, after)
        elif place.table == "faq_entries":
            await outbox.record("faq.scrubbed", entry_id=row["id"])
        await raise_site_stamp()


async def _clean_post(row: Row, nickname: str) -> None:
    """The text and its HTML; a form that is being edited meets the newer version, so that nothing comes back."""
    body = without_nickname(row["body"], nickname)
    if body == row["body"] and not links_to(row["body_html"], nickname):
        return
    html = await render_body(body)
    async with in_transaction():
        # The thread's row is the lock, as in every change of a post.
        await execute(
            "UPDATE threads SET version = version + 1 WHERE id = :thread", {"thread": row["thread_id"]}
        )
        written = await execute(
            """UPDATE posts SET body = :body, body_html = :html, render_version = :render, version = version + 1
            WHERE id = :id AND body = :old""",
            {
                "body": body,
                "html": html,
                "render": markdown.RENDER_VERSION,
                "id": row["id"],
                "old": row["body"],
            },
        )
        if written:
            await follow_body(row["id"], row["body"], body)
            await outbox.record("thread.scrubbed", thread_id=row["thread_id"])


async def _forget_facts(erasure_id: int) -> None:
    """Delivered facts that name the member by number; those that still wait are forgotten two weeks later."""
    member_id = await erasure.find_erased_member(erasure_id)
    await execute(
        "DELETE FROM outbox_facts WHERE done_at IS NOT NULL AND CAST(payload AS TEXT) LIKE :number",
        {"number": f"%{member_id}%"},
    )
