"""Logging in and out."""

from __future__ import annotations

import httpx2
import pytest
from starlette.types import ASGIApp

from community.accounts import demo_log_ins
from community.accounts.demo_log_ins import DemoLogIn, remember_demo_log_ins
from community.accounts.models import Account, Session
from community.core import passwords
from community.core.vault_keys import token_hash
from community.http import tries
from community.http.sessions import STAFF_LONGEST, cookie_name
from community.members.models import Member
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.clients import browser
from tests.factories import make_account
from tests.fixtures import Visit

PASSWORD = "drei kurze boote fahren"
MAIL = "erika@acme.example"


async def account_of(member: Member, mail: str = MAIL) -> Account:
    return await make_account(member, mail=mail, password_hash=await passwords.hash_password(PASSWORD))


def form(mail: str = MAIL, password: str = PASSWORD, **others: str) -> dict[str, str]:
    return {"mail": mail, "password": password} | others


async def test_a_log_in_starts_a_session_and_a_log_out_ends_it(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    client = await visit()
    agent = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
    answer = await client.post("/log-in", data=form(" Erika@ACME.example "), headers={"User-Agent": agent})
    assert (answer.status_code, answer.headers["location"]) == (303, "/")
    cookie = answer.headers["set-cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    session = await Session.get(member_id=cast.asker.id)
    assert session.device == "Firefox, Windows"
    assert session.token_hash == token_hash(client.cookies[cookie_name()])
    assert (await client.get("/settings/profile")).status_code == 200

    assert (await client.post("/log-out")).status_code == 303
    assert not await Session.filter(member_id=cast.asker.id).exists()
    assert (await client.get("/settings/profile")).status_code == 303


async def test_wrong_password_unknown_and_unconfirmed_address_look_the_same(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    unconfirmed = await account_of(cast.helper, "nora@acme.example")
    await Account.filter(id=unconfirmed.id).update(confirmed_at=None)
    former = await account_of(cast.colleague, "fred.a@acme.example")
    await Member.filter(id=former.member_id).update(erased_at="2026-01-01T00:00:00+00:00")
    tries = [
        form(password="wrong and long enough"),
        form("nobody@acme.example"),
        form("nora@acme.example"),
        form("fred.a@acme.example"),
        form("no address"),
        form(password="x" * 5000),
    ]
    answers = []
    for attempt in tries:
        status, headers, body = seen(await (await visit()).post("/log-in", data=attempt))
        # The address comes back as it was typed.
        shown = body.decode().replace(f'value="{attempt["mail"]}"', 'value="…"')
        answers.append((status, [pair for pair in headers if pair[0] != "content-length"], shown))
    assert all(answer == answers[0] for answer in answers)
    assert answers[0][0] == 422
    assert "x" * 50 not in answers[-1][2]
    assert not await Session.all().exists()


async def test_a_planted_session_is_neither_taken_over_nor_left_alive(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    client = await visit(cast.helper)
    planted = client.cookies[cookie_name()]
    client.cookies.clear()
    await client.post("/log-in", data=form(), headers={"Cookie": f"{cookie_name()}={planted}"})
    mine = client.cookies[cookie_name()]
    assert mine != planted
    assert [row.member_id for row in await Session.all()] == [cast.asker.id]


async def test_staff_sessions_are_shorter(cast: Cast, visit: Visit) -> None:
    await account_of(cast.moderator)
    answer = await (await visit()).post("/log-in", data=form())
    assert f"Max-Age={int(STAFF_LONGEST.total_seconds())}" in answer.headers["set-cookie"]


@pytest.mark.parametrize(
    ("wanted", "reached"),
    [
        ("/ask", "/ask"),
        ("/search?q=a&page=2", "/search?q=a&page=2"),
        ("https://evil.example/", "/"),
        ("//evil.example/", "/"),
        ("/\\evil.example/", "/"),
        ("/%09/evil.example", "/%09/evil.example"),
        ("/\t/evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("", "/"),
    ],
)
async def test_a_log_in_leads_to_a_page_of_this_site(
    cast: Cast, visit: Visit, wanted: str, reached: str
) -> None:
    await account_of(cast.asker)
    answer = await (await visit()).post("/log-in", data=form(next=wanted))
    assert (answer.status_code, answer.headers["location"]) == (303, reached)
    member = await visit(cast.helper)
    shown = await member.get("/log-in", params={"next": wanted})
    assert (shown.status_code, shown.headers["location"]) == (303, reached)


async def test_a_form_on_another_site_logs_nobody_in_or_out(cast: Cast, visit: Visit) -> None:
    await account_of(cast.asker)
    client = await visit(cast.helper)
    foreign = ({"Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "", "Origin": "https://evil.example"})
    for headers in foreign:
        for path, data in (("/log-in", form()), ("/log-out", {}), ("/register", {}), ("/confirm", {})):
            assert (await client.post(path, data=data, headers=headers)).status_code == 403, path
    assert [row.member_id for row in await Session.all()] == [cast.helper.id]


async def test_a_page_for_members_leads_to_the_log_in_and_back(cast: Cast, visit: Visit) -> None:
    guest = await visit()
    sent = await guest.get("/settings/mail?sent=1")
    assert (sent.status_code, sent.headers["location"]) == (303, "/log-in?next=/settings/mail%3Fsent%3D1")
    shown = await guest.get(sent.headers["location"])
    assert 'name="next" value="/settings/mail?sent=1"' in shown.text


async def test_a_development_site_names_the_demo_people_and_no_other_does(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    guest = await visit()
    remember_demo_log_ins([DemoLogIn("small", "praxis_am_park", "empfang@example.com", "for all")])
    try:
        shown = (await guest.get("/log-in")).text
        assert "praxis_am_park" in shown
        assert "customer of a small company" in shown
        path = demo_log_ins._path()
        monkeypatch.setattr(demo_log_ins, "settings", type("Production", (), {"development": False}))
        assert "praxis_am_park" not in (await guest.get("/log-in")).text
        path.write_text("not json")
        monkeypatch.undo()
        assert "praxis_am_park" not in (await guest.get("/log-in")).text
    finally:
        monkeypatch.undo()
        demo_log_ins._path().unlink()


async def wrong(client: httpx2.AsyncClient, mail: str = MAIL) -> int:
    answer = await client.post("/log-in", data=form(mail, "wrong and long enough"))
    return answer.status_code


async def test_after_ten_wrong_passwords_a_stranger_waits_and_is_told_how_long(
    cast: Cast, app: ASGIApp
) -> None:
    await account_of(cast.asker)
    async with browser(app, "192.0.2.7") as stranger:
        assert [await wrong(stranger) for _ in range(10)] == [422] * 10
        answer = await stranger.post("/log-in", data=form())
    assert answer.status_code == 429
    assert 0 < int(answer.headers["retry-after"]) <= 90
    assert "Please wait" in answer.text
    assert f'value="{MAIL}"' in answer.text
    assert PASSWORD not in answer.text


async def test_no_limit_tells_whether_an_address_has_an_account(cast: Cast, app: ASGIApp) -> None:
    await account_of(cast.asker)
    answers = []
    for number, mail in enumerate((MAIL, "nobody@acme.example")):
        async with browser(app, f"192.0.2.{number}") as stranger:
            statuses = [await wrong(stranger, mail) for _ in range(12)]
            last = await stranger.post("/log-in", data=form(mail))
            answers.append((statuses, seen(last)[2].replace(mail.encode(), b"-")))
    assert answers[0] == answers[1]


async def test_one_stranger_locks_nobody_out(cast: Cast, app: ASGIApp) -> None:
    await account_of(cast.asker)
    async with browser(app, "192.0.2.7") as stranger:
        for _ in range(15):
            await wrong(stranger)
    async with browser(app, "192.0.2.8") as owner:
        assert (await owner.post("/log-in", data=form())).status_code == 303


async def test_many_strangers_lock_no_browser_out_that_its_owner_used_before(
    cast: Cast, app: ASGIApp
) -> None:
    await account_of(cast.asker)
    async with browser(app, "192.0.2.250") as owner:
        assert (await owner.post("/log-in", data=form())).status_code == 303
        await owner.post("/log-out")
        for _ in range(tries.TO_ONE_ACCOUNT.count):
            await tries.TO_ONE_ACCOUNT.take(MAIL)
        async with browser(app, "192.0.2.8") as another:
            assert (await another.post("/log-in", data=form())).status_code == 429
        assert (await owner.post("/log-in", data=form())).status_code == 303
        # And a known browser may not guess either.
        assert [await wrong(owner) for _ in range(11)] == [422] * 10 + [429]


async def test_a_browser_is_known_to_its_own_account_only(cast: Cast, app: ASGIApp) -> None:
    await account_of(cast.asker)
    await account_of(cast.helper, "nora@acme.example")
    async with browser(app, "192.0.2.9") as owner:
        await owner.post("/log-in", data=form())
        for _ in range(tries.TO_ONE_ACCOUNT.count):
            await tries.TO_ONE_ACCOUNT.take("nora@acme.example")
        assert await wrong(owner, "nora@acme.example") == 429


async def test_right_passwords_are_not_counted(cast: Cast, app: ASGIApp) -> None:
    await account_of(cast.asker)
    async with browser(app, "192.0.2.10") as owner:
        for _ in range(13):
            owner.cookies.clear()
            assert (await owner.post("/log-in", data=form())).status_code == 303
