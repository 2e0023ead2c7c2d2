"""Flags: raise one, take an item of the queue, decide. Each is one transaction with its facts inside.

All flags on one post are one item of the queue ("post:<id>"). Whatever raises or decides flags first locks the
thread of the post, like every other change to a thread, so of two who do so at once the second sees what the
first has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, fetch, in_transaction, is_unique_violation, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.submissions import new_key
from community.core.viewer import Viewer
from community.decisions import work
from community.decisions.actions import log
from community.decisions.claims import demand_no_other_claim
from community.decisions.grounds import NETIQUETTE, Ground
from community.decisions.statements import state_reasons
from community.decisions.work import WorkKind
from community.moderation.models import Flag, FlagReason, FlagState, Measure
from community.moderation.notice_rules import NoticeKind
from community.moderation.notices import Report, close_notices, insert_notice
from community.moderation.queries import find_last_decider
from community.moderation.rules import SHORTEST_REASON, item_of
from community.threads import order


async def flag_post(post_id: int, *, reason: FlagReason, note: str, by: int) -> int:
    """Flag a post for the moderators; the id of the flag. One open flag per member and post.

    Whoever says that it is against the law gives notice of it, with all that follows from that.
    """
    async with in_transaction():
        flag_id, space_id = await _raise_flag(post_id, reason, note.strip(), by)
        if reason is FlagReason.LAW:
            report = Report(NoticeKind.OTHER_LAW, note, f"/posts/{post_id}", nonce=new_key())
            await insert_notice(item_of(post_id), report, by=by, flag_id=flag_id, space_id=space_id)
    return flag_id


async def report_post(post_id: int, report: Report, *, reason: FlagReason, by: int | None) -> None:
    """Keep what a visitor or a member reports about a post. A form that is sent twice does it once."""
    try:
        async with in_transaction():
            flag_id, space_id = await _raise_flag(post_id, reason, "", by)
            await insert_notice(item_of(post_id), report, by=by, flag_id=flag_id, space_id=space_id)
    except Exception as error:
        if not is_unique_violation(error):
            raise


async def _raise_flag(post_id: int, reason: FlagReason, note: str, by: int | None) -> tuple[int, int]:
    """The id of the flag, and the space of the post."""
    post = await _lock(post_id)
    rows = await fetch(
        "SELECT id FROM flags WHERE post_id = :post_id AND reporter_id = :by AND state = 'open'",
        {"post_id": post_id, "by": by or 0},
    )
    if rows:
        raise RuleBroken(_("You have flagged this post already. The moderators will look at it."))
    flag_id, moment = random_id(), now()
    await insert(
        Flag, id=flag_id, post_id=post_id, reporter_id=by, reason=str(reason), note=note, created_at=moment
    )
    await work.put_work(
        WorkKind.FLAG, item_of(post_id), space_id=post["space_id"], since=moment, not_for=post["author_id"]
    )
    await outbox.record("flag.raised", flag_id=flag_id, post_id=post_id)
    return flag_id, post["space_id"]


async def uphold_flags(
    post_id: int,
    flag_ids: Sequence[int],
    *,
    measure: Measure,
    by: Viewer,
    reason: str,
    ground: Ground | None = None,
) -> None:
    """Say yes to these flags and do what follows; author and reporters learn the reason.

    `Conflict` where one of them has been decided meanwhile, `TakenBySomebody` where somebody else is on it.
    """
    _demand_reason(reason)
    ground = ground or NETIQUETTE
    async with in_transaction():
        post = await _decide(post_id, flag_ids, FlagState.UPHELD, by)
        await close_notices(flag_ids, FlagState.UPHELD, by=by, reason=reason, measure=str(measure))
        await log(
            "uphold_flags",
            item_of(post_id),
            by=by,
            reason=reason,
            space_id=post["space_id"],
            measure=str(measure),
            flags=list(flag_ids),
            **ground.details,
        )
        if measure is Measure.HIDE and not post["is_hidden"]:
            await order.hide_post(post_id, by=by, reason=reason, ground=ground, is_prompted=True)
        elif measure is Measure.LOCK and post["locked_at"] is None:
            await order.lock_thread(post["thread_id"], by=by, reason=reason, ground=ground, is_prompted=True)
        if measure is Measure.NOTE or (measure is Measure.LOCK and post["author_id"] != post["asker_id"]):
            # Hiding tells the author, locking whoever started the thread; otherwise the author hears of it here.
            await note_author(post_id, post, by, reason, ground)
        await _record_decisions("flag.upheld", post_id, flag_ids, by)


async def note_author(post_id: int, post: dict, by: Viewer, reason: str, ground: Ground) -> None:
    """Tell the author that flags were upheld about a post that stays."""
    statement_id = None
    if post["author_id"] not in (None, by.id):
        statement_id = await state_reasons(
            "note_post",
            item_of(post_id),
            by=by,
            reason=reason,
            concerns=post["author_id"],
            ground=ground,
            space_id=post["space_id"],
            is_prompted=True,
        )
    await outbox.record(
        "post.noted", thread_id=post["thread_id"], post_id=post_id, by=by.id, statement_id=statement_id
    )


async def dismiss_flags(post_id: int, flag_ids: Sequence[int], *, by: Viewer, reason: str) -> None:
    """Say no to these flags; the reporters learn the reason, the author learns nothing."""
    _demand_reason(reason)
    async with in_transaction():
        post = await _decide(post_id, flag_ids, FlagState.DISMISSED, by)
        await close_notices(flag_ids, FlagState.DISMISSED, by=by, reason=reason)
        await log(
            "dismiss_flags",
            item_of(post_id),
            by=by,
            reason=reason,
            space_id=post["space_id"],
            flags=list(flag_ids),
        )
        await _record_decisions("flag.dismissed", post_id, flag_ids, by)


def _demand_reason(reason: str) -> None:
    if len(reason.strip()) < SHORTEST_REASON:
        raise RuleBroken(_("Please give a reason; those concerned will read it."))


async def _decide(post_id: int, flag_ids: Sequence[int], state: FlagState, by: Viewer) -> dict:
    """Close the flags and the claim, and answer what is known about the post."""
    locked = await _lock(post_id)
    await demand_no_other_claim(WorkKind.FLAG, item_of(post_id), by)
    decided = await execute(
        """UPDATE flags SET state = :state, decided_at = :at, decided_by_id = :by
        WHERE post_id = :post_id AND id IN (:ids) AND state = 'open'""",
        {"state": str(state), "at": now(), "by": by.id, "post_id": post_id, "ids": list(flag_ids)},
    )
    if not flag_ids or decided != len(set(flag_ids)):
        raise Conflict(await who_decided(post_id))
    await _leave_the_rest(post_id, locked["space_id"])
    rows = await fetch(
        """SELECT p.author_id, p.thread_id, p.hidden_at, t.space_id, t.author_id AS asker_id, t.locked_at,
        CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END AS hidden
        FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = :id""",
        {"id": post_id},
    )
    return {**dict(rows[0]), "is_hidden": rows[0]["hidden"] is not None}


async def _record_decisions(fact: str, post_id: int, flag_ids: Sequence[int], by: Viewer) -> None:
    for flag_id in flag_ids:
        await outbox.record(fact, flag_id=flag_id, post_id=post_id, by=by.id)


async def who_decided(post_id: int) -> str:
    """The sentence for whoever comes too late."""
    name = await find_last_decider(post_id)
    if not name:
        return _("This has been decided meanwhile.")
    return _("%(name)s has decided about this meanwhile.") % {"name": name}


async def _leave_the_rest(post_id: int, space_id: int) -> None:
    """What came in while somebody decided waits on, and nobody is on it."""
    rows = await fetch(
        "SELECT MIN(created_at) AS since FROM flags WHERE post_id = :id AND state = 'open'", {"id": post_id}
    )
    since = as_time(rows[0]["since"])
    if since is None:
        await work.finish_work(WorkKind.FLAG, item_of(post_id))
    else:
        await work.free_work(WorkKind.FLAG, item_of(post_id), space_id=space_id, since=since)


async def _lock(post_id: int) -> dict[str, Any]:
    # SQLite has the whole database to itself inside a transaction; PostgreSQL locks the row of the thread.
    thread = """SELECT t.space_id, p.author_id FROM threads t JOIN posts p ON p.thread_id = t.id WHERE p.id = :id"""
    rows = await fetch({"sqlite": thread, "postgresql": f"{thread} FOR NO KEY UPDATE OF t"}, {"id": post_id})
    if not rows:
        raise NotFound
    return dict(rows[0])
