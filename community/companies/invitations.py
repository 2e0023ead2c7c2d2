"""Inviting colleagues: by mail to one address, or by a code for several.

Nothing here asks whether an address has an account, and nothing tells afterwards whether an invitation was used:
that would tell who of the company has come.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.accounts import vault
from community.accounts.links import LinkEnded, Purpose, hash_of, new_nonce
from community.companies.membership import (
    Person,
    company_of_invitation,
    forget_departures,
    join_company,
    join_or_wait,
)
from community.companies.models import Invitation
from community.companies.queries import get_company_name
from community.companies.rules import FEWEST_USES, INVITATION_LASTS, new_code, normalised_code
from community.core import outbox
from community.core.clock import now
from community.core.db import as_time, execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.core.viewer import Viewer
from community.decisions.actions import log

MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class OwnInvitation:
    """What somebody has typed to invite others; never whether it was used."""

    id: int
    mail: str
    code: str
    uses: int
    makes_administrator: bool
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class OpenInvitation:
    """What the link of a mail opens."""

    company: str
    makes_administrator: bool
    is_for_viewer: bool
    """Whether it was sent to the address of whoever looks."""


async def invite_by_mail(
    company_id: int, mail: str, *, by: Person, language: str, as_administrator: bool = False
) -> None:
    """Owe an invitation to this address. It costs the same, and says the same, for every address."""
    async with in_transaction():
        await forget_departures(company_id, mail)
        await _invite(
            company_id, mail, made_by=by.account_id, language=language, administrator=as_administrator
        )


async def invite_first_administrator(company_id: int, mail: str, *, by: Viewer, language: str) -> None:
    """What staff do for a new customer; the log keeps that it was done, not for whom."""
    async with in_transaction():
        if (
            await fetch_one("SELECT 1 AS found FROM vault_companies WHERE id = :id", {"id": company_id})
            is None
        ):
            raise NotFound
        await _invite(company_id, mail, made_by=None, language=language, administrator=True)
        await log("invite_company_administrator", f"company:{company_id}", by=by, reason="")


async def _invite(
    company_id: int, mail: str, *, made_by: int | None, language: str, administrator: bool
) -> None:
    invitation_id, nonce, moment = random_id(), new_nonce(), now()
    await insert(
        Invitation,
        id=invitation_id,
        **_sealed_links(invitation_id, company_id, made_by),
        mail_hash=vault.mail_hash(mail, vault.INVITATION_MAIL),
        mail_encrypted=vault.seal(mail, vault.INVITATION_MAIL, invitation_id),
        makes_administrator=administrator,
        language=language,
        nonce=nonce,
        token_hash=hash_of(Purpose.COMPANY_INVITATION, nonce),
        uses_left=1,
        created_at=moment,
        expires_at=moment + INVITATION_LASTS,
    )
    await outbox.record("account.invited_by_company", invitation_id=invitation_id)


def _sealed_links(invitation_id: int, company_id: int, made_by: int | None) -> dict[str, str]:
    """Company and maker, as a copy of the database does not tell them."""
    return {
        "company_encrypted": vault.seal(str(company_id), vault.INVITATION_COMPANY, invitation_id),
        "maker_hash": vault.invitation_maker_hashes(made_by)[0] if made_by else "",
        "maker_encrypted": vault.seal(str(made_by or ""), vault.INVITATION_MAKER, invitation_id),
    }


async def make_code(company_id: int, *, by: Person, uses: int, lasts: timedelta) -> None:
    """A code that this many people may use until it ends."""
    if uses < FEWEST_USES:
        raise RuleBroken(_("A code is for five people at least. For fewer, invite by mail."))
    invitation_id, code, moment = random_id(), new_code(), now()
    await insert(
        Invitation,
        id=invitation_id,
        **_sealed_links(invitation_id, company_id, by.account_id),
        code_encrypted=vault.seal(f"{uses} {code}", vault.INVITATION_CODE, invitation_id),
        token_hash=token_hash(f"{Purpose.COMPANY_INVITATION}:{normalised_code(code)}"),
        uses_left=uses,
        created_at=moment,
        expires_at=moment + lasts,
    )


async def list_own_invitations(person: Person) -> list[OwnInvitation]:
    """What this person has typed and has not ended yet, the newest first."""
    rows = await fetch(
        """SELECT id, company_encrypted, mail_encrypted, code_encrypted, makes_administrator, expires_at
        FROM vault_invitations WHERE maker_hash IN (:makers) AND expires_at > :now
        ORDER BY created_at DESC, id LIMIT :most""",
        {"makers": vault.invitation_maker_hashes(person.account_id), "now": now(), "most": MOST_LISTED},
    )
    invitations = []
    for row in rows:
        if company_of_invitation(row) != person.administered_id:
            continue
        uses, _space, code = vault.unseal(row["code_encrypted"], vault.INVITATION_CODE, row["id"]).partition(
            " "
        )
        invitations.append(
            OwnInvitation(
                id=row["id"],
                mail=vault.unseal(row["mail_encrypted"], vault.INVITATION_MAIL, row["id"]),
                code=code,
                uses=int(uses or 1),
                makes_administrator=bool(row["makes_administrator"]),
                expires_at=as_time(row["expires_at"]) or now(),
            )
        )
    return invitations


async def end_invitation(person: Person, invitation_id: int) -> None:
    """Let an invitation open nothing any more; the answer is the same for one that was used."""
    row = await fetch_one(
        "SELECT id, company_encrypted FROM vault_invitations WHERE id = :id AND maker_hash IN (:makers)",
        {"id": invitation_id, "makers": vault.invitation_maker_hashes(person.account_id)},
    )
    if row is not None and company_of_invitation(row) == person.administered_id:
        await execute("DELETE FROM vault_invitations WHERE id = :id", {"id": invitation_id})


async def find_invitation(token: str, viewer_mail: str) -> OpenInvitation | None:
    """What a mailed link would open, without using it up. `viewer_mail` is empty for guests."""
    row = await fetch_one(
        """SELECT id, company_encrypted, mail_hash, makes_administrator FROM vault_invitations
        WHERE token_hash = :hash AND mail_hash <> '' AND uses_left > 0 AND expires_at > :now""",
        {"hash": token_hash(token), "now": now()},
    )
    if row is None:
        return None
    return OpenInvitation(
        company=await get_company_name(company_of_invitation(row)),
        makes_administrator=bool(row["makes_administrator"]),
        is_for_viewer=bool(viewer_mail)
        and row["mail_hash"] in vault.mail_hashes(viewer_mail, vault.INVITATION_MAIL),
    )


async def accept_invitation(token: str, person: Person) -> None:
    """Join by the link of a mail. Only the address it was sent to may, once. Raises LinkEnded, RuleBroken."""
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE vault_invitations SET uses_left = uses_left - 1
            WHERE token_hash = :hash AND mail_hash IN (:mine) AND uses_left > 0 AND expires_at > :now
            RETURNING id, company_encrypted, makes_administrator""",
            {
                "hash": token_hash(token),
                "mine": vault.mail_hashes(person.mail, vault.INVITATION_MAIL),
                "now": now(),
            },
        )
        if not rows:
            raise LinkEnded
        company_id = company_of_invitation(rows[0])
        if person.company_id not in (None, company_id):
            raise RuleBroken(_("You belong to another company. Leave it first, then use this link again."))
        await forget_departures(company_id, person.mail)
        await join_company(
            person.account_id, company_id, as_administrator=bool(rows[0]["makes_administrator"])
        )


async def use_code(typed: str, person: Person) -> bool:
    """Join by a code; whether it was at once. Raises RuleBroken for what is no code, for the same reason always."""
    if person.company_id is not None:
        raise RuleBroken(_("You belong to a company already. Leave it first."))
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE vault_invitations SET uses_left = uses_left - 1
            WHERE token_hash = :hash AND mail_hash = '' AND uses_left > 0 AND expires_at > :now
            RETURNING id, company_encrypted""",
            {"hash": token_hash(f"{Purpose.COMPANY_INVITATION}:{normalised_code(typed)}"), "now": now()},
        )
        if not rows:
            raise RuleBroken(_("This code is not valid. It may have ended, or there is a slip in it."))
        return await join_or_wait(person, company_of_invitation(rows[0]), at_once=True)


async def forget_ended_invitations() -> None:
    """Remove invitations that have ended, and with them the addresses they were sent to."""
    await Invitation.filter(expires_at__lt=now()).delete()
