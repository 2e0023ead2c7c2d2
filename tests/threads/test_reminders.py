"""Whoever asked is reminded twice, each time once, and never of what they may not read or have dealt with."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from community.core.db import random_id
from community.core.models import OutboxFact
from community.groups.models import Membership
from community.members.models import Member
from community.notifications.actions import choose_channels
from community.notifications.models import Notification
from community.notifications.rules import Channel, Topic
from community.threads import marks, order, reminders
from community.threads.models import Post, Reminder, Thread
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.factories import make_account, make_answer, make_thread, viewer_for
from tests.fixtures import Visit


@pytest.fixture
def mail() -> str:
    """An address that no other test writes to: mails are kept as files."""
    return f"asker{random_id()}@firm.example"


async def answered(
    cast: Cast, *, days: float, space: Any = None, search: SearchEngine | None = None
) -> Thread:
    """A question of the asker with one answer of that many days ago, planned as the worker would have."""
    thread = await make_thread(space or cast.open_space, cast.asker, title="Qxz router restarts")
    answer = await make_answer(thread, cast.helper, body="Qxzanswer")
    if search is not None:
        await deliver(search)
    else:
        await reminders.plan(thread.id)
    assert await Reminder.filter(thread_id=thread.id).count() == 1
    await passed(thread, days)
    assert answer.thread_id == thread.id
    return thread


async def passed(thread: Thread, days: float) -> None:
    """That many days go by for the answers of a thread and what is planned for it."""
    span = timedelta(days=days)
    for post in await Post.filter(thread_id=thread.id, kind="answer"):
        await Post.filter(id=post.id).update(created_at=post.created_at - span)
    for row in await Reminder.filter(thread_id=thread.id, due_at__isnull=False):
        assert row.due_at is not None
        await Reminder.filter(id=row.id).update(due_at=row.due_at - span)


async def sent() -> int:
    return await OutboxFact.filter(name="thread.reminder_due").count()


@pytest.mark.each_database
async def test_after_three_and_after_ten_days_and_then_never_again(
    cast: Cast, mail: str, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=mail)
    thread = await answered(cast, days=2.9, search=search_engine)
    expected = []
    for days, count in ((0, 0), (0.2, 1), (3, 1), (3.8, 1), (0.2, 2), (30, 2)):
        await passed(thread, days)
        await reminders.send_due_reminders()
        await deliver(search_engine)
        expected.append((await sent() == count, len(await mails_to(mail)) == count))
        told = await Notification.filter(member_id=cast.asker.id, kind="solved_yet").count()
        assert told == count
    assert set(expected) == {(True, True)}


async def test_the_mail_names_neither_question_nor_nickname_nor_space(
    cast: Cast, mail: str, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=mail)
    await Member.filter(id=cast.asker.id).update(role="moderator")
    await answered(cast, days=4, space=cast.hidden_space)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    (got,) = await mails_to(mail)
    for word in ("Qxz", cast.asker.nickname, cast.helper.nickname, cast.hidden_space.name):
        assert word not in without_random(got.text) + got.subject


async def test_whoever_wants_no_reminders_gets_none(
    cast: Cast, mail: str, search_engine: SearchEngine
) -> None:
    await make_account(cast.asker, mail=mail)
    await choose_channels(cast.asker.id, {Topic.OWN_QUESTIONS: Channel.NONE})
    await answered(cast, days=4)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    assert await mails_to(mail) == []
    assert await Notification.filter(member_id=cast.asker.id, kind="solved_yet").count() == 0


async def test_a_new_answer_begins_the_days_anew(cast: Cast) -> None:
    thread = await answered(cast, days=4)
    await make_answer(thread, cast.colleague)
    await reminders.send_due_reminders()
    assert await sent() == 0
    await passed(thread, 3.1)
    await reminders.send_due_reminders()
    assert await sent() == 1


async def test_the_askers_own_answer_is_none(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    await make_answer(thread, cast.asker)
    await reminders.plan(thread.id)
    assert await Reminder.all().count() == 0


async def _solved(thread: Thread, cast: Cast) -> None:
    post = await Post.get(thread_id=thread.id, kind="answer")
    await marks.accept_solution(post.id, by=cast.asker.id)


async def _locked(thread: Thread, cast: Cast) -> None:
    await order.lock_thread(thread.id, by=await viewer_for(cast.moderator), reason="Enough")


async def _hidden(thread: Thread, cast: Cast) -> None:
    opening = await Post.get(thread_id=thread.id, kind="opening")
    await order.hide_post(opening.id, by=await viewer_for(cast.moderator), reason="Spam")


async def _answer_hidden(thread: Thread, cast: Cast) -> None:
    post = await Post.get(thread_id=thread.id, kind="answer")
    await order.hide_post(post.id, by=await viewer_for(cast.moderator), reason="Spam")


async def _left(thread: Thread, cast: Cast) -> None:
    await Membership.filter(member_id=cast.asker.id).delete()
    await Thread.filter(id=thread.id).update(space_id=cast.hidden_space.id)


@pytest.mark.parametrize("meanwhile", [_solved, _locked, _hidden, _answer_hidden, _left])
@pytest.mark.parametrize("when", ["before it is due", "before it is sent"])
async def test_nothing_is_sent_when_meanwhile_it_would_be_wrong(
    cast: Cast,
    mail: str,
    search_engine: SearchEngine,
    meanwhile: Callable[[Thread, Cast], Awaitable[None]],
    when: str,
) -> None:
    await make_account(cast.asker, mail=mail)
    thread = await answered(cast, days=4)
    if when == "before it is sent":
        await reminders.send_due_reminders()
        assert await sent() == 1
    await meanwhile(thread, cast)
    await reminders.send_due_reminders()
    await deliver(search_engine)
    assert await mails_to(mail) == []
    assert await Notification.filter(member_id=cast.asker.id, kind="solved_yet").count() == 0


async def test_nobody_is_reminded_of_what_is_long_ago(cast: Cast) -> None:
    await answered(cast, days=61)
    await reminders.send_due_reminders()
    assert await sent() == 0
    assert (await Reminder.get()).due_at is None


@pytest.mark.each_database
async def test_two_workers_at_once_send_one(fresh_database: str) -> None:
    cast = await make_cast()
    for _thread in range(3):
        await answered(cast, days=4)
    await asyncio.gather(*(reminders.send_due_reminders() for _worker in range(4)))
    assert await sent() == 3
    assert {row.sent_count for row in await Reminder.all()} == {1}


async def test_a_worker_that_comes_late_leaves_days_between_the_two(cast: Cast) -> None:
    thread = await answered(cast, days=12)
    for _time in range(2):
        await reminders.send_due_reminders()
    assert await sent() == 1
    await passed(thread, 6.9)
    await reminders.send_due_reminders()
    assert await sent() == 1
    await passed(thread, 0.2)
    await reminders.send_due_reminders()
    assert await sent() == 2


async def _token(thread: Thread) -> str:
    await reminders.send_due_reminders()
    return await reminders.find_token(thread.id)


@pytest.mark.each_database
async def test_one_click_solves_it_without_logging_in_and_tells_strangers_nothing(
    cast: Cast, visit: Visit
) -> None:
    thread = await answered(cast, days=4)
    guest = await visit()
    address = f"/reminder?token={await _token(thread)}&say=solved"
    post = await Post.get(thread_id=thread.id, kind="answer")
    for _look in range(3):
        page = await guest.get(address)
        assert page.status_code == 200
        for word in ("Qxz", cast.asker.nickname, cast.helper.nickname, str(thread.id), str(post.id)):
            assert word not in without_random(page.text)
        assert "no-store" in page.headers["cache-control"]
    assert (await Thread.get(id=thread.id)).status == "open"
    token = await _token(thread)
    done = await guest.post("/reminder", data={"token": token, "say": "solved", "answer": "only"})
    assert done.status_code == 303
    assert done.headers["location"].startswith("/satisfaction?token=")
    assert (await Thread.get(id=thread.id)).status == "solved"
    asked = await guest.get(done.headers["location"])
    assert "Qxz" not in without_random(asked.text) and str(thread.id) not in asked.text
    assert (await guest.get(address)).status_code == 410


async def test_of_several_answers_the_asker_chooses_and_nobody_else_sees_them(
    cast: Cast, visit: Visit
) -> None:
    thread = await answered(cast, days=4)
    second = await make_answer(thread, cast.colleague, body="Qxzsecond")
    await passed(thread, 4)
    token = await _token(thread)
    for member in (None, cast.outsider, cast.moderator):
        client = await visit(member) if member else await visit()
        page = (await client.get(f"/reminder?token={token}")).text
        assert "Qxz" not in without_random(page) and str(second.id) not in page
        refused = await client.post("/reminder", data={"token": token, "say": "solved", "answer": "only"})
        assert refused.status_code == 422
        assert "Qxz" not in without_random(refused.text)
    asker = await visit(cast.asker)
    page = (await asker.get(f"/reminder?token={token}")).text
    assert "Qxzsecond" in page and "Qxzanswer" in page
    await asker.post("/reminder", data={"token": token, "say": "solved", "answer": str(second.id)})
    assert (await Thread.get(id=thread.id)).status == "solved"


async def test_still_open_ends_the_reminders_until_somebody_answers_again(cast: Cast, visit: Visit) -> None:
    thread = await answered(cast, days=4)
    token = await _token(thread)
    page = await (await visit()).post("/reminder", data={"token": token, "say": "open"})
    assert page.status_code == 200
    assert "Qxz" not in without_random(page.text) and str(thread.id) not in page.text
    await passed(thread, 20)
    await reminders.send_due_reminders()
    assert await sent() == 1
    await make_answer(thread, cast.colleague)
    await reminders.plan(thread.id)
    await passed(thread, 10.1)
    await reminders.send_due_reminders()
    assert await sent() == 2


async def test_nonsense_opens_nothing(cast: Cast, visit: Visit) -> None:
    await answered(cast, days=4)
    client = await visit()
    for address in ("/reminder", "/satisfaction"):
        assert (await client.get(f"{address}?token=nonsense")).status_code == 410
        assert (await client.post(address, data={"token": "", "say": "open"})).status_code == 410
