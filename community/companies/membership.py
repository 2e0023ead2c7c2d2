"""Joining a company, leaving it, and being taken out of it.

What names an address looks nothing up: what it changes is found when the worker carries it out, at a moment of
chance. So neither answer nor time tells whether the address has an account, and nobody who watches a nickname can
tell whose colleague was meant.
"""

from __future__ import annotations

from dataclasses import dataclass

from community.accounts import vault
from community.accounts.belonging import Belonging, get_belonging, opened, set_belonging
from community.companies.actions import find_company_of_domain
from community.companies.models import Departure, Joining
from community.companies.rules import DEPARTURE_KEPT_FOR, JoiningBy, domain_of, random_delay
from community.core import outbox
from community.core.clock import now
from community.core.db import Row, execute, execute_returning, fetch, fetch_one, in_transaction, random_id
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.outbox import Fact
from community.core.rows import insert
from community.decisions.actions import log_for_nobody


@dataclass(frozen=True, slots=True)
class Person:
    """An account as far as companies go. It leaves this package for the person's own pages only."""

    account_id: int
    mail: str
    company_id: int | None
    is_administrator: bool

    @property
    def administered_id(self) -> int:
        """The company that this person acts for. Raises NotFound for everybody who acts for none."""
        if self.company_id is None or not self.is_administrator:
            raise NotFound
        return self.company_id


_PERSON = """SELECT id, mail_encrypted, belonging_encrypted FROM vault_accounts
WHERE {condition} AND confirmed_at IS NOT NULL"""


async def get_person(member_id: int) -> Person:
    """The account behind this member, for what the member does themself. Raises NotFound."""
    return await _get_person("member_id = :id", member_id)


async def _get_person(condition: str, number: int) -> Person:
    row = await fetch_one(_PERSON.format(condition=condition), {"id": number})
    if row is None:
        raise NotFound
    belongs = opened(row["belonging_encrypted"], row["id"])
    return Person(
        account_id=row["id"],
        mail=vault.unseal(row["mail_encrypted"], vault.ACCOUNT_MAIL, row["id"]),
        company_id=belongs.company_id,
        is_administrator=belongs.is_administrator,
    )


# --- joining ----------------------------------------------------------------------------------------------


async def join_company(account_id: int, company_id: int, *, as_administrator: bool = False) -> None:
    """Let an account belong to a company, from now on and instead of any other. Raises NotFound.

    Whether it may has been decided by the caller: an invitation, an approval, a claim of the log-in provider.
    """
    async with in_transaction():
        person = await _get_person("id = :id", account_id)
        before = await get_belonging(account_id, locked=True)
        stays = before.company_id == company_id
        acts_for_it = as_administrator or (stays and before.is_administrator)
        await set_belonging(account_id, Belonging(company_id, acts_for_it))
        if not stays:
            await _note_joining(person, company_id, "joined")
            await outbox.record("company.membership_changed", account_id=account_id)


async def follow_provider(account_id: int, company_id: int) -> bool:
    """The log-in provider says that the account's owner works here; whether they belong to it now. Whoever was
    off-boarded stays out, and so does who has become staff since it was said."""
    person = await _get_person("id = :id", account_id)
    if person.company_id == company_id:
        return True
    if not await _is_customer(account_id) or await _was_offboarded(company_id, person.mail):
        return False
    await join_company(account_id, company_id)
    return True


async def _is_customer(account_id: int) -> bool:
    row = await fetch_one(
        """SELECT 1 AS found FROM vault_accounts a JOIN members m ON m.id = a.member_id
        WHERE a.id = :id AND m.role = 'customer'""",
        {"id": account_id},
    )
    return row is not None


async def _note_joining(person: Person, company_id: int, state: str) -> None:
    await execute("DELETE FROM vault_joinings WHERE account_id = :id", {"id": person.account_id})
    joining_id = random_id()
    await insert(
        Joining,
        id=joining_id,
        company_encrypted=vault.seal(str(company_id), vault.JOINING_COMPANY, joining_id),
        account_id=person.account_id,
        mail_hash=vault.mail_hash(person.mail, vault.JOINING_MAIL),
        mail_encrypted=vault.seal(person.mail, vault.JOINING_MAIL, joining_id),
        state=state,
    )


async def join_or_wait(person: Person, company_id: int, *, at_once: bool) -> bool:
    """Join, or wait for the company's administrators; whether it was at once. Raises RuleBroken.

    Whoever was off-boarded comes back by somebody's decision only.
    """
    if person.company_id is not None:
        raise RuleBroken(_("You belong to a company already. Leave it first."))
    async with in_transaction():
        if at_once and not await _was_offboarded(company_id, person.mail):
            await join_company(person.account_id, company_id)
            return True
        await _note_joining(person, company_id, "waiting")
    return False


async def _was_offboarded(company_id: int, mail: str) -> bool:
    row = await fetch_one(
        "SELECT 1 AS found FROM vault_departures WHERE company_id = :company AND mail_hash IN (:hashes)",
        {"company": company_id, "hashes": vault.mail_hashes(mail, vault.DEPARTURE_MAIL)},
    )
    return row is not None


async def find_way_by_domain(person: Person) -> tuple[int, JoiningBy] | None:
    """The company whose domain the person's address has, and what it takes to join; None where nothing leads in."""
    company_id = await find_company_of_domain(domain_of(person.mail))
    if company_id is None:
        return None
    row = await fetch_one("SELECT joining FROM vault_companies WHERE id = :id", {"id": company_id})
    way = JoiningBy(row["joining"]) if row else JoiningBy.CLOSED
    return None if way is JoiningBy.CLOSED else (company_id, way)


async def join_by_domain(member_id: int) -> bool:
    """Join the company whose mail domain one's confirmed address has, or ask it; whether it was at once."""
    person = await get_person(member_id)
    way = await find_way_by_domain(person)
    if way is None:
        raise NotFound
    return await join_or_wait(person, way[0], at_once=way[1] is JoiningBy.AT_ONCE)


async def join_after_registration(fact: Fact) -> None:
    """A new account with an address of a company's domain belongs to it at once, where the company wants it so.

    Where the company decides about each, the person is asked first: its administrators would see their address.
    """
    row = await fetch_one(
        """SELECT a.member_id FROM vault_accounts a JOIN members m ON m.id = a.member_id
        WHERE m.id = :id AND m.role = 'customer' AND a.confirmed_at IS NOT NULL""",
        {"id": fact["member_id"]},
    )
    if row is None:
        return
    person = await get_person(row["member_id"])
    way = await find_way_by_domain(person) if person.company_id is None else None
    if way and way[1] is JoiningBy.AT_ONCE and not await _was_offboarded(way[0], person.mail):
        await join_company(person.account_id, way[0])


async def take_request_back(member_id: int) -> None:
    """Wait no longer."""
    person = await get_person(member_id)
    await execute(
        "DELETE FROM vault_joinings WHERE account_id = :id AND state <> 'joined'", {"id": person.account_id}
    )


async def approve(company_id: int, joining_id: int) -> None:
    """Let somebody who waits belong to the company, some time within a day. Raises NotFound."""
    async with in_transaction():
        rows = await execute_returning(
            """UPDATE vault_joinings SET state = 'approved'
            WHERE id = :id AND state = 'waiting' RETURNING id, company_encrypted, mail_encrypted""",
            {"id": joining_id},
        )
        if not rows or company_of_joining(rows[0]) != company_id:
            raise NotFound
        mail = vault.unseal(rows[0]["mail_encrypted"], vault.JOINING_MAIL, joining_id)
        await forget_departures(company_id, mail)
        await outbox.record_for_later(
            "company.joining_due", due_at=now() + random_delay(), joining_id=joining_id
        )


async def carry_out_approval(fact: Fact) -> None:
    """What was approved takes effect, unless it was taken back or undone meanwhile."""
    row = await fetch_one(
        "SELECT id, account_id, company_encrypted FROM vault_joinings WHERE id = :id AND state = 'approved'",
        {"id": fact["joining_id"]},
    )
    if row is not None:
        async with in_transaction():
            await join_company(row["account_id"], company_of_joining(row))
            await outbox.record("account.joined_company", account_id=row["account_id"])


async def refuse(company_id: int, joining_id: int) -> None:
    """Do not let somebody in who waits; they are told by mail. Raises NotFound."""
    async with in_transaction():
        rows = await execute_returning(
            """DELETE FROM vault_joinings WHERE id = :id AND state = 'waiting'
            RETURNING id, account_id, company_encrypted""",
            {"id": joining_id},
        )
        if not rows or company_of_joining(rows[0]) != company_id:
            raise NotFound
        await outbox.record("account.refused_by_company", account_id=rows[0]["account_id"])


# --- leaving ----------------------------------------------------------------------------------------------


async def leave_company(member_id: int) -> None:
    """One's own wish, so it takes effect at once."""
    person = await get_person(member_id)
    async with in_transaction():
        await _end_membership(person.account_id)


async def step_down(member_id: int) -> None:
    """Be a colleague like any other again."""
    person = await get_person(member_id)
    async with in_transaction():
        before = await get_belonging(person.account_id, locked=True)
        await set_belonging(person.account_id, Belonging(before.company_id))


async def _end_membership(account_id: int) -> None:
    await set_belonging(account_id, Belonging())
    await execute("DELETE FROM vault_joinings WHERE account_id = :id", {"id": account_id})
    await outbox.record("company.membership_changed", account_id=account_id)


async def offboard(company_id: int, mail: str, *, language: str, at_once: bool = False) -> None:
    """Write down that the company has parted with whoever has this address, known here or not.

    It takes effect some time within a day, with `at_once` (for a security reason, which is logged without a word
    about who it was) as soon as the worker gets to it.
    """
    moment, departure_id = now(), random_id()
    async with in_transaction():
        await insert(
            Departure,
            id=departure_id,
            company_id=company_id,
            mail_hash=vault.mail_hash(mail, vault.DEPARTURE_MAIL),
            mail_encrypted=vault.seal(mail, vault.DEPARTURE_MAIL, departure_id),
            language=language,
            created_at=moment.replace(hour=0, minute=0, second=0, microsecond=0),
        )
        due_at = moment if at_once else moment + random_delay()
        await outbox.record_for_later("company.departure_due", due_at=due_at, departure_id=departure_id)
        if at_once:
            await log_for_nobody("offboard_at_once", f"company:{company_id}")


async def carry_out_departure(fact: Fact) -> None:
    """Take the rights of whoever has the address, or had it when they joined; make its invitations worthless."""
    row = await fetch_one(
        "SELECT id, company_id, mail_encrypted FROM vault_departures WHERE id = :id",
        {"id": fact["departure_id"]},
    )
    if row is None:
        return
    mail = vault.unseal(row["mail_encrypted"], vault.DEPARTURE_MAIL, row["id"])
    async with in_transaction():
        with_address, others = await _list_leavers(row["company_id"], mail)
        for account_id in (*with_address, *others):
            await _end_membership(account_id)
        await _spend_invitations(row["company_id"], mail)
        await outbox.record("account.offboarded", departure_id=row["id"])
        for account_id in others:
            await outbox.record("account.left_company", account_id=account_id)


async def _list_leavers(company_id: int, mail: str) -> tuple[list[int], list[int]]:
    """Accounts of the company that have this address; and those that had it when they joined, or asked to."""
    rows = await fetch(
        "SELECT id, belonging_encrypted FROM vault_accounts WHERE mail_hash IN (:hashes)",
        {"hashes": vault.mail_hashes(mail)},
    )
    of_address = {row["id"] for row in rows}
    found = {
        row["id"] for row in rows if opened(row["belonging_encrypted"], row["id"]).company_id == company_id
    }
    joined = {
        row["account_id"]
        for row in await fetch(
            "SELECT id, account_id, company_encrypted FROM vault_joinings WHERE mail_hash IN (:hashes)",
            {"hashes": vault.mail_hashes(mail, vault.JOINING_MAIL)},
        )
        if company_of_joining(row) == company_id
    }
    return sorted((found | joined) & of_address), sorted(joined - of_address)


async def _spend_invitations(company_id: int, mail: str) -> None:
    """Invitations of the company to this address open nothing any more."""
    rows = await fetch(
        "SELECT id, company_encrypted FROM vault_invitations WHERE mail_hash IN (:hashes) AND expires_at > :now",
        {"hashes": vault.mail_hashes(mail, vault.INVITATION_MAIL), "now": now()},
    )
    await execute(
        "UPDATE vault_invitations SET uses_left = 0 WHERE id IN (:ids)",
        {"ids": [row["id"] for row in rows if company_of_invitation(row) == company_id]},
    )


def name_for_tries(company_id: int) -> str:
    """By which tries of a company are counted: beside those of a person they would tell whose company it is."""
    return vault.keys().keyed_hash("tries of a company", str(company_id))


def company_of_joining(row: Row) -> int:
    return int(vault.unseal(row["company_encrypted"], vault.JOINING_COMPANY, row["id"]))


def company_of_invitation(row: Row) -> int:
    return int(vault.unseal(row["company_encrypted"], vault.INVITATION_COMPANY, row["id"]))


async def forget_departures(company_id: int, mail: str) -> None:
    """Somebody of the company has decided anew about this address."""
    await execute(
        "DELETE FROM vault_departures WHERE company_id = :company AND mail_hash IN (:hashes)",
        {"company": company_id, "hashes": vault.mail_hashes(mail, vault.DEPARTURE_MAIL)},
    )


async def forget_old_departures() -> None:
    """Addresses that were off-boarded long ago are kept no longer."""
    await Departure.filter(created_at__lt=now() - DEPARTURE_KEPT_FOR).delete()
