"""One act on many posts or threads: chosen from a list, done with one reason, shown one by one, undone together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.requests import Request
from starlette.responses import Response

from community.core.addresses import with_query
from community.core.clock import now
from community.core.errors import NotFound, authorize
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.markdown import excerpt, plain_text
from community.core.viewer import Viewer
from community.decisions.batches import BatchView, get_batch
from community.decisions.queries import list_entries_by_ids
from community.members.queries import get_profile
from community.moderation.bulk import ACTS, RESTRICTING, Batched, Wish, act_on_many, undo_many
from community.spaces.models import SpaceKind
from community.spaces.queries import SpaceCard
from community.threads.many import MOST_AT_ONCE, ManyLine, list_chosen, list_many
from community.threads.permissions import can_keep_order
from community.threads.queries import get_thread
from community.threads.undoing import RESTRICTING_AGAIN, restricts_again
from community.web.forms import read_form, read_form_with_choices
from community.web.grounds import ground_choices, read_ground
from community.web.lists import thread_url
from community.web.moderation_erase import check_erasing, erasing_word
from community.web.moderation_log import act_names, entry_views
from community.web.moderation_order import ActPage, check_reason
from community.web.pages import Head, read_id, show, undo_reason, viewer_of
from community.web.parts import Choice, Crumb, FieldError, FilterLink, FormState, When

URL = "/moderation/several"
LONGEST_EXCERPT = 140
HOURS = (1, 6, 24, 72, 720)


@dataclass(frozen=True, slots=True)
class ManyChoice:
    """A post that can be chosen."""

    id: int
    author: str
    when: When
    title: str
    excerpt: str
    state: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ManyPage:
    url: str
    back_url: str
    crumbs: tuple[Crumb, ...]
    heading: str
    scope: tuple[tuple[str, str], ...]
    """Where the list comes from, as hidden fields."""
    posts: tuple[ManyChoice, ...]
    most: int
    periods: tuple[FilterLink, ...]
    """For what a member has written: since when."""
    acts: tuple[Choice, ...]
    spaces: tuple[Choice, ...]
    grounds: tuple[Choice, ...]
    """On what it can rest, where it restricts somebody."""
    word: str
    """To be typed before texts are erased."""
    form: FormState


@dataclass(frozen=True, slots=True)
class OutcomeView:
    label: str
    url: str
    problem: str


@dataclass(frozen=True, slots=True)
class OutcomePage:
    """What became of each."""

    crumbs: tuple[Crumb, ...]
    summary: str
    outcomes: tuple[OutcomeView, ...]
    undo_url: str
    undo_reason: str
    """With which reason one press undoes it; empty where undoing asks for more."""
    back_url: str


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where the posts to choose from come from."""

    heading: str
    back_url: str
    given: tuple[tuple[str, str], ...]
    lines: tuple[ManyLine, ...]
    of_member: bool = False


async def show_many(request: Request) -> Response:
    """A thread (`?thread=`), the threads of a space (`?space=`), or what a member wrote (`?member=`, `&hours=`)."""
    viewer = viewer_of(request)
    authorize(can_keep_order(viewer))
    scope = await _scope(request, dict(request.query_params), viewer)
    # A wave of advertising is all of it; elsewhere staff choose.
    chosen = tuple(line.id for line in scope.lines if not line.hidden) if scope.of_member else ()
    return await _show(request, scope, chosen, FormState({"act": "hide_post"}))


async def do_many(request: Request) -> Response:
    viewer = viewer_of(request)
    authorize(can_keep_order(viewer))
    fields, chosen = await read_form_with_choices(request, "post", most=MOST_AT_ONCE)
    scope = await _scope(request, fields, viewer)
    space = next((card for card in request.state.spaces if card.slug == fields.get("space_to")), None)
    errors = _check(fields, chosen, space)
    if errors:
        return await _show(request, scope, chosen, FormState(fields, tuple(errors)), status=422)
    lines = await list_chosen(viewer, chosen)
    wish = Wish(
        fields["act"],
        by=viewer,
        reason=fields["reason"],
        to_space=space.id if space else None,
        ground=read_ground(fields)[0] if fields["act"] in RESTRICTING else None,
    )
    batched = await act_on_many(wish, chosen)
    outcomes = tuple(
        OutcomeView(_label(lines.get(each.post_id), each.post_id), f"/posts/{each.post_id}", each.problem)
        for each in batched.outcomes
    )
    return await _show_outcomes(
        request,
        batched,
        outcomes,
        scope.back_url,
        can_undo=wish.act != "erase_post",
        at_once=wish.act not in RESTRICTING_AGAIN,
    )


def _check(fields: dict[str, str], chosen: tuple[int, ...], space: SpaceCard | None) -> list[FieldError]:
    errors: list[FieldError] = []
    act = fields.get("act")
    if not chosen:
        errors.append(FieldError("post", _("Please choose at least one.")))
    if act not in ACTS:
        errors.append(FieldError("act", _("Please choose what to do.")))
    if act in RESTRICTING:
        errors += read_ground(fields)[1]
    if act == "move_thread" and space is None:
        errors.append(FieldError("space_to", _("Please choose a space.")))
    return errors + (check_erasing(fields) if act == "erase_post" else check_reason(fields))


async def _scope(request: Request, given: dict[str, str], viewer: Viewer) -> _Scope:
    if given.get("thread"):
        thread = await get_thread(_number(given["thread"]), viewer)
        lines = await list_many(viewer, thread_id=thread.id)
        url = thread_url(thread.id, thread.slug)
        return _Scope(thread.title, url, (("thread", str(thread.id)),), tuple(lines))
    if given.get("space"):
        card = next((each for each in request.state.spaces if each.slug == given["space"]), None)
        if card is None or not viewer.may_read(card.id):
            raise NotFound
        lines = await list_many(viewer, space_id=card.id)
        return _Scope(card.name, f"/spaces/{card.slug}", (("space", card.slug),), tuple(lines))
    profile = await get_profile(given.get("member", ""))
    hours = _number(given.get("hours", "24"))
    since: datetime = now() - timedelta(hours=min(hours, 24 * 365))
    lines = await list_many(viewer, member_id=profile.id, since=since)
    kept = (("member", profile.nickname), ("hours", str(hours)))
    return _Scope(profile.nickname, f"/members/{profile.nickname}", kept, tuple(lines), of_member=True)


def _number(text: str) -> int:
    found = read_id(text)
    if found is None:
        raise NotFound
    return found


async def _show(
    request: Request, scope: _Scope, chosen: tuple[int, ...], form: FormState, *, status: int = 200
) -> Response:
    viewer = viewer_of(request)
    member = dict(scope.given).get("member", "")
    hours = dict(scope.given).get("hours", "")
    page = ManyPage(
        url=URL,
        back_url=scope.back_url,
        crumbs=(Crumb(_("Moderation"), "/moderation"),),
        heading=scope.heading,
        scope=scope.given,
        posts=tuple(_choice(line, chosen) for line in scope.lines),
        most=MOST_AT_ONCE,
        periods=tuple(
            FilterLink(_hours(each), with_query(URL, {"member": member, "hours": each}), str(each) == hours)
            for each in HOURS
        )
        if scope.of_member
        else (),
        acts=tuple(Choice(act, name) for act, name in _acts().items()),
        spaces=tuple(
            Choice(card.slug, card.name)
            for card in request.state.spaces
            if viewer.may_read(card.id) and card.kind != SpaceKind.BLOG
        ),
        grounds=ground_choices(),
        word=erasing_word(),
        form=form,
    )
    return await show(request, "moderation/several.html", page, Head(section="moderation"), status=status)


def _acts() -> dict[str, str]:
    return {
        "hide_post": _("Hide"),
        "restore_post": _("Restore"),
        "lock_thread": _("Lock the threads"),
        "move_thread": _("Move the threads to another space"),
        "erase_post": _("Erase for good what is hidden"),
    }


def _hours(hours: int) -> str:
    if hours % 24:
        return ngettext("last hour", "last %(num)s hours", hours) % {"num": number(hours)}
    return ngettext("last day", "last %(num)s days", hours // 24) % {"num": number(hours // 24)}


def _choice(line: ManyLine, chosen: tuple[int, ...]) -> ManyChoice:
    return ManyChoice(
        id=line.id,
        author=line.author or _("Former member"),
        when=When.of(line.created_at),
        title=line.title,
        excerpt=excerpt(plain_text(line.body_html), LONGEST_EXCERPT),
        state="hidden" if line.hidden else "locked" if line.locked else "",
        chosen=line.id in chosen,
    )


def _label(line: ManyLine | None, post_id: int) -> str:
    if line is None:
        return _("Post %(number)s") % {"number": post_id}
    values = {"name": line.author or _("Former member"), "title": line.title}
    return _("%(name)s in “%(title)s”") % values


# --- what became of them, and undoing all of it -----------------------------------------------------------


async def _show_outcomes(
    request: Request,
    batched: Batched,
    outcomes: tuple[OutcomeView, ...],
    back_url: str,
    *,
    can_undo: bool = True,
    at_once: bool = False,
) -> Response:
    done = sum(not outcome.problem for outcome in outcomes)
    values = {"done": number(done), "all": number(len(outcomes))}
    page = OutcomePage(
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Moderation log"), "/moderation/log")),
        summary=_("%(done)s of %(all)s done. What could not be done says why.") % values
        if done < len(outcomes)
        else _("Done for all of them (%(all)s).") % values,
        outcomes=outcomes,
        undo_url=f"/moderation/batches/{batched.id}/undo" if batched.id and can_undo else "",
        undo_reason=undo_reason() if at_once else "",
        back_url=back_url,
    )
    return await show(request, "moderation/outcomes.html", page, Head(section="moderation"))


async def _load_batch(request: Request) -> BatchView:
    """What was done at once, for whoever may undo it; erasing is not to be undone."""
    authorize(can_keep_order(viewer_of(request)))
    batch = await get_batch(_number(str(request.path_params["batch_id"])))
    if batch.act == "erase_post":
        raise NotFound
    return batch


async def show_undo_many(request: Request) -> Response:
    return await _show_undo(request, FormState())


async def _show_undo(request: Request, form: FormState, *, status: int = 200) -> Response:
    batch = await _load_batch(request)
    count = len(batch.entries)
    act = act_names().get(batch.act, _("Undo"))
    restricts = restricts_again(await list_entries_by_ids(batch.entries))
    text = ngettext("%(num)s step of the log.", "%(num)s steps of the log.", count) % {"num": number(count)}
    page = ActPage(
        url=f"/moderation/batches/{batch.id}/undo",
        back_url="/moderation/log",
        crumbs=(Crumb(_("Moderation"), "/moderation"), Crumb(_("Moderation log"), "/moderation/log")),
        heading=_("Undo “%(act)s”") % {"act": act},
        explanation=text + " " + _("What has changed since stays as it is."),
        button=_("Undo"),
        danger=False,
        reason_needed=True,
        grounds=ground_choices() if restricts else (),
        form=form,
    )
    return await show(request, "moderation/act.html", page, Head(section="moderation"), status=status)


async def undo_all(request: Request) -> Response:
    viewer, batch = viewer_of(request), await _load_batch(request)
    fields = dict(await read_form(request))
    entries = await list_entries_by_ids(batch.entries)
    ground, errors = read_ground(fields) if restricts_again(entries) else (None, [])
    errors += check_reason(fields)
    if errors:
        return await _show_undo(request, FormState(fields, tuple(errors)), status=422)
    batched = await undo_many(batch, by=viewer, reason=fields["reason"], ground=ground)
    views = dict(zip([entry.id for entry in entries], await entry_views(viewer, entries), strict=True))
    outcomes = tuple(
        OutcomeView(
            f"{views[each.post_id].act}: {views[each.post_id].subject.label}",
            views[each.post_id].subject.url,
            each.problem,
        )
        for each in batched.outcomes
        if each.post_id in views
    )
    return await _show_outcomes(request, batched, outcomes, "/moderation/log")
