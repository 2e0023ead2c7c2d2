"""Nobody learns from the time of an answer whether an address has an account."""

from __future__ import annotations

import itertools
import random
import secrets
import statistics
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import httpx2
import pytest
from starlette.types import ASGIApp

from community.accounts.belonging import Belonging, set_belonging
from community.core import passwords
from community.core.rate_limits import Limit
from community.http import tries
from tests.clients import browser, log_in
from tests.factories import make_account, make_company, make_member

SAMPLES = 40
"""Of each kind, taken in turns."""
LEAST, MOST = 0.3, 0.7
"""What the advantage may be: outside is more than three standard deviations away from none."""
PASSWORD = "drei kurze boote fahren"
KNOWN = "erika@acme.example"


def advantage(known: Sequence[float], unknown: Sequence[float]) -> float:
    """The chance that a known address took longer than an unknown one (area under the ROC curve); 0.5 is none."""
    wins = sum((one > other) + (one == other) / 2 for one, other in itertools.product(known, unknown))
    return wins / (len(known) * len(unknown))


async def measure(ask: Callable[[str], Awaitable[object]]) -> tuple[float, float]:
    """The advantage, and the median time in seconds.

    By chance alone, one measurement in five hundred lies outside of what the tests allow; then a second one decides,
    and a third. A difference that somebody could use lies outside each time. What `test_same_work` counts needs no
    such patience.
    """
    for _time in range(3):
        auc, median = await _measure(ask)
        if LEAST <= auc <= MOST:
            break
    return auc, median


async def _measure(ask: Callable[[str], Awaitable[object]]) -> tuple[float, float]:
    times: dict[bool, list[float]] = {True: [], False: []}
    for _warm_up in range(3):
        await ask(KNOWN)
    for _turn in range(SAMPLES):
        # In random order, so that nothing else that has a rhythm can fall on one kind.
        for is_known in random.sample([True, False], 2):
            address = KNOWN if is_known else f"{secrets.token_hex(3)}@acme.example"
            start = time.perf_counter()
            await ask(address)
            times[is_known].append(time.perf_counter() - start)
    return advantage(times[True], times[False]), statistics.median(times[True])


def from_anywhere(app: ASGIApp) -> httpx2.AsyncClient:
    """A browser at another address each time, as each address may try only so often."""
    return browser(app, f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(256)}")


async def test_a_log_in_takes_as_long_for_an_unknown_address(fresh_database: str, app: ASGIApp) -> None:
    await make_account(
        await make_member("Asker"), mail=KNOWN, password_hash=await passwords.hash_password(PASSWORD)
    )

    async def ask(address: str) -> object:
        async with from_anywhere(app) as guest:
            return await guest.post("/log-in", data={"mail": address, "password": "not the password"})

    auc, median = await measure(ask)
    assert LEAST <= auc <= MOST
    assert median > 0.01, "a password was hashed each time"


async def test_asking_for_a_link_takes_as_long_for_an_unknown_address(
    fresh_database: str, app: ASGIApp
) -> None:
    await make_account(await make_member("Asker"), mail=KNOWN)

    async def ask(address: str) -> object:
        async with from_anywhere(app) as guest:
            return await guest.post("/forgotten-password", data={"mail": address})

    auc, _median = await measure(ask)
    assert LEAST <= auc <= MOST


async def test_a_registration_takes_as_long_for_an_unknown_address(fresh_database: str, app: ASGIApp) -> None:
    await make_account(await make_member("Asker"), mail=KNOWN)
    numbers = itertools.count(1000)

    async def ask(address: str) -> object:
        form = {"nickname": f"Wolke-{next(numbers)}", "mail": address, "password": PASSWORD}
        async with from_anywhere(app) as guest:
            answer = await guest.post("/register", data=form)
        assert answer.status_code == 303
        return answer

    auc, _median = await measure(ask)
    assert LEAST <= auc <= MOST


async def test_changing_one_s_address_takes_as_long_for_an_unknown_one(
    fresh_database: str, app: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    await make_account(await make_member("Asker"), mail=KNOWN)
    member, hashed = await make_member("Other"), await passwords.hash_password(PASSWORD)
    await make_account(member, mail="ada@bravo.example", password_hash=hashed)
    monkeypatch.setattr(tries, "OWN_PASSWORD", Limit("roomy", 10_000, timedelta(hours=1)))
    async with browser(app) as client:
        await log_in(client, member)

        async def ask(address: str) -> object:
            answer = await client.post("/settings/mail", data={"mail": address, "password": PASSWORD})
            assert answer.status_code == 303
            return answer

        auc, median = await measure(ask)
    assert LEAST <= auc <= MOST
    assert median > 0.01, "a password was hashed each time"


async def test_inviting_and_off_boarding_take_as_long_for_an_unknown_address(
    fresh_database: str, app: ASGIApp, monkeypatch: pytest.MonkeyPatch
) -> None:
    acme = await make_company("Acme")
    await make_account(await make_member("Asker"), mail=KNOWN, company=acme)
    boss = await make_member("Boss")
    account = await make_account(boss, company=acme)
    await set_belonging(account.id, Belonging(acme.id, is_administrator=True))
    roomy = Limit("roomy", 10_000, timedelta(hours=1))
    monkeypatch.setattr(tries, "INVITATIONS", roomy)
    monkeypatch.setattr(tries, "OFFBOARDINGS", roomy)
    async with browser(app) as client:
        await log_in(client, boss)
        for path, field in (("invite", "mail"), ("offboard", "leaver")):

            async def ask(address: str, path: str = path, field: str = field) -> object:
                answer = await client.post(f"/settings/company/colleagues/{path}", data={field: address})
                assert answer.status_code == 303
                return answer

            auc, _median = await measure(ask)
            assert LEAST <= auc <= MOST
