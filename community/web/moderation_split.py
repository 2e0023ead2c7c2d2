"""Taking answers out of a thread: to a new thread, or to another one."""

from __future__ import annotations

from dataclasses import dataclass

from starlette.requests import Request
from starlette.responses import Response

from community.core.clock import now
from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.markdown import excerpt, plain_text
from community.core.viewer import Viewer
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.carrying import opens_up
from community.threads.lists import list_related
from community.threads.merged import AnswerLine, list_answers
from community.threads.queries import ThreadView, get_thread
from community.threads.splitting import MOST_CHOSEN, NewThread, split_thread
from community.web.acting import redirect_after_act
from community.web.forms import check_length, read_form_with_choices
from community.web.lists import thread_url
from community.web.moderation_merge import find_target
from community.web.moderation_order import check_reason, crumbs_of, load_thread, readers_after
from community.web.pages import Head, show, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FormState, When
from community.web.posts import LONGEST_TITLE

LONGEST_EXCERPT = 160


@dataclass(frozen=True, slots=True)
class ChoiceOfAnswer:
    """An answer that can be taken out."""

    id: int
    author: str
    when: When
    excerpt: str
    chosen: bool
    is_solution: bool


@dataclass(frozen=True, slots=True)
class SplitPage:
    """Which answers, where to, and what follows."""

    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    answers: tuple[ChoiceOfAnswer, ...]
    spaces: tuple[Choice, ...]
    related: tuple[Choice, ...]
    longest_title: int
    form: FormState
    follows: tuple[str, ...] = ()
    """What will be so then, in sentences; empty until everything is chosen."""
    confirmed: str = ""
    opens_up: bool = False


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What the form says, looked up."""

    chosen: tuple[int, ...]
    target: ThreadView | None
    space: SpaceCard | None
    title: str
    errors: tuple[FieldError, ...]

    @property
    def mark(self) -> str:
        """What the preview was about; with another choice it is shown anew."""
        to = self.target.id if self.target else f"{self.space.id if self.space else ''}-{self.title}"
        return f"{','.join(map(str, self.chosen))}:{to}"


async def show_split_form(request: Request) -> Response:
    thread = await load_thread(request)
    chosen = request.query_params.get("post", "")
    return await _show(request, thread, FormState({"space": thread.space_slug}), chosen=(chosen,))


async def split(request: Request) -> Response:
    """The first press shows what follows; `confirmed` says what that was about."""
    viewer = viewer_of(request)
    thread = await load_thread(request)
    fields, given = await read_form_with_choices(request, "post", most=MOST_CHOSEN)
    wanted = await _read(request, thread, given, fields)
    errors = (*wanted.errors, *check_reason(fields))
    chosen = tuple(map(str, wanted.chosen))
    if errors:
        return await _show(request, thread, FormState(fields, errors), chosen=chosen, status=422)
    if fields.get("confirmed") != wanted.mark:
        return await _show(request, thread, FormState(fields), chosen=chosen, wanted=wanted)
    to = (
        wanted.target.id if wanted.target else NewThread(wanted.space.id if wanted.space else 0, wanted.title)
    )
    began_at = now()
    try:
        target_id = await split_thread(
            thread.id,
            wanted.chosen,
            to=to,
            by=viewer,
            reason=fields["reason"],
            opening_up=fields.get("opening_up") == "1",
        )
    except RuleBroken as error:
        state = FormState(fields, (FieldError("", str(error)),))
        return await _show(request, thread, state, chosen=chosen, wanted=wanted, status=409)
    target = await get_thread(target_id, viewer)
    return await redirect_after_act(
        thread_url(target.id, target.slug), f"thread:{thread.id}", by=viewer, since=began_at
    )


async def _read(
    request: Request, thread: ThreadView, chosen: tuple[int, ...], fields: dict[str, str]
) -> _Wanted:
    viewer = viewer_of(request)
    errors: list[FieldError] = []
    if not chosen:
        errors.append(FieldError("post", _("Please choose some of the answers.")))
    into = fields.get("into", "").strip() or fields.get("related", "")
    fields["into"] = into
    if into:
        target = await find_target(into, viewer)
        if target is None or target.id == thread.id:
            text = _("Please paste the address of another thread that you can read.")
            errors.append(FieldError("into", text))
        return _Wanted(chosen, target, None, "", tuple(errors))
    title = " ".join(fields.get("title", "").split())
    errors += check_length("title", title, least=1, most=LONGEST_TITLE)
    space = next((card for card in _spaces(request) if card.slug == fields.get("space")), None)
    if space is None:
        errors.append(FieldError("space", _("Please choose a space.")))
    return _Wanted(chosen, None, space, title, tuple(errors))


def _spaces(request: Request) -> list[SpaceCard]:
    viewer = viewer_of(request)
    return [card for card in request.state.spaces if card.kind != SpaceKind.BLOG and viewer.may_read(card.id)]


async def _show(
    request: Request,
    thread: ThreadView,
    form: FormState,
    *,
    chosen: tuple[str, ...] = (),
    wanted: _Wanted | None = None,
    status: int = 200,
) -> Response:
    viewer = viewer_of(request)
    answers = await list_answers(thread.id, viewer)
    access, space_id = _where_to(wanted)
    page = SplitPage(
        url=f"/moderation/threads/{thread.id}/split",
        back_url=thread_url(thread.id, thread.slug),
        crumbs=crumbs_of(thread),
        answers=tuple(_choice(answer, thread, chosen) for answer in answers),
        spaces=tuple(Choice(card.slug, card.name) for card in _spaces(request)),
        related=tuple(Choice(str(line.id), line.title) for line in await list_related(viewer, thread.id)),
        longest_title=LONGEST_TITLE,
        form=form,
        follows=await _follows(request, thread, wanted) if wanted else (),
        confirmed=wanted.mark if wanted else "",
        opens_up=bool(access)
        and opens_up(thread.space_access, access, same_space=space_id == thread.space_id),
    )
    return await show(request, "moderation/split.html", page, Head(section="moderation"), status=status)


def _where_to(wanted: _Wanted | None) -> tuple[str, int]:
    if wanted is not None and wanted.target is not None:
        return wanted.target.space_access, wanted.target.space_id
    if wanted is not None and wanted.space is not None:
        return wanted.space.access, wanted.space.id
    return "", 0


def _choice(answer: AnswerLine, thread: ThreadView, chosen: tuple[str, ...]) -> ChoiceOfAnswer:
    return ChoiceOfAnswer(
        id=answer.id,
        author=answer.author or _("Former member"),
        when=When.of(answer.created_at),
        excerpt=excerpt(plain_text(answer.body_html), LONGEST_EXCERPT),
        chosen=str(answer.id) in chosen,
        is_solution=answer.id == thread.solution_post_id,
    )


async def _follows(request: Request, thread: ThreadView, wanted: _Wanted) -> tuple[str, ...]:
    count = len(wanted.chosen)
    moved = ngettext("%(num)s answer", "%(num)s answers", count) % {"num": number(count)}
    if wanted.target is not None:
        where = {"answers": moved, "title": wanted.target.title}
        sentences = [_("%(answers)s with their comments go to “%(title)s”.") % where]
    else:
        where = {"answers": moved, "title": wanted.title}
        sentences = [
            _("%(answers)s with their comments become the new thread “%(title)s”; the oldest one opens it.")
            % where
        ]
    if thread.solution_post_id in wanted.chosen:
        sentences.append(
            _(
                "The solution is among them: this question is open again. It stays a solution where it can be one."
            )
        )
    _access, space_id = _where_to(wanted)
    if space_id != thread.space_id:
        viewer: Viewer = viewer_of(request)
        card = next(space for space in request.state.spaces if space.id == space_id)
        sentences.append(await readers_after(card, viewer))
    return tuple(sentences)
