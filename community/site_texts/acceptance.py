"""Who has accepted which version: asked where a new version of a page wants it, kept as proof.

Nearly always nobody has to be asked. So every process remembers which versions want to be accepted, and looks into
the database for a member only if there are any.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import as_time, fetch, in_transaction, is_unique_violation, random_id
from community.core.rows import insert
from community.site_texts.models import SiteTextAcceptance
from community.site_texts.queries import get_shelf

PAGES = ("terms", "privacy", "netiquette")
"""What members take note of when they register."""
FEW = 5
"""Below this number no count is shown: it could tell of somebody."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A page whose version in force a member has not accepted. `accepted` is the last one that they have."""

    page: str
    version: int
    accepted: int | None

    @property
    def mark(self) -> str:
        return f"{self.page}-{self.version}"


@dataclass(frozen=True, slots=True)
class Accepted:
    page: str
    version: int
    language: str
    way: str
    accepted_at: datetime


_wanted_pages: set[str] = set()


async def refresh() -> None:
    """Look up anew which pages have a version in force that wants to be accepted."""
    rows = await fetch(
        """SELECT DISTINCT page FROM site_text_versions
        WHERE needs_acceptance = TRUE AND published_at IS NOT NULL AND valid_from <= :now""",
        {"now": now()},
    )
    _wanted_pages.clear()
    _wanted_pages.update(row["page"] for row in rows)


async def list_wanted(member_id: int, *, look: bool = False) -> tuple[Wanted, ...]:
    """What the member is asked to accept, each page once, in the version that is in force now.

    With `look` the database is asked in any case: for processes that do not `refresh`.
    """
    if not _wanted_pages and not look:
        return ()
    rows = await fetch(
        """SELECT v.page, MAX(v.version) AS wanted,
        (SELECT MAX(a.version) FROM site_text_acceptances a WHERE a.member_id = :me AND a.page = v.page) AS accepted
        FROM site_text_versions v
        WHERE v.needs_acceptance = TRUE AND v.published_at IS NOT NULL AND v.valid_from <= :now
        GROUP BY v.page ORDER BY v.page""",
        {"me": member_id, "now": now()},
    )
    missing = [row for row in rows if row["accepted"] is None or row["accepted"] < row["wanted"]]
    current = await current_versions(row["page"] for row in missing)
    return tuple(
        Wanted(row["page"], max(current.get(row["page"], 0), row["wanted"]), row["accepted"])
        for row in missing
    )


async def current_versions(pages: Iterable[str] = PAGES) -> dict[str, int]:
    """The version in force of each page; 0 is the template of the software."""
    moment, found = now(), {}
    for page in pages:
        current = (await get_shelf(page)).current(moment)
        found[page] = current.version if current else 0
    return found


async def accept(
    member_id: int, versions: Mapping[str, int], *, language: str, way: str, at: datetime | None = None
) -> None:
    """Keep that the member has accepted these versions. Doing it twice keeps the first time."""
    for page, version in versions.items():
        try:
            async with in_transaction():
                await insert(
                    SiteTextAcceptance,
                    id=random_id(),
                    member_id=member_id,
                    page=page,
                    version=version,
                    language=language,
                    way=way,
                    accepted_at=at or now(),
                )
        except Exception as error:
            if not is_unique_violation(error):
                raise


async def accept_at_registration(
    member_id: int, versions: Mapping[str, int], *, language: str, at: datetime
) -> None:
    """What the form said is accepted with it. Called inside the transaction that makes the member."""
    for page, version in versions.items():
        await insert(
            SiteTextAcceptance,
            id=random_id(),
            member_id=member_id,
            page=page,
            version=version,
            language=language,
            way="registration",
            accepted_at=at,
        )


async def list_own_acceptances(member_id: int) -> list[Accepted]:
    rows = await fetch(
        """SELECT page, version, language, way, accepted_at FROM site_text_acceptances
        WHERE member_id = :me ORDER BY accepted_at, page""",
        {"me": member_id},
    )
    return [
        Accepted(
            row["page"], row["version"], row["language"], row["way"], as_time(row["accepted_at"]) or now()
        )
        for row in rows
    ]


async def count_accepted(page: str, version: int) -> int | None:
    """How many members have accepted this version or a later one; None for fewer than five, but 0 for nobody."""
    rows = await fetch(
        """SELECT COUNT(DISTINCT member_id) AS n FROM site_text_acceptances
        WHERE page = :page AND version >= :version""",
        {"page": page, "version": version},
    )
    count = int(rows[0]["n"])
    return count if count == 0 or count >= FEW else None


def as_text(versions: Mapping[str, int]) -> str:
    """For the registration that waits for its confirmation."""
    return json.dumps(versions)


def from_text(text: str) -> dict[str, int]:
    return json.loads(text) if text else {}


def read_marks(text: str) -> dict[str, int]:
    """ "terms-3,privacy-2": the versions that a form showed. What is none of ours is left out."""
    found = {}
    for mark in text.split(",")[: len(PAGES)]:
        page, _hyphen, version = mark.partition("-")
        if page in PAGES and version.isascii() and version.isdecimal() and len(version) <= 4:
            found[page] = int(version)
    return found
