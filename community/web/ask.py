"""Asking: title and space first, then similar threads, then the text. Works the same with and without scripts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import markdown
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.submissions import fingerprint, new_key, once
from community.core.text import slug
from community.core.viewer import Viewer
from community.faq.queries import list_entries_by_ids
from community.indexing import audiences_of, id_of, thread_key
from community.spaces.models import SpaceKind
from community.spaces.permissions import can_start_thread
from community.spaces.queries import SpaceCard
from community.threads import actions, queries
from community.threads.lists import list_by_ids, list_excerpts
from community.threads.models import ThreadStatus
from community.threads.queries import DraftRow
from community.web.drafts import save_ask_draft
from community.web.forms import LONGEST_BODY, check_length, read_form
from community.web.lists import thread_url
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Choice, FieldError, FormState, PersonalHint, When
from community.web.thread_page import posted_as
from community.web.writing import find_hints, is_fragment, rendered, show_preview, submission_key
from search import SearchEngine
from search.index import SIMILAR_KINDS, Hit, SearchDown

SHORTEST_TITLE, LONGEST_TITLE = 8, 200
SHORTEST_BODY = 10
LONGEST_TAGS = 200
MOST_SIMILAR = 5
LONGEST_EXCERPT = 600
LONGEST_COMPARED = 2_000
"""Characters of a text in which similar threads are looked for."""


@dataclass(frozen=True, slots=True)
class Similar:
    """A thread or an FAQ entry that may answer the question already; it can be opened in place."""

    title: str
    url: str
    is_solved: bool
    excerpt: str
    """The beginning of the solution, or of the question where there is none."""
    answer_count: int | None = None
    """None for FAQ entries, which are answers."""


@dataclass(frozen=True, slots=True)
class SimilarPage:
    """What the index finds for the words typed so far."""

    similar: tuple[Similar, ...]
    search_is_down: bool = False


@dataclass(frozen=True, slots=True)
class AskPage:
    """The form for a question. In the first step it asks for space and title only."""

    form: FormState
    spaces: tuple[Choice, ...]
    writes_text: bool
    """Whether the second step is shown: similar threads, then text and tags."""
    similar: tuple[Similar, ...]
    search_is_down: bool
    posted_as: str
    submission: str
    hints: tuple[PersonalHint, ...] = ()
    preview: Markup | None = None
    draft_saved: When | None = None
    other_draft: str = ""
    """Title of a draft about something else, which publishing or typing on would replace."""
    language: str = ""


def _choices(request: Request) -> tuple[SpaceCard, ...]:
    """The spaces in which the viewer may start a thread, those for questions first."""
    viewer = viewer_of(request)
    allowed = [space for space in request.state.spaces if can_start_thread(viewer, space.id)]
    return tuple(sorted(allowed, key=lambda space: space.kind != SpaceKind.QUESTIONS))


def _chosen(spaces: tuple[SpaceCard, ...], wanted: str) -> SpaceCard | None:
    return next((space for space in spaces if space.slug == wanted), None)


async def show_form(request: Request) -> Response:
    """The first step; the second one for a title that came with the address (`next`), or for an earlier draft.

    A draft about something else than the title that came along is offered, not mixed in.
    """
    given = request.query_params
    fields = {name: given[name] for name in ("title", "space", "tags") if given.get(name)}
    draft = await queries.find_draft("ask", viewer_of(request))
    saved, other_draft = None, ""
    if draft and fields.get("title", draft.title) == draft.title:
        fields = _drafted(draft, request.state.spaces) | fields
        saved = When.of(draft.saved_at)
    elif draft:
        other_draft = draft.title or markdown.excerpt(draft.body, 80)
    errors = _check_first_step(fields, _choices(request)) if given.get("next") else []
    return await _show(
        request,
        FormState(fields, tuple(errors)),
        writes_text=(bool(given.get("next")) and not errors) or bool(fields.get("body")),
        saved=saved,
        other_draft=other_draft,
        status=422 if errors else 200,
    )


def _drafted(draft: DraftRow, spaces: tuple[SpaceCard, ...]) -> dict[str, str]:
    """The fields of a draft that are filled in."""
    space = next((card.slug for card in spaces if card.id == draft.space_id), "")
    kept = {"title": draft.title, "body": draft.body, "tags": draft.tags, "space": space}
    return {name: text for name, text in kept.items() if text}


async def show_similar(request: Request) -> Response:
    """Similar threads for the words typed so far, as a piece of a page."""
    title, body = (request.query_params.get(name, "") for name in ("title", "body"))
    return await show(request, "ask/similar.html", await _find_similar(request, title, body), block="similar")


async def ask(request: Request) -> Response:
    """Publish the question, or show the form again with preview, errors or a question; nothing typed gets lost."""
    viewer, spaces = viewer_of(request), _choices(request)
    fields = await read_form(request)
    if fields.get("do") in ("preview", "draft"):
        return await _keep(request, viewer, fields)
    errors = _check_first_step(fields, spaces) + check_length(
        "body", fields.get("body", ""), least=SHORTEST_BODY, most=LONGEST_BODY
    )
    errors += check_length("tags", fields.get("tags", ""), least=0, most=LONGEST_TAGS)
    space = _chosen(spaces, fields.get("space", ""))
    if errors or space is None:
        return await _show(request, FormState(dict(fields), tuple(errors)), writes_text=True, status=422)
    hints = await find_hints(viewer, fields)
    if hints:
        return await _show(request, FormState(dict(fields)), writes_text=True, hints=hints, status=422)
    title, body, tags = " ".join(fields["title"].split()), fields["body"].strip(), fields.get("tags", "")

    async def work() -> str:
        thread_id = await actions.start_thread(
            space, title=title, body=body, tags=actions.clean_tags(tags), by=viewer.id
        )
        return thread_url(thread_id, slug(title))

    said = fingerprint("ask", space.slug, title, body, tags)
    try:
        url = await once(viewer.id, submission_key(fields, "ask"), said, work)
    except RuleBroken as broken:
        form = FormState(dict(fields), (FieldError("body", str(broken)),))
        return await _show(request, form, writes_text=True, status=409)
    return redirect(url, notice="published")


async def _keep(request: Request, viewer: Viewer, fields: Mapping[str, str]) -> Response:
    """Save what was typed as a draft and show it again, as a preview too if that was asked for."""
    await save_ask_draft(viewer.id, fields, request.state.spaces)
    if fields["do"] == "draft":
        return redirect("/ask", notice="saved")
    preview = await rendered(fields.get("body", ""))
    if is_fragment(request):
        return await show_preview(request, preview)
    return await _show(request, FormState(dict(fields)), writes_text=True, preview=preview)


def _check_first_step(fields: Mapping[str, str], spaces: tuple[SpaceCard, ...]) -> list[FieldError]:
    errors = []
    if _chosen(spaces, fields.get("space", "")) is None:
        errors.append(FieldError("space", _("Please choose a space.")))
    return errors + check_length("title", fields.get("title", ""), least=SHORTEST_TITLE, most=LONGEST_TITLE)


async def _show(
    request: Request,
    form: FormState,
    *,
    writes_text: bool,
    hints: tuple[PersonalHint, ...] = (),
    preview: Markup | None = None,
    saved: When | None = None,
    other_draft: str = "",
    status: int = 200,
) -> Response:
    viewer, spaces = viewer_of(request), _choices(request)
    space = _chosen(spaces, form.value("space"))
    found = await _find_similar(request, form.value("title"), form.value("body"))
    page = AskPage(
        form=form,
        spaces=tuple(Choice(card.slug, card.name, selected=len(spaces) == 1) for card in spaces),
        writes_text=writes_text,
        similar=found.similar,
        search_is_down=found.search_is_down,
        posted_as=await posted_as(viewer, space.id, space.access) if space else "",
        submission=new_key(),
        hints=hints,
        preview=preview,
        draft_saved=saved,
        other_draft=other_draft,
        language=space.language if space else "",
    )
    return await show(request, "ask/show.html", page, Head(robots="noindex"), status=status)


async def similar_hits(
    engine: SearchEngine,
    title: str,
    body: str,
    audiences: frozenset[int],
    *,
    exclude: str = "",
    limit: int = MOST_SIMILAR * 2,
) -> Sequence[Hit]:
    """What the index offers for a question as far as it is typed. The relevance measurement asks the same way."""
    if len(title.strip()) < SHORTEST_TITLE:
        return ()
    title, body = title[:LONGEST_TITLE], body[:LONGEST_COMPARED]
    return await engine.related(title, body, audiences, exclude=exclude, limit=limit)


async def _find_similar(request: Request, title: str, body: str) -> SimilarPage:
    """Up to five threads and FAQ entries about the same subject, each confirmed by the database for this viewer."""
    viewer = viewer_of(request)
    engine: SearchEngine = request.app.state.search
    audiences = await audiences_of(viewer)
    try:
        hits = await similar_hits(engine, title, body, audiences)
    except SearchDown:
        return SimilarPage((), search_is_down=True)
    ids = {kind: [id_of(hit.key) for hit in hits if hit.kind == kind] for kind in SIMILAR_KINDS}
    found = await _similar_threads(viewer, ids["thread"]) | await _similar_entries(viewer, ids["faq"])
    similar = [found[hit.key] for hit in hits if hit.key in found]
    return SimilarPage(tuple(similar[:MOST_SIMILAR]))


async def _similar_threads(viewer: Viewer, thread_ids: Sequence[int]) -> dict[str, Similar]:
    lines = await list_by_ids(viewer, thread_ids)
    excerpts = await list_excerpts(viewer, list(lines))
    return {
        thread_key(line.id): Similar(
            title=line.title,
            url=thread_url(line.id, line.slug),
            is_solved=line.status == ThreadStatus.SOLVED,
            excerpt=markdown.excerpt(markdown.plain_text(excerpts.get(line.id, "")), LONGEST_EXCERPT),
            answer_count=line.answer_count,
        )
        for line in lines.values()
    }


async def _similar_entries(viewer: Viewer, entry_ids: Sequence[int]) -> dict[str, Similar]:
    if not entry_ids:
        return {}
    entries = await list_entries_by_ids(viewer, entry_ids)
    return {
        f"faq-{entry.id}": Similar(
            title=entry.question,
            url=entry.url,
            is_solved=True,
            excerpt=markdown.excerpt(entry.short_answer, LONGEST_EXCERPT),
        )
        for entry in entries.values()
    }
