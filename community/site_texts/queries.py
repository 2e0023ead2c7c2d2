"""What pages read of the site's own texts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from community.core.clock import now
from community.core.db import Row, as_json, as_time, fetch
from community.core.errors import NotFound
from community.site_texts import rules
from community.site_texts.defaults import default_texts
from community.site_texts.rules import Reign, Rule


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a page. Published ones have a day from which they count."""

    page: str
    version: int
    texts: Mapping[str, str]
    summaries: Mapping[str, str]
    note: str
    saved_by: str
    """Who saved it; empty for a former member, and for what the software brought."""
    saved_at: datetime
    needs_acceptance: bool
    published_by: str
    published_at: datetime | None
    valid_from: datetime

    @property
    def is_published(self) -> bool:
        return self.published_at is not None


@dataclass(frozen=True, slots=True)
class Shelf:
    """All versions of a page, the newest first, and what was in force when."""

    page: str
    versions: tuple[Version, ...]
    reigns: tuple[Reign, ...]

    @property
    def newest(self) -> Version | None:
        return self.versions[0] if self.versions else None

    @property
    def newest_number(self) -> int:
        return self.newest.version if self.newest else 0

    def find(self, version: int) -> Version | None:
        return next((each for each in self.versions if each.version == version), None)

    def reign_of(self, version: int) -> Reign | None:
        """None for what was never in force and never will be."""
        return next((reign for reign in self.reigns if reign.version == version), None)

    def current(self, moment: datetime) -> Version | None:
        """What is in force; None as long as it is the text that the software brings."""
        reign = next((reign for reign in self.reigns if reign.holds_at(moment)), None)
        return self.find(reign.version) if reign else None

    def upcoming(self, moment: datetime) -> Version | None:
        """What comes into force next."""
        later = [reign for reign in self.reigns if reign.begins > moment]
        return self.find(later[-1].version) if later else None

    def before(self, version: int) -> Version | None:
        """What was in force before it; for a draft, what is in force now or will be."""
        earlier = [reign.version for reign in self.reigns if reign.version < version]
        return self.find(earlier[0]) if earlier else None


async def get_shelf(page: str) -> Shelf:
    """Few hundred versions at most: a page of law is not changed every day."""
    if page not in rules.PAGES:
        raise NotFound
    rows = await fetch(
        """SELECT v.page, v.version, v.texts, v.summaries, v.note, v.saved_at, v.published_at, v.valid_from,
        v.needs_acceptance,
        COALESCE(NULLIF(s.staff_name, ''), s.nickname, '') AS saved_by,
        COALESCE(NULLIF(p.staff_name, ''), p.nickname, '') AS published_by
        FROM site_text_versions v LEFT JOIN members s ON s.id = v.saved_by
        LEFT JOIN members p ON p.id = v.published_by
        WHERE v.page = :page ORDER BY v.version DESC LIMIT 1000""",
        {"page": page},
    )
    versions = tuple(_version(row) for row in rows)
    return Shelf(page, versions, tuple(rules.reigns(each for each in versions if each.is_published)))


def _version(row: Row) -> Version:
    saved_at = as_time(row["saved_at"]) or now()
    return Version(
        page=row["page"],
        version=row["version"],
        texts=as_json(row["texts"]),
        summaries=as_json(row["summaries"]),
        note=row["note"],
        saved_by=row["saved_by"],
        saved_at=saved_at,
        needs_acceptance=bool(row["needs_acceptance"]),
        published_by=row["published_by"],
        published_at=as_time(row["published_at"]),
        valid_from=as_time(row["valid_from"]) or saved_at,
    )


async def current_texts(page: str) -> Mapping[str, str]:
    """What is in force now, by code of language."""
    current = (await get_shelf(page)).current(now())
    return current.texts if current else default_texts(page)


async def list_rules(language: str) -> tuple[Rule, ...]:
    """The rules of the netiquette in force, which decisions may name as their ground."""
    text, _code = rules.in_language(await current_texts("netiquette"), language)
    return rules.rules_in(text)


async def list_unfinished() -> dict[str, tuple[str, ...]]:
    """The public pages that still say what is to be filled in, with what that is. An imprint that says next to
    nothing is among them."""
    found = {}
    for page in rules.LEGAL_PAGES:
        texts = await current_texts(page)
        missing = dict.fromkeys(name for text in texts.values() for name in rules.placeholders(text))
        too_short = page == "imprint" and any(
            len(text.strip()) < rules.SHORTEST_IMPRINT for text in texts.values() or ("",)
        )
        if missing or too_short or not texts:
            found[page] = tuple(missing)
    return found
