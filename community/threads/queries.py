"""What pages read about threads: plain rows, bounded, always through the viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.clock import now
from community.core.db import as_time, fetch
from community.core.errors import NotFound
from community.core.memory import remembered_by_values
from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.threads.models import PostKind
from community.threads.permissions import can_see_hidden_posts, can_see_thread, visible_in_spaces

POSTS_PER_PAGE = 20
MOST_COMMENTS_PER_PAGE = 400
MOST_REMEMBERED = 6000
"""Posts whose rows are not taken apart again: one and a half kilobytes each."""


@dataclass(frozen=True, slots=True)
class AuthorRow:
    """The public columns of whoever wrote something; `None` in its place means a former member."""

    id: int
    nickname: str
    role: str
    staff_name: str
    staff_field: str
    photo: str
    seed: int
    year_joined: int
    solution_count: int
    hides_ranks: bool
    rank: str = ""
    """The title that their points give; empty below the first one, and for those who hide it."""
    is_expert: bool = False
    """Expert of the space that the text stands in."""


@dataclass(frozen=True, slots=True)
class ThreadView:
    """One thread with its space, and what the viewer has done to it."""

    id: int
    slug: str
    title: str
    language: str
    status: str
    tags: tuple[str, ...]
    answer_count: int
    same_problem_count: int
    idea_status: str
    created_at: datetime
    last_activity_at: datetime
    pinned_at: datetime | None
    locked_at: datetime | None
    hidden_at: datetime | None
    version: int
    author_id: int | None
    space_id: int
    space_slug: str
    space_name: str
    space_kind: str
    space_access: str
    solution_post_id: int | None
    accepted_at: datetime | None
    accepted_by: str | None
    """Nickname of who accepted the solution."""
    accepted_by_staff: bool
    """Whether it was staff, on the asker's behalf."""
    follower_count: int
    followed: bool
    muted: bool
    same_problem: bool

    @property
    def is_closed(self) -> bool:
        return self.hidden_at is not None or self.locked_at is not None


@dataclass(frozen=True, slots=True)
class PostRow:
    id: int
    thread_id: int
    parent_id: int | None
    kind: str
    author_id: int | None
    author: AuthorRow | None
    body_html: str
    created_at: datetime
    edited_at: datetime | None
    hidden_at: datetime | None
    kudos_count: int
    kudos_given: bool
    version: int
    moved_from_id: int | None = None
    """The thread in which it was written, where staff have brought it to this one."""


AUTHOR_COLUMNS = """m.id AS member_id, m.nickname, m.role, m.staff_name, m.staff_field, m.photo, m.seed,
       m.year_joined, m.solution_count, m.hides_ranks, m.erased_at,
       (SELECT r.name FROM ranks r WHERE r.points <= m.points ORDER BY r.points DESC LIMIT 1) AS rank_name"""


def author_of(row: Mapping[str, Any], *, with_expert: bool = False) -> AuthorRow | None:
    """The author from a row with `AUTHOR_COLUMNS`, and `is_expert` if so said; None for a former member."""
    if row["member_id"] is None or row["erased_at"] is not None:
        return None
    return AuthorRow(
        id=row["member_id"],
        nickname=row["nickname"],
        role=row["role"],
        staff_name=row["staff_name"],
        staff_field=row["staff_field"],
        photo=row["photo"],
        seed=row["seed"],
        year_joined=row["year_joined"],
        solution_count=row["solution_count"],
        hides_ranks=bool(row["hides_ranks"]),
        rank="" if row["hides_ranks"] else row["rank_name"] or "",
        is_expert=bool(row["is_expert"]) if with_expert else False,
    )


_THREAD = """
SELECT t.id, t.slug, t.title, t.language, t.status, t.tag_names, t.answer_count, t.same_problem_count,
       t.idea_status, t.created_at, t.last_activity_at, t.pinned_at, t.locked_at, t.hidden_at, t.version, t.author_id,
       s.id AS space_id, s.slug AS space_slug, s.name AS space_name, s.kind AS space_kind,
       s.access AS space_access, x.post_id AS solution_post_id, x.accepted_at,
       x.by_staff AS accepted_by_staff, COALESCE(NULLIF(a.staff_name, ''), a.nickname) AS accepted_by,
       (SELECT COUNT(*) FROM follows f WHERE f.thread_id = t.id) AS follower_count,
       EXISTS (SELECT 1 FROM follows f WHERE f.thread_id = t.id AND f.member_id = :viewer) AS followed,
       EXISTS (SELECT 1 FROM thread_mutes u WHERE u.thread_id = t.id AND u.member_id = :viewer) AS muted,
       EXISTS (SELECT 1 FROM same_problems p WHERE p.thread_id = t.id AND p.member_id = :viewer) AS same_problem
FROM threads t JOIN spaces s ON s.id = t.space_id
LEFT JOIN solutions x ON x.thread_id = t.id LEFT JOIN members a ON a.id = x.accepted_by_id AND a.erased_at IS NULL
WHERE t.id = :id AND t.merged_into_id IS NULL
"""


async def get_thread(thread_id: int, viewer: Viewer) -> ThreadView:
    """The thread as this viewer may see it; `NotFound` if it is not there or not theirs to see."""
    rows = await fetch(_THREAD, {"id": thread_id, "viewer": viewer.id})
    if not rows:
        raise NotFound
    row = dict(rows[0])
    for name in ("created_at", "last_activity_at", "pinned_at", "locked_at", "hidden_at", "accepted_at"):
        row[name] = as_time(row[name])
    row["tags"] = tuple(row.pop("tag_names").split())
    for name in ("followed", "muted", "same_problem", "accepted_by_staff"):
        row[name] = bool(row[name])
    thread = ThreadView(**row)
    if not can_see_thread(viewer, thread):
        raise NotFound
    return thread


_POST_COLUMNS = f"""
SELECT p.id, p.thread_id, p.parent_id, p.kind, p.author_id, p.body_html, p.created_at, p.edited_at, p.hidden_at,
       p.kudos_count, p.version, p.moved_from_id, {AUTHOR_COLUMNS},
       EXISTS (SELECT 1 FROM experts e WHERE e.member_id = p.author_id AND e.space_id = :space_id
               AND (e.expires_at IS NULL OR e.expires_at > :now)) AS is_expert,
       EXISTS (SELECT 1 FROM kudos k WHERE k.post_id = p.id AND k.member_id = :viewer) AS kudos_given
"""  # noqa: S608 - constants of this module

_POSTS = f"{_POST_COLUMNS} FROM posts p LEFT JOIN members m ON m.id = p.author_id"

# The solution comes along on every page; on the page where it stands it comes twice, once as one of the page. So
# does, of an idea, what staff have answered for the company.
_SOLUTION = "0 FROM solutions WHERE thread_id = :thread_id"
_REPLY = "2 FROM idea_steps WHERE thread_id = :thread_id AND is_current = :yes AND post_id IS NOT NULL"
_PAGE = (
    _POST_COLUMNS  # noqa: S608 - constants of this module
    + """, shown.on_page FROM (
  SELECT id, 1 AS on_page FROM (SELECT id FROM posts WHERE thread_id = :thread_id AND kind = 'answer' {hidden}
                                ORDER BY {order} LIMIT :size OFFSET :skip) AS page
  UNION ALL SELECT id, 0 FROM posts WHERE thread_id = :thread_id AND kind = 'opening'
  UNION ALL SELECT post_id, {lifted}) AS shown
JOIN posts p ON p.id = shown.id LEFT JOIN members m ON m.id = p.author_id
ORDER BY p.created_at, p.id
"""
)

ORDERS = {
    "oldest": "created_at, id",
    "newest": "created_at DESC, id DESC",
    "kudos": "kudos_count DESC, created_at, id",
}


@dataclass(frozen=True, slots=True)
class PostPage:
    """The posts of one page of a thread. `solution` is there on every page, wherever it stands among the answers."""

    opening: PostRow
    solution: PostRow | None
    answers: tuple[PostRow, ...]
    comments: Mapping[int, tuple[PostRow, ...]]
    answer_count: int
    """Answers that this viewer may see, on all pages."""
    reply: PostRow | None = None
    """Of an idea: the answer with which staff have given it its status, while everybody can see it."""

    @property
    def ids(self) -> set[int]:
        """Of the posts, without those of comments."""
        lifted = {post.id for post in (self.solution, self.reply) if post}
        return {self.opening.id, *(answer.id for answer in self.answers)} | lifted


async def get_post_page(thread: ThreadView, viewer: Viewer, *, page: int, order: str = "oldest") -> PostPage:
    """Opening post, solution and the answers of page `page` (from 1) with their comments: two statements.

    Raises `NotFound` for a page beyond the last.
    """
    sees_hidden = can_see_hidden_posts(viewer)
    answer_count = await _count_all_answers(thread.id) if sees_hidden else thread.answer_count
    if page < 1 or (page > 1 and (page - 1) * POSTS_PER_PAGE >= answer_count):
        raise NotFound
    is_idea = thread.space_kind == SpaceKind.IDEAS
    statement = _PAGE.format(
        hidden="" if sees_hidden else "AND hidden_at IS NULL",
        order=ORDERS[order],
        lifted=_REPLY if is_idea else _SOLUTION,
    )
    given = {
        "yes": True,
        "thread_id": thread.id,
        "space_id": thread.space_id,
        "viewer": viewer.id,
        "now": now(),
        "size": POSTS_PER_PAGE,
        "skip": (page - 1) * POSTS_PER_PAGE,
    }
    rows = await fetch(statement, given)
    posts = {row["id"]: _post(row) for row in rows}
    on_page = [posts[row["id"]] for row in rows if row["on_page"] == 1]
    lifted = [posts[row["id"]] for row in rows if row["on_page"] == 2]
    return PostPage(
        opening=next(post for post in posts.values() if post.kind == PostKind.OPENING),
        solution=posts.get(thread.solution_post_id or 0),
        answers=tuple(_ordered(on_page, order)),
        comments=await _comments_of(tuple(posts), thread, viewer),
        answer_count=answer_count,
        # It may have been hidden since, or moved to another thread.
        reply=next((p for p in lifted if p.hidden_at is None and p.thread_id == thread.id), None),
    )


def _ordered(posts: list[PostRow], order: str) -> list[PostRow]:
    if order == "newest":
        return posts[::-1]
    if order == "kudos":
        return sorted(posts, key=lambda post: -post.kudos_count)
    return posts


async def _count_all_answers(thread_id: int) -> int:
    rows = await fetch(
        "SELECT COUNT(*) AS n FROM posts WHERE thread_id = :id AND kind = 'answer'", {"id": thread_id}
    )
    return int(rows[0]["n"])


async def _comments_of(
    post_ids: Sequence[int], thread: ThreadView, viewer: Viewer
) -> dict[int, tuple[PostRow, ...]]:
    hidden = "" if can_see_hidden_posts(viewer) else "AND p.hidden_at IS NULL"
    rows = await fetch(
        f"{_POSTS} WHERE p.parent_id IN (:post_ids) {hidden} ORDER BY p.created_at, p.id "
        f"LIMIT {MOST_COMMENTS_PER_PAGE}",
        {"post_ids": post_ids, "space_id": thread.space_id, "viewer": viewer.id, "now": now()},
    )
    comments: dict[int, tuple[PostRow, ...]] = {}
    for row in rows:
        comment = _post(row)
        comments[comment.parent_id or 0] = (*comments.get(comment.parent_id or 0, ()), comment)
    return comments


@remembered_by_values(MOST_REMEMBERED)
def _post(row: Mapping[str, Any]) -> PostRow:
    created_at = as_time(row["created_at"])
    assert created_at is not None  # noqa: S101 - the column is never empty
    return PostRow(
        id=row["id"],
        thread_id=row["thread_id"],
        parent_id=row["parent_id"],
        kind=row["kind"],
        author_id=row["author_id"],
        author=author_of(row, with_expert=True),
        body_html=row["body_html"],
        created_at=created_at,
        edited_at=as_time(row["edited_at"]),
        hidden_at=as_time(row["hidden_at"]),
        kudos_count=row["kudos_count"],
        kudos_given=bool(row["kudos_given"]),
        version=row["version"],
        moved_from_id=row["moved_from_id"],
    )


MOST_NEWER = 99


@dataclass(frozen=True, slots=True)
class NewerAnswers:
    """What others have answered since a moment, counted up to 99. `first_id` is 0 where there is nothing."""

    count: int = 0
    first_id: int = 0
    space_kind: str = ""


async def find_newer_answers(thread_id: int, viewer: Viewer, after: datetime) -> NewerAnswers:
    """The visible answers of others since `after`; nothing where the viewer may not read the thread (any more)."""
    rows = await fetch(
        f"""SELECT p.id, s.kind FROM threads t JOIN spaces s ON s.id = t.space_id
        JOIN posts p ON p.thread_id = t.id WHERE t.id = :id AND {visible_in_spaces(viewer)}
        AND p.kind = 'answer' AND p.hidden_at IS NULL AND p.created_at > :after
        AND (p.author_id IS NULL OR p.author_id <> :viewer)
        ORDER BY p.created_at, p.id LIMIT {MOST_NEWER}""",  # noqa: S608 - a constant and our own ids
        {"id": thread_id, "after": after, "viewer": viewer.id},
    )
    if not rows:
        return NewerAnswers()
    return NewerAnswers(len(rows), rows[0]["id"], rows[0]["kind"])


async def get_opening_id(thread_id: int) -> int:
    rows = await fetch("SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id})
    if not rows:
        raise NotFound
    return int(rows[0]["id"])


async def get_post(post_id: int, viewer: Viewer) -> tuple[PostRow, ThreadView]:
    """A post and its thread, if the viewer may see both."""
    rows = await fetch("SELECT thread_id FROM posts WHERE id = :id", {"id": post_id})
    if not rows:
        raise NotFound
    thread = await get_thread(rows[0]["thread_id"], viewer)
    rows = await fetch(
        f"{_POSTS} WHERE p.id = :id",
        {"id": post_id, "space_id": thread.space_id, "viewer": viewer.id, "now": now()},
    )
    post = _post(rows[0])
    if post.hidden_at is not None and not can_see_hidden_posts(viewer):
        raise NotFound
    if post.parent_id is not None:
        # A comment is seen with its post: a hidden post takes its comments along.
        parent = await fetch("SELECT hidden_at FROM posts WHERE id = :id", {"id": post.parent_id})
        if parent[0]["hidden_at"] is not None and not can_see_hidden_posts(viewer):
            raise NotFound
    return post, thread


async def get_answer(post_id: int, thread: ThreadView, viewer: Viewer) -> PostRow:
    """An answer of this thread."""
    post, of_thread = await get_post(post_id, viewer)
    if of_thread.id != thread.id or post.kind != PostKind.ANSWER:
        raise NotFound
    return post


async def opening_of(thread_id: int) -> int:
    """The id of the opening post of a thread that was just written or loaded through the viewer."""
    rows = await fetch("SELECT id FROM posts WHERE thread_id = :id AND kind = 'opening'", {"id": thread_id})
    return int(rows[0]["id"])


async def wrote(post_id: int, viewer: Viewer) -> bool:
    """Whether the viewer has written this post, also where they may not see it any more."""
    rows = await fetch(
        "SELECT 1 AS found FROM posts WHERE id = :id AND author_id = :me", {"id": post_id, "me": viewer.id}
    )
    return bool(rows)


async def get_body(post_id: int) -> str:
    """The Markdown of a post that was loaded through the viewer before."""
    rows = await fetch("SELECT body FROM posts WHERE id = :id", {"id": post_id})
    return str(rows[0]["body"])


async def page_of_answer(post_id: int, viewer: Viewer) -> int:
    """The page of its thread (oldest first) on which this viewer finds an answer."""
    hidden = "" if can_see_hidden_posts(viewer) else "AND p.hidden_at IS NULL"
    rows = await fetch(
        f"""SELECT COUNT(*) AS n FROM posts a JOIN posts p ON p.thread_id = a.thread_id
        WHERE a.id = :id AND p.kind = 'answer' {hidden}
        AND (p.created_at < a.created_at OR (p.created_at = a.created_at AND p.id < a.id))""",  # noqa: S608 - constants
        {"id": post_id},
    )
    return int(rows[0]["n"]) // POSTS_PER_PAGE + 1


@dataclass(frozen=True, slots=True)
class DraftRow:
    title: str
    body: str
    space_id: int | None
    tags: str
    version: int
    """Of the post that is being edited, as its editor saw it."""
    saved_at: datetime


async def find_draft(place: str, viewer: Viewer) -> DraftRow | None:
    """What the viewer has typed but not published at this place."""
    rows = await fetch(
        """SELECT title, body, space_id, tags, version, saved_at FROM drafts
        WHERE member_id = :member_id AND place = :place""",
        {"member_id": viewer.id, "place": place},
    )
    return DraftRow(**{**dict(rows[0]), "saved_at": as_time(rows[0]["saved_at"])}) if rows else None
