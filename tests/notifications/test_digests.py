"""Once a day or a week: what is unread, and what was worth reading for those who ask. Each once, or none at all."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from community.core.clock import now
from community.core.db import execute
from community.groups.models import Membership
from community.kudos.actions import give_kudos
from community.notifications import mailing
from community.notifications.actions import choose_channels, mark_read, notify
from community.notifications.digests import next_digest
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.models import Digest, NotificationMail
from community.notifications.rules import Channel, Topic
from community.threads import marks
from community.threads.models import Thread
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast, make_cast
from tests.factories import make_answer, make_member, make_thread
from tests.fixtures import Visit
from tests.notifications.mailed import (
    everything_in,
    mails_of,
    make_reachable,
    send_digests,
    send_mails,
    text_of,
)


@pytest.mark.parametrize(
    ("rhythm", "after", "due"),
    [
        (Channel.DAILY, datetime(2026, 3, 2, 5, 59, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)),
        (Channel.DAILY, datetime(2026, 3, 2, 6, 0, tzinfo=UTC), datetime(2026, 3, 3, 6, tzinfo=UTC)),
        # The night in which clocks go forward: seven o'clock is an hour earlier in UTC.
        (Channel.DAILY, datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 29, 5, tzinfo=UTC)),
        (Channel.DAILY, datetime(2026, 10, 24, 12, tzinfo=UTC), datetime(2026, 10, 25, 6, tzinfo=UTC)),
        (Channel.WEEKLY, datetime(2026, 3, 2, 5, tzinfo=UTC), datetime(2026, 3, 2, 6, tzinfo=UTC)),
        (Channel.WEEKLY, datetime(2026, 3, 2, 7, tzinfo=UTC), datetime(2026, 3, 9, 6, tzinfo=UTC)),
        (Channel.WEEKLY, datetime(2026, 3, 8, 23, 30, tzinfo=UTC), datetime(2026, 3, 9, 6, tzinfo=UTC)),
    ],
)
def test_digests_come_in_the_morning_of_the_sites_time_zone(
    rhythm: Channel, after: datetime, due: datetime
) -> None:
    assert next_digest(rhythm, after) == due


async def followed(cast: Cast) -> Thread:
    """A thread with an answer, which the colleague follows: by default told once a day."""
    thread = await make_thread(cast.open_space, cast.asker, title="Qxz router")
    await marks.follow_thread(thread.id, by=cast.colleague.id)
    await make_answer(thread, cast.helper)
    return thread


@pytest.mark.each_database
async def test_what_was_not_read_comes_in_one_digest_and_then_no_more(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.colleague)
    thread = await followed(cast)
    await make_answer(thread, cast.helper)
    await send_mails(search_engine)
    assert mails_of(mail) == []
    await send_digests(search_engine)
    await send_digests(search_engine)
    [got] = mails_of(mail)
    assert got["Subject"] == "Your daily digest"
    assert "There are 2 answers in threads you follow" in text_of(got)
    assert "Qxz" not in everything_in(got)
    assert await Digest.filter(due_at__isnull=False).count() == 0
    await make_answer(thread, cast.helper)
    await send_digests(search_engine)
    assert "There is an answer in a thread you follow" in text_of(mails_of(mail)[1])


async def test_what_is_read_or_unreadable_by_then_makes_no_digest(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.colleague)
    await followed(cast)
    await deliver(search_engine)
    await mark_read(cast.colleague.id)
    await send_digests(search_engine)
    hidden = await make_thread(cast.hidden_space, cast.asker)
    await marks.follow_thread(hidden.id, by=cast.colleague.id)
    await make_answer(hidden, cast.helper)
    await deliver(search_engine)
    await Membership.filter(member_id=cast.colleague.id).delete()
    await send_digests(search_engine)
    assert mails_of(mail) == []
    assert set(await NotificationMail.all().values_list("outcome", flat=True)) <= {"none"}


@pytest.mark.each_database
async def test_workers_at_once_make_one_digest_and_tell_nothing_twice(
    fresh_database: str, search_engine: SearchEngine
) -> None:
    cast = await make_cast()
    mail = await make_reachable(cast.colleague)
    await choose_channels(cast.colleague.id, {Topic.MENTIONS: Channel.DAILY})
    for number in range(4):
        await notify([cast.colleague.id], "mentioned", cause=f"x{number}")
    await Digest.all().update(due_at=now() - timedelta(seconds=1))
    await asyncio.gather(
        *(mailing.make_due_digests() for _worker in range(3)),
        *(notify([cast.colleague.id], "mentioned", cause=f"y{number}") for number in range(3)),
    )
    await send_digests(search_engine)
    await send_digests(search_engine)
    assert sum(_mentions(text_of(got)) for got in mails_of(mail)) == 7
    assert len(mails_of(mail)) <= 2


def _mentions(text: str) -> int:
    if "Somebody has mentioned you" in text:
        return 1
    return int(text.partition("You have been mentioned ")[2].partition(" times")[0] or 0)


async def test_a_worker_that_was_away_for_days_sends_one_digest_about_all_of_them(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.outsider)
    await choose_channels(cast.outsider.id, {Topic.HIGHLIGHTS: Channel.DAILY})
    ago = now() - timedelta(days=5)
    await Digest.all().update(last_at=ago, due_at=ago + timedelta(days=1))
    thread = await make_thread(cast.open_space, cast.asker, title="Asked three days ago")
    await Thread.filter(id=thread.id).update(created_at=now() - timedelta(days=3))
    await mailing.make_due_digests()
    await deliver(search_engine)
    await mailing.make_due_digests()
    await deliver(search_engine)
    [got] = mails_of(mail)
    assert "Asked three days ago" in text_of(got)
    digest = await Digest.get(member_id=cast.outsider.id)
    assert digest.due_at is not None
    assert digest.due_at > now()


async def test_the_community_is_told_of_only_to_those_who_ask_and_only_what_anybody_may_read(
    cast: Cast, search_engine: SearchEngine
) -> None:
    wanting, other = await make_reachable(cast.colleague), await make_reachable(cast.outsider)
    await choose_channels(cast.colleague.id, {Topic.HIGHLIGHTS: Channel.WEEKLY})
    for space, title in (
        (cast.open_space, "Open unanswered"),
        (cast.members_space, "Members unanswered"),
        (cast.hidden_space, "Hidden unanswered"),
    ):
        await make_thread(space, cast.asker, title=title)
    await make_thread(cast.open_space, cast.colleague, title="My own question")
    solved = await make_thread(cast.open_space, cast.asker, title="Open solved")
    answer = await make_answer(solved, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    praised = await make_answer(await make_thread(cast.open_space, cast.asker, title="Praised"), cast.helper)
    for giver in (cast.asker, cast.outsider):
        await give_kudos(praised.id, by=giver.id)
    await send_digests(search_engine)
    await wish(cast.colleague.id, Wishes(tells_titles=True))
    await execute("UPDATE digests SET last_at = :ago", {"ago": now() - timedelta(days=7)})
    await send_digests(search_engine)
    assert mails_of(other) == []
    first, second = map(text_of, mails_of(wanting))
    for title in ("Open unanswered", "Open solved", "Praised"):
        assert title in first, title
    for title in ("Members", "Hidden", "My own"):
        assert title not in first, title
    assert "2 kudos" in first
    for title in ("Hidden", "My own"):
        assert title not in second, title


async def test_nothing_happened_no_digest_but_the_next_is_planned(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.outsider)
    await choose_channels(cast.outsider.id, {Topic.HIGHLIGHTS: Channel.DAILY})
    for _day in range(3):
        await send_digests(search_engine)
    assert mails_of(mail) == []
    assert await Digest.filter(member_id=cast.outsider.id, due_at__gt=now()).count() == 1


async def test_one_click_ends_a_digest_with_all_that_comes_in_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.colleague)
    await choose_channels(cast.colleague.id, {Topic.HIGHLIGHTS: Channel.DAILY, Topic.KUDOS: Channel.WEEKLY})
    thread = await followed(cast)
    await send_digests(search_engine)
    link = str(mails_of(mail)[0]["List-Unsubscribe"]).strip("<>")
    path = link.removeprefix("http://127.0.0.1:8000")
    assert (await (await visit()).post(path, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    await make_answer(thread, cast.helper)
    await make_thread(cast.open_space, await make_member(), title="Something else")
    await send_digests(search_engine)
    assert len(mails_of(mail)) == 1
    await give_kudos((await make_answer(thread, cast.colleague)).id, by=cast.asker.id)
    await send_digests(search_engine)
    assert [got["Subject"] for got in mails_of(mail)] == ["Your daily digest", "Your weekly digest"]
