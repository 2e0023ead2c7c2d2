"""What members set for themselves, and that nobody else gets to see it."""

from __future__ import annotations

import asyncio
import re
from datetime import timedelta

import pytest
from starlette.types import ASGIApp

from community.accounts.models import Account, Session
from community.core import passwords
from community.core.clock import now
from community.core.db import fetch_one
from community.core.models import OutboxFact
from community.core.vault_keys import token_hash
from community.http.sessions import cookie_name
from community.members.models import Member
from tests.cast import Cast
from tests.chance import without_random
from tests.clients import browser, log_in
from tests.factories import make_account, make_company, make_member
from tests.fixtures import Visit

OLD = "drei kurze boote fahren"
NEW = "vier lange stege warten"
PAGES = ("profile", "privacy", "password", "mail", "sessions", "language")
SECRETS = ("qxzerika@qxzacme.example", "Qxzerika Muster", "Qxzacme AG", "Qxzstated Ltd")


async def account_of(member: Member) -> Account:
    mail, name, company, stated = SECRETS
    return await make_account(
        member,
        mail=mail,
        real_name=name,
        company=await make_company(company),
        stated_company=stated,
        password_hash=await passwords.hash_password(OLD),
    )


async def stamp() -> int:
    row = await fetch_one("SELECT value FROM site_stamp WHERE id = 1")
    assert row is not None
    return int(row["value"])


async def test_members_see_their_own_identity_and_nobody_else_does(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    own = await visit(cast.asker)
    shown = (await own.get("/settings/privacy")).text
    assert all(secret in shown for secret in SECRETS[:3])
    assert SECRETS[0] in (await own.get("/settings/mail")).text
    for page in ("profile", "password", "sessions", "language"):
        text = (await own.get(f"/settings/{page}")).text
        assert "qxz" not in without_random(text).casefold(), page

    for viewer in (cast.colleague, cast.moderator, cast.administrator, cast.marketing, None):
        client = await visit(viewer)
        paths = [f"/settings/{page}" for page in PAGES]
        paths += ["/log-in", "/register", "/forgotten-password", "/confirm?token=x", "/members/Asker", "/"]
        for path in paths:
            text = (await client.get(path)).text
            assert "qxz" not in without_random(text).casefold(), path


async def test_the_profile_shows_what_others_see(cast: Cast, visit: Visit) -> None:
    await account_of(cast.helper)
    await Member.filter(id=cast.helper.id).update(year_joined=2019, solution_count=14, kudos_count=1284)
    shown = (await (await visit(cast.helper)).get("/settings/profile")).text
    assert "This is all that others see of you." in shown
    for text in ("Helper", "since 2019 · 14 solutions", "1,284"):
        assert text in shown
    staff = (await (await visit(cast.moderator)).get("/settings/profile")).text
    assert "Jana K." in staff


# --- nickname -----------------------------------------------------------------------------------------


async def test_a_nickname_is_changed_once_in_90_days_and_the_old_one_is_nobodys(
    cast: Cast, visit: Visit
) -> None:
    account = await account_of(cast.asker)
    client, before = await visit(cast.asker), await stamp()
    changed = await client.post("/settings/profile", data={"nickname": "Neuer-Wind"})
    assert changed.status_code == 303
    assert (await Member.get(id=cast.asker.id)).nickname == "Neuer-Wind"
    assert await stamp() > before
    assert await OutboxFact.filter(name="member.changed", payload={"member_id": cast.asker.id}).exists()
    assert "You can change it again from" in (await client.get("/settings/profile")).text

    again = await client.post("/settings/profile", data={"nickname": "Noch-Ein-Wind"})
    assert again.status_code == 422
    assert "once in 90 days" in again.text
    taken = await (await visit()).post(
        "/register", data={"nickname": "ASKER", "mail": "a@b.example", "password": NEW}
    )
    assert "is taken" in taken.text
    await Account.filter(id=account.id).update(nickname_changed_at=now() - timedelta(days=91))
    assert (await client.post("/settings/profile", data={"nickname": "Asker"})).status_code == 422
    assert (await client.post("/settings/profile", data={"nickname": "neuer_wind"})).status_code == 303


@pytest.mark.parametrize(
    ("nickname", "sentence"),
    [
        ("Helper", "is taken"),
        ("h.e.l.p.e.r", "is taken"),
        ("Jana-K", "is reserved"),
        ("Weitnetz", "is reserved"),
        ("qxzerika", "must not show your own name"),
        ("Qxzacme-Mann", "must not show your own name"),
        ("qxz_stated", "must not show your own name"),
        ("ab", "3 to 24 characters"),
    ],
)
async def test_a_nickname_that_cannot_be_is_refused_with_its_reason(
    cast: Cast, visit: Visit, nickname: str, sentence: str
) -> None:
    await account_of(cast.asker)
    client = await visit(cast.asker)
    refused = await client.post("/settings/profile", data={"nickname": nickname})
    assert refused.status_code == 422
    assert sentence in refused.text
    assert f'value="{nickname}"' in refused.text
    assert (await Member.get(id=cast.asker.id)).nickname == "Asker"


@pytest.mark.each_database
async def test_of_two_members_who_take_one_nickname_at_once_one_gets_it(
    fresh_database: str, app: ASGIApp
) -> None:
    members = [await make_member(name) for name in ("Erste-Welle", "Zweite-Welle")]
    async with browser(app) as one, browser(app) as other:
        await log_in(one, members[0])
        await log_in(other, members[1])
        answers = await asyncio.gather(
            *(client.post("/settings/profile", data={"nickname": "Neuer-Wind"}) for client in (one, other))
        )
    assert sorted(answer.status_code for answer in answers) == [303, 422]
    assert await Member.filter(nickname="Neuer-Wind").count() == 1


# --- privacy, language --------------------------------------------------------------------------------


async def test_a_member_hides_ranks_and_shows_them_again(cast: Cast, visit: Visit) -> None:
    client, before = await visit(cast.helper), await stamp()
    assert (await client.post("/settings/privacy", data={"hides_ranks": "1"})).status_code == 303
    assert (await Member.get(id=cast.helper.id)).hides_ranks is True
    assert await stamp() > before
    assert re.search(r'name="hides_ranks" value="1" checked', (await client.get("/settings/privacy")).text)
    await client.post("/settings/privacy", data={})
    assert (await Member.get(id=cast.helper.id)).hides_ranks is False


async def test_the_language_is_kept_with_the_member(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    chosen = await client.post("/settings/language", data={"language": "de"})
    assert chosen.status_code == 303
    assert "language=de" in chosen.headers.get_list("set-cookie")[-1] + chosen.headers["set-cookie"]
    assert '<html lang="de"' in (await client.get("/settings/language")).text
    assert (await client.post("/settings/language", data={"language": "xx"})).status_code == 404


# --- password -----------------------------------------------------------------------------------------


async def test_a_change_of_password_ends_all_other_sessions(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    here, there = await visit(cast.asker), await visit(cast.asker)
    changed = await here.post("/settings/password", data={"password": OLD, "new_password": NEW})
    assert changed.status_code == 303
    assert (await here.get("/settings/profile")).status_code == 200
    assert (await there.get("/settings/profile")).status_code == 303
    guest = await visit()
    mail = SECRETS[0]
    assert (await guest.post("/log-in", data={"mail": mail, "password": OLD})).status_code == 422
    assert (await guest.post("/log-in", data={"mail": mail, "password": NEW})).status_code == 303


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"password": "wrong and long enough", "new_password": NEW}, "This is not your password."),
        ({"password": OLD, "new_password": "short"}, "at least 12 characters"),
        ({"password": OLD, "new_password": "qxzerika muster"}, "from your name"),
        ({}, "at least 12 characters"),
    ],
)
async def test_a_password_that_cannot_be_changes_nothing(
    cast: Cast, visit: Visit, typed: dict[str, str], sentence: str
) -> None:
    account = await account_of(cast.asker)
    client, other = await visit(cast.asker), await visit(cast.asker)
    refused = await client.post("/settings/password", data=typed)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert not any(value in refused.text for value in typed.values())
    assert (await Account.get(id=account.id)).password_hash == account.password_hash
    assert (await other.get("/settings/profile")).status_code == 200


# --- mail address -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"mail": "neu@acme.example", "password": "wrong"}, "This is not your password."),
        ({"mail": "neu", "password": OLD}, "mail address like"),
        ({"mail": "asker@acme.example", "password": OLD}, "Your nickname would show this address."),
    ],
)
async def test_a_new_address_that_cannot_be_is_refused(
    cast: Cast, visit: Visit, typed: dict[str, str], sentence: str
) -> None:
    await account_of(cast.asker)
    refused = await (await visit(cast.asker)).post("/settings/mail", data=typed)
    assert refused.status_code == 422
    assert sentence in refused.text
    assert f'value="{typed["mail"]}"' in refused.text
    assert not await OutboxFact.filter(name="account.new_mail_requested").exists()


# --- sessions -----------------------------------------------------------------------------------------


async def test_sessions_are_listed_and_ended_one_by_one_or_all(cast: Cast, visit: Visit) -> None:
    here, phone, tablet = await visit(cast.asker), await visit(cast.asker), await visit(cast.asker)
    stranger = await visit(cast.helper)
    shown = (await here.get("/settings/sessions")).text
    assert shown.count("Firefox, Linux") == 5, "three rows and two buttons"
    assert shown.count("This one") == 1
    ends = re.findall(r'action="(/settings/sessions/\d+/end)"', shown)
    assert len(ends) == 2

    assert (await stranger.post(ends[0])).status_code == 303
    assert await Session.filter(member_id=cast.asker.id).count() == 3, "those of others are not touched"
    assert (await here.post(ends[0])).status_code == 303
    assert await Session.filter(member_id=cast.asker.id).count() == 2
    assert (await here.post("/settings/sessions/end-others")).status_code == 303
    assert await Session.filter(member_id=cast.asker.id).count() == 1
    assert (await here.get("/settings/sessions")).status_code == 200
    assert (await stranger.get("/settings/sessions")).status_code == 200
    for other in (phone, tablet):
        assert (await other.get("/settings/sessions")).status_code == 303
        assert other.cookies[cookie_name()]


async def test_sessions_that_open_nothing_any_more_are_not_listed(cast: Cast, visit: Visit) -> None:
    here, unused, expired = await visit(cast.asker), await visit(cast.asker), await visit(cast.asker)
    ended = {unused: {"seen_at": now() - timedelta(days=4)}, expired: {"expires_at": now()}}
    for client, columns in ended.items():
        await Session.filter(token_hash=token_hash(client.cookies[cookie_name()])).update(**columns)
    shown = (await here.get("/settings/sessions")).text
    assert shown.count("Firefox, Linux") == 1


async def test_settings_are_for_members(db: str, visit: Visit) -> None:
    guest = await visit()
    for path in ("", *(f"/{page}" for page in PAGES)):
        led = await guest.get(f"/settings{path}")
        assert led.headers["location"] == f"/log-in?next=/settings{path}"
    for path in (
        "profile",
        "privacy",
        "password",
        "mail",
        "sessions/1/end",
        "sessions/end-others",
        "language",
    ):
        assert (await guest.post(f"/settings/{path}", data={})).headers["location"] == "/log-in?next=/"
