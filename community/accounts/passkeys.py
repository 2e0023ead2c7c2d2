"""Passkeys (WebAuthn): made once, used to log in without a password, or as second factor behind it.

What they sign is checked by the library `webauthn`. The address of the site is the configured one, whatever host a
request named, and an account is known to a passkey by random bytes that stand nowhere else.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from typing import Any

import webauthn
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from community.accounts import vault
from community.accounts.log_in_steps import Step
from community.accounts.models import Passkey
from community.accounts.second_factors import Proof, note_added, note_removed, row_of
from community.core.clock import now
from community.core.db import Row, execute, fetch, fetch_one, in_transaction, is_unique_violation, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.settings import settings

MOST_PASSKEYS = 20
LONGEST_NAME = 40
LONGEST_ANSWER = 10_000
"""Characters of what a browser answers; some hundreds are usual."""
_UNREADABLE = (WebAuthnException, ValueError, TypeError, KeyError, AttributeError)


def are_possible() -> bool:
    """Browsers bind passkeys to a name; a site that is reached by a number of the net can have none."""
    try:
        ipaddress.ip_address(settings.host)
    except ValueError:
        return True
    return False


# --- making one -------------------------------------------------------------------------------------------


async def prepare(account_id: int) -> None:
    """Give the account the random number by which its passkeys will know it."""
    async with in_transaction():
        await execute(
            "UPDATE vault_second_factors SET user_handle = :handle WHERE id = :id AND user_handle = ''",
            {"handle": secrets.token_urlsafe(32), "id": await row_of(account_id)},
        )


async def options_for_new(step: Step, *, site: str) -> str:
    """What the browser is asked to make, as JSON. It shows the site's name, and no nickname."""
    account_id = step.account_id or 0
    made = webauthn.generate_registration_options(
        rp_id=settings.host,
        rp_name=site,
        user_id=base64url_to_bytes(await _user_handle(account_id)),
        user_name=site,
        challenge=base64url_to_bytes(step.challenge),
        exclude_credentials=await _descriptors(account_id),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.PREFERRED,
            user_verification=UserVerificationRequirement.PREFERRED,
        ),
    )
    return webauthn.options_to_json(made)


async def add_passkey(step: Step, answer: str, *, name: str, kept_session: str) -> tuple[str, ...]:
    """New recovery codes to show, if there were none. Raises RuleBroken for what is no passkey made just now."""
    account_id = step.account_id or 0
    if await _count(account_id) >= MOST_PASSKEYS:
        raise RuleBroken(_("You have very many passkeys. Please remove one first."))
    try:
        made = webauthn.verify_registration_response(
            credential=answer[:LONGEST_ANSWER],
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=settings.host,
            expected_origin=settings.base_url,
        )
    except _UNREADABLE:
        raise RuleBroken(_no_passkey()) from None
    passkey_id = random_id()
    try:
        async with in_transaction():
            await insert(
                Passkey,
                id=passkey_id,
                account_id=account_id,
                name_encrypted=vault.seal(name, vault.PASSKEY_NAME, passkey_id),
                credential_hash=_hash(made.credential_id),
                credential_id=bytes_to_base64url(made.credential_id),
                public_key=bytes_to_base64url(made.credential_public_key),
                sign_count=made.sign_count,
                created_at=now(),
                used_at=None,
            )
            return await note_added(account_id, Proof.PASSKEY, kept_session=kept_session)
    except Exception as error:
        if is_unique_violation(error):
            raise RuleBroken(_no_passkey()) from None
        raise


def _no_passkey() -> str:
    return _("The passkey could not be made. Please try again.")


async def remove_passkey(account_id: int, passkey_id: int, *, role: str, kept_session: str) -> None:
    """Raises NotFound for somebody else's, RuleBroken for the last factor of whoever must have one."""
    async with in_transaction():
        removed = await execute(
            "DELETE FROM vault_passkeys WHERE id = :id AND account_id = :account",
            {"id": passkey_id, "account": account_id},
        )
        if not removed:
            raise NotFound
        await note_removed(account_id, role=role, kept_session=kept_session)


# --- logging in -------------------------------------------------------------------------------------------


async def options_for_log_in(step: Step) -> str:
    """What the browser is asked to sign, as JSON; before anybody is known it names no passkey."""
    known = step.account_id is not None
    asked = webauthn.generate_authentication_options(
        rp_id=settings.host,
        challenge=base64url_to_bytes(step.challenge),
        allow_credentials=await _descriptors(step.account_id or 0) if known else None,
        user_verification=(
            UserVerificationRequirement.PREFERRED if known else UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(asked)


async def check_answer(step: Step, answer: str) -> int | None:
    """The account whose passkey signed; None for every reason alike.

    Behind a password having the passkey is enough. Alone it has to have asked for a finger, a face or a PIN.
    """
    try:
        answered = webauthn.helpers.parse_authentication_credential_json(answer[:LONGEST_ANSWER])
        row = await _find(answered.raw_id)
        if row is None or step.account_id not in (None, row["account_id"]):
            return None
        given = answered.response.user_handle
        if given and bytes_to_base64url(given) != row["user_handle"]:
            return None
        signed = webauthn.verify_authentication_response(
            credential=answered,
            expected_challenge=base64url_to_bytes(step.challenge),
            expected_rp_id=settings.host,
            expected_origin=settings.base_url,
            credential_public_key=base64url_to_bytes(row["public_key"]),
            credential_current_sign_count=row["sign_count"],
            require_user_verification=step.account_id is None,
        )
    except _UNREADABLE:
        return None
    # Those that count never show a number twice: who does is a copy.
    counted = await execute(
        """UPDATE vault_passkeys SET sign_count = :count, used_at = :now
        WHERE id = :id AND (sign_count < :count OR (sign_count = 0 AND :count = 0))""",
        {"count": signed.new_sign_count, "now": now(), "id": row["id"]},
    )
    return int(row["account_id"]) if counted else None


async def _find(credential_id: bytes) -> Row | None:
    return await fetch_one(
        """SELECT p.id, p.account_id, p.public_key, p.sign_count, f.user_handle FROM vault_passkeys p
        JOIN vault_second_factors f ON f.account_id = p.account_id WHERE p.credential_hash = :hash""",
        {"hash": _hash(credential_id)},
    )


async def _descriptors(account_id: int) -> list[PublicKeyCredentialDescriptor]:
    rows = await fetch(
        "SELECT credential_id FROM vault_passkeys WHERE account_id = :account ORDER BY created_at, id",
        {"account": account_id},
    )
    return [PublicKeyCredentialDescriptor(id=base64url_to_bytes(row["credential_id"])) for row in rows]


async def _user_handle(account_id: int) -> str:
    row: Any = await fetch_one(
        "SELECT user_handle FROM vault_second_factors WHERE account_id = :account", {"account": account_id}
    )
    if row is None or not row["user_handle"]:
        raise NotFound
    return str(row["user_handle"])


async def _count(account_id: int) -> int:
    row = await fetch_one(
        "SELECT COUNT(*) AS n FROM vault_passkeys WHERE account_id = :account", {"account": account_id}
    )
    return row["n"] if row else 0


def _hash(credential_id: bytes) -> str:
    return hashlib.sha256(credential_id).hexdigest()
