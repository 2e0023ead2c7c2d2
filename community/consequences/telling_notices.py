"""Who is told of notices: whoever has reported, by mail or in the site; a member whose nickname was objected to."""

from __future__ import annotations

from community.accounts.notifiers import mail_notifier
from community.core.db import fetch
from community.core.outbox import Fact
from community.notifications.actions import notify

_STEPS = {
    "account.notice_received": "received",
    "account.notice_decided": "decided",
    "account.notice_overturned": "overturned",
    "account.appeal_decided": "appealed",
}


async def mail_step_of_notice(fact: Fact) -> None:
    """To whoever has reported without an account: that it has arrived, or was decided."""
    rows = await fetch(
        "SELECT reference, nonce, language, notifier_id FROM notices WHERE id = :id",
        {"id": fact["notice_id"]},
    )
    for row in rows:
        if row["notifier_id"] is not None:
            await mail_notifier(
                row["notifier_id"],
                about=row["reference"],
                step=_STEPS[fact.name],
                nonce=row["nonce"],
                language=row["language"],
            )


async def tell_notifier(fact: Fact) -> None:
    """The same in the site, to a member; how it was decided stands on the page."""
    rows = await fetch(
        "SELECT reporter_id, reason FROM notices WHERE id = :id AND reporter_id IS NOT NULL",
        {"id": fact["notice_id"]},
    )
    await notify(
        [row["reporter_id"] for row in rows],
        fact.name.replace(".", "_"),
        cause=f"{fact.id}",
        place=f"/notices/{fact['notice_id']}",
        note="".join(row["reason"] for row in rows) if fact.name == "notice.decided" else "",
    )


async def tell_appellant(fact: Fact) -> None:
    """Whoever objected as a member learns how it was decided, and why; not by whom."""
    rows = await fetch(
        """SELECT a.statement_id, a.notice_id, a.reason, COALESCE(s.member_id, n.reporter_id) AS member_id
        FROM appeals a LEFT JOIN statements s ON s.id = a.statement_id LEFT JOIN notices n ON n.id = a.notice_id
        WHERE a.id = :id""",
        {"id": fact["appeal_id"]},
    )
    for row in rows:
        if row["member_id"] is not None:
            is_notice = row["statement_id"] is None
            await notify(
                [row["member_id"]],
                "appeal_decided",
                cause=f"{fact.id}",
                place=f"/notices/{row['notice_id']}" if is_notice else f"/decisions/{row['statement_id']}",
                note=row["reason"],
            )


async def tell_noted_member(fact: Fact) -> None:
    """That staff ask for another nickname, and why."""
    rows = await fetch(
        "SELECT facts FROM statements WHERE id = :id AND member_id = :member",
        {"id": fact["statement_id"], "member": fact["member_id"]},
    )
    for row in rows:
        await notify(
            [fact["member_id"]],
            "member_noted",
            cause=f"{fact.id}",
            place=f"/decisions/{fact['statement_id']}",
            note=row["facts"],
        )
