"""Notices (Digital Services Act, Art. 16): what somebody reports as illegal, with a reference, a clock and an answer.

A notice about a post stands beside a flag, so that all that is said against one post is one item of the queue and is
decided in one go. Notices about nicknames and entries of the FAQ are decided here, one by one, and are items
for themselves.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from community.accounts.links import Purpose, hash_of, token_of
from community.accounts.notifiers import forget_notifiers, keep_notifier
from community.core import outbox
from community.core.clock import now
from community.core.db import (
    execute,
    execute_returning,
    fetch,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.errors import Conflict, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.decisions.claims import demand_no_other_claim
from community.decisions.grounds import NETIQUETTE, Ground
from community.decisions.statements import forget_old_statements, state_reasons
from community.decisions.work import WorkKind, finish_work, put_work
from community.faq.actions import withdraw_entry
from community.faq.queries import is_withdrawn, list_releasers, list_writers
from community.moderation.models import FlagState, Notice
from community.moderation.notice_rules import DEALT_WITH_WITHIN, NoticeKind

LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Of references: nothing that is mistaken for something else when it is read out."""
NOTIFIER_KEPT = timedelta(days=214)
"""Name and address, after the last step: an objection is possible for six months, and takes a while."""
KEPT = timedelta(days=3 * 366)


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody has written; lengths were checked."""

    kind: NoticeKind
    text: str
    url: str
    nonce: str
    """From which the link of the status page is derived; a form that is sent twice sends it twice."""
    name: str = ""
    mail: str = ""
    language: str = ""


def status_token(nonce: str) -> str:
    """The secret part of the address under which whoever reported sees how it stands."""
    return token_of(Purpose.NOTICE, nonce)


async def find_sent(report: Report) -> bool:
    """Whether this very form was sent before. `RuleBroken` where it was, with another text."""
    rows = await fetch("SELECT text FROM notices WHERE nonce = :nonce", {"nonce": report.nonce})
    if rows and rows[0]["text"] != report.text.strip():
        raise RuleBroken(_("This form was already sent with another text. Please check and send it again."))
    return bool(rows)


async def file_notice(subject: str, report: Report, *, by: int | None) -> None:
    """Keep a notice about a nickname ("member:<id>") or an entry of the FAQ ("faq:<id>")."""
    try:
        async with in_transaction():
            await insert_notice(subject, report, by=by)
    except Exception as error:
        if not is_unique_violation(error):
            raise


async def insert_notice(
    subject: str, report: Report, *, by: int | None, flag_id: int | None = None, space_id: int | None = None
) -> None:
    """Write it down, in the transaction of its cause; from now on it is known."""
    notice_id, moment = random_id(), now()
    notifier_id = await keep_notifier(report.name.strip(), report.mail.strip()) if by is None else None
    await insert(
        Notice,
        id=notice_id,
        reference=_new_reference(),
        subject=subject,
        space_id=space_id,
        url=report.url,
        kind=str(report.kind),
        text=report.text.strip(),
        reporter_id=by,
        is_from_outside=by is None,
        notifier_id=notifier_id,
        flag_id=flag_id,
        language=report.language,
        nonce=report.nonce,
        token_hash=hash_of(Purpose.NOTICE, report.nonce),
        knew_at=moment,
    )
    if flag_id is None:
        await put_notice(notice_id, subject, reporter_id=by, space_id=space_id, knew_at=moment)
    await outbox.record("notice.received", notice_id=notice_id)
    if notifier_id is not None:
        await outbox.record("account.notice_received", notice_id=notice_id)


async def put_notice(
    notice_id: int, subject: str, *, reporter_id: int | None, space_id: int | None, knew_at: datetime
) -> None:
    """Let it wait in the queue, due when the law says."""
    await put_work(
        WorkKind.NOTICE,
        item_of_notice(notice_id),
        space_id=space_id,
        since=knew_at,
        due_at=knew_at + DEALT_WITH_WITHIN,
        not_for=reporter_id,
        kept_from=await find_concerned(subject),
    )


async def find_concerned(subject: str) -> set[int]:
    """Who may not decide about a report of this: whose nickname it is, who wrote or released the entry."""
    kind, _colon, number = subject.partition(":")
    if kind == "member":
        return {int(number)}
    if kind == "faq":
        return await list_writers(int(number)) | await list_releasers(int(number))
    return set()


async def may_decide_notice(notice_id: int, member_id: int) -> bool:
    rows = await fetch("SELECT subject, reporter_id FROM notices WHERE id = :id", {"id": notice_id})
    concerned = [{row["reporter_id"], *await find_concerned(row["subject"])} for row in rows]
    return not any(member_id in each for each in concerned)


async def demand_unconcerned(notice_id: int, member_id: int) -> None:
    """`RuleBroken` where the report is this person's own, or about them or what they wrote."""
    if not await may_decide_notice(notice_id, member_id):
        raise RuleBroken(_("Somebody else has to decide who had nothing to do with it before."))


def item_of_notice(notice_id: int) -> str:
    """As what a notice stands in the queue."""
    return f"notice:{notice_id}"


def _new_reference() -> str:
    return f"{now().year}-" + "".join(secrets.choice(LETTERS) for _place in range(8))


async def close_notices(
    flag_ids: Sequence[int], state: FlagState, *, by: Viewer, reason: str, measure: str = ""
) -> None:
    """What was decided about flags was decided about the notices beside them. In the transaction of the decision."""
    rows = await execute_returning(
        """UPDATE notices SET state = :state, dealt_at = :at, dealt_late = (knew_at < :late), decided_by_id = :by,
        reason = :reason, measure = :measure
        WHERE flag_id IN (:flags) AND state = 'open' RETURNING id, notifier_id""",
        {
            "state": str(state),
            "at": now(),
            "late": now() - DEALT_WITH_WITHIN,
            "by": by.id,
            "reason": reason.strip(),
            "measure": measure,
            "flags": list(flag_ids),
        },
    )
    await _tell_notifiers(rows)


async def _tell_notifiers(rows: Sequence[Mapping[str, Any]]) -> None:
    for row in rows:
        if row["notifier_id"] is not None:
            await outbox.record("account.notice_decided", notice_id=row["id"])


# --- deciding one by one ----------------------------------------------------------------------------------


async def uphold_notice(notice_id: int, *, by: Viewer, reason: str, ground: Ground | None = None) -> None:
    """Agree: a member is told about their nickname, an entry of the FAQ is withdrawn."""
    ground = ground or NETIQUETTE
    async with in_transaction():
        row = await _decide(notice_id, FlagState.UPHELD, by, reason)
        kind, _colon, number = row["subject"].partition(":")
        details: dict[str, Any] = {"notice": notice_id, **ground.details}
        await log("uphold_notice", row["subject"], by=by, reason=reason, **details)
        if kind == "faq" and not await is_withdrawn(int(number)):
            await withdraw_entry(int(number), by=by, reason=reason, is_prompted=True)
        elif kind == "member":
            await note_member(int(number), by, reason, ground)


async def dismiss_notice(notice_id: int, *, by: Viewer, reason: str) -> None:
    async with in_transaction():
        row = await _decide(notice_id, FlagState.DISMISSED, by, reason)
        await log("dismiss_notice", row["subject"], by=by, reason=reason, notice=notice_id)


async def _decide(notice_id: int, state: FlagState, by: Viewer, reason: str) -> Mapping[str, Any]:
    await demand_no_other_claim(WorkKind.NOTICE, item_of_notice(notice_id), by)
    rows = await execute_returning(
        """UPDATE notices SET state = :state, dealt_at = :at, dealt_late = (knew_at < :late), decided_by_id = :by,
        reason = :reason, measure = CASE WHEN :upheld = 0 THEN '' WHEN subject LIKE 'faq:%' THEN 'withdraw'
        ELSE 'note' END WHERE id = :id AND state = 'open' RETURNING id, subject, notifier_id, reporter_id""",
        {
            "state": str(state),
            "upheld": int(state is FlagState.UPHELD),
            "at": now(),
            "late": now() - DEALT_WITH_WITHIN,
            "by": by.id,
            "reason": reason.strip(),
            "id": notice_id,
        },
    )
    if not rows:
        raise Conflict(_("This has been decided meanwhile."))
    await demand_unconcerned(notice_id, by.id)
    await finish_work(WorkKind.NOTICE, item_of_notice(notice_id))
    await _tell_notifiers(rows)
    if rows[0]["reporter_id"] is not None:
        await outbox.record("notice.decided", notice_id=notice_id)
    return rows[0]


async def note_member(member_id: int, by: Viewer, reason: str, ground: Ground) -> None:
    if not await fetch("SELECT 1 FROM members WHERE id = :id AND erased_at IS NULL", {"id": member_id}):
        return
    statement_id = await state_reasons(
        "note_member",
        f"member:{member_id}",
        by=by,
        reason=reason,
        concerns=member_id,
        ground=ground,
        is_prompted=True,
    )
    await outbox.record("member.noted", member_id=member_id, statement_id=statement_id, by=by.id)


# --- keeping, and forgetting ------------------------------------------------------------------------------


async def forget_old_notices() -> None:
    """Remove who has reported some time after the last step, and after years the notices themselves."""
    moment = now()
    rows = await fetch(
        """SELECT id, notifier_id FROM notices WHERE notifier_id IS NOT NULL AND dealt_at < :before LIMIT 500""",
        {"before": moment - NOTIFIER_KEPT},
    )
    if rows:
        async with in_transaction():
            await forget_notifiers([row["notifier_id"] for row in rows])
            await execute(
                "UPDATE notices SET notifier_id = NULL WHERE id IN (:ids)",
                {"ids": [row["id"] for row in rows]},
            )
    given = {"before": moment - KEPT}
    await execute("DELETE FROM notices WHERE dealt_at < :before", given)
    await execute("DELETE FROM appeals WHERE decided_at < :before AND notice_id IS NULL", given)
    await forget_old_statements(moment - KEPT)


async def forget_reporter(member_id: int) -> None:
    """For the erasure of a member, in its transaction: what they wrote goes, that something was reported stays."""
    await execute("UPDATE notices SET text = '' WHERE reporter_id = :me", {"me": member_id})
    # What others reported about the nickname names it.
    await execute(
        "UPDATE notices SET subject = 'member:0', url = '', text = '' WHERE subject = :own",
        {"own": f"member:{member_id}"},
    )
