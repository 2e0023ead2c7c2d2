"""Registering and confirming, in the browser of a guest."""

from __future__ import annotations

import asyncio
import re
import secrets

import pytest
from starlette.types import ASGIApp

from community.accounts.links import forget_ended_links
from community.accounts.models import Account, Registration
from community.core.clock import now
from community.core.models import OutboxFact
from community.core.nicknames import nickname_key
from community.members.models import Member, RetiredNickname
from search import SearchEngine
from tests.accounts.letters import deliver, mails_to, path_in, token_in
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.clients import browser
from tests.factories import make_account, make_member
from tests.fixtures import Visit

PASSWORD = "drei kurze boote fahren"


def address() -> str:
    """A mail address that no other test uses: mails are files and stay."""
    return f"erika.{secrets.token_hex(6)}@acme.example"


def form(nickname: str = "Blauer-Otter", **others: str) -> dict[str, str]:
    return {"nickname": nickname, "mail": address(), "password": PASSWORD} | others


async def test_a_confirmed_registration_makes_a_member_who_can_log_in(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), address()
    sent = await guest.post("/register", data=form(mail=mail, real_name="Erika Muster", company="Acme AG"))
    assert (sent.status_code, sent.headers["location"]) == (303, "/register/sent")
    assert "/dev/mail" in (await guest.get("/register/sent")).text
    assert not await Member.exists(nickname="Blauer-Otter"), "not before the address is confirmed"

    await deliver(search_engine)
    [letter] = await mails_to(mail)
    shown = await guest.get(path_in(letter))
    assert shown.status_code == 200
    assert "Blauer-Otter" in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    done = await guest.post("/confirm", data={"token": token_in(letter)})
    assert (done.status_code, done.headers["location"]) == (303, "/log-in")

    member = await Member.get(nickname="Blauer-Otter")
    assert (member.year_joined, member.language) == (now().year, "en")
    assert await OutboxFact.filter(name="member.joined", payload={"member_id": member.id}).exists()
    logged_in = await guest.post("/log-in", data={"mail": mail.upper(), "password": PASSWORD})
    assert (logged_in.status_code, logged_in.headers["location"]) == (303, "/")
    home = await guest.get("/settings/privacy")
    assert "Erika Muster" in home.text
    assert "Acme AG" in home.text


async def test_an_unconfirmed_registration_cannot_log_in(db: str, visit: Visit) -> None:
    guest, mail = await visit(), address()
    await guest.post("/register", data=form(mail=mail))
    answer = await guest.post("/log-in", data={"mail": mail, "password": PASSWORD})
    assert answer.status_code == 422
    assert "session" not in answer.headers.get("set-cookie", "")


async def test_the_answer_is_the_same_for_an_address_that_has_an_account(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = address()
    await make_account(await make_member("Helper"), mail=mail)
    known, unknown = await visit(), await visit()
    answers = [
        seen(await guest.post("/register", data=form(nickname, mail=written)))
        for guest, nickname, written in ((known, "Erste-Welle", mail), (unknown, "Zweite-Welle", address()))
    ]
    assert answers[0] == answers[1]
    assert seen(await known.get("/register/sent")) == seen(await unknown.get("/register/sent"))

    # Neither does the nickname tell: both registrations hold theirs.
    for nickname in ("Erste-Welle", "Zweite-Welle"):
        again = await (await visit()).post("/register", data=form(nickname))
        assert "is taken" in again.text

    await deliver(search_engine)
    [letter] = await mails_to(mail)
    assert letter.subject == "You already have an account"
    assert "token=" not in letter.text
    assert await Member.all().count() == 1


async def test_a_link_is_looked_at_as_often_as_one_likes_and_used_once(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), address()
    await guest.post("/register", data=form(mail=mail))
    await deliver(search_engine)
    [letter] = await mails_to(mail)
    for _scanner in range(3):
        assert (await guest.get(path_in(letter))).status_code == 200
        assert (await guest.request("HEAD", path_in(letter))).status_code == 200
    assert not await Account.all().exists()
    token = {"token": token_in(letter)}
    assert (await guest.post("/confirm", data=token)).status_code == 303
    assert (await guest.post("/confirm", data=token)).status_code == 410
    assert (await guest.get(path_in(letter))).status_code == 410


async def test_a_link_that_is_too_old_opens_nothing(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), address()
    await guest.post("/register", data=form(mail=mail))
    await deliver(search_engine)
    [letter] = await mails_to(mail)
    await Registration.all().update(expires_at=now())
    assert (await guest.get(path_in(letter))).status_code == 410
    assert (await guest.post("/confirm", data={"token": token_in(letter)})).status_code == 410


async def test_the_same_browser_may_correct_its_registration_and_no_other(db: str, visit: Visit) -> None:
    guest, stranger = await visit(), await visit()
    assert (await guest.post("/register", data=form())).status_code == 303
    assert (await stranger.post("/register", data=form())).status_code == 422
    assert (await guest.post("/register", data=form())).status_code == 303
    assert await Registration.filter(expires_at__gt=now()).count() == 1


async def test_a_browser_that_registers_again_and_again_sends_no_flood_of_mails(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), address()
    for _again in range(8):
        assert (await guest.post("/register", data=form(mail=mail))).status_code == 303
        await deliver(search_engine)
        await forget_ended_links()
    letters = await mails_to(mail)
    assert len(letters) == 5
    outdated = await guest.get(path_in(letters[-1]))
    assert outdated.status_code == 410


async def test_two_registrations_for_one_address_wait_and_the_first_confirmed_wins(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    guest, mail = await visit(), address()
    await guest.post("/register", data=form("Erste-Welle", mail=mail))
    await guest.post("/register", data=form("Zweite-Welle", mail=mail))
    await deliver(search_engine)
    second, first = await mails_to(mail)
    assert (await guest.post("/confirm", data={"token": token_in(second)})).status_code == 303
    late = await guest.post("/confirm", data={"token": token_in(first)})
    assert late.status_code == 410
    assert "has an account already" in late.text


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("nickname", "", "3 to 24 characters"),
        ("nickname", "erika_99", "must not show your own name"),
        ("nickname", "jana.k", "is reserved"),
        ("nickname", "Support-Team", "is reserved"),
        ("nickname", "Weitnetz", "is reserved"),
        ("nickname", "HELPER", "is taken"),
        ("nickname", "he1per", "is taken"),
        ("nickname", "Alter-Name", "is taken"),
        ("mail", "", "Please write your mail address"),
        ("mail", "erika", "mail address like"),
        ("mail", "erika@localhost", "mail address like"),
        ("password", "short", "at least 12 characters"),
        ("password", "blauer-otter1", "Please do not make your password from your name"),
        ("real_name", "x" * 121, "at most 120 characters"),
    ],
)
async def test_what_cannot_be_is_said_beside_its_field_and_nothing_typed_is_lost(
    cast: Cast, visit: Visit, field: str, value: str, sentence: str
) -> None:
    await RetiredNickname.create(nickname_key=nickname_key("Alter-Name"), retired_at=now())
    guest = await visit()
    typed = form(mail="erika@acme.example", company="Acme AG") | {field: value}
    answer = await guest.post("/register", data=typed)
    assert answer.status_code == 422
    assert re.search(rf'id="f-{field}-error">.*?{sentence}', answer.text), answer.text
    for name, kept in typed.items():
        if name == "password":
            assert kept not in answer.text
        elif kept:
            assert f'value="{kept}"' in answer.text
    assert not await Registration.all().exists()


async def test_a_member_is_not_asked_to_register(cast: Cast, visit: Visit) -> None:
    member = await visit(cast.asker)
    assert (await member.get("/register")).status_code == 303


async def test_a_flood_of_registrations_sends_few_mails(
    db: str, visit: Visit, search_engine: SearchEngine
) -> None:
    mail = address()
    guest = await visit()
    for name in (
        "Alpha-Wolke",
        "Beta-Wolke",
        "Gamma-Wolke",
        "Delta-Wolke",
        "Zeta-Wolke",
        "Eta-Wolke",
        "Iota-Wolke",
    ):
        assert (await guest.post("/register", data=form(name, mail=mail))).status_code == 303
    await deliver(search_engine)
    assert len(await mails_to(mail)) == 5


@pytest.mark.each_database
async def test_of_two_registrations_at_once_with_one_nickname_one_wins(
    fresh_database: str, app: ASGIApp
) -> None:
    async with browser(app) as one, browser(app) as other:
        answers = await asyncio.gather(
            *(guest.post("/register", data=form("Gleicher-Name")) for guest in (one, other, one, other))
        )
    codes = sorted(answer.status_code for answer in answers)
    assert set(codes) == {303, 422}
    assert await Registration.all().count() == 1


@pytest.mark.each_database
async def test_of_two_confirmations_at_once_one_wins(
    fresh_database: str, app: ASGIApp, search_engine: SearchEngine
) -> None:
    mail = address()
    async with browser(app) as guest:
        await guest.post("/register", data=form("Erste-Welle", mail=mail))
        await guest.post("/register", data=form("Zweite-Welle", mail=mail))
        await deliver(search_engine)
        tokens = [token_in(letter) for letter in await mails_to(mail)]
        answers = await asyncio.gather(
            *(guest.post("/confirm", data={"token": token}) for token in tokens * 2)
        )
    assert sorted(answer.status_code for answer in answers) == [303, 410, 410, 410]
    assert await Account.all().count() == await Member.all().count() == 1
