"""From a page object to a response: frame, language, fragment or whole page, compression, caching."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from typing import Literal
from urllib.parse import quote

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.core import i18n
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.viewer import Viewer
from community.http.guest_pages import accepted_encoding
from community.http.state import LANGUAGE_COOKIE, MODE_COOKIE, NOTICE_COOKIE
from community.notifications.queries import count_unread
from community.settings import settings
from community.site_texts.acceptance import list_wanted
from community.web import structured_data
from community.web.compression import SMALLEST_WORTH_COMPRESSING, compress
from community.web.parts import Crumb, Frame, FrameViewer, LanguageLink, Link, LinkPreview, Notice
from community.web.structured_data import Data
from community.web.templating import Templates

LARGEST_ID = 2**53 - 1
UNDO_AT_ONCE, UNDO_BY_FORM = "undo", "undo-form"
_ACT_CODE = re.compile(rf"({UNDO_AT_ONCE}|{UNDO_BY_FORM})\.([0-9]{{1,16}})")


@dataclass(frozen=True, slots=True)
class Head:
    """What a page says about itself to the frame and to search engines."""

    section: str = ""
    canonical: str = ""
    """Path of the canonical address, set only for pages that guests may read and search engines may list."""
    alternates: tuple[tuple[str, str], ...] = ()
    """Language and path of this page in each language it is there in."""
    robots: str = ""
    feeds: tuple[Link, ...] = ()
    title: str = ""
    """What previews of links show as title; without one there is no preview."""
    description: str = ""
    kind: Literal["website", "article"] = "website"
    picture: Link | None = None
    """What previews of links show, with what is to be seen on it."""
    structured_data: tuple[Data, ...] = ()
    """What search engines are told besides the way to the page, which comes from its `crumbs`."""
    ask_url: str = "/ask"
    query: str = ""


def viewer_of(request: Request) -> Viewer:
    """The viewer of this request."""
    viewer: Viewer = request.state.viewer
    return viewer


def path_id(request: Request, name: str) -> int:
    """An id in the address; `NotFound` for numbers that no row of ours can have."""
    number: int = request.path_params[name]
    if number > LARGEST_ID:
        raise NotFound
    return number


def read_id(text: str) -> int | None:
    """An id that was sent in words; None for everything that no row of ours can have."""
    is_number = text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID))
    return int(text) if is_number and int(text) <= LARGEST_ID else None


def page_number(request: Request, *, most: int = 999_999) -> int:
    """Which page of a list is asked for, from 1, which is also where nothing is said; else `NotFound`."""
    text = request.query_params.get("page", "1")
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(most)) and 1 <= int(text) <= most):
        raise NotFound
    return int(text)


def templates_of(request: Request) -> Templates:
    templates: Templates = request.app.state.templates
    return templates


async def show(
    request: Request,
    template: str,
    page: object,
    head: Head | None = None,
    *,
    status: int = 200,
    block: str = "",
) -> Response:
    """Render a page; for a request of htmx only the named `block`, which then is the whole answer."""
    head = head or Head()
    frame = await _frame(request, head, page)
    templates = templates_of(request)
    is_fragment = bool(block) and request.headers.get("hx-request") == "true"
    if is_fragment:
        html = templates.render_block(template, block, page, frame)
    else:
        html = templates.render(template, page, frame)
    response = _compressed(request, html, status)
    if frame.robots:
        response.headers["X-Robots-Tag"] = frame.robots
    elif frame.viewer is None:
        # All that guests find behind links may be fetched ahead: it is open to everybody and changes nothing.
        response.headers["Speculation-Rules"] = '"/speculation-rules.json"'
    if frame.notice and not is_fragment:
        response.delete_cookie(NOTICE_COOKIE, path="/")
    return response


def choose_language(request: Request, content_language: str) -> None:
    """Go on in the language of the content, unless the reader has chosen another one.

    Called before the texts of a page are made, so that no page speaks two languages.
    """
    if content_language:
        i18n.use(
            i18n.negotiate(
                viewer_of(request).language,
                request.cookies.get(LANGUAGE_COOKIE),
                content_language,
                request.headers.get("accept-language"),
            )
        )


def _compressed(request: Request, html: str, status: int) -> Response:
    body = html.encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Vary": "Cookie, Accept-Encoding, HX-Request, Accept-Language",
    }
    if viewer_of(request).is_guest and status == 200 and request.method in ("GET", "HEAD"):
        headers["Cache-Control"] = "no-cache"
        headers["ETag"] = f'W/"{hashlib.blake2b(body, digest_size=12).hexdigest()}"'
        if request.headers.get("if-none-match") == headers["ETag"]:
            return Response(status_code=304, headers=headers)
    if len(body) >= SMALLEST_WORTH_COMPRESSING:
        encoding = accepted_encoding(request.headers.get("accept-encoding", ""))
        if encoding:
            headers["Content-Encoding"] = encoding
            body = compress(body, encoding)
    return Response(body, status_code=status, headers=headers)


async def _frame(request: Request, head: Head, page: object) -> Frame:
    viewer = viewer_of(request)
    path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    # Search engines and other sites come as guests; for members these lines would be dead weight.
    is_found = bool(head.canonical) and viewer.is_guest
    if request.method not in ("GET", "HEAD"):
        path = "/"  # Nobody can come back to the address of a form that was sent.
    return Frame(
        language=i18n.language(),
        viewer=await _frame_viewer(viewer),
        languages=tuple(
            LanguageLink(code, name, f"/language/{code}", current=code == i18n.language())
            for code, name in i18n.language_names().items()
        ),
        section=head.section,
        path=path,
        canonical=settings.base_url + head.canonical if head.canonical else "",
        alternates=tuple((code, settings.base_url + url) for code, url in head.alternates)
        if is_found
        else (),
        robots=head.robots or ("" if head.canonical else "noindex"),
        feeds=head.feeds,
        preview=_preview(head) if is_found and head.title else None,
        structured_data=_structured_data(head, page) if is_found else Markup(),
        mode=_mode(request),
        mode_url="/mode",
        notice=_notice(request),
        accept_url=await _accept_url(request, viewer),
        legal=(
            Link(_("Imprint"), "/pages/imprint"),
            Link(_("Privacy"), "/pages/privacy"),
            Link(_("Terms"), "/pages/terms"),
            Link(_("Netiquette"), "/pages/netiquette"),
            Link(_("Report something"), "/report"),
        ),
        query=head.query,
        ask_url=head.ask_url,
        development=settings.development,
    )


async def _accept_url(request: Request, viewer: Viewer) -> str:
    if viewer.is_guest or request.method != "GET" or request.url.path == "/accept":
        return ""
    return f"/accept?next={quote(request.url.path)}" if await list_wanted(viewer.id) else ""


def _preview(head: Head) -> LinkPreview:
    locale = structured_data.open_graph_locale(i18n.language())
    picture, address = head.picture, settings.base_url
    return LinkPreview(
        head.title,
        head.description,
        head.kind,
        locale,
        image=address + picture.url if picture else "",
        image_alt=picture.label if picture else "",
    )


def _structured_data(head: Head, page: object) -> Markup:
    # Any page with a way to it names it so, without its handler having to think of it.
    crumbs: tuple[Crumb, ...] = getattr(page, "crumbs", ())
    return structured_data.as_script([*head.structured_data, *structured_data.breadcrumbs(crumbs)])


async def _frame_viewer(viewer: Viewer) -> FrameViewer | None:
    if viewer.is_guest:
        return None
    return FrameViewer(
        nickname=viewer.nickname,
        url=f"/members/{viewer.handle}",
        seed=viewer.seed,
        photo=viewer.photo,
        is_staff=viewer.is_staff,
        is_moderator=viewer.is_moderator,
        is_administrator=viewer.is_administrator,
        unread_count=await count_unread(viewer),
    )


def _mode(request: Request) -> Literal["", "light", "dark"]:
    chosen = viewer_of(request).colour_mode or request.cookies.get(MODE_COOKIE, "")
    return "light" if chosen == "light" else "dark" if chosen == "dark" else ""


def notices() -> dict[str, str]:
    """What a page may say about the step before it, by code. Only codes travel in the cookie, never texts."""
    return {
        "published": _("Your post is published."),
        "waits": _("Your text is kept and waits for its release. You will hear as soon as it is decided."),
        "text-taken-back": _("Your text is taken back."),
        "saved": _("Saved."),
        "draft-discarded": _("What you had typed is thrown away. The form shows the text as it is saved."),
        "address-doubted": _("Please open the link in the mail we have sent you."),
        "address-confirmed": _("Thank you. From now on you get news by mail again."),
        "consent-asked": _("Please confirm your consent by the mail we have sent you."),
        "consent-given": _("Thank you. Your consent counts from now on."),
        "consent-withdrawn": _("Your consent is withdrawn."),
        "company-joined": _("You belong to your company now."),
        "company-asked": _("Your company is asked. You get a mail when it has decided."),
        "company-left": _("You do not belong to the company any more."),
        "invited": _("The invitation is on its way."),
        "offboarded": _("Noted. If somebody takes part with this address, that ends within 24 hours."),
        "offboarded-at-once": _("Noted. If somebody takes part with this address, that ends now."),
        "colleague-approved": _("Approved. It takes effect within 24 hours."),
        "colleague-refused": _("Refused. They are told by mail."),
        "joined-group": _("Welcome to the group."),
        "left-group": _("You do not belong to the group any more."),
        "declined-group": _("You have declined the invitation. Nobody is told."),
        "join-requested": _("Your request is on its way. You will be notified of the answer."),
        "request-decided": _("Done. Whoever asked is notified."),
        "invitation-withdrawn": _("The invitation opens nothing any more."),
        "taken-out-of-group": _("This nickname does not belong to the group any more."),
        "group-again": _("If the rule of the group fits you, you belong to it again."),
        "segment-opening": _("The rule is in force. The group opens as soon as enough people fit."),
        "segment-closed": _("The segment is closed. Whoever it let in is let out within 24 hours."),
        "discarded": _("Your draft is discarded."),
        "edited": _("Your change is saved."),
        "accepted": _("Thank you! The answer is marked as the solution."),
        "withdrawn": _("The solution is withdrawn; the question is open again."),
        "expert-asked": _("Your question is on its way to the expert."),
        "appealed": _("Your objection has arrived. Somebody else than before looks at it again."),
        "flagged": _("Thank you. The moderators will look at it."),
        "granted_alone": _(
            "Done. Nothing else was changed: what was objected to was lifted or decided anew before."
        ),
        "done": _("Done. The step is in the moderation log."),
        "dealt-with": _("This has been dealt with meanwhile."),
        "logged-in": _("You are logged in."),
        "log-in-again": _("That took too long. Please log in once more."),
        "second-factor-added": _("Added. All other sessions are ended."),
        "second-factor-removed": _("Removed. All other sessions are ended."),
        "logged-out": _("You are logged out."),
        "erased": _("Your account is erased. Thank you for having been here."),
        "password-changed": _("Your password is changed. All other sessions are ended."),
        "confirmed": _("Your address is confirmed. You can log in now."),
        "all-read": _("All notifications are marked as read."),
        "faq-confirmed": _("Noted: the entry is right as of today."),
        "source-replaced": _("Please hold the text against the new source now."),
        "sent-for-review": _("The entry waits for its release by somebody else."),
        "draft-made": _("The draft is made. Go through it, choose a category, and send it for review."),
        "sources-added": _("The threads are sources of this entry now. Please hold its text against them."),
        "released": _("The entry is published."),
        "release-scheduled": _("The entry will be released by itself at that moment."),
        "schedule-taken-back": _(
            "The scheduled release is taken back. The entry waits for a second person again."
        ),
        "accepted-versions": _("Thank you. It is noted that you have accepted."),
        "page-published": _("The version is published."),
        "thanks": _("Thank you for your answer."),
    }


def _notice(request: Request) -> Notice | None:
    code = request.cookies.get(NOTICE_COOKIE, "")
    act = _ACT_CODE.fullmatch(code)
    if act and viewer_of(request).is_moderator:
        reason = undo_reason() if act[1] == UNDO_AT_ONCE else ""
        return Notice(notices()["done"], undo_url=f"/moderation/log/{int(act[2])}/undo", undo_reason=reason)
    text = notices().get(code)
    return Notice(text) if text else None


def undo_reason() -> str:
    """What the member concerned reads when somebody takes back what they have just done, by one press."""
    return _("That was a mistake and is taken back.")


def redirect(url: str, *, notice: str = "") -> Response:
    """See other page `url` (a path of ours) after a step that succeeded; `notice` is a code of `notices`, or one that
    names an entry of the log which can be undone ("undo.123")."""
    response = RedirectResponse(url, status_code=303)
    if notice:
        response.set_cookie(
            NOTICE_COOKIE,
            notice,
            max_age=60,
            path="/",
            httponly=True,
            samesite="lax",
            secure=settings.is_https,
        )
    return response


def safe_next(target: str | None, default: str = "/") -> str:
    """`target` if it is a path on this site, else `default`: no log-in ends on somebody else's page."""
    if not target or not target.startswith("/") or target.startswith(("//", "/\\")) or "\\" in target:
        return default
    return default if any(ord(character) < 32 for character in target) else target
