"""Telling members what happened, once each."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from community.core.clock import now
from community.core.db import execute, fetch, in_transaction, random_id
from community.notifications.digests import plan_digest
from community.notifications.mail_wishes import list_channels, list_choices, lock_member
from community.notifications.rules import (
    BY_MAIL,
    MUTED,
    MUTED_WITH_SUBJECT,
    RHYTHMS,
    TOPIC_OF,
    Channel,
    Topic,
    channel_of,
    quiet_channel,
    topic_of_mail,
)

BUNDLED_FOR = timedelta(minutes=5)
"""What happens meanwhile goes into the same mail; what is read meanwhile into none."""

WANTED = """NOT EXISTS (SELECT 1 FROM notification_choices c
WHERE c.member_id = m.id AND c.topic = :topic AND c.channel = 'none')
AND NOT EXISTS (SELECT 1 FROM thread_mutes u WHERE u.member_id = m.id AND u.thread_id = :muted_thread)
AND NOT EXISTS (SELECT 1 FROM threads t JOIN space_wishes w ON w.space_id = t.space_id
WHERE t.id = :muted_subject AND w.member_id = m.id AND w.wish = 'mute')
AND NOT EXISTS (SELECT 1 FROM thread_tags x JOIN tag_wishes w ON w.name = x.name
WHERE x.thread_id = :muted_subject AND w.member_id = m.id AND w.wish = 'mute')"""
"""Whether member `m` wants to be told: the one place where this is asked, with what `_asked` gives."""


def _asked(kind: str, thread_id: int | None) -> dict[str, str | int]:
    """The topic (none: always told), the thread that must not be muted, and the one of which neither space nor tag
    may be (none: 0, which is no thread)."""
    return {
        "topic": str(TOPIC_OF.get(kind, "")),
        "muted_thread": thread_id or 0 if kind in MUTED else 0,
        "muted_subject": thread_id or 0 if kind in MUTED_WITH_SUBJECT else 0,
    }


async def notify(
    member_ids: Iterable[int],
    kind: str,
    *,
    cause: str,
    actor_id: int | None = None,
    thread_id: int | None = None,
    post_id: int | None = None,
    group_id: int | None = None,
    place: str = "",
    note: str = "",
) -> None:
    """Tell those members who are still there and want to know; the same `cause` ("fact:<id>") reaches each of
    them once, however often this runs. In the site at once, and by mail as they have chosen."""
    moment, told = now(), sorted(set(member_ids))
    topic = topic_of_mail(kind)
    channels = await list_channels(told, topic) if topic else {}
    async with in_transaction():
        for member_id in told:
            channel = channels.get(member_id)
            made = await execute(
                f"""INSERT INTO notifications
                (id, member_id, kind, actor_id, thread_id, post_id, group_id, place, note, cause, created_at,
                 mail_due_at)
                SELECT :id, m.id, :kind, (SELECT a.id FROM members a WHERE a.id = :actor_id), :thread_id, :post_id,
                :group_id, :place, :note, :cause, :at, :mail_due_at
                FROM members m WHERE m.id = :member_id AND {WANTED}
                ON CONFLICT (member_id, cause) DO NOTHING""",  # noqa: S608 - a constant
                {
                    "id": random_id(),
                    "member_id": member_id,
                    "kind": kind,
                    **_asked(kind, thread_id),
                    "actor_id": actor_id,
                    "thread_id": thread_id,
                    "post_id": post_id,
                    "group_id": group_id,
                    "place": place,
                    "note": note[:500],
                    "cause": cause,
                    "at": moment,
                    "mail_due_at": moment + BUNDLED_FOR if channel is Channel.MAIL else None,
                },
            )
            if made and channel in RHYTHMS:
                await plan_digest(member_id, channel)


async def notify_of_kudos(member_id: int, *, post_id: int, thread_id: int, giver_id: int) -> None:
    """Tell a member of thanks for a post: in the line about it that they have not read yet, or in a new one.

    Each kudos is told once, however often this runs; one that was taken back meanwhile is not told.
    """
    thanks = f"""SELECT k.id FROM kudos k JOIN members m ON m.id = :member_id
        WHERE k.post_id = :post_id AND k.member_id = :giver_id AND {WANTED}
        AND NOT EXISTS (SELECT 1 FROM notification_thanks x WHERE x.kudos_id = k.id)"""  # noqa: S608 - a constant
    given = {
        "member_id": member_id,
        "post_id": post_id,
        "giver_id": giver_id,
        **_asked("thanked", thread_id),
    }
    async with in_transaction():
        # The kudos first, because whoever takes it back holds it before they come to the member.
        await fetch({"sqlite": thanks, "postgresql": f"{thanks} FOR KEY SHARE OF k"}, given)
        await lock_member(member_id)
        rows = await fetch(thanks, given)
        if not rows:
            return
        cause = f"kudos:{rows[0]['id']}"
        line_id = await _touch_unread_line(member_id, post_id)
        if line_id is None:
            await notify([member_id], "thanked", cause=cause, thread_id=thread_id, post_id=post_id)
        await execute(
            """INSERT INTO notification_thanks (id, notification_id, kudos_id)
            SELECT :id, n.id, :kudos_id FROM notifications n
            WHERE n.member_id = :member_id AND (n.id = :line_id OR n.cause = :cause)""",
            {
                "id": random_id(),
                "kudos_id": rows[0]["id"],
                "member_id": member_id,
                "line_id": line_id or 0,
                "cause": cause,
            },
        )


async def _touch_unread_line(member_id: int, post_id: int) -> int | None:
    """The unread line about thanks for this post, as new as if it came now. It stays unread until the end of the
    transaction, because a row that is written is locked."""
    rows = await fetch(
        """SELECT n.id FROM notifications n WHERE n.member_id = :member_id AND n.post_id = :post_id
        AND n.kind = 'thanked' AND n.actor_id IS NULL AND n.read_at IS NULL
        ORDER BY n.created_at DESC, n.id LIMIT 1""",
        {"member_id": member_id, "post_id": post_id},
    )
    for row in rows:
        touched = await execute(
            "UPDATE notifications SET created_at = :at WHERE id = :id AND read_at IS NULL",
            {"at": now(), "id": row["id"]},
        )
        if touched:
            return int(row["id"])
    return None


async def remove_empty_thanks(post_id: int) -> None:
    """Remove the unread line about thanks for this post when all were taken back; read ones are shown no more."""
    rows = await fetch("SELECT author_id FROM posts WHERE id = :id", {"id": post_id})
    member_id = rows[0]["author_id"] if rows else None
    if member_id is not None:
        async with in_transaction():
            await lock_member(member_id)
            await execute(
                """DELETE FROM notifications WHERE member_id = :member_id AND read_at IS NULL
                AND post_id = :post_id AND kind = 'thanked' AND actor_id IS NULL AND NOT EXISTS (
                  SELECT 1 FROM notification_thanks x WHERE x.notification_id = notifications.id)""",
                {"member_id": member_id, "post_id": post_id},
            )


async def forget_actor(member_id: int, post_ids: Sequence[int]) -> None:
    """Name this member no more in what others were told about these posts; nor keep what the member was told."""
    for start in range(0, len(post_ids), 500):
        given = {"actor": member_id, "posts": list(post_ids[start : start + 500])}
        await execute(
            "UPDATE notifications SET actor_id = NULL WHERE actor_id = :actor AND post_id IN (:posts)", given
        )
        await execute("DELETE FROM notifications WHERE member_id = :actor AND post_id IN (:posts)", given)


async def follow_posts(thread_ids: Sequence[int]) -> None:
    """What was told about posts leads to the threads they stand in now, for all that stand in these."""
    await execute(
        """UPDATE notifications SET thread_id = (SELECT p.thread_id FROM posts p WHERE p.id = notifications.post_id)
        WHERE post_id IN (SELECT p.id FROM posts p WHERE p.thread_id IN (:threads))
        AND thread_id <> (SELECT p.thread_id FROM posts p WHERE p.id = notifications.post_id)""",
        {"threads": list(thread_ids)},
    )


async def mark_read(member_id: int, *, notification_id: int | None = None) -> None:
    """Mark one notification of this member as read, or all of them."""
    one = "AND id = :id" if notification_id is not None else ""
    async with in_transaction():
        # Before the rows, as whoever puts them into a mail does.
        await lock_member(member_id)
        await execute(
            f"UPDATE notifications SET read_at = :at WHERE member_id = :member_id AND read_at IS NULL {one}",  # noqa: S608
            {"at": now(), "member_id": member_id, "id": notification_id or 0},
        )


async def choose_channels(member_id: int, channels: Mapping[Topic, Channel]) -> None:
    """From now on the member is told of these topics in this way; so is what waits for a mail now."""
    async with in_transaction():
        await lock_member(member_id)
        for topic, channel in channels.items():
            await execute(
                """INSERT INTO notification_choices (id, member_id, topic, channel)
                VALUES (:id, :member_id, :topic, :channel)
                ON CONFLICT (member_id, topic) DO UPDATE SET channel = excluded.channel""",
                {"id": random_id(), "member_id": member_id, "topic": str(topic), "channel": str(channel)},
            )
        waiting = await fetch(
            "SELECT id, kind FROM notifications WHERE member_id = :me AND mail_due_at IS NOT NULL",
            {"me": member_id},
        )
        chosen = {topic: channel_of(topic, channel) for topic, channel in channels.items()}
        others = [row["id"] for row in waiting if _leaves_mail(row["kind"], chosen)]
        await execute("UPDATE notifications SET mail_due_at = NULL WHERE id IN (:ids)", {"ids": others})
        for rhythm in RHYTHMS:
            if rhythm in chosen.values():
                await plan_digest(member_id, rhythm)


def _leaves_mail(kind: str, chosen: Mapping[Topic, Channel]) -> bool:
    topic = topic_of_mail(kind)
    return topic is not None and chosen.get(topic, Channel.MAIL) is not Channel.MAIL


async def stop_mails(member_id: int, topics: Iterable[Topic]) -> int:
    """No more mails about these topics; in the site they are told as ever. How many topics that changes."""
    before = await list_choices(member_id)
    stopped = {topic: quiet_channel(topic) for topic in topics if before[topic] in BY_MAIL}
    await choose_channels(member_id, stopped)
    return len(stopped)
