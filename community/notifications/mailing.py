"""Mails about what a member has not read in the site: made once, looked at again when they are sent.

Making a mail and taking the notifications into it is one transaction, so two workers make no two mails of the same
news, and none is lost with a worker that is killed. From then on the outbox owes it. Of two workers that send at
once, one waits (`trying_until`); after a crash between the server's yes and ours it goes out again with the same
Message-ID, by which mail servers know it.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from community.accounts.news_mails import Outcome
from community.core import outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.rows import insert
from community.core.viewer import Viewer
from community.notifications.composing import send_bundle
from community.notifications.digest_letters import send_digest
from community.notifications.digests import next_digest
from community.notifications.mail_figures import COUNTED, count_mail
from community.notifications.mail_wishes import find_wishes, list_choices, lock_member, quiet_ends
from community.notifications.models import NotificationMail
from community.notifications.rules import ALWAYS_TOLD, TOPIC_OF, Channel, Topic, topic_of_mail
from community.spaces.queries import load_viewer

AT_ONCE = 100
TRIED_FOR = timedelta(minutes=2)
"""Longer than sending one mail can take."""
OUTSTANDING_FOR = timedelta(days=3)
"""While a mail is owed (the mail server is away), what happens meanwhile waits and becomes one mail."""
LOOKED_AT_AGAIN = timedelta(minutes=5)

TRIED, NONE = "tried", "none"
OLDEST_IN_DIGEST = timedelta(days=30)

LIVELY = 3
LIVELY_FOR = timedelta(hours=6)
LIVELY_PAUSE = timedelta(hours=1)
"""After so many mails in that time there is at most one an hour."""


async def make_due_mails() -> None:
    """Put what is due into mails, a member at a time, in bounded batches."""
    while True:
        rows = await fetch(
            """SELECT member_id FROM notifications WHERE mail_due_at <= :now
            GROUP BY member_id ORDER BY MIN(mail_due_at), member_id LIMIT :size""",
            {"now": now(), "size": AT_ONCE},
        )
        for row in rows:
            await _make_mail(row["member_id"])
        if len(rows) < AT_ONCE:
            return


async def _make_mail(member_id: int) -> None:
    """One mail of all that waits, due or not; or all of it waits on."""
    moment, mail_id = now(), random_id()
    async with in_transaction():
        await lock_member(member_id)
        later = await _waits_until(member_id, moment)
        given = {"me": member_id, "now": moment, "later": later, "mail": mail_id}
        if later is not None:
            await execute(
                "UPDATE notifications SET mail_due_at = :later WHERE member_id = :me AND mail_due_at <= :now",
                given,
            )
            return
        waiting = "member_id = :me AND mail_due_at IS NOT NULL"
        taken = await execute(
            f"""UPDATE notifications SET mail_due_at = NULL, mail_id = :mail
            WHERE {waiting} AND read_at IS NULL AND mail_id IS NULL""",  # noqa: S608 - a constant
            given,
        )
        await execute(f"UPDATE notifications SET mail_due_at = NULL WHERE {waiting}", given)  # noqa: S608
        if taken:
            await record_mail(mail_id, member_id, Channel.MAIL)


async def make_due_digests() -> None:
    """Make the digests that are due. One that is late, for whatever reason, is one: it tells of the whole time."""
    while True:
        rows = await fetch(
            """SELECT id, member_id, rhythm, due_at, last_at FROM digests WHERE due_at <= :now
            ORDER BY due_at, id LIMIT :size""",
            {"now": now(), "size": AT_ONCE},
        )
        for row in rows:
            await _make_digest(row)
        if len(rows) < AT_ONCE:
            return


async def _make_digest(row: Row) -> None:
    """One digest, of which the row says whether somebody else has made it meanwhile."""
    member_id, rhythm, moment, mail_id = row["member_id"], Channel(row["rhythm"]), now(), random_id()
    same = "WHERE id = :id AND due_at = :due_at"
    async with in_transaction():
        await lock_member(member_id)
        wishes, choices = await find_wishes(member_id), await list_choices(member_id)
        given = {"id": row["id"], "due_at": as_time(row["due_at"]), "now": moment}
        quiet = quiet_ends(wishes, moment)
        if quiet is not None:
            await execute(f"UPDATE digests SET due_at = :later {same}", {**given, "later": quiet})  # noqa: S608 - a constant
            return
        chosen = {topic for topic, channel in choices.items() if channel is rhythm and not wishes.is_stopped}
        wants_highlights = Topic.HIGHLIGHTS in chosen
        later = next_digest(rhythm, moment) if wants_highlights else None
        # First this row, which whoever tells something writes to: what they have told is seen, or finds it empty.
        if not await execute(
            f"UPDATE digests SET due_at = :later, last_at = :now {same}",  # noqa: S608
            {**given, "later": later},
        ):
            return
        taken = await execute(
            """UPDATE notifications SET mail_id = :mail WHERE member_id = :me AND read_at IS NULL
            AND mail_id IS NULL AND mail_due_at IS NULL AND created_at > :after AND kind IN (:kinds)""",
            {
                "mail": mail_id,
                "me": member_id,
                "after": moment - OLDEST_IN_DIGEST,
                "kinds": [kind for kind in {*TOPIC_OF, *ALWAYS_TOLD} if topic_of_mail(kind) in chosen],
            },
        )
        if taken or wants_highlights:
            since = as_time(row["last_at"]) or moment - timedelta(days=7 if rhythm is Channel.WEEKLY else 1)
            await record_mail(mail_id, member_id, rhythm, since=since)


async def record_mail(mail_id: int, member_id: int, kind: Channel, *, since: datetime | None = None) -> None:
    """From now on the mail is owed. Called inside the transaction that has given it its news."""
    await insert(
        NotificationMail, id=mail_id, member_id=member_id, kind=str(kind), since=since, created_at=now()
    )
    await outbox.record("account.news_to_mail", mail_id=mail_id)


async def _waits_until(member_id: int, moment: datetime) -> datetime | None:
    """Until when nothing is to be mailed: hours of quiet, a mail that is still owed, or enough of them lately."""
    quiet = quiet_ends(await find_wishes(member_id), moment)
    if quiet is not None:
        return quiet
    rows = await fetch(
        """SELECT created_at, outcome FROM notification_mails WHERE member_id = :me AND kind = 'mail'
        AND created_at > :after AND outcome IN ('', 'tried') ORDER BY created_at DESC LIMIT 50""",
        {"me": member_id, "after": moment - OUTSTANDING_FOR},
    )
    if any(row["outcome"] == "" for row in rows):
        return moment + LOOKED_AT_AGAIN
    times = [made for row in rows if (made := as_time(row["created_at"])) and made > moment - LIVELY_FOR]
    if len(times) >= LIVELY and times[0] + LIVELY_PAUSE > moment:
        return times[0] + LIVELY_PAUSE
    return None


async def send_mail(mail_id: int) -> None:
    """Send what is owed, if there is still something to say and now is the time for it."""
    row = await fetch_one(
        "SELECT member_id, kind, since FROM notification_mails WHERE id = :id AND outcome = ''",
        {"id": mail_id},
    )
    if row is None:
        return
    viewer, _spaces = await load_viewer(row["member_id"])
    quiet = quiet_ends(await find_wishes(viewer.id), now())
    if quiet is not None:
        raise outbox.NotYet(quiet)
    await _begin(mail_id)
    try:
        outcome = await _send(viewer, mail_id, Channel(row["kind"]), as_time(row["since"]))
    except Exception:
        await execute("UPDATE notification_mails SET trying_until = NULL WHERE id = :id", {"id": mail_id})
        raise
    await _end(mail_id, outcome)


async def _send(viewer: Viewer, mail_id: int, kind: Channel, since: datetime | None) -> Outcome:
    if viewer.is_guest:
        return Outcome.UNREACHABLE
    if kind is Channel.MAIL:
        return await send_bundle(viewer, mail_id)
    return await send_digest(viewer, mail_id, kind, since or now())


async def _begin(mail_id: int) -> None:
    """Nobody else sends it meanwhile; whoever dies over it does not keep it back for long."""
    moment = now()
    begun = await execute(
        """UPDATE notification_mails SET trying_until = :until WHERE id = :id AND outcome = ''
        AND (trying_until IS NULL OR trying_until < :now)""",
        {"id": mail_id, "now": moment, "until": moment + TRIED_FOR},
    )
    if not begun:
        raise outbox.NotYet(moment + TRIED_FOR)


async def _end(mail_id: int, outcome: Outcome) -> None:
    async with in_transaction():
        ended = await execute(
            """UPDATE notification_mails SET outcome = :outcome, ended_at = :now, trying_until = NULL
            WHERE id = :id AND outcome = ''""",
            {"id": mail_id, "outcome": TRIED if outcome in COUNTED else NONE, "now": now()},
        )
        if ended:
            await count_mail(outcome)


async def forget_old_mails() -> None:
    """Remove what was mailed long ago; that a notification was mailed stays with it."""
    await execute(
        "DELETE FROM notification_mails WHERE created_at < :before", {"before": now() - timedelta(days=60)}
    )
