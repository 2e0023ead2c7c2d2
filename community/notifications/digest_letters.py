"""What a digest says: first what is unread, then, for those who ask for it, what was worth reading."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from community.accounts.letters import Item, Letter, Section
from community.accounts.news_mails import Outcome, send_news, stop_link_for
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import Viewer
from community.notifications.composing import discretion, find_excerpts, items_of, news_of
from community.notifications.highlights import Highlight, Highlights, find_highlights
from community.notifications.mail_wishes import channel_for, find_stop_token, find_wishes
from community.notifications.queries import NotificationRow
from community.notifications.rules import Channel, Topic
from community.settings import settings

NO_HIGHLIGHTS = Highlights([], [], [])


async def send_digest(viewer: Viewer, mail_id: int, rhythm: Channel, since: datetime) -> Outcome:
    """The digest; none if there is nothing to say."""
    rows = await news_of(viewer, mail_id, rhythm)
    tells_titles = (await find_wishes(viewer.id)).tells_titles
    highlights = NO_HIGHLIGHTS
    if await channel_for(viewer.id, Topic.HIGHLIGHTS) is rhythm:
        highlights = await find_highlights(viewer, since=since, with_members_spaces=tells_titles)
    if not rows and not highlights:
        return Outcome.NOTHING
    excerpts = await find_excerpts(rows) if tells_titles else None
    return await send_news(
        viewer.id,
        f"digest-{mail_id}",
        lambda: _digest(rhythm, rows, excerpts, highlights),
        stop_link=stop_link_for(await find_stop_token(viewer.id), [rhythm]),
        topics=lambda: rhythm_names()[rhythm],
    )


def rhythm_names() -> dict[Channel, str]:
    return {Channel.DAILY: _("Your daily digest"), Channel.WEEKLY: _("Your weekly digest")}


def _digest(
    rhythm: Channel,
    rows: Sequence[NotificationRow],
    excerpts: Mapping[int, Sequence[str]] | None,
    highlights: Highlights,
) -> Letter:
    tells_all = excerpts is not None and all(row.id in excerpts for row in rows)
    return Letter(
        subject=rhythm_names()[rhythm],
        paragraphs=[_("you have not read this yet:") if rows else _("this was worth reading lately:")],
        items=items_of(rows, excerpts),
        link=f"{settings.base_url}/notifications" if rows else "",
        link_text=_("See what is new"),
        sections=_sections(highlights),
        after=[discretion()] if rows and not tells_all else [],
    )


def _sections(highlights: Highlights) -> list[Section]:
    sections = [
        Section(_("Can you help? Unanswered questions"), [_item(one) for one in highlights.unanswered]),
        Section(_("Solved"), [_item(one) for one in highlights.solved]),
        Section(_("Most helpful answers"), [_item(one, with_kudos=True) for one in highlights.helpful]),
    ]
    return [section for section in sections if section.items]


def _item(one: Highlight, *, with_kudos: bool = False) -> Item:
    path = f"/posts/{one.post_id}" if one.post_id else f"/threads/{one.thread_id}-{one.slug}"
    kudos = ngettext("%(num)s kudos", "%(num)s kudos", one.count) % {"num": number(one.count)}
    return Item(text=kudos if with_kudos else "", title=one.title, link=f"{settings.base_url}{path}")
