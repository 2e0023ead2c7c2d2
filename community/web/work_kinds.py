"""What can stand in the queue, in words: one entry per kind, with what an item is called and where one deals with it.

Whoever adds a kind to `WorkKind` adds its line here; a test asks for it. A description is looked up with the rights
of the viewer: what they may not read has none, and its item is left out.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from community.accounts.reveals import list_open_nicknames
from community.core.db import fetch
from community.core.i18n import gettext as _
from community.core.i18n import ngettext, number
from community.core.markdown import excerpt, plain_text, render
from community.core.viewer import Viewer
from community.decisions.work import WorkKind
from community.faq.check_queries import list_kinds
from community.faq.editorial import WaitingQuestion, list_waiting_questions
from community.members.queries import list_profiles_by_ids
from community.moderation.appeal_queries import list_open_appeals
from community.moderation.notice_queries import NoticeRow, list_open_notices
from community.moderation.queue import WorkRow
from community.moderation.subjects import list_subject_titles
from community.waiting.queries import list_waiting
from community.web.faq_check import check_fact
from community.web.flags import flag_reasons
from community.web.lists import thread_url
from community.web.objections import heading_of
from community.web.reporting import kind_name
from community.web.waiting import label_of, why_names

EXCERPT = 280


@dataclass(frozen=True, slots=True)
class Described:
    title: str
    url: str
    """Where it is dealt with; empty where that is the page of the item itself."""
    fact: str = ""
    """What makes it a matter for staff, in a few words."""
    excerpt: str = ""


Describe = Callable[[Viewer, Sequence[int]], Awaitable[Mapping[int, Described]]]


@dataclass(frozen=True, slots=True)
class Kind:
    name: Callable[[], str]
    icon: str
    verb: Callable[[], str]
    """The button that leads to where one deals with it."""
    describe: Describe
    has_desk: bool = False
    """Whether the page where it is dealt with has all that the page of the item has."""


async def describe_all(viewer: Viewer, rows: Sequence[WorkRow]) -> dict[int, Described]:
    """By the id of the item; a fixed number of statements per kind."""
    described: dict[int, Described] = {}
    for kind in {row.kind for row in rows}:
        ids = {row.number: row.id for row in rows if row.kind == kind}
        found = await KINDS[kind].describe(viewer, list(ids))
        described |= {ids[number]: description for number, description in found.items()}
    return described


def _excerpt(body: str) -> str:
    # The beginning is enough, and what it holds of a list or a table is read as such.
    return excerpt(plain_text(render(body[: 4 * EXCERPT])), EXCERPT)


async def _flags(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    given = {"ids": list(ids), "spaces": viewer.readable_space_ids}
    posts = await fetch(
        """SELECT p.id, p.body, t.title FROM posts p JOIN threads t ON t.id = p.thread_id
        WHERE p.id IN (:ids) AND t.space_id IN (:spaces)""",
        given,
    )
    flags = await fetch(
        """SELECT post_id, reason, COUNT(*) AS n FROM flags WHERE post_id IN (:ids) AND state = 'open'
        GROUP BY post_id, reason ORDER BY post_id, n DESC, reason""",
        given,
    )
    names = flag_reasons()
    reasons: dict[int, list[str]] = {}
    counts: dict[int, int] = {}
    for row in flags:
        reasons.setdefault(row["post_id"], []).append(names[row["reason"]][0])
        counts[row["post_id"]] = counts.get(row["post_id"], 0) + row["n"]
    return {
        row["id"]: Described(
            title=row["title"],
            url=f"/moderation/posts/{row['id']}",
            fact=_flag_fact(counts.get(row["id"], 0), reasons.get(row["id"], [])),
            excerpt=_excerpt(row["body"]),
        )
        for row in posts
    }


def _flag_fact(count: int, reasons: Sequence[str]) -> str:
    flags = ngettext("%(num)s flag", "%(num)s flags", count) % {"num": number(count)}
    return f"{flags}: {', '.join(reasons)}"


async def _unanswered(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    rows = await fetch(
        """SELECT t.id, t.slug, t.title, t.same_problem_count AS n, p.body FROM threads t
        JOIN posts p ON p.thread_id = t.id AND p.kind = 'opening'
        WHERE t.id IN (:ids) AND t.space_id IN (:spaces)""",
        {"ids": list(ids), "spaces": viewer.readable_space_ids},
    )
    return {
        row["id"]: Described(
            title=row["title"],
            url=thread_url(row["id"], row["slug"]),
            fact=ngettext(
                "%(num)s other member has the same problem",
                "%(num)s other members have the same problem",
                row["n"],
            )
            % {"num": number(row["n"])}
            if row["n"]
            else "",
            excerpt=_excerpt(row["body"]),
        )
        for row in rows
    }


async def _faq(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    kinds = await list_kinds(viewer, ids)
    return {
        row.id: Described(
            title=row.question,
            url=f"/moderation/faq/{row.id}",
            fact=" · ".join(_why_it_waits(row, kinds.get(row.id, ()))),
            excerpt=_excerpt(row.short_answer),
        )
        for row in await list_waiting_questions(viewer, ids)
    }


def _why_it_waits(row: WaitingQuestion, kinds: Sequence[str]) -> Iterable[str]:
    if row.to_check:
        yield check_fact(kinds)
    if row.in_review:
        yield _("A second person has to release it")


async def _reveals(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    assert viewer.is_moderator  # noqa: S101 - a wrong call is a mistake in the code, not a visitor's
    return {
        reveal_id: Described(
            title=_("Who is %(name)s?") % {"name": nickname or _("Former member")},
            url=f"/moderation/reveals/{reveal_id}",
            fact=_("A second person has to agree"),
        )
        for reveal_id, nickname in (await list_open_nicknames(ids)).items()
    }


async def _texts(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    return {
        text.id: Described(
            title=text.title or text.thread_title or label_of(text),
            url=f"/moderation/waiting/{text.id}",
            fact=f"{label_of(text)}: {why_names()[text.why]}",
            excerpt=_excerpt(text.body),
        )
        for text in await list_waiting(viewer, ids)
    }


async def _notices(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    rows = await list_open_notices(viewer, ids)
    numbers = {row.id: int(row.subject.partition(":")[2]) for row in rows}
    entries = await list_subject_titles(viewer, [("faq", number) for number in numbers.values()])
    nicknames = await list_profiles_by_ids(list(numbers.values()))

    def title(row: NoticeRow) -> str:
        if row.subject.startswith("faq:"):
            entry = entries.get(("faq", numbers[row.id]), "")
            return _("Notice about an FAQ entry: %(title)s") % {"title": entry}
        if row.subject.startswith("member:"):
            name = nicknames.get(numbers[row.id]) or _("Former member")
            return _("Notice about the nickname %(name)s") % {"name": name}
        return _("Notice %(reference)s") % {"reference": row.reference}

    return {
        row.id: Described(
            title=title(row),
            url=f"/moderation/notices/{row.id}",
            fact=f"{kind_name(row.kind)}, {row.reference}",
            excerpt=_excerpt(row.text),
        )
        for row in rows
    }


async def _appeals(viewer: Viewer, ids: Sequence[int]) -> dict[int, Described]:
    return {
        row.id: Described(
            title=heading_of(row),
            url=f"/moderation/appeals/{row.id}",
            fact=_("Somebody else than before has to decide"),
            excerpt=_excerpt(row.text),
        )
        for row in await list_open_appeals(viewer, ids)
    }


KINDS: Mapping[WorkKind, Kind] = {
    WorkKind.FLAG: Kind(lambda: _("Flags"), "flag", lambda: _("Look and decide"), _flags, True),
    WorkKind.UNANSWERED: Kind(
        lambda: _("Unanswered questions"), "circle-dashed", lambda: _("Answer the question"), _unanswered
    ),
    WorkKind.FAQ: Kind(lambda: _("FAQ entries"), "book-open-text", lambda: _("Look and decide"), _faq),
    WorkKind.REVEAL: Kind(lambda: _("Identities"), "eye", lambda: _("Look and decide"), _reveals),
    WorkKind.TEXT: Kind(
        lambda: _("Waiting texts"), "shield-check", lambda: _("Look and decide"), _texts, True
    ),
    WorkKind.NOTICE: Kind(lambda: _("Notices"), "megaphone", lambda: _("Look and decide"), _notices, True),
    WorkKind.APPEAL: Kind(lambda: _("Objections"), "reply", lambda: _("Look and decide"), _appeals, True),
}
