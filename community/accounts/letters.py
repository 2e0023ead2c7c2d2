"""What mails of the vault look like, and how they leave: used by whatever joins a message with an address.

A company reads along in its employees' mail, and what is never written cannot be linked: no letter names its
receiver's nickname, and none says anything about the community's content unless the receiver has asked for that
(`docs/notifications.md`).
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from textwrap import wrap

from community.core import i18n
from community.core.i18n import gettext as _
from community.core.mail import Message, PermanentMailError, send
from community.settings import settings

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of news in a letter."""

    text: str
    title: str = ""
    link: str = ""
    excerpt: Sequence[str] = ()
    """Paragraphs of what somebody has written."""


@dataclass(frozen=True, slots=True)
class Section:
    heading: str
    items: Sequence[Item]


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: paragraphs, news, and at most one link with the words on its button, or a few to choose."""

    subject: str
    paragraphs: Sequence[str]
    link: str = ""
    link_text: str = ""
    choices: Sequence[tuple[str, str]] = ()
    """Words and links, where one click is an answer."""
    after: Sequence[str] = field(default_factory=tuple)
    items: Sequence[Item] = ()
    """News, before the link."""
    sections: Sequence[Section] = ()
    """More of it under headings, after the link."""
    small_print: Sequence[tuple[str, str]] = ()
    """At the very end: words and, where there is one, a link."""
    headers: Mapping[str, str] = field(default_factory=dict)
    first_line: str = ""
    """Above everything, even the greeting."""


Look = Callable[[Letter], str]
"""Makes the HTML part of a mail."""

_look: list[Look] = []


def use_look(look: Look) -> None:
    """From now on mails have an HTML part. Nothing here knows templates, so whoever sends mails brings the look."""
    _look[:] = [look]


def link_url(path: str, token: str) -> str:
    """A link under the configured address and no other, whatever host the request named."""
    return f"{settings.base_url}{path}?token={token}"


def imprint_url() -> str:
    """One click from every mail, as from every page."""
    return f"{settings.base_url}/pages/imprint"


@contextmanager
def in_language(code: str) -> Iterator[None]:
    """Texts in this language, and afterwards in the one before."""
    before = i18n.language()
    i18n.use(code)
    try:
        yield
    finally:
        i18n.use(before)


async def send_letter(
    mail_id: str, to: str, letter: Letter, *, bounces_to: str = ""
) -> PermanentMailError | None:
    """Send it; the same id sends the same mail. What is refused for good is let be; answers the refusal."""
    html = _look[0](letter) if _look else None
    message = Message(
        id=mail_id,
        to=to,
        subject=letter.subject,
        text=as_text(letter),
        html=html,
        headers=letter.headers,
        bounces_to=bounces_to,
    )
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
        return refused
    return None


def as_text(letter: Letter) -> str:
    """The letter as plain text."""
    pieces = [
        *filter(None, [letter.first_line]),
        _("Hello,"),
        *letter.paragraphs,
        *map(_item_as_text, letter.items),
    ]
    if letter.link:
        pieces.append(f"{letter.link_text}:\n{letter.link}")
    pieces += [f"{text}:\n{link}" for text, link in letter.choices]
    for section in letter.sections:
        pieces += [section.heading.upper(), *map(_item_as_text, section.items)]
    small_print = [f"{text}: {link}" if link else text for text, link in letter.small_print]
    imprint = _("Imprint")
    end = ["-- ", *small_print, settings.base_url, f"{imprint}: {imprint_url()}"]
    pieces += [*letter.after, "\n".join(end)]
    return "\n\n".join(pieces) + "\n"


def _item_as_text(item: Item) -> str:
    said = [line for line in (item.text, item.title, item.link) if line]
    lines = [f"{'  ' if place else '* '}{line}" for place, line in enumerate(said)]
    # As mails quote, so that programs show it as what somebody else has said.
    lines += [
        f"> {line}"
        for paragraph in item.excerpt
        for line in (*wrap(paragraph, 72, break_long_words=False, break_on_hyphens=False), "")
    ]
    return "\n".join(lines).removesuffix("\n> ")
