"""The one way in which texts become public: at once, or after somebody has said yes.

Every way of writing (pages, answers by mail) goes through here; a test sees to it. Whether a text waits is decided
in the transaction that would publish it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from community.attachments.actions import change_attachments, demand_few, hold_attachments, post_attachments
from community.attachments.queries import alts_of, ids_of_post
from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import STAFF_ROLES, Viewer
from community.decisions.work import WorkKind, put_work
from community.ideas import actions as ideas
from community.sanctions.queries import demand_may_write
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard, find_four_eyes
from community.threads import actions
from community.threads.models import IdeaStatus, PostKind
from community.threads.queries import PostRow, ThreadView, get_body, opening_of
from community.waiting.models import TextKind, TextState, WaitingText, Why
from community.waiting.rules import find_holding


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a text. `id`: of the thread or post, or, while it `waits`, of the waiting text."""

    id: int
    waits: bool = False


@dataclass(frozen=True, slots=True)
class Wait:
    """Why a text is not public at once."""

    why: Why
    hits: tuple[dict[str, Any], ...] = ()


async def start_thread(
    space: SpaceCard,
    *,
    title: str,
    body: str,
    tags: tuple[str, ...],
    by: Viewer,
    files: Sequence[int] = (),
) -> Posted:
    """Start a thread with these files, or let it wait."""
    async with in_transaction():
        wait = await _wait_for(
            by, space.id, _said(title, body, await alts_of(files)), is_article=space.kind == SpaceKind.BLOG
        )
        if wait is None:
            thread_id = await actions.start_thread(space, title=title, body=body, tags=tags, by=by.id)
            await post_attachments(await opening_of(thread_id), files, by=by.id)
            return Posted(thread_id)
        text_id = await _store(
            TextKind.THREAD, wait, by, space_id=space.id, title=title.strip(), body=body, tags=" ".join(tags)
        )
        await hold_attachments(text_id, files, by=by.id)
        await actions.discard_draft("ask", by=by.id)
        return Posted(text_id, waits=True)


async def add_answer(thread: ThreadView, *, body: str, by: Viewer, files: Sequence[int] = ()) -> Posted:
    """Add an answer with these files, or let it wait.

    Raises `RuleBroken` if the thread was locked or hidden meanwhile.
    """
    async with in_transaction():
        wait = await _wait_for(by, thread.space_id, _said("", body, await alts_of(files)))
        if wait is None:
            post_id = await actions.add_answer(thread.id, body=body, by=by.id, by_staff=by.is_staff)
            await post_attachments(post_id, files, by=by.id)
            return Posted(post_id)
        await _demand_open(thread.id, by)
        text_id = await _store(
            TextKind.ANSWER, wait, by, space_id=thread.space_id, thread_id=thread.id, body=body
        )
        await hold_attachments(text_id, files, by=by.id)
        await actions.discard_draft(f"answer:{thread.id}", by=by.id)
        return Posted(text_id, waits=True)


async def answer_idea(thread: ThreadView, status: IdeaStatus, *, body: str, by: Viewer) -> Posted:
    """Give an idea a status, with the answer that says why; or let both wait."""
    async with in_transaction():
        wait = await _wait_for(by, thread.space_id, body)
        if wait is None:
            return Posted(await ideas.answer_idea(thread.id, status, body=body, by=by))
        await _demand_open(thread.id, by)
        text_id = await _store(
            TextKind.ANSWER,
            wait,
            by,
            space_id=thread.space_id,
            thread_id=thread.id,
            body=body,
            idea_status=str(status),
        )
        await actions.discard_draft(f"answer:{thread.id}", by=by.id)
        return Posted(text_id, waits=True)


async def add_comment(post_id: int, thread: ThreadView, *, body: str, by: Viewer) -> Posted:
    """Add a comment, or let it wait. Raises `RuleBroken` if the thread was locked or hidden meanwhile."""
    async with in_transaction():
        wait = await _wait_for(by, thread.space_id, body)
        if wait is None:
            return Posted(
                await actions.add_comment(post_id, thread.id, body=body, by=by.id, by_staff=by.is_staff)
            )
        await _demand_open(thread.id, by)
        return Posted(
            await _store(
                TextKind.COMMENT,
                wait,
                by,
                space_id=thread.space_id,
                thread_id=thread.id,
                post_id=post_id,
                body=body,
            ),
            waits=True,
        )


async def edit_post(
    post: PostRow,
    thread: ThreadView,
    *,
    body: str,
    version: int,
    by: Viewer,
    title: str = "",
    tags: tuple[str, ...] | None = None,
    reason: str = "",
    files: Sequence[int] | None = None,
    alts: Mapping[int, str] | None = None,
) -> Posted:
    """Replace a post's text, files and words about pictures, or let the change wait while the old text stays.

    Without `files` they stay as they are. A change that waits can add files and take some out; the words about
    pictures that are posted already cannot wait: `RuleBroken`.
    What staff change in a text of a member is an act of moderation, with its `reason`; it does not wait.
    """
    of_another = post.author_id != by.id
    async with in_transaction():
        posted_files = await ids_of_post(post.id)
        if files is not None:
            # The form orders nothing, and which picture leads may have been chosen since it was opened.
            kept = [each for each in posted_files if each in files]
            files = (*kept, *(each for each in files if each not in kept))
        alts_before, alts = await alts_of({*posted_files, *(files or ())}), alts or {}
        changes_files = files is not None and (
            tuple(files) != posted_files
            or any(alts_before.get(each, "") != alt for each, alt in alts.items())
        )
        wait = None
        is_article = thread.space_kind == SpaceKind.BLOG and post.kind == PostKind.OPENING
        # An article stays one of staff when its author has gone.
        of_staff = is_article or (post.author is not None and post.author.role in STAFF_ROLES)
        if not of_another or (by.is_staff and of_staff):
            before = _said(thread.title, await get_body(post.id), await alts_of(posted_files))
            said = _said(title, body, alts)
            wait = await _wait_for(by, thread.space_id, said, is_article=is_article, before=before)
        if wait is None:
            await actions.edit_post(
                post.id,
                body=body,
                version=version,
                by=by.id,
                title=title,
                tags=tags,
                staff=by if of_another else None,
                reason=reason,
                with_files=changes_files,
            )
            if files is not None and changes_files:
                await change_attachments(post.id, files, by=by.id, alts=alts)
            return Posted(post.id)
        if any(alts_before.get(each, "") != alt for each, alt in alts.items() if each in posted_files):
            raise RuleBroken(
                _(
                    "This change has to wait, so the words about the pictures that are posted already have to stay."
                )
            )
        if await actions.says_the_same(
            post.id, body=body, version=version, title=title, tags=tags, with_files=changes_files
        ):
            return Posted(post.id)
        text_id = await _store_edit(post, thread, wait, by, title, body, tags, version, reason)
        if files is not None:
            await _let_files_wait(text_id, posted_files, files, by)
        return Posted(text_id, waits=True)


async def _let_files_wait(text_id: int, posted: Sequence[int], wanted: Sequence[int], by: Viewer) -> None:
    """New files wait with the change; which are to be taken out is noted."""
    demand_few(wanted)
    out = [each for each in posted if each not in wanted]
    await hold_attachments(text_id, [each for each in wanted if each not in posted], by=by.id)
    await execute(
        "UPDATE waiting_texts SET files_out = :out WHERE id = :id",
        {"out": ",".join(map(str, out)), "id": text_id},
    )


async def _store_edit(
    post: PostRow,
    thread: ThreadView,
    wait: Wait,
    by: Viewer,
    title: str,
    body: str,
    tags: tuple[str, ...] | None,
    version: int,
    reason: str,
) -> int:
    """One waiting change for each post and writer; the thread is locked, so two cannot come at once."""
    rows = await fetch(
        """SELECT id FROM waiting_texts WHERE post_id = :post_id AND author_id = :by AND kind = 'edit'
        AND state = 'waiting' LIMIT 1""",
        {"post_id": post.id, "by": by.id},
    )
    if rows:
        raise RuleBroken(_("A change of yours to this text waits already. Please go on with that one."))
    return await _store(
        TextKind.EDIT,
        wait,
        by,
        space_id=thread.space_id,
        thread_id=thread.id,
        post_id=post.id,
        title=title,
        body=body,
        tags=" ".join(thread.tags if tags is None and post.kind == PostKind.OPENING else tags or ()),
        post_version=version,
        edit_reason=reason,
    )


def _said(title: str, body: str, alts: Mapping[int, str]) -> str:
    """All words that readers would see or hear."""
    return "\n".join((title, body, *alts.values()))


async def _wait_for(
    by: Viewer, space_id: int, text: str, *, is_article: bool = False, before: str | None = None
) -> Wait | None:
    """Why this text has to wait; None if it does not."""
    if not by.is_staff:
        hits = await find_holding(by, space_id, text, before=before)
        return Wait(Why.HELD, hits) if hits else None
    asked = await find_four_eyes(space_id)
    return Wait(Why.FOUR_EYES) if (asked.articles_wait if is_article else asked.staff_posts_wait) else None


async def _demand_open(thread_id: int, by: Viewer) -> None:
    rows = await fetch(
        """SELECT 1 AS open FROM threads WHERE id = :id AND hidden_at IS NULL
        AND (locked_at IS NULL OR :staff = 1)""",
        {"id": thread_id, "staff": int(by.is_staff)},
    )
    if not rows:
        raise RuleBroken(_("This thread has been closed for answers meanwhile."))


async def _store(kind: TextKind, wait: Wait, by: Viewer, **columns: Any) -> int:
    text_id, moment = random_id(), now()
    space_id = await _lock_space(columns["space_id"], columns.get("thread_id"))
    await demand_may_write(by.id, space_id)
    await insert(
        WaitingText,
        id=text_id,
        kind=str(kind),
        why=str(wait.why),
        hits=list(wait.hits),
        state=str(TextState.WAITING),
        author_id=by.id,
        writers=[by.id],
        submitted_at=moment,
        **columns,
    )
    # Nobody decides about their own text, so it does not stand in the queue of its author.
    await put_work(WorkKind.TEXT, f"text:{text_id}", space_id=space_id, since=moment, not_for=by.id)
    return text_id


async def _lock_space(space_id: int, thread_id: int | None) -> int:
    """In which space the text waits: that of its thread, which is not moved until the end of the transaction."""
    if thread_id is None:
        return space_id
    thread = "SELECT space_id FROM threads WHERE id = :id"
    rows = await fetch({"sqlite": thread, "postgresql": f"{thread} FOR SHARE"}, {"id": thread_id})
    return rows[0]["space_id"] if rows else space_id
