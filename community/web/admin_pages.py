"""The desk for imprint, privacy, terms and netiquette: write, look, save, publish, and who wrote what before."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.clock import now
from community.core.differences import Segment, differences
from community.core.errors import Conflict, NotFound, authorize
from community.core.i18n import gettext as _
from community.core.i18n import long_date, ngettext, number
from community.site_texts import acceptance, actions, queries, rules
from community.site_texts.defaults import default_texts
from community.site_texts.permissions import can_edit_page
from community.site_texts.queries import Shelf, Version
from community.web.admin import admin_crumbs
from community.web.forms import check_length, read_form, read_number
from community.web.legal import edition_url
from community.web.pages import Head, redirect, show, viewer_of
from community.web.parts import Crumb, FieldError, FormState, Link, When

LIST_URL = "/admin/pages"
HEAD = Head(section="admin", robots="noindex")
MOST_VERSIONS = 9_999
LATEST_DAY = date(2999, 12, 31)


@dataclass(frozen=True, slots=True)
class PageLine:
    """A page in the list: what is in force, what waits, what is missing."""

    link: Link
    state: str
    draft: str
    """What is saved and not published; empty where nothing is."""
    missing: str


@dataclass(frozen=True, slots=True)
class PagesPage:
    crumbs: tuple[Crumb, ...]
    pages: tuple[PageLine, ...]


@dataclass(frozen=True, slots=True)
class LanguageText:
    """What differs in one language."""

    language: str
    name: str
    segments: tuple[Segment, ...]
    saved: str = ""
    """On a conflict: what somebody else has saved meanwhile."""


@dataclass(frozen=True, slots=True)
class LanguageField:
    """The fields of one language, and how its text will look."""

    language: str
    name: str
    html: Markup = field(default_factory=Markup)


@dataclass(frozen=True, slots=True)
class VersionLine:
    url: str
    label: str
    state: str
    saved_by: str
    when: When
    note: str


@dataclass(frozen=True, slots=True)
class EditPagePage:
    """The desk of one page. Without `publish_url` there is nothing to publish."""

    heading: str
    crumbs: tuple[Crumb, ...]
    url: str
    show_url: str
    form: FormState
    languages: tuple[LanguageField, ...]
    missing: tuple[str, ...]
    is_preview: bool
    conflict: tuple[LanguageText, ...]
    publish_url: str
    publish_form: FormState
    draft_label: str
    can_be_accepted: bool
    """Whether members can be asked to accept this page."""
    accepted: str
    """How many have accepted what is in force."""
    draft_changes: tuple[LanguageText, ...]
    versions: tuple[VersionLine, ...]


@dataclass(frozen=True, slots=True)
class VersionPage:
    """One version for editors, published or not: what it changed and how it reads."""

    heading: str
    crumbs: tuple[Crumb, ...]
    line: VersionLine
    public_url: str
    changes: tuple[LanguageText, ...]
    texts: tuple[LanguageField, ...]


# --- the list ---------------------------------------------------------------------------------------------


async def list_pages(request: Request) -> Response:
    names, unfinished = rules.page_names(), await queries.list_unfinished()
    lines = []
    for name in rules.PAGES:
        shelf = await queries.get_shelf(name)
        current, newest = shelf.current(now()), shelf.newest
        draft = newest if newest and not newest.is_published else None
        lines.append(
            PageLine(
                link=Link(names[name], desk_url(name)),
                state=_in_force(current),
                draft=_("Version %(number)s is saved and not published.") % {"number": number(draft.version)}
                if draft
                else "",
                missing=sentence_about_missing(unfinished[name]) if name in unfinished else "",
            )
        )
    page = PagesPage(crumbs=admin_crumbs(), pages=tuple(lines))
    return await show(request, "admin/pages.html", page, HEAD)


def desk_url(name: str) -> str:
    return f"{LIST_URL}/{name}"


def sentence_about_missing(placeholders: tuple[str, ...]) -> str:
    """What an operator still has to fill in."""
    if not placeholders:
        return _("There is next to nothing in it.")
    return _("Still to be filled in: %(what)s") % {"what": ", ".join(placeholders)}


def _in_force(current: Version | None) -> str:
    if current is None or current.version == 0:
        return _("The template of the software is shown.")
    return _("Version %(number)s, valid from %(date)s") % {
        "number": number(current.version),
        "date": long_date(current.valid_from),
    }


# --- one page ---------------------------------------------------------------------------------------------


async def show_page(request: Request) -> Response:
    return await _show_desk(request, await _shelf(request))


async def save_page(request: Request) -> Response:
    """Keep a new version, or show how it will look; a conflict shows both texts and loses none."""
    shelf, fields = await _shelf(request), dict(await read_form(request))
    if fields.get("do") == "preview":
        return await _show_desk(request, shelf, FormState(fields), is_preview=True)
    errors = _errors(fields)
    if errors:
        return await _show_desk(request, shelf, FormState(fields, tuple(errors)), status=422)
    try:
        await actions.save_version(
            shelf.page,
            _of_languages(fields, "text"),
            _of_languages(fields, "summary"),
            seen=_version(fields),
            note=fields.get("note", ""),
            by=viewer_of(request),
        )
    except Conflict as problem:
        return await _show_conflict(request, fields, problem)
    return redirect(desk_url(shelf.page) + "#publish", notice="saved")


async def publish_page(request: Request) -> Response:
    shelf, fields = await _shelf(request), dict(await read_form(request))
    day = _day(fields.get("valid_from", ""))
    errors = check_length(
        "reason", fields.get("reason", ""), least=rules.SHORTEST_REASON, most=rules.LONGEST_REASON
    )
    if day is None:
        errors.append(FieldError("valid_from", _("Please write the date as year, month, day: 2027-12-31.")))
    if day is None or errors:
        form = FormState(fields, tuple(errors))
        return await _show_desk(request, shelf, publish_form=form, status=422)
    await actions.publish_version(
        shelf.page,
        _version(fields),
        valid_from=day,
        by=viewer_of(request),
        reason=fields["reason"],
        needs_acceptance=fields.get("needs_acceptance") == "1" and shelf.page in acceptance.PAGES,
    )
    return redirect(desk_url(shelf.page), notice="page-published")


async def show_version(request: Request) -> Response:
    shelf, wanted = await _shelf(request), request.path_params["version"]
    version = shelf.find(min(wanted, MOST_VERSIONS + 1))
    if version is None:
        raise NotFound
    earlier = [each for each in shelf.versions if each.version < version.version]
    before = earlier[0].texts if earlier else {}
    page = VersionPage(
        heading=f"{rules.page_names()[shelf.page]}: {_version_name(version)}",
        crumbs=_crumbs(Crumb(rules.page_names()[shelf.page], desk_url(shelf.page))),
        line=_line(shelf, version),
        public_url=_public_url(shelf, version),
        changes=_changes(before, version.texts) if before else (),
        texts=tuple(
            LanguageField(code, i18n.language_names().get(code, code), _rendered(text))
            for code, text in version.texts.items()
        ),
    )
    return await show(request, "admin/page_version.html", page, HEAD)


# --- what the handlers share ------------------------------------------------------------------------------


async def _shelf(request: Request) -> Shelf:
    name = request.path_params["name"]
    if name not in rules.PAGES:
        raise NotFound
    authorize(can_edit_page(viewer_of(request), name))
    return await queries.get_shelf(name)


async def _show_conflict(request: Request, fields: Mapping[str, str], problem: Conflict) -> Response:
    """What was typed against what was saved meanwhile; sent again, it becomes the next version."""
    shelf = await _shelf(request)
    saved = shelf.newest.texts if shelf.newest else {}
    typed = _of_languages(fields, "text")
    conflict = tuple(
        LanguageText(code, name, differences(saved.get(code, ""), typed[code]), saved.get(code, ""))
        for code, name in i18n.language_names().items()
        if saved.get(code, "") != typed[code]
    )
    shown = {**fields, "version": str(shelf.newest_number)}
    form = FormState(shown, (FieldError("", str(problem)),))
    return await _show_desk(request, shelf, form, conflict=conflict, status=409)


async def _show_desk(
    request: Request,
    shelf: Shelf,
    form: FormState | None = None,
    *,
    is_preview: bool = False,
    conflict: tuple[LanguageText, ...] = (),
    publish_form: FormState | None = None,
    status: int = 200,
) -> Response:
    newest = shelf.newest
    texts = newest.texts if newest else default_texts(shelf.page)
    draft = newest if newest and not newest.is_published else None
    form = form or FormState(_values(shelf, texts, draft))
    before = shelf.before(draft.version) if draft else None
    page = EditPagePage(
        heading=rules.page_names()[shelf.page],
        crumbs=_crumbs(),
        url=desk_url(shelf.page),
        show_url=rules.public_url(shelf.page),
        form=form,
        languages=tuple(
            LanguageField(code, name, _rendered(form.value(f"text_{code}")) if is_preview else Markup())
            for code, name in i18n.language_names().items()
        ),
        missing=tuple(dict.fromkeys(each for text in texts.values() for each in rules.placeholders(text))),
        is_preview=is_preview,
        conflict=conflict,
        publish_url=f"{desk_url(shelf.page)}/publish" if draft else "",
        publish_form=publish_form or FormState({"version": str(shelf.newest_number)}),
        draft_label=_version_name(draft) if draft else "",
        can_be_accepted=shelf.page in acceptance.PAGES,
        accepted=await _accepted(shelf),
        draft_changes=_changes(before.texts, draft.texts) if draft and before else (),
        versions=tuple(_line(shelf, version) for version in shelf.versions),
    )
    block = "preview" if is_preview else ""
    return await show(request, "admin/page.html", page, HEAD, status=status, block=block)


def _public_url(shelf: Shelf, version: Version) -> str:
    """Where readers find this version for good; editions of the handbook have no address but this desk."""
    if shelf.page == rules.HANDBOOK or not shelf.reign_of(version.version):
        return ""
    return edition_url(shelf.page, version)


def _values(shelf: Shelf, texts: Mapping[str, str], draft: Version | None) -> dict[str, str]:
    values = {"version": str(shelf.newest_number), "note": draft.note if draft else ""}
    for code in i18n.languages():
        values[f"text_{code}"] = texts.get(code, "")
        values[f"summary_{code}"] = draft.summaries.get(code, "") if draft else ""
    return values


async def _accepted(shelf: Shelf) -> str:
    """A count, and never who; small counts are not told."""
    current = shelf.current(now())
    if current is None or shelf.page not in acceptance.PAGES:
        return ""
    count = await acceptance.count_accepted(shelf.page, current.version)
    if count is None:
        return _("Fewer than five members have accepted the version in force.")
    return ngettext(
        "%(num)s member has accepted the version in force.",
        "%(num)s members have accepted the version in force.",
        count,
    ) % {"num": number(count)}


def _crumbs(*further: Crumb) -> tuple[Crumb, ...]:
    return admin_crumbs(Crumb(_("Legal pages"), LIST_URL), *further)


def _rendered(text: str) -> Markup:
    return Markup(rules.render(text))  # noqa: S704 - cleaned by render


def _version_name(version: Version) -> str:
    return _("Version %(number)s") % {"number": number(version.version)}


def _line(shelf: Shelf, version: Version) -> VersionLine:
    reign = shelf.reign_of(version.version)
    if not version.is_published:
        state = _("not published")
    elif reign is None:
        state = _("published, and overtaken before its day")
    else:
        state = _("valid from %(date)s") % {"date": long_date(version.valid_from)}
    brought = _("the software") if version.version == 0 else _("Former member")
    return VersionLine(
        url=f"{desk_url(shelf.page)}/versions/{version.version}",
        label=_version_name(version),
        state=state,
        saved_by=version.saved_by or brought,
        when=When.of(version.saved_at),
        note=version.note,
    )


def _changes(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[LanguageText, ...]:
    return tuple(
        LanguageText(code, name, differences(before.get(code, ""), after.get(code, "")))
        for code, name in i18n.language_names().items()
        if before.get(code, "") != after.get(code, "")
    )


def _of_languages(fields: Mapping[str, str], name: str) -> dict[str, str]:
    return {code: fields.get(f"{name}_{code}", "").strip() for code in i18n.languages()}


def _errors(fields: Mapping[str, str]) -> list[FieldError]:
    errors = check_length("note", fields.get("note", ""), least=0, most=rules.LONGEST_NOTE)
    for code in i18n.languages():
        errors += check_length(
            f"text_{code}", fields.get(f"text_{code}", ""), least=1, most=rules.LONGEST_TEXT
        )
        errors += check_length(
            f"summary_{code}", fields.get(f"summary_{code}", ""), least=0, most=rules.LONGEST_SUMMARY
        )
    return errors


def _version(fields: Mapping[str, str]) -> int:
    found = read_number(fields.get("version", ""), least=0, most=MOST_VERSIONS)
    return -1 if found is None else found


def _day(text: str) -> datetime | None:
    """The beginning of a day where the reader is; now where none is given, None for what is no date."""
    if not text.strip():
        return now()
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    if not date(2000, 1, 1) <= day <= LATEST_DAY:
        return None
    return datetime.combine(day, time(), tzinfo=ZoneInfo(i18n.time_zone()))
