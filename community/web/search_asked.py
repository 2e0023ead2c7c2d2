"""What the address of a search asks for, and the addresses of searches that differ in one thing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from starlette.requests import Request

from community.core.addresses import with_query
from community.core.clock import now
from community.core.i18n import language
from community.indexing import audiences_of
from community.web.pages import viewer_of
from search.index import Kind, Query, Sort, Status

HITS_PER_PAGE = 20
MOST_PAGES = 25
MOST_TAGS = 5
LONGEST_QUERY = 200

KINDS: Mapping[str, tuple[Kind, ...]] = {
    "threads": ("thread",),
    "ideas": ("idea",),
    "faq": ("faq",),
    "blog": ("blog",),
    "people": ("person", "group"),
}
PERIODS: Mapping[str, int] = {"week": 7, "month": 30, "year": 365}
THREAD_STATUSES: Mapping[str, tuple[Status, ...]] = {
    "solved": ("solved",),
    "open": ("open", "unanswered"),
    "unanswered": ("unanswered",),
}
IDEA_STATUSES: Mapping[str, tuple[Status, ...]] = {
    "new": ("new",),
    "planned": ("planned",),
    "done": ("done",),
    "declined": ("declined",),
}
STATUSES: Mapping[str, tuple[Status, ...]] = {**THREAD_STATUSES, **IDEA_STATUSES}
SORTS: Mapping[str, Sort] = {"relevance": "relevance", "newest": "newest", "kudos": "kudos"}
NARROWING = ("kind", "space", "status", "period", "staff")
"""Filters with one value at a time; a search may have several tags besides."""


@dataclass(frozen=True, slots=True)
class Asked:
    """The parameters of the address, with everything that we do not know left out."""

    q: str = ""
    kind: str = ""
    space: str = ""
    tags: tuple[str, ...] = ()
    status: str = ""
    period: str = ""
    staff: str = ""
    sort: str = "relevance"
    page: int = 1

    def changed(self, **changes: str | int | tuple[str, ...]) -> Asked:
        """The same search with some parameters changed; it begins at page 1 again unless a page is given."""
        return replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]

    def address(self, **changes: str | int | tuple[str, ...]) -> str:
        """The address of this search with some parameters changed."""
        asked = self.changed(**changes)
        given: list[tuple[str, str | int]] = [("q", asked.q), ("kind", asked.kind), ("space", asked.space)]
        given += [("tag", tag) for tag in asked.tags]
        given += [("status", asked.status), ("period", asked.period), ("staff", asked.staff)]
        given += [("sort", "" if asked.sort == "relevance" else asked.sort)]
        given += [("page", "" if asked.page == 1 else asked.page)]
        return with_query("/search", given)

    @property
    def is_filtered(self) -> bool:
        return bool(self.tags) or any(getattr(self, name) for name in NARROWING)

    @property
    def is_plain(self) -> bool:
        """Words alone, best match first, from the beginning: what somebody gets who just types and presses Enter."""
        return not self.is_filtered and self.sort == "relevance" and self.page == 1


def read_asked(request: Request) -> Asked:
    """The search that an address asks for. What nobody could have chosen is not refused but left out."""
    given = request.query_params
    page = given.get("page", "1")
    spaces = {space.slug for space in request.state.spaces if not space.locked}

    def one_of(name: str, known: Mapping[str, object] | set[str]) -> str:
        return given.get(name, "") if given.get(name, "") in known else ""

    tags = dict.fromkeys(tag[:40] for tag in given.getlist("tag") if tag.strip())
    return Asked(
        q=" ".join(given.get("q", "").split())[:LONGEST_QUERY],
        kind=one_of("kind", KINDS),
        space=one_of("space", spaces),
        tags=tuple(tags)[:MOST_TAGS],
        status=one_of("status", STATUSES),
        period=one_of("period", PERIODS),
        staff="1" if given.get("staff") == "1" else "",
        sort=one_of("sort", SORTS) or "relevance",
        page=min(max(int(page), 1), MOST_PAGES) if page.isascii() and page.isdigit() and len(page) < 5 else 1,
    )


def _since(period: str) -> int | None:
    """The beginning of a period, the same for an hour, so that engines can give an answer again."""
    return int(now().timestamp()) // 3600 * 3600 - PERIODS[period] * 86_400 if period else None


class Queries:
    """Queries of the engine for one request: whoever asks, their audiences and what the index is behind with stay."""

    def __init__(self, request: Request, audiences: frozenset[int], without: tuple[str, ...]) -> None:
        self._space_ids = {space.slug: space.id for space in request.state.spaces if not space.locked}
        self.audiences, self.without = audiences, without

    @classmethod
    async def of(cls, request: Request, without: tuple[str, ...]) -> Queries:
        return cls(request, await audiences_of(viewer_of(request)), without)

    def query(self, asked: Asked, *, facets: bool = True) -> Query:
        """The query of a page of results, with the counts of all filters that it does not set itself."""
        return Query(
            text=asked.q,
            audiences=self.audiences,
            kinds=KINDS.get(asked.kind, ()),
            space_id=self._space_ids.get(asked.space),
            tags=asked.tags,
            status=STATUSES.get(asked.status, ()),
            staff_answered=True if asked.staff else None,
            since=_since(asked.period),
            sort=SORTS[asked.sort],
            limit=HITS_PER_PAGE,
            offset=(asked.page - 1) * HITS_PER_PAGE,
            facets=("kind", "space_id", "tags", "status", "staff_answered") if facets else (),
            language=language(),
            without=self.without,
        )

    def counting(self, asked: Asked, *, facets: bool = False) -> Query:
        """The same without hits."""
        return replace(self.query(asked.changed(sort="relevance"), facets=facets), limit=0)
