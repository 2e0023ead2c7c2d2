"""Appeals (Digital Services Act, Art. 20): whoever a decision went against asks for it to be looked at again.

The member whom a statement of reasons concerns, and whoever has given notice, each once, for six months. Somebody
decides who had nothing to do with it before, and a person always does.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from community.core import outbox
from community.core.clock import now
from community.core.db import (
    as_time,
    execute,
    execute_returning,
    fetch,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.claims import demand_no_other_claim
from community.decisions.grounds import NETIQUETTE, Ground
from community.decisions.statements import Standing, find_standing, lift_statement
from community.decisions.work import WorkKind, finish_work, put_work
from community.faq.actions import withdraw_entry
from community.faq.queries import is_withdrawn, list_writers
from community.moderation.actions import note_author
from community.moderation.matters import hold_matter
from community.moderation.models import Appeal, AppealState, Measure
from community.moderation.notices import note_member
from community.moderation.taking_back import find_sanctioned, find_sanctioners, take_back
from community.threads import order

APPEAL_WITHIN = timedelta(days=184)
"""Six months, however long they are."""


def can_still_appeal(decided_at: datetime | None) -> bool:
    return decided_at is not None and now() < decided_at + APPEAL_WITHIN


async def appeal_statement(statement_id: int, *, text: str, by: int | None) -> None:
    """Object to a decision about oneself. Once, within six months."""
    rows = await fetch(
        "SELECT at, lifted_at FROM statements WHERE id = :id AND member_id = :by",
        {"id": statement_id, "by": by},
    )
    if not rows:
        raise NotFound
    if rows[0]["lifted_at"] is not None:
        raise RuleBroken(_("This has been lifted already."))
    await _file(rows[0]["at"], text, statement_id=statement_id)


async def appeal_notice(notice_id: int, *, text: str) -> None:
    """Object to what was decided about one's report. Its caller has made sure that it is theirs."""
    rows = await fetch("SELECT dealt_at FROM notices WHERE id = :id", {"id": notice_id})
    if not rows:
        raise NotFound
    await _file(rows[0]["dealt_at"], text, notice_id=notice_id)


async def _file(decided_at: datetime | str | None, text: str, **about: int) -> None:
    if not can_still_appeal(as_time(decided_at)):
        raise RuleBroken(_("An objection was possible for six months after the decision."))
    appeal_id, moment = random_id(), now()
    try:
        async with in_transaction():
            await insert(Appeal, id=appeal_id, text=text.strip(), filed_at=moment, **about)
            await put_appeal(appeal_id, moment)
            await outbox.record("appeal.filed", appeal_id=appeal_id)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_("You have objected already. Somebody looks at it again.")) from None
        raise


def item_of_appeal(appeal_id: int) -> str:
    """As what an appeal stands in the queue."""
    return f"appeal:{appeal_id}"


async def find_involved(appeal: Mapping[str, Any]) -> set[int]:
    """Who may not decide: whoever decided or did anything in the matter, wrote in it, or has reported it."""
    rows = await fetch(
        """SELECT s.decided_by AS a, s.member_id AS b, 0 AS c FROM statements s WHERE s.id = :statement
        UNION ALL SELECT n.decided_by_id, n.reporter_id, 0 FROM notices n WHERE n.id = :notice
        UNION ALL SELECT n.decided_by_id, n.reporter_id, f.reporter_id FROM notices n
          LEFT JOIN flags f ON f.id = n.flag_id WHERE n.subject = :subject
        UNION ALL SELECT l.actor_id, 0, 0 FROM moderation_log l WHERE l.subject = :subject
        UNION ALL SELECT a.decided_by_id, 0, 0 FROM appeals a JOIN statements s ON s.id = a.statement_id
          WHERE s.subject = :subject AND a.state <> 'open' AND a.id <> :appeal""",
        {
            "statement": appeal["statement_id"] or 0,
            "notice": appeal["notice_id"] or 0,
            "appeal": appeal["id"],
            "subject": appeal["subject"],
        },
    )
    involved = {value for row in rows for value in dict(row).values() if value}
    kind, _colon, number = str(appeal["subject"]).partition(":")
    if kind == "member":
        return involved | {int(number)}
    if kind == "faq":
        return involved | await list_writers(int(number))
    if kind == "sanction":
        return involved | await find_sanctioners(int(number))
    if kind not in ("post", "thread"):
        return involved
    which = "p.id = :id" if kind == "post" else "p.thread_id = :id"
    rows = await fetch(
        f"""SELECT DISTINCT o.author_id AS a FROM posts p JOIN posts o ON o.thread_id = p.thread_id
        WHERE {which} AND o.author_id IS NOT NULL
        UNION SELECT l.actor_id FROM posts p JOIN moderation_log l ON l.subject = 'thread:' || p.thread_id
        OR l.subject = 'post:' || p.id WHERE {which} AND l.actor_id IS NOT NULL
        UNION SELECT f.decided_by_id FROM posts p JOIN flags f ON f.post_id = p.id
        WHERE {which} AND f.decided_by_id IS NOT NULL
        UNION SELECT f.reporter_id FROM posts p JOIN flags f ON f.post_id = p.id
        WHERE {which} AND f.reporter_id IS NOT NULL""",  # noqa: S608 - constants
        {"id": int(number)},
    )
    return involved | {row["a"] for row in rows}


async def demand_uninvolved(appeal_id: int, member_id: int) -> None:
    """`RuleBroken` where this person has had to do with the matter before."""
    await _demand_uninvolved(await _load(appeal_id), member_id)


async def _demand_uninvolved(appeal: Mapping[str, Any], member_id: int) -> None:
    if member_id in await find_involved(appeal):
        raise RuleBroken(_("Somebody else has to decide who had nothing to do with it before."))


async def put_appeal(appeal_id: int, filed_at: datetime) -> None:
    """Let it wait in the queue, kept from those who have had to do with the matter."""
    matter = await _load(appeal_id)
    await put_work(
        WorkKind.APPEAL,
        item_of_appeal(appeal_id),
        space_id=matter["space_id"],
        since=filed_at,
        kept_from=await _staff_among(await find_involved(matter)),
    )


async def _staff_among(involved: set[int]) -> set[int]:
    """All who wrote in a thread may be many; whoever of them comes to be of staff later is kept from it then."""
    rows = await fetch("SELECT id FROM members WHERE role IN ('moderator', 'administrator')")
    return involved & {row["id"] for row in rows}


async def _load(appeal_id: int) -> dict[str, Any]:
    """The appeal with the matter that it is about."""
    rows = await fetch(
        """SELECT a.id, a.statement_id, a.notice_id, COALESCE(s.act, '') AS act, s.at, s.member_id, n.notifier_id,
        COALESCE(s.subject, n.subject) AS subject, COALESCE(s.space_id, n.space_id) AS space_id
        FROM appeals a LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
        WHERE a.id = :id AND COALESCE(s.subject, n.subject) IS NOT NULL""",
        {"id": appeal_id},
    )
    if not rows:
        raise NotFound
    subject = rows[0]["subject"]
    return {**dict(rows[0]), "logged": await find_sanctioned(subject) or subject}


# --- deciding ---------------------------------------------------------------------------------------------


async def reject_appeal(appeal_id: int, *, by: Viewer, reason: str) -> None:
    """It stays as it is; whoever appealed learns why."""
    async with in_transaction():
        await hold_matter(await _load(appeal_id), by)
        appeal = await _decide(appeal_id, AppealState.REJECTED, by, reason)
        await log("reject_appeal", appeal["logged"], by=by, reason=reason, appeal=appeal_id)


async def grant_appeal(
    appeal_id: int,
    *,
    by: Viewer,
    reason: str,
    measure: Measure = Measure.HIDE,
    ground: Ground | None = None,
) -> Standing:
    """Change the decision. What was restricted comes back with all that hung on it; or, where whoever reported was
    right after all, `measure` and `ground` say what follows. Both sides learn of it.

    Nothing else is changed where the decision was lifted or made anew before: the answer tells.
    """
    async with in_transaction():
        await hold_matter(await _load(appeal_id), by)
        appeal = await _decide(appeal_id, AppealState.GRANTED, by, reason)
        await log("grant_appeal", appeal["logged"], by=by, reason=reason, appeal=appeal_id)
        if appeal["statement_id"] is not None:
            standing = await find_standing(appeal["statement_id"])
            if standing is Standing.HOLDS:
                await take_back(
                    appeal["act"], appeal["subject"], at=as_time(appeal["at"]), by=by, reason=reason
                )
            await lift_statement(appeal["statement_id"])
            if appeal["act"] != "erase_post" and standing is not Standing.RENEWED:
                # That it should have stayed, hidden, does not make the report of it wrong.
                await _overturn_notices(appeal["subject"], reason)
            return standing
        await _follow_notice(appeal, by, reason, measure, ground or NETIQUETTE)
    return Standing.HOLDS


async def _decide(appeal_id: int, state: AppealState, by: Viewer, reason: str) -> Mapping[str, Any]:
    await demand_no_other_claim(WorkKind.APPEAL, item_of_appeal(appeal_id), by)
    rows = await execute_returning(
        """UPDATE appeals SET state = :state, decided_at = :at, decided_by_id = :by, reason = :reason
        WHERE id = :id AND state = 'open' RETURNING id""",
        {"state": str(state), "at": now(), "by": by.id, "reason": reason.strip(), "id": appeal_id},
    )
    if not rows:
        raise Conflict(_("This has been decided meanwhile."))
    appeal = await _load(appeal_id)
    await _demand_uninvolved(appeal, by.id)
    await finish_work(WorkKind.APPEAL, item_of_appeal(appeal_id))
    await outbox.record("appeal.decided", appeal_id=appeal_id)
    if appeal["notifier_id"] is not None:
        await outbox.record("account.appeal_decided", notice_id=appeal["notice_id"])
    if appeal["member_id"] is not None:
        await outbox.record(
            "account.objection_decided", statement_id=appeal["statement_id"], member_id=appeal["member_id"]
        )
    return appeal


async def _overturn_notices(subject: str, reason: str) -> None:
    """Those to whom a report was said to be right learn that it is not any more.

    Of a locked thread: those whose reports of its posts had locked it.
    """
    kind, _colon, number = subject.partition(":")
    subjects, measures = [subject], ["hide", "lock", "note", "withdraw"]
    if kind == "thread":
        posts = await fetch("SELECT id FROM posts WHERE thread_id = :id", {"id": int(number)})
        subjects, measures = [f"post:{row['id']}" for row in posts], ["lock"]
    rows = await execute_returning(
        """UPDATE notices SET state = 'dismissed', measure = '', reason = :reason
        WHERE subject IN (:subjects) AND measure IN (:measures) AND state = 'upheld'
        RETURNING id, notifier_id, reporter_id""",
        {"reason": reason.strip(), "subjects": subjects, "measures": measures},
    )
    for row in rows:
        if row["notifier_id"] is not None:
            await outbox.record("account.notice_overturned", notice_id=row["id"])
        if row["reporter_id"] is not None:
            await outbox.record("notice.decided", notice_id=row["id"])


async def _follow_notice(
    appeal: Mapping[str, Any], by: Viewer, reason: str, measure: Measure, ground: Ground
) -> None:
    kind, _colon, number = str(appeal["subject"]).partition(":")
    done = {"faq": "withdraw", "member": "note"}.get(kind, str(measure))
    await execute(
        "UPDATE notices SET state = 'upheld', measure = :measure, reason = :reason WHERE id = :id",
        {"measure": done, "reason": reason.strip(), "id": appeal["notice_id"]},
    )
    if kind == "faq":
        if not await is_withdrawn(int(number)):
            await withdraw_entry(int(number), by=by, reason=reason, is_prompted=True)
    elif kind == "member":
        await note_member(int(number), by, reason, ground)
    else:
        await _restrict_post(int(number), by, reason, measure, ground)


async def _restrict_post(post_id: int, by: Viewer, reason: str, measure: Measure, ground: Ground) -> None:
    rows = await fetch(
        """SELECT p.author_id, p.thread_id, t.space_id, t.author_id AS asker_id, t.locked_at,
        CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END AS hidden_at
        FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.id = :id""",
        {"id": post_id},
    )
    for row in rows:
        if measure is Measure.HIDE and row["hidden_at"] is None:
            await order.hide_post(post_id, by=by, reason=reason, ground=ground, is_prompted=True)
        elif measure is Measure.LOCK and row["locked_at"] is None:
            await order.lock_thread(row["thread_id"], by=by, reason=reason, ground=ground, is_prompted=True)
        if measure is Measure.NOTE or (measure is Measure.LOCK and row["author_id"] != row["asker_id"]):
            await note_author(post_id, dict(row), by, reason, ground)


async def settle_appeals_about(subject: str) -> None:
    """Nothing is left to decide where what they ask for has come about in another way."""
    async with in_transaction():
        rows = await fetch(
            """SELECT a.id FROM appeals a JOIN statements s ON s.id = a.statement_id
            WHERE s.subject = :subject AND a.state = 'open' ORDER BY a.id""",
            {"subject": subject},
        )
        for row in rows:
            await finish_work(WorkKind.APPEAL, item_of_appeal(row["id"]))
            await execute(
                "UPDATE appeals SET state = 'settled' WHERE id = :id AND state = 'open'", {"id": row["id"]}
            )


async def forget_appellant(member_id: int) -> None:
    """For the erasure of a member, in its transaction: what they wrote goes."""
    await execute(
        """UPDATE appeals SET text = '' WHERE statement_id IN (SELECT id FROM statements WHERE member_id = :me)
        OR notice_id IN (SELECT id FROM notices WHERE reporter_id = :me)""",
        {"me": member_id},
    )
