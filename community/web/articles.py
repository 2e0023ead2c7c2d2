"""How articles of the blog look: the card in a list, the picture, and what stands around one article."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from community.attachments.queries import AttachmentRow, list_teasers
from community.core import markdown
from community.core.i18n import ngettext, number
from community.core.quotation import first_sentences
from community.core.viewer import Viewer
from community.spaces.queries import SpaceCard
from community.threads.articles import find_neighbours
from community.threads.lists import ThreadLine, list_excerpts
from community.threads.permissions import can_edit_post
from community.threads.queries import PostPage, ThreadView
from community.web.attaching import view_of
from community.web.lists import thread_row, thread_url
from community.web.parts import Link, PostView, ThreadRow, When

LONGEST_EXCERPT = 240
WORDS_PER_MINUTE = 200
LARGEST_AT_ONCE = 400_000
"""Bytes of a picture that a page shows whole on a fine screen; of a larger one only the smaller copy."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture of an article; its measures keep the page from moving while it loads."""

    url: str
    """As large as it is kept: for previews of links, and to open it."""
    small_url: str
    alt: str
    width: int
    height: int
    srcset: str
    content_type: str
    size: int


@dataclass(frozen=True, slots=True)
class ArticleCard:
    row: ThreadRow
    published: When
    excerpt: str
    minutes: str
    picture: Picture | None


@dataclass(frozen=True, slots=True)
class ArticleView:
    """What the page of an article has beside that of a thread."""

    picture: Picture | None
    published: When
    minutes: str
    older: Link | None
    newer: Link | None
    picture_url: str
    """For staff, where there are several pictures: to choose which one leads."""


def picture_of(row: AttachmentRow | None) -> Picture | None:
    if row is None or not row.is_picture:
        return None
    view = view_of(row)
    width, height = row.small_width or 1, row.small_height or 1
    is_light = row.size <= LARGEST_AT_ONCE and (row.width or 0) > width
    srcset = f"{view.small_url} {width}w, {view.url} {row.width}w" if is_light else ""
    return Picture(view.url, view.small_url, row.alt, width, height, srcset, row.content_type, row.size)


def reading_time(html: str) -> str:
    """ "4 min read", from the number of words; never less than a minute."""
    minutes = max(1, round(len(markdown.plain_text(html).split()) / WORDS_PER_MINUTE))
    return ngettext("%(num)s min read", "%(num)s min read", minutes) % {"num": number(minutes)}


async def article_cards(
    viewer: Viewer, lines: Iterable[ThreadLine], spaces: Iterable[SpaceCard]
) -> tuple[ArticleCard, ...]:
    """The cards of articles that were listed for this viewer: two statements."""
    lines, by_id = list(lines), {space.id: space for space in spaces}
    ids = [line.id for line in lines]
    texts: Mapping[int, str] = await list_excerpts(viewer, ids)
    pictures = await list_teasers(ids)
    return tuple(
        ArticleCard(
            row=thread_row(line, by_id.get(line.space_id)),
            published=When.of(line.created_at),
            excerpt=first_sentences(texts.get(line.id, ""), LONGEST_EXCERPT),
            minutes=reading_time(texts.get(line.id, "")),
            picture=picture_of(pictures.get(line.id)),
        )
        for line in lines
    )


def teaser_of(pictures: Iterable[AttachmentRow]) -> AttachmentRow | None:
    """Of the files of an article, the picture that leads it: the first one."""
    return next((row for row in pictures if row.is_picture), None)


async def article_view(
    thread: ThreadView, posts: PostPage, files: tuple[AttachmentRow, ...], viewer: Viewer
) -> ArticleView:
    """One statement, for articles alone."""
    near = await find_neighbours(viewer, thread.space_id, thread.id, thread.created_at)
    several = len([row for row in files if row.is_picture]) > 1
    chooses = several and viewer.is_staff and can_edit_post(viewer, thread, posts.opening)
    return ArticleView(
        picture=picture_of(teaser_of(files)),
        published=When.of(thread.created_at),
        minutes=reading_time(posts.opening.body_html),
        older=Link(near.older.title, thread_url(near.older.id, near.older.slug)) if near.older else None,
        newer=Link(near.newer.title, thread_url(near.newer.id, near.newer.slug)) if near.newer else None,
        picture_url=f"/threads/{thread.id}/picture" if chooses else "",
    )


def without_teaser(question: PostView) -> PostView:
    """The opening post of an article below its picture, which is not shown twice."""
    return replace(question, pictures=question.pictures[1:])
