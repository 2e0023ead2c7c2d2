"""Searching: the page, and the results that appear while one types. The engine finds, the database confirms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from urllib.parse import quote, urlencode

from markupsafe import Markup, escape
from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.core.i18n import gettext as _
from community.core.i18n import language
from community.core.viewer import Viewer
from community.faq.queries import list_entries_by_ids
from community.groups.queries import list_groups_by_ids
from community.indexing import audiences_of, id_of, list_outdated_threads
from community.members.queries import list_profiles_by_ids
from community.threads.lists import list_by_ids
from community.web.lists import thread_row
from community.web.pages import Head, show, viewer_of
from community.web.parts import FilterLink, ThreadRow
from community.web.people import profile_url
from community.web.searched import note_search
from search import SearchEngine
from search.index import Found, Hit, Kind, Query, SearchDown, Sort, Status

HITS_PER_PAGE = 20
MOST_PAGES = 25
LONGEST_QUERY = 200
INSTANT_HITS = 8

KINDS: Mapping[str, tuple[Kind, ...]] = {
    "threads": ("thread",),
    "faq": ("faq",),
    "blog": ("blog",),
    "people": ("person", "group"),
}
PERIODS: Mapping[str, int] = {"week": 7, "month": 30, "year": 365}
STATUSES: Mapping[str, tuple[Status, ...]] = {
    "solved": ("solved",),
    "open": ("open", "unanswered"),
    "unanswered": ("unanswered",),
}
SORTS: Mapping[str, Sort] = {"relevance": "relevance", "newest": "newest", "kudos": "kudos"}


@dataclass(frozen=True, slots=True)
class Result:
    """One hit that the database has confirmed. A thread comes as a row of a list, everything else as a link."""

    kind: str
    url: str
    title_html: Markup
    passage_html: Markup
    label: str
    """What it is: "FAQ", "Member", "Group"; for threads the row says it."""
    row: ThreadRow | None = None
    from_solution: bool = False


@dataclass(frozen=True, slots=True)
class Filters:
    """The ways to narrow a search down, each a link, with the number of hits where it is known."""

    kinds: tuple[FilterLink, ...]
    statuses: tuple[FilterLink, ...]
    periods: tuple[FilterLink, ...]
    sorts: tuple[FilterLink, ...]
    spaces: tuple[FilterLink, ...]
    tags: tuple[FilterLink, ...]
    staff_answered: FilterLink
    is_filtered: bool


@dataclass(frozen=True, slots=True)
class SearchPage:
    query: str
    results: tuple[Result, ...]
    total: int
    down: bool
    """The engine does not answer; the page says so and offers the way to ask."""
    relaxed: bool
    filters: Filters
    previous_url: str
    next_url: str
    ask_url: str


@dataclass(frozen=True, slots=True)
class SuggestionsPage:
    query: str
    results: tuple[Result, ...]
    all_url: str


@dataclass(frozen=True, slots=True)
class _Asked:
    """The parameters of the address, with everything that we do not know left out."""

    q: str = ""
    kind: str = ""
    space: str = ""
    tag: str = ""
    status: str = ""
    period: str = ""
    staff: str = ""
    sort: str = "relevance"
    page: int = 1

    def address(self, **changes: str | int) -> str:
        """The address of this search with some parameters changed; a changed filter begins at page 1 again."""
        changed = replace(self, **({"page": 1} | changes))  # type: ignore[arg-type]
        given = {
            name: getattr(changed, name)
            for name in ("q", "kind", "space", "tag", "status", "period", "staff", "sort", "page")
        }
        defaults = {"sort": "relevance", "page": 1}
        query = urlencode({n: v for n, v in given.items() if v and v != defaults.get(n)})
        return f"/search?{query}" if query else "/search"


async def show_search(request: Request) -> Response:
    viewer, asked = viewer_of(request), _asked(request)
    found, down = Found(), False
    if asked.q or asked.tag:
        try:
            found = await _engine(request).search(await _query(asked, viewer, request))
        except SearchDown:
            down = True
    results = await confirmed(request, found.hits)
    if asked.q and not down and asked == _Asked(q=asked.q):
        note_search(request, asked.q, found=bool(results))
    # What the database refuses was never there: it must not shine through in the number of results either.
    total = max(len(results), found.total - (len(found.hits) - len(results)))
    has_more = found.total > asked.page * HITS_PER_PAGE and asked.page < MOST_PAGES
    page = SearchPage(
        query=asked.q,
        results=tuple(results),
        total=total,
        down=down,
        relaxed=found.relaxed,
        previous_url=asked.address(page=asked.page - 1) if asked.page > 1 else "",
        next_url=asked.address(page=asked.page + 1) if has_more else "",
        ask_url="/ask" + (f"?title={quote(asked.q)}" if asked.q else ""),
        filters=_filters(asked, found, request),
    )
    return await show(request, "search/show.html", page, Head(robots="noindex, follow", query=asked.q))


async def show_suggestions(request: Request) -> Response:
    """The results under the search field; nothing (204) for less than two letters."""
    text = request.query_params.get("q", "")[:LONGEST_QUERY].strip()
    if len(text) < 2:
        return Response(status_code=204)
    try:
        found = await _engine(request).instant(text, await audiences_of(viewer_of(request)), INSTANT_HITS)
    except SearchDown:
        return Response(status_code=204)
    results = await confirmed(request, found.hits)
    page = SuggestionsPage(text, tuple(results), f"/search?q={quote(text)}")
    return await show(request, "search/suggestions.html", page)


def _engine(request: Request) -> SearchEngine:
    engine: SearchEngine = request.app.state.search
    return engine


def _asked(request: Request) -> _Asked:
    given = request.query_params
    page = given.get("page", "1")
    spaces = {space.slug for space in request.state.spaces if not space.locked}

    def one_of(name: str, known: Sequence[str] | Mapping[str, object] | set[str]) -> str:
        return given.get(name, "") if given.get(name, "") in known else ""

    return _Asked(
        q=" ".join(given.get("q", "").split())[:LONGEST_QUERY],
        kind=one_of("kind", KINDS),
        space=one_of("space", spaces),
        tag=given.get("tag", "")[:40],
        status=one_of("status", STATUSES),
        period=one_of("period", PERIODS),
        staff="1" if given.get("staff") == "1" else "",
        sort=one_of("sort", SORTS) or "relevance",
        page=min(int(page), MOST_PAGES) if page.isascii() and page.isdigit() and int(page) > 0 else 1,
    )


async def _query(asked: _Asked, viewer: Viewer, request: Request) -> Query:
    space_ids = {space.slug: space.id for space in request.state.spaces if not space.locked}
    return Query(
        text=asked.q,
        audiences=await audiences_of(viewer),
        kinds=KINDS.get(asked.kind, ()),
        space_id=space_ids.get(asked.space),
        tags=(asked.tag,) if asked.tag else (),
        status=STATUSES.get(asked.status, ()),
        staff_answered=True if asked.staff else None,
        since=int(now().timestamp()) - PERIODS[asked.period] * 86_400 if asked.period else None,
        sort=SORTS[asked.sort],
        limit=HITS_PER_PAGE,
        offset=(asked.page - 1) * HITS_PER_PAGE,
        facets=("kind", "space_id", "tags", "status"),
        language=language(),
    )


async def confirmed(request: Request, hits: Sequence[Hit]) -> list[Result]:
    """The hits that the viewer may see now, by the database, in the order of the engine.

    What the index says is shown only where it is what the database says: it comes later than an edit, a hidden post
    or a new nickname, much later while the worker or the engine is away.
    """
    viewer = viewer_of(request)
    ids = {
        kind: [id_of(hit.key) for hit in hits if hit.key.startswith(f"{kind}-")]
        for kind in ("thread", "faq", "person", "group")
    }
    lines = await list_by_ids(viewer, ids["thread"])
    entries = await list_entries_by_ids(viewer, ids["faq"]) if ids["faq"] else {}
    profiles = await list_profiles_by_ids(ids["person"]) if ids["person"] else {}
    groups = await list_groups_by_ids(viewer, ids["group"]) if ids["group"] else {}
    outdated = await list_outdated_threads(list(lines))
    spaces = {space.id: space for space in request.state.spaces}
    results: list[Result] = []
    for hit in hits:
        row_id, passage = id_of(hit.key), Markup(hit.passage_html)  # noqa: S704 - escaped by the engine, marks only
        if row_id in lines and hit.kind in ("thread", "blog"):
            line, title = lines[row_id], _title(hit, lines[row_id].title)
            passage = Markup() if row_id in outdated else passage
            row = thread_row(line, spaces.get(line.space_id), title_html=title, passage_html=passage)
            results.append(Result(hit.kind, row.url, title, passage, "", row, hit.passage_from == "solution"))
        elif hit.kind == "faq" and row_id in entries:
            title = _title(hit, entries[row_id].question)
            results.append(Result("faq", entries[row_id].url, title, passage, _("FAQ")))
        elif hit.kind == "person" and row_id in profiles:
            title = _title(hit, profiles[row_id], or_within=True)
            results.append(Result("person", profile_url(profiles[row_id]), title, passage, _("Member")))
        elif hit.kind == "group" and row_id in groups:
            title = Markup(hit.title_html)  # noqa: S704 - the same
            results.append(Result("group", f"/groups/{groups[row_id]}", title, passage, _("Group")))
    return results


def _title(hit: Hit, title: str, *, or_within: bool = False) -> Markup:
    """The title with its marks; without them where the index has another one. Staff are found by their nickname
    behind their name (`or_within`)."""
    marked = Markup(hit.title_html)  # noqa: S704 - escaped by the engine, marks only
    shown, wanted = " ".join(marked.striptags().split()), " ".join(title.split())
    return marked if shown == wanted or (or_within and shown.endswith(f" ({wanted})")) else escape(title)


def _filters(asked: _Asked, found: Found, request: Request) -> Filters:
    by_kind, by_space = found.facets.get("kind", {}), found.facets.get("space_id", {})
    by_status, by_tag = found.facets.get("status", {}), found.facets.get("tags", {})

    def links(
        name: str, labels: Sequence[tuple[str, str]], counts: Mapping[str, int | None]
    ) -> tuple[FilterLink, ...]:
        chosen = getattr(asked, name)
        return tuple(
            FilterLink(
                label, asked.address(**{name: value}), current=value == chosen, count=counts.get(value)
            )
            for value, label in labels
        )

    kind_counts = {name: sum(by_kind.get(kind, 0) for kind in kinds) for name, kinds in KINDS.items()}
    status_counts = {name: sum(by_status.get(s, 0) for s in group) for name, group in STATUSES.items()}
    in_spaces = [s for s in request.state.spaces if by_space.get(str(s.id)) or s.slug == asked.space]
    staff = FilterLink(
        _("With an answer by staff"), asked.address(staff="" if asked.staff else "1"), bool(asked.staff)
    )
    return Filters(
        kinds=links(
            "kind",
            [
                ("", _("Everything")),
                ("threads", _("Threads")),
                ("faq", _("FAQ")),
                ("blog", _("Blog")),
                ("people", _("People and groups")),
            ],
            {} if asked.kind else dict(kind_counts),
        ),
        statuses=links(
            "status",
            [
                ("", _("Any")),
                ("solved", _("Solved")),
                ("open", _("Without solution")),
                ("unanswered", _("Unanswered")),
            ],
            {} if asked.status else dict(status_counts),
        ),
        periods=links(
            "period",
            [
                ("", _("Any time")),
                ("week", _("Last week")),
                ("month", _("Last month")),
                ("year", _("Last year")),
            ],
            {},
        ),
        sorts=links(
            "sort", [("relevance", _("Best match")), ("newest", _("Newest")), ("kudos", _("Most kudos"))], {}
        ),
        spaces=tuple(
            FilterLink(
                space.name,
                asked.address(space="" if space.slug == asked.space else space.slug),
                current=space.slug == asked.space,
                count=by_space.get(str(space.id)),
            )
            for space in in_spaces
        ),
        tags=tuple(
            FilterLink(tag, asked.address(tag="" if tag == asked.tag else tag), tag == asked.tag, count)
            for tag, count in sorted(by_tag.items(), key=lambda item: (-item[1], item[0]))[:12]
        ),
        staff_answered=staff,
        is_filtered=bool(
            asked.kind or asked.space or asked.tag or asked.status or asked.period or asked.staff
        ),
    )
