"""Erasing what a post says, for good."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import authorize
from community.core.i18n import gettext as _
from community.core.i18n import pgettext
from community.decisions.grounds import NETIQUETTE
from community.moderation.erasing import erase_post
from community.threads.permissions import can_erase_post
from community.threads.queries import PostRow, ThreadView
from community.web.acting import act_by_form
from community.web.forms import read_form
from community.web.grounds import ground_choices, read_ground
from community.web.moderation_order import check_reason, crumbs_of, load_post
from community.web.pages import Head, show, viewer_of
from community.web.parts import Author, Choice, Crumb, FieldError, FormState
from community.web.people import author
from community.web.posts import place_of


@dataclass(frozen=True, slots=True)
class ErasePage:
    """A post that is to be erased, and the word that is to be typed."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    author: Author
    html: Markup
    grounds: tuple[Choice, ...]
    word: str
    form: FormState


async def show_erase_form(request: Request) -> Response:
    post, thread = await _load(request)
    return await _show(request, post, thread, FormState())


async def erase(request: Request) -> Response:
    viewer = viewer_of(request)
    post, thread = await _load(request)
    fields = dict(await read_form(request))
    ground, errors = read_ground(fields)
    return await act_by_form(
        fields,
        [*errors, *check_erasing(fields)],
        act=lambda: erase_post(post.id, ground=ground or NETIQUETTE, by=viewer, reason=fields["reason"]),
        show=partial(_show, request, post, thread),
        then=f"/posts/{post.id}",
    )


def check_erasing(fields: dict[str, str]) -> list[FieldError]:
    """What is wrong with reason and typed word; the ground is asked for as with all that restricts somebody."""
    errors = check_reason(fields)
    if fields.get("word", "").strip().upper() != erasing_word():
        text = _("Please type %(word)s, so that nothing is erased by mistake.") % {"word": erasing_word()}
        errors.append(FieldError("word", text))
    return errors


async def _load(request: Request) -> tuple[PostRow, ThreadView]:
    post, thread = await load_post(request)
    authorize(can_erase_post(viewer_of(request), post))
    return post, thread


def erasing_word() -> str:
    return pgettext("to be typed", "ERASE")


async def _show(
    request: Request, post: PostRow, thread: ThreadView, form: FormState, *, status: int = 200
) -> Response:
    page = ErasePage(
        url=f"/moderation/posts/{post.id}/erase",
        back_url=await place_of(post, thread, viewer_of(request)),
        crumbs=crumbs_of(thread),
        author=author(post.author),
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
        grounds=ground_choices(),
        word=erasing_word(),
        form=form,
    )
    return await show(request, "moderation/erase.html", page, Head(section="moderation"), status=status)
