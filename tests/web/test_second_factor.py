"""Logging in in two steps, and setting up what the second one needs."""

from __future__ import annotations

import asyncio
import re

import httpx2
import pytest
from starlette.types import ASGIApp

from community.accounts import second_factors
from community.accounts.models import Account, LogInStep, RecoveryCode, SecondFactor, Session
from community.core import passwords
from community.core.models import OutboxFact
from community.http import log_in_steps, tries
from community.http.sessions import cookie_name
from community.members.models import Member
from search import SearchEngine
from tests.accounts.factors import code, require_of_staff, set_up_app
from tests.accounts.letters import deliver, mails_to, token_in
from tests.accounts.sameness import seen
from tests.cast import Cast
from tests.chance import is_sealed, without_random
from tests.clients import browser
from tests.factories import make_account, make_member
from tests.fixtures import Visit

PASSWORD = "drei kurze boote fahren"
MAIL = "erika@acme.example"
FORM = {"mail": MAIL, "password": PASSWORD}


async def account_of(member: Member, mail: str = MAIL) -> Account:
    return await make_account(member, mail=mail, password_hash=await passwords.hash_password(PASSWORD))


async def half_way(client: httpx2.AsyncClient, **others: str) -> httpx2.AsyncClient:
    answer = await client.post("/log-in", data=FORM | others)
    assert answer.headers["location"].startswith("/log-in/code?next=/")
    return client


async def enter(client: httpx2.AsyncClient, typed: str, **others: str) -> httpx2.Response:
    return await client.post("/log-in/code", data={"code": typed} | others)


@pytest.mark.each_database
async def test_after_the_password_the_code_logs_in_and_leads_on(cast: Cast, visit: Visit) -> None:
    secret, _codes = await set_up_app(await account_of(cast.asker))
    client = await half_way(await visit(), next="/search?q=a&page=2")
    assert not await Session.all().exists()
    assert (await client.get("/settings/profile")).headers["location"].startswith("/log-in?")
    shown = await client.get("/log-in/code?next=/search%3Fq=a%26page=2")
    assert 'name="next" value="/search?q=a&amp;page=2"' in shown.text
    assert shown.headers["cache-control"] == "private, no-store"
    typed = code(secret)
    answer = await enter(client, f"{typed[:3]} {typed[3:]}", next="/search?q=a&page=2")
    assert (answer.status_code, answer.headers["location"]) == (303, "/search?q=a&page=2")
    assert (await client.get("/settings/profile")).status_code == 200
    session = await Session.get(member_id=cast.asker.id)
    assert (session.way, session.second_factor) == ("password", "app")
    assert "Password and code of the app" in (await client.get("/settings/sessions")).text
    assert not await LogInStep.all().exists()


async def test_a_code_is_good_once(cast: Cast, visit: Visit) -> None:
    secret, _codes = await set_up_app(await account_of(cast.asker))
    typed = code(secret)
    first, second = await half_way(await visit()), await half_way(await visit())
    assert (await enter(first, typed)).status_code == 303
    for spelling in (typed, f" {typed} ", f"{typed[:2]} {typed[2:]}"):
        assert (await enter(second, spelling)).status_code == 422
    assert await Session.all().count() == 1


@pytest.mark.each_database
async def test_of_twenty_who_show_one_code_at_once_one_is_let_in(fresh_database: str) -> None:
    account = await account_of(await make_member("Asker"))
    secret, codes = await set_up_app(account)
    for typed in (code(secret), codes[0]):
        proofs = await asyncio.gather(*(second_factors.check_code(account.id, typed) for _ in range(20)))
        assert sum(proof is not None for proof in proofs) == 1


async def test_a_recovery_code_is_good_once_and_its_owner_is_told(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    _secret, codes = await set_up_app(await account_of(cast.asker))
    assert len(set(codes)) == 10
    client = await half_way(await visit())
    page = await client.get("/log-in/code?next=/&with=recovery")
    assert "numeric" not in page.text
    typed = codes[3].upper().replace("-", " ").replace("0", "O").replace("1", "l")
    assert (await enter(client, typed, **{"with": "recovery"})).status_code == 303
    assert (await Session.get(member_id=cast.asker.id)).second_factor == "recovery"
    again = await half_way(await visit())
    assert (await enter(again, codes[3], **{"with": "recovery"})).status_code == 422
    assert await RecoveryCode.all().count() == 9
    await deliver(search_engine)
    letter = (await mails_to(MAIL))[0]
    assert letter.subject == "A recovery code was used"
    assert "9 codes are left" in letter.text


async def test_another_account_s_codes_open_nothing(cast: Cast, visit: Visit) -> None:
    await set_up_app(await account_of(cast.asker))
    others_secret, others_codes = await set_up_app(await account_of(cast.helper, "nora@acme.example"))
    client = await half_way(await visit())
    for typed in (code(others_secret), others_codes[0], "", "x" * 500):
        assert (await enter(client, typed)).status_code == 422
    assert await RecoveryCode.all().count() == 20


async def test_a_half_log_in_belongs_to_one_browser_and_ends(cast: Cast, visit: Visit) -> None:
    secret, _codes = await set_up_app(await account_of(cast.asker))
    client, other = await half_way(await visit()), await visit()
    for browser_without in (other, await visit(cast.helper)):
        answer = await enter(browser_without, code(secret), next="/ask")
        assert answer.headers["location"] == "/log-in?next=/ask"
    await LogInStep.all().update(expires_at="2026-01-01T00:00:00+00:00")
    assert (await enter(client, code(secret))).headers["location"] == "/log-in?next=/"
    assert (await client.get("/log-in/code")).headers["location"] == "/log-in?next=/"
    # And the steps of making a passkey or of setting up lead nowhere either.
    await LogInStep.all().update(expires_at="2099-01-01T00:00:00+00:00", purpose="set-up")
    assert (await enter(client, code(secret))).headers["location"] == "/log-in?next=/"


async def test_a_wrong_password_tells_nothing_of_a_second_factor(cast: Cast, visit: Visit) -> None:
    await set_up_app(await account_of(cast.asker))
    await account_of(cast.helper, "nora@acme.example")
    answers = []
    for mail in (MAIL, "nora@acme.example", "nobody@acme.example"):
        wrong = {"mail": mail, "password": "wrong and long enough"}
        status, headers, body = seen(await (await visit()).post("/log-in", data=wrong))
        kept = [pair for pair in headers if pair[0] != "content-length"]
        answers.append((status, kept, body.replace(mail.encode(), b"...")))
    assert answers[0] == answers[1] == answers[2]
    assert not await LogInStep.all().exists()


async def test_a_new_password_by_mail_does_not_go_round_the_second_factor(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await set_up_app(await account_of(cast.asker))
    thief = await half_way(await visit())
    client = await visit()
    await client.post("/forgotten-password", data={"mail": MAIL})
    await deliver(search_engine)
    token = token_in((await mails_to(MAIL))[0])
    new = "vier lange stege warten"
    await client.post("/new-password", data={"token": token, "password": new})
    answer = await client.post("/log-in", data={"mail": MAIL, "password": new})
    assert answer.headers["location"].startswith("/log-in/code")
    # And whoever had got half way with the old password is back at the beginning.
    assert (await enter(thief, "000000")).headers["location"] == "/log-in?next=/"


# --- how often --------------------------------------------------------------------------------------------


async def test_codes_cannot_be_guessed_and_a_stranger_locks_nobody_out(cast: Cast, app: ASGIApp) -> None:
    secret, _codes = await set_up_app(await account_of(cast.asker))
    async with browser(app, "192.0.2.1") as owner:
        await half_way(owner)
        assert (await enter(owner, code(secret))).status_code == 303
        async with browser(app, "192.0.2.66") as stranger:
            await half_way(stranger)
            wrong = [(await enter(stranger, "000000")).status_code for _ in range(7)]
            assert wrong == [422] * 5 + [429] * 2
            # Not even the right code any more.
            late = await enter(stranger, code(secret, 1))
            assert (late.status_code, int(late.headers["retry-after"]) <= 60) == (429, True)
        for _number in range(tries.CODES_TO_ONE_ACCOUNT.count - 5):
            await tries.CODES_TO_ONE_ACCOUNT.take(MAIL)
        async with browser(app, "192.0.2.77") as another:
            await half_way(another)
            assert (await enter(another, code(secret, 1))).status_code == 429
        await owner.post("/log-out")
        await half_way(owner)
        assert (await enter(owner, code(secret, 1))).status_code == 303


async def test_a_browser_that_knows_the_password_alone_is_no_known_one(cast: Cast, visit: Visit) -> None:
    await set_up_app(await account_of(cast.asker))
    client = await half_way(await visit())
    assert tries.KNOWN_BROWSER not in client.cookies


async def test_whoever_reads_the_mail_guesses_no_more_codes_than_others(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await set_up_app(await account_of(cast.asker))
    tried = 0
    for number in range(2):
        thief, new = await visit(), f"vier lange stege warten {number}"
        await thief.post("/forgotten-password", data={"mail": MAIL})
        await deliver(search_engine)
        token = token_in((await mails_to(MAIL))[0])
        assert (await thief.post("/new-password", data={"token": token, "password": new})).status_code == 303
        await half_way(thief, password=new)
        while (await enter(thief, "000000")).status_code == 422:
            tried += 1
    assert tried == tries.CODES_AFTER_NEW_PASSWORD.count


# --- settings ---------------------------------------------------------------------------------------------


async def offered(client: httpx2.AsyncClient) -> str:
    """Begin to set up an app; the secret as it is typed from the page."""
    sent = await client.post("/settings/second-factor/app", data={"password": PASSWORD})
    assert sent.headers["location"] == "/settings/second-factor/app/scan"
    page = (await client.get("/settings/second-factor/app/scan")).text
    assert "<path d=" in page
    return re.search(r'<code class="code">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")  # type: ignore[index]


async def test_an_app_is_set_up_with_the_password_and_its_first_code(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    await account_of(cast.asker)
    client, elsewhere = await visit(cast.asker), await visit(cast.asker)
    refused = await client.post("/settings/second-factor/app", data={"password": "something else"})
    assert refused.status_code == 422
    assert not await SecondFactor.all().exists()
    assert (await client.get("/settings/second-factor/app/scan")).status_code == 303
    secret = await offered(client)
    assert not await second_factors.has_factor((await Account.get(member_id=cast.asker.id)).id)
    wrong = await client.post("/settings/second-factor/app/scan", data={"code": "000000"})
    assert (wrong.status_code, "000000" in wrong.text) == (422, False)
    shown = await client.post("/settings/second-factor/app/scan", data={"code": code(secret)})
    codes = re.findall(r"<li><code>([\w-]{19})</code>", shown.text)
    assert (shown.status_code, len(codes)) == (200, 10)
    assert shown.headers["cache-control"] == "private, no-store"
    # The other sessions are ended, this one has shown it; the codes are never seen again.
    assert (await elsewhere.get("/settings/profile")).status_code == 303
    overview = await client.get("/settings/second-factor")
    assert "10 codes are left" in overview.text
    assert not any(each in overview.text for each in codes)
    assert (await Session.get(member_id=cast.asker.id)).second_factor == "app"
    row = await SecondFactor.all().first()
    assert row is not None and is_sealed(row.secret_encrypted)
    file = await client.post("/settings/second-factor/codes/file", data={"codes": " ".join(codes)})
    assert all(each in file.text for each in codes)
    assert file.headers["content-disposition"] == 'attachment; filename="recovery-codes.txt"'
    foreign = await client.post("/settings/second-factor/codes/file", data={"codes": "<b>anything</b>"})
    assert foreign.status_code == 404
    await deliver(search_engine)
    letter = (await mails_to(MAIL))[0]
    assert letter.subject == "A second factor was added"
    assert cast.asker.nickname not in without_random(letter.text)


async def test_a_new_phone_takes_the_place_of_the_old_one(cast: Cast, visit: Visit) -> None:
    account = await account_of(cast.asker)
    old, codes = await set_up_app(account)
    client = await visit(cast.asker)
    new = await offered(client)
    assert await second_factors.check_code(account.id, code(old)) is not None, (
        "until the new one is confirmed"
    )
    done = await client.post("/settings/second-factor/app/scan", data={"code": code(new)})
    assert done.headers["location"] == "/settings/second-factor"
    assert await second_factors.check_code(account.id, code(old, 1)) is None
    assert await second_factors.check_code(account.id, codes[0]) is not None


async def test_removing_needs_the_password_and_takes_the_codes_along(
    cast: Cast, visit: Visit, search_engine: SearchEngine
) -> None:
    account = await account_of(cast.asker)
    await set_up_app(account)
    client, elsewhere = await visit(cast.asker), await visit(cast.asker)
    assert (await client.post("/settings/second-factor/app/remove", data={})).status_code == 422
    assert await second_factors.has_factor(account.id)
    removed = await client.post("/settings/second-factor/app/remove", data={"password": PASSWORD})
    assert removed.status_code == 303
    assert (await elsewhere.get("/settings/profile")).status_code == 303
    assert not await second_factors.has_factor(account.id)
    assert not await RecoveryCode.all().exists()
    assert (await (await visit()).post("/log-in", data=FORM)).headers["location"] == "/"
    await deliver(search_engine)
    assert (await mails_to(MAIL))[0].subject == "A second factor was removed"


async def test_new_recovery_codes_make_the_old_ones_worthless(cast: Cast, visit: Visit) -> None:
    account = await account_of(cast.asker)
    client = await visit(cast.asker)
    none_yet = await client.post("/settings/second-factor/codes", data={"password": PASSWORD})
    assert none_yet.status_code == 422
    _secret, old = await set_up_app(account)
    client = await visit(cast.asker)
    assert (await client.post("/settings/second-factor/codes", data={"password": "no"})).status_code == 422
    page = await client.post("/settings/second-factor/codes", data={"password": PASSWORD})
    new = re.findall(r"<li><code>([\w-]{19})</code>", page.text)
    assert len(new) == 10
    assert await second_factors.check_code(account.id, old[0]) is None
    assert await second_factors.check_code(account.id, new[0]) is not None


async def test_facts_name_accounts_and_no_codes(cast: Cast) -> None:
    account = await account_of(cast.asker)
    _secret, codes = await set_up_app(account)
    await second_factors.check_code(account.id, codes[0])
    payloads = [row.payload for row in await OutboxFact.filter(name__startswith="account.")]
    assert payloads and all(set(payload) == {"account_id", "language"} for payload in payloads)


# --- staff ------------------------------------------------------------------------------------------------


async def test_staff_set_a_factor_up_before_they_are_logged_in(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    await account_of(cast.moderator)
    client = await visit()
    answer = await client.post("/log-in", data=FORM | {"next": "/moderation"})
    assert answer.headers["location"] == "/log-in/set-up?next=/moderation"
    assert (await client.get("/moderation")).status_code == 404
    assert not await Session.all().exists()
    page = (await client.get(answer.headers["location"])).text
    secret = re.search(r'<code class="code">([A-Z2-7 ]+)</code>', page)[1].replace(" ", "")  # type: ignore[index]
    assert (await client.post("/log-in/set-up", data={"code": "000000"})).status_code == 422
    shown = await client.post("/log-in/set-up", data={"code": code(secret), "next": "/moderation"})
    assert len(re.findall(r"<li><code>[\w-]{19}</code>", shown.text)) == 10
    assert 'href="/moderation">I have kept them' in shown.text
    assert (await client.get("/moderation")).status_code == 200
    session = await Session.get(member_id=cast.moderator.id)
    assert (session.way, session.second_factor) == ("password", "app")
    # And from now on the code is asked for.
    await half_way(await visit())


async def test_whoever_is_setting_up_cannot_replace_what_was_set_up_meanwhile(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    account = await account_of(cast.moderator)
    thief = await visit()
    await thief.post("/log-in", data=FORM)
    token = thief.cookies[log_in_steps.cookie_name()]
    await set_up_app(account)
    assert not await LogInStep.all().exists()
    # Even if the step were there still:
    await second_factors.offer_app(account.id)
    secret = await second_factors.find_offer(account.id)
    assert secret and token
    with pytest.raises(second_factors.RuleBroken):
        await second_factors.confirm_app(account.id, code(secret), kept_session="", only_as_first=True)


async def test_staff_keep_their_last_factor(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    account = await account_of(cast.moderator)
    secret, codes = await set_up_app(account)
    client = await half_way(await visit())
    await enter(client, code(secret))
    refused = await client.post("/settings/second-factor/app/remove", data={"password": PASSWORD})
    assert (refused.status_code, "Staff need a second factor" in refused.text) == (422, True)
    assert await second_factors.has_factor(account.id)
    assert await second_factors.check_code(account.id, codes[0]) is not None
    assert (await client.get("/moderation")).status_code == 200


async def test_customers_choose_for_themselves(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    require_of_staff(monkeypatch)
    await account_of(cast.asker)
    client = await visit()
    assert (await client.post("/log-in", data=FORM)).headers["location"] == "/"
    assert cookie_name() in client.cookies
