"""Hits that the database has confirmed, as results on a page: the engine finds, the database says who may see it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape
from starlette.requests import Request

from community.core.i18n import gettext as _
from community.faq.queries import EntryLine, list_entries_by_ids
from community.groups.queries import list_groups_by_ids
from community.indexing import Owed, id_of, list_owed
from community.members.queries import list_profiles_by_ids
from community.threads.lists import ThreadLine, list_by_ids
from community.web.lists import thread_row
from community.web.pages import viewer_of
from community.web.parts import ThreadRow
from community.web.people import profile_url
from search import SearchEngine
from search.index import Hit


@dataclass(frozen=True, slots=True)
class Result:
    """One hit that the database has confirmed. A thread comes as a row of a list, everything else as a link."""

    kind: str
    key: str
    url: str
    title_html: Markup
    passage_html: Markup
    label: str
    """What it is: "FAQ", "Idea", "Member", "Group"; for threads the row says it."""
    score: float
    row: ThreadRow | None = None
    from_solution: bool = False
    thread: ThreadLine | None = None
    entry: EntryLine | None = None


def engine_of(request: Request) -> SearchEngine:
    engine: SearchEngine = request.app.state.search
    return engine


async def confirmed(request: Request, hits: Sequence[Hit], owed: Owed | None = None) -> list[Result]:
    """The hits that the viewer may see now, by the database, in the order of the engine.

    What the index says is shown only where it is what the database says: it comes later than an edit, a hidden post
    or a new nickname, much later while the worker or the engine is away.
    """
    viewer = viewer_of(request)
    owed = await list_owed() if owed is None else owed
    ids = {
        kind: [id_of(hit.key) for hit in hits if hit.key.startswith(f"{kind}-")]
        for kind in ("thread", "faq", "person", "group")
    }
    lines = await list_by_ids(viewer, ids["thread"])
    entries = await list_entries_by_ids(viewer, ids["faq"]) if ids["faq"] else {}
    profiles = await list_profiles_by_ids(ids["person"]) if ids["person"] else {}
    groups = await list_groups_by_ids(viewer, ids["group"]) if ids["group"] else {}
    spaces = {space.id: space for space in request.state.spaces}
    results: list[Result] = []
    for hit in hits:
        row_id, passage = id_of(hit.key), Markup(hit.passage_html)  # noqa: S704 - escaped by the engine, marks only
        if hit.key in owed:
            passage = Markup()
        if row_id in lines and hit.kind in ("thread", "idea", "blog"):
            line = lines[row_id]
            title = _title(hit, line.title)
            row = thread_row(line, spaces.get(line.space_id), title_html=title, passage_html=passage)
            solved = hit.passage_from == "solution" and row.status == "solved"
            label = {"blog": _("Blog"), "idea": _("Idea")}.get(hit.kind, "")
            results.append(
                Result(hit.kind, hit.key, row.url, title, passage, label, hit.score, row, solved, thread=line)
            )
        elif hit.kind == "faq" and row_id in entries:
            entry = entries[row_id]
            title = _title(hit, entry.question)
            results.append(
                Result("faq", hit.key, entry.url, title, passage, _("FAQ"), hit.score, entry=entry)
            )
        elif hit.kind == "person" and row_id in profiles:
            title = _title(hit, profiles[row_id], or_within=True)
            url = profile_url(profiles[row_id])
            results.append(Result("person", hit.key, url, title, passage, _("Member"), hit.score))
        elif hit.kind == "group" and row_id in groups:
            slug, name = groups[row_id]
            title, label = _title(hit, name), _("Group")
            results.append(Result("group", hit.key, f"/groups/{slug}", title, passage, label, hit.score))
    return results


def _title(hit: Hit, title: str, *, or_within: bool = False) -> Markup:
    """The title with its marks; without them where the index has another one. Staff are found by their nickname
    behind their name (`or_within`)."""
    marked = Markup(hit.title_html)  # noqa: S704 - escaped by the engine, marks only
    shown, wanted = " ".join(marked.striptags().split()), " ".join(title.split())
    return marked if shown == wanted or (or_within and shown.endswith(f" ({wanted})")) else escape(title)
