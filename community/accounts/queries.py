"""What others may ask the vault, and nothing more."""

from __future__ import annotations

from functools import cache

from community.core.db import fetch_one
from community.core.vault_keys import VaultKeys
from community.settings import settings


@cache
def vault_keys() -> VaultKeys:
    """The opened key file of this installation."""
    return VaultKeys.load(settings.vault_key_file, create=settings.development)


async def own_words(member_id: int) -> tuple[str, ...]:
    """Real name and company of a member, to warn them, and only them, before they publish these themselves."""
    row = await fetch_one(
        """SELECT a.id, a.real_name_encrypted, a.stated_company_encrypted, c.id AS company_id, c.name_encrypted
        FROM vault_accounts a LEFT JOIN vault_companies c ON c.id = a.company_id
        WHERE a.member_id = :member_id""",
        {"member_id": member_id},
    )
    if row is None:
        return ()
    sealed = (
        (row["real_name_encrypted"], "vault_accounts.real_name_encrypted", row["id"]),
        (row["stated_company_encrypted"], "vault_accounts.stated_company_encrypted", row["id"]),
        (row["name_encrypted"], "vault_companies.name_encrypted", row["company_id"]),
    )
    words = (
        vault_keys().decrypt(value, place=place, row_id=row_id) for value, place, row_id in sealed if value
    )
    return tuple(dict.fromkeys(word for word in words if word))
