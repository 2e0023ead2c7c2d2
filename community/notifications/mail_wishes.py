"""What members wish of mails: which topics, how much they tell, when they stay away; and the link that ends them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from community.accounts.links import Purpose, hash_of, new_nonce, token_of
from community.core import i18n
from community.core.clock import now
from community.core.db import execute, fetch, fetch_one, random_id
from community.core.vault_keys import token_hash
from community.notifications.rules import Channel, Topic, channel_of

ZONE = ZoneInfo(i18n.DEFAULT_TIME_ZONE)


@dataclass(frozen=True, slots=True)
class Wishes:
    """Without a row, nothing is wished."""

    tells_titles: bool = False
    quiet_from: int | None = None
    quiet_until: int | None = None
    is_stopped: bool = False


async def find_wishes(member_id: int) -> Wishes:
    row = await fetch_one(
        "SELECT tells_titles, quiet_from, quiet_until, stopped_at FROM mail_wishes WHERE member_id = :me",
        {"me": member_id},
    )
    if row is None:
        return Wishes()
    return Wishes(
        bool(row["tells_titles"]), row["quiet_from"], row["quiet_until"], row["stopped_at"] is not None
    )


async def list_choices(member_id: int) -> dict[Topic, Channel]:
    """What a member has chosen for every topic, whether or not all mails are stopped."""
    rows = await fetch(
        "SELECT topic, channel FROM notification_choices WHERE member_id = :me", {"me": member_id}
    )
    chosen = {row["topic"]: row["channel"] for row in rows}
    return {topic: channel_of(topic, chosen.get(topic)) for topic in Topic}


async def list_channels(member_ids: Collection[int], topic: Topic) -> dict[int, Channel]:
    """How each of these members is told of a topic now."""
    rows = await fetch(
        """SELECT m.id, c.channel, w.stopped_at FROM members m
        LEFT JOIN notification_choices c ON c.member_id = m.id AND c.topic = :topic
        LEFT JOIN mail_wishes w ON w.member_id = m.id WHERE m.id IN (:ids)""",
        {"ids": list(member_ids), "topic": str(topic)},
    )
    return {
        row["id"]: channel_of(topic, row["channel"], mails_stopped=row["stopped_at"] is not None)
        for row in rows
    }


async def channel_for(member_id: int, topic: Topic) -> Channel:
    """How one member is told of a topic now."""
    channels = await list_channels([member_id], topic)
    return channels.get(member_id, Channel.NONE)


async def lock_member(member_id: int) -> None:
    """Whoever bundles for the same member waits here, so that two at once do not begin a line or a mail each."""
    member = "SELECT id FROM members WHERE id = :id"
    await fetch({"sqlite": member, "postgresql": f"{member} FOR NO KEY UPDATE"}, {"id": member_id})


# --- what is wished ---------------------------------------------------------------------------------------


async def wish(member_id: int, wishes: Wishes) -> None:
    """From now on this is wished. Mails that were stopped stay so since the same moment."""
    await _make_row(member_id)
    await execute(
        """UPDATE mail_wishes SET tells_titles = :titles, quiet_from = :from_hour, quiet_until = :until_hour
        WHERE member_id = :me""",
        {
            "titles": wishes.tells_titles,
            "from_hour": wishes.quiet_from,
            "until_hour": wishes.quiet_until,
            "me": member_id,
        },
    )
    await (stop_all if wishes.is_stopped else allow)(member_id)


async def stop_all(member_id: int) -> bool:
    """No more mails but those about the account itself; whether that is new."""
    await _make_row(member_id)
    changed = await execute(
        "UPDATE mail_wishes SET stopped_at = :now WHERE member_id = :me AND stopped_at IS NULL",
        {"now": now(), "me": member_id},
    )
    return bool(changed)


async def allow(member_id: int) -> bool:
    """Mails as chosen topic by topic; whether that is new."""
    changed = await execute(
        "UPDATE mail_wishes SET stopped_at = NULL WHERE member_id = :me AND stopped_at IS NOT NULL",
        {"me": member_id},
    )
    return bool(changed)


async def _make_row(member_id: int) -> None:
    nonce = new_nonce()
    await execute(
        """INSERT INTO mail_wishes (id, member_id, nonce, token_hash)
        SELECT :id, m.id, :nonce, :hash FROM members m WHERE m.id = :me ON CONFLICT (member_id) DO NOTHING""",
        {
            "id": random_id(),
            "me": member_id,
            "nonce": nonce,
            "hash": hash_of(Purpose.STOP_MAILS, nonce),
        },
    )


async def find_stop_token(member_id: int) -> str:
    """The secret part of the links that end mails to this member: one for all of them, good for ever."""
    await _make_row(member_id)
    row = await fetch_one("SELECT nonce FROM mail_wishes WHERE member_id = :me", {"me": member_id})
    return token_of(Purpose.STOP_MAILS, row["nonce"]) if row else ""


async def find_stopping(token: str) -> int | None:
    """Whose mails a link ends."""
    row = await fetch_one(
        "SELECT member_id FROM mail_wishes WHERE token_hash = :hash", {"hash": token_hash(token)}
    )
    return int(row["member_id"]) if row else None


# --- when -------------------------------------------------------------------------------------------------


def quiet_ends(wishes: Wishes, moment: datetime) -> datetime | None:
    """Until when no mail is wished at this moment; None: mails are welcome."""
    begin, end = wishes.quiet_from, wishes.quiet_until
    if begin is None or end is None or begin == end:
        return None
    local = moment.astimezone(ZONE)
    is_quiet = begin <= local.hour < end if begin < end else local.hour >= begin or local.hour < end
    if not is_quiet:
        return None
    day = local.date() + timedelta(days=1 if end <= local.hour else 0)
    # Where the clock is put back an hour comes twice; then it is looked at again.
    return max(at_hour(day, end), moment + timedelta(minutes=1))


def at_hour(day: date, hour: int) -> datetime:
    """That full hour of a day in the site's time zone."""
    return datetime.combine(day, time(hour), ZONE).astimezone(UTC)
