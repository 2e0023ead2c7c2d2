"""What stands open in the vault's tables is a decision: a copy of the database shows it to whoever has got it."""

from __future__ import annotations

import pytest
from tortoise import Tortoise, fields
from tortoise.models import Model

from community.accounts import vault
from community.core.db import APP
from tests.databases import Kind

OPEN = {
    "vault_accounts": {"password_hash"},
    # Which versions of the site's own texts the form showed.
    "vault_registrations": {"accepted", "nickname", "nickname_key", "password_hash", "language", "nonce"},
    "vault_sessions": {"device", "way", "second_factor"},
    "vault_log_in_steps": {"purpose", "way", "challenge"},
    "vault_second_factors": {"user_handle"},
    # The public half, made for this site alone.
    "vault_passkeys": {"credential_id", "public_key"},
    "vault_mail_links": {"purpose", "language", "nonce"},
    # Written by staff about a nickname; nobody of them knows who it is.
    "vault_reveals": {"cause", "reason", "reference", "silence_reason"},
    # The words of a form that everybody sees.
    "vault_consents": {"purpose", "text", "text_version", "language", "source", "nonce", "withdrawn_by"},
    "vault_erasures": {"language", "place"},
    "vault_mail_invitations": {"language", "nonce"},
    "vault_companies": {"size_class", "joining"},
    "vault_joinings": {"state"},
    "vault_invitations": {"language", "nonce"},
    "vault_departures": {"language"},
    "vault_attribute_imports": {"subject"},
    # A keyed hash, of an address or of a person at the log-in provider.
    "vault_bans": {"hash"},
}
"""Columns with text that are neither sealed nor a hash."""

_TEXTS = (fields.CharField, fields.TextField, fields.JSONField, fields.BinaryField)


def _vault_models() -> list[type[Model]]:
    return [model for model in Tortoise.apps[APP].values() if model._meta.db_table.startswith("vault_")]  # type: ignore[union-attr]


async def test_texts_of_the_vault_are_sealed_hashed_or_listed_here(db: Kind) -> None:
    for model in _vault_models():
        texts = {name for name, one in model._meta.fields_map.items() if isinstance(one, _TEXTS)}
        plain = {name for name in texts if not name.endswith(("_encrypted", "_hash"))} | (
            texts & {"password_hash"}
        )
        assert plain == OPEN.get(model._meta.db_table, set()), (
            f"{model._meta.db_table}: seal it (vault.seal), or say here why everybody may read it in a copy"
        )


async def test_tables_with_sealed_columns_belong_to_the_vault(db: Kind) -> None:
    for model in Tortoise.apps[APP].values():
        sealed = [name for name in model._meta.fields_map if name.endswith("_encrypted")]  # type: ignore[union-attr]
        assert not sealed or model in _vault_models(), model


@pytest.mark.parametrize("address", ["erika@acme.example", "@acme.example"])
def test_an_address_has_another_hash_in_each_table(address: str) -> None:
    places = [place for place in vault.SEALED if place.endswith(".mail_encrypted")]
    hashes = {vault.mail_hash(address, place) for place in places}
    assert len(hashes) == len(places) > 5
    assert vault.mail_hash(address) == vault.mail_hash(address, vault.ACCOUNT_MAIL)
