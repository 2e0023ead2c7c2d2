"""The same work whether or not an address has an account: counted, so that no busy machine can hide a difference.

What `test_timing` measures with a clock stands here in statements, hashed passwords and rows: where they are the
same, time can tell nothing.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Awaitable, Callable

import httpx2
import pytest

from community.accounts.models import Account
from community.core import passwords
from tests.access.visits import fingerprint
from tests.accounts.factors import set_up_app
from tests.cast import Cast
from tests.factories import make_account
from tests.fixtures import Visit
from tests.web.test_thread_page import Statements

PASSWORD = "drei kurze boote fahren"
KNOWN, WITH_FACTOR, UNCONFIRMED = "erika@acme.example", "nora@acme.example", "kim@acme.example"
ADDRESSES = (KNOWN, WITH_FACTOR, UNCONFIRMED, "nobody@acme.example", "somebody@elsewhere.example")
_numbers = itertools.count(5000)

Ask = Callable[[httpx2.AsyncClient, str], Awaitable[httpx2.Response]]


async def log_in(client: httpx2.AsyncClient, mail: str) -> httpx2.Response:
    return await client.post("/log-in", data={"mail": mail, "password": "wrong and long enough"})


async def forget_password(client: httpx2.AsyncClient, mail: str) -> httpx2.Response:
    return await client.post("/forgotten-password", data={"mail": mail})


async def register(client: httpx2.AsyncClient, mail: str) -> httpx2.Response:
    form = {"nickname": f"Wolke-{next(_numbers)}", "mail": mail, "password": PASSWORD}
    return await client.post("/register", data=form)


async def change_mail(client: httpx2.AsyncClient, mail: str) -> httpx2.Response:
    return await client.post("/settings/mail", data={"mail": mail, "password": PASSWORD})


async def people(cast: Cast) -> None:
    hashed = await passwords.hash_password(PASSWORD)
    for member, mail in ((cast.asker, KNOWN), (cast.helper, WITH_FACTOR), (cast.colleague, UNCONFIRMED)):
        await make_account(member, mail=mail, password_hash=hashed)
    await make_account(cast.outsider, mail="ada@bravo.example", password_hash=hashed)
    await set_up_app(await Account.get(member_id=cast.helper.id))
    await Account.filter(member_id=cast.colleague.id).update(confirmed_at=None)


async def work_of(
    ask: Ask, client: httpx2.AsyncClient, mail: str, monkeypatch: pytest.MonkeyPatch
) -> tuple[int, list[str], int, Counter[str]]:
    """Status, statements in their order, passwords hashed, and the tables that were written to."""
    hashed, in_turn = 0, passwords._in_turn

    async def counting(work: Callable[[], object]) -> object:
        nonlocal hashed
        hashed += 1
        return await in_turn(work)

    before = await fingerprint()
    with monkeypatch.context() as patch, Statements() as statements:
        patch.setattr(passwords, "_in_turn", counting)
        answer = await ask(client, mail)
    after = await fingerprint()
    written = Counter(table for table in after if after[table] != before[table])
    shapes = [
        re.sub(r"(?<=[\[(,' ])[\w./+$=-]{16,}|\d+", "…", text.split(":")[0]) for text in statements.seen
    ]
    return answer.status_code, shapes, hashed, written


@pytest.mark.each_database
@pytest.mark.parametrize(
    ("ask", "hashes"), [(log_in, 1), (forget_password, 0), (register, 1), (change_mail, 1)]
)
async def test_every_address_causes_the_same_work(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch, ask: Ask, hashes: int
) -> None:
    await people(cast)
    works = []
    for mail in ADDRESSES:
        client = await visit(cast.outsider if ask is change_mail else None)
        works.append(await work_of(ask, client, mail, monkeypatch))
    assert all(work == works[0] for work in works), works
    _status, statements, hashed, _written = works[0]
    assert statements
    assert hashed == hashes


async def test_the_count_would_notice_who_skips_work_for_unknown_addresses(
    cast: Cast, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    await people(cast)
    verify = passwords.verify

    async def hasty(stored: str | None, password: str) -> bool:
        return stored is not None and await verify(stored, password)

    monkeypatch.setattr(passwords, "verify", hasty)
    known, unknown = [
        await work_of(log_in, await visit(), mail, monkeypatch) for mail in (KNOWN, "nobody@acme.example")
    ]
    assert known != unknown
