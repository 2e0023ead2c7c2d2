"""The FAQ for other websites: the export, its categories, and the feed of changes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.faq import categories, editorial, permissions
from community.faq.export import MEDIA_TYPES, build_export
from community.faq.exported import list_changes
from community.faq.formats import FEED_PATH, json_feed
from community.web.faq_desk import language_choices
from community.web.forms import check_length, read_form
from community.web.pages import Head, path_id, redirect, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState

HEAD = Head(section="faq", robots="noindex")
CATEGORIES_URL = "/admin/faq/categories"
LARGEST_CURSOR_DIGITS = 15


@dataclass(frozen=True, slots=True)
class ExportPage:
    crumbs: tuple[Crumb, ...]
    form: FormState
    formats: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    categories: tuple[Choice, ...]
    download_url: str
    feed_url: str
    categories_url: str


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
    rows: tuple[CategoryRow, ...]
    form: FormState
    languages: tuple[Choice, ...]
    make_url: str


async def show_export(request: Request) -> Response:
    authorize(permissions.can_export_faq(viewer_of(request)))
    page = ExportPage(
        crumbs=_crumbs(),
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
        download_url="/admin/faq/export/download",
        feed_url=FEED_PATH,
        categories_url=CATEGORIES_URL,
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


async def show_feed(request: Request) -> Response:
    """Public entries and retractions after the cursor `since`, in their released wording; the same for everybody."""
    since, language = request.query_params.get("since", "0"), request.query_params.get("language", "")
    if not since.isascii() or not since.isdigit() or len(since) > LARGEST_CURSOR_DIGITS:
        raise HTTPException(400)
    if language not in ("", *i18n.languages()):
        raise NotFound
    changes = await list_changes(int(since), language=language)
    body = json_feed(changes, since=int(since), language=language).encode()
    headers = {
        "ETag": f'"{hashlib.blake2b(body, digest_size=12).hexdigest()}"',
        "Cache-Control": "public, no-cache",
    }
    if request.headers.get("if-none-match") == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    return Response(body, media_type="application/feed+json", headers=headers)


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
        crumbs=_crumbs(),
        rows=tuple(
            CategoryRow(
                name=row.name,
                slug=row.slug,
                language=row.language,
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


def _crumbs() -> tuple[Crumb, ...]:
    return Crumb(_("Administration"), "/admin"), Crumb(_("FAQ entries"), "/moderation/faq")
