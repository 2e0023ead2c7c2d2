"""Posts as one viewer sees them: from rows to views, each made once for all that see the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from types import MappingProxyType
from typing import NamedTuple

from markupsafe import Markup

from community.attachments.queries import AttachmentRow
from community.core import i18n
from community.core.i18n import gettext as _
from community.core.memory import remembered
from community.core.viewer import Viewer
from community.moderation.notes import NoteRow
from community.spaces.models import SpaceKind
from community.threads import permissions
from community.threads.merged import Origin
from community.threads.models import PostKind
from community.threads.queries import PostRow, ThreadView
from community.web.attaching import view_of
from community.web.faq_cards import parts_of
from community.web.lists import thread_url
from community.web.parts import (
    AttachmentView,
    CommentForm,
    CommentView,
    FaqCard,
    InternalComment,
    Link,
    PostView,
    Text,
    When,
)
from community.web.people import author

MOST_REMEMBERED = 6000
"""About one kilobyte each."""


def post_anchor(post: PostRow) -> str:
    """The id of the element in which a post stands."""
    return f"comment-{post.id}" if post.kind == PostKind.COMMENT else f"post-{post.id}"


def opening_label(space_kind: str) -> str:
    """What stands before the name of whoever started the thread."""
    return {
        SpaceKind.QUESTIONS: _("Question by"),
        SpaceKind.IDEAS: _("Idea by"),
        SpaceKind.BLOG: _("Article by"),
    }.get(SpaceKind(space_kind), _("Post by"))


def answer_label(space_kind: str) -> str:
    """What stands before the name of whoever answered."""
    return _("Comment by") if space_kind == SpaceKind.BLOG else _("Answer by")


class _May(NamedTuple):
    """What the viewer may do with one post."""

    thank: bool
    edit: bool
    flag: bool
    accept_for_asker: bool
    unlink: bool
    erase: bool


class _Shared(NamedTuple):
    """What the views of all posts of one thread depend on besides the posts, for viewers who may do the same."""

    language: str
    thread_id: int
    url: str
    asker_id: int | None
    solution_id: int | None
    is_hidden: bool
    space_kind: str
    subject: str
    is_member: bool
    takes_part: bool
    accepts: bool
    withdraws: bool
    keeps_order: bool


class PostViews:
    """Makes the views of the posts of one thread for one viewer; what all posts share is worked out once.

    A view that was made before is used again: it follows from the rows of the post and its comments, from the texts
    of their dates, and from what the viewer may do, never from who it is.
    """

    def __init__(
        self,
        thread: ThreadView,
        viewer: Viewer,
        *,
        newest_answer_at: datetime | None = None,
        origins: Mapping[int, Origin] | None = None,
        attachments: Mapping[int, tuple[AttachmentRow, ...]] = MappingProxyType({}),
        notes: Mapping[int, tuple[NoteRow, ...]] = MappingProxyType({}),
        cards: Mapping[int, FaqCard] = MappingProxyType({}),
    ) -> None:
        self.notes = notes
        self.cards = cards
        self.origins = origins or {}
        self.thread = thread
        self.attachments = attachments
        self.newest_answer_at = newest_answer_at
        self.viewer = viewer
        is_question = thread.space_kind == SpaceKind.QUESTIONS
        self.shared = _Shared(
            language=i18n.language(),
            thread_id=thread.id,
            url=thread_url(thread.id, thread.slug),
            asker_id=thread.author_id,
            solution_id=thread.solution_post_id,
            is_hidden=thread.hidden_at is not None,
            space_kind=thread.space_kind,
            subject=thread.space_name,
            is_member=viewer.is_member,
            takes_part=permissions.can_answer(viewer, thread),
            accepts=is_question and permissions.can_accept_solution(viewer, thread),
            withdraws=is_question
            and permissions.can_withdraw_solution(viewer, thread, by_staff=thread.accepted_by_staff),
            keeps_order=permissions.can_keep_order(viewer),
        )

    def view(
        self, post: PostRow, comments: tuple[PostRow, ...] = (), *, comment_form: CommentForm | None = None
    ) -> PostView:
        """An opening post or an answer."""
        edited = When.of(post.edited_at) if post.edited_at else None
        commented = tuple(self.comment(comment) for comment in comments)
        files = tuple(view_of(row) for row in self.attachments.get(post.id, ()))
        origin = _origin(post.moved_from_id, self.origins.get(post.moved_from_id or 0))
        when = When.of(post.created_at)
        parts = parts_of(post.body_html, self.cards)
        view = _post_view(self.shared, self._may(post), post, when, edited, commented, origin, files, parts)
        if self.notes:
            view = _with_notes(view, self._notes(post, comments))
        if comment_form is None:
            return view
        # What somebody is about to write is remembered nowhere.
        return replace(view, comment_url=f"/posts/{post.id}/comments", comment_form=comment_form)

    def _notes(self, post: PostRow, comments: tuple[PostRow, ...]) -> tuple[InternalComment, ...]:
        """Those on the post, then those on the comments under it."""
        return tuple(
            internal_comment(note, _about_comment(each) if each is not post else "")
            for each in (post, *comments)
            for note in self.notes.get(each.id, ())
        )

    def comment(self, comment: PostRow) -> CommentView:
        """A remark under a post."""
        parts = parts_of(comment.body_html, self.cards)
        return _comment_view(self.shared, self._may(comment), comment, When.of(comment.created_at), parts)

    def _is_hidden(self, post: PostRow) -> bool:
        return post.hidden_at is not None or (post.kind == PostKind.OPENING and self.shared.is_hidden)

    def _may(self, post: PostRow) -> _May:
        viewer = self.viewer
        return _May(
            thank=permissions.can_give_kudos(viewer, self.thread, post),
            edit=permissions.can_edit_post(viewer, self.thread, post),
            flag=permissions.can_flag_post(viewer, post),
            accept_for_asker=post.kind == PostKind.ANSWER
            and permissions.can_accept_for_asker(viewer, self.thread, post, self.newest_answer_at),
            unlink=permissions.can_unlink_author(viewer, post),
            # Hidden first: so the menu of what everybody reads stays short.
            erase=permissions.can_erase_post(viewer, post) and self._is_hidden(post),
        )


@remembered(MOST_REMEMBERED)
def _post_view(
    shared: _Shared,
    may: _May,
    post: PostRow,
    when: When,
    edited: When | None,
    comments: tuple[CommentView, ...],
    origin: Link | None,
    attached: tuple[AttachmentView, ...],
    parts: Text,
) -> PostView:
    is_opening = post.kind == PostKind.OPENING
    is_solution = post.id == shared.solution_id
    base = f"/posts/{post.id}"
    is_open_to_choice = post.hidden_at is None and not is_opening and not is_solution
    may_accept = may.accept_for_asker or (shared.accepts and is_open_to_choice)
    asker_id = None if is_opening else shared.asker_id
    return PostView(
        id=post.id,
        anchor=f"post-{post.id}",
        kind="question" if is_opening else "answer",
        author=author(post.author, asker_id=asker_id, subject=shared.subject),
        when=when,
        html=Markup(post.body_html),  # noqa: S704 - cleaned when it was written
        parts=parts,
        label=opening_label(shared.space_kind) if is_opening else answer_label(shared.space_kind),
        permalink=base,
        edited=edited,
        history_url=f"{base}/history" if edited and shared.is_member else "",
        kudos_count=post.kudos_count,
        kudos_given=post.kudos_given,
        kudos_url=(f"{base}/kudos/take-back" if post.kudos_given else f"{base}/kudos") if may.thank else "",
        givers_url=f"{base}/kudos" if post.kudos_count and shared.is_member else "",
        comments=comments,
        comment_url=f"{base}/comments" if shared.takes_part and post.hidden_at is None else "",
        quote_url=f"{shared.url}?quote={post.id}#answer" if shared.takes_part else "",
        edit_url=f"{base}/edit" if may.edit else "",
        flag_url=_flag_url(shared, may, base),
        is_solution=is_solution,
        accept_url=f"/threads/{shared.thread_id}/answers/{post.id}/accept" if may_accept else "",
        accepts_for_asker=may.accept_for_asker,
        withdraw_url=f"/threads/{shared.thread_id}/solution/withdraw"
        if is_solution and shared.withdraws
        else "",
        hidden=post.hidden_at is not None or (is_opening and shared.is_hidden),
        hide_url=_hide_url(shared, post),
        moderation=_further_acts(shared.keeps_order, may, post),
        origin=origin,
        pictures=tuple(each for each in attached if each.small_url),
        files=tuple(each for each in attached if not each.small_url),
    )


@remembered(MOST_REMEMBERED)
def _with_notes(view: PostView, notes: tuple[InternalComment, ...]) -> PostView:
    return replace(view, notes=notes) if notes else view


def _about_comment(comment: PostRow) -> str:
    return _("on the comment by %(name)s") % {"name": author(comment.author).name}


def internal_comment(note: NoteRow, about: str = "") -> InternalComment:
    url = f"/moderation/posts/{note.subject.post_id}/notes"
    return InternalComment(note.text, note.author or _("Former member"), When.of(note.created_at), url, about)


@remembered(MOST_REMEMBERED)
def _comment_view(shared: _Shared, may: _May, comment: PostRow, when: When, parts: Text) -> CommentView:
    return CommentView(
        id=comment.id,
        author=author(comment.author, asker_id=shared.asker_id, subject=shared.subject),
        when=when,
        html=Markup(comment.body_html),  # noqa: S704 - cleaned when it was written
        parts=parts,
        edited=comment.edited_at is not None,
        edit_url=f"/posts/{comment.id}/edit" if may.edit else "",
        flag_url=_flag_url(shared, may, f"/posts/{comment.id}"),
        hidden=comment.hidden_at is not None,
        hide_url=_hide_url(shared, comment),
        notes_url=f"/moderation/posts/{comment.id}/notes" if shared.keeps_order else "",
    )


def _origin(thread_id: int | None, origin: Origin | None) -> Link | None:
    """That a post was written in another thread, with the way there if there is one for this viewer."""
    if origin is None:
        return None
    if not origin.title:
        return Link(_("Moved here from another thread"), "")
    if origin.merged:
        return Link(_("From the merged thread “%(title)s”") % {"title": origin.title}, "")
    label = _("Moved here from “%(title)s”") % {"title": origin.title}
    return Link(label, thread_url(thread_id or 0, origin.slug))


def _further_acts(keeps_order: bool, may: _May, post: PostRow) -> tuple[Link, ...]:
    """What staff do to a post besides hiding it."""
    base = f"/moderation/posts/{post.id}"
    links = [Link(_("Internal comments"), f"{base}/notes")] if keeps_order else []
    if may.unlink:
        links.append(Link(_("Take the nickname off"), f"{base}/unlink"))
    if may.erase:
        links.append(Link(_("Erase for good"), f"{base}/erase"))
    return tuple(links)


def _flag_url(shared: _Shared, may: _May, base: str) -> str:
    if not shared.is_member:
        return f"/report?url={base}"
    return f"{base}/flag" if may.flag else ""


def _hide_url(shared: _Shared, post: PostRow) -> str:
    if not shared.keeps_order:
        return ""
    is_hidden = shared.is_hidden if post.kind == PostKind.OPENING else post.hidden_at is not None
    return f"/moderation/posts/{post.id}/{'restore' if is_hidden else 'hide'}"
