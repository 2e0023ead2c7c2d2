"""What the people who look after the company's website need, ready to be copied, with a look at how it will be."""

from __future__ import annotations

import base64
import hashlib
import shlex
from dataclasses import dataclass
from html import escape

from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response

from community.core import i18n
from community.core.addresses import with_query
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.faq import editorial, permissions
from community.faq.formats import FEED_PATH, SCHEMA_PATH
from community.faq.publishing import find_state
from community.faq.signing import KEY_PATH, KeyUnfitError, Signer
from community.http.security import content_security_policy
from community.settings import settings
from community.web.faq_desk import desk_crumbs, desk_links, language_choices
from community.web.faq_embed import EMBED_PATH, SCRIPT_PATH, THEMES, script
from community.web.pages import Head, show, viewer_of
from community.web.parts import Choice, Crumb, FilterLink, FormState, When

WEBSITE_URL = "/admin/faq/website"
HEAD = Head(section="faq", robots="noindex")
FRAME_HEIGHT = 720


@dataclass(frozen=True, slots=True)
class Snippet:
    """Something to copy, and what it is good for."""

    label: str
    hint: str
    text: str


@dataclass(frozen=True, slots=True)
class WebsitePage:
    crumbs: tuple[Crumb, ...]
    desk: tuple[FilterLink, ...]
    form: FormState
    categories: tuple[Choice, ...]
    languages: tuple[Choice, ...]
    looks: tuple[Choice, ...]
    action: str
    preview_url: str
    origins: tuple[str, ...]
    """Websites that may show the frame."""
    publish_to: str
    published_text: str
    """How far that place is."""
    key_id: str
    """Empty if there is no key that can be used."""
    key_url: str
    schema_url: str
    for_pages: tuple[Snippet, ...]
    for_programs: tuple[Snippet, ...]


async def show_website(request: Request) -> Response:
    authorize(permissions.can_export_faq(viewer_of(request)))
    chosen = {name: request.query_params.get(name, "")[:80] for name in ("category", "language", "theme")}
    categories = await editorial.list_all_categories()
    if chosen["category"] not in ("", *(category.slug for category in categories)):
        raise NotFound
    if chosen["language"] not in ("", *i18n.languages()) or chosen["theme"] not in THEMES:
        raise NotFound
    page = WebsitePage(
        crumbs=desk_crumbs(),
        desk=desk_links(viewer_of(request), WEBSITE_URL),
        form=FormState(chosen),
        categories=(
            Choice("", _("All categories")),
            *(Choice(category.slug, category.name) for category in categories),
        ),
        languages=(Choice("", _("All languages")), *language_choices()),
        looks=(
            Choice("", _("As the reader's device wishes")),
            Choice("light", _("Light")),
            Choice("dark", _("Dark")),
        ),
        action=WEBSITE_URL,
        preview_url=with_query(EMBED_PATH, chosen),
        origins=settings.faq.embed_origins,
        publish_to=settings.faq.publish_to,
        published_text=await _published_text(),
        key_id=await run_sync(_key_id),
        key_url=KEY_PATH,
        schema_url=SCHEMA_PATH,
        for_pages=_for_pages(chosen),
        for_programs=_for_programs(chosen),
    )
    response = await show(request, "faq/website.html", page, HEAD)
    # The preview is the frame that other websites show; no other page of ours holds one.
    response.headers["Content-Security-Policy"] = f"{content_security_policy()}; frame-src 'self'"
    return response


async def _published_text() -> str:
    state = await find_state(settings.faq.publish_to) if settings.faq.publish_to else None
    if state is None:
        return ""
    if state.problem:
        return _("The last attempt failed: %(problem)s") % {"problem": state.problem}
    if state.published_at is None:
        return ""
    count = i18n.ngettext("%(num)s entry", "%(num)s entries", state.entry_count) % {"num": state.entry_count}
    return _("%(count)s, last written on %(moment)s") % {
        "count": count,
        "moment": When.of(state.published_at).full,
    }


def _key_id() -> str:
    try:
        return Signer(settings.faq.key_file).key_id
    except (KeyUnfitError, OSError):
        return ""


def _for_pages(chosen: dict[str, str]) -> tuple[Snippet, ...]:
    base, faq = settings.base_url, escape(_("Frequently asked questions"))
    frame = (
        f'<iframe src="{escape(base + with_query(EMBED_PATH, chosen))}" title="{faq}" '
        f'width="100%" height="{FRAME_HEIGHT}" loading="lazy"></iframe>'
    )
    digest = base64.b64encode(hashlib.sha384(script()).digest()).decode()
    attributes = "".join(
        f' {name}="{escape(chosen[name])}"' for name in ("category", "language") if chosen[name]
    )
    element = (
        f'<script type="module" src="{base}{SCRIPT_PATH}"\n  integrity="sha384-{digest}" '
        f'crossorigin="anonymous"></script>\n'
        f"<kundenkreis-faq{attributes}>\n"
        f'  <a href="{base}/faq">{faq}</a>\n</kundenkreis-faq>'
    )
    return (
        Snippet(
            _("In a frame, without scripts"),
            _("Has our look and a search of its own. Your site has to be named in EMBED_ORIGINS."),
            frame,
        ),
        Snippet(
            _("Inside the page, with a small script"),
            _(
                "Has the look and the height of your page, and search engines read it there. The script never "
                "changes, and the checksum proves it. If your site has a strict policy, it needs our address in "
                "script-src and connect-src."
            ),
            element,
        ),
    )


def _for_programs(chosen: dict[str, str]) -> tuple[Snippet, ...]:
    base = settings.base_url
    feed = with_query(FEED_PATH, {name: chosen[name] for name in ("category", "language")})
    return (
        Snippet(
            _("Follow the feed"),
            _("All entries first, later only what has changed or was withdrawn."),
            f"curl --compressed {shlex.quote(base + feed)}",
        ),
        Snippet(
            _("Publish into a folder or a bucket"),
            _("Writes what has changed and nothing else. With FAQ_PUBLISH_TO the worker does it by itself."),
            "community publish faq --to /srv/www/faq\ncommunity publish faq --to s3://bucket/faq",
        ),
        Snippet(
            _("Check what you were given"),
            _("Schema, checksums, signature and HTML of a feed, a bundle or a folder."),
            f"community validate faq faq.zip\ncommunity validate faq {shlex.quote(base + feed)}",
        ),
        Snippet(
            _("Check the signature with OpenSSL"),
            _("Fetch the key once and keep it; the manifest holds the checksum of every other file."),
            f"curl -o faq-key.pem {shlex.quote(base + KEY_PATH)}\n"
            "openssl pkeyutl -verify -pubin -inkey faq-key.pem -rawin \\\n"
            "  -in manifest.json -sigfile manifest.json.sig",
        ),
    )
