"""The vault, second half: accounts, sessions, links by mail. Importing this module needs a line in the vault contract."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Account(Model):
    """What proves identity. The mail address is found by keyed hash, read by decryption only."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member = fields.OneToOneField("community.Member", related_name=False, on_delete=fields.CASCADE)
    company = fields.ForeignKeyField(
        "community.Company", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    mail_hash = fields.CharField(max_length=64, unique=True)
    mail_encrypted = fields.TextField()
    real_name_encrypted = fields.TextField(default="")
    stated_company_encrypted = fields.TextField(default="")
    """The company as the person wrote it at registration; `company` is set once somebody has checked it."""
    password_hash = fields.CharField(max_length=255)
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    password_changed_at = fields.DatetimeField()

    class Meta:
        table = "vault_accounts"


class Session(Model):
    """A log-in. The cookie holds a random token; here lies only its SHA-256."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    account = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    member_id = fields.BigIntField()
    """Copied from the account so that a request reads the vault by this row alone."""
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    device = fields.CharField(max_length=60, default="", db_default="")
    """Family of browser and system ("Firefox, Windows"), for the list of one's own sessions."""

    class Meta:
        table = "vault_sessions"


class MailLink(Model):
    """A link sent by mail: confirm the address, or choose a new password. The token is derived, never stored."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    purpose = fields.CharField(max_length=16)
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_mail_links"
