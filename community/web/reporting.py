"""Reporting something as illegal (Digital Services Act, Art. 16): by everybody, without an account as well.

What the visitor may not read and what does not exist get the same answer, so that nobody finds out by reporting.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.rules import problem_with_mail
from community.core import i18n
from community.core.errors import NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rate_limits import TooMany
from community.core.submissions import new_key
from community.core.viewer import Viewer
from community.faq.queries import get_entry
from community.http import tries
from community.members.queries import get_profile
from community.moderation import actions, notices
from community.moderation.notice_rules import (
    LONGEST_NAME,
    LONGEST_TEXT,
    LONGEST_URL,
    NAMELESS,
    SHORTEST_TEXT,
    NoticeKind,
    flag_reason,
)
from community.moderation.notices import Report
from community.settings import settings
from community.threads import permissions, queries
from community.web.errors import sentence_about_waiting
from community.web.forms import check_length, read_form
from community.web.pages import LARGEST_ID, Head, redirect, show, viewer_of
from community.web.parts import Choice, FieldError, FormState
from community.web.registration import without_a_copy

_POST = re.compile(r"/posts/([0-9]{1,16})(?:/.*)?")
_THREAD = re.compile(r"/threads/([0-9]{1,16})(?:-.*)?")
_POST_IN_THREAD = re.compile(r"post-([0-9]{1,16})")
_ENTRY = re.compile(r"/faq/([0-9]{1,16})(?:-.*)?")
_MEMBER = re.compile(r"/members/([^/]{1,120})")
_KEY = re.compile(r"[A-Za-z0-9_-]{24}")


@dataclass(frozen=True, slots=True)
class ReportPage:
    form: FormState
    kinds: tuple[Choice, ...]
    is_guest: bool
    """Then name and address are asked for."""
    key: str
    base_url: str


@dataclass(frozen=True, slots=True)
class Target:
    """What is reported: a post, or what has no flags, by its subject ("member:<id>")."""

    post_id: int | None
    subject: str


def kind_names() -> dict[NoticeKind, tuple[str, str]]:
    """What can be wrong, in plain words, each with what it means."""
    return {
        NoticeKind.HATE: (_("Hate"), _("It stirs up hatred against people because of what they are")),
        NoticeKind.THREAT: (_("Threats or violence"), _("Somebody is threatened, or violence is called for")),
        NoticeKind.DEFAMATION: (_("Insult or false claims"), _("Somebody’s good name is harmed")),
        NoticeKind.PRIVACY: (
            _("Private data"),
            _("It shows who somebody is, or pictures and data without their consent"),
        ),
        NoticeKind.COPYRIGHT: (_("Stolen texts or pictures"), _("It belongs to somebody else; brands, too")),
        NoticeKind.FRAUD: (_("Fraud"), _("Somebody is to be deceived, or sold what must not be sold")),
        NoticeKind.TERROR: (_("Terrorism"), _("It calls for it, or praises it")),
        NoticeKind.ABUSE: (
            _("Sexual abuse of children"),
            _("You can leave out your name and your address"),
        ),
        NoticeKind.OTHER_LAW: (_("Another law"), _("Please say which, as well as you can")),
        NoticeKind.RULES: (
            _("Against our rules"),
            _("Not illegal, but against the netiquette; you can leave out your name and your address"),
        ),
    }


def kind_name(kind: str) -> str:
    return {str(each): text for each, (text, _hint) in kind_names().items()}.get(kind, kind)


async def show_report_form(request: Request) -> Response:
    url = request.query_params.get("url", "")[:LONGEST_URL]
    return await _show(request, FormState({"url": url} if url else {}))


async def send_report(request: Request) -> Response:
    """Keep the report and lead to the page that says how it stands."""
    viewer = viewer_of(request)
    fields = dict(await read_form(request))
    errors = _check(fields, viewer)
    target = None if any(error.field == "url" for error in errors) else await _find(fields["url"], viewer)
    if target is None and not any(error.field == "url" for error in errors):
        errors.insert(0, FieldError("url", _nothing_there()))
    if errors or target is None:
        return await _show(request, FormState(fields, tuple(errors)), status=422)
    try:
        token = await _keep(request, target, _report(fields, viewer))
    except (RuleBroken, TooMany) as problem:
        is_many = isinstance(problem, TooMany)
        text = sentence_about_waiting(problem) if isinstance(problem, TooMany) else str(problem)
        form = FormState(fields, (FieldError("", text),))
        return await _show(request, form, status=429 if is_many else 409)
    return redirect(f"/report/status?token={quote(token, safe='')}")


async def _keep(request: Request, target: Target, report: Report) -> str:
    viewer = viewer_of(request)
    if not await notices.find_sent(report):
        await tries.NOTICES.take(f"member {viewer.id}" if viewer.is_member else tries.place_of(request))
        by = viewer.id if viewer.is_member else None
        if target.post_id is None:
            await notices.file_notice(target.subject, report, by=by)
        else:
            await actions.report_post(target.post_id, report, reason=flag_reason(report.kind), by=by)
    return notices.status_token(report.nonce)


def _report(fields: Mapping[str, str], viewer: Viewer) -> Report:
    key = fields.get("key", "")
    return Report(
        kind=NoticeKind(fields["kind"]),
        text=fields["text"],
        url=fields["url"].strip(),
        nonce=key if _KEY.fullmatch(key) else new_key(),
        name=fields.get("name", "") if viewer.is_guest else "",
        mail=fields.get("mail", "") if viewer.is_guest else "",
        language=i18n.language(),
    )


def _check(fields: Mapping[str, str], viewer: Viewer) -> list[FieldError]:
    errors = check_length("url", fields.get("url", ""), least=1, most=LONGEST_URL)
    kind = fields.get("kind", "")
    if kind not in set(NoticeKind):
        errors.append(FieldError("kind", _("Please choose what is wrong.")))
    if fields.get("text", "").strip():
        errors += check_length("text", fields["text"], least=SHORTEST_TEXT, most=LONGEST_TEXT)
    else:
        errors.append(FieldError("text", _("Please write why you think so.")))
    if viewer.is_guest:
        needed = kind not in NAMELESS
        if needed and not fields.get("name", "").strip():
            errors.append(FieldError("name", _("Please write your name.")))
        errors += check_length("name", fields.get("name", ""), least=0, most=LONGEST_NAME)
        mail = fields.get("mail", "").strip()
        problem = problem_with_mail(mail) if needed or mail else None
        if problem:
            errors.append(FieldError("mail", problem))
    if not fields.get("good_faith"):
        errors.append(FieldError("good_faith", _("Please confirm that you report in good faith.")))
    return errors


def _nothing_there() -> str:
    return _(
        "Under this address there is no post, nickname or FAQ entry that you can read. Please copy the address "
        "of the page; of a single post you find it behind its date."
    )


async def _find(url: str, viewer: Viewer) -> Target | None:
    """What stands under an address of this site, as far as the viewer may read it."""
    try:
        parts = urlsplit(url.strip())
        own = urlsplit(settings.base_url).netloc
        is_ours = (parts.scheme in ("http", "https") and parts.netloc == own) or not (
            parts.scheme or parts.netloc
        )
    except ValueError:
        return None
    if not is_ours or "\x00" in unquote(url):
        return None
    try:
        return await _target(unquote(parts.path), parts.fragment, viewer)
    except NotFound:
        return None


async def _target(path: str, fragment: str, viewer: Viewer) -> Target | None:
    within = _POST_IN_THREAD.fullmatch(fragment)
    if found := _POST.fullmatch(path):
        return await _post(found[1], viewer)
    if found := _THREAD.fullmatch(path):
        if within:
            return await _post(within[1], viewer)
        thread = await queries.get_thread(_number(found[1]), viewer)
        return Target(await queries.get_opening_id(thread.id), "")
    if found := _ENTRY.fullmatch(path):
        return Target(None, f"faq:{(await get_entry(viewer, _number(found[1]))).id}")
    if found := _MEMBER.fullmatch(path):
        return Target(None, f"member:{(await get_profile(found[1])).id}")
    return None


async def _post(number: str, viewer: Viewer) -> Target:
    post, _thread = await queries.get_post(_number(number), viewer)
    if viewer.is_member and not permissions.can_flag_post(viewer, post):
        raise NotFound
    return Target(post.id, "")


def _number(text: str) -> int:
    if int(text) > LARGEST_ID:
        raise NotFound
    return int(text)


async def _show(request: Request, form: FormState, *, status: int = 200) -> Response:
    key = form.value("key")
    page = ReportPage(
        form=form,
        kinds=tuple(Choice(str(kind), name, hint) for kind, (name, hint) in kind_names().items()),
        is_guest=viewer_of(request).is_guest,
        key=key if _KEY.fullmatch(key) else new_key(),
        base_url=settings.base_url,
    )
    head = Head(robots="noindex, nofollow")
    # Each form has a key of its own, so no two visitors may get the same copy.
    return without_a_copy(await show(request, "reports/form.html", page, head, status=status))
