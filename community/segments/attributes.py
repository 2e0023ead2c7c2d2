"""Values of attributes: set, read and forgotten. They are sealed, one text for each company and each account.

For log-in by single sign-on and for imports:

    await set_company_attributes(company_id, {"industry": "health", "sites": 12}, "sign_on")
    await set_account_attributes(account_id, {"role": "buyer", "phone": None}, "sign_on")

Values are read as an import reads them; None forgets one; what is not named stays. Keys that are not defined, and
values that cannot be, are left out and named in the answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.models import Model

from community.accounts import vault
from community.accounts.belonging import opened
from community.accounts.models import AccountAttributes
from community.companies.models import CompanyAttributes
from community.core import outbox
from community.core.db import dialect, execute, fetch, fetch_one, in_transaction, random_id
from community.core.outbox import Fact
from community.core.viewer import Viewer
from community.decisions.actions import log
from community.segments.definitions import (
    SIZE_CLASS,
    Definition,
    NotAValue,
    Value,
    definitions_by_key,
    read_value,
)
from community.segments.models import Subject

BATCH = 200

Kept = dict[str, tuple[Value, str]]
"""Key → value and where it comes from."""


@dataclass(frozen=True, slots=True)
class _Holder:
    """The table in which values of one subject lie."""

    model: type[Model]
    table: str
    owner: str
    owners: str
    place: str


_HOLDERS = {
    Subject.COMPANY: _Holder(
        CompanyAttributes,
        "vault_company_attributes",
        "company_id",
        "vault_companies",
        vault.COMPANY_ATTRIBUTES,
    ),
    Subject.ACCOUNT: _Holder(
        AccountAttributes,
        "vault_account_attributes",
        "account_id",
        "vault_accounts",
        vault.ACCOUNT_ATTRIBUTES,
    ),
}


def unsealed(sealed: str | None, place: str, row_id: int | None) -> Kept:
    """What lies in one row."""
    if not sealed or row_id is None:
        return {}
    return {
        key: (value, source)
        for key, (value, source) in json.loads(vault.unseal(sealed, place, row_id)).items()
    }


async def set_company_attributes(company_id: int, values: Mapping[str, Any], source: str) -> list[str]:
    """Set attributes of a company; the keys that were left out. `source`: "import", "sign_on" or "staff"."""
    return await _read_and_set(Subject.COMPANY, company_id, values, source)


async def set_account_attributes(account_id: int, values: Mapping[str, Any], source: str) -> list[str]:
    """Set attributes of a person; the keys that were left out. `source`: "import", "sign_on" or "staff"."""
    return await _read_and_set(Subject.ACCOUNT, account_id, values, source)


async def _read_and_set(subject: Subject, owner_id: int, values: Mapping[str, Any], source: str) -> list[str]:
    definitions, read, refused = await definitions_by_key(subject), {}, []
    for key, given in values.items():
        try:
            read[key] = None if given is None else read_value(definitions[key], given)
        except (KeyError, NotAValue):
            refused.append(key)
    async with in_transaction():
        if read and await write_values(subject, owner_id, read, source):
            await outbox.record("attributes.changed", subject=str(subject), owner_id=owner_id)
    return refused


async def enter_company_attributes(
    company_id: int, values: Mapping[str, Value | None], *, by: Viewer
) -> None:
    """What staff say about a company, as the form has read it."""
    async with in_transaction():
        if await write_values(Subject.COMPANY, company_id, values, "staff"):
            await outbox.record("attributes.changed", subject=str(Subject.COMPANY), owner_id=company_id)
            await log("set_attributes", f"company:{company_id}", by=by, reason="")


async def write_values(
    subject: Subject, owner_id: int, values: Mapping[str, Value | None], source: str
) -> bool:
    """Write values that were read; whether anything is other than it was. None forgets a value.

    It does not say so to the rules: see `outbox` above, and `imports`.
    """
    holder, row_id = _HOLDERS[subject], random_id()
    async with in_transaction():
        changed = await _write_size(owner_id, values) if subject is Subject.COMPANY else False
        await execute(
            f"""INSERT INTO {holder.table} (id, {holder.owner}, values_encrypted)
            SELECT :id, o.id, '' FROM {holder.owners} o WHERE o.id = :owner
            ON CONFLICT ({holder.owner}) DO NOTHING""",  # noqa: S608 - names of ours
            {"id": row_id, "owner": owner_id},
        )
        lock = "FOR UPDATE" if dialect() == "postgresql" else ""
        row = await fetch_one(
            f"SELECT id, values_encrypted FROM {holder.table} WHERE {holder.owner} = :owner {lock}",  # noqa: S608
            {"owner": owner_id},
        )
        if row is None:
            return False
        kept = unsealed(row["values_encrypted"], holder.place, row["id"])
        wanted = dict(kept)
        for key, value in values.items():
            if value is None:
                wanted.pop(key, None)
            elif key != SIZE_CLASS and kept.get(key, (None, ""))[0] != value:
                wanted[key] = (value, source)
        if wanted != kept:
            await _seal(holder, row["id"], wanted)
        return changed or wanted != kept


async def _seal(holder: _Holder, row_id: int, kept: Kept) -> None:
    await execute(
        f"UPDATE {holder.table} SET values_encrypted = :sealed WHERE id = :id",  # noqa: S608
        {"id": row_id, "sealed": vault.seal(json.dumps(kept), holder.place, row_id) if kept else ""},
    )


async def _write_size(company_id: int, values: Mapping[str, Value | None]) -> bool:
    if SIZE_CLASS not in values:
        return False
    changed = await execute(
        "UPDATE vault_companies SET size_class = :size WHERE id = :id AND size_class <> :size",
        {"id": company_id, "size": values[SIZE_CLASS] or ""},
    )
    return changed > 0


async def get_company_values(company_id: int) -> Kept:
    """What is known of a company."""
    row = await fetch_one(
        """SELECT c.size_class, x.id, x.values_encrypted FROM vault_companies c
        LEFT JOIN vault_company_attributes x ON x.company_id = c.id WHERE c.id = :id""",
        {"id": company_id},
    )
    if row is None:
        return {}
    kept = unsealed(row["values_encrypted"], vault.COMPANY_ATTRIBUTES, row["id"])
    return {**kept, SIZE_CLASS: (row["size_class"], "staff")} if row["size_class"] else kept


async def get_account_values(account_id: int) -> Kept:
    """What is known of a person."""
    row = await fetch_one(
        "SELECT id, values_encrypted FROM vault_account_attributes WHERE account_id = :id", {"id": account_id}
    )
    return unsealed(row["values_encrypted"], vault.ACCOUNT_ATTRIBUTES, row["id"]) if row else {}


@dataclass(frozen=True, slots=True)
class OwnValue:
    """An attribute of the viewer, or of their company, for themselves."""

    definition: Definition
    value: Value
    source: str


async def list_own_values(member_id: int) -> list[OwnValue]:
    """What is known of a member and of their company, and where it comes from."""
    row = await fetch_one(
        "SELECT id, belonging_encrypted FROM vault_accounts WHERE member_id = :id", {"id": member_id}
    )
    if row is None:
        return []
    kept = {Subject.ACCOUNT: await get_account_values(row["id"])}
    company_id = opened(row["belonging_encrypted"], row["id"]).company_id
    kept[Subject.COMPANY] = await get_company_values(company_id) if company_id else {}
    return [
        OwnValue(definition, *kept[Subject(definition.subject)][definition.key])
        for definition in (await definitions_by_key()).values()
        if definition.key in kept[Subject(definition.subject)]
    ]


async def forget_undefined_values(fact: Fact) -> None:
    """An attribute was removed: its values are removed everywhere, with those of all that are not defined."""
    subject = Subject(fact["subject"])
    holder, known, last = _HOLDERS[subject], await definitions_by_key(subject), -1
    while rows := await fetch(
        f"""SELECT id, values_encrypted FROM {holder.table}
        WHERE id > :last AND values_encrypted <> '' ORDER BY id LIMIT {BATCH}""",  # noqa: S608
        {"last": last},
    ):
        last = rows[-1]["id"]
        for row in rows:
            if set(unsealed(row["values_encrypted"], holder.place, row["id"])) - set(known):
                await _forget(holder, row["id"], known)


async def _forget(holder: _Holder, row_id: int, known: Mapping[str, Definition]) -> None:
    lock = "FOR UPDATE" if dialect() == "postgresql" else ""
    async with in_transaction():
        row = await fetch_one(
            f"SELECT values_encrypted FROM {holder.table} WHERE id = :id {lock}",  # noqa: S608
            {"id": row_id},
        )
        if row is not None:
            kept = unsealed(row["values_encrypted"], holder.place, row_id)
            await _seal(holder, row_id, {key: one for key, one in kept.items() if key in known})
