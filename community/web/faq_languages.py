"""An entry in several languages on the desk: making a translation beside the original, and keeping it in step."""

from __future__ import annotations

from collections.abc import Iterable

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import Conflict, NotFound, RuleBroken, authorize
from community.core.markdown import render
from community.core.viewer import Viewer
from community.faq import editorial, permissions, translating
from community.faq.editorial import EditorialCategory, EditorialEntry
from community.faq.languages import Original, find_original, get_original, list_editorial_translations
from community.faq.models import EntryState
from community.faq.rules import EntryText
from community.faq.source_queries import list_editorial_sources
from community.web.faq_desk import (
    LIST_URL,
    form_values,
    new_desk,
    stage_name,
    text_differences,
)
from community.web.faq_readability import reading_of
from community.web.faq_sources import source_view
from community.web.faq_text import preview_of, read_number, read_text
from community.web.faq_views import InLanguage, LanguagesView, OriginalView, TextDifference
from community.web.forms import read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import FieldError, FormState, Link

HEAD = Head(section="faq", robots="noindex")


async def languages_of(viewer: Viewer, entry: EditorialEntry) -> LanguagesView:
    rows = await list_editorial_translations(viewer, entry.id)
    original = await find_original(viewer, entry.id)
    names, there = i18n.language_names(), {row.language for row in rows}
    changed = original is not None and original.has_changed
    return LanguagesView(
        entries=tuple(
            InLanguage(
                language_name=names.get(row.language, row.language),
                question=row.question,
                language=row.language,
                url="" if row.id == entry.id else f"{LIST_URL}/{row.id}",
                stage_text=stage_name(row.stage),
                is_original=row.is_original,
            )
            for row in rows
        ),
        missing=tuple(
            Link(name, f"{LIST_URL}/{entry.id}/translate?language={code}")
            for code, name in names.items()
            if code not in there and entry.state != EntryState.WITHDRAWN
        ),
        original=_original_view(original) if original else None,
        changes=_changes(original) if original and changed else (),
        agree_url=f"{LIST_URL}/{entry.id}/agrees" if changed else "",
    )


def _changes(original: Original) -> tuple[TextDifference, ...]:
    return text_differences(original.agreed, original.text)


def _original_view(original: Original) -> OriginalView:
    text = original.text
    return OriginalView(
        url=f"{LIST_URL}/{original.id}",
        language=text.language,
        language_name=i18n.language_names().get(text.language, text.language),
        question=text.question,
        short_answer=text.short_answer,
        steps=Markup(render(text.steps)),  # noqa: S704 - cleaned
        valid_for=text.valid_for,
        version=original.version,
    )


# --- a new translation ------------------------------------------------------------------------------------


async def show_translate(request: Request) -> Response:
    """The form for the same in the language `?language=`, with the original beside it."""
    original = await get_original(viewer_of(request), path_id(request, "entry_id"))
    language = request.query_params.get("language", "")
    if language not in i18n.languages() or language == original.text.language:
        raise NotFound
    text = EntryText(
        question="",
        short_answer="",
        valid_for=original.text.valid_for,
        valid_until=original.text.valid_until,
        category_id=_only_category(await editorial.list_all_categories(), language),
        language=language,
        audience=original.text.audience,
    )
    return await _show(request, original, FormState(form_values(text, version=original.version)))


def _only_category(categories: Iterable[EditorialCategory], language: str) -> int | None:
    """Where there is one category in a language, it is the one that is meant."""
    fitting = [category.id for category in categories if category.language == language]
    return fitting[0] if len(fitting) == 1 else None


async def translate(request: Request) -> Response:
    """Save the first version of a translation; its sources are those of the original."""
    viewer, fields = viewer_of(request), await read_form(request)
    authorize(permissions.can_edit_faq(viewer))
    original = await get_original(viewer, path_id(request, "entry_id"))
    if fields.get("do") == "preview":
        return await _show(request, original, FormState(dict(fields)), preview=preview_of(fields))
    text, errors = await read_text(fields)
    if not errors:
        try:
            made = await translating.draft_translation(
                original.id, text, seen_version=read_number(fields, "version"), by=viewer
            )
        except RuleBroken as refused:
            errors.append(FieldError("language", str(refused)))
        else:
            return redirect(f"{LIST_URL}/{made}", notice="saved")
    return await _show(request, original, FormState(dict(fields), tuple(errors)), status=422)


async def _show(
    request: Request,
    original: Original,
    form: FormState,
    *,
    preview: Markup | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    sources = await list_editorial_sources(viewer, original.id)
    page = new_desk(
        f"{LIST_URL}/{original.id}/translate",
        form,
        await editorial.list_all_categories(),
        tuple(source_view(source.post, source) for source in sources),
        (),
        preview,
        reading=await reading_of(form.values),
        translations=LanguagesView(original=_original_view(original)),
    )
    block = "preview" if preview is not None else ""
    return await show(request, "faq/edit.html", page, HEAD, status=status, block=block)


async def note_agreement(request: Request) -> Response:
    """The translation says what the original says now."""
    viewer, fields = viewer_of(request), await read_form(request)
    authorize(permissions.can_edit_faq(viewer))
    entry = await editorial.get_editorial(viewer, path_id(request, "entry_id"))
    url = f"{LIST_URL}/{entry.id}"
    try:
        await translating.note_agreement(entry.id, version=read_number(fields, "version"), by=viewer)
    except Conflict:
        # The original was released once more: the page shows what it says now.
        return redirect(url)
    return redirect(url, notice="done")
