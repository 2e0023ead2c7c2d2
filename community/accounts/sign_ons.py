"""What a log-in provider says about somebody, and the accounts that are entered by its word.

A person is found by issuer and subject alone. Their address tells nothing about whose account it is.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

from community.accounts import vault
from community.accounts.exclusion import demand_may_open
from community.accounts.models import SignOn, SignOnArrival
from community.accounts.rules import CONFIRMATION_LASTS, LONGEST_NAME, problem_with_mail
from community.core import i18n, outbox
from community.core.clock import now
from community.core.db import Row, execute, fetch, fetch_one, in_transaction, is_unique_violation, random_id
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.vault_keys import token_hash
from community.settings import OidcChoice

ARRIVAL_LASTS = timedelta(hours=1)
MOST_VALUES = 20
"""Of one attribute."""


@dataclass(frozen=True, slots=True)
class Vouched:
    """What the provider said about somebody. An address that it has not verified is not in here."""

    issuer: str
    subject: str
    mail: str = ""
    real_name: str = ""
    company: str = ""
    company_id: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    session: str = ""
    id_token: str = ""

    @property
    def person(self) -> str:
        return person_of(self.issuer, self.subject)

    @property
    def own_words(self) -> tuple[str, ...]:
        """What a nickname must not be made of."""
        return tuple(word for word in (self.real_name, self.company, self.mail) if word)


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the provider said to a browser whose owner has not got in by it yet."""

    id: int
    vouched: Vouched


@dataclass(frozen=True, slots=True)
class KnownSignOn:
    """A way into an account, found by what the provider said."""

    id: int
    account_id: int


class LinkedToOther(RuleBroken):
    """The provider's person has an account already; one person, one account."""

    def __init__(self) -> None:
        super().__init__(_("This log-in leads to another account already."))


def person_of(issuer: str, subject: str) -> str:
    """Issuer and subject as one text that no other pair gives."""
    return f"{len(issuer)}:{issuer}:{subject}"


def read_claims(claims: Mapping[str, Any], choice: OidcChoice, *, id_token: str) -> Vouched:
    """What of the claims of a verified token is used here, and in which form."""
    mail = claims.get("email")
    # Some providers say "true" as a text. A number is neither.
    is_verified = claims.get("email_verified") is True or claims.get("email_verified") == "true"
    session = claims.get("sid")
    return Vouched(
        issuer=choice.issuer,
        subject=claims["sub"],
        mail=mail if isinstance(mail, str) and is_verified and problem_with_mail(mail) is None else "",
        real_name=_first_text(claims, choice.name_claim),
        company=_first_text(claims, choice.company_claim),
        company_id=_first_text(claims, choice.company_id_claim),
        attributes={key: _texts(claims, claim) for key, claim in choice.attribute_claims if claim in claims},
        session=session if isinstance(session, str) else "",
        id_token=id_token,
    )


def _texts(claims: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = claims.get(name) if name else None
    values = value if isinstance(value, list) else [value]
    texts = (str(each) for each in values if isinstance(each, str | int) and not isinstance(each, bool))
    cleaned = (" ".join("".join(c for c in text if c.isprintable()).split()) for text in texts)
    return tuple(text[:LONGEST_NAME] for text in cleaned if text)[:MOST_VALUES]


def _first_text(claims: Mapping[str, Any], name: str) -> str:
    return next(iter(_texts(claims, name)), "")


# --- the way into an account ------------------------------------------------------------------------------


async def find_sign_on(vouched: Vouched) -> KnownSignOn | None:
    row = await fetch_one(
        "SELECT id, account_id FROM vault_sign_ons WHERE subject_hash IN (:hashes)",
        {"hashes": vault.subject_hashes(vouched.person)},
    )
    return KnownSignOn(row["id"], row["account_id"]) if row else None


async def add_sign_on(account_id: int, vouched: Vouched) -> int:
    """Let this person of the provider's into the account; its id. Called inside a transaction.

    Raises LinkedToOther, `exclusion.Banned`; two at once fail at the unique key.
    """
    known = await find_sign_on(vouched)
    if known is not None:
        if known.account_id != account_id:
            raise LinkedToOther
        return known.id
    await demand_may_open(account_id, person=vouched.person)
    sign_on_id = random_id()
    await insert(
        SignOn,
        id=sign_on_id,
        account_id=account_id,
        subject_hash=vault.subject_hashes(vouched.person)[0],
        subject_encrypted=vault.seal(vouched.person, vault.SIGN_ON_SUBJECT, sign_on_id),
        claims_encrypted=vault.seal(_said(vouched), vault.SIGN_ON_CLAIMS, sign_on_id),
        linked_at=now(),
    )
    return sign_on_id


async def note_claims(sign_on_id: int, vouched: Vouched) -> None:
    """Keep what the provider says now about company and attributes."""
    await execute(
        "UPDATE vault_sign_ons SET claims_encrypted = :sealed WHERE id = :id",
        {"sealed": vault.seal(_said(vouched), vault.SIGN_ON_CLAIMS, sign_on_id), "id": sign_on_id},
    )


def _said(vouched: Vouched) -> str:
    return json.dumps(
        {
            "company": vouched.company,
            "company_id": vouched.company_id,
            "attributes": {key: list(values) for key, values in vouched.attributes.items()},
        },
        ensure_ascii=False,
    )


async def get_claimed_company(account_id: int) -> tuple[str, str]:
    """Number and name of the company, as the provider said them last; empty where it said nothing."""
    row = await fetch_one(
        """SELECT id, claims_encrypted FROM vault_sign_ons WHERE account_id = :id
        ORDER BY linked_at DESC, id LIMIT 1""",
        {"id": account_id},
    )
    said = _unsealed_claims(row) if row else {}
    return said.get("company_id", ""), said.get("company", "")


def _unsealed_claims(row: Row) -> dict[str, Any]:
    stored = vault.unseal(row["claims_encrypted"], vault.SIGN_ON_CLAIMS, row["id"])
    said: dict[str, Any] = json.loads(stored) if stored else {}
    return said


async def has_sign_on(member_id: int) -> bool:
    row = await fetch_one(
        """SELECT 1 AS found FROM vault_sign_ons s JOIN vault_accounts a ON a.id = s.account_id
        WHERE a.member_id = :id""",
        {"id": member_id},
    )
    return row is not None


async def link(member_id: int, vouched: Vouched) -> int:
    """Let this person of the provider's into one's own account, and tell its owner by mail. Raises LinkedToOther."""
    try:
        async with in_transaction():
            row = await fetch_one(
                "SELECT id FROM vault_accounts WHERE member_id = :id AND confirmed_at IS NOT NULL",
                {"id": member_id},
            )
            if row is None:
                raise LinkedToOther
            sign_on_id = await add_sign_on(row["id"], vouched)
            await outbox.record("account.sign_on_linked", account_id=row["id"], language=i18n.language())
            return sign_on_id
    except Exception as error:
        if is_unique_violation(error):
            raise LinkedToOther from None
        raise


async def unlink(member_id: int, *, kept_session: str) -> None:
    """Take the provider out of one's own account, and end the sessions that began there.

    Raises RuleBroken where no password would be left to come back with.
    """
    async with in_transaction():
        row = await fetch_one(
            "SELECT id, password_hash FROM vault_accounts WHERE member_id = :id", {"id": member_id}
        )
        if row is None or not row["password_hash"]:
            raise RuleBroken(_("Please choose a password first, or you could not come back."))
        await execute(
            """DELETE FROM vault_sessions WHERE account_id = :account AND token_hash <> :kept
            AND id IN (SELECT session_id FROM vault_sign_on_sessions)""",
            {"account": row["id"], "kept": kept_session},
        )
        removed = await execute("DELETE FROM vault_sign_ons WHERE account_id = :id", {"id": row["id"]})
        if removed:
            await outbox.record("account.sign_on_unlinked", account_id=row["id"], language=i18n.language())


# --- those who have arrived -------------------------------------------------------------------------------


async def keep_arrival(vouched: Vouched) -> str:
    """Remember what the provider said until its owner has decided; the token that finds it again."""
    arrival_id, token, moment = random_id(), secrets.token_urlsafe(32), now()
    await insert(
        SignOnArrival,
        id=arrival_id,
        token_hash=token_hash(token),
        vouched_encrypted=vault.seal(
            json.dumps(asdict(vouched), ensure_ascii=False), vault.SIGN_ON_ARRIVAL, arrival_id
        ),
        registration_id=None,
        created_at=moment,
        expires_at=moment + ARRIVAL_LASTS,
    )
    return token


async def find_arrival(token: str) -> Arrival | None:
    """What the provider said to whoever holds the token."""
    row = await fetch_one(
        """SELECT id, vouched_encrypted FROM vault_sign_on_arrivals
        WHERE token_hash = :hash AND expires_at > :now""",
        {"hash": token_hash(token), "now": now()},
    )
    return _arrival(row) if row and token else None


def _arrival(row: Row) -> Arrival:
    said = json.loads(vault.unseal(row["vouched_encrypted"], vault.SIGN_ON_ARRIVAL, row["id"]))
    said["attributes"] = {key: tuple(values) for key, values in said["attributes"].items()}
    return Arrival(row["id"], Vouched(**said))


async def end_arrival(arrival_id: int) -> bool:
    """Forget what was said; whether it was still there. Of two at once only one uses it."""
    return bool(await execute("DELETE FROM vault_sign_on_arrivals WHERE id = :id", {"id": arrival_id}))


async def leave_to_registration(arrival_id: int, registration_id: int) -> None:
    """Let the person in once the address of this registration is confirmed. Called inside a transaction."""
    await execute(
        """UPDATE vault_sign_on_arrivals SET registration_id = :registration, expires_at = :until
        WHERE id = :id""",
        {"registration": registration_id, "until": now() + CONFIRMATION_LASTS, "id": arrival_id},
    )


async def finish_registration(registration_id: int, account_id: int) -> None:
    """The address is confirmed: whoever came through the provider gets in by it. Called inside a transaction."""
    for row in await fetch(
        """SELECT id, vouched_encrypted FROM vault_sign_on_arrivals
        WHERE registration_id = :id AND expires_at > :now""",
        {"id": registration_id, "now": now()},
    ):
        await add_sign_on(account_id, _arrival(row).vouched)
        await end_arrival(row["id"])


async def forget_arrivals_of(account_id: int) -> None:
    """What the provider said about the account's owner and nobody used. For the erasure, in its transaction."""
    own = {
        vault.unseal(row["subject_encrypted"], vault.SIGN_ON_SUBJECT, row["id"])
        for row in await fetch(
            "SELECT id, subject_encrypted FROM vault_sign_ons WHERE account_id = :id", {"id": account_id}
        )
    }
    if own:
        for row in await fetch("SELECT id, vouched_encrypted FROM vault_sign_on_arrivals"):
            arrival = _arrival(row)
            if arrival.vouched.person in own:
                await end_arrival(arrival.id)


async def forget_ended_arrivals() -> None:
    await execute("DELETE FROM vault_sign_on_arrivals WHERE expires_at < :now", {"now": now()})
