"""FAQ entries that stand in members' texts as cards.

A text holds nothing but the link (`core.markdown_entries`). What the card says is read with the page, for its reader:
it is always the released text, and to those who may not read the entry, or after it was withdrawn, only the link is
left.
"""

from __future__ import annotations

from collections.abc import Mapping

from markupsafe import Markup

from community.core import i18n
from community.core.markdown_entries import CARD_CLASS, cards_in
from community.core.viewer import Viewer
from community.faq.queries import EntryLine, QuotedEntry, list_quoted, quoted_ids
from community.faq.rules import PUBLIC_AUDIENCE
from community.threads.queries import PostPage
from community.web.faq import checked_text
from community.web.parts import FaqCard, Text


def quoted_on(posts: PostPage) -> list[int]:
    shown = (
        posts.opening,
        posts.solution,
        posts.reply,
        *posts.answers,
        *(each for some in posts.comments.values() for each in some),
    )
    return quoted_ids(post.body_html for post in shown if post is not None)


def cards_of(entries: Mapping[int, QuotedEntry]) -> dict[int, FaqCard]:
    """The cards in the language of the page."""
    return {
        number: FaqCard(
            url=entry.line.url,
            question=entry.line.question,
            short_answer=entry.line.short_answer,
            language=entry.line.language,
            note=checked_text(entry.checked_role, i18n.long_date(entry.checked_at)),
            members_only=entry.line.audience != PUBLIC_AUDIENCE,
        )
        for number, entry in entries.items()
    }


async def whole_text(viewer: Viewer, html: str) -> Text:
    """A rendered text that stands alone, with the cards that this viewer may see."""
    cards = cards_of(await list_quoted(viewer, [html]))
    return parts_of(html, cards) or ((Markup(html),) if html else ())  # noqa: S704 - cleaned when it was rendered


def parts_of(html: str, cards: Mapping[int, FaqCard]) -> Text:
    """The text in pieces, with its cards in between; empty for a text without one that its reader may see."""
    if not cards or CARD_CLASS not in html:
        return ()
    parts: list[Markup | FaqCard] = []
    for piece, number in cards_in(html):
        card = cards.get(number) if number is not None else None
        if card is not None:
            parts.append(card)
        elif parts and isinstance(parts[-1], Markup):
            parts[-1] += Markup(piece)  # noqa: S704 - cleaned when it was written
        else:
            parts.append(Markup(piece))  # noqa: S704 - cleaned when it was written
    return tuple(parts)


def written_out(html: str, entries: Mapping[int, QuotedEntry]) -> str:
    """The text for those who show it elsewhere, as feeds do: what a card says stands in it as a quotation."""
    if not entries or CARD_CLASS not in html:
        return html
    pieces = []
    for piece, number in cards_in(html):
        entry = entries.get(number) if number is not None else None
        pieces.append(_quotation(entry.line) if entry is not None else piece)
    return "".join(pieces)


def _quotation(line: EntryLine) -> str:
    return Markup('<blockquote lang="{}"><p><a href="{}">{}</a></p><p>{}</p></blockquote>\n').format(
        line.language, line.url, line.question, line.short_answer
    )
