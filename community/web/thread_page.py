"""What stands on the page of a thread, made from rows: the page object and the functions that fill it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from types import MappingProxyType
from urllib.parse import quote

from community.accounts.asker_mails import rating_names
from community.attachments.queries import AttachmentRow
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number, pgettext
from community.core.pagination import Cursor
from community.core.viewer import Viewer
from community.ideas.permissions import is_idea
from community.ideas.queries import StepRow
from community.moderation.notes import NoteRow
from community.ranks.permissions import can_ask_expert
from community.spaces.models import SpaceAccess, SpaceKind
from community.spaces.queries import find_four_eyes, list_readers
from community.threads import permissions
from community.threads.lists import ThreadLine
from community.threads.merged import Origin
from community.threads.queries import POSTS_PER_PAGE, PostPage, PostRow, ThreadView
from community.threads.satisfaction import Asked
from community.web.articles import ArticleView, without_teaser
from community.web.attaching import AttachField
from community.web.idea_views import IdeaView, idea_view
from community.web.lists import Status, shown_status, tag_links, thread_row, thread_url
from community.web.parts import (
    Choice,
    CommentForm,
    Crumb,
    FaqCard,
    FilterLink,
    FormState,
    Link,
    Pager,
    PersonalHint,
    PostView,
    Text,
    ThreadRow,
    When,
    numbered_pager,
)
from community.web.post_views import PostViews
from community.web.writing import say_mute


@dataclass(frozen=True, slots=True)
class Composer:
    """The form for an answer."""

    url: str
    heading: str
    label: str
    button: str
    posted_as: str
    """The line on who will be seen as the writer and who can read it."""
    form: FormState = field(default_factory=FormState)
    hints: tuple[PersonalHint, ...] = ()
    preview: Text = ()
    draft_url: str = ""
    draft_saved: When | None = None
    language: str = ""
    files: AttachField | None = None
    canned: tuple[Choice, ...] = ()
    """For staff: texts that they can begin an answer with."""


@dataclass(frozen=True, slots=True)
class SatisfactionForm:
    """The question to the asker of a solved thread, or what they have answered."""

    url: str
    ratings: tuple[Choice, ...]
    form: FormState
    token: str = ""
    """Where it stands in the place of a log-in."""
    given: str = ""
    """The answer in words; then there is no form."""


@dataclass(frozen=True, slots=True)
class ThreadPage:
    """A thread as this viewer may see it. Empty addresses are controls that are not shown."""

    id: int
    url: str
    title: str
    description: str
    """The beginning of the solution or the question, for search engines; empty where they do not come."""
    crumbs: tuple[Crumb, ...]
    status: Status
    access: str
    """Empty for a space that everybody may read; else "members" or "exclusive"."""
    pinned: bool
    hidden: bool
    locked: When | None
    tags: tuple[Link, ...]
    question: PostView
    solution: PostView | None
    solution_note: str
    solution_jump_url: str
    answers: tuple[PostView, ...]
    answers_heading: str
    orders: tuple[FilterLink, ...]
    pager: Pager
    facts: tuple[tuple[str, str], ...]
    follow_url: str
    followed: bool
    muted: bool
    same_problem_url: str
    same_problem: bool
    same_problem_count: int
    has_same_problem: bool
    """Whether such a mark makes sense here: in spaces of questions."""
    moderation: tuple[Link, ...]
    composer: Composer | None
    log_in_url: str
    """For guests: where to log in to take part, and back."""
    ask_url: str
    submission: str
    related: tuple[ThreadRow, ...] = ()
    faq: tuple[Link, ...] = ()
    """FAQ entries made from this thread or about its subject."""
    satisfaction: SatisfactionForm | None = None
    """For the asker of a solved question alone."""
    expert_url: str = ""
    """Where the question can be sent to an expert of the space."""
    waiting: tuple[Link, ...] = ()
    """What waits for release here: the viewer's own texts; for staff, everybody's."""
    number: int = 1
    """Which page of the thread this is."""
    cannot_write: str = ""
    """For whoever is muted here: until when, and why. Then there is no form."""
    idea: IdeaView | None = None
    article: ArticleView | None = None
    live: str = ""
    """For members: how their browser asks for what is answered after what this page shows."""


def answers_heading(space_kind: str, count: int) -> str:
    """ "5 answers"; under a blog article "5 comments"."""
    if space_kind == SpaceKind.BLOG:
        return ngettext("%(num)s comment", "%(num)s comments", count) % {"num": number(count)}
    return ngettext("%(num)s answer", "%(num)s answers", count) % {"num": number(count)}


async def posted_as(viewer: Viewer, space_id: int, access: str, *, is_article: bool = False) -> str:
    """The promise above every form that publishes something. Staff post under their own short name."""
    values = {"name": viewer.nickname, "readers": await _readers(viewer, space_id, access)}
    if viewer.is_staff:
        said = _("You post as %(name)s, shown as staff. Readable by: %(readers)s.") % values
        asked = await find_four_eyes(space_id)
        if asked.articles_wait if is_article else asked.staff_posts_wait:
            said += " " + _("It is public once a second person of the staff has released it.")
        return said
    return _("You post as %(name)s. Your company is not shown. Readable by: %(readers)s.") % values


async def _readers(viewer: Viewer, space_id: int, access: str) -> str:
    if access == SpaceAccess.OPEN:
        return _("everyone on the internet")
    if access == SpaceAccess.MEMBERS:
        return _("all members")
    groups, are_all = await list_readers(space_id, viewer)
    names = ", ".join(groups)
    if are_all:
        return _("members of %(groups)s") % {"groups": names}
    return _("members of %(groups)s and of further closed groups") % {"groups": names}


def page_url(thread: ThreadView, page: int, order: str) -> str:
    """The address of one page of a thread in one order."""
    url = thread_url(thread.id, thread.slug)
    parts = [f"order={order}"] if order != "oldest" else []
    if page > 1:
        parts.append(f"page={page}")
    return f"{url}?{'&'.join(parts)}" if parts else url


def make_thread_page(
    thread: ThreadView,
    posts: PostPage,
    viewer: Viewer,
    *,
    page: int,
    order: str,
    submission: str,
    description: str,
    composer: Composer | None,
    related: tuple[ThreadLine, ...] = (),
    faq: tuple[Link, ...] = (),
    comment_forms: Mapping[int, CommentForm] | None = None,
    satisfaction: SatisfactionForm | None = None,
    newest_answer_at: datetime | None = None,
    offers_experts: bool = False,
    waiting: tuple[Link, ...] = (),
    origins: Mapping[int, Origin] | None = None,
    attachments: Mapping[int, tuple[AttachmentRow, ...]] = MappingProxyType({}),
    note_count: int = 0,
    notes: Mapping[int, tuple[NoteRow, ...]] = MappingProxyType({}),
    cards: Mapping[int, FaqCard] = MappingProxyType({}),
    idea_steps: tuple[StepRow, ...] = (),
    article: ArticleView | None = None,
) -> ThreadPage:
    """The page object. `comment_forms` are the comment forms that stand open, by post.

    `newest_answer_at`: since when an unsolved question waits for its asker, for those who may accept in their place.
    """
    views = PostViews(
        thread,
        viewer,
        newest_answer_at=newest_answer_at,
        origins=origins,
        attachments=attachments,
        notes=notes,
        cards=cards,
    )
    forms = comment_forms or {}

    def view(post: PostRow) -> PostView:
        return views.view(post, posts.comments.get(post.id, ()), comment_form=forms.get(post.id))

    is_question = thread.space_kind == SpaceKind.QUESTIONS
    solution = view(posts.solution) if posts.solution else None
    reply = view(posts.reply) if posts.reply else None
    lifted = {each.id: replace(each, is_pointer=True) for each in (solution, reply) if each is not None}
    answers = tuple(lifted.get(post.id) or view(post) for post in posts.answers)
    url = thread_url(thread.id, thread.slug)
    last_page = max(1, -(-posts.answer_count // POSTS_PER_PAGE))
    base = page_url(thread, 1, order)
    stands_here = any(answer.is_pointer and answer.is_solution for answer in answers)
    return ThreadPage(
        id=thread.id,
        url=url,
        title=thread.title,
        description=description,
        crumbs=(Crumb(_("Home"), "/"), Crumb(thread.space_name, f"/spaces/{thread.space_slug}")),
        status=shown_status(thread.status, thread.space_kind, thread.idea_status),
        access="" if thread.space_access == SpaceAccess.OPEN else thread.space_access,
        pinned=thread.pinned_at is not None,
        hidden=thread.hidden_at is not None,
        locked=When.of(thread.locked_at) if thread.locked_at else None,
        tags=tag_links(thread.tags, thread.space_slug),
        question=without_teaser(view(posts.opening)) if article else view(posts.opening),
        solution=solution,
        solution_note=solution_note(
            thread.accepted_by,
            When.of(thread.accepted_at) if thread.accepted_at else None,
            by_staff=thread.accepted_by_staff,
        ),
        solution_jump_url=_jump_url(solution, stands_here),
        answers=answers,
        answers_heading=answers_heading(thread.space_kind, posts.answer_count),
        orders=_orders(thread, order) if posts.answer_count > 1 else (),
        pager=numbered_pager(page, last_page, base=base),
        facts=_facts(thread),
        follow_url=follow_url(thread, followed=thread.followed)
        if permissions.can_follow(viewer, thread)
        else "",
        followed=thread.followed,
        muted=thread.muted,
        same_problem_url=same_problem_url(thread, viewer) if is_question else "",
        same_problem=thread.same_problem,
        same_problem_count=thread.same_problem_count,
        has_same_problem=is_question,
        moderation=_moderation(thread, viewer, note_count) if permissions.can_keep_order(viewer) else (),
        composer=composer,
        log_in_url=f"/log-in?next={quote(url, safe='/')}" if viewer.is_guest and not thread.locked_at else "",
        ask_url=f"/ask?space={thread.space_slug}",
        submission=submission,
        related=tuple(thread_row(line, None) for line in related),
        faq=faq,
        satisfaction=satisfaction,
        expert_url=f"/threads/{thread.id}/experts" if offers_experts else "",
        waiting=waiting,
        number=page,
        cannot_write=say_mute(viewer, thread.space_id),
        article=article,
        idea=idea_view(thread, viewer, reply, idea_steps) if is_idea(thread) else None,
        live=f"thread={thread.id}&after={Cursor(thread.last_activity_at, 0)}" if viewer.is_member else "",
    )


def follow_url(thread: ThreadView, *, followed: bool) -> str:
    """Where the follow button posts to, given what is so now."""
    return f"/threads/{thread.id}/{'unfollow' if followed else 'follow'}"


def same_problem_url(thread: ThreadView, viewer: Viewer) -> str:
    """Where the button "same problem" posts to, or nothing where the viewer cannot press it."""
    if not permissions.can_mark_same_problem(viewer, thread):
        return ""
    return f"/threads/{thread.id}/same-problem{'/take-back' if thread.same_problem else ''}"


def make_satisfaction_form(
    url: str, form: FormState, *, token: str = "", asked: Asked | None = None
) -> SatisfactionForm:
    """The form, or the answer if `asked` has one."""
    names = rating_names()
    return SatisfactionForm(
        url=url,
        ratings=tuple(Choice(str(rating), f"{rating} – {name}") for rating, name in names.items()),
        form=form,
        token=token,
        given=f"{asked.rating} – {names[asked.rating]}" if asked and asked.rating else "",
    )


def solution_note(accepted_by: str | None, accepted: When | None, *, by_staff: bool = False) -> str:
    """Who accepted a solution, and when; whether it was staff in the asker's place."""
    if accepted is None:
        return ""
    if by_staff and accepted_by is None:
        return _("Accepted by staff on the asker’s behalf, %(when)s") % {"when": accepted.text}
    if by_staff:
        values = {"name": accepted_by, "when": accepted.text}
        return _("Accepted by %(name)s (staff) on the asker’s behalf, %(when)s") % values
    if accepted_by is None:
        return _("Accepted %(when)s") % {"when": accepted.text}
    return _("Accepted by %(name)s, %(when)s") % {"name": accepted_by, "when": accepted.text}


def _jump_url(solution: PostView | None, stands_here: bool) -> str:
    if solution is None:
        return ""
    return f"#{solution.anchor}" if stands_here else solution.permalink


def _orders(thread: ThreadView, current: str) -> tuple[FilterLink, ...]:
    names = {
        "oldest": pgettext("order", "Oldest"),
        "newest": pgettext("order", "Newest"),
        "kudos": pgettext("order", "Most kudos"),
    }
    return tuple(
        FilterLink(label, page_url(thread, 1, name) + "#answers", current=name == current)
        for name, label in names.items()
    )


def _facts(thread: ThreadView) -> tuple[tuple[str, str], ...]:
    facts = [(_("Started"), When.of(thread.created_at).text)]
    if thread.last_activity_at > thread.created_at:
        facts.append((_("Last activity"), When.of(thread.last_activity_at).text))
    if thread.accepted_at is not None:
        facts.append((_("Solved"), When.of(thread.accepted_at).text))
    followers = ngettext("%(num)s member", "%(num)s members", thread.follower_count)
    facts.append((_("Followed by"), followers % {"num": number(thread.follower_count)}))
    return tuple(facts)


def _moderation(thread: ThreadView, viewer: Viewer, note_count: int) -> tuple[Link, ...]:
    base = f"/moderation/threads/{thread.id}"
    lock = Link(_("Unlock"), f"{base}/unlock") if thread.locked_at else Link(_("Lock"), f"{base}/lock")
    pin = Link(_("Unpin"), f"{base}/unpin") if thread.pinned_at else Link(_("Pin"), f"{base}/pin")
    links = [lock, pin, Link(_("Move"), f"{base}/move"), Link(_("Title and tags"), f"{base}/title")]
    links.append(Link(_("Merge with another thread"), f"{base}/merge"))
    if thread.answer_count:
        links.append(Link(_("Move answers to another thread"), f"{base}/split"))
    if can_ask_expert(viewer, thread):
        links.append(Link(_("Ask an expert"), f"/threads/{thread.id}/experts"))
    if thread.solution_post_id is not None:
        links.append(Link(_("Create an FAQ entry"), f"/moderation/faq/new?thread={thread.id}"))
    links.append(Link(_("Notes of the team (%(count)s)") % {"count": number(note_count)}, f"{base}/notes"))
    links.append(Link(_("Choose several"), f"/moderation/several?thread={thread.id}"))
    links.append(Link(_("What was done here"), f"/moderation/log?subject=thread:{thread.id}"))
    return tuple(links)
