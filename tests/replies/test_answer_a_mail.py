"""From the mail about an answer to the answer to that mail, with whatever a mail program does to it in between."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from email.message import EmailMessage

import pytest

from community.core.clock import now
from community.core.reply_addresses import read_address
from community.notifications.actions import notify
from community.notifications.mail_wishes import Wishes, wish
from community.replies.actions import Outcome, receive
from community.settings import settings
from community.threads import permissions
from community.threads.models import Draft, Post, Thread
from search import SearchEngine
from tests.cast import Cast
from tests.factories import make_answer, make_thread
from tests.notifications.mailed import html_of, mails_of, make_reachable, send_mails, text_of
from tests.replies.mails import make_mail

TITLES = Wishes(tells_titles=True)


async def mailed(
    cast: Cast, engine: SearchEngine, *, space: object = None
) -> tuple[Thread, str, EmailMessage]:
    """A thread of Asker's, their address, and the mail about an answer in it."""
    address = await make_reachable(cast.asker)
    await wish(cast.asker.id, TITLES)
    thread = await make_thread(space or cast.open_space, cast.asker)  # type: ignore[arg-type]
    await make_answer(thread, cast.helper, body="Take out the plug.")
    await send_mails(engine)
    [got] = mails_of(address)
    return thread, address, got


def below(own: str, got: EmailMessage) -> str:
    """As Outlook does it: no sign before the lines."""
    return f"{own}\n\n{text_of(got)}"


def quoted(own: str, got: EmailMessage) -> str:
    quotation = "\n".join(f"> {line}".rstrip() for line in text_of(got).splitlines())
    return f"Am 29.11.26 um 09:12 schrieb Kundenkreis:\n{quotation}\n\n{own}"


@pytest.mark.each_database
@pytest.mark.parametrize("program", [below, quoted])
async def test_a_mail_can_be_answered(
    cast: Cast, search_engine: SearchEngine, program: Callable[[str, EmailMessage], str]
) -> None:
    thread, address, got = await mailed(cast, search_engine)
    assert "##- Please write your answer above this line -##" in text_of(got)
    assert "##- Please write your answer above this line -##" in html_of(got)
    assert "under your nickname" in text_of(got)
    tag = read_address(got["Reply-To"])
    assert tag is not None
    assert (tag.thread_id, tag.member_id) == (thread.id, cast.asker.id)
    answer = make_mail(program("It was the cable.", got), to=got["Reply-To"], sender=address)
    assert await receive(tag, answer.as_bytes(), return_path=address) is Outcome.PUBLISHED
    newest = await Post.filter(thread_id=thread.id, author_id=cast.asker.id, kind="answer").get()
    assert newest.body == "It was the cable."


async def test_an_answer_in_html_alone_is_read_as_well(cast: Cast, search_engine: SearchEngine) -> None:
    thread, address, got = await mailed(cast, search_engine)
    answer = make_mail("", to=got["Reply-To"], sender=address, html=f"<p>It was the cable.</p>{html_of(got)}")
    tag = read_address(got["Reply-To"])
    assert tag is not None
    assert await receive(tag, answer.as_bytes()) is Outcome.PUBLISHED
    assert await Post.filter(thread_id=thread.id, body="It was the cable.").count() == 1


async def test_what_a_strange_program_leaves_of_our_mail_is_not_published(
    cast: Cast, search_engine: SearchEngine
) -> None:
    """Its links and its address for answers are for its receiver alone."""
    thread, address, got = await mailed(cast, search_engine)
    tag = read_address(got["Reply-To"])
    assert tag is not None
    stop_link = got["List-Unsubscribe"].strip("<>")
    for number, left in enumerate(
        (f"| {stop_link}", f"To: {got['Reply-To']}, wrote", f"a <{got['Reply-To']}>")
    ):
        answer = make_mail(f"It was the cable.\n{left}", sender=address, message_id=f"<{number}@x>")
        assert await receive(tag, answer.as_bytes()) is Outcome.REFUSED
    assert await Post.filter(thread_id=thread.id, author_id=cast.asker.id, kind="answer").count() == 0
    assert "It was the cable." in (await Draft.get(member_id=cast.asker.id)).body


async def test_a_mail_that_says_nothing_offers_no_answer(cast: Cast, search_engine: SearchEngine) -> None:
    _thread, _address, got = await mailed(cast, search_engine, space=cast.hidden_space)
    assert got["Reply-To"] is None
    assert "##-" not in text_of(got) + html_of(got)


async def test_where_no_answers_are_taken_none_is_offered(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    from community.core import reply_addresses

    monkeypatch.setattr(reply_addresses, "settings", replace(settings, mail_reply_address=""))
    _thread, _address, got = await mailed(cast, search_engine)
    assert got["Reply-To"] is None
    assert "answer this mail" not in text_of(got)


async def test_a_locked_thread_and_a_decision_offer_none(cast: Cast, search_engine: SearchEngine) -> None:
    thread, address, _got = await mailed(cast, search_engine)
    await notify(
        [cast.asker.id], "post_noted", cause="x", actor_id=None, thread_id=thread.id, note="Please be kind."
    )
    await send_mails(search_engine)
    await Thread.filter(id=thread.id).update(locked_at=now())
    await make_answer(thread, cast.moderator, body="It ends here.")
    await send_mails(search_engine)
    [_first, *others] = mails_of(address)
    assert others
    assert [other["Reply-To"] for other in others] == [None] * len(others)


async def test_staff_with_a_second_factor_are_offered_none(
    cast: Cast, search_engine: SearchEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permissions, "settings", replace(settings, staff_second_factor=True))
    address = await make_reachable(cast.moderator)
    await wish(cast.moderator.id, TITLES)
    thread = await make_thread(cast.open_space, cast.moderator)
    await make_answer(thread, cast.helper)
    await send_mails(search_engine)
    [got] = mails_of(address)
    assert got["Subject"] == thread.title
    assert got["Reply-To"] is None
