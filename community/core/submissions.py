"""A form that is sent twice does its work once (a double click, a reload, a retry after a lost answer).

So does a mail that is delivered twice; its key begins with `mail:`.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Awaitable, Callable
from datetime import timedelta

from community.core.clock import now
from community.core.db import execute, fetch, in_transaction
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.models import Submission
from community.core.rows import insert

KEPT = timedelta(days=1)
KEPT_OF_MAILS = timedelta(days=70)
"""A mail may lie in a mailbox for as long as its address is good, and must not be done again then."""


def new_key() -> str:
    """A key for a form that is being shown."""
    return secrets.token_urlsafe(18)


def fingerprint(*parts: str) -> str:
    """What a form said, as one value to compare."""
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


async def once(member_id: int, key: str, said: str, work: Callable[[], Awaitable[str]]) -> str:
    """Do `work` in a transaction and answer its result (a place to go to), or the result of the first time.

    `said` is the form's `fingerprint`: the same key with another text is refused by `RuleBroken`. Of two requests
    at the same moment the later one fails at the unique (member, key) and answers what the first one made.
    """
    earlier = await _earlier_result(member_id, key, said)
    if earlier is not None:
        return earlier
    try:
        async with in_transaction():
            result = await work()
            await insert(
                Submission, member_id=member_id, key=key, fingerprint=said, result=result, created_at=now()
            )
            return result
    except Exception:
        # Has the same form been done meanwhile? Then that is the answer, whatever has failed here because of it.
        earlier = await _earlier_result(member_id, key, said)
        if earlier is None:
            raise
        return earlier


async def find_result(member_id: int, key: str) -> str | None:
    """What a key that says by itself what was sent has made; None if it has not been done."""
    return await _earlier_result(member_id, key, key)


async def _earlier_result(member_id: int, key: str, said: str) -> str | None:
    rows = await fetch(
        "SELECT fingerprint, result FROM submissions WHERE member_id = :member_id AND key = :key",
        {"member_id": member_id, "key": key},
    )
    if not rows:
        return None
    if rows[0]["fingerprint"] != said:
        raise RuleBroken(_("This form was already sent with another text. Please check and send it again."))
    return str(rows[0]["result"])


async def forget_old_submissions() -> None:
    """Remove keys that no browser and no mail server will send again."""
    await execute(
        "DELETE FROM submissions WHERE created_at < :before AND (key NOT LIKE 'mail:%' OR created_at < :of_mails)",
        {"before": now() - KEPT, "of_mails": now() - KEPT_OF_MAILS},
    )
