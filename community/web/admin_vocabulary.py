"""The words of the search: groups of the same meaning, words of one direction, names; with a look at what changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from markupsafe import Markup
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import Conflict, NotFound, RuleBroken, authorize
from community.core.i18n import gettext as _
from community.core.i18n import language
from community.core.viewer import Viewer
from community.decisions.queries import LogLine, list_log
from community.indexing import audiences_of
from community.insights.search_terms import list_terms_with
from community.vocabulary import actions
from community.vocabulary.models import EntryKind
from community.vocabulary.permissions import can_edit_vocabulary
from community.vocabulary.queries import (
    EntryView,
    configuration_with,
    current_configuration,
    find_shipped,
    get_entry,
    list_entries,
    shipped_groups,
)
from community.vocabulary.rules import MOST_WORDS, EntryDraft, read_words
from community.web.admin_search import staff_crumbs
from community.web.forms import check_length, read_form
from community.web.moderation_log import act_names
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, When
from community.web.search_results import Result, confirmed
from search import SearchEngine
from search.configuration import Configuration
from search.index import Query, SearchDown

LIST_URL = "/admin/vocabulary"
HEAD = Head(section="admin", robots="noindex")
LONGEST_TEXT = 2_000
LONGEST_REASON = 300
MOST_OWN_WORDS = 6
"""Words of the entry itself that a preview searches for; the terms of others come on top."""
HITS = 5
HITS_COMPARED = 25
"""A hit that has only moved down is not gone."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    words: str
    url: str
    kind: str
    changed_by: str
    changed: When


@dataclass(frozen=True, slots=True)
class ShippedRow:
    """A group that ships. `state_text` says what stands in its place, if anything does."""

    words: str
    change_url: str
    first_word: str
    state_text: str
    restore_url: str


@dataclass(frozen=True, slots=True)
class VocabularyPage:
    crumbs: tuple[Crumb, ...]
    query: str
    entries: tuple[EntryRow, ...]
    shipped: tuple[ShippedRow, ...]
    new_url: str
    switch_off_url: str
    searches_url: str


@dataclass(frozen=True, slots=True)
class PreviewHit:
    title: Markup
    url: str
    is_changed: bool
    """Gone, where it stands among the results of now; new among those to come."""


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """The results at one place of the list; None where a list has ended."""

    before: PreviewHit | None
    after: PreviewHit | None


@dataclass(frozen=True, slots=True)
class PreviewQuery:
    words: str
    rows: tuple[PreviewRow, ...]
    stays: bool
    """Nothing changes for these words."""


@dataclass(frozen=True, slots=True)
class Preview:
    queries: tuple[PreviewQuery, ...]
    is_exact: bool
    down: bool = False


@dataclass(frozen=True, slots=True)
class HistoryLine:
    act: str
    words: str
    actor: str
    when: When
    reason: str


@dataclass(frozen=True, slots=True)
class EntryPage:
    heading: str
    crumbs: tuple[Crumb, ...]
    url: str
    list_url: str
    form: FormState
    kinds: tuple[Choice, ...]
    is_shipped: bool
    """The entry stands in the place of a group that ships."""
    preview: Preview | None = None
    remove_url: str = ""
    history: tuple[HistoryLine, ...] = ()


def kind_names() -> dict[str, tuple[str, str]]:
    """Each kind of entry with what it does."""
    return {
        EntryKind.SAME: (_("Same meaning"), _("Each of the words finds all the others.")),
        EntryKind.NAME: (
            _("Name or abbreviation"),
            _(
                "The first line is found in every spelling (“SIP-Trunk”, “SIP Trunk”, “siptrunk”) and is never "
                "corrected as a typing mistake. Long forms stand below it."
            ),
        ),
        EntryKind.ONE_WAY: (
            _("One direction"),
            _("Whoever searches for the first line finds the others as well, but not the other way round."),
        ),
        EntryKind.JARGON: (
            _("Not a word of customers"),
            _(
                "Whoever writes the first line into an FAQ entry is offered the others, which customers use. "
                "The search stays as it is."
            ),
        ),
    }


# --- the list ---------------------------------------------------------------------------------------------


async def list_vocabulary(request: Request) -> Response:
    viewer = viewer_of(request)
    query = " ".join(request.query_params.get("q", "")[:60].split())
    entries = await list_entries(viewer)
    page = VocabularyPage(
        crumbs=staff_crumbs(viewer),
        query=query,
        entries=tuple(
            _entry_row(entry)
            for entry in entries
            if entry.draft.kind != EntryKind.OFF and _matches(query, entry.draft.words)
        ),
        shipped=tuple(
            _shipped_row(group, entries) for group in sorted(shipped_groups()) if _matches(query, group)
        ),
        new_url=f"{LIST_URL}/new",
        switch_off_url=f"{LIST_URL}/switch-off",
        searches_url="/admin/search",
    )
    return await show(request, "admin/vocabulary.html", page, HEAD)


def _matches(query: str, words: Sequence[str]) -> bool:
    return any(query.lower() in word.lower() for word in words)


def _entry_row(entry: EntryView) -> EntryRow:
    first, *others = entry.draft.words
    joint = " → " if entry.draft.kind in (EntryKind.ONE_WAY, EntryKind.JARGON) else " = "
    return EntryRow(
        words=f"{first}{joint}{', '.join(others)}" if others else first,
        url=f"{LIST_URL}/{entry.id}",
        kind=kind_names()[entry.draft.kind][0],
        changed_by=entry.changed_by or _("Former member"),
        changed=When.of(entry.changed_at),
    )


def _shipped_row(group: tuple[str, ...], entries: Sequence[EntryView]) -> ShippedRow:
    entry = next((entry for entry in entries if entry.draft.replaces == group[0]), None)
    is_off = entry is not None and entry.draft.kind == EntryKind.OFF
    return ShippedRow(
        words=", ".join(group),
        change_url="" if entry else f"{LIST_URL}/new?replaces={quote(group[0])}",
        first_word="" if entry else group[0],
        state_text=_("Switched off") if is_off else _("Replaced by your own") if entry else "",
        restore_url=f"{LIST_URL}/{entry.id}/remove" if entry and is_off else "",
    )


async def switch_off(request: Request) -> Response:
    """Switch a group off that ships."""
    viewer, fields = viewer_of(request), await read_form(request)
    authorize(can_edit_vocabulary(viewer))
    await actions.switch_off(fields.get("group", ""), by=viewer)
    await _follow(request)
    return redirect(LIST_URL, notice="saved")


# --- one entry --------------------------------------------------------------------------------------------


async def show_new(request: Request) -> Response:
    """The form of a new entry; `?word=` begins it with a word, `?replaces=` with a group that ships."""
    given = request.query_params
    replaces = given.get("replaces", "")
    words = find_shipped(replaces) if replaces else read_words(given.get("word", "")[:LONGEST_TEXT])
    values = {"kind": str(EntryKind.SAME), "words": "\n".join(words), "replaces": replaces}
    return await _show_form(request, None, FormState(values))


async def add_entry(request: Request) -> Response:
    viewer, fields = viewer_of(request), dict(await read_form(request))
    authorize(can_edit_vocabulary(viewer))
    draft, errors = await _read(fields, None)
    if draft is None or errors:
        return await _show_form(request, None, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "preview":
        return await _show_form(
            request, None, FormState(fields), preview=await _preview(request, draft, None)
        )
    try:
        entry_id = await actions.add_entry(draft, by=viewer, reason=fields.get("reason", ""))
    except RuleBroken as error:
        form = FormState(fields, (FieldError("words", str(error)),))
        return await _show_form(request, None, form, status=409)
    await _follow(request)
    return redirect(f"{LIST_URL}/{entry_id}", notice="saved")


async def show_entry(request: Request) -> Response:
    return await _show_form(request, await _entry(request))


async def change_entry(request: Request) -> Response:
    viewer, fields = viewer_of(request), dict(await read_form(request))
    authorize(can_edit_vocabulary(viewer))
    entry = await _entry(request)
    draft, errors = await _read(fields, entry)
    if draft is None or errors:
        return await _show_form(request, entry, FormState(fields, tuple(errors)), status=422)
    if fields.get("do") == "preview":
        preview = await _preview(request, draft, entry)
        return await _show_form(request, entry, FormState(fields), preview=preview)
    try:
        await actions.change_entry(
            entry.id, draft, version=_version(fields), by=viewer, reason=fields.get("reason", "")
        )
    except Conflict:
        return await _show_conflict(request, fields)
    except RuleBroken as error:
        form = FormState(fields, (FieldError("words", str(error)),))
        return await _show_form(request, entry, form, status=409)
    await _follow(request)
    return redirect(f"{LIST_URL}/{entry.id}", notice="saved")


async def remove_entry(request: Request) -> Response:
    viewer, fields = viewer_of(request), await read_form(request)
    authorize(can_edit_vocabulary(viewer))
    await actions.remove_entry(
        path_id(request, "vocabulary_id"), by=viewer, reason=fields.get("reason", "")[:LONGEST_REASON]
    )
    await _follow(request)
    return redirect(LIST_URL, notice="saved")


async def _entry(request: Request) -> EntryView:
    entry = await get_entry(viewer_of(request), path_id(request, "vocabulary_id"))
    if entry.draft.kind == EntryKind.OFF:
        raise NotFound
    return entry


async def _follow(request: Request) -> None:
    """Let this process read the words now; the others look every few seconds."""
    request.app.state.search.configure(await current_configuration())


async def _read(
    fields: Mapping[str, str], entry: EntryView | None
) -> tuple[EntryDraft | None, list[FieldError]]:
    """What the form says, and everything that is wrong with it."""
    errors = check_length("words", fields.get("words", ""), least=1, most=LONGEST_TEXT)
    errors += check_length("reason", fields.get("reason", ""), least=0, most=LONGEST_REASON)
    if fields.get("kind") not in kind_names():
        errors.append(FieldError("kind", _("Please choose one of these.")))
    if errors:
        return None, errors
    replaces = entry.draft.replaces if entry else fields.get("replaces") or None
    if replaces and not entry:
        find_shipped(replaces)
    draft = EntryDraft(EntryKind(fields["kind"]), read_words(fields["words"]), replaces)
    problems = await actions.problems_of(draft, entry_id=entry.id if entry else None)
    return draft, [FieldError("words", problem) for problem in problems]


def _version(fields: Mapping[str, str]) -> int:
    text = fields.get("version", "")
    if not text.isascii() or not text.isdigit() or len(text) > 7:
        raise HTTPException(400)
    return int(text)


async def _show_conflict(request: Request, fields: dict[str, str]) -> Response:
    """What somebody else has saved meanwhile is said; what was typed stays, and replaces it when sent again."""
    entry = await _entry(request)
    message = _("%(name)s has changed this entry meanwhile to: %(words)s. Sent again, yours replaces it.") % {
        "name": entry.changed_by or _("Former member"),
        "words": ", ".join(entry.draft.words),
    }
    form = FormState({**fields, "version": str(entry.version)}, (FieldError("words", message),))
    return await _show_form(request, entry, form, status=409)


async def _show_form(
    request: Request,
    entry: EntryView | None,
    form: FormState | None = None,
    *,
    preview: Preview | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    values = form or FormState(_values(entry) if entry else {})
    page = EntryPage(
        heading=entry.draft.words[0] if entry else _("New words"),
        crumbs=staff_crumbs(viewer, Crumb(_("Words of the search"), LIST_URL)),
        url=f"{LIST_URL}/{entry.id}" if entry else f"{LIST_URL}/new",
        list_url=LIST_URL,
        form=values,
        kinds=tuple(Choice(value, label, hint) for value, (label, hint) in kind_names().items()),
        is_shipped=bool(values.value("replaces")),
        preview=preview,
        remove_url=f"{LIST_URL}/{entry.id}/remove" if entry else "",
        history=await _history(viewer, entry.id) if entry else (),
    )
    return await show(request, "admin/vocabulary_entry.html", page, HEAD, status=status)


def _values(entry: EntryView) -> dict[str, str]:
    return {
        "kind": str(entry.draft.kind),
        "words": "\n".join(entry.draft.words),
        "replaces": entry.draft.replaces or "",
        "version": str(entry.version),
    }


async def _history(viewer: Viewer, entry_id: int) -> tuple[HistoryLine, ...]:
    names = act_names()

    def line(entry: LogLine) -> HistoryLine:
        words = ", ".join(entry.details.get("words", ()))
        return HistoryLine(
            names[entry.act], words, entry.actor_name or _("Former member"), When.of(entry.at), entry.reason
        )

    return tuple(line(entry) for entry in await list_log(viewer, subject=f"words:{entry_id}", size=20))


# --- what changes -----------------------------------------------------------------------------------------


async def _preview(request: Request, draft: EntryDraft, entry: EntryView | None) -> Preview:
    """The first results now and with the entry as it was typed, for its words and for what people search for."""
    engine: SearchEngine = request.app.state.search
    if draft.kind == EntryKind.JARGON and (entry is None or entry.draft.kind == EntryKind.JARGON):
        return Preview((), is_exact=True)
    tried = await configuration_with(draft, instead_of=entry.id if entry else None)
    own = draft.words[:MOST_OWN_WORDS]
    before = entry.draft.words if entry else ()
    gone = [word for word in before if word not in draft.words][:2]
    asked = dict.fromkeys([*own, *gone, *await list_terms_with(draft.words[:MOST_WORDS])])
    try:
        queries = [await _compare(request, engine, tried, words) for words in asked]
    except SearchDown:
        return Preview((), engine.tries_exactly, down=True)
    return Preview(tuple(queries), engine.tries_exactly)


async def _compare(request: Request, engine: SearchEngine, tried: Configuration, words: str) -> PreviewQuery:
    query = Query(words, await audiences_of(viewer_of(request)), limit=HITS_COMPARED, language=language())
    before = await confirmed(request, (await engine.search(query)).hits)
    after = await confirmed(request, (await engine.trying(tried).search(query)).hits)
    old, new = _hits(before, after), _hits(after, before)
    length = max(len(old), len(new))
    rows = tuple(
        PreviewRow(old[place] if place < len(old) else None, new[place] if place < len(new) else None)
        for place in range(length)
    )
    stays = [hit.url for hit in old] == [hit.url for hit in new]
    return PreviewQuery(words, rows, stays)


def _hits(results: Sequence[Result], others: Sequence[Result]) -> list[PreviewHit]:
    known = {other.url for other in others}
    return [PreviewHit(result.title_html, result.url, result.url not in known) for result in results[:HITS]]
