"""A forgotten password: the link by mail, from asking for it to the new password."""

from __future__ import annotations

import asyncio
import secrets

import pytest
from starlette.types import ASGIApp

from community.accounts import links
from community.accounts.models import Account, MailLink, Session
from community.accounts.rules import MOST_MAILS_IN
from community.core import passwords
from community.core.clock import now
from community.core.models import OutboxFact
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in, token_in
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.chance import without_random
from tests.clients import BASE_URL, browser, log_in
from tests.factories import make_account, make_member
from tests.fixtures import Visit

OLD = "drei kurze boote fahren"
NEW = "vier lange stege warten"


@pytest.fixture
async def mail(cast: Cast) -> str:
    """The address of the asker, who has a password."""
    address = f"erika.{secrets.token_hex(6)}@acme.example"
    await make_account(
        cast.asker, mail=address, real_name="Erika Muster", password_hash=await passwords.hash_password(OLD)
    )
    return address


async def test_a_link_by_mail_leads_to_a_new_password(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    elsewhere, guest = await visit(cast.asker), await visit()
    sent = await guest.post("/forgotten-password", data={"mail": mail})
    assert (sent.status_code, sent.headers["location"]) == (303, "/forgotten-password/sent")
    await deliver(search_engine)
    [letter] = await mails_to(mail)
    assert letter.subject == "Choose a new password"
    assert letter.html
    assert path_in(letter) in letter.html
    shown = await guest.get(path_in(letter))
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "private, no-store"

    token = token_in(letter)
    weak = await guest.post("/new-password", data={"token": token, "password": "erika muster"})
    assert weak.status_code == 422
    assert "from your name" in weak.text
    done = await guest.post("/new-password", data={"token": token, "password": NEW})
    assert (done.status_code, done.headers["location"]) == (303, "/log-in")

    assert (await elsewhere.get("/settings/profile")).status_code == 303, "the old session is out"
    assert (await guest.post("/log-in", data={"mail": mail, "password": OLD})).status_code == 422
    assert (await guest.post("/log-in", data={"mail": mail, "password": NEW})).status_code == 303
    await deliver(search_engine)
    assert (await mails_to(mail))[0].subject == "Your password was changed"


async def test_asking_looks_the_same_for_known_and_unknown_addresses(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    unknown = f"nobody.{secrets.token_hex(6)}@acme.example"
    one, other = await visit(), await visit()
    asked = [
        seen(await guest.post("/forgotten-password", data={"mail": address}))
        for guest, address in ((one, mail), (other, unknown))
    ]
    assert asked[0] == asked[1]
    assert await MailLink.all().count() == 2, "the same rows are written"
    assert await OutboxFact.filter(name="account.reset_requested").count() == 2
    await deliver(search_engine)
    assert len(await mails_to(mail)) == 1
    assert not await mails_to(unknown)


async def test_a_link_can_be_used_once_and_voids_the_others(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    guest = await visit()
    for _time in range(2):
        await guest.post("/forgotten-password", data={"mail": mail})
    await deliver(search_engine)
    newer, older = await mails_to(mail)
    for _scanner in range(3):
        assert (await guest.get(path_in(newer))).status_code == 200
    form = {"token": token_in(newer), "password": NEW}
    assert (await guest.post("/new-password", data=form)).status_code == 303
    for letter in (newer, older):
        assert (await guest.get(path_in(letter))).status_code == 410
        again = {"token": token_in(letter), "password": "sechs rote hunde bellen"}
        assert (await guest.post("/new-password", data=again)).status_code == 410


async def test_a_link_is_void_after_an_hour_and_after_a_change_of_password(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    guest, member = await visit(), await visit(cast.asker)
    await guest.post("/forgotten-password", data={"mail": mail})
    await deliver(search_engine)
    first = (await mails_to(mail))[0]
    link = await MailLink.get()
    assert (link.expires_at - link.created_at).total_seconds() == 3600
    await MailLink.all().update(expires_at=now())
    assert (await guest.get(path_in(first))).status_code == 410

    await guest.post("/forgotten-password", data={"mail": mail})
    await deliver(search_engine)
    second = (await mails_to(mail))[0]
    changed = await member.post("/settings/password", data={"password": OLD, "new_password": NEW})
    assert changed.status_code == 303
    assert (await guest.get(path_in(second))).status_code == 410


@pytest.mark.parametrize("token", ["", "x", "ü" * 50, "0" * 43, "\ud800"])
async def test_a_made_up_link_opens_nothing(db: str, visit: Visit, token: str) -> None:
    guest = await visit()
    written = token.encode("utf-8", "surrogatepass")
    for path in ("/new-password", "/confirm"):
        assert (await guest.get(path, params={"token": written})).status_code == 410
    form = {"token": written, "password": NEW}
    assert (await guest.post("/new-password", data=form)).status_code == 410
    assert (await guest.post("/confirm", data=form)).status_code == 410


async def test_the_database_and_the_outbox_hold_nothing_that_opens(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    guest = await visit()
    await guest.post("/forgotten-password", data={"mail": mail})
    await deliver(search_engine)
    token = token_in((await mails_to(mail))[0])
    link = await MailLink.get()
    assert token not in (link.nonce, link.token_hash)
    for stored in (link.nonce, link.token_hash):
        assert (await guest.get(f"/new-password?token={stored}")).status_code == 410
    for fact in await OutboxFact.all():
        assert mail not in str(fact.payload)
        assert token not in str(fact.payload)


async def test_links_begin_with_the_configured_address_whatever_the_request_says(
    cast: Cast, app: ASGIApp, mail: str, search_engine: SearchEngine
) -> None:
    lies = (
        {"X-Forwarded-Host": "evil.example"},
        {"X-Forwarded-Proto": "https", "X-Forwarded-Port": "4444"},
        {"Forwarded": "host=evil.example"},
        {"X-Original-URL": "http://evil.example/"},
        {"Referer": "http://evil.example/"},
    )
    async with browser(app) as guest:
        for lie in lies:
            sent = await guest.post("/forgotten-password", data={"mail": mail}, headers=lie)
            assert sent.status_code == 303
        refused = await guest.post(
            "/forgotten-password", data={"mail": mail}, headers={"Host": "evil.example"}
        )
        assert refused.status_code == 400
    await deliver(search_engine)
    letters = await mails_to(mail)
    assert len(letters) == 5
    for letter in letters:
        assert f"{BASE_URL}/new-password?token=" in letter.text
        assert "evil" not in without_random(letter.text + (letter.html or ""))


async def test_a_mail_speaks_the_language_of_the_request(
    cast: Cast, app: ASGIApp, mail: str, search_engine: SearchEngine
) -> None:
    async with browser(app) as guest:
        german = {"Accept-Language": "de"}
        await guest.post("/forgotten-password", data={"mail": mail}, headers=german)
    assert (await MailLink.get()).language == "de"
    await deliver(search_engine)
    assert '<html lang="de">' in ((await mails_to(mail))[0].html or "")


async def test_a_flood_of_requests_sends_few_mails(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    guest = await visit()
    for _time in range(8):
        assert (await guest.post("/forgotten-password", data={"mail": mail})).status_code == 303
    await deliver(search_engine)
    assert len(await mails_to(mail)) == 5


async def test_a_new_address_holds_once_it_is_confirmed_by_its_owner(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    member, elsewhere, stranger = await visit(cast.asker), await visit(cast.asker), await visit(cast.helper)
    new = f"neu.{secrets.token_hex(6)}@acme.example"
    asked = await member.post("/settings/mail", data={"mail": new, "password": OLD})
    assert (asked.status_code, asked.headers["location"]) == (303, "/settings/mail?sent=1")
    await deliver(search_engine)
    [letter] = await mails_to(new)
    assert (await mails_to(mail))[0].subject == "Your mail address is to be changed"

    # The wrong receiver of a mistyped address must not get the account.
    guest, token = await visit(), {"token": token_in(letter)}
    led = await guest.get(path_in(letter))
    assert (led.status_code, led.headers["location"][:19]) == (303, "/log-in?next=/confi")
    assert (await guest.post("/confirm", data=token)).status_code == 303
    assert (await stranger.get(path_in(letter))).status_code == 410
    assert (await stranger.post("/confirm", data=token)).status_code == 410

    assert (await member.get(path_in(letter))).status_code == 200
    assert (await member.post("/confirm", data=token)).headers["location"] == "/settings/mail"
    assert new in (await member.get("/settings/mail")).text
    assert (await elsewhere.get("/settings/mail")).status_code == 303, "other sessions are ended"
    assert (await guest.post("/log-in", data={"mail": mail, "password": OLD})).status_code == 422
    assert (await guest.post("/log-in", data={"mail": new, "password": OLD})).status_code == 303


async def test_a_new_address_that_has_an_account_gets_the_same_answer_and_no_link(
    cast: Cast, visit: Visit, mail: str, search_engine: SearchEngine
) -> None:
    taken, free = (f"{name}.{secrets.token_hex(6)}@acme.example" for name in ("taken", "frei"))
    await make_account(cast.helper, mail=taken)
    member = await visit(cast.asker)
    answers = []
    for address in (taken, free):
        posted = await member.post("/settings/mail", data={"mail": address, "password": OLD})
        answers.append((seen(posted), seen(await member.get(posted.headers["location"]))))
    assert answers[0] == answers[1]
    await deliver(search_engine)
    assert (await mails_to(taken))[0].subject == "You already have an account"
    assert "token=" in (await mails_to(free))[0].text
    assert await Account.filter(member_id=cast.helper.id).exists()


@pytest.mark.each_database
async def test_of_two_uses_of_a_link_at_once_one_succeeds(
    fresh_database: str, app: ASGIApp, search_engine: SearchEngine
) -> None:
    address = f"erika.{secrets.token_hex(6)}@acme.example"
    member = await make_member("Asker")
    await make_account(member, mail=address, password_hash=await passwords.hash_password(OLD))
    async with browser(app) as guest, browser(app) as other:
        await log_in(other, member)
        await guest.post("/forgotten-password", data={"mail": address})
        await deliver(search_engine)
        token = token_in((await mails_to(address))[0])
        answers = await asyncio.gather(
            *(guest.post("/new-password", data={"token": token, "password": NEW}) for _time in range(3))
        )
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410]
    assert not await Session.all().exists()


async def test_ended_links_and_registrations_are_forgotten(cast: Cast, visit: Visit, mail: str) -> None:
    guest = await visit()
    await guest.post("/forgotten-password", data={"mail": mail})
    await links.forget_ended_links()
    assert await MailLink.all().count() == 1
    await MailLink.all().update(expires_at=now())
    await links.forget_ended_links()
    assert await MailLink.all().count() == 1, "mails to an address are still counted by it"
    await MailLink.all().update(expires_at=now() - MOST_MAILS_IN)
    await links.forget_ended_links()
    assert await MailLink.all().count() == 0
