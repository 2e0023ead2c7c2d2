"""A quarter of a year in a community: rights change, time passes, people read, follow, mute and change their minds.

Nobody gets a mail that they should not, nobody misses one that they wanted, and the ranking can be counted by hand.
"""

from __future__ import annotations

import email
import email.policy
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

import pytest
import time_machine

from community.notifications.actions import choose_channels
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.mailing import make_due_digests, make_due_mails
from community.notifications.models import Notification
from community.notifications.rules import Channel, Topic
from community.ranks import points
from community.ranks.actions import PERIODS, recompute_standings
from community.ranks.queries import list_standings
from community.settings import settings
from community.threads.reminders import send_due_reminders
from community.threads.satisfaction import send_due_questions
from community.worker import Worker
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_member, viewer_for
from tests.notifications.mailed import everything_in, make_reachable, text_of
from tests.quarter.town import TOPICS, News, Person, Town, counts_in

FIRST_DAY = datetime(2026, 2, 1, tzinfo=UTC)
DAYS = 91
ACTS_A_DAY = 4
INSIDE = "Gezeitenturm"
OUTSIDE = "Leuchtfeuer"


class Life:
    """The town, the worker beside it, and the mails that have come so far."""

    def __init__(self, town: Town, engine: SearchEngine) -> None:
        self.town, self.worker = town, Worker(engine)
        self.news: dict[int, News] = {}
        """By the number of the notification."""
        self.mailed: set[int] = set()
        self.files: set[Path] = set()
        self.mails: list[EmailMessage] = []

    async def deliver(self) -> None:
        while await self.worker.run_once() or await self.worker.deliver_mails():
            pass

    async def act(self, moment: datetime) -> None:
        """Somebody does something; exactly those are told in the site who should be."""
        expected = await self.town.act(moment)
        await self.deliver()
        rows = await Notification.filter(kind__in=list(TOPICS), created_at__gte=moment)
        ids = {(row.member_id, row.kind, row.post_id): row.id for row in rows}
        assert len(ids) == len(rows)
        assert set(ids) == {one.key for one in expected}
        self.news |= {ids[one.key]: one for one in expected}

    async def mails_go_out(self) -> None:
        """Everything that is due is mailed, and every mail says what it may at this moment, and all of it."""
        may = {one for one in self.town.news if self.town.may_be_mailed(one)}
        await send_due_reminders()
        await send_due_questions()
        await make_due_mails()
        await make_due_digests()
        await self.deliver()
        told: dict[str, Counter[str]] = defaultdict(Counter)
        for mail in self._new_mails():
            told[mail["To"]] += counts_in(text_of(mail))
        wanted: dict[str, Counter[str]] = defaultdict(Counter)
        for one in await self._newly_mailed():
            if one in may:
                one.mailed += 1
                wanted[one.person.mail][one.kind] += 1
        assert {to: counts for to, counts in told.items() if counts} == wanted

    def _new_mails(self) -> list[EmailMessage]:
        paths = set((settings.var_dir / "mail").glob("*.eml")) - self.files
        self.files |= paths
        new = [email.message_from_bytes(path.read_bytes(), policy=email.policy.default) for path in paths]
        here = {person.mail for person in self.town.people}
        found = [mail for mail in new if isinstance(mail, EmailMessage) and mail["To"] in here]
        self.mails += found
        return found

    async def _newly_mailed(self) -> list[News]:
        """What the product has put into a mail since it was asked last."""
        ids = set(await Notification.filter(mail_id__isnull=False).values_list("id", flat=True)) - self.mailed
        self.mailed |= ids
        return [self.news[number] for number in ids if number in self.news]


async def settle_in(cast: Cast) -> Town:
    """Twenty-four people, each with an address and wishes of their own."""
    people = []
    for number in range(24):
        member = await make_member(f"Nachbar-{number}")
        person = Person(member, await make_reachable(member), reads_site=number % 4 == 0)
        if number % 3 == 0:
            person.channels = {Topic.ANSWERS: Channel.DAILY, Topic.MENTIONS: Channel.NONE}
        elif number % 3 == 1:
            person.channels = {Topic.FOLLOWED: Channel.MAIL, Topic.COMMENTS: Channel.WEEKLY}
        await choose_channels(member.id, person.channels)
        if number % 5 == 0:
            await wish(member.id, Wishes(quiet_from=18, quiet_until=8))
        people.append(person)
    town = Town(
        people, [cast.open_space, cast.members_space, cast.hidden_space], cast.hidden_space, cast.closed_group
    )
    town.moderator = cast.moderator
    return town


@pytest.mark.timeout(280)
async def test_a_quarter_in_which_everybody_is_told_what_they_should_be(
    cast: Cast, search_engine: SearchEngine
) -> None:
    with time_machine.travel(FIRST_DAY) as clock:
        town = await settle_in(cast)
        life = Life(town, search_engine)
        for day in range(DAYS):
            morning = FIRST_DAY + timedelta(days=day, hours=6, minutes=5)
            clock.move_to(morning)
            await life.mails_go_out()
            for number in range(ACTS_A_DAY):
                moment = morning + timedelta(hours=3 * number + 1, minutes=number)
                clock.move_to(moment)
                await life.act(moment)
                if number % 2 == 0:
                    clock.move_to(moment + timedelta(minutes=6))
                    await life.mails_go_out()
            clock.move_to(morning + timedelta(hours=15))
            await town.evening()
        for day in range(8):
            clock.move_to(FIRST_DAY + timedelta(days=DAYS + day, hours=12))
            await life.mails_go_out()
        everything_wanted_has_come(town)
        no_mail_names_what_it_must_not(life.mails)
        await the_ranking_is_what_one_counts_by_hand(town, cast)


def everything_wanted_has_come(town: Town) -> None:
    by_mail = {Channel.MAIL, Channel.DAILY, Channel.WEEKLY}
    wanted = [one for one in town.news if one.person.channel(one.kind) in by_mail and town.may_be_mailed(one)]
    missed = [one for one in wanted if one.mailed != 1]
    assert not missed, [(one.person.member.nickname, one.kind, one.at, one.mailed) for one in missed]
    assert not [one for one in town.news if one.mailed > 1]
    assert sum(one.mailed for one in town.news) > 50, "it was a lively quarter"


def no_mail_names_what_it_must_not(mails: list[EmailMessage]) -> None:
    for said in map(everything_in, mails):
        assert INSIDE not in said
        assert OUTSIDE not in said
        assert "Nachbar-" not in said


async def the_ranking_is_what_one_counts_by_hand(town: Town, cast: Cast) -> None:
    assert not await points.recount(), "the ledger is right without being mended"
    await recompute_standings()
    moment = datetime.now(UTC)
    reader = await viewer_for(cast.colleague)
    lines = 0
    for space in (None, *town.spaces):
        for period in PERIODS:
            since = moment - timedelta(days=period or 36_500)
            shown = await list_standings(reader, days=period, space_id=space.id if space else 0, size=100)
            got = [(line.author.nickname, line.solution_count, line.kudos_count) for line in shown]
            assert got == town.ranking(since=since, space=space)
            lines += len(got)
    assert lines > 50
