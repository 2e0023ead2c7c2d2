"""The only long-lived loop: delivers the outbox and runs what is due. Any number may run beside each other."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts.consents import forget_unconfirmed
from community.accounts.erasure import forget_unsent_mails
from community.accounts.invitations import forget_ended_mail_invitations
from community.accounts.letters import use_look
from community.accounts.links import forget_ended_links
from community.accounts.log_in_steps import forget_ended_steps
from community.accounts.reveals import drop_unanswered_reveals
from community.accounts.sign_ons import forget_ended_arrivals
from community.attachments.cleaning import forget_unposted, sweep_storage
from community.companies.actions import count_colleagues
from community.companies.invitations import forget_ended_invitations
from community.companies.membership import forget_old_departures
from community.consequences import FORGOTTEN_ONCE_DONE, consequences
from community.core import outbox
from community.core.clock import now
from community.core.mail import TemporaryMailError
from community.core.models import OutboxFact
from community.core.rate_limits import forget_unspent
from community.core.submissions import forget_old_submissions
from community.decisions.chain import link_older_entries
from community.decisions.work import forget_looks
from community.faq.changes import MirrorTending
from community.faq.freshness import LOOK_EVERY as CHECK_FAQ_EVERY
from community.faq.freshness import Watch
from community.faq.publishing import PublicationTending
from community.faq.scheduling import release_due
from community.groups.invitations import forget_ended_group_invitations
from community.groups.requests import forget_decided_requests
from community.http.sessions import forget_ended_sessions
from community.indexing import INDEXING_FACTS, PendingDocuments
from community.insights.ask_sessions import count_old_sessions
from community.insights.entry_uses import forget_old_uses
from community.insights.readings import forget_old_readings
from community.insights.searches import forget_old_terms
from community.moderation.notices import forget_old_notices
from community.moderation.tending import tend_items
from community.notifications.mailing import forget_old_mails, make_due_digests, make_due_mails
from community.personal_data.replacing import carry_on as carry_on_erasures
from community.proposing.finding import look_for_proposals
from community.ranks.actions import recompute_lasting_standings, recompute_recent_standings
from community.ranks.badges import apply_badges
from community.ranks.expert_rules import apply_rules as apply_expert_rules
from community.ranks.gaming import look_for_gaming
from community.ranks.points import carry_on_points
from community.reindexing.tending import IndexTending
from community.sanctions.actions import tell_ended
from community.segments.filling import tend_segments
from community.segments.imports import carry_on_imports, forget_old_imports
from community.settings import settings
from community.threads.reminders import send_due_reminders
from community.threads.satisfaction import send_due_questions
from community.threads.unanswered import ask_staff
from community.vector_making import VectorMaker
from community.vocabulary.following import LOOK_EVERY, Follower
from community.web.mail_look import configured_look
from search import SearchEngine
from search.embedders import EmbedderDown
from search.index import SearchDown

logger = logging.getLogger(__name__)

POLL_EVERY = 0.5
"""Seconds between two looks into an empty outbox: a post is to be found within two seconds."""

MAIL_PREFIX = "account."
"""Facts from which nothing follows but a mail. They have a round of their own, so that a mail server that takes its
time keeps nothing else waiting."""
MAILS_AT_ONCE = 5

VECTORS_AGAIN_AFTER = timedelta(seconds=30)

PASSING = (SearchDown, TemporaryMailError)
"""Errors that end by themselves: what they keep back is not parked for days."""


@dataclass(slots=True)
class Chore:
    """Something that is done again and again, beside the deliveries; harmless when two workers do it at once."""

    work: Callable[[], Awaitable[None]]
    every: timedelta
    due_at: datetime
    task: asyncio.Task[None] | None = None

    def begin_if_due(self) -> None:
        if now() >= self.due_at and (self.task is None or self.task.done()):
            self.due_at = now() + self.every
            self.task = asyncio.create_task(self._do())

    async def _do(self) -> None:
        try:
            await self.work()
        except Exception as error:
            logger.warning("chore failed", exc_info=error)

    async def break_off(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.wait((self.task,))


class Worker:
    """Drains the outbox. What a batch wants indexed is written to the search engine in one go."""

    def __init__(self, engine: SearchEngine) -> None:
        use_look(configured_look())
        self.pending = PendingDocuments(engine)
        self.consequences = consequences(self.pending)
        self.index = IndexTending(engine)
        start = now()
        self._vectors_at = start
        self._vector_maker = VectorMaker(engine)
        self._follower = Follower(engine)
        self.mail_facts = tuple(name for name in self.consequences if name.startswith(MAIL_PREFIX))
        self.chores = [
            Chore(self._deliver_mails, timedelta(seconds=POLL_EVERY), start),
            Chore(self._follower.catch_up, timedelta(seconds=LOOK_EVERY), start),
            Chore(self._make_vectors, timedelta(seconds=1), start),
            Chore(MirrorTending().look, timedelta(seconds=20), start),
            Chore(PublicationTending().look, settings.faq.publish_every, start + timedelta(seconds=30)),
            Chore(ask_staff, timedelta(minutes=1), start),
            Chore(Watch().go_round, CHECK_FAQ_EVERY, start),
            Chore(release_due, timedelta(seconds=10), start),
            Chore(tend_items, timedelta(minutes=1), start + timedelta(seconds=30)),
            Chore(drop_unanswered_reveals, timedelta(hours=1), start + timedelta(minutes=1)),
            Chore(forget_looks, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(carry_on_points, timedelta(seconds=2), start),
            Chore(link_older_entries, timedelta(minutes=5), start),
            Chore(recompute_recent_standings, timedelta(minutes=10), start),
            Chore(recompute_lasting_standings, timedelta(hours=1), start),
            Chore(apply_expert_rules, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(look_for_gaming, timedelta(hours=6), start + timedelta(minutes=6)),
            Chore(apply_badges, timedelta(hours=6), start + timedelta(minutes=5)),
            Chore(forget_ended_sessions, timedelta(hours=1), start + timedelta(minutes=1)),
            Chore(forget_old_submissions, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_ended_steps, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_ended_links, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_unconfirmed, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_ended_arrivals, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_ended_invitations, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_old_departures, timedelta(hours=6), start + timedelta(minutes=5)),
            Chore(count_colleagues, timedelta(hours=1), start + timedelta(minutes=1)),
            Chore(carry_on_erasures, timedelta(seconds=2), start),
            Chore(forget_unsent_mails, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(forget_ended_mail_invitations, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_ended_group_invitations, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(forget_decided_requests, timedelta(hours=6), start + timedelta(minutes=5)),
            Chore(forget_old_notices, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(forget_unspent, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(look_for_proposals, timedelta(minutes=1), start + timedelta(seconds=40)),
            Chore(forget_old_uses, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(forget_old_readings, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(forget_old_terms, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(carry_on_imports, timedelta(seconds=2), start),
            Chore(forget_old_imports, timedelta(hours=1), start + timedelta(minutes=2)),
            Chore(tend_segments, timedelta(seconds=2), start),
            Chore(tell_ended, timedelta(minutes=1), start),
            Chore(send_due_reminders, timedelta(minutes=5), start + timedelta(minutes=1)),
            Chore(send_due_questions, timedelta(minutes=5), start + timedelta(minutes=1)),
            Chore(make_due_mails, timedelta(seconds=10), start),
            Chore(make_due_digests, timedelta(minutes=1), start),
            Chore(forget_old_mails, timedelta(hours=6), start + timedelta(minutes=4)),
            Chore(count_old_sessions, timedelta(hours=1), start + timedelta(minutes=3)),
            Chore(forget_unposted, timedelta(hours=1), start + timedelta(minutes=3)),
            Chore(sweep_storage, timedelta(hours=6), start + timedelta(minutes=5)),
            Chore(outbox.forget_delivered, timedelta(hours=6), start + timedelta(minutes=3)),
        ]

    async def _make_vectors(self) -> None:
        """Where this worker writes the index. Not while it builds another one, which will owe what it lacks."""
        if self.index.may_write and not self.index.is_building and now() >= self._vectors_at:
            try:
                await self._vector_maker.make_all()
            except (EmbedderDown, SearchDown) as error:
                self._vectors_at = now() + VECTORS_AGAIN_AFTER
                logger.warning("vectors not made", exc_info=error)

    async def run_once(self, stop: asyncio.Event | None = None, *, only: Sequence[str] = ()) -> int:
        """Deliver one batch (of facts with these names only, if any are given) and answer how many it held.

        Facts that cannot be begun before `stop`, or while the lease surely holds, are given back.
        """
        rows = await outbox.lease(only=only, without=() if only else self._not_for_this_round())
        deliveries = await self._begin(rows, stop)
        await self._index(deliveries)
        await self._end(rows, deliveries)
        return len(rows)

    def _not_for_this_round(self) -> Sequence[str]:
        """Mails have a round of their own. What is indexed is left to the worker that may write the index."""
        return self.mail_facts if self.index.may_write else (*self.mail_facts, *INDEXING_FACTS)

    async def deliver_mails(self) -> int:
        """Deliver one batch of the facts from which mails follow and answer how many it held."""
        rows = await outbox.lease(MAILS_AT_ONCE, only=self.mail_facts)
        await self._end(rows, await self._begin(rows, None))
        return len(rows)

    async def _deliver_mails(self) -> None:
        while await self.deliver_mails() == MAILS_AT_ONCE:
            pass

    async def _begin(self, rows: Sequence[OutboxFact], stop: asyncio.Event | None) -> list[outbox.Delivery]:
        """Run what is owed for as many of the facts as can be begun in time."""
        began, deliveries = time.monotonic(), []
        for row in rows:
            is_late = time.monotonic() - began > outbox.LEASE.total_seconds() / 2
            if is_late or (stop is not None and stop.is_set()):
                break
            deliveries.append(await outbox.run(row, self.consequences))
        return deliveries

    async def _end(self, rows: Sequence[OutboxFact], deliveries: list[outbox.Delivery]) -> None:
        """Write down how it went, and give back what was not begun."""
        if deliveries:
            await outbox.finish(deliveries, PASSING, FORGOTTEN_ONCE_DONE)
        if len(deliveries) < len(rows):
            await outbox.give_back(rows[len(deliveries) :])
        for delivery in deliveries:
            if delivery.failure is not None and not isinstance(delivery.failure, outbox.NotYet):
                logger.warning(
                    "consequence failed", extra={"fact": delivery.row.name}, exc_info=delivery.failure
                )

    async def _index(self, deliveries: list[outbox.Delivery]) -> None:
        """Write the batch's documents; what the engine did not take is owed again to the facts that wanted it."""
        failures = await self.pending.write()
        for delivery in deliveries:
            error = failures.get(delivery.row.id)
            if error is not None:
                delivery.failure = delivery.failure or error
                delivery.delivered = [name for name in delivery.delivered if not name.startswith("index_")]

    async def run_until(self, stop: asyncio.Event) -> None:
        """Work until `stop` is set, then give leases back."""
        try:
            while not stop.is_set():
                try:
                    await self.index.tend()
                    busy = await self.run_once(stop) == outbox.BATCH
                    for chore in self.chores:
                        chore.begin_if_due()
                except Exception as error:
                    # The database may be away for a moment; the worker outlives that.
                    logger.warning("worker paused", exc_info=error)
                    busy = False
                if not busy:
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(stop.wait(), POLL_EVERY)
        finally:
            await self.index.break_off()
            for chore in self.chores:
                await chore.break_off()
            with contextlib.suppress(Exception):
                await outbox.give_back()
