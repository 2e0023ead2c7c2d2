"""What turns to a member alone comes by mail, bundled, once: only what they have not read and may read then."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from community.core import outbox
from community.core.clock import now
from community.core.db import execute
from community.core.models import OutboxFact
from community.groups.models import Membership
from community.kudos.actions import give_kudos
from community.members.models import Member
from community.notifications import mailing
from community.notifications.actions import BUNDLED_FOR, choose_channels, mark_read, notify, stop_mails
from community.notifications.mail_wishes import Wishes, wish
from community.notifications.models import Notification, NotificationMail
from community.notifications.rules import Channel, Topic
from community.settings import settings
from community.threads import marks
from community.threads.models import Mute, Post
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.cast import Cast, make_cast
from tests.chance import without_random
from tests.factories import make_answer, make_comment, make_thread
from tests.fixtures import Visit
from tests.notifications.mailed import (
    everything_in,
    html_of,
    mails_of,
    make_reachable,
    minutes_pass,
    send_mails,
    text_of,
)

TITLES = Wishes(tells_titles=True)


async def answered(cast: Cast, *, space: object = None, title: str = "Qxz router restarts") -> Post:
    thread = await make_thread(space or cast.open_space, cast.asker, title=title)  # type: ignore[arg-type]
    return await make_answer(thread, cast.helper, body="Qxzanswer: take out the **plug**.")


@pytest.mark.each_database
async def test_an_answer_to_ones_own_question_comes_by_mail_once(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await answered(cast)
    for _time in range(3):
        await send_mails(search_engine)
    [got] = mails_of(mail)
    assert got["Subject"] == "There is an answer in a thread you started"
    line = await Notification.get(member_id=cast.asker.id)
    assert f"http://127.0.0.1:8000/notifications/{line.id}\n" in text_of(got)


async def test_the_mail_names_nobody_and_nothing_unless_that_is_wished(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    post = await answered(cast)
    await send_mails(search_engine)
    await wish(cast.asker.id, TITLES)
    second = await make_answer(await post.thread, cast.helper, body="Qxzsecond")
    await send_mails(search_engine)
    discreet, told = mails_of(mail)
    for word in ("Qxz", "router", "Helper", "Asker", cast.open_space.name, str(post.thread_id), str(post.id)):  # type: ignore[attr-defined]
        assert word not in everything_in(discreet), word
    assert told["Subject"] == "Qxz router restarts"
    assert "Helper has answered" in text_of(told)
    assert "> Qxzsecond" in text_of(told)
    assert "Asker" not in everything_in(told)
    assert str(second.id) not in everything_in(told)


@pytest.mark.each_database
async def test_nothing_of_an_exclusive_space_stands_in_a_mail_whatever_is_wished(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, TITLES)
    await answered(cast, space=cast.hidden_space)
    await send_mails(search_engine)
    [got] = mails_of(mail)
    for word in ("Qxz", "router", "Helper", cast.hidden_space.name, cast.closed_group.name, "plug"):
        assert word not in everything_in(got), word


async def _read(cast: Cast, _post: Post) -> None:
    await mark_read(cast.asker.id)


async def _answer_back(cast: Cast, post: Post) -> None:
    await make_comment(post, cast.asker)


async def _hide(_cast: Cast, post: Post) -> None:
    await Post.filter(id=post.id).update(hidden_at=now())


async def _lose_rights(cast: Cast, _post: Post) -> None:
    await Membership.filter(member_id=cast.asker.id).delete()


async def _mute(cast: Cast, post: Post) -> None:
    await Mute.create(thread_id=post.thread_id, member_id=cast.asker.id, created_at=now())  # type: ignore[attr-defined]


async def _choose_the_site(cast: Cast, _post: Post) -> None:
    await choose_channels(cast.asker.id, {Topic.ANSWERS: Channel.SITE})


async def _stop_mails(cast: Cast, _post: Post) -> None:
    await wish(cast.asker.id, Wishes(is_stopped=True))


MEANWHILE = [_read, _answer_back, _hide, _lose_rights, _mute, _choose_the_site, _stop_mails]


@pytest.mark.parametrize("happen", MEANWHILE, ids=lambda one: one.__name__)
@pytest.mark.parametrize("is_made", [False, True], ids=["before it is made", "before it is sent"])
async def test_what_happens_meanwhile_counts_until_the_mail_is_sent(
    cast: Cast,
    search_engine: SearchEngine,
    happen: Callable[[Cast, Post], Awaitable[None]],
    is_made: bool,
) -> None:
    mail = await make_reachable(cast.asker)
    post = await answered(cast, space=cast.hidden_space)
    await deliver(search_engine)
    await minutes_pass()
    if is_made:
        await mailing.make_due_mails()
        assert await OutboxFact.filter(name="account.news_to_mail", done_at=None).count() == 1
    await happen(cast, post)
    await send_mails(search_engine)
    assert mails_of(mail) == []
    assert not await OutboxFact.filter(name="account.news_to_mail", done_at=None).exists()


async def test_a_solution_that_was_withdrawn_is_not_mailed(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.helper)
    post = await answered(cast)
    await marks.accept_solution(post.id, by=cast.asker.id)
    await deliver(search_engine)
    await marks.withdraw_solution(post.thread_id, by=cast.asker.id)  # type: ignore[attr-defined]
    await send_mails(search_engine)
    assert mails_of(mail) == []
    await marks.accept_solution(post.id, by=cast.asker.id)
    await send_mails(search_engine)
    assert [got["Subject"] for got in mails_of(mail)] == ["An answer of yours has become the solution"]


async def test_what_comes_within_minutes_is_one_mail(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.asker)
    thread = await make_thread(cast.open_space, cast.asker)
    for number in range(3):
        await make_answer(thread, cast.helper, body=f"Number {number}")
    other = await make_thread(cast.open_space, cast.helper)
    await make_answer(other, cast.helper, body="What does @Asker say?")
    await send_mails(search_engine)
    [got] = mails_of(mail)
    assert got["Subject"] == "There is news for you in the community"
    assert "There are 3 answers in threads you started" in text_of(got)
    assert "Somebody has mentioned you" in text_of(got)
    assert "References" not in got


async def test_a_post_that_answers_and_mentions_is_quoted_once(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, TITLES)
    thread = await make_thread(cast.open_space, cast.asker)
    await make_answer(thread, cast.helper, body="Qxzfirst")
    await make_answer(thread, cast.colleague, body="@Asker, Qxzboth")
    await send_mails(search_engine)
    [got] = mails_of(mail)
    text = text_of(got)
    assert text.count(" has ") == 2
    assert text.count("Qxzboth") == text.count("Qxzfirst") == 1
    assert text.index("Qxzfirst") < text.index("Qxzboth")


async def test_several_things_about_one_post_are_all_told(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.helper)
    await wish(cast.helper.id, TITLES)
    await choose_channels(cast.helper.id, {Topic.KUDOS: Channel.MAIL})
    post = await answered(cast)
    await marks.accept_solution(post.id, by=cast.asker.id)
    await give_kudos(post.id, by=cast.colleague.id)
    await send_mails(search_engine)
    [got] = mails_of(mail)
    assert "Asker has marked your answer as the solution" in text_of(got)
    assert "Colleague thanks you with kudos" in text_of(got)


async def test_what_does_not_fit_is_counted(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.asker)
    await wish(cast.asker.id, TITLES)
    thread = await make_thread(cast.open_space, cast.asker)
    for number in range(22):
        await make_answer(thread, cast.helper, body=f"Number {number}.")
    await send_mails(search_engine)
    [got] = mails_of(mail)
    assert "Number 1." not in text_of(got)
    assert "Number 21." in text_of(got)
    assert "There are 2 answers in threads you started" in text_of(got)


async def test_it_waits_some_minutes_and_for_kudos_there_is_no_mail_by_default(
    cast: Cast, search_engine: SearchEngine
) -> None:
    post = await answered(cast)
    await give_kudos(post.id, by=cast.asker.id)
    await deliver(search_engine)
    told = await Notification.get(member_id=cast.asker.id, kind="answered")
    assert told.mail_due_at is not None
    assert told.mail_due_at - told.created_at == BUNDLED_FOR
    assert (await Notification.get(member_id=cast.helper.id, kind="thanked")).mail_due_at is None
    await mailing.make_due_mails()
    assert await NotificationMail.all().count() == 0


async def test_mails_about_one_thread_hang_together_and_tell_others_nothing(
    cast: Cast, search_engine: SearchEngine
) -> None:
    asker, follower = await make_reachable(cast.asker), await make_reachable(cast.colleague)
    post = await answered(cast)
    await marks.follow_thread(post.thread_id, by=cast.colleague.id)  # type: ignore[attr-defined]
    await choose_channels(cast.colleague.id, {Topic.FOLLOWED: Channel.MAIL})
    await send_mails(search_engine)
    await make_answer(await post.thread, cast.helper)
    await send_mails(search_engine)
    await answered(cast)
    await send_mails(search_engine)
    first, second, other = mails_of(asker)
    assert first["References"] == second["References"] == first["In-Reply-To"]
    assert first["Message-ID"] != second["Message-ID"]
    assert other["References"] != first["References"]
    assert str(post.thread_id) not in first["References"]  # type: ignore[attr-defined]
    # Whoever runs the mail server of both does not see that they read the same.
    followed = {got["References"] for got in mails_of(follower)}
    assert len(followed) == 1
    assert not followed & {first["References"], other["References"]}


async def test_every_mail_says_how_to_get_no_more_of_it_and_one_click_does_it(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await answered(cast)
    await send_mails(search_engine)
    [got] = mails_of(mail)
    assert got["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(got["List-Unsubscribe"]).strip("<>")
    assert link in text_of(got)
    path = link.removeprefix(settings.base_url)
    program = await visit()
    looked = await program.get(path)
    assert "Answers in threads you started" in looked.text
    assert "Asker" not in without_random(looked.text)
    assert not await NotificationMail.filter(outcome="").exists()
    answer = await program.post(path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    post = await answered(cast)
    await make_answer(await make_thread(cast.open_space, cast.helper), cast.helper, body="Well, @Asker?")
    await send_mails(search_engine)
    assert [one["Subject"] for one in mails_of(mail)] == [got["Subject"], "Somebody has mentioned you"]
    assert await Notification.filter(member_id=cast.asker.id, post_id=post.id).exists()


async def test_a_link_can_end_all_of_them_and_strangers_links_nothing(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    await answered(cast)
    await send_mails(search_engine)
    [got] = mails_of(mail)
    token = re.findall(r"token=([\w-]+)&about=", text_of(got))[0]
    program = await visit()
    for wrong in ("", "nothing", token[:-1], f"{token}x"):
        answer = await program.post("/mails/stop", data={"token": wrong, "about": "all"})
        assert answer.status_code in (404, 410), answer.status_code
    assert (await program.post("/mails/stop", data={"token": token, "about": "all"})).status_code == 200
    await notify([cast.asker.id], "post_noted", cause="x")
    await answered(cast)
    await send_mails(search_engine)
    assert len(mails_of(mail)) == 1
    assert await Notification.filter(member_id=cast.asker.id).count() == 3


@pytest.mark.each_database
async def test_two_workers_at_once_send_each_mail_once(
    fresh_database: str, search_engine: SearchEngine
) -> None:
    cast = await make_cast()
    people = [cast.asker, cast.colleague, cast.moderator, cast.outsider]
    addresses = [await make_reachable(member) for member in people]
    await asyncio.gather(
        *(notify([member.id], "mentioned", cause=f"x{number}") for member in people for number in range(3))
    )
    await minutes_pass()
    await asyncio.gather(*(mailing.make_due_mails() for _worker in range(3)))
    assert await NotificationMail.all().count() == len(people)
    mail_ids = [row.id for row in await NotificationMail.all()]
    both = [mailing.send_mail(mail_id) for mail_id in mail_ids * 2]
    await asyncio.gather(*both, return_exceptions=True)
    await deliver(search_engine)
    assert [len(mails_of(address)) for address in addresses] == [1] * len(people)
    assert not await NotificationMail.filter(outcome="").exists()


async def test_a_worker_that_dies_over_a_mail_keeps_it_back_for_minutes_only(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail = await make_reachable(cast.asker)
    await notify([cast.asker.id], "mentioned", cause="x")
    await minutes_pass()
    await mailing.make_due_mails()
    row = await NotificationMail.get(member_id=cast.asker.id)
    await mailing._begin(row.id)
    with pytest.raises(outbox.NotYet) as held:
        await mailing.send_mail(row.id)
    assert held.value.until - now() <= mailing.TRIED_FOR
    await execute(
        "UPDATE notification_mails SET trying_until = :past", {"past": now() - timedelta(seconds=1)}
    )
    await mailing.send_mail(row.id)
    assert len(mails_of(mail)) == 1


async def test_while_a_mail_is_owed_the_rest_waits_and_becomes_one(
    cast: Cast, search_engine: SearchEngine
) -> None:
    mail = await make_reachable(cast.asker)
    for number in range(3):
        await notify([cast.asker.id], "mentioned", cause=f"x{number}")
        await minutes_pass()
        await mailing.make_due_mails()
    assert await NotificationMail.all().count() == 1
    await send_mails(search_engine)
    await send_mails(search_engine)
    subjects = [got["Subject"] for got in mails_of(mail)]
    assert subjects == ["Somebody has mentioned you", "You have been mentioned 2 times"]


async def test_after_some_mails_there_is_one_an_hour_at_most(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.asker)
    for number in range(6):
        await notify([cast.asker.id], "mentioned", cause=f"x{number}")
        await send_mails(search_engine)
    assert len(mails_of(mail)) == mailing.LIVELY
    await execute(
        "UPDATE notification_mails SET created_at = :ago", {"ago": now() - timedelta(hours=1, minutes=1)}
    )
    await send_mails(search_engine)
    assert mails_of(mail)[-1]["Subject"] == "You have been mentioned 3 times"


async def test_the_link_leads_its_receiver_to_the_post_and_others_nowhere(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    post = await answered(cast)
    await deliver(search_engine)
    line = await Notification.get(member_id=cast.asker.id)
    url = f"/notifications/{line.id}"
    assert (await (await visit(cast.asker)).get(url)).headers["location"] == f"/posts/{post.id}"
    assert (await (await visit(cast.helper)).get(url)).status_code == 404
    guest = await (await visit()).get(url)
    assert guest.status_code == 303
    assert "log-in" in guest.headers["location"]
    assert str(post.id) not in guest.headers["location"]


async def test_stopping_a_topic_that_was_in_the_site_changes_nothing(cast: Cast) -> None:
    await choose_channels(cast.asker.id, {Topic.ANSWERS: Channel.NONE})
    assert await stop_mails(cast.asker.id, [Topic.ANSWERS, Topic.KUDOS]) == 0
    await notify([cast.asker.id], "answered", cause="x")
    assert await Notification.filter(member_id=cast.asker.id).count() == 0


async def test_members_without_an_account_are_told_in_the_site_alone(
    cast: Cast, search_engine: SearchEngine
) -> None:
    await notify([cast.asker.id], "mentioned", cause="x")
    await send_mails(search_engine)
    assert await NotificationMail.filter(outcome="none").count() == 1


async def test_the_html_part_keeps_to_what_mail_programs_can(cast: Cast, search_engine: SearchEngine) -> None:
    mail = await make_reachable(cast.asker)
    await Member.filter(id=cast.asker.id).update(language="de")
    await wish(cast.asker.id, TITLES)
    await answered(cast, title='Does "<b>&" work?')
    await send_mails(search_engine)
    [got] = mails_of(mail)
    html = html_of(got)
    assert '<html lang="de">' in html
    assert "&lt;b&gt;" in html
    # Nothing is fetched or run, nothing needs a style sheet, and no program cuts it off (Gmail does at 102 KB).
    for banned in (
        "<img",
        "<script",
        "<style",
        "<link",
        "<form",
        "var(",
        "flex",
        "position:",
        "url(",
        "class=",
    ):
        assert banned not in html, banned
    assert len(html.encode()) < 100_000
    assert set(re.findall(r"https?://[^/\"<]+", html)) == {settings.base_url}
    for colour in re.findall(r"color:([^;]+);", html):
        assert re.fullmatch(r"#[0-9a-f]{6}", colour), colour
    assert text_of(got).startswith("Guten Tag,") or "Hallo" in text_of(got)
