"""A suspension or a ban ends every way in at once, and only whoever has proved who they are learns of it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import httpx2
import pytest
import time_machine

from community.accounts import sign_ons
from community.accounts.exclusion import Banned
from community.accounts.links import Purpose, make_link
from community.accounts.models import Account, Ban, LogInStep, MailLink, Session
from community.accounts.sign_ons import Vouched
from community.core import passwords
from community.core.clock import now
from community.core.reply_addresses import ReplyTag
from community.http.sessions import cookie_name
from community.members.models import Member
from community.moderation import sanctioning
from community.notifications.mailing import make_due_mails
from community.personal_data.erasure import erase_member
from community.replies.actions import Outcome, Refusal, receive
from community.sanctions.rules import Kind
from community.threads import marks, satisfaction
from community.threads.models import Draft, Post
from search import SearchEngine
from tests.accounts.factors import code, set_up_app
from tests.accounts.letters import deliver, mails_to, token_in
from tests.accounts.sameness import seen
from tests.cast import Cast, make_cast
from tests.clients import log_in as put_session
from tests.crash.site import Site
from tests.factories import make_account, make_answer, make_thread, viewer_for
from tests.fixtures import Visit
from tests.live.listening import listen
from tests.oidc_providers import RealProvider, provider_process, real_provider
from tests.replies.mails import make_mail
from tests.sanctions.parts import WHY, impose
from tests.web.test_single_sign_on import NEW, become_member, travel

__all__ = ["provider_process", "real_provider"]

PASSWORD = "drei kurze boote fahren"


async def erika(member: Member) -> tuple[Account, dict[str, str]]:
    """An account with a password, and the form that logs in to it."""
    mail = f"erika{member.id}@acme.example"
    account = await make_account(member, mail=mail, password_hash=await passwords.hash_password(PASSWORD))
    return account, {"mail": mail, "password": PASSWORD}


async def log_in(client: httpx2.AsyncClient, form: dict[str, str]) -> httpx2.Response:
    return await client.post("/log-in", data=form)


@pytest.mark.each_database
@pytest.mark.parametrize("kind", [Kind.SUSPENSION, Kind.BAN])
async def test_open_browsers_are_logged_out_at_once_and_the_log_in_says_why(
    cast: Cast, visit: Visit, kind: Kind
) -> None:
    account, form = await erika(cast.asker)
    first, second, guest = await visit(), await visit(), await visit()
    for client in (first, second):
        assert (await log_in(client, form)).status_code == 303
        assert (await client.get("/settings/profile")).status_code == 200
    link = await make_link(account.id, Purpose.RESET, language="en")
    await impose(cast, cast.asker, kind)
    for client in (first, second):
        assert (await client.get("/settings/profile")).headers["location"].startswith("/log-in?")
        posted = await client.post("/ask", data={"title": "x"})
        assert posted.headers["location"].startswith("/log-in")
    assert not await Session.filter(account_id=account.id).exists()
    assert (await MailLink.get(id=link)).used_at is not None

    refused = await log_in(guest, form)
    assert refused.status_code == 403
    assert cookie_name() not in refused.headers.get("set-cookie", "")
    assert refused.headers["cache-control"] == "no-store"
    title = "Your account is suspended" if kind is Kind.SUSPENSION else "Your account is banned"
    assert title in refused.text
    assert WHY in refused.text
    assert "You can object" in refused.text
    assert "/decisions/by-link?token=" in refused.text
    assert cast.moderator.staff_name not in refused.text
    assert not await Session.filter(account_id=account.id).exists()


async def test_whoever_does_not_know_the_password_learns_nothing(cast: Cast, visit: Visit) -> None:
    _account, form = await erika(cast.asker)
    _other, other_form = await erika(cast.helper)
    await impose(cast, cast.asker, Kind.BAN)
    wrong = [
        form | {"password": "falsch geraten"},
        other_form | {"password": "falsch geraten"},
        {"mail": "nobody@acme.example", "password": "falsch geraten"},
    ]
    answers = []
    for typed in wrong:
        status, headers, body = seen(await log_in(await visit(), typed))
        # The address comes back as it was typed.
        shown = body.decode().replace(f'value="{typed["mail"]}"', 'value="…"')
        answers.append((status, [pair for pair in headers if pair[0] != "content-length"], shown))
    assert answers == [answers[0]] * 3
    assert answers[0][0] == 422
    resets = [
        seen(await (await visit()).post("/forgotten-password", data={"mail": typed["mail"]}))
        for typed in wrong
    ]
    assert resets == [resets[0]] * 3


async def test_the_second_factor_comes_before_the_answer(cast: Cast, visit: Visit) -> None:
    account, form = await erika(cast.asker)
    secret, _codes = await set_up_app(account)
    half, client = await visit(), await visit()
    assert (await log_in(half, form)).headers["location"].startswith("/log-in/code")
    await impose(cast, cast.asker, Kind.SUSPENSION)
    assert not await LogInStep.filter(account_id=account.id).exists(), "what was under way has ended"
    assert (await half.post("/log-in/code", data={"code": code(secret)})).status_code == 303

    answer = await log_in(client, form)
    assert (answer.status_code, WHY in answer.text) == (303, False)
    wrong = await client.post("/log-in/code", data={"code": "000000"})
    assert WHY not in wrong.text
    refused = await client.post("/log-in/code", data={"code": code(secret)})
    assert refused.status_code == 403
    assert WHY in refused.text
    assert not await Session.filter(account_id=account.id).exists()


async def test_a_session_that_came_to_be_at_the_same_moment_opens_nothing(cast: Cast, visit: Visit) -> None:
    await impose(cast, cast.asker, Kind.SUSPENSION)
    client = await visit(cast.asker)
    assert await Session.filter(member_id=cast.asker.id).exists()
    assert (await client.get("/settings/profile")).status_code == 303
    assert (await client.get("/spaces/hidden-lab")).status_code == 404


async def test_when_it_ends_or_is_lifted_the_same_password_opens_the_account_again(
    cast: Cast, visit: Visit
) -> None:
    _account, form = await erika(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.SUSPENSION, days=3)
    assert (await log_in(await visit(), form)).status_code == 403
    await sanctioning.lift(
        sanction_id, reason="After their objection.", by=await viewer_for(cast.administrator)
    )
    assert (await log_in(await visit(), form)).status_code == 303
    await impose(cast, cast.asker, Kind.SUSPENSION, days=3)
    assert (await log_in(await visit(), form)).status_code == 403
    with time_machine.travel(now() + timedelta(days=3, seconds=1), tick=True):
        assert (await log_in(await visit(), form)).status_code == 303


async def test_mails_and_answers_by_mail_end_as_well(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    _account, form = await erika(cast.asker)
    thread = await make_thread(cast.open_space, cast.asker)
    tag = ReplyTag(thread.id, cast.asker.id, now())
    text = make_mail("Take out the plug.", sender=form["mail"]).as_bytes()
    await impose(cast, cast.asker, Kind.SUSPENSION)
    assert await receive(tag, text) is Outcome.IGNORED
    assert await Post.filter(thread_id=thread.id).count() == 1
    await make_answer(thread, cast.helper)
    await deliver(search_engine)
    with time_machine.travel(now() + timedelta(hours=1), tick=True):
        await make_due_mails()
        await deliver(search_engine)
    assert [letter.subject for letter in await mails_to(form["mail"])] == ["A decision of our moderators"]


async def test_an_answer_by_mail_of_whoever_is_muted_is_kept_as_a_draft(
    cast: Cast, search_engine: SearchEngine
) -> None:
    _account, form = await erika(cast.asker)
    thread = await make_thread(cast.open_space, cast.helper)
    await impose(cast, cast.asker, Kind.MUTE)
    text = make_mail("Take out the plug.", sender=form["mail"]).as_bytes()
    assert await receive(ReplyTag(thread.id, cast.asker.id, now()), text) is Outcome.REFUSED
    assert await Post.filter(thread_id=thread.id).count() == 1
    assert (await Draft.get(member_id=cast.asker.id)).body == "Take out the plug."
    await deliver(search_engine)
    letters = {letter.subject for letter in await mails_to(form["mail"])}
    assert letters == {"A decision of our moderators", "Your answer is not published"}
    assert str(Refusal.MUTED) == "muted"


async def test_an_open_stream_of_news_ends_in_another_process(fresh_database: str, tmp_path: Path) -> None:
    cast = await make_cast()
    async with httpx2.AsyncClient() as client:
        await put_session(client, cast.asker)
        token = str(client.cookies[cookie_name()])
    site = Site(fresh_database, tmp_path)
    await site.start("web")
    try:
        async with listen(site.port, token) as (stream,):
            await stream.until("bell")
            await impose(cast, cast.asker, Kind.SUSPENSION)
            await stream.until_ended()
            assert stream.names()[-1] == "end"
    finally:
        await site.stop_all()


async def test_a_link_of_a_mail_stands_in_for_no_log_in_meanwhile(cast: Cast, visit: Visit) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    answer = await make_answer(thread, cast.helper)
    await marks.accept_solution(answer.id, by=cast.asker.id)
    token = await satisfaction.find_token(thread.id)
    guest = await visit()
    assert (await guest.get(f"/satisfaction?token={token}")).status_code == 200
    sanction_id = await impose(cast, cast.asker, Kind.SUSPENSION)
    form = {"token": token or "", "rating": "5"}
    assert (await guest.post("/satisfaction", data=form)).status_code == 410
    await sanctioning.lift(
        sanction_id, reason="After their objection.", by=await viewer_for(cast.administrator)
    )
    assert (await guest.post("/satisfaction", data=form)).status_code == 303


# --- coming back ------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_a_banned_address_does_not_come_back_even_after_the_account_is_erased(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    account, form = await erika(cast.asker)
    mail = form["mail"]
    viewer = await viewer_for(cast.asker)
    await impose(cast, cast.asker, Kind.BAN)
    await erase_member(viewer, with_texts=False, language="en")
    assert not await Account.filter(id=account.id).exists()
    row = await Ban.get()
    assert row.account_id is None
    assert mail not in row.hash

    guest, other = await visit(), await visit()
    wish = {"nickname": "Blauer-Otter", "mail": mail, "password": PASSWORD}
    free = {"nickname": "Roter-Otter", "mail": f"new{cast.asker.id}@acme.example", "password": PASSWORD}
    answers = [await guest.post("/register", data=wish), await other.post("/register", data=free)]
    assert [(each.status_code, each.headers["location"]) for each in answers] == [(303, "/register/sent")] * 2
    await deliver(search_engine)
    subjects = [letter.subject for letter in await mails_to(mail)]
    assert "You cannot register again" in subjects
    assert not any("confirm" in subject.lower() for subject in subjects)
    assert not await Member.exists(nickname="Blauer-Otter")


async def test_a_registration_that_was_under_way_ends_with_the_ban(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    """They registered once more, in time, and confirm after the first account was banned and erased."""
    mail = f"quick{cast.asker.id}@acme.example"
    guest = await visit()
    await guest.post("/register", data={"nickname": "Blauer-Otter", "mail": mail, "password": PASSWORD})
    await deliver(search_engine)
    [letter] = await mails_to(mail)
    await make_account(cast.asker, mail=mail)
    await impose(cast, cast.asker, Kind.BAN)
    await Account.filter(member_id=cast.asker.id).delete()
    refused = await guest.post("/confirm", data={"token": token_in(letter)})
    assert "banned for good" in refused.text
    assert not await Member.exists(nickname="Blauer-Otter")


async def test_lifting_the_ban_lets_the_address_come_back(cast: Cast) -> None:
    await erika(cast.asker)
    sanction_id = await impose(cast, cast.asker, Kind.BAN)
    assert await Ban.all().count() == 1
    await sanctioning.lift(
        sanction_id, reason="After their objection.", by=await viewer_for(cast.administrator)
    )
    assert await Ban.all().count() == 0


async def test_single_sign_on_leads_neither_in_nor_to_a_new_account(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    member = await become_member(client, real_provider)
    await impose(cast, member, Kind.BAN)
    assert (await client.get("/settings/profile")).status_code == 303
    refused = await travel(await visit(), real_provider)
    assert refused.status_code == 403
    assert WHY in refused.text
    await Account.filter(member_id=member.id).delete()
    again = await visit()
    await travel(again, real_provider)
    answer = await again.post("/log-in/new", data=NEW | {"nickname": "Roter-Otter"})
    assert answer.status_code == 422
    assert "banned for good" in answer.text
    assert not await Member.exists(nickname="Roter-Otter")


async def test_a_person_at_the_provider_who_was_banned_is_linked_to_no_other_account(cast: Cast) -> None:
    await erika(cast.asker)
    await erika(cast.helper)
    person = Vouched("https://log-in.example", "erika")
    await sign_ons.link(cast.asker.id, person)
    await impose(cast, cast.asker, Kind.BAN)
    assert await Ban.all().count() == 2
    await Account.filter(member_id=cast.asker.id).delete()
    with pytest.raises(Banned):
        await sign_ons.link(cast.helper.id, person)
