"""The vault, second half: the customer organisations. Importing this module needs a line in the vault contract."""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Company(Model):
    """Name and contract number are encrypted (`community.core.vault_keys`)."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    name_encrypted = fields.TextField()
    contract_number_encrypted = fields.TextField(default="")
    size_class = fields.CharField(max_length=16, default="", db_default="")
    created_at = fields.DatetimeField()
    joining = fields.CharField(max_length=16, default="approval", db_default="approval")
    """What a confirmed address of one of the domains opens: "at_once", "approval" or "closed"."""
    colleague_count = fields.IntField(default=0, db_default=0)
    """Counted once a week, so that nobody sees the figure move with what they have just done."""
    counted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_companies"


class CompanyDomain(Model):
    """A mail domain that is the company's alone. It is kept like an address without a name: "@acme.example"."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company: Any = fields.ForeignKeyField(
        "community.Company", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    company_id: int
    mail_hash = fields.CharField(max_length=64, unique=True)
    mail_encrypted = fields.TextField()

    class Meta:
        table = "vault_company_domains"


class CompanyClaim(Model):
    """What the log-in provider calls a company: its number there, or its name."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company: Any = fields.ForeignKeyField(
        "community.Company", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    company_id: int
    claim_hash = fields.CharField(max_length=64, unique=True)
    claim_encrypted = fields.TextField()

    class Meta:
        table = "vault_company_claims"


class Joining(Model):
    """How an account came to its company, or waits to: one for each account, kept as long as it belongs there."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company_encrypted = fields.TextField(default="", db_default="")
    """Which company, by number: sealed, or a copy of the database would tell who are colleagues."""
    account: Any = fields.OneToOneField("community.Account", related_name=False, on_delete=fields.CASCADE)
    account_id: int
    mail_hash = fields.CharField(max_length=64, db_index=True)
    """Of the address at that time: colleagues are off-boarded by it even after they have taken another."""
    mail_encrypted = fields.TextField()
    state = fields.CharField(max_length=16)
    """"waiting" for a decision, "approved" (takes effect soon), or "joined". No dates: they would tell who."""

    class Meta:
        table = "vault_joinings"


class Invitation(Model):
    """An invitation to one address, good for one use, or a code for several people."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company_encrypted = fields.TextField(default="", db_default="")
    """Which company, by number: the moment of an invitation may tell who made it."""
    maker_hash = fields.CharField(max_length=64, default="", db_default="", db_index=True)
    """Keyed, of the account that made it; empty where staff did."""
    maker_encrypted = fields.TextField(default="", db_default="")
    mail_hash = fields.CharField(max_length=64, default="", db_default="", db_index=True)
    mail_encrypted = fields.TextField(default="", db_default="")
    """The address that alone can use it; empty for a code."""
    code_encrypted = fields.TextField(default="", db_default="")
    """The code, for whoever made it to read again."""
    makes_administrator = fields.BooleanField(default=False, db_default=False)
    language = fields.CharField(max_length=8, default="", db_default="")
    nonce = fields.CharField(max_length=64, default="", db_default="")
    """What the token of the mailed link is derived from."""
    token_hash = fields.CharField(max_length=64, unique=True)
    uses_left = fields.IntField()
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "vault_invitations"


class Departure(Model):
    """An address that the company has off-boarded, whether or not it has an account.

    It takes effect at a random moment, and afterwards keeps the address from coming back by domain or code.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company: Any = fields.ForeignKeyField(
        "community.Company", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    company_id: int
    mail_hash = fields.CharField(max_length=64, db_index=True)
    mail_encrypted = fields.TextField()
    language = fields.CharField(max_length=8, default="", db_default="")
    created_at = fields.DatetimeField(db_index=True)
    """The day alone: a moment could be laid beside the sessions of whoever did it."""

    class Meta:
        table = "vault_departures"


class CompanyAttributes(Model):
    """What is known of a company for the rules of segments, in one sealed text: a copy of the database does not
    even tell which attributes are known."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    company: Any = fields.OneToOneField("community.Company", related_name=False, on_delete=fields.CASCADE)
    company_id: int
    values_encrypted = fields.TextField(default="", db_default="")

    class Meta:
        table = "vault_company_attributes"


class AttributeImport(Model):
    """A file of attributes that was read and waits for a yes or is being carried out. The file is not kept."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    made_by = fields.BigIntField()
    subject = fields.CharField(max_length=16)
    """Whose attributes: "company" or "account"."""
    changes_encrypted = fields.TextField(default="", db_default="")
    report_encrypted = fields.TextField(default="", db_default="")
    """Lines that were refused, and what would change."""
    change_count = fields.IntField(default=0, db_default=0)
    place = fields.IntField(default=0, db_default=0)
    """How many of the changes are carried out."""
    created_at = fields.DatetimeField(db_index=True)
    confirmed_at = fields.DatetimeField(null=True)
    done_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_attribute_imports"
