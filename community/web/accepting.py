"""New versions of terms, privacy or netiquette: what has changed, and the button that accepts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.differences import Segment, differences
from community.core.i18n import gettext as _
from community.http.acceptance import PARAMETER, AcceptanceNeeded
from community.site_texts import acceptance, queries, rules
from community.site_texts.acceptance import Wanted
from community.web.attaching import place_of_form, take_files
from community.web.forms import read_form
from community.web.legal import edition_url
from community.web.pages import Head, redirect, safe_next, show, viewer_of
from community.web.uploads import read_form_with_files


@dataclass(frozen=True, slots=True)
class NewVersion:
    title: str
    url: str
    """Of the version that is asked about."""
    summary: str
    changes: tuple[Segment, ...]
    """Against the version that the member accepted last; empty where there is none."""
    language: str


@dataclass(frozen=True, slots=True)
class AcceptPage:
    """The question. With `kept`, something that was typed waits for the answer and is sent with it."""

    versions: tuple[NewVersion, ...]
    url: str
    marks: str
    next: str
    kept: tuple[tuple[str, str], ...] = ()
    is_kept: bool = False


async def show_question(request: Request) -> Response:
    wanted = await acceptance.list_wanted(viewer_of(request).id)
    target = safe_next(request.query_params.get("next"))
    if not wanted:
        return redirect(target)
    page = AcceptPage(await _versions(wanted), "/accept", _marks(wanted), target)
    return await show(request, "accept.html", page, Head(robots="noindex"))


async def accept(request: Request) -> Response:
    """Keep what was accepted: the versions that the page showed, where they are still those in force."""
    fields, viewer = await read_form(request), viewer_of(request)
    target = safe_next(fields.get("next"))
    given = acceptance.read_marks(fields.get("versions", ""))
    wanted = await acceptance.list_wanted(viewer.id)
    seen = {each.page: each.version for each in wanted if given.get(each.page) == each.version}
    await acceptance.accept(viewer.id, seen, language=i18n.language(), way="visit")
    if len(seen) < len(wanted):
        return redirect(with_query("/accept", {"next": target}))
    return redirect(target, notice="accepted-versions")


async def ask_first(request: Request, error: Exception) -> Response:
    """The question instead of what was to be written; every field of the form comes back with the answer."""
    assert isinstance(error, AcceptanceNeeded)  # noqa: S101 - registered for this type alone
    if request.headers.get("hx-request") == "true":
        page = urlsplit(request.headers.get("hx-current-url", ""))
        target = f"{page.path or '/'}{'?' + page.query if page.query else ''}"
        return Response(
            status_code=409, headers={"HX-Redirect": with_query("/accept", {"next": safe_next(target)})}
        )
    try:
        fields = await _kept_fields(request)
    except HTTPException:
        fields = {}  # Nothing that can be read as a form.
    marks = _marks(error.wanted)
    query = [*parse_qsl(request.url.query, keep_blank_values=True), (PARAMETER, marks)]
    page_object = AcceptPage(
        await _versions(error.wanted),
        f"{request.url.path}?{urlencode(query)}",
        marks,
        "",
        kept=tuple((name, value) for name, value in fields.items() if "password" not in name),
        is_kept=True,
    )
    return await show(request, "accept.html", page_object, Head(robots="noindex"), status=409)


async def _kept_fields(request: Request) -> Mapping[str, str]:
    """What was typed; files are kept like those of a form that comes back, and named by their ids."""
    async with read_form_with_files(request) as form:
        place = place_of_form(request.url.path)
        if not form.files or not place:
            return form.fields
        attached = await take_files(form, viewer_of(request), place)
    named = [each for each in form.fields.get("attachments", "").split(",") if each]
    new = [str(each) for each in attached.ids if str(each) not in named]
    return form.fields | {"attachments": ",".join([*named, *new])}


def _marks(wanted: tuple[Wanted, ...]) -> str:
    return ",".join(each.mark for each in wanted)


async def _versions(wanted: tuple[Wanted, ...]) -> tuple[NewVersion, ...]:
    return tuple([await _version(each) for each in wanted])


async def _version(wanted: Wanted) -> NewVersion:
    shelf = await queries.get_shelf(wanted.page)
    version = shelf.find(wanted.version)
    texts = version.texts if version else {}
    text, code = rules.in_language(texts, i18n.language())
    before = shelf.find(wanted.accepted) if wanted.accepted is not None else shelf.before(wanted.version)
    summary = rules.in_language(version.summaries, i18n.language())[0] if version else ""
    return NewVersion(
        title=rules.page_names()[wanted.page],
        url=edition_url(wanted.page, version) if version else f"/pages/{wanted.page}",
        summary=summary or _("Please read the new version."),
        changes=differences(rules.in_language(before.texts, code)[0], text) if before else (),
        language=code,
    )
