"""Whether mails reach a member, and confirming an address that was refused once."""

from __future__ import annotations

import hashlib

from community.accounts import links
from community.accounts.links import Purpose
from community.accounts.models import Account
from community.core import i18n, outbox
from community.core.db import execute, in_transaction


async def is_unreachable(member_id: int) -> bool:
    """Whether the mail server has refused the member's address since it was confirmed last."""
    return await Account.filter(member_id=member_id, mail_refused=True).exists()


def address_sign(mail_hash: str) -> int:
    """48 bits that tell one address of a member from another, and nothing about it."""
    return int.from_bytes(hashlib.sha256(mail_hash.encode()).digest()[:6], "big")


async def note_refused(account_id: int, mail_hash: str) -> bool:
    """No more news go to this address; whether that is new. Nothing if the account has another one by now."""
    changed = await execute(
        """UPDATE vault_accounts SET mail_refused = :yes
        WHERE id = :id AND mail_hash = :hash AND mail_refused = :no""",
        {"yes": True, "no": False, "id": account_id, "hash": mail_hash},
    )
    return bool(changed)


async def note_returned(member_id: int, sign: int) -> bool:
    """A mail to the address with this sign came back, because there is no such address; whether that is new."""
    account = await Account.get_or_none(member_id=member_id)
    if account is None or address_sign(account.mail_hash) != sign:
        return False
    return await note_refused(account.id, account.mail_hash)


async def ask_confirmation(member_id: int) -> None:
    """A mail goes to the address that was refused; its link shows that mails arrive again."""
    account = await Account.get_or_none(member_id=member_id, mail_refused=True)
    if account is not None:
        async with in_transaction():
            link_id = await links.make_link(account.id, Purpose.SAME_MAIL, language=i18n.language())
            await outbox.record("account.address_doubted", link_id=link_id)


async def confirm_again(token: str) -> None:
    """Mails reach the address again. Raises LinkEnded."""
    async with in_transaction():
        used = await links.use_link(token, Purpose.SAME_MAIL)
        await execute(
            "UPDATE vault_accounts SET mail_refused = :no WHERE id = :id",
            {"no": False, "id": used.account_id},
        )
