"""The vault, first half: accounts, registrations, sessions, links by mail.

Importing this module needs a line in the vault contract.
"""

from __future__ import annotations

from typing import Any

from tortoise import fields
from tortoise.models import Model

from community.core.db import random_id


class Account(Model):
    """What proves identity. The mail address is found by keyed hash, read by decryption only."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member: Any = fields.OneToOneField("community.Member", related_name=False, on_delete=fields.CASCADE)
    member_id: int
    belonging_encrypted = fields.TextField(default="", db_default="")
    """Company, and whether the person acts for it: read and written by `accounts.belonging` alone."""
    mail_hash = fields.CharField(max_length=64, unique=True)
    mail_encrypted = fields.TextField()
    real_name_encrypted = fields.TextField(default="")
    stated_company_encrypted = fields.TextField(default="")
    """The company as the person wrote it at registration; nobody has checked it."""
    password_hash = fields.CharField(max_length=255)
    created_at = fields.DatetimeField()
    confirmed_at = fields.DatetimeField(null=True)
    password_changed_at = fields.DatetimeField()
    nickname_changed_at = fields.DatetimeField(null=True)
    """Kept here and not with the member, so that nothing public tells that somebody had another nickname."""
    mail_refused = fields.BooleanField(default=False, db_default=False)
    """The mail server takes nothing for the address. Until it is confirmed again, mails that nobody has just asked
    for stay away. Since when is not kept: a company's mail server refuses colleagues at the same moment."""

    class Meta:
        table = "vault_accounts"


class Registration(Model):
    """A registration that waits for its address to be confirmed. Only the confirmation makes member and account.

    It is written the same way whether or not the address has an account: what the owner is sent is decided when
    the mail is written. Until it ends it holds its nickname, for the same reason.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    nickname = fields.CharField(max_length=40)
    nickname_key = fields.CharField(max_length=80, unique=True)
    mail_hash = fields.CharField(max_length=64, db_index=True)
    mail_encrypted = fields.TextField()
    real_name_encrypted = fields.TextField(default="")
    stated_company_encrypted = fields.TextField(default="")
    password_hash = fields.CharField(max_length=255)
    language = fields.CharField(max_length=8, default="", db_default="")
    accepted = fields.TextField(default="", db_default="")
    """Which versions of terms, privacy and netiquette the form spoke of, as JSON."""
    browser_hash = fields.CharField(max_length=64, default="", db_default="")
    """SHA-256 of a random cookie: the same browser may send the form again, with a corrected address say."""
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "vault_registrations"


class Session(Model):
    """A log-in. The cookie holds a random token; here lies only its SHA-256."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int
    member_id = fields.BigIntField()
    """Copied from the account so that a request reads the vault by this row alone."""
    created_at = fields.DatetimeField()
    seen_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    device = fields.CharField(max_length=60, default="", db_default="")
    """Family of browser and system ("Firefox, Windows"), for the list of one's own sessions."""
    way = fields.CharField(max_length=16, default="", db_default="")
    """How the log-in began: "password", "passkey", "single-sign-on"; empty for those from before this was kept."""
    second_factor = fields.CharField(max_length=16, default="", db_default="")
    """What else was shown: "app", "passkey", "recovery"; empty: nothing else."""

    class Meta:
        table = "vault_sessions"


class SignOn(Model):
    """An account can be entered through a log-in provider: the provider's own number of the person leads to it."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int
    subject_hash = fields.CharField(max_length=64, unique=True)
    """Keyed, of issuer and subject together (`vault.subject_hash`)."""
    subject_encrypted = fields.TextField()
    claims_encrypted = fields.TextField(default="", db_default="")
    """What the provider said at the last log-in about company and attributes, as JSON."""
    linked_at = fields.DatetimeField()

    class Meta:
        table = "vault_sign_ons"


class SignOnSession(Model):
    """What a session that began at the log-in provider is known by there, for logging out on both sides."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    session: Any = fields.OneToOneField("community.Session", related_name=False, on_delete=fields.CASCADE)
    session_id: int
    sign_on: Any = fields.ForeignKeyField(
        "community.SignOn", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    sign_on_id: int
    provider_session_hash = fields.CharField(max_length=64, default="", db_default="", db_index=True)
    """SHA-256 of issuer and session number, which is random."""
    id_token_encrypted = fields.TextField(default="", db_default="")
    """By which the provider knows whose session it is asked to end."""

    class Meta:
        table = "vault_sign_on_sessions"


class SignOnArrival(Model):
    """Somebody whom the log-in provider vouches for and who has no account by it yet, or has not linked it yet."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    """Of a cookie in the browser that they came with."""
    vouched_encrypted = fields.TextField()
    """All that the provider said, as JSON."""
    registration_id = fields.BigIntField(null=True, db_index=True)
    """The registration that makes their account once the address is confirmed, where the provider did not vouch
    for it."""
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "vault_sign_on_arrivals"


class LogInStep(Model):
    """A log-in under way, or a passkey being made: opens nothing by itself. Its cookie is like that of a session."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    token_hash = fields.CharField(max_length=64, unique=True)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int | None
    """Empty where nobody has said yet who they are."""
    purpose = fields.CharField(max_length=16)
    way = fields.CharField(max_length=16, default="", db_default="")
    challenge = fields.CharField(max_length=64)
    """What a passkey signs, base64url."""
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)

    class Meta:
        table = "vault_log_in_steps"


class SecondFactor(Model):
    """The app that shows codes, one row for each account that ever wanted one."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.OneToOneField("community.Account", related_name=False, on_delete=fields.CASCADE)
    account_id: int
    secret_encrypted = fields.TextField(default="", db_default="")
    """Empty while no app is set up."""
    last_step = fields.BigIntField(default=0, db_default=0)
    """The last half minute whose code was used: no code is good twice."""
    confirmed_at = fields.DatetimeField(null=True)
    offered_encrypted = fields.TextField(default="", db_default="")
    """A secret that was shown, and that no code has confirmed yet."""
    offered_at = fields.DatetimeField(null=True)
    user_handle = fields.CharField(max_length=64, default="", db_default="")
    """What passkeys know the account by: random, and used for nothing else."""

    class Meta:
        table = "vault_second_factors"


class Passkey(Model):
    """The public half of a passkey; nothing in here opens anything."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int
    name_encrypted = fields.TextField()
    """As its owner calls it, which may be by their name."""
    credential_hash = fields.CharField(max_length=64, unique=True)
    credential_id = fields.TextField()
    public_key = fields.TextField()
    sign_count = fields.BigIntField(default=0)
    created_at = fields.DatetimeField()
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_passkeys"


class RecoveryCode(Model):
    """One of the codes for the day the phone is gone. Used ones are deleted."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int
    code_hash = fields.CharField(max_length=64, unique=True)
    """SHA-256 with the account's id: a code has 80 random bits, which nobody tries out."""
    created_at = fields.DatetimeField()

    class Meta:
        table = "vault_recovery_codes"


class MailLink(Model):
    """A link sent by mail: choose a new password, or confirm a new address. The token is derived, never stored."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, null=True, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int | None
    """Empty where somebody asked for an address without an account: it costs the same work, and sends nothing."""
    purpose = fields.CharField(max_length=16)
    new_mail_encrypted = fields.TextField(default="")
    """The address that this link confirms, where that is its purpose."""
    language = fields.CharField(max_length=8, default="", db_default="")
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    used_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_mail_links"


class Reveal(Model):
    """Somebody of staff asks who is behind a nickname. Nothing of the identity lies in here."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member_id = fields.BigIntField(db_index=True)
    """Numbers and no foreign keys: what was asked and decided outlives the people."""
    asked_by = fields.BigIntField()
    asked_at = fields.DatetimeField(db_index=True)
    cause = fields.CharField(max_length=16)
    reason = fields.TextField()
    reference = fields.CharField(max_length=60, default="", db_default="")
    """The file number of an authority, or the number of a ticket."""
    tell_at = fields.DatetimeField(null=True)
    """When the member is told; empty: at once."""
    silence_reason = fields.CharField(max_length=500, default="", db_default="")
    """The law or order by which the member is told later."""
    decided_by = fields.BigIntField(null=True)
    decided_at = fields.DatetimeField(null=True)
    is_approved = fields.BooleanField(null=True)
    shown_at = fields.DatetimeField(null=True)
    told_at = fields.DatetimeField(null=True)

    class Meta:
        table = "vault_reveals"


class Ban(Model):
    """Who must not come back under another nickname: the keyed hash of a mail address, or of a person at the log-in
    provider. It outlives the account, and nothing else of it does."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, null=True, on_delete=fields.SET_NULL, db_index=True
    )
    account_id: int | None
    """Empty once the account is erased. While it is there, lifting the ban removes the row."""
    hash = fields.CharField(max_length=64, db_index=True)

    class Meta:
        table = "vault_bans"


class Consent(Model):
    """A recorded yes for one purpose, with all that proves it. A row is closed by its withdrawal, never reused."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.ForeignKeyField(
        "community.Account", related_name=False, on_delete=fields.CASCADE, db_index=True
    )
    account_id: int
    purpose = fields.CharField(max_length=16)
    text = fields.TextField()
    """The very words that were agreed to."""
    text_version = fields.CharField(max_length=16)
    language = fields.CharField(max_length=8)
    source = fields.CharField(max_length=60)
    """Where the box was ticked: the path of a page."""
    asked_at = fields.DatetimeField()
    asked_from_encrypted = fields.TextField(default="", db_default="")
    """The address of the net, which courts want as proof; sealed like everything here that tells of a person."""
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    """Of the link that confirms."""
    unsubscribe_hash = fields.CharField(max_length=64, unique=True)
    """Of the link that every mail for this purpose carries."""
    expires_at = fields.DatetimeField(db_index=True)
    confirmed_at = fields.DatetimeField(null=True)
    confirmed_from_encrypted = fields.TextField(default="", db_default="")
    withdrawn_at = fields.DatetimeField(null=True)
    withdrawn_by = fields.CharField(max_length=16, default="", db_default="")
    """"settings", "mail" (the link of a mail), or "replaced" (a later consent)."""

    class Meta:
        table = "vault_consents"
        indexes = (("purpose", "confirmed_at"),)


class AccountAttributes(Model):
    """What is known of a person for the rules of segments; sealed, because it narrows down who somebody is."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    account: Any = fields.OneToOneField("community.Account", related_name=False, on_delete=fields.CASCADE)
    account_id: int
    values_encrypted = fields.TextField(default="", db_default="")

    class Meta:
        table = "vault_account_attributes"


class Erasure(Model):
    """A member who has gone. What stays is the number, so that a restored backup can forget them again.

    Address and nickname are sealed, and emptied as soon as the last mail is sent and the last mention replaced.
    """

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    member_id = fields.BigIntField(unique=True)
    erased_at = fields.DatetimeField()
    language = fields.CharField(max_length=8, default="", db_default="")
    mail_encrypted = fields.TextField(default="", db_default="")
    nickname_encrypted = fields.TextField(default="", db_default="")
    place = fields.CharField(max_length=60, default="", db_default="")
    """How far mentions have been replaced: round, number of the table, id of its last row that was looked at."""
    again_at = fields.DatetimeField(null=True)
    """When the second round may begin, for what was being written during the first."""
    done_at = fields.DatetimeField(null=True, db_index=True)

    class Meta:
        table = "vault_erasures"


class Notifier(Model):
    """Who has reported something without an account. Only the notice knows which one it is."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    name_encrypted = fields.TextField(default="")
    mail_encrypted = fields.TextField(default="")
    created_at = fields.DatetimeField()

    class Meta:
        table = "vault_notifiers"


class MailInvitation(Model):
    """An address is invited into a group. Written the same way whether or not it has an account."""

    id = fields.BigIntField(primary_key=True, generated=False, default=random_id)
    group_id = fields.BigIntField(db_index=True)
    """Numbers and no foreign keys: the vault knows no groups."""
    invited_by = fields.BigIntField()
    mail_hash = fields.CharField(max_length=64, db_index=True)
    mail_encrypted = fields.TextField()
    language = fields.CharField(max_length=8, default="", db_default="")
    nonce = fields.CharField(max_length=64)
    token_hash = fields.CharField(max_length=64, unique=True)
    created_at = fields.DatetimeField()
    expires_at = fields.DatetimeField(db_index=True)
    is_used = fields.BooleanField(default=False, db_default=False)
    """Not when: a time could be laid beside the time somebody came."""

    class Meta:
        table = "vault_mail_invitations"
