"""Which company an account belongs to stood open once: the migration seals every link, or does nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from community.accounts import vault
from community.accounts.belonging import Belonging, count_by_company, get_belonging
from community.companies.membership import company_of_invitation, company_of_joining
from community.core.db import connect, disconnect, execute, fetch
from community.core.db.migrate import migrate
from community.core.models import OutboxFact
from community.core.vault_keys import MissingKeyFileError
from community.settings import settings
from tests.conftest import MakeDatabase
from tests.databases import Kind

BEFORE = "0019_mute_threads"
WEDNESDAY = datetime(2026, 3, 4, 15, 30, 12, tzinfo=UTC)
BELONGING = {11: Belonging(1, is_administrator=True), 12: Belonging(1), 13: Belonging(2), 14: Belonging()}


async def fill() -> None:
    """Two companies and four accounts, as they stood before."""
    given = {"now": WEDNESDAY, "yes": True, "no": False}
    for company in (1, 2):
        await execute(
            "INSERT INTO vault_companies (id, name_encrypted, contract_number_encrypted, created_at) "
            "VALUES (:id, '', '', :now)",
            given | {"id": company},
        )
    for account, belongs in BELONGING.items():
        await execute(
            """INSERT INTO members (id, nickname, nickname_key, seed, year_joined)
            VALUES (:id, :name, :name, 1, 2026)""",
            {"id": account, "name": f"Otter-{account}"},
        )
        await execute(
            """INSERT INTO vault_accounts (id, member_id, company_id, is_company_administrator, mail_hash,
            mail_encrypted, real_name_encrypted, stated_company_encrypted, password_hash, created_at,
            password_changed_at) VALUES (:id, :id, :company, :administrator, :hash, '', '', '', '', :now, :now)""",
            {
                "id": account,
                "company": belongs.company_id,
                "administrator": belongs.is_administrator,
                "hash": f"{account}",
                "now": WEDNESDAY,
            },
        )
    await execute(
        """INSERT INTO vault_joinings (id, company_id, account_id, mail_hash, mail_encrypted, state)
        VALUES (21, 1, 12, 'x', '', 'joined'), (22, 2, 14, 'y', '', 'waiting')"""
    )
    for invitation, made_by in ((31, 11), (32, None)):
        await execute(
            """INSERT INTO vault_invitations (id, company_id, made_by, token_hash, uses_left, created_at, expires_at)
            VALUES (:id, 1, :by, :hash, 1, :now, :now)""",
            {"id": invitation, "by": made_by, "hash": f"{invitation}", "now": WEDNESDAY},
        )
    await execute(
        """INSERT INTO vault_departures (id, company_id, mail_hash, mail_encrypted, created_at)
        VALUES (41, 1, 'z', '', :now)""",
        {"now": WEDNESDAY},
    )
    await execute(
        """INSERT INTO "groups" (id, slug, name, description, access, created_at)
        VALUES (5, 'g', 'G', '', 'closed', :now)""",
        {"now": WEDNESDAY},
    )
    for member, by_rule in ((11, True), (12, False)):
        await execute(
            """INSERT INTO memberships (id, group_id, member_id, by_rule, joined_at)
            VALUES (:id, 5, :id, :by_rule, :now)""",
            {"id": member, "by_rule": by_rule, "now": WEDNESDAY},
        )
    for number, done in ((1, WEDNESDAY), (2, None)):
        await OutboxFact.create(
            id=number,
            name="company.membership_changed",
            payload={},
            created_at=WEDNESDAY,
            due_at=WEDNESDAY,
            done_at=done,
        )


@asynccontextmanager
async def standing_open(make_database: MakeDatabase, kind: Kind) -> AsyncIterator[str]:
    """A filled database as it was before, not connected; whatever connects to it need not disconnect."""
    url = await make_database(kind, migrated=False)
    await migrate(url, target=BEFORE)
    await connect(url)
    try:
        await fill()
        await disconnect()
        yield url
    finally:
        await disconnect()


@pytest.mark.each_database
async def test_every_link_is_carried_over_and_none_stays_open(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    async with standing_open(make_database, database_kind) as url:
        await migrate(url)
        await connect(url)
        assert {account: await get_belonging(account) for account in BELONGING} == BELONGING
        assert await count_by_company() == {1: 2, 2: 1, None: 1}
        sealed = [row["belonging_encrypted"] for row in await fetch("SELECT * FROM vault_accounts")]
        assert len({len(text) for text in sealed}) == 1, "who belongs to no company looks like everybody"
        joinings = await fetch("SELECT * FROM vault_joinings ORDER BY id")
        assert [company_of_joining(row) for row in joinings] == [1, 2]
        invited = await fetch("SELECT * FROM vault_invitations ORDER BY id")
        assert [company_of_invitation(row) for row in invited] == [1, 1]
        assert [row["maker_hash"] for row in invited] == [vault.invitation_maker_hashes(11)[0], ""]
        for rows in (joinings, invited, await fetch("SELECT * FROM vault_accounts")):
            assert not {"company_id", "made_by", "is_company_administrator"} & set(dict(rows[0]))
        (departure,) = await fetch("SELECT created_at FROM vault_departures")
        assert str(departure["created_at"]) == "2026-03-04 00:00:00+00:00"
        places = await fetch("SELECT joined_at FROM memberships ORDER BY id")
        assert str(places[0]["joined_at"]) == "2026-03-02 00:00:00+00:00"
        assert str(places[1]["joined_at"]) == "2026-03-04 15:30:12+00:00"
        assert [row["id"] for row in await fetch("SELECT id FROM outbox_facts")] == [2]


@pytest.mark.each_database
async def test_the_way_back_opens_every_link_again(
    make_database: MakeDatabase, database_kind: Kind
) -> None:
    async with standing_open(make_database, database_kind) as url:
        await migrate(url)
        await migrate(url, target=BEFORE)
        await connect(url)
        accounts = await fetch("SELECT * FROM vault_accounts")
        assert {
            row["id"]: Belonging(row["company_id"], bool(row["is_company_administrator"])) for row in accounts
        } == BELONGING
        joinings = await fetch("SELECT * FROM vault_joinings ORDER BY id")
        assert [row["company_id"] for row in joinings] == [1, 2]
        invited = await fetch("SELECT * FROM vault_invitations ORDER BY id")
        assert [(row["company_id"], row["made_by"]) for row in invited] == [(1, 11), (1, None)]
        for rows in (accounts, joinings, invited):
            assert not {"belonging_encrypted", "company_encrypted", "maker_encrypted"} & set(dict(rows[0]))


@pytest.mark.each_database
async def test_without_the_key_file_nothing_changes(
    make_database: MakeDatabase, database_kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with standing_open(make_database, database_kind) as url:
        elsewhere = replace(settings, vault_key_file=tmp_path / "not-there.key", development=False)
        with monkeypatch.context() as changed:
            changed.setattr(vault, "settings", elsewhere)
            with pytest.raises(MissingKeyFileError):
                await migrate(url)
        await connect(url)
        rows = await fetch("SELECT company_id FROM vault_accounts ORDER BY id")
        assert [row["company_id"] for row in rows] == [1, 1, 2, None]
        await disconnect()
        await migrate(url)
        await connect(url)
        assert {account: await get_belonging(account) for account in BELONGING} == BELONGING
