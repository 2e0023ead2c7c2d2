"""Logging in at a log-in provider: a real one, run by the tests, unless a test needs one that lies."""

from __future__ import annotations

import time
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import httpx2
import pytest

from community.accounts import sign_ons, single_sign_on, vault
from community.accounts.links import Purpose, token_of
from community.accounts.models import (
    Account,
    MailLink,
    Registration,
    Session,
    SignOn,
    SignOnArrival,
    SignOnSession,
)
from community.accounts.sign_ons import Vouched
from community.core import passwords
from community.core.db import fetch
from community.core.models import OutboxFact
from community.http import oidc, sign_on_cookies
from community.http.sessions import cookie_name
from community.members.models import Member
from tests.accounts.factors import code, require_of_staff, set_up_app
from tests.cast import Cast
from tests.chance import is_sealed_in, without_random, without_sealed
from tests.factories import make_account
from tests.fixtures import Visit
from tests.oidc_providers import (
    CHOICE,
    ERIKA,
    LyingProvider,
    RealProvider,
    lying_provider,
    provider_process,
    real_provider,
    use_provider,
)

__all__ = ["lying_provider", "provider_process", "real_provider"]

PASSWORD = "drei kurze boote fahren"
NEW = {"nickname": "Nebelotter", "next": "/ask"}


async def start(client: httpx2.AsyncClient, wanted: str = "/ask", purpose: str = "log-in") -> str:
    answer = await client.get("/log-in/provider", params={"next": wanted, "for": purpose})
    assert answer.status_code == 303
    return answer.headers["location"]


async def travel(
    client: httpx2.AsyncClient,
    provider: RealProvider,
    wanted: str = "/ask",
    purpose: str = "log-in",
    subject: str = str(ERIKA["sub"]),
) -> httpx2.Response:
    """There and back; the answer to the browser's return."""
    back = await provider.log_in(await start(client, wanted, purpose), subject)
    return await client.get(back, headers={"Sec-Fetch-Site": "cross-site"})


async def become_member(client: httpx2.AsyncClient, provider: RealProvider) -> Member:
    await travel(client, provider)
    answer = await client.post("/log-in/new", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask")
    return await Member.get(nickname="Nebelotter")


async def erika_with_password(cast: Cast) -> Account:
    return await make_account(
        cast.asker, mail="Erika@acme.example", password_hash=await passwords.hash_password(PASSWORD)
    )


# --- coming in --------------------------------------------------------------------------------------------


@pytest.mark.each_database
async def test_somebody_new_chooses_a_nickname_and_is_in(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    answer = await travel(client, real_provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/log-in/new?next=/ask")
    assert not await Session.filter().exists()
    page = await client.get(answer.headers["location"])
    assert page.headers["cache-control"] == "private, no-store"
    for told in ("Erika", "erika", "Mustermann", "Acme Werke"):
        assert told not in without_random(page.text), "nothing of the person is on the page"

    answer = await client.post("/log-in/new", data=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask")
    member = await Member.get(nickname="Nebelotter")
    account = await Account.get(member_id=member.id)
    assert vault.unseal(account.mail_encrypted, vault.ACCOUNT_MAIL, account.id) == "erika@acme.example"
    assert (
        vault.unseal(account.real_name_encrypted, vault.ACCOUNT_REAL_NAME, account.id) == "Erika Mustermann"
    )
    assert account.confirmed_at is not None
    assert account.password_hash == ""
    assert member.role == "customer"
    assert (await client.get("/settings/profile")).status_code == 200
    assert not await SignOnArrival.filter().exists()

    again = await visit()
    answer = await travel(again, real_provider)
    assert (answer.status_code, answer.headers["location"]) == (303, "/ask")
    assert (await again.get("/settings/profile")).status_code == 200
    assert await Account.filter(member_id=member.id).count() == 1
    assert await SignOnSession.all().count() == 2


async def test_what_the_vault_keeps_of_the_provider_is_sealed(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await travel(await visit(), real_provider)
    await become_member(await visit(), real_provider)
    session = await SignOnSession.get()
    token = vault.unseal(session.id_token_encrypted, vault.SIGN_ON_ID_TOKEN, session.id)
    assert token.startswith("eyJ")
    for table in ("vault_sign_ons", "vault_sign_on_sessions", "vault_sign_on_arrivals", "vault_accounts"):
        rows = str([dict(row) for row in await fetch(f"SELECT * FROM {table}")])
        assert is_sealed_in(rows)
        for secret in (*token.split("."), "qxzsubject", "erika", "Erika", "Acme", "K-4711", "eyJ"):
            assert secret not in without_sealed(rows)


@pytest.mark.parametrize("nickname", ["erika", "ErikaMustermann", "Mustermann_E", "AcmeWerke1", "x", "admin"])
async def test_a_nickname_tells_nothing_of_what_the_provider_said(
    cast: Cast, visit: Visit, real_provider: RealProvider, nickname: str
) -> None:
    client = await visit()
    await travel(client, real_provider)
    answer = await client.post("/log-in/new", data={"nickname": nickname})
    assert answer.status_code == 422
    assert f'value="{nickname}"' in answer.text
    assert not await SignOn.filter().exists()


async def test_a_taken_nickname_is_refused_and_ideas_are_not_taken_from_the_person(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    await travel(client, real_provider)
    assert (await client.post("/log-in/new", data={"nickname": "He1per"})).status_code == 422
    page = await client.get("/log-in/new", params={"nickname": "Waldotter-48"})
    assert 'value="Waldotter-48"' in page.text


async def test_the_nickname_form_needs_an_arrival_of_this_browser(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await travel(await visit(), real_provider)
    other = await visit()
    assert (await other.get("/log-in/new")).headers["location"] == "/log-in?next=/"
    assert (await other.post("/log-in/new", data=NEW)).headers["location"] == "/log-in?next=/ask"
    assert not await Member.filter(nickname="Nebelotter").exists()


# --- whose account it is ----------------------------------------------------------------------------------


async def test_an_account_with_the_same_address_is_never_joined_by_itself(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await erika_with_password(cast)
    client = await visit()
    answer = await travel(client, real_provider)
    page = await client.get(answer.headers["location"])
    assert "You have an account already" in page.text
    answer = await client.post("/log-in/new", data=NEW)
    assert answer.status_code == 422
    assert not await Session.filter().exists()
    assert not await SignOn.filter().exists()
    assert not await Member.filter(nickname="Nebelotter").exists()


async def test_its_owner_links_the_two_after_the_own_password(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await erika_with_password(cast)
    client = await visit()
    await travel(client, real_provider)
    answer = await client.post(
        "/log-in", data={"mail": "erika@acme.example", "password": PASSWORD, "next": "/settings/sign-on"}
    )
    assert answer.headers["location"] == "/settings/sign-on"
    assert (
        "You have logged in at Acme-Konto as erika@acme.example."
        in (await client.get("/settings/sign-on")).text
    )
    wrong = await client.post("/settings/sign-on/link", data={"password": "another long password"})
    assert wrong.status_code == 422
    assert not await SignOn.filter().exists()
    answer = await client.post("/settings/sign-on/link", data={"password": PASSWORD})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/sign-on")
    assert await OutboxFact.filter(name="account.sign_on_linked").exists()

    other = await visit()
    answer = await travel(other, real_provider)
    assert answer.headers["location"] == "/ask"
    assert (await Session.get(id=(await SignOnSession.get()).session_id)).member_id == cast.asker.id


async def test_an_address_that_is_not_verified_counts_for_nothing(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await erika_with_password(cast)
    for verified in (False, None, "yes", 1):
        await real_provider.set_person(**ERIKA | {"email_verified": verified})
        client = await visit()
        page = await client.get((await travel(client, real_provider)).headers["location"])
        assert "You have an account already" not in page.text
        assert 'name="mail"' in page.text
        assert "erika@acme.example" not in page.text


async def test_who_has_no_verified_address_confirms_one_by_mail(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await real_provider.set_person(**ERIKA | {"email_verified": False})
    client = await visit()
    await travel(client, real_provider)
    assert (await client.post("/log-in/new", data=NEW)).status_code == 422
    answer = await client.post("/log-in/new", data=NEW | {"mail": "erika@acme.example"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/register/sent")
    assert not await Account.filter().exists()
    registration = await Registration.get()
    token = token_of(Purpose.CONFIRM, registration.nonce)
    assert (await client.post("/confirm", data={"token": token})).status_code == 303
    assert (await travel(await visit(), real_provider)).headers["location"] == "/ask"
    assert (await Member.get(nickname="Nebelotter")).id == (await Session.get()).member_id
    assert not await SignOnArrival.filter().exists()


async def test_subjects_that_differ_by_case_are_two_people(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await become_member(await visit(), real_provider)
    await real_provider.set_person(sub="QXZSUBJECT-1", email="other@acme.example", email_verified=True)
    answer = await travel(await visit(), real_provider, subject="QXZSUBJECT-1")
    assert answer.headers["location"].startswith("/log-in/new")


async def test_another_issuer_with_the_same_subject_is_somebody_else(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    member = await become_member(await visit(), real_provider)
    assert await single_sign_on.is_own_sign_on(member.id, Vouched(real_provider.url, str(ERIKA["sub"])))
    assert await sign_ons.find_sign_on(Vouched("https://evil.example", str(ERIKA["sub"]))) is None


async def test_one_person_of_the_provider_opens_one_account(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await become_member(await visit(), real_provider)
    await make_account(cast.helper, password_hash=await passwords.hash_password(PASSWORD))
    client = await visit(cast.helper)
    answer = await travel(client, real_provider, "/settings/sign-on", "link")
    assert answer.headers["location"] == "/settings/sign-on"
    answer = await client.post("/settings/sign-on/link", data={"password": PASSWORD})
    assert answer.status_code == 422
    assert "leads to another account already" in answer.text
    assert await SignOn.all().count() == 1


async def test_who_was_erased_or_is_not_confirmed_does_not_come_back(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    member = await become_member(await visit(), real_provider)
    await Member.filter(id=member.id).update(erased_at="2026-01-01T00:00:00+00:00")
    before = await Session.all().count()
    answer = await travel(await visit(), real_provider)
    assert answer.headers["location"].startswith("/log-in/new")
    await Member.filter(id=member.id).update(erased_at=None)
    await Account.filter(member_id=member.id).update(confirmed_at=None)
    assert (await travel(await visit(), real_provider)).headers["location"].startswith("/log-in/new")
    assert await Session.all().count() == before


# --- and a second factor ----------------------------------------------------------------------------------


async def test_the_second_factor_is_asked_for_after_the_provider_too(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    member = await become_member(await visit(), real_provider)
    secret, _codes = await set_up_app(await Account.get(member_id=member.id))
    before = await Session.all().count()
    client = await visit()
    answer = await travel(client, real_provider, "/settings/sign-on")
    assert answer.headers["location"] == "/log-in/code?next=/settings/sign-on"
    assert await Session.all().count() == before
    assert (await client.get("/settings/profile")).status_code == 303
    answer = await client.post("/log-in/code", data={"code": code(secret), "next": "/settings/sign-on"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/settings/sign-on")
    assert "Acme-Konto" in (await client.get("/settings/sign-on")).text
    session = await Session.filter(second_factor="app").get()
    assert session.way == "single-sign-on"
    assert await SignOnSession.filter(session_id=session.id).exists(), "it can be ended at the provider"
    assert "id_token_hint=eyJ" in (await client.post("/log-out")).text


async def test_staff_who_must_have_a_second_factor_set_one_up_first(
    cast: Cast, visit: Visit, real_provider: RealProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    await make_account(cast.moderator, mail="jana@operator.example")
    await sign_ons.link(cast.moderator.id, Vouched(real_provider.url, str(ERIKA["sub"])))
    client = await visit()
    assert (await travel(client, real_provider)).headers["location"] == "/log-in/set-up?next=/ask"
    assert not await Session.filter().exists()


async def test_the_list_of_sessions_tells_how_each_began(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    await become_member(client, real_provider)
    assert "Single sign-on" in (await client.get("/settings/sessions")).text.split("<h2>")[1]


# --- the way there and back -------------------------------------------------------------------------------


async def test_a_return_is_good_for_one_log_in(cast: Cast, visit: Visit, real_provider: RealProvider) -> None:
    await become_member(await visit(), real_provider)
    before = await Session.all().count()
    client = await visit()
    back = await real_provider.log_in(await start(client))
    trip = client.cookies["sign-on"]
    assert (await client.get(back)).status_code == 303
    client.cookies.clear()
    # Whoever kept the cookie and the address gets nothing more, in no process.
    again = await client.get(back, headers={"Cookie": f"sign-on={trip}"})
    assert again.status_code == 400
    assert await Session.all().count() == before + 1


async def test_a_return_without_the_trip_of_this_browser_leads_nowhere(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    """Log-in forgery: somebody sends their own return to another person's browser."""
    attacker, victim = await visit(), await visit()
    back = await real_provider.log_in(await start(attacker))
    assert (await victim.get(back)).status_code == 400
    await start(victim)
    assert (await victim.get(back)).status_code == 400
    assert cookie_name() not in victim.cookies
    assert "arrival" not in victim.cookies
    assert not await SignOnArrival.filter().exists()
    # The victim's own way goes on all the same.
    assert "sign-on" in victim.cookies


async def test_a_changed_or_old_trip_is_none(
    cast: Cast, visit: Visit, real_provider: RealProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await visit()
    back = await real_provider.log_in(await start(client))
    trip = client.cookies["sign-on"]
    client.cookies.clear()
    for changed in (trip[:-8] + 8 * "A", "x" * 5000, "", "{}"):
        assert (await client.get(back, headers={"Cookie": f"sign-on={changed}"})).status_code == 400
    monkeypatch.setattr(sign_on_cookies, "TRIP_LASTS", -1)
    assert (await client.get(back, headers={"Cookie": f"sign-on={trip}"})).status_code == 400


async def test_doubled_parts_of_a_return_are_refused(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    back = await real_provider.log_in(await start(client))
    assert (await client.get(f"{back}&code=another")).status_code == 400


async def test_who_does_not_agree_there_is_told_so_here(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    url = await start(client)
    back = await real_provider.log_in(url, deny=True)
    state = parse_qs(urlsplit(url).query)["state"][0]
    back += f"&state={state}" if "state=" not in back else ""
    answer = await client.get(back)
    assert answer.status_code == 400
    assert "You have not agreed there" in answer.text


@pytest.mark.parametrize(
    "wanted", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:1"]
)
async def test_no_way_leads_to_another_site(
    cast: Cast, visit: Visit, real_provider: RealProvider, wanted: str
) -> None:
    client = await visit()
    assert (await travel(client, real_provider, wanted)).headers["location"] == "/log-in/new?next=/"
    answer = await client.post("/log-in/new", data=NEW | {"next": wanted})
    assert answer.headers["location"] == "/"
    assert (await client.get("/log-in/provider", params={"next": wanted})).headers["location"] == "/"


async def test_no_other_site_sends_people_through_a_log_in(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    answer = await client.get("/log-in/provider?next=/ask", headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.headers["location"] == "/log-in?next=/ask"
    assert "sign-on" not in client.cookies


async def test_a_provider_that_is_down_leaves_the_password(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await erika_with_password(cast)
    use_provider(monkeypatch, replace(CHOICE, issuer="http://127.0.0.1:9"))
    client = await visit()
    answer = await client.get("/log-in/provider?next=/ask")
    assert answer.status_code == 503
    assert "Acme-Konto does not answer at the moment" in answer.text
    assert 'href="/log-in?next=/ask"' in answer.text
    page = await client.get("/log-in?next=/ask")
    assert "Log in with Acme-Konto" in page.text
    answer = await client.post("/log-in", data={"mail": "erika@acme.example", "password": PASSWORD})
    assert answer.status_code == 303
    assert (await client.post("/log-out")).headers["location"] == "/"


async def test_without_a_provider_there_is_nothing_of_it(cast: Cast, visit: Visit) -> None:
    client = await visit(cast.asker)
    for path in ("/log-in/provider", oidc.ANSWER_PATH, "/settings/sign-on"):
        assert (await client.get(path)).status_code == 404
    assert (await client.post("/log-in/provider/log-out", data={"logout_token": "x"})).status_code == 404
    assert "sign-on" not in (await client.get("/settings/profile")).text
    assert "/log-in/provider" not in (await (await visit()).get("/log-in")).text


# --- accounts without a password --------------------------------------------------------------------------


async def test_no_password_opens_an_account_that_has_none(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    await become_member(await visit(), real_provider)
    client = await visit()
    for password in ("", " ", "x" * 20):
        answer = await client.post("/log-in", data={"mail": "erika@acme.example", "password": password})
        assert answer.status_code == 422


async def test_they_prove_at_the_provider_who_they_are(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    member = await become_member(client, real_provider)
    for path, form in (
        ("/settings/data/download", {}),
        ("/settings/data/erase", {"confirmed": "1"}),
        ("/settings/password", {"new_password": "vier lange boote segeln"}),
        ("/settings/mail", {"mail": "erika@home.example"}),
    ):
        for extra in ({}, {"password": ""}, {"password": "x" * 20}):
            answer = await client.post(path, data=form | extra)
            assert answer.status_code == 422, path
            assert "Please confirm first that it is you." in answer.text
    page = await client.get("/settings/data/erase")
    assert 'href="/log-in/provider?for=prove&amp;next=%2Fsettings%2Fdata%2Ferase"' in page.text

    answer = await travel(client, real_provider, "/settings/data/erase", "prove")
    assert answer.headers["location"] == "/settings/data/erase"
    assert "You have just confirmed that it is you." in (await client.get("/settings/data/erase")).text
    proof = client.cookies["proof"]
    # The proof is of this session: in another one of the same person it proves nothing.
    other = await visit()
    await travel(other, real_provider)
    other.cookies.set("proof", proof)
    assert (await other.post("/settings/data/erase", data={"confirmed": "1"})).status_code == 422

    await sign_ons.keep_arrival(Vouched(real_provider.url, str(ERIKA["sub"]), mail="erika@acme.example"))
    others = await sign_ons.keep_arrival(Vouched(real_provider.url, "somebody-else"))
    assert (await client.post("/settings/data/download")).headers["content-type"] == "application/zip"
    assert (await client.post("/settings/mail", data={"mail": "erika@home.example"})).status_code == 303
    answer = await client.post("/settings/data/erase", data={"confirmed": "1", "texts": "keep"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    for model in (SignOn, SignOnSession):
        assert not await model.filter().exists()
    assert not await Account.filter(member_id=member.id).exists()
    assert await SignOnArrival.all().count() == 1, "what the provider said and nobody used is gone, too"
    assert await sign_ons.find_arrival(others) is not None


async def test_somebody_else_at_the_provider_proves_nothing(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    await become_member(client, real_provider)
    await real_provider.set_person(sub="somebody-else", email="other@acme.example", email_verified=True)
    answer = await travel(client, real_provider, "/settings/data", "prove", subject="somebody-else")
    assert answer.status_code == 400
    assert "as somebody else" in answer.text
    assert "proof" not in client.cookies


async def test_they_choose_a_first_password_and_may_unlink_then(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    member = await become_member(client, real_provider)
    await travel(client, real_provider, "/settings/password", "prove")
    assert (await client.post("/settings/sign-on/unlink")).status_code == 409, "no way in would be left"
    answer = await client.post("/settings/password", data={"new_password": PASSWORD})
    assert answer.status_code == 303
    assert (await client.post("/settings/sign-on/unlink")).status_code == 422, "now the password is asked for"
    assert (await client.post("/settings/sign-on/unlink", data={"password": PASSWORD})).status_code == 303
    assert not await SignOn.filter().exists()
    assert (await Account.get(member_id=member.id)).password_hash
    answer = await travel(await visit(), real_provider)
    assert answer.headers["location"].startswith("/log-in/new")


async def test_unlinking_ends_the_other_sessions_that_began_at_the_provider(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    client = await visit()
    member = await become_member(client, real_provider)
    await travel(await visit(), real_provider)
    await visit(member)
    await Account.filter(member_id=member.id).update(password_hash=await passwords.hash_password(PASSWORD))
    assert await Session.all().count() == 3
    await client.post("/settings/sign-on/unlink", data={"password": PASSWORD})
    assert await Session.all().count() == 2


async def test_a_forgotten_password_gives_a_first_one(
    cast: Cast, visit: Visit, real_provider: RealProvider
) -> None:
    member = await become_member(await visit(), real_provider)
    client = await visit()
    await client.post("/forgotten-password", data={"mail": "erika@acme.example"})
    link = await MailLink.get(account_id=(await Account.get(member_id=member.id)).id)
    token = token_of(Purpose.RESET, link.nonce)
    await client.post("/new-password", data={"token": token, "password": PASSWORD})
    answer = await client.post("/log-in", data={"mail": "erika@acme.example", "password": PASSWORD})
    assert answer.status_code == 303


async def test_an_answer_takes_no_more_time_than_patience(
    cast: Cast, visit: Visit, lying_provider: LyingProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_provider(monkeypatch, lying_provider.choice(), patience=0.5)
    lying_provider.seconds = 10.0
    began = time.monotonic()
    assert (await (await visit()).get("/log-in/provider")).status_code == 503
    assert time.monotonic() - began < 8
