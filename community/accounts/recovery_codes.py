"""Codes for the day the phone is gone: shown once, kept as hashes, each good for one log-in."""

from __future__ import annotations

import hashlib
import re
import secrets

from community.accounts.models import RecoveryCode
from community.core.clock import now
from community.core.db import execute, execute_returning, fetch_one, random_id
from community.core.rows import insert_many

HOW_MANY = 10
GROUPS, GROUP_LENGTH = 4, 4
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
"""Crockford's: nothing that is read in two ways. 16 of these have 80 bits."""
SHOWN = re.compile(rf"(?:[{ALPHABET}]{{{GROUP_LENGTH}}}-){{{GROUPS - 1}}}[{ALPHABET}]{{{GROUP_LENGTH}}}")
_READ_AS = str.maketrans("oil", "011")


def as_code(typed: str) -> str:
    """What was typed in the one spelling that is hashed; empty for what cannot be a code."""
    letters = "".join(typed.split()).replace("-", "").lower().translate(_READ_AS)
    is_code = len(letters) == GROUPS * GROUP_LENGTH and set(letters) <= set(ALPHABET)
    return letters if is_code else ""


async def make_codes(account_id: int) -> tuple[str, ...]:
    """New codes in the place of all earlier ones, as they are shown; inside the caller's transaction."""
    codes = [_new_code() for _number in range(HOW_MANY)]
    moment = now()
    await forget_codes(account_id)
    await insert_many(
        RecoveryCode,
        [
            {
                "id": random_id(),
                "account_id": account_id,
                "code_hash": _hash(account_id, as_code(code)),
                "created_at": moment,
            }
            for code in codes
        ],
    )
    return tuple(codes)


async def use_code(account_id: int, typed: str) -> bool:
    """Whether this is an unused code; it is used up then. Of many at once one succeeds."""
    code = as_code(typed)
    used = code and await execute_returning(
        "DELETE FROM vault_recovery_codes WHERE account_id = :account AND code_hash = :hash RETURNING id",
        {"account": account_id, "hash": _hash(account_id, code)},
    )
    return bool(used)


async def count_codes(account_id: int) -> int:
    row = await fetch_one(
        "SELECT COUNT(*) AS n FROM vault_recovery_codes WHERE account_id = :account", {"account": account_id}
    )
    return row["n"] if row else 0


async def forget_codes(account_id: int) -> None:
    await execute("DELETE FROM vault_recovery_codes WHERE account_id = :account", {"account": account_id})


def _new_code() -> str:
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _letter in range(GROUP_LENGTH)) for _group in range(GROUPS)
    )


def _hash(account_id: int, code: str) -> str:
    return hashlib.sha256(f"{account_id}\x1f{code}".encode()).hexdigest()
