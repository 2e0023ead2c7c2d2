"""Threads that happened earlier or elsewhere, brought in with their dates, kudos and solutions as they were.

For imports and the demo community. No facts are recorded: nobody is told about things of the past, and whoever
brings in many threads has them indexed. Counters are right at the end of each call, except those of members and
spaces: `settle` computes them once for everything, `settle_space` and `settle_members` on a running site.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from community.core import markdown
from community.core.db import execute, execute_many, fetch, in_transaction, random_id
from community.core.rows import insert, insert_many
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.threads.actions import refresh_status, render_body
from community.threads.figures import recount_members
from community.threads.models import (
    Follow,
    Post,
    PostKind,
    Revision,
    SameProblem,
    Solution,
    Thread,
    ThreadTag,
)


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
    mentions: Mapping[str, str] | None = None
    """Address of a profile for each ``@name`` that means somebody; None: whoever has the nickname here."""


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
        await _bring_tags(brought.thread_id, past.tags)
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
    """Add one more past answer; answers its id and those of its comments. `settle_grown_thread` afterwards."""
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


async def bring_kudos(post_id: int, kudos: Sequence[PastKudos]) -> None:
    """Add thanks to a post that is here already. `settle_grown_thread` afterwards."""
    await _insert_kudos(post_id, kudos)
    await execute(
        "UPDATE posts SET kudos_count = kudos_count + :count WHERE id = :id",
        {"count": len(kudos), "id": post_id},
    )


async def bring_edit(post_id: int, edited: PastPost, *, title: str = "", tags: Sequence[str] = ()) -> None:
    """Let a post say what it said after an edit elsewhere, and keep what it said here as a revision.

    `title` and `tags` are those of the thread, for opening posts. Dates and thanks of `edited` do not count, but
    for `edited_at`.
    """
    post = await Post.get(id=post_id).select_related("thread")
    thread, is_opening = post.thread, post.kind == PostKind.OPENING
    changed_tags = is_opening and " ".join(tags)[:200] != thread.tag_names
    changed_title = is_opening and title[:200] != thread.title
    if post.body != edited.body or changed_title:
        await insert(
            Revision,
            id=random_id(),
            post_id=post_id,
            version=post.version,
            title=thread.title if is_opening else "",
            body=post.body,
            edited_by_id=None,
            replaced_at=edited.edited_at or edited.at,
        )
        post.version += 1
    await Post.filter(id=post_id).update(
        body=edited.body,
        body_html=await _html_of(edited),
        render_version=markdown.RENDER_VERSION,
        edited_at=edited.edited_at,
        version=post.version,
    )
    if changed_title or changed_tags:
        await Thread.filter(id=thread.id).update(
            title=title[:200], slug=slug(title), tag_names=" ".join(tags)[:200]
        )
        await ThreadTag.filter(thread_id=thread.id).delete()
        await _bring_tags(thread.id, tags)


async def _bring_comments(post: PastPost, post_id: int, thread_id: int) -> list[int]:
    rows = [
        await _row_of(comment, random_id(), thread_id, PostKind.COMMENT, parent_id=post_id)
        for comment in post.comments
    ]
    await insert_many(Post, rows)
    return [row["id"] for row in rows]


async def _bring_post(
    past: PastPost, post_id: int, thread_id: int, kind: PostKind, *, parent_id: int | None = None
) -> None:
    await insert(Post, **await _row_of(past, post_id, thread_id, kind, parent_id=parent_id))
    await _insert_kudos(post_id, past.kudos)


async def _row_of(
    past: PastPost, post_id: int, thread_id: int, kind: PostKind, *, parent_id: int | None
) -> dict[str, Any]:
    return {
        "id": post_id,
        "thread_id": thread_id,
        "parent_id": parent_id,
        "author_id": past.author_id,
        "kind": str(kind),
        "body": past.body,
        "body_html": await _html_of(past),
        "render_version": markdown.RENDER_VERSION,
        "created_at": past.at,
        "edited_at": past.edited_at,
        "kudos_count": len(past.kudos),
    }


async def _html_of(past: PastPost) -> str:
    if past.mentions is None:
        return await render_body(past.body)
    return markdown.render(past.body, mentions=past.mentions)


async def _insert_kudos(post_id: int, given: Sequence[PastKudos]) -> None:
    await execute_many(
        "INSERT INTO kudos (id, post_id, member_id, given_at) VALUES (:id, :post_id, :member_id, :at)",
        [
            {"id": random_id(), "post_id": post_id, "member_id": kudos.member_id, "at": kudos.at}
            for kudos in given
        ],
    )


async def _bring_tags(thread_id: int, tags: Sequence[str]) -> None:
    for name in dict.fromkeys(tags):
        await insert(ThreadTag, id=random_id(), thread_id=thread_id, name=name[:40])


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


async def settle_grown_thread(thread_id: int) -> None:
    """Like `settle_thread`, for a thread that members and staff may have changed here meanwhile."""
    await refresh_status(thread_id)
    await execute(
        """UPDATE threads SET kudos_count = COALESCE((SELECT p.kudos_count FROM posts p
        WHERE p.thread_id = :id AND p.kind = 'opening'), 0) WHERE id = :id""",
        {"id": thread_id},
    )


async def relate(thread_id: int, related_id: int, kind: str) -> bool:
    """Note that two threads are about the same subject ("duplicate" or "linked"), in both directions.

    What people say replaces what the index found; a duplicate stays one. Answers whether anything changed.
    """
    changed = 0
    for one, other in ((thread_id, related_id), (related_id, thread_id)):
        changed += await execute(
            """INSERT INTO related_threads (id, thread_id, related_id, kind, position)
            VALUES (:id, :one, :other, :kind, 0) ON CONFLICT (thread_id, related_id)
            DO UPDATE SET kind = excluded.kind, position = 0 WHERE related_threads.kind = 'similar'
            OR (related_threads.kind = 'linked' AND excluded.kind = 'duplicate')""",
            {"id": random_id(), "one": one, "other": other, "kind": kind},
        )
    if changed:
        await execute(
            "UPDATE threads SET version = version + 1 WHERE id IN (:ids)",
            {"ids": sorted((thread_id, related_id))},
        )
    return changed > 0


_SPACE_FIGURES = {
    "thread_count": "(SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL)",
    "solved_count": """(SELECT COUNT(*) FROM threads t WHERE t.space_id = spaces.id AND t.hidden_at IS NULL
                        AND t.status = 'solved')""",
    "last_activity_at": """(SELECT MAX(t.last_activity_at) FROM threads t WHERE t.space_id = spaces.id
                            AND t.hidden_at IS NULL)""",
}
_COUNTED = """FROM posts p JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
  WHERE p.author_id = members.id AND p.hidden_at IS NULL AND t.hidden_at IS NULL AND s.access <> 'exclusive'"""
_MEMBER_FIGURES = {
    "kudos_count": f"COALESCE((SELECT SUM(p.kudos_count) {_COUNTED}), 0)",
    "solution_count": f"""(SELECT COUNT(*) {_COUNTED}
                           AND EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id))""",  # noqa: S608
}


def _settings(figures: Mapping[str, str]) -> str:
    return ", ".join(f"{column} = {facts}" for column, facts in figures.items())


async def settle() -> None:
    """Bring the figures of all spaces and members in line once everything is there."""
    async with in_transaction():
        await execute(f"UPDATE spaces SET {_settings(_SPACE_FIGURES)}")  # noqa: S608 - constants
        await execute(f"UPDATE members SET {_settings(_MEMBER_FIGURES)}")  # noqa: S608
        await raise_site_stamp()


async def settle_space(space_id: int) -> bool:
    """Bring the figures of one space in line, on a running site; whether they were not."""
    async with in_transaction():
        # The row is locked first: the figures are those of a moment in which nobody else changes them.
        await execute("UPDATE spaces SET position = position WHERE id = :id", {"id": space_id})
        changed = await execute(
            _for_both(f"UPDATE spaces SET {_settings(_SPACE_FIGURES)} WHERE id = :id", _SPACE_FIGURES),  # noqa: S608 - constants
            {"id": space_id},
        )
        if changed:
            await raise_site_stamp()
    return changed > 0


async def settle_members(member_ids: Collection[int]) -> int:
    """Bring the figures of these members in line, on a running site; how many were not. Give them in batches."""
    rows = await fetch(
        _for_both("SELECT id FROM members WHERE id IN (:ids)", _MEMBER_FIGURES), {"ids": sorted(member_ids)}
    )
    await recount_members([row["id"] for row in rows])
    return len(rows)


def _for_both(statement: str, figures: Mapping[str, str]) -> dict[str, str]:
    """The statement for rows whose figures are out of line, on either database."""

    def wrong(operator: str) -> str:
        return " OR ".join(f"{column} {operator} {facts}" for column, facts in figures.items())

    return {
        "sqlite": f"{statement} AND ({wrong('IS NOT')})",
        "postgresql": f"{statement} AND ({wrong('IS DISTINCT FROM')})",
    }
