"""A member's public page: what others may see, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.viewer import STAFF_ROLES
from community.faq.credit import Credit, list_credits
from community.members.queries import Profile, complete_nickname, get_profile
from community.moderation.notes import Subject, count_notes
from community.ranks.gaming import has_open_warning
from community.ranks.ladder import find_ladder
from community.ranks.queries import list_badges, list_expert_subjects, list_own_badges
from community.threads.lists import list_solved_by, list_started_by
from community.web.limiting import count_nicknames, count_profile
from community.web.lists import thread_rows
from community.web.pages import Head, show, viewer_of
from community.web.parts import Author, Link, ThreadRow
from community.web.people import conduct_url, profile_url, standing_line
from community.web.reveals import ask_url


@dataclass(frozen=True, slots=True)
class ProfilePage:
    author: Author
    is_staff: bool
    is_own: bool
    year_joined: int
    solution_count: int
    kudos_count: int
    points: int
    next_rank: str
    """For the member themself: what leads to the next rank; empty on the last one."""
    shows_standing: bool
    experts: tuple[Link, ...]
    own_badges: tuple[tuple[str, str], ...]
    """Name and description of those earned here."""
    badges: tuple[tuple[str, int], ...]
    """Those brought along from elsewhere, with how often."""
    solved: tuple[ThreadRow, ...]
    """Threads that this member's answers have solved, as far as the viewer may read them."""
    started: tuple[ThreadRow, ...]
    credit_count: int
    """FAQ entries that were made from answers of this member, as far as the viewer may read both."""
    credits: tuple[Credit, ...]
    """The newest of them."""
    reveal_url: str
    """For moderators: where they ask who this is."""
    conduct_url: str
    """For moderators: what was decided about this nickname."""
    notes: Link | None
    """For moderators: what the team has noted about this nickname."""
    several_url: str
    """Moderators: to choose among what the member wrote lately."""
    warning_url: str
    """For moderators: where a warning about this nickname stands, if there is one."""


async def show_member(request: Request) -> Response:
    viewer = viewer_of(request)
    # Before it is looked up: who is there is what whoever tries names wants to know.
    await count_profile(request)
    profile = await get_profile(request.path_params["nickname"])
    is_staff = profile.role in STAFF_ROLES
    shows_standing = not is_staff and not profile.hides_ranks
    credit_count, credits = await list_credits(viewer, profile.id) if shows_standing else (0, ())
    subjects = await list_expert_subjects(viewer, profile.id) if shows_standing else []
    page = ProfilePage(
        author=_author(profile, is_staff),
        is_staff=is_staff,
        is_own=profile.id == viewer.id,
        year_joined=profile.year_joined,
        solution_count=profile.solution_count,
        kudos_count=profile.kudos_count,
        points=profile.points,
        next_rank=await _next_rank(profile.points) if shows_standing and profile.id == viewer.id else "",
        shows_standing=shows_standing,
        experts=tuple(Link(name, f"/spaces/{slug}") for name, slug in subjects),
        own_badges=tuple(await list_own_badges(profile.id)) if shows_standing else (),
        badges=tuple(await list_badges(profile.id)) if shows_standing else (),
        solved=thread_rows(await list_solved_by(viewer, profile.id), request.state.spaces),
        started=thread_rows(await list_started_by(viewer, profile.id), request.state.spaces),
        credit_count=credit_count,
        credits=credits,
        reveal_url=ask_url(profile.nickname) if viewer.is_moderator and not is_staff else "",
        conduct_url=conduct_url(profile.nickname) if viewer.is_moderator and not is_staff else "",
        notes=await _notes(profile) if viewer.is_moderator and not is_staff else None,
        several_url=f"/moderation/several?member={quote(profile.nickname)}" if viewer.is_moderator else "",
        warning_url="/moderation/warnings"
        if viewer.is_moderator and await has_open_warning(viewer, profile.id)
        else "",
    )
    return await show(request, "members/show.html", page, Head(robots="noindex"))


async def _notes(profile: Profile) -> Link:
    count = await count_notes(Subject(member_id=profile.id))
    label = _("Notes of the team (%(count)s)") % {"count": number(count)}
    return Link(label, f"/moderation/members/{quote(profile.nickname)}/notes")


async def _next_rank(points: int) -> str:
    step = (await find_ladder()).next_after(points)
    if step is None:
        return ""
    missing = step.points - points
    return ngettext(
        "%(num)s more point, and your rank is “%(rank)s”.",
        "%(num)s more points, and your rank is “%(rank)s”.",
        missing,
    ) % {"num": number(missing), "rank": step.name}


async def suggest_members(request: Request) -> Response:
    """Nicknames that begin as typed, for mentions; for members, because guests mention nobody."""
    await count_nicknames(request)
    return JSONResponse(await complete_nickname(request.query_params.get("q", "")[:40]))


def _author(profile: Profile, is_staff: bool) -> Author:
    if is_staff:
        name, line = profile.staff_name or profile.nickname, profile.staff_field
    else:
        name = profile.nickname
        line = standing_line(profile.year_joined, profile.solution_count, hidden=profile.hides_ranks)
    return Author(
        name=name,
        url=profile_url(profile.nickname),
        kind="staff" if is_staff else "customer",
        seed=profile.seed,
        photo=profile.photo if is_staff else "",
        line=line,
        rank="" if is_staff else profile.rank,
    )
