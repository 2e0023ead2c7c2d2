"""Atom feeds (RFC 4287): always what a guest may read, whoever asks for them.

Feed readers carry no session, and an address with a secret in it would be a right that nobody can take back. So
there is no feed of a members or exclusive space.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from starlette.requests import Request
from starlette.responses import Response

from community.attachments.queries import list_teasers
from community.core import i18n
from community.core.errors import NotFound
from community.core.i18n import gettext as _
from community.core.quotation import first_sentences
from community.core.viewer import Viewer
from community.faq.queries import list_quoted
from community.ideas.queries import AnsweredIdea, list_answered
from community.settings import settings
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard, find_space, load_viewer
from community.threads.articles import list_articles
from community.threads.lists import ThreadLine, list_threads
from community.threads.models import PostKind
from community.threads.queries import AuthorRow, PostRow, ThreadView, get_post_page, get_thread
from community.threads.syndication import list_opening_texts
from community.web.articles import LONGEST_EXCERPT, Picture, picture_of
from community.web.documents import document, xml_text, xml_time
from community.web.faq_cards import written_out
from community.web.idea_words import idea_status_names
from community.web.ideas import DONE
from community.web.lists import thread_url
from community.web.pages import path_id, templates_of
from community.web.people import author
from community.web.post_views import opening_label

ENTRIES = 30
CONTENT_TYPE = "application/atom+xml; charset=utf-8"
# To be asked for again each time, so that a hidden post is gone at once; mostly the answer is "not changed".
ALWAYS_ASK = "no-cache"
_BEFORE_ALL = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """A thread or a post. Addresses are paths of ours."""

    id: str
    url: str
    title: str
    author: str
    author_url: str
    published_at: datetime
    changed_at: datetime
    html: str
    language: str
    tags: tuple[str, ...] = ()
    summary: str = ""
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Feed:
    path: str
    title: str
    url: str
    """Of the page that shows the same."""
    entries: tuple[FeedEntry, ...]
    language: str = ""


async def show_latest(request: Request) -> Response:
    """The threads of all open spaces, those with the last activity first."""
    viewer, spaces = await load_viewer()
    entries = await _thread_entries(viewer, _readable(spaces))
    return await _answer(request, viewer, Feed("/feeds/latest.atom", _site_name(request), "/", entries))


async def show_blog(request: Request) -> Response:
    """The articles of the blog."""
    viewer, spaces = await load_viewer()
    blogs = [space.id for space in _readable(spaces) if space.kind == SpaceKind.BLOG]
    articles = await list_articles(viewer, blogs, size=ENTRIES)
    pictures = await list_teasers([line.id for line in articles.lines])
    entries = tuple(
        replace(
            entry,
            picture=picture_of(pictures.get(line.id)),
            summary=first_sentences(entry.html, LONGEST_EXCERPT),
        )
        for line, entry in await _entries_of(viewer, articles.lines)
    )
    return await _answer(
        request, viewer, Feed("/feeds/blog.atom", f"Blog – {_site_name(request)}", "/blog", entries)
    )


async def show_ideas(request: Request) -> Response:
    """What becomes of ideas: the newest answer of staff to each."""
    viewer, spaces = await load_viewer()
    wanted = [space.id for space in _readable(spaces) if space.kind == SpaceKind.IDEAS]
    answered = await list_answered(viewer, wanted, size=ENTRIES)
    entries = tuple(_idea_entry(idea) for idea in answered.ideas if idea.html)
    name = _("What becomes of ideas")
    return await _answer(
        request, viewer, Feed("/feeds/ideas.atom", f"{name} – {_site_name(request)}", DONE, entries)
    )


def _idea_entry(idea: AnsweredIdea) -> FeedEntry:
    name, address = _shown_author(idea.answered_by, idea.language)
    return FeedEntry(
        id=f"idea/{idea.step_id}",
        url=thread_url(idea.thread_id, idea.slug) + "#official",
        title=f"{idea_status_names()[idea.status]}: {idea.title}",
        author=name,
        author_url=address,
        published_at=idea.at,
        changed_at=max(idea.at, idea.edited_at or idea.at),
        html=idea.html,
        language=idea.language,
    )


async def show_space(request: Request) -> Response:
    """The threads of an open space; any other one is not found."""
    viewer, spaces = await load_viewer()
    space = find_space(_readable(spaces), request.path_params["slug"])
    entries = await _thread_entries(viewer, [space])
    feed = Feed(
        path=f"/feeds/spaces/{space.slug}.atom",
        title=f"{space.name} – {_site_name(request)}",
        url=f"/spaces/{space.slug}",
        entries=entries,
        language=space.language,
    )
    return await _answer(request, viewer, feed)


async def show_thread(request: Request) -> Response:
    """A thread of an open space: its question, its solution and its newest answers with their comments."""
    viewer, _spaces = await load_viewer()
    thread = await get_thread(path_id(request, "thread_id"), viewer)
    if thread.hidden_at is not None:
        raise NotFound
    posts = await get_post_page(thread, viewer, page=1, order="newest")
    shown = {post.id: post for post in (posts.opening, posts.solution, *posts.answers) if post is not None}
    with_comments = [
        *shown.values(),
        *(comment for post_id in shown for comment in posts.comments.get(post_id, ())),
    ]
    i18n.use(thread.language)
    newest = sorted(with_comments, key=lambda post: (post.created_at, post.id), reverse=True)
    feed = Feed(
        path=f"/feeds/threads/{thread.id}.atom",
        title=f"{thread.title} – {_site_name(request)}",
        url=thread_url(thread.id, thread.slug),
        entries=tuple(_post_entry(post, thread) for post in newest if post.hidden_at is None),
        language=thread.language,
    )
    return await _answer(request, viewer, feed)


def _readable(spaces: Iterable[SpaceCard]) -> list[SpaceCard]:
    return [space for space in spaces if not space.locked]


def _site_name(request: Request) -> str:
    return templates_of(request).theme.site.name


async def _thread_entries(viewer: Viewer, spaces: Sequence[SpaceCard]) -> tuple[FeedEntry, ...]:
    threads = await list_threads(viewer, space_ids=[space.id for space in spaces], size=ENTRIES)
    return tuple(entry for _line, entry in await _entries_of(viewer, threads.lines))


async def _entries_of(
    viewer: Viewer, lines: Sequence[ThreadLine]
) -> tuple[tuple[ThreadLine, FeedEntry], ...]:
    texts = await list_opening_texts(viewer, [line.id for line in lines])
    entries = []
    for line in lines:
        text = texts.get(line.id)
        if text is None:
            continue
        name, address = _shown_author(line.author, line.language)
        entry = FeedEntry(
            id=f"thread/{line.id}",
            url=thread_url(line.id, line.slug),
            title=line.title,
            author=name,
            author_url=address,
            published_at=line.created_at,
            changed_at=max(line.last_activity_at, text.edited_at or line.last_activity_at),
            html=text.html,
            language=line.language,
            tags=line.tags,
        )
        entries.append((line, entry))
    return tuple(entries)


def _post_entry(post: PostRow, thread: ThreadView) -> FeedEntry:
    name, address = _shown_author(post.author, thread.language)
    return FeedEntry(
        id=f"post/{post.id}",
        url=f"/posts/{post.id}",
        title=f"{_label(post, thread)} {name}",
        author=name,
        author_url=address,
        published_at=post.created_at,
        changed_at=post.edited_at or post.created_at,
        html=post.body_html,
        language=thread.language,
    )


def _label(post: PostRow, thread: ThreadView) -> str:
    if post.kind == PostKind.OPENING:
        return opening_label(thread.space_kind)
    return _("Comment by") if post.kind == PostKind.COMMENT else _("Answer by")


def _shown_author(row: AuthorRow | None, language: str) -> tuple[str, str]:
    """The nickname (of staff the short name) and the path of the profile; a former member has none."""
    i18n.use(language)
    shown = author(row)
    return shown.name, shown.url or ""


# --- writing it down --------------------------------------------------------------------------------------


async def _answer(request: Request, viewer: Viewer, feed: Feed) -> Response:
    cards = await list_quoted(viewer, (entry.html for entry in feed.entries))
    if cards:
        entries = tuple(replace(entry, html=written_out(entry.html, cards)) for entry in feed.entries)
        feed = replace(feed, entries=entries)
    changed_at = max((entry.changed_at for entry in feed.entries), default=_BEFORE_ALL)
    return document(
        request, _feed_xml(feed, changed_at), CONTENT_TYPE, cache_control=ALWAYS_ASK, changed_at=changed_at
    )


def _feed_xml(feed: Feed, changed_at: datetime) -> str:
    base = settings.base_url
    language = f' xml:lang="{xml_text(feed.language)}"' if feed.language else ""
    # Texts hold paths of this site; the base makes them whole for the reader.
    return "\n".join(
        (
            '<?xml version="1.0" encoding="utf-8"?>',
            f'<feed xmlns="http://www.w3.org/2005/Atom" xml:base="{xml_text(base)}/"{language}>',
            f"<id>{_tag_uri(feed.path)}</id>",
            f"<title>{xml_text(feed.title)}</title>",
            f"<updated>{xml_time(changed_at)}</updated>",
            f'<link rel="self" type="application/atom+xml" href="{xml_text(base + feed.path)}"/>',
            f'<link rel="alternate" type="text/html" href="{xml_text(base + feed.url)}"/>',
            *(_entry_xml(entry, base) for entry in feed.entries),
            "</feed>\n",
        )
    )


def _entry_xml(entry: FeedEntry, base: str) -> str:
    address = f"<uri>{xml_text(base + entry.author_url)}</uri>" if entry.author_url else ""
    return "\n".join(
        (
            f'<entry xml:lang="{xml_text(entry.language)}">',
            f"<id>{_tag_uri(entry.id)}</id>",
            f"<title>{xml_text(entry.title)}</title>",
            f'<link rel="alternate" type="text/html" href="{xml_text(base + entry.url)}"/>',
            f"<published>{xml_time(entry.published_at)}</published>",
            f"<updated>{xml_time(entry.changed_at)}</updated>",
            f"<author><name>{xml_text(entry.author)}</name>{address}</author>",
            *(f'<category term="{xml_text(tag)}"/>' for tag in entry.tags),
            *_picture_xml(entry.picture, base),
            *([f"<summary>{xml_text(entry.summary)}</summary>"] if entry.summary else []),
            f'<content type="html">{xml_text(entry.html)}</content>',
            "</entry>",
        )
    )


def _picture_xml(picture: Picture | None, base: str) -> tuple[str, ...]:
    if picture is None:
        return ()
    address, kind = xml_text(base + picture.url), xml_text(picture.content_type)
    return (f'<link rel="enclosure" type="{kind}" length="{picture.size}" href="{address}"/>',)


def _tag_uri(name: str) -> str:
    """A name that stays the same when the title, and with it the address, changes (RFC 4151)."""
    return f"tag:{settings.host},2026:{name.lstrip('/')}"
