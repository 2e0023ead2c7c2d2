"""What search engines are told about a page, as JSON-LD in the words of schema.org.

Built as dictionaries from what the page shows, for pages that guests may read; never in templates. What is demanded
of each type is described by https://developers.google.com/search/docs/appearance/structured-data (QAPage,
DiscussionForumPosting, Article, Breadcrumb).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from babel.core import get_global
from markupsafe import Markup

from community.core.markdown import plain_text
from community.core.markdown_entries import with_whole_addresses
from community.core.viewer import STAFF_ROLES
from community.faq.structured import as_script_text
from community.settings import settings
from community.spaces.models import SpaceKind
from community.threads.queries import AuthorRow, PostPage, PostRow, ThreadView
from community.web.documents import xml_time
from community.web.lists import thread_url
from community.web.parts import Crumb
from community.web.people import author
from community.web.theming import Site

Data = dict[str, Any]

CONTEXT = "https://schema.org"
FEWEST_CRUMBS = 2
"""Search engines refuse a way of fewer steps."""


def as_script(parts: Sequence[Data]) -> Markup:
    """The content of the `script` element; empty if there is nothing to say."""
    if not parts:
        return Markup()
    with_context = [{"@context": CONTEXT, **part} for part in parts]
    # The text holds neither <, > nor &, so nothing in it can end the element.
    return Markup(as_script_text(with_context[0] if len(with_context) == 1 else with_context))  # noqa: S704 - see above


def open_graph_locale(language: str) -> str:
    """Language and country as link previews want them: "de_DE". The country is the likeliest for the language."""
    if language == "en":
        return "en_GB"
    likely = get_global("likely_subtags").get(language, "").split("_")
    return f"{language}_{likely[-1]}" if len(likely) > 1 else language


# --- the site and the way to a page -----------------------------------------------------------------------


def breadcrumbs(crumbs: Iterable[Crumb]) -> list[Data]:
    """The way from the home page to the page at hand, which itself is left out; nothing if it is too short."""
    steps = [
        {
            "@type": "ListItem",
            "position": position,
            "name": crumb.label,
            "item": settings.base_url + crumb.url,
        }
        for position, crumb in enumerate(crumbs, start=1)
    ]
    return [{"@type": "BreadcrumbList", "itemListElement": steps}] if len(steps) >= FEWEST_CRUMBS else []


def home(site: Site) -> list[Data]:
    """The site and who runs it, for the home page."""
    address = f"{settings.base_url}/"
    return [
        {
            "@type": "WebSite",
            "name": site.name,
            "alternateName": site.brand,
            "url": address,
            "publisher": organization(site),
        },
        {**organization(site), "url": address},
    ]


def organization(site: Site) -> Data:
    return {"@type": "Organization", "name": site.operator or site.brand}


# --- threads ----------------------------------------------------------------------------------------------


def thread_data(
    thread: ThreadView, posts: PostPage, site: Site, *, page: int, picture_url: str = ""
) -> list[Data]:
    """What stands on page `page` of a thread of an open space.

    A question is described on its first page alone, with the answers that stand there; a discussion on each page
    with the comments of that page.
    """
    if thread.space_kind == SpaceKind.QUESTIONS:
        return [_qa_page(thread, posts, site)] if page == 1 else []
    if thread.space_kind == SpaceKind.BLOG:
        return [_blog_posting(thread, posts, site, picture_url)] if page == 1 else []
    return [_forum_posting(thread, posts, site)]


def _qa_page(thread: ThreadView, posts: PostPage, site: Site) -> Data:
    question = {
        "@type": "Question",
        "name": thread.title,
        **_written(posts.opening, site),
        "url": _address(thread),
        "inLanguage": thread.language,
        "answerCount": posts.answer_count,
        "upvoteCount": posts.opening.kudos_count,
        "commentCount": len(posts.comments.get(posts.opening.id, ())),
    }
    if posts.solution is not None:
        question["acceptedAnswer"] = _answer(posts.solution, thread, posts, site)
    suggested = [
        _answer(post, thread, posts, site) for post in posts.answers if post.id != thread.solution_post_id
    ]
    if suggested:
        question["suggestedAnswer"] = suggested
    return {"@type": "QAPage", "mainEntity": question}


def _answer(post: PostRow, thread: ThreadView, posts: PostPage, site: Site) -> Data:
    return {
        "@type": "Answer",
        **_written(post, site),
        "url": _address(thread, post),
        "upvoteCount": post.kudos_count,
        "commentCount": len(posts.comments.get(post.id, ())),
    }


def _forum_posting(thread: ThreadView, posts: PostPage, site: Site) -> Data:
    replies = [
        {
            "@type": "Comment",
            **_written(post, site),
            "url": _address(thread, post),
            "interactionStatistic": _count("LikeAction", post.kudos_count),
        }
        for post in posts.answers
    ]
    return {
        "@type": "DiscussionForumPosting",
        "headline": thread.title,
        **_written(posts.opening, site),
        "url": _address(thread),
        "inLanguage": thread.language,
        "interactionStatistic": [
            _count("LikeAction", posts.opening.kudos_count),
            _count("CommentAction", posts.answer_count),
        ],
        **({"comment": replies} if replies else {}),
    }


def _blog_posting(thread: ThreadView, posts: PostPage, site: Site, picture_url: str) -> Data:
    written = _written(posts.opening, site)
    written["articleBody"] = written.pop("text")
    return {
        "@type": "BlogPosting",
        "headline": thread.title,
        **written,
        "url": _address(thread),
        "mainEntityOfPage": _address(thread),
        "inLanguage": thread.language,
        "commentCount": posts.answer_count,
        "publisher": organization(site),
        **({"image": settings.base_url + picture_url} if picture_url else {}),
    }


def _written(post: PostRow, site: Site) -> Data:
    """Text, author and dates, alike for every kind of post."""
    written = {
        "text": with_whole_addresses(plain_text(post.body_html)),
        "author": _person(post.author, site),
        "datePublished": xml_time(post.created_at),
    }
    if post.edited_at is not None:
        written["dateModified"] = xml_time(post.edited_at)
    return written


def _person(row: AuthorRow | None, site: Site) -> Data:
    """The nickname, or of staff the short name and for whom they speak: no more than the page shows."""
    shown = author(row)
    person: Data = {"@type": "Person", "name": shown.name}
    if shown.url:
        person["url"] = settings.base_url + shown.url
    if row is not None and row.role in STAFF_ROLES:
        person["affiliation"] = organization(site)
    return person


def _count(action: str, count: int) -> Data:
    return {
        "@type": "InteractionCounter",
        "interactionType": f"{CONTEXT}/{action}",
        "userInteractionCount": count,
    }


def _address(thread: ThreadView, post: PostRow | None = None) -> str:
    """Of a post the permalink, which leads to whatever page it stands on."""
    path = thread_url(thread.id, thread.slug) if post is None else f"/posts/{post.id}"
    return settings.base_url + path
