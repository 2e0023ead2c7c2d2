"""Replacing the keys of the vault: the site goes on, and who has the old keys and a new dump reads nothing."""

from __future__ import annotations

import asyncio
import importlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from starlette.types import ASGIApp
from tortoise.models import Model

from community.accounts import key_rotation, sign_ons, vault
from community.accounts.actions import log_in
from community.accounts.models import Account, Registration
from community.accounts.queries import get_own_account
from community.accounts.registration import find_account_id, open_account
from community.accounts.sign_ons import Vouched
from community.companies.actions import add_company
from community.companies.claims import follow_claim
from community.core import passwords
from community.core.db import MODEL_MODULES, fetch, in_transaction
from community.core.vault_keys import UnknownKeyError, VaultKeys
from community.members.actions import add_member
from community.settings import settings
from tests.clients import browser

PASSWORD = "drei kurze boote fahren"


@pytest.fixture
def key_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keys of the test's own."""
    path = tmp_path / "vault.key"
    for module in (vault, key_rotation):
        monkeypatch.setattr(module, "settings", replace(settings, vault_key_file=path))
    return path


async def open_accounts(count: int) -> list[int]:
    password_hash = await passwords.hash_password(PASSWORD)
    members = []
    async with in_transaction():
        company_id = await add_company("Acme Werke AG", contract_number="704118-2", size_class="large")
        for number in range(count):
            members.append(await add_member(f"Otter-{number}"))
            await open_account(
                members[-1],
                mail=f"erika{number}@acme.example",
                password_hash=password_hash,
                real_name="Erika Mustermann",
                stated_company="Acme",
                company_id=company_id,
            )
    return members


async def rotate(*, forget: bool = False) -> int:
    await key_rotation.add_keys()
    count = await key_rotation.rewrite_all()
    await key_rotation.end(forget=forget)
    return count


async def sealed_values() -> list[tuple[str, int, str]]:
    found = []
    for place in vault.SEALED:
        table, column = place.split(".")
        rows = await fetch(f"SELECT id, {column} AS sealed FROM {table} WHERE {column} <> ''")
        found += [(place, row["id"], row["sealed"]) for row in rows]
    return found


def test_every_sealed_column_is_written_anew() -> None:
    modules = map(importlib.import_module, MODEL_MODULES)
    models = [one for module in modules for one in vars(module).values() if isinstance(one, type)]
    models = [one for one in models if issubclass(one, Model) and one is not Model]
    columns = {
        f"{model._meta.db_table}.{name}"
        for model in models
        for name in model._meta.fields_map
        if name.endswith("_encrypted")
    }
    hashes = {
        (model._meta.db_table, name)
        for model in models
        for name in ("mail_hash", "subject_hash", "claim_hash", "maker_hash")
        if name in model._meta.fields_map
    }
    assert columns == set(vault.SEALED)
    assert hashes == {(table, column) for table, _place, column, _hashes in key_rotation.HASHES}


@pytest.mark.each_database
async def test_old_keys_read_and_find_nothing_afterwards(fresh_database: str, key_file: Path) -> None:
    members = await open_accounts(3)
    vault.keys()
    old = VaultKeys.load(key_file)
    assert await rotate() >= 3 * 3 + 2
    for place, row_id, sealed in await sealed_values():
        with pytest.raises(UnknownKeyError):
            old.decrypt(sealed, place=place, row_id=row_id)
    assert not await Account.filter(mail_hash=old.mail_hash("erika0@acme.example")).exists()
    account = await get_own_account(members[0])
    assert (account.mail, account.real_name, account.company) == (
        "erika0@acme.example",
        "Erika Mustermann",
        "Acme Werke AG",
    )
    assert await log_in("Erika0@acme.example", PASSWORD) is not None
    assert await rotate() > 0, "and once more"


@pytest.mark.each_database
async def test_who_came_through_the_provider_is_found_afterwards_and_not_by_the_old_keys(
    fresh_database: str, key_file: Path
) -> None:
    (member,) = await open_accounts(1)
    erika = Vouched("https://log-in.example", "Subject-1", company="Acme Werke AG", id_token="a.b.c")
    account = await Account.get(member_id=member)
    await sign_ons.link(member, erika)
    await follow_claim(account.id)
    old = VaultKeys.load(key_file)
    await key_rotation.add_keys()
    assert await sign_ons.find_sign_on(erika) is not None, "while keys are being replaced"
    await rotate()
    found = await sign_ons.find_sign_on(erika)
    assert found is not None
    assert found.account_id == account.id
    for table, column, purpose, value in (
        ("vault_sign_ons", "subject_hash", "sign-on", erika.person),
        ("vault_company_claims", "claim_hash", "company claim", "name:acme werke ag"),
    ):
        stored = (await fetch(f"SELECT {column} AS hash FROM {table}"))[0]["hash"]
        assert stored == vault.keys().keyed_hash(purpose, value)
        assert stored != old.keyed_hash(purpose, value)
    assert await sign_ons.find_sign_on(Vouched("https://log-in.example", "subject-1")) is None


async def test_old_keys_stay_for_older_backups_unless_they_are_to_be_forgotten(
    fresh_database: str, key_file: Path
) -> None:
    await open_accounts(1)
    place, row_id, of_a_backup = (await sealed_values())[0]
    await rotate()
    assert vault.unseal(of_a_backup, place, row_id)
    await rotate(forget=True)
    with pytest.raises(UnknownKeyError):
        vault.unseal(of_a_backup, place, row_id)
    assert len(json.loads(key_file.read_text())["encryption"]) == 1
    assert key_file.stat().st_mode & 0o777 == 0o600


async def test_a_rotation_that_was_broken_off_is_taken_up_again(
    fresh_database: str, key_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await open_accounts(5)
    monkeypatch.setattr(key_rotation, "BATCH", 2)
    calls = 0

    def dies(count: int) -> None:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ConnectionError

    await key_rotation.add_keys()
    with pytest.raises(ConnectionError):
        await key_rotation.rewrite_all(dies)
    newest = vault.keys().newest
    # Half is written anew: everything can be read and found all the same.
    assert await log_in("erika0@acme.example", PASSWORD) is not None
    assert await log_in("erika4@acme.example", PASSWORD) is not None
    assert {sealed.split(".")[1] for _, _, sealed in await sealed_values()} > {newest}
    await rotate()
    assert vault.keys().newest == newest, "no second pair of keys was made"
    assert {sealed.split(".")[1] for _, _, sealed in await sealed_values()} == {newest}
    assert not vault.keys().is_being_replaced


@pytest.mark.each_database
async def test_people_log_in_and_register_while_keys_are_replaced(
    fresh_database: str, key_file: Path, app: ASGIApp
) -> None:
    await open_accounts(8)
    done = asyncio.Event()

    async def live() -> int:
        steps = 0
        async with browser(app, "192.0.2.1") as guest:
            while not done.is_set() or steps < 6:
                answer = await guest.post(
                    "/log-in", data={"mail": f"erika{steps % 8}@acme.example", "password": PASSWORD}
                )
                assert answer.status_code == 303
                form = {
                    "nickname": f"Wolke-{1000 + steps}",
                    "mail": f"neu{steps}@acme.example",
                    "password": PASSWORD,
                }
                assert (await guest.post("/register", data=form)).status_code == 303
                steps += 1
        return steps

    living = asyncio.create_task(live())
    for _ in range(3):
        await rotate()
    done.set()
    steps = await living
    await rotate()
    assert await Registration.all().count() == steps
    for number in range(8):
        assert await find_account_id(f"erika{number}@acme.example")
    registered = {
        vault.unseal(row.mail_encrypted, vault.REGISTRATION_MAIL, row.id) for row in await Registration.all()
    }
    assert registered == {f"neu{number}@acme.example" for number in range(steps)}


async def test_an_address_under_an_earlier_hash_gets_no_second_account(
    fresh_database: str, key_file: Path
) -> None:
    await open_accounts(1)
    await key_rotation.add_keys()
    assert await find_account_id("erika0@acme.example")
