"""Administrators export the FAQ, and order its categories."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.faq import categories, editorial, permissions
from community.faq.export import MEDIA_TYPES, build_export
from community.faq.formats import FEED_PATH
from community.web.faq_desk import desk_crumbs, desk_links, language_choices
from community.web.forms import check_length, read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FilterLink, FormState

HEAD = Head(section="faq", robots="noindex")
EXPORT_URL = "/admin/faq/export"
CATEGORIES_URL = "/admin/faq/categories"


@dataclass(frozen=True, slots=True)
class ExportPage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    form: FormState
    formats: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    download_url: str
    feed_url: str


@dataclass(frozen=True, slots=True)
class CategoryRow:
    name: str
    slug: str
    language: str
    entry_count: int
    rename_url: str
    up_url: str
    """Empty for the first one."""
    field: str
    """Name of the input with the name; each form on the page needs one of its own."""


@dataclass(frozen=True, slots=True)
class CategoriesPage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    rows: tuple[CategoryRow, ...]
    form: FormState
    languages: tuple[Choice, ...]
    make_url: str


async def show_export(request: Request) -> Response:
    authorize(permissions.can_export_faq(viewer_of(request)))
    page = ExportPage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer_of(request), EXPORT_URL),
        form=FormState(),
        formats=(
            Choice("zip", _("ZIP"), _("All formats, with a fragment and a page per entry"), selected=True),
            Choice("html", _("HTML"), _("One page with an index; no scripts, no styles")),
            Choice("jsonld", "JSON-LD", _("FAQPage for search engines")),
            Choice("json", "JSON Feed", _("For a website that follows changes")),
            Choice("csv", "CSV", _("For spreadsheets")),
            Choice("markdown", "Markdown"),
        ),
        languages=(Choice("", _("All languages")), *language_choices()),
        categories=(
            Choice("", _("All categories")),
            *(Choice(category.slug, category.name) for category in await editorial.list_all_categories()),
        ),
        download_url=f"{EXPORT_URL}/download",
        feed_url=FEED_PATH,
    )
    return await show(request, "faq/export.html", page, HEAD)


async def download_export(request: Request) -> Response:
    """One file in the format that was chosen."""
    authorize(permissions.can_export_faq(viewer_of(request)))
    chosen = {name: request.query_params.get(name, "")[:80] for name in ("format", "language", "category")}
    if chosen["format"] not in MEDIA_TYPES or chosen["language"] not in ("", *i18n.languages()):
        raise NotFound
    export = await build_export(chosen["format"], language=chosen["language"], category=chosen["category"])
    return Response(
        export.content,
        media_type=export.media_type,
        headers={
            "Content-Disposition": f'attachment; filename="{export.name}"',
            "Cache-Control": "no-store",
        },
    )


# --- categories -------------------------------------------------------------------------------------------


async def show_categories(request: Request) -> Response:
    return await _show_categories(request, FormState())


async def make_category(request: Request) -> Response:
    authorize(permissions.can_manage_categories(viewer_of(request)))
    fields = await read_form(request)
    errors = check_length("name", fields.get("name", ""), least=1, most=categories.LONGEST_NAME)
    if fields.get("language") not in i18n.languages():
        errors.append(FieldError("language", _("Please choose one of these.")))
    if errors:
        return await _show_categories(request, FormState(dict(fields), tuple(errors)), status=422)
    await categories.make_category(fields["name"], fields["language"])
    return redirect(CATEGORIES_URL, notice="saved")


async def rename_category(request: Request) -> Response:
    authorize(permissions.can_manage_categories(viewer_of(request)))
    category_id, fields = path_id(request, "category_id"), await read_form(request)
    field = f"name-{category_id}"
    errors = check_length(field, fields.get(field, ""), least=1, most=categories.LONGEST_NAME)
    if errors:
        return await _show_categories(request, FormState(dict(fields), tuple(errors)), status=422)
    await categories.rename_category(category_id, fields[field])
    return redirect(CATEGORIES_URL, notice="saved")


async def move_category_up(request: Request) -> Response:
    authorize(permissions.can_manage_categories(viewer_of(request)))
    await categories.move_category_up(path_id(request, "category_id"))
    return redirect(CATEGORIES_URL, notice="saved")


async def _show_categories(request: Request, form: FormState, *, status: int = 200) -> Response:
    authorize(permissions.can_manage_categories(viewer_of(request)))
    rows = await editorial.list_all_categories()
    page = CategoriesPage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer_of(request), CATEGORIES_URL),
        rows=tuple(
            CategoryRow(
                name=row.name,
                slug=row.slug,
                language=i18n.language_names().get(row.language, row.language),
                entry_count=row.entry_count,
                rename_url=f"{CATEGORIES_URL}/{row.id}",
                up_url=f"{CATEGORIES_URL}/{row.id}/up" if place else "",
                field=f"name-{row.id}",
            )
            for place, row in enumerate(rows)
        ),
        form=form,
        languages=language_choices(),
        make_url=CATEGORIES_URL,
    )
    return await show(request, "faq/categories.html", page, HEAD, status=status)
