"""A question that was brought in earlier, compared with a newer dump: what is new is added.

What was changed or removed here stays so, unless the dump is newer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from community.core import outbox
from community.core.db import Row, as_known_time, as_time, execute, fetch, in_transaction
from community.importing.items import ItemKind, remember
from community.importing.stackexchange_staging import StagedPost
from community.importing.stackexchange_texts import Import, Texts, Written, tag_names, title_of
from community.threads import history

IMPORTED = "thread.imported"
"""The fact behind every thread that was brought in or changed: it is to be indexed."""


async def bring_up_to_date(run: Import, question: StagedPost, thread_id: int) -> None:
    """Add what the dump has and we do not. What was changed or removed here stays so, unless the dump is newer."""
    thread = await _row_of_thread(thread_id)
    if thread is None:
        run.report.leave_out("question", "was brought in earlier and has been removed here")
        return
    if abs(as_known_time(thread["created_at"]) - question.created_at) > timedelta(days=1):
        run.report.leave_out(
            "question", "its id belongs to another question of an earlier import by this name"
        )
        return
    texts = await Texts.of(run, question)
    update = _Update(run, question, thread, texts)
    await update.find_out()
    if not update.is_needed:
        return
    async with in_transaction():
        # The thread's row is the lock, as in every change of a thread.
        await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})
        items = await update.write()
        await remember(run.source, items)
        await history.settle_grown_thread(thread_id)
        await outbox.record(IMPORTED, thread_id=thread_id)
    run.staging.note_items(items)
    run.brought_up_to_date["threads"] += 1


async def _row_of_thread(thread_id: int) -> Row | None:
    rows = await fetch(
        """SELECT t.id, t.created_at, t.locked_at, x.post_id AS solution_id, x.accepted_at
        FROM threads t LEFT JOIN solutions x ON x.thread_id = t.id WHERE t.id = :id""",
        {"id": thread_id},
    )
    return rows[0] if rows else None


class _Update:
    """The differences between a thread of the dump and the thread here."""

    def __init__(self, run: Import, question: StagedPost, thread: Row, texts: Texts) -> None:
        self.run = run
        self.question = question
        self.thread = thread
        self.texts = texts
        self.new_answers: list[Written] = []
        self.new_comments: list[tuple[int, int, history.PastPost]] = []
        """Our id of the post, id of the comment in the dump, the comment."""
        self.edits: list[tuple[int, StagedPost]] = []
        self.kudos: list[tuple[int, Sequence[history.PastKudos]]] = []
        self.solution: tuple[int, datetime] | None = None
        """Id of the accepted answer in the dump, and when."""

    @property
    def is_needed(self) -> bool:
        return bool(self.new_answers or self.new_comments or self.edits or self.kudos or self.solution)

    async def find_out(self) -> None:
        rows = await self._rows()
        for post in (self.question, *self.texts.answers):
            post_id = self.run.staging.local_id("post", post.id)
            if post_id is None:
                if self.texts.shows_anything(post):
                    self.new_answers.append(self.texts.written(post))
            elif post_id in rows:
                self._compare(post, rows[post_id])
        self._find_solution(rows)

    async def _rows(self) -> dict[int, Row]:
        staging = self.run.staging
        ids = [staging.local_id("post", post.id) for post in (self.question, *self.texts.answers)]
        rows = await fetch(
            """SELECT p.id, p.edited_at, p.hidden_at, (SELECT COUNT(*) FROM kudos k
            WHERE k.post_id = p.id AND k.member_id IS NULL) AS unknown_kudos
            FROM posts p WHERE p.id IN (:ids) AND p.thread_id = :thread_id""",
            {"ids": [post_id for post_id in ids if post_id], "thread_id": self.thread["id"]},
        )
        return {row["id"]: row for row in rows}

    def _compare(self, post: StagedPost, row: Row) -> None:
        edited_here = as_time(row["edited_at"])
        if post.edited_at and (edited_here is None or post.edited_at > edited_here):
            self.edits.append((row["id"], post))
        kudos = self.texts.kudos(post)
        if len(kudos) > row["unknown_kudos"]:
            self.kudos.append((row["id"], kudos[row["unknown_kudos"] :]))
        for comment in self.texts.comments(post):
            if self.run.staging.local_id("comment", comment.id) is None:
                self.new_comments.append((row["id"], comment.id, self.texts.comment(comment, post)))

    def _find_solution(self, rows: Mapping[int, Row]) -> None:
        """Accepted since, or another one accepted later than the one here. None is ever withdrawn."""
        answer = next(
            (each for each in self.texts.answers if each.id == self.question.accepted_answer_id), None
        )
        if answer is None:
            return
        post_id = self.run.staging.local_id("post", answer.id)
        if post_id is None and not self.texts.shows_anything(answer):
            return
        if post_id is not None and (post_id not in rows or rows[post_id]["hidden_at"] is not None):
            return
        voted_at = self.run.staging.accepted_at(answer.id)
        at = max(voted_at, answer.created_at) if voted_at else answer.created_at
        accepted_here = as_time(self.thread["accepted_at"])
        if accepted_here is None or (post_id != self.thread["solution_id"] and at > accepted_here):
            self.solution = (answer.id, at)

    async def write(self) -> list[tuple[ItemKind, int, int]]:
        thread_id, changes = self.thread["id"], self.run.brought_up_to_date
        items: list[tuple[ItemKind, int, int]] = []
        for answer in self.new_answers:
            answer_id, comment_ids = await history.bring_answer(thread_id, answer.whole)
            items.append(("post", answer.id, answer_id))
            items += [("comment", c, i) for (c, _), i in zip(answer.comments, comment_ids, strict=True)]
            changes["answers"] += 1
            changes["comments"] += len(comment_ids)
            changes["kudos"] += len(answer.post.kudos)
        for post_id, foreign_id, comment in self.new_comments:
            items.append(("comment", foreign_id, await history.bring_comment(thread_id, post_id, comment)))
            changes["comments"] += 1
        for post_id, post in self.edits:
            tags = tag_names(post.tags, self.run.report)
            edited = self.texts.written(post).post
            await history.bring_edit(post_id, edited, title=title_of(self.run, post), tags=tags)
            changes["edits"] += 1
        for post_id, kudos in self.kudos:
            await history.bring_kudos(post_id, kudos)
            changes["kudos"] += len(kudos)
        if self.solution is not None:
            await self._write_solution(*self.solution, items)
        return items

    async def _write_solution(
        self, answer_id: int, at: datetime, new: Sequence[tuple[ItemKind, int, int]]
    ) -> None:
        posts = {foreign: local for kind, foreign, local in new if kind == "post"}
        post_id = posts.get(answer_id) or self.run.staging.local_id("post", answer_id)
        asker = self.run.staging.local_id("member", self.question.owner_id)
        assert post_id is not None  # noqa: S101 - only answers that are here or just came are looked at
        await history.bring_solution(self.thread["id"], post_id, by=asker, at=at)
        self.run.brought_up_to_date["solutions"] += 1
