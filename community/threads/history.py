"""Threads that happened earlier or elsewhere, brought in with their dates, kudos and solutions as they were.

For imports and the demo community. No facts are recorded: nobody is told about things of the past, and whoever
brings in many threads has them indexed together at the end. Counters are right at the end of each call, except
those of members and spaces, which `settle` computes once for everything that was brought in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from community.core import markdown
from community.core.db import execute, in_transaction, random_id
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.threads.actions import render_body
from community.threads.models import Follow, Post, PostKind, SameProblem, Solution, Thread, ThreadTag


@dataclass(frozen=True, slots=True)
class PastKudos:
    member_id: int | None
    """None where it is known that somebody gave thanks, but not who."""
    at: datetime


@dataclass(frozen=True, slots=True)
class PastPost:
    """A text with its author (None: a former member), date and thanks; comments carry no comments."""

    author_id: int | None
    body: str
    at: datetime
    edited_at: datetime | None = None
    kudos: Sequence[PastKudos] = ()
    comments: Sequence[PastPost] = ()


@dataclass(frozen=True, slots=True)
class PastThread:
    space_id: int
    language: str
    title: str
    tags: Sequence[str]
    opening: PastPost
    answers: Sequence[PastPost] = ()
    solution: int | None = None
    """Index of the accepted answer in `answers`."""
    accepted_by: int | None = None
    accepted_at: datetime | None = None
    same_problem_by: Sequence[int] = ()
    pinned: bool = False
    locked_at: datetime | None = None


@dataclass(slots=True)
class Brought:
    """The ids that a thread and its posts got, in the order in which they were given."""

    thread_id: int
    opening_id: int
    answer_ids: list[int] = field(default_factory=list)
    comment_ids: list[list[int]] = field(default_factory=list)
    """Of the opening post first, then of each answer."""


async def bring_thread(past: PastThread) -> Brought:
    """Write one thread with everything that belongs to it, in one transaction."""
    brought = Brought(thread_id=random_id(), opening_id=random_id())
    async with in_transaction():
        await insert(
            Thread,
            id=brought.thread_id,
            space_id=past.space_id,
            author_id=past.opening.author_id,
            title=past.title[:200],
            slug=slug(past.title),
            language=past.language,
            tag_names=" ".join(past.tags)[:200],
            created_at=past.opening.at,
            last_activity_at=past.opening.at,
            pinned_at=past.opening.at if past.pinned else None,
            locked_at=past.locked_at,
        )
        for name in dict.fromkeys(past.tags):
            await insert(ThreadTag, id=random_id(), thread_id=brought.thread_id, name=name[:40])
        await _bring_post(past.opening, brought.opening_id, brought.thread_id, PostKind.OPENING)
        brought.comment_ids.append(await _bring_comments(past.opening, brought.opening_id, brought.thread_id))
        for answer in past.answers:
            answer_id = random_id()
            await _bring_post(answer, answer_id, brought.thread_id, PostKind.ANSWER)
            brought.answer_ids.append(answer_id)
            brought.comment_ids.append(await _bring_comments(answer, answer_id, brought.thread_id))
        if past.solution is not None:
            await bring_solution(
                brought.thread_id,
                brought.answer_ids[past.solution],
                by=past.accepted_by,
                at=past.accepted_at or past.answers[past.solution].at,
            )
        await _bring_marks(past, brought.thread_id)
        await settle_thread(brought.thread_id)
    return brought


async def bring_answer(thread_id: int, answer: PastPost) -> tuple[int, list[int]]:
    """Add one more past answer; answers its id and those of its comments. `settle_thread` afterwards."""
    answer_id = random_id()
    await _bring_post(answer, answer_id, thread_id, PostKind.ANSWER)
    return answer_id, await _bring_comments(answer, answer_id, thread_id)


async def bring_comment(thread_id: int, parent_id: int, comment: PastPost) -> int:
    comment_id = random_id()
    await _bring_post(comment, comment_id, thread_id, PostKind.COMMENT, parent_id=parent_id)
    return comment_id


async def bring_solution(thread_id: int, post_id: int, *, by: int | None, at: datetime) -> None:
    await execute("DELETE FROM solutions WHERE thread_id = :id", {"id": thread_id})
    await insert(
        Solution, id=random_id(), thread_id=thread_id, post_id=post_id, accepted_by_id=by, accepted_at=at
    )


async def _bring_comments(post: PastPost, post_id: int, thread_id: int) -> list[int]:
    return [await bring_comment(thread_id, post_id, comment) for comment in post.comments]


async def _bring_post(
    past: PastPost, post_id: int, thread_id: int, kind: PostKind, *, parent_id: int | None = None
) -> None:
    await insert(
        Post,
        id=post_id,
        thread_id=thread_id,
        parent_id=parent_id,
        author_id=past.author_id,
        kind=str(kind),
        body=past.body,
        body_html=await render_body(past.body),
        render_version=markdown.RENDER_VERSION,
        created_at=past.at,
        edited_at=past.edited_at,
        kudos_count=len(past.kudos),
    )
    for kudos in past.kudos:
        await execute(
            "INSERT INTO kudos (id, post_id, member_id, given_at) VALUES (:id, :post_id, :member_id, :at)",
            {"id": random_id(), "post_id": post_id, "member_id": kudos.member_id, "at": kudos.at},
        )


async def _bring_marks(past: PastThread, thread_id: int) -> None:
    for member_id in past.same_problem_by:
        await insert(
            SameProblem, id=random_id(), thread_id=thread_id, member_id=member_id, created_at=past.opening.at
        )
    if past.opening.author_id is not None:
        await insert(
            Follow,
            id=random_id(),
            thread_id=thread_id,
            member_id=past.opening.author_id,
            created_at=past.opening.at,
        )


async def settle_thread(thread_id: int) -> None:
    """Bring status, counters and last activity of a thread in line with what was brought in."""
    await execute(
        """UPDATE threads SET version = version + 1,
        answer_count = (SELECT COUNT(*) FROM posts p
                        WHERE p.thread_id = :id AND p.kind = 'answer' AND p.hidden_at IS NULL),
        kudos_count = COALESCE((SELECT p.kudos_count FROM posts p
                                WHERE p.thread_id = :id AND p.kind = 'opening'), 0),
        same_problem_count = (SELECT COUNT(*) FROM same_problems x WHERE x.thread_id = :id),
        last_activity_at = (SELECT MAX(p.created_at) FROM posts p WHERE p.thread_id = :id),
        staff_answered_at = (SELECT MIN(p.created_at) FROM posts p JOIN members m ON m.id = p.author_id
                             WHERE p.thread_id = :id AND p.kind = 'answer' AND m.role <> 'customer'),
        status = CASE WHEN EXISTS (SELECT 1 FROM solutions x WHERE x.thread_id = :id) THEN 'solved'
                      WHEN EXISTS (SELECT 1 FROM posts p WHERE p.thread_id = :id AND p.kind = 'answer'
                                   AND p.hidden_at IS NULL) THEN 'open' ELSE 'unanswered' END
        WHERE id = :id""",
        {"id": thread_id},
    )


async def relate(thread_id: int, related_id: int, kind: str) -> None:
    """Note that two threads are about the same subject ("duplicate" or "linked"), in both directions."""
    for one, other in ((thread_id, related_id), (related_id, thread_id)):
        await execute(
            """INSERT INTO related_threads (id, thread_id, related_id, kind, position)
            VALUES (:id, :one, :other, :kind, 0) ON CONFLICT (thread_id, related_id) DO NOTHING""",
            {"id": random_id(), "one": one, "other": other, "kind": kind},
        )


async def settle() -> None:
    """Bring the figures of spaces and members in line once everything is there."""
    async with in_transaction():
        await execute(
            """UPDATE spaces SET
            thread_count = (SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL),
            solved_count = (SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL
                            AND t.status = 'solved'),
            last_activity_at = (SELECT MAX(t.last_activity_at) FROM threads t WHERE t.space_id = spaces.id
                                AND t.hidden_at IS NULL)"""
        )
        counted = """FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
          WHERE p.author_id = members.id AND p.hidden_at IS NULL AND t.hidden_at IS NULL
          AND s.access <> 'exclusive'"""
        await execute(
            f"""UPDATE members SET
            kudos_count = COALESCE((SELECT SUM(p.kudos_count) {counted}), 0),
            solution_count = (SELECT COUNT(*) {counted}
                              AND EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id))"""  # noqa: S608
        )
        await raise_site_stamp()
