"""Development only: mails that were written to files instead of being sent."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from community.core.errors import NotFound
from community.core.mail import StoredMail, stored_mails
from community.settings import settings
from community.web.pages import show
from community.web.parts import When

_LINK = re.compile(r"https?://[^\s<>\"]+")


@dataclass(frozen=True, slots=True)
class MailRow:
    url: str
    to: str
    subject: str
    when: When


@dataclass(frozen=True, slots=True)
class MailBoxPage:
    rows: tuple[MailRow, ...]


@dataclass(frozen=True, slots=True)
class MailPage:
    row: MailRow
    paragraphs: tuple[tuple[Markup, ...], ...]
    """The text part: its paragraphs, and their lines, escaped and with their links."""
    html_source: str
    """The HTML part as source; it is never rendered here."""


async def list_mails(request: Request) -> Response:
    mails = await stored_mails(settings.var_dir)
    return await show(request, "dev/mail_box.html", MailBoxPage(tuple(_row(mail) for mail in mails)))


async def show_mail(request: Request) -> Response:
    wanted = request.path_params["mail_id"]
    for mail in await stored_mails(settings.var_dir):
        if mail.id == wanted:
            page = MailPage(_row(mail), _paragraphs(mail.text), mail.html or "")
            return await show(request, "dev/mail.html", page)
    raise NotFound


def _row(mail: StoredMail) -> MailRow:
    return MailRow(f"/dev/mail/{mail.id}", mail.to, mail.subject, When.of(mail.sent_at))


def _paragraphs(text: str) -> tuple[tuple[Markup, ...], ...]:
    return tuple(
        tuple(with_links(line) for line in paragraph.splitlines()) for paragraph in text.strip().split("\n\n")
    )


def with_links(text: str) -> Markup:
    """The text escaped, its web addresses clickable."""
    html, end = Markup(), 0
    for match in _LINK.finditer(text):
        html += text[end : match.start()]
        html += Markup('<a href="{0}">{0}</a>').format(match.group())
        end = match.end()
    return html + text[end:]
