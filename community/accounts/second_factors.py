"""What an account proves itself with besides its password: an app, passkeys, recovery codes.

Every change ends the other sessions and every log-in under way, and its owner gets a mail about it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.accounts import log_in_steps, recovery_codes, totp, vault
from community.core import i18n, outbox
from community.core.clock import now
from community.core.db import Row, as_time, execute, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.viewer import STAFF_ROLES
from community.settings import settings

OFFER_LASTS = timedelta(minutes=15)
"""How long a secret that was shown waits for its first code."""


class Proof(StrEnum):
    """What was shown as second factor, as sessions keep it."""

    APP = "app"
    PASSKEY = "passkey"
    RECOVERY = "recovery"


@dataclass(frozen=True, slots=True)
class OwnPasskey:
    id: int
    name: str
    created_at: datetime
    used_at: datetime | None


@dataclass(frozen=True, slots=True)
class OwnFactors:
    """What a member has set up, for that member alone."""

    app_since: datetime | None
    passkeys: tuple[OwnPasskey, ...]
    code_count: int
    """Recovery codes that are left."""

    @property
    def is_on(self) -> bool:
        return self.app_since is not None or bool(self.passkeys)


def is_compulsory_for(role: str) -> bool:
    """Whether this role logs in with a second factor or not at all."""
    return settings.staff_second_factor and role in STAFF_ROLES


async def get_factors(account_id: int) -> OwnFactors:
    row = await fetch_one(
        "SELECT confirmed_at FROM vault_second_factors WHERE account_id = :account AND secret_encrypted <> ''",
        {"account": account_id},
    )
    passkeys = await fetch(
        """SELECT id, name_encrypted, created_at, used_at FROM vault_passkeys WHERE account_id = :account
        ORDER BY created_at, id""",
        {"account": account_id},
    )
    return OwnFactors(
        app_since=as_time(row["confirmed_at"]) if row else None,
        passkeys=tuple(_own_passkey(each) for each in passkeys),
        code_count=await recovery_codes.count_codes(account_id),
    )


def _own_passkey(row: Row) -> OwnPasskey:
    return OwnPasskey(
        id=row["id"],
        name=vault.unseal(row["name_encrypted"], vault.PASSKEY_NAME, row["id"]),
        created_at=as_time(row["created_at"]) or now(),
        used_at=as_time(row["used_at"]),
    )


async def account_id_of(member_id: int) -> int:
    row = await fetch_one("SELECT id FROM vault_accounts WHERE member_id = :member", {"member": member_id})
    if row is None:
        raise NotFound
    return int(row["id"])


# --- the app ----------------------------------------------------------------------------------------------


async def offer_app(account_id: int) -> None:
    """Make the secret that the owner is shown next; it counts for nothing until a code has confirmed it."""
    async with in_transaction():
        row_id = await row_of(account_id)
        await execute(
            "UPDATE vault_second_factors SET offered_encrypted = :sealed, offered_at = :now WHERE id = :id",
            {
                "sealed": vault.seal(totp.new_secret(), vault.FACTOR_OFFERED, row_id),
                "now": now(),
                "id": row_id,
            },
        )


async def row_of(account_id: int) -> int:
    """The id of the account's row, made if need be; inside a transaction."""
    await execute(
        """INSERT INTO vault_second_factors (id, account_id) VALUES (:id, :account)
        ON CONFLICT (account_id) DO NOTHING""",
        {"id": random_id(), "account": account_id},
    )
    row = await fetch_one("SELECT id FROM vault_second_factors WHERE account_id = :a", {"a": account_id})
    if row is None:
        raise NotFound
    return int(row["id"])


async def find_offer(account_id: int) -> str | None:
    """The secret that waits for its first code."""
    row = await _offer_row(account_id)
    return vault.unseal(row["offered_encrypted"], vault.FACTOR_OFFERED, row["id"]) if row else None


async def _offer_row(account_id: int) -> Row | None:
    return await fetch_one(
        """SELECT id, offered_encrypted FROM vault_second_factors
        WHERE account_id = :account AND offered_encrypted <> '' AND offered_at > :after""",
        {"account": account_id, "after": now() - OFFER_LASTS},
    )


async def confirm_app(
    account_id: int, typed: str, *, kept_session: str, only_as_first: bool = False
) -> tuple[str, ...] | None:
    """None for a wrong code; else the app counts from now on, and the codes are new recovery codes to show.

    There are none to show where the account has some. `only_as_first` refuses to take the place of anything: who
    has shown no second factor must not choose one for somebody who has one.
    """
    row = await _offer_row(account_id)
    secret = vault.unseal(row["offered_encrypted"], vault.FACTOR_OFFERED, row["id"]) if row else ""
    step = totp.matching_step(secret, typed, now()) if row else None
    if row is None or step is None:
        return None
    async with in_transaction():
        changed = await execute(
            f"""UPDATE vault_second_factors SET secret_encrypted = :sealed, last_step = :step, confirmed_at = :now,
            offered_encrypted = '', offered_at = NULL
            WHERE id = :id AND offered_encrypted = :offered {_NOTHING_YET if only_as_first else ""}""",  # noqa: S608 - a constant
            {
                "sealed": vault.seal(secret, vault.FACTOR_SECRET, row["id"]),
                "step": step,
                "now": now(),
                "id": row["id"],
                "offered": row["offered_encrypted"],
            },
        )
        if not changed:
            raise RuleBroken(_("This was changed somewhere else meanwhile. Please begin again."))
        return await note_added(account_id, Proof.APP, kept_session=kept_session)


_NOTHING_YET = """AND secret_encrypted = ''
AND NOT EXISTS (SELECT 1 FROM vault_passkeys p WHERE p.account_id = vault_second_factors.account_id)"""


async def remove_app(account_id: int, *, role: str, kept_session: str) -> None:
    """Raises RuleBroken where it is the last factor of somebody who must have one."""
    async with in_transaction():
        removed = await execute(
            """UPDATE vault_second_factors SET secret_encrypted = '', confirmed_at = NULL, offered_encrypted = ''
            WHERE account_id = :account AND secret_encrypted <> ''""",
            {"account": account_id},
        )
        if removed:
            await note_removed(account_id, role=role, kept_session=kept_session)


# --- what every change brings -----------------------------------------------------------------------------


async def note_added(account_id: int, proof: Proof, *, kept_session: str) -> tuple[str, ...]:
    """Recovery codes to show, if there are none yet. In the transaction of what was added."""
    await execute(
        "UPDATE vault_sessions SET second_factor = :proof WHERE token_hash = :kept AND second_factor = ''",
        {"proof": str(proof), "kept": kept_session},
    )
    await _end_others(account_id, kept_session)
    await outbox.record("account.second_factor_added", account_id=account_id, language=i18n.language())
    if await recovery_codes.count_codes(account_id):
        return ()
    return await recovery_codes.make_codes(account_id)


async def note_removed(account_id: int, *, role: str, kept_session: str) -> None:
    """In the transaction of what was removed; with the last factor the recovery codes go too."""
    if not await has_factor(account_id):
        if is_compulsory_for(role):
            raise RuleBroken(
                _("Staff need a second factor. Please add another one before you remove this one.")
            )
        await recovery_codes.forget_codes(account_id)
    await _end_others(account_id, kept_session)
    await outbox.record("account.second_factor_removed", account_id=account_id, language=i18n.language())


async def renew_codes(account_id: int) -> tuple[str, ...]:
    """New recovery codes; the earlier ones are worthless."""
    async with in_transaction():
        if not await has_factor(account_id):
            raise RuleBroken(_("Recovery codes belong to a second factor. Please add one first."))
        await outbox.record("account.recovery_codes_renewed", account_id=account_id, language=i18n.language())
        return await recovery_codes.make_codes(account_id)


async def _end_others(account_id: int, kept_session: str) -> None:
    await log_in_steps.void_steps(account_id)
    await execute(
        "DELETE FROM vault_sessions WHERE account_id = :account AND token_hash <> :kept",
        {"account": account_id, "kept": kept_session},
    )


# --- logging in -------------------------------------------------------------------------------------------


async def has_factor(account_id: int) -> bool:
    row = await fetch_one(
        """SELECT (SELECT COUNT(*) FROM vault_second_factors WHERE account_id = :account AND secret_encrypted <> '')
        + (SELECT COUNT(*) FROM vault_passkeys WHERE account_id = :account) AS n""",
        {"account": account_id},
    )
    return row is not None and row["n"] > 0


async def check_code(account_id: int, typed: str) -> Proof | None:
    """What the code proves, which is used up by it: the app's for its half minute, a recovery code for ever."""
    if totp.as_code(typed):
        return Proof.APP if await _use_app_code(account_id, typed) else None
    async with in_transaction():
        if not await recovery_codes.use_code(account_id, typed):
            return None
        await outbox.record("account.recovery_code_used", account_id=account_id, language=i18n.language())
    return Proof.RECOVERY


async def _use_app_code(account_id: int, typed: str) -> bool:
    row = await fetch_one(
        "SELECT id, secret_encrypted FROM vault_second_factors WHERE account_id = :a AND secret_encrypted <> ''",
        {"a": account_id},
    )
    if row is None:
        return False
    secret = vault.unseal(row["secret_encrypted"], vault.FACTOR_SECRET, row["id"])
    step = totp.matching_step(secret, typed, now())
    # One statement looks and writes, so of many who show one code at once a single one is let in.
    return step is not None and bool(
        await execute(
            "UPDATE vault_second_factors SET last_step = :step WHERE id = :id AND last_step < :step",
            {"step": step, "id": row["id"]},
        )
    )


# --- when everything is lost ------------------------------------------------------------------------------


async def reset(member_id: int) -> None:
    """Take away every factor and end every session: the password alone leads in again, and the owner is told.

    Inside the transaction that writes down who did it, and why.
    """
    account_id = await account_id_of(member_id)
    await execute(
        """UPDATE vault_second_factors SET secret_encrypted = '', confirmed_at = NULL, offered_encrypted = ''
        WHERE account_id = :account""",
        {"account": account_id},
    )
    await execute("DELETE FROM vault_passkeys WHERE account_id = :account", {"account": account_id})
    await recovery_codes.forget_codes(account_id)
    await _end_others(account_id, "")
    member = await fetch_one("SELECT language FROM members WHERE id = :id", {"id": member_id})
    await outbox.record(
        "account.second_factor_reset", account_id=account_id, language=member["language"] if member else ""
    )
