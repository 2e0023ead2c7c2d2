"""What all forms share that publish a text: the preview, the question about personal details, the form's key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.accounts.queries import own_words
from community.core import personal_hints
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.personal_hints import HintKind
from community.core.submissions import new_key
from community.core.viewer import Viewer
from community.sanctions.rules import say_cannot_write
from community.threads import actions
from community.waiting.publishing import Posted
from community.web.faq_cards import whole_text
from community.web.pages import show
from community.web.parts import AttachmentView, PersonalHint, Text

LONGEST_KEY = 36
"""With the place behind it ("comment:" and 16 digits), so that both fit into the column together."""


@dataclass(frozen=True, slots=True)
class PreviewPage:
    """A text as it will look."""

    preview: Text
    files: tuple[AttachmentView, ...] = ()


def is_fragment(request: Request) -> bool:
    """Whether a script asks for a piece of a page instead of a whole one."""
    return request.headers.get("hx-request") == "true"


def say_mute(viewer: Viewer, space_id: int | None) -> str:
    """Why the viewer cannot write in a space (None: outside of all spaces) at the moment; empty where they can."""
    mute = viewer.mute_in(space_id)
    return say_cannot_write(mute) if mute else ""


def demand_voice(viewer: Viewer, space_id: int | None) -> None:
    """Raise `RuleBroken` with the reason where the viewer is muted, who would else be told only that they cannot."""
    sentence = say_mute(viewer, space_id)
    if sentence:
        raise RuleBroken(sentence)


async def rendered(viewer: Viewer, body: str) -> Text:
    """A text that is not published yet, as the viewer would read it."""
    return await whole_text(viewer, await actions.render_body(body))


async def show_preview(request: Request, preview: Text, files: tuple[AttachmentView, ...] = ()) -> Response:
    """The preview alone, for a script that puts it into the page."""
    return await show(request, "threads/preview.html", PreviewPage(preview, files), block="preview")


async def find_hints(viewer: Viewer, fields: Mapping[str, str]) -> tuple[PersonalHint, ...]:
    """What in title and text could tell who the writer is; nothing once the writer has said yes to it.

    Staff sign with their name, so their own name is no hint.
    """
    if fields.get("confirm"):
        return ()
    about_pictures = (text for name, text in fields.items() if name.startswith("alt-"))
    text = "\n".join((fields.get("title", ""), fields.get("body", ""), *about_pictures))
    words = () if viewer.is_staff else await own_words(viewer.id)
    labels = _labels()
    return tuple(
        PersonalHint(labels[hint.kind], hint.excerpt) for hint in personal_hints.find(text, own_words=words)
    )


def _labels() -> dict[HintKind, str]:
    return {
        HintKind.MAIL_ADDRESS: _("Mail address"),
        HintKind.IBAN: _("Bank account"),
        HintKind.PHONE: _("Phone number"),
        HintKind.CUSTOMER_NUMBER: _("Customer or contract number"),
        HintKind.IP_ADDRESS: _("IP address"),
        HintKind.OWN_NAME: _("Your name or company"),
    }


def waiting_url(posted: Posted) -> str:
    """Where its author finds a text that waits."""
    return f"/waiting/{posted.id}"


def notice_of(url: str) -> str:
    """What is said after something was sent, by where that has led; a form sent twice leads there twice."""
    return "waits" if url.startswith("/waiting/") else "published"


def submission_key(fields: Mapping[str, str], place: str) -> str:
    """The key under which a form is done once: that of the page it stood on, and its place on that page.

    A form without a key is done each time it is sent; pages always give one.
    """
    key = fields.get("submission", "")[:LONGEST_KEY]
    return f"{key or new_key()}:{place}"
