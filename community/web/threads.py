"""Reading a thread, and what a member does to it as a whole: same problem, follow, answer, withdraw the solution."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from community.attachments.queries import AttachmentRow, list_of_posts
from community.core import markdown
from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.markdown import plain_text
from community.core.quotation import first_sentences
from community.core.submissions import new_key
from community.core.viewer import Viewer
from community.faq.queries import list_for_thread
from community.http.by_people import is_by_a_person
from community.ideas.permissions import is_idea
from community.ideas.queries import list_steps
from community.moderation.notes import NoteRow, list_on_page
from community.ranks.expert_questions import has_askable_experts
from community.ranks.permissions import can_ask_expert
from community.spaces.models import SpaceAccess, SpaceKind
from community.threads import marks, permissions, queries, reminders, satisfaction
from community.threads.lists import list_related
from community.threads.merged import list_origins
from community.threads.models import ThreadStatus
from community.threads.queries import ORDERS, PostPage, ThreadView
from community.waiting.queries import list_in_thread
from community.web.articles import article_view, picture_of, teaser_of
from community.web.attaching import Attached, attach_field, find_attached
from community.web.canned_answers import list_choices
from community.web.faq_cards import cards_of, quoted_on
from community.web.forms import read_form
from community.web.limiting import count_kudos
from community.web.pages import (
    LARGEST_ID,
    Head,
    choose_language,
    page_number,
    path_id,
    redirect,
    show,
    templates_of,
    viewer_of,
)
from community.web.parts import CommentForm, FormState, Link, PersonalHint, Text, When
from community.web.structured_data import thread_data
from community.web.thread_page import (
    Composer,
    SatisfactionForm,
    follow_url,
    make_satisfaction_form,
    make_thread_page,
    page_url,
    posted_as,
    same_problem_url,
    thread_url,
)
from community.web.waiting_lines import waiting_links
from community.web.writing import demand_voice, is_fragment

LONGEST_DESCRIPTION = 155
BACK = {"notifications": "/notifications", "following": "/settings/following"}
"""Lists with buttons for threads, by what their forms say."""


async def show_thread(request: Request) -> Response:
    """The page of a thread; an address with another slug, or none, leads to the right one for good."""
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    moved = _right_address(request, thread)
    if moved:
        return RedirectResponse(moved, status_code=301)
    _note_reading(request, thread)
    return await show_thread_page(request, thread)


def _note_reading(request: Request, thread: ThreadView) -> None:
    """Count that somebody opened it, for staff who look for what an FAQ entry should say: not who."""
    is_first_page = "page" not in request.query_params and "hx-request" not in request.headers
    if is_first_page and not viewer_of(request).is_staff and is_by_a_person(request.headers):
        request.app.state.noted_readings.note(thread.id)


def _right_address(request: Request, thread: ThreadView) -> str:
    """The address this page should have been asked under; nothing if it was."""
    given = dict(request.query_params)
    url = thread_url(thread.id, thread.slug)
    if request.url.path == url and given.get("page") != "1":
        return ""
    if given.get("page") == "1":
        del given["page"]
    kept: dict[str, str] = {
        name: given[name] for name in ("order", "page", "quote", "comment") if name in given
    }
    return with_query(url, kept)


async def show_thread_page(
    request: Request,
    thread: ThreadView,
    *,
    status: int = 200,
    composer: Composer | None = None,
    comment_forms: dict[int, CommentForm] | None = None,
    satisfaction_form: FormState | None = None,
    page: int | None = None,
) -> Response:
    """The page as asked for, or as a form comes back on it: with the composer or the comment form given."""
    viewer = viewer_of(request)
    order = request.query_params.get("order", "oldest")
    if order not in ORDERS:
        raise NotFound
    choose_language(request, thread.language)
    page = page or page_number(request)
    posts = await queries.get_post_page(thread, viewer, page=page, order=order)
    if composer is None and permissions.can_answer(viewer, thread):
        composer = await _fresh_composer(request, thread, viewer)
    if comment_forms is None and permissions.can_answer(viewer, thread):
        comment_forms = {wanted: CommentForm() for wanted in [_number(request, "comment")] if wanted}
    attachments = await list_of_posts(posts.ids)
    files = attachments.get(posts.opening.id, ())
    is_article = thread.space_kind == SpaceKind.BLOG
    head = _head(request, thread, posts, page, order, teaser_of(files) if is_article else None)
    note_count, notes = await _notes(thread, posts, viewer)
    entries, quoted = await list_for_thread(viewer, thread.id, quoted_on(posts))
    view = make_thread_page(
        thread,
        posts,
        viewer,
        page=page,
        order=order,
        submission=new_key() if viewer.is_member else "",
        description=head.description,
        composer=composer,
        related=await list_related(viewer, thread.id),
        faq=tuple(Link(entry.question, entry.url) for entry in entries),
        comment_forms=comment_forms,
        satisfaction=await _satisfaction(thread, viewer, satisfaction_form or FormState()),
        newest_answer_at=await _waiting_since(thread, viewer),
        offers_experts=await _offers_experts(thread, viewer),
        waiting=waiting_links(await list_in_thread(thread.id, viewer)) if viewer.is_member else (),
        origins=await list_origins(_brought_from(posts), viewer),
        attachments=attachments,
        note_count=note_count,
        notes=notes,
        cards=cards_of(quoted),
        idea_steps=await list_steps(thread.id) if is_idea(thread) else (),
        article=await article_view(thread, posts, files, viewer) if is_article else None,
    )
    return await show(request, "threads/show.html", view, head, status=status)


async def _notes(
    thread: ThreadView, posts: PostPage, viewer: Viewer
) -> tuple[int, dict[int, tuple[NoteRow, ...]]]:
    """What the team says to each other; nobody else's page asks for it."""
    if not viewer.is_moderator:
        return 0, {}
    commented = {comment.id for comments in posts.comments.values() for comment in comments}
    return await list_on_page(thread.id, posts.ids | commented, viewer)


def _brought_from(posts: PostPage) -> list[int]:
    shown = (posts.opening, posts.solution, posts.reply, *posts.answers)
    return [post.moved_from_id for post in shown if post is not None and post.moved_from_id is not None]


async def _satisfaction(thread: ThreadView, viewer: Viewer, form: FormState) -> SatisfactionForm | None:
    """What the asker of a solved question is asked; nobody else learns of it."""
    if thread.solution_post_id is None or not permissions.can_give_satisfaction(viewer, thread):
        return None
    asked = await satisfaction.find_asked(thread.id)
    if asked is None:
        return None
    return make_satisfaction_form(f"/threads/{thread.id}/satisfaction", form, asked=asked)


async def _offers_experts(thread: ThreadView, viewer: Viewer) -> bool:
    """Whether the asker can send the question to an expert. Moderators have the link in any case."""
    if thread.author_id != viewer.id or not can_ask_expert(viewer, thread):
        return False
    return await has_askable_experts(thread.space_id)


async def _waiting_since(thread: ThreadView, viewer: Viewer) -> datetime | None:
    """For those who may accept on the asker's behalf: since when an unsolved question waits."""
    is_old = now() - thread.created_at >= permissions.STAFF_ACCEPT_AFTER
    if not viewer.is_moderator or thread.status != ThreadStatus.OPEN or not is_old:
        return None
    waiting = await reminders.find_waiting(thread.id)
    return waiting.answered_at if waiting else None


def _head(
    request: Request,
    thread: ThreadView,
    posts: PostPage,
    page: int,
    order: str,
    teaser: AttachmentRow | None,
) -> Head:
    is_open = thread.space_access == SpaceAccess.OPEN and thread.hidden_at is None
    head = Head(
        section="blog" if thread.space_kind == SpaceKind.BLOG else "spaces",
        ask_url=f"/ask?space={thread.space_slug}",
    )
    if not is_open:
        return head
    head = replace(head, feeds=(Link(thread.title, f"/feeds/threads/{thread.id}.atom"),))
    if order != "oldest" or not viewer_of(request).is_guest:
        # Members get the address alone: what follows is for search engines, which come as guests.
        return replace(head, canonical=page_url(thread, page, "oldest") if order == "oldest" else "")
    site, picture = templates_of(request).theme.site, picture_of(teaser)
    return replace(
        head,
        canonical=page_url(thread, page, "oldest"),
        title=thread.title,
        description=_description(thread, posts),
        kind="article",
        picture=Link(picture.alt, picture.url) if picture else None,
        structured_data=tuple(
            thread_data(thread, posts, site, page=page, picture_url=picture.url if picture else "")
        ),
    )


def _number(request: Request, name: str) -> int | None:
    """An id in the query; None where there is none, or nonsense."""
    text = request.query_params.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= len(str(LARGEST_ID)) else None


def _description(thread: ThreadView, posts: PostPage) -> str:
    """The beginning of what answers the question; without a solution, of the question."""
    if thread.space_kind == SpaceKind.BLOG:
        return first_sentences(posts.opening.body_html, LONGEST_DESCRIPTION)
    text = plain_text((posts.solution or posts.opening).body_html)
    return markdown.excerpt(text, LONGEST_DESCRIPTION)


async def _fresh_composer(request: Request, thread: ThreadView, viewer: Viewer) -> Composer:
    """The empty form for an answer, or filled with the draft and the quotation that was asked for."""
    draft = await queries.find_draft(f"answer:{thread.id}", viewer)
    text = draft.body if draft else ""
    quoted = _number(request, "quote")
    if quoted:
        text = f"{text.rstrip()}\n\n".lstrip() + await _quotation(quoted, thread, viewer)
    return await make_composer(
        thread,
        viewer,
        FormState({"body": text} if text else {}),
        saved=When.of(draft.saved_at) if draft else None,
    )


async def _quotation(post_id: int, thread: ThreadView, viewer: Viewer) -> str:
    post, of_thread = await queries.get_post(post_id, viewer)
    if of_thread.id != thread.id:
        raise NotFound
    name = post.author.nickname if post.author else _("Former member")
    return markdown.quote(await queries.get_body(post.id), name)


async def make_composer(
    thread: ThreadView,
    viewer: Viewer,
    form: FormState,
    *,
    hints: tuple[PersonalHint, ...] = (),
    preview: Text = (),
    saved: When | None = None,
    attached: Attached | None = None,
) -> Composer:
    """The form for an answer, in words that fit the kind of space; without `attached`, as it is shown anew."""
    attached = attached or await find_attached(viewer, f"answer:{thread.id}")
    is_blog = thread.space_kind == SpaceKind.BLOG
    return Composer(
        url=f"/threads/{thread.id}/answers",
        heading=_("Write a comment") if is_blog else _("Write an answer"),
        label=_("Your comment") if is_blog else _("Your answer"),
        button=_("Publish comment") if is_blog else _("Publish answer"),
        posted_as=await posted_as(viewer, thread.space_id, thread.space_access),
        form=form,
        hints=hints,
        preview=preview,
        draft_url=f"/drafts/answer:{thread.id}",
        draft_saved=saved,
        language=thread.language,
        files=attach_field(attached),
        canned=await list_choices(thread, viewer),
    )


# --- marks on the thread ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class TogglePage:
    """One button after it was pressed: the answer to a request that replaces just this button."""

    id: int
    url: str
    pressed: bool
    count: int = 0


async def mark_same_problem(request: Request) -> Response:
    return await _toggle_same_problem(request, marked=True)


async def unmark_same_problem(request: Request) -> Response:
    return await _toggle_same_problem(request, marked=False)


async def _toggle_same_problem(request: Request, *, marked: bool) -> Response:
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    if marked:
        demand_voice(viewer, thread.space_id)
        authorize(permissions.can_mark_same_problem(viewer, thread))
    if marked and thread.space_kind != SpaceKind.QUESTIONS:
        raise NotFound  # The mark belongs to questions alone; what was marked before a move can still be taken back.
    await count_kudos(request)
    if marked:
        await marks.mark_same_problem(thread.id, by=viewer.id)
    else:
        await marks.unmark_same_problem(thread.id, by=viewer.id)
    if not is_fragment(request):
        return redirect(thread_url(thread.id, thread.slug))
    choose_language(request, thread.language)
    thread = await queries.get_thread(thread.id, viewer)
    page = TogglePage(
        thread.id, same_problem_url(thread, viewer), thread.same_problem, thread.same_problem_count
    )
    return await show(request, "threads/toggles.html", page, block="same_problem")


async def follow_thread(request: Request) -> Response:
    return await _toggle_follow(request, follows=True)


async def unfollow_thread(request: Request) -> Response:
    return await _toggle_follow(request, follows=False)


async def _toggle_follow(request: Request, *, follows: bool) -> Response:
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    authorize(permissions.can_follow(viewer, thread))
    if follows:
        await marks.follow_thread(thread.id, by=viewer.id)
    else:
        await marks.unfollow_thread(thread.id, by=viewer.id)
    if not is_fragment(request):
        return redirect(await _back(request, thread))
    choose_language(request, thread.language)
    page = TogglePage(thread.id, follow_url(thread, followed=follows), follows)
    return await show(request, "threads/toggles.html", page, block="follow")


async def mute_thread(request: Request) -> Response:
    return await _toggle_mute(request, marks.mute_thread)


async def unmute_thread(request: Request) -> Response:
    return await _toggle_mute(request, marks.unmute_thread)


async def _toggle_mute(request: Request, change: Callable[..., Awaitable[None]]) -> Response:
    """From the thread, or from a list and back to it."""
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    authorize(permissions.can_follow(viewer, thread))
    await change(thread.id, by=viewer.id)
    return redirect(await _back(request, thread), notice="saved")


async def _back(request: Request, thread: ThreadView) -> str:
    """To where the button stood."""
    place = (await read_form(request)).get("from", "")
    return BACK.get(place) or thread_url(thread.id, thread.slug)


async def withdraw_solution(request: Request) -> Response:
    viewer = viewer_of(request)
    thread = await queries.get_thread(path_id(request, "thread_id"), viewer)
    authorize(permissions.can_withdraw_solution(viewer, thread, by_staff=thread.accepted_by_staff))
    await marks.withdraw_solution(thread.id, by=viewer.id)
    return redirect(thread_url(thread.id, thread.slug), notice="withdrawn")
