"""How many people of how many companies rules fit: sums, which leave this package rounded only.

Values are sealed, so the database cannot compare them: they are opened here. Whoever has no attributes of their own
stands where everybody of their company stands who has none, so of these only the company is opened.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from community.accounts import vault
from community.accounts.belonging import count_by_company, opened
from community.companies.rules import FEWEST_SHOWN
from community.core.db import Row, fetch
from community.segments.attributes import unsealed
from community.segments.definitions import SIZE_CLASS, Value
from community.segments.models import Subject
from community.segments.rules import Rule
from community.settings import settings

BATCH = 1_000
FEWEST_COMPANIES = 3

ELIGIBLE = "a.confirmed_at IS NOT NULL AND m.role = 'customer' AND m.erased_at IS NULL"
"""Whom rules may put into groups: customers with a confirmed address. Joined as a (account) and m (member)."""

Values = dict[str, Value]


@dataclass(slots=True)
class Census:
    """People by the rules that fit them: for each set of rules, written as bits, a count for each company."""

    cells: dict[int, Counter[int | None]] = field(default_factory=lambda: defaultdict(Counter))

    def people_of(self, number: int, *, but_not: int | None = None) -> Counter[int | None]:
        """Counts by company of those whom a rule fits, without those whom the other one fits."""
        found: Counter[int | None] = Counter()
        for bits, counts in self.cells.items():
            if bits >> number & 1 and (but_not is None or not bits >> but_not & 1):
                found.update(counts)
        return found


def is_enough(people: Mapping[int | None, int]) -> bool:
    """Whether nobody stands out among these: five people of three companies at least."""
    companies = sum(1 for company, count in people.items() if company is not None and count)
    return sum(people.values()) >= FEWEST_SHOWN and companies >= FEWEST_COMPANIES


def size_to_show(people: Mapping[int | None, int]) -> int:
    """The figure behind `shown_count`: 0 where somebody could stand out, else up to four less than there are.

    How much less hangs on exactly these people and on a secret, so asking again tells nothing new, and two rules
    that differ by a few people do not tell by their figures how many these are.
    """
    if not is_enough(people):
        return 0
    said = ",".join(f"{company}:{count}" for company, count in sorted(people.items(), key=str))
    digest = hmac.new(settings.secret_key.encode(), f"size\x1f{said}".encode(), hashlib.sha256).digest()
    return max(FEWEST_SHOWN, sum(people.values()) - digest[0] % FEWEST_SHOWN)


async def take_census(rules: Sequence[Rule]) -> Census:
    """Count everybody. Its cost grows with the accounts, most with those that have attributes of their own."""
    census = Census()
    of_companies = await list_company_values(frozenset().union(*(r.keys(Subject.COMPANY) for r in rules)))
    looks_at_people = any(rule.uses_accounts for rule in rules)
    for company_id, count in (await _count_people(only_without_attributes=looks_at_people)).items():
        bits = _bits(rules, of_companies.get(company_id, {}), {})
        census.cells[bits][company_id] += count
    if looks_at_people:
        async for company_id, values in _people_with_attributes():
            bits = _bits(rules, of_companies.get(company_id, {}), values)
            census.cells[bits][company_id] += 1
    return census


def _bits(rules: Sequence[Rule], of_company: Values, of_account: Values) -> int:
    return sum(1 << number for number, rule in enumerate(rules) if rule.fits(of_company, of_account))


async def _count_people(*, only_without_attributes: bool) -> Counter[int | None]:
    without = (
        "AND NOT EXISTS (SELECT 1 FROM vault_account_attributes x WHERE x.account_id = a.id)"
        if only_without_attributes
        else ""
    )
    return await count_by_company(f"{ELIGIBLE} {without}", joined="JOIN members m ON m.id = a.member_id")


async def list_company_values(
    keys: frozenset[str], company_ids: Sequence[int] | None = None
) -> dict[int | None, Values]:
    """What is known of these attributes, of all companies or of some; companies without any are left out."""
    found: dict[int | None, Values] = {}
    if not keys:
        return found
    only, last = ("AND c.id IN (:ids)" if company_ids is not None else ""), -1
    while rows := await fetch(
        f"""SELECT c.id, c.size_class, x.id AS row_id, x.values_encrypted FROM vault_companies c
        LEFT JOIN vault_company_attributes x ON x.company_id = c.id
        WHERE c.id > :last {only} ORDER BY c.id LIMIT {BATCH}""",  # noqa: S608
        {"last": last, "ids": list(company_ids or ())},
    ):
        last = rows[-1]["id"]
        for row in rows:
            kept = unsealed(row["values_encrypted"], vault.COMPANY_ATTRIBUTES, row["row_id"])
            values: Values = {key: value for key, (value, _source) in kept.items() if key in keys}
            if SIZE_CLASS in keys and row["size_class"]:
                values[SIZE_CLASS] = row["size_class"]
            if values:
                found[row["id"]] = values
    return found


async def _people_with_attributes() -> AsyncIterator[tuple[int | None, Values]]:
    last = -1
    while rows := await fetch(
        f"""SELECT x.id, x.values_encrypted, a.id AS account_id, a.belonging_encrypted
        FROM vault_account_attributes x
        JOIN vault_accounts a ON a.id = x.account_id JOIN members m ON m.id = a.member_id
        WHERE x.id > :last AND {ELIGIBLE} ORDER BY x.id LIMIT {BATCH}""",  # noqa: S608
        {"last": last},
    ):
        last = rows[-1]["id"]
        for one in await asyncio.to_thread(_opened_people, rows):
            yield one


def _opened_people(rows: Sequence[Row]) -> list[tuple[int | None, Values]]:
    return [
        (
            opened(row["belonging_encrypted"], row["account_id"]).company_id,
            account_values(row["values_encrypted"], row["id"]),
        )
        for row in rows
    ]


def account_values(sealed: str | None, row_id: int | None) -> dict[str, Any]:
    """What is known of a person, as rules compare it."""
    return {
        key: value for key, (value, _source) in unsealed(sealed, vault.ACCOUNT_ATTRIBUTES, row_id).items()
    }
