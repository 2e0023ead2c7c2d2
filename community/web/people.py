"""How members appear on pages: from the public columns to `Author`. The one place that makes an `Author`."""

from __future__ import annotations

from functools import lru_cache
from urllib.parse import quote

from community.core.i18n import gettext as _
from community.core.i18n import language, ngettext, number
from community.core.viewer import STAFF_ROLES
from community.threads.queries import AuthorRow
from community.web.parts import Author


def author(row: AuthorRow | None, *, asker_id: int | None = None, subject: str = "") -> Author:
    """What everybody sees of whoever wrote something. `subject` is named on the badge of an expert of it."""
    if row is None:
        return Author(name=_("Former member"), url=None, kind="former")
    if row.role in STAFF_ROLES:
        return Author(
            name=row.staff_name or row.nickname,
            url=profile_url(row.nickname),
            kind="staff",
            seed=row.seed,
            photo=row.photo,
            line=row.staff_field,
        )
    return Author(
        name=row.nickname,
        url=profile_url(row.nickname),
        seed=row.seed,
        line=standing_line(row.year_joined, row.solution_count, hidden=row.hides_ranks),
        rank=row.rank,
        expert=subject if row.is_expert and not row.hides_ranks else "",
        asker=asker_id is not None and row.id == asker_id,
    )


def profile_url(nickname: str) -> str:
    return f"/members/{quote(nickname)}"


def conduct_url(nickname: str) -> str:
    """Where moderators see what was decided about a member."""
    return f"/moderation/members/{quote(nickname)}"


def standing_line(year_joined: int, solution_count: int, *, hidden: bool) -> str:
    """ "since 2021 · 14 solutions"; members who hide their standing show the year alone."""
    return _standing_line(year_joined, 0 if hidden else solution_count, language())


@lru_cache(maxsize=2048)
def _standing_line(year_joined: int, solution_count: int, _language: str) -> str:
    since = _("since %(year)s") % {"year": year_joined}
    if not solution_count:
        return since
    solutions = ngettext("%(num)s solution", "%(num)s solutions", solution_count) % {
        "num": number(solution_count)
    }
    return f"{since} · {solutions}"
