"""What readers see of the FAQ: released texts, for their audience, bounded, always through the viewer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.core.db import as_known_time, as_time, fetch, fetch_one
from community.core.errors import NotFound
from community.core.markdown_entries import CARD_CLASS, cards_in
from community.core.viewer import GUEST, Viewer
from community.faq.permissions import visible_entries
from community.faq.rules import split_ids
from community.threads.permissions import visible_in_spaces
from community.threads.queries import AUTHOR_COLUMNS, AuthorRow, author_of

ENTRIES_PER_PAGE = 50
ENTRIES_PER_CARD = 5
MOST_CATEGORIES = 100
MOST_SIMILAR = 3
"""Entries beside a thread that were not made from it."""
MOST_QUOTED = 20
"""Entries that stand in the posts of one page."""


@dataclass(frozen=True, slots=True)
class EntryLine:
    """An entry in a list, in its released wording."""

    id: int
    slug: str
    question: str
    short_answer: str
    language: str
    audience: str
    category_id: int
    category_slug: str
    category_name: str
    changed_at: datetime

    @property
    def url(self) -> str:
        return entry_url(self.id, self.slug)


@dataclass(frozen=True, slots=True)
class QuotedEntry:
    """An entry that stands in somebody's text."""

    line: EntryLine
    checked_at: datetime
    checked_role: str


@dataclass(frozen=True, slots=True)
class EntryView:
    """One entry as its readers see it."""

    id: int
    slug: str
    question: str
    short_answer: str
    steps: str
    html: str
    """The steps, rendered when they were released."""
    valid_for: str
    valid_until: str
    """A date as "2026-12-31"; empty if the answer has no end."""
    language: str
    audience: str
    category_id: int
    category_slug: str
    category_name: str
    published_at: datetime
    changed_at: datetime
    checked_at: datetime
    checked_role: str
    related: str
    """Ids of entries that editors want beside it, as `join_ids` writes them."""
    helped: bool | None
    """What the viewer, a member, has said before; None if nothing."""

    @property
    def url(self) -> str:
        return entry_url(self.id, self.slug)


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A post that an entry was made from and that the viewer may read now."""

    entry_id: int
    post_id: int
    is_answer: bool
    """Whether it answered what the entry was made from, wherever it stands now."""
    thread_id: int
    thread_slug: str
    thread_title: str
    author: AuthorRow | None


@dataclass(frozen=True, slots=True)
class CategoryLine:
    id: int
    slug: str
    name: str
    language: str
    entry_count: int
    """Entries that the viewer may read."""


@dataclass(frozen=True, slots=True)
class CategoryCard:
    """A category with its first entries."""

    category: CategoryLine
    entries: tuple[EntryLine, ...]


def entry_url(entry_id: int, slug: str) -> str:
    """The address of an entry; `slug` is the one stored with it."""
    return f"/faq/{entry_id}-{slug}"


_LINE = """
SELECT e.id, e.slug, e.published_question AS question, e.published_short_answer AS short_answer,
       e.published_language AS language, e.published_audience AS audience, c.id AS category_id,
       c.slug AS category_slug, c.name AS category_name, e.changed_at, e.published_at
"""
_FROM = "FROM faq_entries e JOIN faq_categories c ON c.id = e.published_category_id"
# Those that helped most stand first; the id keeps the order of equals the same on every page.
_ORDER = "e.helpful_count - e.unhelpful_count DESC, e.published_at, e.id"


async def list_categories(viewer: Viewer) -> tuple[CategoryLine, ...]:
    """Categories in which the viewer may read something, in the order that administrators gave them."""
    rows = await fetch(
        f"""SELECT c.id, c.slug, c.name, c.language, COUNT(e.id) AS entry_count {_FROM}
        WHERE {visible_entries(viewer)} GROUP BY c.id, c.slug, c.name, c.language, c.position
        ORDER BY c.position, c.name, c.id LIMIT {MOST_CATEGORIES}"""
    )
    return tuple(CategoryLine(**dict(row)) for row in rows)


async def list_category_cards(viewer: Viewer) -> tuple[CategoryCard, ...]:
    """Each category with its first entries: two statements however many there are."""
    categories = await list_categories(viewer)
    rows = await fetch(
        f"""SELECT * FROM ({_LINE}, ROW_NUMBER() OVER (PARTITION BY c.id ORDER BY {_ORDER}) AS place
        {_FROM} WHERE {visible_entries(viewer)}) AS numbered
        WHERE place <= {ENTRIES_PER_CARD} ORDER BY category_id, place LIMIT {MOST_CATEGORIES * ENTRIES_PER_CARD}"""  # noqa: S608
    )
    entries: dict[int, list[EntryLine]] = {}
    for row in rows:
        entries.setdefault(row["category_id"], []).append(_line(row))
    return tuple(CategoryCard(category, tuple(entries.get(category.id, ()))) for category in categories)


async def get_category(viewer: Viewer, slug: str) -> CategoryLine:
    """The category with this slug; not found where the viewer may read nothing in it."""
    for category in await list_categories(viewer):
        if category.slug == slug:
            return category
    raise NotFound


async def list_entries(viewer: Viewer, category_id: int, *, page: int = 1) -> tuple[EntryLine, ...]:
    """Page `page` (from 1) of a category, the entries that helped most first."""
    rows = await fetch(
        f"""{_LINE} {_FROM} WHERE {visible_entries(viewer)} AND c.id = :category_id
        ORDER BY {_ORDER} LIMIT :size OFFSET :skip""",
        {
            "category_id": category_id,
            "size": ENTRIES_PER_PAGE,
            "skip": (page - 1) * ENTRIES_PER_PAGE,
        },
    )
    return tuple(_line(row) for row in rows)


async def list_entries_by_ids(viewer: Viewer, entry_ids: Sequence[int]) -> dict[int, EntryLine]:
    """Those of `entry_ids` (at most 200) that the viewer may read: how search hits are confirmed."""
    rows = await fetch(
        f"{_LINE} {_FROM} WHERE {visible_entries(viewer)} AND e.id IN (:ids)", {"ids": list(entry_ids)[:200]}
    )
    return {row["id"]: _line(row) for row in rows}


async def list_steps(viewer: Viewer, entry_ids: Sequence[int]) -> dict[int, str]:
    """The HTML below the short answers of those of `entry_ids` (at most 200) that the viewer may read."""
    rows = await fetch(
        f"SELECT e.id, e.published_html {_FROM} WHERE {visible_entries(viewer)} AND e.id IN (:ids)",
        {"ids": list(entry_ids)[:200]},
    )
    return {row["id"]: row["published_html"] for row in rows}


def quoted_ids(texts: Iterable[str]) -> list[int]:
    """The entries whose cards stand in these texts, in their order, each once."""
    found = (number for text in texts if CARD_CLASS in text for _html, number in cards_in(text))
    return [number for number in dict.fromkeys(found) if number is not None][:MOST_QUOTED]


async def list_for_thread(
    viewer: Viewer, thread_id: int, quoted: Sequence[int] = ()
) -> tuple[tuple[EntryLine, ...], dict[int, QuotedEntry]]:
    """What stands beside a thread that was loaded through the viewer before: entries made from it, at most five, the
    oldest first, and the nearest about the same, at most `MOST_SIMILAR`. And those of `quoted` (at most
    `MOST_QUOTED`) that the viewer may read. One statement for all.

    An order that feedback changes would make pages stale that are kept for guests.
    """
    rows = await fetch(
        f"""{_LINE}, e.checked_at, e.checked_role,
        EXISTS (SELECT 1 FROM faq_sources s WHERE s.entry_id = e.id AND s.thread_id = :thread_id
          AND s.fingerprint <> '') AS made_here,
        (SELECT x.position FROM similar_entries x WHERE x.entry_id = e.id AND x.thread_id = :thread_id) AS position
        {_FROM} WHERE {visible_entries(viewer)}
        AND (e.id IN (SELECT entry_id FROM faq_sources WHERE thread_id = :thread_id AND fingerprint <> '')
          OR e.id IN (SELECT entry_id FROM similar_entries WHERE thread_id = :thread_id)
          OR e.id IN (:quoted))
        ORDER BY CASE WHEN e.id IN (:quoted) THEN 0
          WHEN e.id IN (SELECT entry_id FROM similar_entries WHERE thread_id = :thread_id) THEN 1 ELSE 2 END,
          e.published_at, e.id
        LIMIT {MOST_QUOTED + ENTRIES_PER_CARD + 2 * MOST_SIMILAR}""",  # noqa: S608 - constants
        {"thread_id": thread_id, "quoted": list(quoted)[:MOST_QUOTED]},
    )
    made_here = sorted(
        (row for row in rows if row["made_here"]), key=lambda row: (as_time(row["published_at"]), row["id"])
    )
    similar = sorted(
        (row for row in rows if row["position"] is not None and not row["made_here"]),
        key=lambda row: row["position"],
    )
    wanted = set(quoted[:MOST_QUOTED])
    return (
        tuple(_line(row) for row in [*made_here[:ENTRIES_PER_CARD], *similar[:MOST_SIMILAR]]),
        {row["id"]: _quoted(row) for row in rows if row["id"] in wanted},
    )


async def list_quoted(viewer: Viewer, texts: Iterable[str]) -> dict[int, QuotedEntry]:
    """Those of the first `MOST_QUOTED` entries in each of these texts that the viewer may read; no statement where
    there are none."""
    quoted = list(dict.fromkeys(number for text in texts for number in quoted_ids([text])))
    found: dict[int, QuotedEntry] = {}
    for start in range(0, len(quoted), MOST_QUOTED):
        found |= (await list_for_thread(viewer, 0, quoted[start : start + MOST_QUOTED]))[1]
    return found


def _quoted(row: Mapping[str, Any]) -> QuotedEntry:
    return QuotedEntry(_line(row), as_known_time(row["checked_at"]), row["checked_role"])


async def list_highlights(viewer: Viewer, size: int, *, language: str = "") -> tuple[EntryLine, ...]:
    """The entries that helped most, for the home page; with `language` those in it alone."""
    only = "AND e.published_language = :language" if language else ""
    rows = await fetch(
        f"{_LINE} {_FROM} WHERE {visible_entries(viewer)} {only} ORDER BY {_ORDER} LIMIT :size",
        {"size": size, "language": language},
    )
    return tuple(_line(row) for row in rows)


async def list_public_addresses(size: int) -> list[tuple[str, datetime]]:
    """Paths of all categories and entries that guests may read, with their last release; at most `size` entries."""
    rows = await fetch(
        f"{_LINE} {_FROM} WHERE {visible_entries(GUEST)} ORDER BY e.published_at, e.id LIMIT :size",
        {"size": size},
    )
    lines = [_line(row) for row in rows]
    categories: dict[str, datetime] = {}
    for line in lines:
        path = f"/faq/{line.category_slug}"
        categories[path] = max(line.changed_at, categories.get(path, line.changed_at))
    return [*categories.items(), *((line.url, line.changed_at) for line in lines)]


async def list_related(viewer: Viewer, entry: EntryView, size: int = 5) -> tuple[EntryLine, ...]:
    """The entries that editors have picked, in their order; then others of the category, what helped most first."""
    chosen = split_ids(entry.related)
    found = await list_entries_by_ids(viewer, chosen) if chosen else {}
    picked = tuple(found[number] for number in chosen if number in found)[:size]
    if len(picked) == size:
        return picked
    rows = await fetch(
        f"""{_LINE} {_FROM} WHERE {visible_entries(viewer)} AND e.id NOT IN (:others) AND c.id = :category_id
        ORDER BY {_ORDER} LIMIT :size""",
        {
            "others": [entry.id, *(line.id for line in picked)],
            "category_id": entry.category_id,
            "size": size - len(picked),
        },
    )
    return (*picked, *(_line(row) for row in rows))


async def get_entry(viewer: Viewer, entry_id: int) -> EntryView:
    """The released entry; `NotFound` if it is not there, not released, withdrawn or for others."""
    row = await fetch_one(
        f"""{_LINE}, e.published_steps AS steps, e.published_related AS related,
        e.published_html AS html, e.published_valid_for AS valid_for,
        e.published_valid_until AS valid_until, e.checked_at, e.checked_role,
        (SELECT f.helpful FROM faq_feedback f WHERE f.entry_id = e.id AND f.member_id = :viewer) AS helped
        {_FROM} WHERE e.id = :id AND {visible_entries(viewer)}""",  # noqa: S608 - constants
        {"id": entry_id, "viewer": viewer.id},
    )
    if row is None:
        raise NotFound
    values = dict(row)
    for name in ("changed_at", "published_at", "checked_at"):
        values[name] = as_time(values[name])
    values["helped"] = None if values["helped"] is None else bool(values["helped"])
    return EntryView(**values)


async def list_sources(viewer: Viewer, entry_ids: Sequence[int]) -> tuple[SourceLine, ...]:
    """Sources that the viewer may read at this moment; a source that is hidden or moved is gone at once."""
    rows = await fetch(
        f"""SELECT s.entry_id, s.post_id, s.is_answer, t.id AS thread_id, t.slug AS thread_slug,
        t.title AS thread_title, {AUTHOR_COLUMNS}
        FROM faq_sources s JOIN posts p ON p.id = s.post_id JOIN threads t ON t.id = p.thread_id
        LEFT JOIN members m ON m.id = p.author_id
        WHERE s.entry_id IN (:ids) AND s.fingerprint <> '' AND p.hidden_at IS NULL AND {visible_in_spaces(viewer)}
        ORDER BY s.entry_id, p.created_at, p.id""",  # noqa: S608 - constants
        {"ids": list(entry_ids)},
    )
    return tuple(
        SourceLine(
            entry_id=row["entry_id"],
            post_id=row["post_id"],
            is_answer=bool(row["is_answer"]),
            thread_id=row["thread_id"],
            thread_slug=row["thread_slug"],
            thread_title=row["thread_title"],
            author=author_of(row),
        )
        for row in rows
    )


def credited(sources: Sequence[SourceLine]) -> tuple[AuthorRow, ...]:
    """Who wrote the answers among `sources`, each once; former members are not named."""
    authors = (source.author for source in sources if source.is_answer)
    return tuple({author.id: author for author in authors if author is not None}.values())


def _line(row: Mapping[str, Any]) -> EntryLine:
    return EntryLine(
        id=row["id"],
        slug=row["slug"],
        question=row["question"],
        short_answer=row["short_answer"],
        language=row["language"],
        audience=row["audience"],
        category_id=row["category_id"],
        category_slug=row["category_slug"],
        category_name=row["category_name"],
        changed_at=as_known_time(row["changed_at"]),
    )


async def list_writers(entry_id: int, *, after_version: int = 0) -> set[int]:
    """The staff who have written in an entry; with `after_version` those of later versions alone.

    Whoever took up a withdrawn entry, or saved it as it was, has written nothing.
    """
    rows = await fetch(
        """SELECT DISTINCT r.edited_by FROM faq_revisions r
        WHERE r.entry_id = :id AND r.version > :version AND r.edited_by IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM faq_revisions b WHERE b.entry_id = r.entry_id AND b.version = r.version - 1
          AND b.question = r.question AND b.short_answer = r.short_answer AND b.steps = r.steps
          AND b.valid_for = r.valid_for AND b.valid_until = r.valid_until AND b.audience = r.audience
          AND (b.language = '' OR (b.language = r.language AND b.related = r.related
            AND COALESCE(b.category_id, 0) = COALESCE(r.category_id, 0))))""",
        {"id": entry_id, "version": after_version},
    )
    return {row["edited_by"] for row in rows}


async def list_releasers(entry_id: int) -> set[int]:
    """Who has ever released it."""
    rows = await fetch(
        "SELECT DISTINCT released_by FROM releases WHERE subject = :subject AND released_by IS NOT NULL",
        {"subject": f"faq:{entry_id}"},
    )
    return {row["released_by"] for row in rows}


async def list_in_review() -> list[int]:
    """The entries of which some version waits for a second person."""
    rows = await fetch("SELECT id FROM faq_entries WHERE 'in_review' IN (state, newer_state) ORDER BY id")
    return [row["id"] for row in rows]


async def is_withdrawn(entry_id: int) -> bool:
    rows = await fetch("SELECT state FROM faq_entries WHERE id = :id", {"id": entry_id})
    return not rows or rows[0]["state"] == "withdrawn"
