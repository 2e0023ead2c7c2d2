"""Posts that entries are made from, on the desk of those who write the FAQ."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from community.core.i18n import gettext as _
from community.faq.source_queries import EditorialSource, SourcePost
from community.threads.queries import PostPage, ThreadView
from community.web.lists import thread_url
from community.web.parts import Author
from community.web.people import author


@dataclass(frozen=True, slots=True)
class SourceView:
    """A post beside the text that is made from it."""

    label: str
    title: str
    """Of its thread."""
    author: Author
    space_name: str
    access: str
    """Empty for a space that everybody may read; else "members" or "exclusive"."""
    url: str
    html: Markup
    hidden: bool = False
    erased: bool = False
    changed: bool = False
    no_longer_solution: bool = False


def source_view(post: SourcePost, source: EditorialSource | None = None) -> SourceView:
    """With `source` also how it stands as a source."""
    is_opening = post.kind == "opening"
    return SourceView(
        label=_("Question") if is_opening else _("Answer"),
        title=post.thread_title,
        author=author(post.author),
        space_name=post.space_name,
        access=_access(post.space_access),
        url=thread_url(post.thread_id, post.thread_slug) if is_opening else f"/posts/{post.post_id}",
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
        hidden=post.hidden,
        erased=post.erased,
        changed=source is not None and source.changed,
        no_longer_solution=source is not None and not is_opening and not source.is_solution,
    )


def views_of_thread(thread: ThreadView, posts: PostPage) -> tuple[SourceView, ...]:
    """What a new entry will be made from: the opening post and the solution."""
    chosen = [(_("Question"), posts.opening), (_("Answer"), posts.solution)]
    return tuple(
        SourceView(
            label=label,
            title=thread.title,
            author=author(post.author),
            space_name=thread.space_name,
            access=_access(thread.space_access),
            url=thread_url(thread.id, thread.slug),
            html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
            hidden=post.hidden_at is not None,
        )
        for label, post in chosen
        if post is not None
    )


def _access(access: str) -> str:
    return "" if access == "open" else access
