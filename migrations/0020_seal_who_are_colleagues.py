from tortoise import fields, migrations
from tortoise.migrations import operations as ops

from community.accounts import belonging, vault
from community.accounts.belonging import Belonging
from community.core.db.operations import DropColumn

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


class Migration(migrations.Migration):
    dependencies = [('community', '0019_mute_threads')]

    initial = False

    operations = [
        ops.AddField(
            model_name='Account',
            name='belonging_encrypted',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='Invitation',
            name='company_encrypted',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='Invitation',
            name='maker_encrypted',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.AddField(
            model_name='Invitation',
            name='maker_hash',
            field=fields.CharField(default='', db_index=True, db_default='', max_length=64),
        ),
        ops.AddField(
            model_name='Joining',
            name='company_encrypted',
            field=fields.TextField(default='', db_default='', unique=False),
        ),
        ops.RunPython(seal_links),
        ops.RunPython(blur_times),
        ops.RunSQL('CREATE INDEX IF NOT EXISTS "idx_vault_invit_maker_hash" ON "vault_invitations" ("maker_hash")'),
        ops.RunSQL('DROP INDEX IF EXISTS "idx_vault_accou_company_574cc8"'),
        ops.RunSQL('DROP INDEX IF EXISTS "idx_vault_invit_company_87b123"'),
        ops.RunSQL('DROP INDEX IF EXISTS "idx_vault_joini_company_1f7d63"'),
        DropColumn(model_name='Account', name='company'),
        DropColumn(model_name='Account', name='is_company_administrator'),
        DropColumn(model_name='Invitation', name='company'),
        DropColumn(model_name='Invitation', name='made_by'),
        DropColumn(model_name='Joining', name='company'),
    ]
