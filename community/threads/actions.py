"""Writing: start a thread, answer, comment, edit, keep a draft. Each action is one transaction with its fact inside.

Hot writes go row by row without ORM objects. Locks are always taken in the order thread, space, member.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from urllib.parse import quote

from community.core import markdown, outbox
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch, in_transaction, random_id
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.nicknames import nickname_key
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.work import WorkKind, finish_work
from community.sanctions.queries import demand_may_write
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.locks import lock_thread_of
from community.threads.models import Follow, Post, PostKind, Revision, Thread, ThreadStatus, ThreadTag
from community.threads.unanswered import settle_unanswered

SHORTEST_TEXT = 2
LONGEST_BODY = 20_000
"""Characters of an opening post or an answer."""
LONGEST_DRAFT = 5 * LONGEST_BODY
"""More than can be published: what is too long is kept as well, and whoever wrote it says what may go."""
MOST_TAGS = 5
MOST_MENTIONS = 20
"""Members that one text can call; further mentions stay plain text."""
LONGEST_TAG = 39
"""So that five of them fit into `Thread.tag_names` with the blanks between."""
SHORT_TEXT = 4_000
"""Texts up to this length are rendered on the event loop; longer ones in a thread, so that nobody waits."""


async def render_body(body: str) -> str:
    """The HTML of a text, with its mentions as links to the members that exist."""
    typed = sorted(markdown.mentioned(body))[:MOST_MENTIONS]
    mentions: dict[str, str] = {}
    if typed:
        rows = await fetch(
            "SELECT nickname, nickname_key FROM members WHERE nickname_key IN (:keys) AND erased_at IS NULL",
            {"keys": [nickname_key(name) for name in typed]},
        )
        members = {row["nickname_key"]: row["nickname"] for row in rows}
        mentions = {
            name: f"/members/{quote(members[nickname_key(name)])}"
            for name in typed
            if nickname_key(name) in members
        }
    if len(body) <= SHORT_TEXT:
        return markdown.render(body, mentions=mentions)
    return await asyncio.to_thread(markdown.render, body, mentions=mentions)


def clean_tags(text: str) -> tuple[str, ...]:
    """Tags as typed ("VPN, feste IP") as at most five names ("vpn", "feste-ip"), doubles left out."""
    names = (slug(part, longest=LONGEST_TAG) for part in text.replace(";", ",").split(","))
    return tuple(dict.fromkeys(name for name in names if name != "-"))[:MOST_TAGS]


async def start_thread(
    space: SpaceCard,
    *,
    title: str,
    body: str,
    tags: tuple[str, ...],
    by: int,
    at: datetime | None = None,
) -> int:
    """Start a thread in a space and answer its id. The author follows it from now on. Raises `RuleBroken`."""
    space_id = space.id
    moment = at or now()
    thread_id, post_id = random_id(), random_id()
    html = await render_body(body)
    async with in_transaction():
        await demand_may_write(by, space_id)
        await insert(
            Thread,
            id=thread_id,
            space_id=space_id,
            author_id=by,
            title=title.strip(),
            slug=slug(title),
            language=space.language,
            tag_names=" ".join(tags),
            created_at=moment,
            last_activity_at=moment,
        )
        await _insert_post(post_id, thread_id, PostKind.OPENING, by, body, html, moment)
        for name in tags:
            await insert(ThreadTag, id=random_id(), thread_id=thread_id, name=name)
        await _follow(thread_id, by, moment)
        await execute(
            "UPDATE spaces SET thread_count = thread_count + 1, last_activity_at = :at WHERE id = :id",
            {"at": moment, "id": space_id},
        )
        await _discard_draft(by, "ask")
        if space.kind == SpaceKind.BLOG:
            # The article before names it as the next one.
            await raise_site_stamp()
        await outbox.record("thread.started", thread_id=thread_id, post_id=post_id, by=by)
    return thread_id


async def add_answer(thread_id: int, *, body: str, by: int, by_staff: bool) -> int:
    """Add an answer and answer its id. Raises `RuleBroken` if the thread was locked or hidden meanwhile."""
    moment, post_id = now(), random_id()
    html = await render_body(body)
    async with in_transaction():
        changed = await execute_returning(
            """UPDATE threads SET answer_count = answer_count + 1, last_activity_at = :at, version = version + 1,
            status = CASE WHEN status = 'unanswered' THEN 'open' ELSE status END,
            staff_answered_at = CASE WHEN :staff = 1 THEN COALESCE(staff_answered_at, :at) ELSE staff_answered_at END
            WHERE id = :id AND hidden_at IS NULL AND (locked_at IS NULL OR :staff = 1) RETURNING space_id""",
            {"at": moment, "id": thread_id, "staff": int(by_staff)},
        )
        if not changed:
            raise RuleBroken(_("This thread has been closed for answers meanwhile."))
        await demand_may_write(by, changed[0]["space_id"])
        await finish_work(WorkKind.UNANSWERED, f"thread:{thread_id}")
        await _insert_post(post_id, thread_id, PostKind.ANSWER, by, body, html, moment)
        await _discard_draft(by, f"answer:{thread_id}")
        await outbox.record("answer.added", thread_id=thread_id, post_id=post_id, by=by)
    return post_id


async def add_comment(post_id: int, thread_id: int, *, body: str, by: int, by_staff: bool = False) -> int:
    """Add a short remark to an opening post or an answer and answer its id.

    Raises `RuleBroken` if the thread was locked or hidden meanwhile.
    """
    moment, comment_id = now(), random_id()
    html = await render_body(body)
    async with in_transaction():
        changed = await execute_returning(
            """UPDATE threads SET version = version + 1, last_activity_at = :at
            WHERE id = :id AND hidden_at IS NULL AND (locked_at IS NULL OR :staff = 1) RETURNING space_id""",
            {"at": moment, "id": thread_id, "staff": int(by_staff)},
        )
        if not changed:
            raise RuleBroken(_("This thread has been closed for answers meanwhile."))
        # What is commented on may have come to stand in another thread while this waited.
        if not await fetch(
            "SELECT 1 FROM posts WHERE id = :id AND thread_id = :thread",
            {"id": post_id, "thread": thread_id},
        ):
            raise RuleBroken(
                _("This has just been moved to another thread. Please go there to comment on it.")
            )
        await demand_may_write(by, changed[0]["space_id"])
        await _insert_post(comment_id, thread_id, PostKind.COMMENT, by, body, html, moment, parent_id=post_id)
        await outbox.record("comment.added", thread_id=thread_id, post_id=comment_id, by=by)
    return comment_id


async def edit_post(
    post_id: int,
    *,
    body: str,
    version: int,
    by: int,
    title: str = "",
    tags: tuple[str, ...] | None = None,
    staff: Viewer | None = None,
    reason: str = "",
    with_files: bool = False,
) -> None:
    """Replace a post's text, and for an opening post title and tags, keeping what it said as a revision.

    `version` is the one the editor saw: if the post has moved on, `Conflict` is raised and nothing is written.
    Where staff edit what somebody else wrote, `staff` is who does it, and the log and the author get the `reason`.
    `with_files`: what is attached changes with it, which is an edit even if every word stays.
    """
    html = await render_body(body)
    moment = now()
    async with in_transaction():
        # The thread's row is the lock: whoever comes second waits here and then meets the newer version.
        thread_id = await lock_thread_of(post_id)
        await execute("UPDATE threads SET version = version + 1 WHERE id = :id", {"id": thread_id})
        post = await Post.get(id=post_id).select_related("thread")
        thread = post.thread
        is_opening = post.kind == PostKind.OPENING
        new_title = title.strip() if is_opening and title.strip() else thread.title
        new_tags = tags if is_opening and tags is not None else tuple(thread.tag_names.split())
        is_same = (post.body, thread.title, tuple(thread.tag_names.split())) == (body, new_title, new_tags)
        await _discard_draft(by, edit_place(post_id))
        if is_same and not with_files:
            return  # Also the second time that one form comes: what it asks for is done.
        if post.version != version:
            raise Conflict(_("Somebody has edited this text meanwhile."))
        await demand_may_write(by, thread.space_id)
        await insert(
            Revision,
            id=random_id(),
            post_id=post_id,
            version=version,
            title=thread.title if is_opening else "",
            tag_names=thread.tag_names if is_opening else "",
            body=post.body,
            edited_by_id=by,
            replaced_at=moment,
        )
        await Post.filter(id=post_id).update(
            body=body,
            body_html=html,
            render_version=markdown.RENDER_VERSION,
            edited_at=moment,
            version=version + 1,
        )
        if is_opening:
            await retitle(thread, new_title, new_tags)
        await outbox.record("post.edited", thread_id=thread.id, post_id=post_id, by=by, replaced=version)
        if staff is not None:
            await log("edit_post", f"post:{post_id}", by=staff, reason=reason, space_id=thread.space_id)
            await outbox.record("post.corrected", thread_id=thread.id, post_id=post_id, by=by)


async def says_the_same(
    post_id: int,
    *,
    body: str,
    version: int,
    title: str = "",
    tags: tuple[str, ...] | None = None,
    with_files: bool = False,
) -> bool:
    """Whether an edit would change nothing. Locks the thread, and raises `Conflict` as the edit would."""
    await lock_thread_of(post_id)
    post = await Post.get(id=post_id).select_related("thread")
    kept = (post.body, post.thread.title, tuple(post.thread.tag_names.split()))
    asked = (body, kept[1], kept[2])
    if post.kind == PostKind.OPENING:
        asked = (body, title.strip() or kept[1], kept[2] if tags is None else tags)
    is_same = asked == kept and not with_files
    if not is_same and post.version != version:
        raise Conflict(_("Somebody has edited this text meanwhile."))
    return bool(is_same)


async def retitle(thread: Thread, title: str, tags: tuple[str, ...]) -> None:
    """Write title, address and tags, in the transaction of what changes them."""
    await Thread.filter(id=thread.id).update(title=title, slug=slug(title), tag_names=" ".join(tags))
    await ThreadTag.filter(thread_id=thread.id).delete()
    for name in tags:
        await insert(ThreadTag, id=random_id(), thread_id=thread.id, name=name)
    if title != thread.title:
        # The title stands on the pages of related threads too.
        await raise_site_stamp()


async def _insert_post(
    post_id: int,
    thread_id: int,
    kind: PostKind,
    by: int,
    body: str,
    html: str,
    at: datetime,
    *,
    parent_id: int | None = None,
) -> None:
    await insert(
        Post,
        id=post_id,
        thread_id=thread_id,
        parent_id=parent_id,
        author_id=by,
        kind=str(kind),
        body=body,
        body_html=html,
        render_version=markdown.RENDER_VERSION,
        created_at=at,
    )


async def _follow(thread_id: int, member_id: int, at: datetime) -> None:
    await insert(Follow, id=random_id(), thread_id=thread_id, member_id=member_id, created_at=at)


# --- drafts ----------------------------------------------------------------------------------------------------


def edit_place(post_id: int) -> str:
    """Where the draft of an edit lies."""
    return f"edit:{post_id}"


async def discard_edit_drafts(post_id: int) -> None:
    """Everybody's, of a post whose words are erased, in the same transaction."""
    await execute("DELETE FROM drafts WHERE place = :place", {"place": edit_place(post_id)})


async def save_draft(
    place: str,
    *,
    by: int,
    title: str = "",
    body: str = "",
    space_id: int | None = None,
    tags: str = "",
    version: int = 0,
) -> None:
    """Keep what a member has typed so far; an empty text discards the draft."""
    async with in_transaction():
        if not (title.strip() or body.strip()):
            await _discard_draft(by, place)
            return
        await execute(
            """INSERT INTO drafts (id, member_id, place, title, body, space_id, tags, version, saved_at)
            VALUES (:id, :by, :place, :title, :body, :space_id, :tags, :version, :at)
            ON CONFLICT (member_id, place) DO UPDATE SET title = excluded.title, body = excluded.body,
            space_id = excluded.space_id, tags = excluded.tags, version = excluded.version,
            saved_at = excluded.saved_at""",
            {
                "id": random_id(),
                "by": by,
                "place": place,
                "title": title[:200],
                "body": body[:LONGEST_DRAFT],
                "space_id": space_id,
                "tags": tags[:200],
                "version": version,
                "at": now(),
            },
        )


async def discard_draft(place: str, *, by: int) -> None:
    async with in_transaction():
        await _discard_draft(by, place)


async def _discard_draft(member_id: int, place: str) -> None:
    await execute(
        "DELETE FROM drafts WHERE member_id = :member_id AND place = :place",
        {"member_id": member_id, "place": place},
    )


async def refresh_status(thread_id: int) -> None:
    """Bring status, number of answers and last activity in line with the facts, in the transaction that changed them.

    Hidden posts leave no trace in any of them.
    """
    await execute(
        f"""UPDATE threads SET version = version + 1,
        last_activity_at = COALESCE((
          SELECT MAX(p.created_at) FROM posts p LEFT JOIN posts parent ON parent.id = p.parent_id
          WHERE p.thread_id = :id AND p.hidden_at IS NULL AND parent.hidden_at IS NULL), last_activity_at),
        staff_answered_at = (SELECT MIN(p.created_at) FROM posts p JOIN members m ON m.id = p.author_id
                             WHERE p.thread_id = :id AND p.kind = 'answer' AND p.hidden_at IS NULL
                             AND m.role <> 'customer'),
        answer_count = (SELECT COUNT(*) FROM posts p
                        WHERE p.thread_id = :id AND p.kind = 'answer' AND p.hidden_at IS NULL),
        status = CASE
          WHEN EXISTS (SELECT 1 FROM solutions x WHERE x.thread_id = :id) THEN '{ThreadStatus.SOLVED}'
          WHEN EXISTS (SELECT 1 FROM posts p
                       WHERE p.thread_id = :id AND p.kind = 'answer' AND p.hidden_at IS NULL)
          THEN '{ThreadStatus.OPEN}' ELSE '{ThreadStatus.UNANSWERED}' END
        WHERE id = :id""",  # noqa: S608 - constants
        {"id": thread_id},
    )
    await settle_unanswered(thread_id)
