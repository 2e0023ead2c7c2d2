"""The opened vault of this process: what stands in which encrypted column."""

from __future__ import annotations

from functools import cache

from community.core.db import fetch_one
from community.core.vault_keys import VaultKeys
from community.settings import settings

ACCOUNT_MAIL = "vault_accounts.mail_encrypted"
ACCOUNT_REAL_NAME = "vault_accounts.real_name_encrypted"
ACCOUNT_STATED_COMPANY = "vault_accounts.stated_company_encrypted"
COMPANY_NAME = "vault_companies.name_encrypted"
COMPANY_CONTRACT_NUMBER = "vault_companies.contract_number_encrypted"
REGISTRATION_MAIL = "vault_registrations.mail_encrypted"
REGISTRATION_REAL_NAME = "vault_registrations.real_name_encrypted"
REGISTRATION_STATED_COMPANY = "vault_registrations.stated_company_encrypted"
LINK_NEW_MAIL = "vault_mail_links.new_mail_encrypted"


@cache
def keys() -> VaultKeys:
    """The opened key file. Development makes one where there is none; elsewhere a missing file is an error.

    Raises what `VaultKeys.load` raises.
    """
    return VaultKeys.load(settings.vault_key_file, create=settings.development)


async def open_new_vault() -> VaultKeys:
    """Like `keys`, for commands that may be the first to write: an empty vault may get its key file now.

    A vault that holds something never does, as fresh keys could not read it.
    """
    if not settings.vault_key_file.exists() and await _is_empty():
        VaultKeys.load(settings.vault_key_file, create=True)
    return keys()


async def _is_empty() -> bool:
    held = await fetch_one(
        """SELECT (SELECT COUNT(*) FROM vault_accounts) + (SELECT COUNT(*) FROM vault_companies)
        + (SELECT COUNT(*) FROM vault_registrations) AS held"""
    )
    return held is not None and held["held"] == 0


def seal(value: str, place: str, row_id: int) -> str:
    """The text to store for `value` in one of the columns above; empty stays empty."""
    return keys().encrypt(value, place=place, row_id=row_id) if value else ""


def unseal(stored: str, place: str, row_id: int) -> str:
    """The value that `seal` was given; empty for an empty column."""
    return keys().decrypt(stored, place=place, row_id=row_id)


def mail_hash(address: str) -> str:
    """The keyed hash by which an address is found."""
    return keys().mail_hash(address)
