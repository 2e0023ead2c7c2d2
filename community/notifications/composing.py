"""What mails about unread notifications say: looked up when they are sent, never more than their receiver may read.

A company reads along in its employees' mail. So a mail names nobody, no thread and no space, unless its receiver has
wished so; and nothing of an exclusive space even then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from community.accounts.letters import Item, Letter
from community.accounts.news_mails import (
    Outcome,
    send_news,
    stop_link_for,
    threading_headers,
)
from community.core.clock import now
from community.core.db import fetch
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.markdown import plain_text
from community.core.markdown_entries import with_whole_addresses
from community.core.reply_addresses import MARK, address_for
from community.core.viewer import Viewer
from community.notifications.mail_wishes import find_stop_token, find_wishes, list_choices
from community.notifications.queries import NotificationRow, list_in_mail
from community.notifications.rules import MUTED, TOPIC_OF, Channel, Topic, channel_of, topic_of_mail
from community.notifications.wording import say, say_discreetly, summarize, topic_names
from community.settings import settings
from community.threads.permissions import can_answer, must_answer_in_site
from community.threads.queries import get_thread

MOST_ITEMS = 20
LONGEST_EXCERPT = 1500
_OF_IDEAS = frozenset(kind for kind, topic in TOPIC_OF.items() if topic is Topic.IDEAS)
QUOTED = _OF_IDEAS | {"answered", "answered_followed", "started_followed", "commented", "mentioned"}
"""Of these a mail that tells titles quotes the post."""
ANSWERABLE = QUOTED | {"expert_asked"}
"""To these one answers in the thread; not to a sanction, say, which is between staff and its receiver."""

_DONE = """SELECT n.id FROM notifications n WHERE n.id IN (:ids) AND (
    (n.kind IN ('answered', 'answered_followed', 'commented', 'mentioned') AND EXISTS (SELECT 1 FROM posts p
      WHERE p.thread_id = n.thread_id AND p.author_id = n.member_id AND p.created_at > n.created_at))
    OR (n.kind = 'answered_followed' AND NOT EXISTS (SELECT 1 FROM follows f
      WHERE f.thread_id = n.thread_id AND f.member_id = n.member_id))
    OR (n.kind IN ('started_followed', 'answered_followed') AND EXISTS (SELECT 1 FROM threads t JOIN space_wishes w
      ON w.space_id = t.space_id WHERE t.id = n.thread_id AND w.member_id = n.member_id AND w.wish = 'mute'))
    OR (n.kind IN ('started_followed', 'answered_followed') AND EXISTS (SELECT 1 FROM thread_tags x JOIN tag_wishes w
      ON w.name = x.name WHERE x.thread_id = n.thread_id AND w.member_id = n.member_id AND w.wish = 'mute'))
    OR (n.kind IN ('accepted', 'accepted_for_you') AND NOT EXISTS (SELECT 1 FROM solutions s
      WHERE s.post_id = n.post_id))
    OR (n.kind = 'credited' AND NOT EXISTS (SELECT 1 FROM faq_sources f JOIN faq_entries e ON e.id = f.entry_id
      WHERE f.post_id = n.post_id AND f.fingerprint <> '' AND e.state IN ('published', 'check')
      AND n.cause = 'faq:' || e.id))
    OR (n.kind = 'group_invited' AND NOT EXISTS (SELECT 1 FROM group_invitations i WHERE i.group_id = n.group_id
      AND i.member_id = n.member_id AND i.answered_at IS NULL AND i.expires_at > :now))
    OR (n.kind = 'group_join_requested' AND NOT EXISTS (SELECT 1 FROM join_requests r
      WHERE r.group_id = n.group_id AND r.member_id = n.actor_id AND r.decided_at IS NULL))
    OR (n.note = '' AND EXISTS (SELECT 1 FROM posts p JOIN posts q ON q.id = p.parent_id
      WHERE p.id = n.post_id AND q.hidden_at IS NOT NULL)))"""
"""What its receiver has dealt with or wants no more, or what has been undone: they have written there since, follow
it no more, have muted its space or tag; the solution was withdrawn, the FAQ entry withdrawn or made of other answers,
the invitation answered, the request decided, the post under a comment hidden."""


async def news_of(viewer: Viewer, mail_id: int, channel: Channel) -> list[NotificationRow]:
    """What a mail still has to tell: unread, readable, not dealt with, and wanted in this way."""
    rows = await list_in_mail(viewer, mail_id)
    found = await fetch(_DONE, {"ids": [row.id for row in rows], "now": now()}) if rows else []
    done = {row["id"] for row in found}
    is_stopped = (await find_wishes(viewer.id)).is_stopped
    choices = await list_choices(viewer.id)

    def is_wanted(row: NotificationRow) -> bool:
        topic = topic_of_mail(row.kind)
        if row.id in done or topic is None or (row.muted and row.kind in MUTED):
            return False
        return channel_of(topic, choices[topic], mails_stopped=is_stopped) is channel

    return [row for row in rows if is_wanted(row)]


async def send_bundle(viewer: Viewer, mail_id: int) -> Outcome:
    """The mail about what has just happened."""
    rows = await news_of(viewer, mail_id, Channel.MAIL)
    if not rows:
        return Outcome.NOTHING
    topics = topics_of(rows)
    excerpts = await find_excerpts(rows) if (await find_wishes(viewer.id)).tells_titles else None
    reply_to = await _find_reply_address(viewer, rows, excerpts)
    return await send_news(
        viewer.id,
        f"news-{mail_id}",
        lambda: _bundle(rows, excerpts, viewer.id, reply_to),
        stop_link=stop_link_for(await find_stop_token(viewer.id), topics),
        topics=lambda: name_topics(topics),
    )


async def _find_reply_address(
    viewer: Viewer, rows: Sequence[NotificationRow], excerpts: Mapping[int, Sequence[str]] | None
) -> str:
    """Where an answer to the mail goes: only if it says all about one thread in which its receiver may answer now."""
    thread_ids = {row.thread_id for row in rows}
    thread_id = rows[0].thread_id
    if thread_id is None or len(thread_ids) > 1 or not _tells_all(rows, excerpts):
        return ""
    if must_answer_in_site(viewer) or not {row.kind for row in rows} <= ANSWERABLE:
        return ""
    try:
        thread = await get_thread(thread_id, viewer)
    except NotFound:
        return ""
    return address_for(thread_id, viewer.id) if can_answer(viewer, thread) else ""


def _tells_all(rows: Sequence[NotificationRow], excerpts: Mapping[int, Sequence[str]] | None) -> bool:
    return excerpts is not None and all(row.id in excerpts for row in rows)


def topics_of(rows: Iterable[NotificationRow]) -> list[Topic]:
    """Their topics, each once."""
    return list(dict.fromkeys(topic for row in rows if (topic := topic_of_mail(row.kind))))


def name_topics(topics: Sequence[Topic]) -> str:
    names = topic_names()
    return "; ".join(names[topic] for topic in topics)


async def find_excerpts(rows: Sequence[NotificationRow]) -> Mapping[int, Sequence[str]]:
    """Of each notification whose thread may be named in a mail what was written, in paragraphs, if anything."""
    found = await fetch(
        """SELECT n.id, n.kind, p.body_html FROM notifications n JOIN threads t ON t.id = n.thread_id
        JOIN spaces s ON s.id = t.space_id LEFT JOIN posts p ON p.id = n.post_id AND p.hidden_at IS NULL
        WHERE n.id IN (:ids) AND s.access <> 'exclusive'""",
        {"ids": [row.id for row in rows if row.thread_title]},
    )
    return {
        row["id"]: _paragraphs(row["body_html"]) if row["kind"] in QUOTED and row["body_html"] else ()
        for row in found
    }


def _paragraphs(html: str) -> Sequence[str]:
    text = with_whole_addresses(plain_text(html))
    if len(text) > LONGEST_EXCERPT:
        text = text[:LONGEST_EXCERPT].rpartition(" ")[0] + " …"
    return text.split("\n")


def items_of(rows: Sequence[NotificationRow], excerpts: Mapping[int, Sequence[str]] | None) -> list[Item]:
    """A line for each, with names, titles and texts where these may be told; else a line for each sort."""
    open_rows = [row for row in rows if excerpts is not None and row.id in excerpts]
    # What somebody wrote is told once, whether it answers, mentions or both; in the order in which it was written.
    # What has become of an idea says more than that the answer mentions somebody.
    by_weight = sorted(open_rows, key=lambda row: row.kind in _OF_IDEAS)
    texts = {row.post_id if row.kind in QUOTED else row.id: row for row in by_weight}
    in_order = sorted(texts.values(), key=lambda row: row.created_at)
    items = [
        Item(
            text=say(row.kind, _unlinked(row.actor or _("Former member")), row.others),
            title=row.thread_title,
            link=_link(row),
            excerpt=excerpts[row.id] if excerpts else (),
        )
        for row in in_order[-MOST_ITEMS:]
    ]
    others = [*in_order[:-MOST_ITEMS], *(row for row in rows if row not in open_rows)]
    return [*items, *(Item(sentence) for sentence in summarize(row.kind for row in others))]


def _unlinked(nickname: str) -> str:
    """A nickname like "evil.example", so that mail programs make no link of it."""
    return nickname.replace(".", "\N{WORD JOINER}.\N{WORD JOINER}")


def _link(row: NotificationRow) -> str:
    """To the notification, for its receiver alone; the address says nothing of what it is about."""
    return f"{settings.base_url}/notifications/{row.id}"


def _bundle(
    rows: Sequence[NotificationRow],
    excerpts: Mapping[int, Sequence[str]] | None,
    member_id: int,
    reply_to: str,
) -> Letter:
    first, is_one = rows[0], len(rows) == 1
    thread_id = first.thread_id if {row.thread_id for row in rows} == {first.thread_id} else None
    tells_all = _tells_all(rows, excerpts)
    kinds = {row.kind for row in rows}
    if thread_id and tells_all:
        subject = first.thread_title
    elif len(kinds) == 1:
        subject = say_discreetly(first.kind, len(rows))
    else:
        subject = _("There is news for you in the community")
    headers = threading_headers(thread_id, member_id) if thread_id else {}
    if reply_to:
        headers["Reply-To"] = reply_to
    return Letter(
        subject=subject,
        paragraphs=[_("there is news for you in our community:")],
        items=items_of(rows, excerpts),
        link=_link(first) if is_one else f"{settings.base_url}/notifications",
        link_text=_("Read it") if is_one else _("See what is new"),
        after=[*([] if tells_all else [discretion()]), *([_how_to_reply()] if reply_to else [])],
        headers=headers,
        first_line=_line_to_write_above() if reply_to else "",
    )


def _line_to_write_above() -> str:
    words = _("Please write your answer above this line")
    return f"{MARK[0]} {words} {MARK[1]}"


def _how_to_reply() -> str:
    """As under the form in the site: who will read it, and under which name."""
    return _(
        "You can answer this mail: your answer is published in the thread, under your nickname, for all who may "
        "read the thread. Please leave out your name and telephone number."
    )


def discretion() -> str:
    """Why a mail says so little."""
    return _("What it is about you see after logging in. Others may read your mails, so they do not say it.")
