"""What mails of the vault look like, and how they leave: used by whatever joins a message with an address.

Texts say nothing about the community's content, and do not name the nickname: a company reads along in its
employees' mail, and what is never written cannot be linked.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape

from community.core import i18n
from community.core.i18n import gettext as _
from community.core.mail import Message, PermanentMailError, send
from community.settings import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: paragraphs, and at most one link with the words on its button, or a few to choose from."""

    subject: str
    paragraphs: Sequence[str]
    link: str = ""
    link_text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Words and links, where one click is an answer."""
    after: Sequence[str] = field(default_factory=tuple)


def link_url(path: str, token: str) -> str:
    """A link under the configured address and no other, whatever host the request named."""
    return f"{settings.base_url}{path}?token={token}"


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Texts in this language, and afterwards in the one before."""
    before = i18n.language()
    i18n.use(code)
    try:
        yield
    finally:
        i18n.use(before)


async def send_letter(mail_id: str, to: str, letter: Letter) -> None:
    """Send it; the same id sends the same mail. What the receiver's server refuses for good is let be."""
    message = Message(id=mail_id, to=to, subject=letter.subject, text=as_text(letter), html=as_html(letter))
    try:
        await send(
            message,
            mail_url=settings.mail_url,
            var_dir=settings.var_dir,
            base_url=settings.base_url,
            mail_from=settings.mail_from,
        )
    except PermanentMailError as refused:
        # The address does not take mail; trying again would not change that.
        logger.info("mail refused for good", extra={"stage": refused.stage, "code": refused.code})


def as_text(letter: Letter) -> str:
    """The letter as plain text."""
    pieces = [_("Hello,"), *letter.paragraphs]
    if letter.link:
        pieces.append(f"{letter.link_text}:\n{letter.link}")
    pieces += [f"{text}:\n{link}" for text, link in letter.choices]
    pieces += [*letter.after, f"-- \n{settings.base_url}"]
    return "\n\n".join(pieces) + "\n"


def as_html(letter: Letter) -> str:
    """The same as HTML, without pictures or anything else that is fetched when it is read."""
    body = [_("Hello,"), *letter.paragraphs]
    html = "".join(f"<p>{escape(paragraph)}</p>" for paragraph in body)
    if letter.link:
        link, text = escape(letter.link), escape(letter.link_text)
        html += f'<p><a href="{link}"><strong>{text}</strong></a></p><p><small>{link}</small></p>'
    html += "".join(
        f'<p><a href="{escape(link)}"><strong>{escape(text)}</strong></a></p>'
        for text, link in letter.choices
    )
    html += "".join(f"<p>{escape(paragraph)}</p>" for paragraph in letter.after)
    return FRAME.format(
        language=escape(i18n.language()),
        subject=escape(letter.subject),
        content=html,
        home=escape(settings.base_url),
    )


FRAME = """<!DOCTYPE html>
<html lang="{language}"><head><meta charset="utf-8"><title>{subject}</title></head>
<body>
{content}
<hr><p><small><a href="{home}">{home}</a></small></p>
</body></html>
"""
