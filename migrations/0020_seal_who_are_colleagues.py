from tortoise import fields, migrations
from tortoise.fields.base import OnDelete
from tortoise.migrations import operations as ops

from community.accounts import belonging, vault
from community.accounts.belonging import Belonging
from community.core.db.operations import DropColumn, StateOnlyAlterField

BATCH = 1_000


async def seal_links(apps, schema_editor):
    """Every link of an account to a company is sealed before its column goes; without the key file nothing happens.

    It is one transaction with the rest of this migration: whatever fails leaves everything as it was.
    """
    await _rewrite(
        schema_editor.client,
        "vault_accounts",
        "company_id, is_company_administrator",
        ("belonging_encrypted",),
        lambda row: (
            belonging.sealed(Belonging(row["company_id"], bool(row["is_company_administrator"])), row["id"]),
        ),
    )
    await _rewrite(
        schema_editor.client,
        "vault_joinings",
        "company_id",
        ("company_encrypted",),
        lambda row: (vault.seal(str(row["company_id"]), vault.JOINING_COMPANY, row["id"]),),
    )
    await _rewrite(
        schema_editor.client,
        "vault_invitations",
        "company_id, made_by",
        ("company_encrypted", "maker_encrypted", "maker_hash"),
        lambda row: (
            vault.seal(str(row["company_id"]), vault.INVITATION_COMPANY, row["id"]),
            vault.seal(str(row["made_by"] or ""), vault.INVITATION_MAKER, row["id"]),
            vault.invitation_maker_hashes(row["made_by"])[0] if row["made_by"] else "",
        ),
    )


async def open_links(apps, schema_editor):
    """The way back: the columns are filled from what was sealed. Blurred moments stay blurred."""

    def belonging_of(row):
        opened = belonging.opened(row["belonging_encrypted"], row["id"])
        return opened.company_id, opened.is_administrator

    def number(row, column, place):
        return int(vault.unseal(row[column], place, row["id"]) or 0) or None

    client = schema_editor.client
    await _rewrite(
        client,
        "vault_accounts",
        "belonging_encrypted",
        ("company_id", "is_company_administrator"),
        belonging_of,
    )
    await _rewrite(
        client,
        "vault_joinings",
        "company_encrypted",
        ("company_id",),
        lambda row: (number(row, "company_encrypted", vault.JOINING_COMPANY),),
    )
    await _rewrite(
        client,
        "vault_invitations",
        "company_encrypted, maker_encrypted",
        ("company_id", "made_by"),
        lambda row: (
            number(row, "company_encrypted", vault.INVITATION_COMPANY),
            number(row, "maker_encrypted", vault.INVITATION_MAKER),
        ),
    )


async def _rewrite(client, table, read, columns, values_of):
    is_sqlite = client.capabilities.dialect == "sqlite"
    mark = (lambda number: "?") if is_sqlite else (lambda number: f"${number}")
    written = ", ".join(f"{column} = {mark(number)}" for number, column in enumerate(columns, start=1))
    update = f"UPDATE {table} SET {written} WHERE id = {mark(len(columns) + 1)}"
    last = -1
    while True:
        rows = (
            await client.execute_query(
                f"SELECT id, {read} FROM {table} WHERE id > {last} ORDER BY id LIMIT {BATCH}"
            )
        )[1]
        if not rows:
            return
        last = rows[-1]["id"]
        await client.execute_many(update, [[*values_of(row), row["id"]] for row in rows])


async def blur_times(apps, schema_editor):
    """Moments that colleagues have in common: of the rules that let them in, and of what was delivered about them."""
    run = schema_editor.client.execute_query
    if schema_editor.client.capabilities.dialect == "sqlite":
        await run(
            """UPDATE memberships SET joined_at =
            strftime('%Y-%m-%d 00:00:00+00:00', joined_at, 'weekday 0', '-6 days') WHERE by_rule"""
        )
        await run("UPDATE vault_departures SET created_at = strftime('%Y-%m-%d 00:00:00+00:00', created_at)")
    else:
        await run(
            """UPDATE memberships SET joined_at =
            date_trunc('week', joined_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC' WHERE by_rule"""
        )
        await run(
            """UPDATE vault_departures SET created_at =
            date_trunc('day', created_at AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'"""
        )
    await run(
        """DELETE FROM outbox_facts WHERE done_at IS NOT NULL AND (name LIKE 'company.%' OR name IN
        ('account.left_company', 'account.joined_company', 'account.refused_by_company', 'account.offboarded'))"""
    )


async def leave_blurred(apps, schema_editor):
    """What was blurred cannot be told again, and nothing needs it."""


def nullable_company():
    """Before its column goes, so that it can come back to a table with rows."""
    return fields.ForeignKeyField(
        "community.Company",
        source_field="company_id",
        null=True,
        db_index=True,
        db_constraint=True,
        to_field="id",
        related_name=False,
        on_delete=OnDelete.CASCADE,
    )


class Migration(migrations.Migration):
    dependencies = [("community", "0019_mute_threads")]

    initial = False

    operations = [
        ops.AddField(
            model_name="Account",
            name="belonging_encrypted",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Invitation",
            name="company_encrypted",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Invitation",
            name="maker_encrypted",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.AddField(
            model_name="Invitation",
            name="maker_hash",
            field=fields.CharField(default="", db_index=True, db_default="", max_length=64),
        ),
        ops.AddField(
            model_name="Joining",
            name="company_encrypted",
            field=fields.TextField(default="", db_default="", unique=False),
        ),
        ops.RunPython(seal_links, open_links),
        ops.RunPython(blur_times, leave_blurred),
        ops.RunSQL(
            'CREATE INDEX IF NOT EXISTS "idx_vault_invit_maker_hash" ON "vault_invitations" ("maker_hash")',
            'DROP INDEX IF EXISTS "idx_vault_invit_maker_hash"',
        ),
        ops.RunSQL(
            'DROP INDEX IF EXISTS "idx_vault_accou_company_574cc8"',
            'CREATE INDEX IF NOT EXISTS "idx_vault_accou_company_574cc8" ON "vault_accounts" ("company_id")',
        ),
        ops.RunSQL(
            'DROP INDEX IF EXISTS "idx_vault_invit_company_87b123"',
            'CREATE INDEX IF NOT EXISTS "idx_vault_invit_company_87b123" ON "vault_invitations" ("company_id")',
        ),
        ops.RunSQL(
            'DROP INDEX IF EXISTS "idx_vault_joini_company_1f7d63"',
            'CREATE INDEX IF NOT EXISTS "idx_vault_joini_company_1f7d63" ON "vault_joinings" ("company_id")',
        ),
        StateOnlyAlterField(model_name="Invitation", name="company", field=nullable_company()),
        StateOnlyAlterField(model_name="Joining", name="company", field=nullable_company()),
        DropColumn(model_name="Account", name="company"),
        DropColumn(model_name="Account", name="is_company_administrator"),
        DropColumn(model_name="Invitation", name="company"),
        DropColumn(model_name="Invitation", name="made_by"),
        DropColumn(model_name="Joining", name="company"),
    ]
