"""Everything that the community holds about one member, for the member alone (ID-7): a ZIP with JSON, HTML and files.

Of other people it holds nicknames, as the member sees them on the pages, and nothing else. Titles of threads that
others started are there while the member may read them. The structure is written down in docs/personal-data.md.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Awaitable, Callable, Mapping
from typing import IO, Any

from community.accounts import own_data
from community.core.clock import now
from community.core.db import as_time, fetch
from community.core.viewer import Viewer
from community.faq.queries import visible_entries
from community.groups.invitations import KNOWN_BY_VIEWER
from community.notifications.queries import for_team
from community.personal_data import files, notices, site_pages, staff_work, standing
from community.personal_data.items import Item, Section
from community.personal_data.items import pick as _pick
from community.personal_data.items import place as _place
from community.personal_data.items import post_url as _post_url
from community.personal_data.items import title as _title
from community.personal_data.readable import as_html
from community.sanctions.rules import SANCTION_ACTS
from community.segments.attributes import list_own_values
from community.segments.definitions import source_name, subject_names
from community.settings import settings
from community.threads.permissions import visible_in_spaces

FORMAT = "kundenkreis-personal-data/1"

TOLD_ACTS = (
    "hide_post",
    "restore_post",
    "uphold_flags",
    "edit_post",
    "lock_thread",
    "unlock_thread",
    "move_thread",
    "retitle_thread",
    "erase_post",
    "merge_thread",
    "unmerge_thread",
    "split_thread",
    "unsplit_thread",
)
"""Decisions about a post or a thread that its author is told of."""
ACTS_ABOUT_MEMBERS = (
    "change_role",
    "grant_expert",
    "revoke_expert",
    "leave_expert_to_rule",
    "grant_badge",
    "revoke_badge",
    *SANCTION_ACTS,
)
"""Decisions about a member; that somebody asked for their identity is told by `reveals`, when it may be told."""


async def gather(viewer: Viewer) -> dict[str, Section]:
    """Every section by its name, ready for JSON."""
    return {name: _plain(await section(viewer)) for name, section in SECTIONS.items()}


async def write_archive(viewer: Viewer, community: str, written: IO[bytes]) -> None:
    """The ZIP, into an open file. `community` is the name of the site, for the heading."""
    sections = await gather(viewer)
    moment = now()
    data = {
        "format": FORMAT,
        "made_at": moment.isoformat(),
        "community": settings.base_url,
        **sections,
    }
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(data, ensure_ascii=False, indent=2))
        archive.writestr("index.html", as_html(sections, community, moment))
        await files.pack_files(archive, viewer)


def _plain(value: Any, name: str = "") -> Any:
    """Moments as ISO 8601, whichever way the database gives them."""
    if isinstance(value, Mapping):
        return {key: _plain(each, key) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if name == "at" or name.endswith("_at"):
        moment = as_time(value)
        return moment.isoformat() if moment else None
    return value


# --- the sections -----------------------------------------------------------------------------------------


async def _account(viewer: Viewer) -> Section:
    return await own_data.gather_account(viewer.id)


async def _profile(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT id, nickname, role, staff_name, staff_field, photo, year_joined, kudos_count, solution_count,
        language, colour_mode, hides_ranks FROM members WHERE id = :me""",
        {"me": viewer.id},
    )
    return {**dict(rows[0]), "hides_ranks": bool(rows[0]["hides_ranks"])}


async def _sessions(viewer: Viewer) -> Section:
    return await own_data.gather_sessions(viewer.id)


async def _sign_ons(viewer: Viewer) -> Section:
    return await own_data.gather_sign_ons(viewer.id)


async def _second_factors(viewer: Viewer) -> Section:
    return await own_data.gather_second_factors(viewer.id)


async def _mail_links(viewer: Viewer) -> Section:
    return await own_data.gather_mail_links(viewer.id)


async def _consents(viewer: Viewer) -> Section:
    return await own_data.gather_consents(viewer.id)


async def _attributes(viewer: Viewer) -> Section:
    """What is known of the member and of their company for the rules that fill groups."""
    return [
        {
            "subject": subject_names()[own.definition.subject],
            "name": own.definition.label,
            "text": own.definition.shown(own.value),
            "source": source_name(own.source),
        }
        for own in await list_own_values(viewer.id)
    ]


async def _reveals(viewer: Viewer) -> Section:
    return await own_data.gather_reveals(viewer.id)


async def _posts(viewer: Viewer) -> Section:
    """Texts in the order in which they were written, each with what it said before."""
    revisions: dict[int, list[Item]] = {}
    for row in await fetch(
        """SELECT r.post_id, r.title, r.body, r.replaced_at FROM revisions r JOIN posts p ON p.id = r.post_id
        WHERE p.author_id = :me ORDER BY r.post_id, r.version""",
        {"me": viewer.id},
    ):
        revisions.setdefault(row["post_id"], []).append(
            {"title": row["title"], "text": row["body"], "replaced_at": row["replaced_at"]}
        )
    rows = await fetch(
        f"""SELECT p.id AS post_id, p.kind, p.body, p.created_at, p.edited_at,
        CASE WHEN p.kind = 'opening' THEN t.hidden_at ELSE p.hidden_at END AS hidden_at, p.kudos_count,
        CASE WHEN p.kind = 'opening' THEN t.tag_names ELSE '' END AS tags, {_title(viewer)}
        FROM posts p JOIN threads t ON t.id = p.thread_id WHERE p.author_id = :me ORDER BY p.created_at, p.id""",  # noqa: S608 - constants and our own ids
        {"me": viewer.id},
    )
    return [
        {
            "kind": row["kind"],
            **_place(row),
            "tags": row["tags"],
            "text": row["body"],
            "kudos_count": row["kudos_count"],
            **_pick(row, "created_at", "edited_at", "hidden_at"),
            "revisions": revisions.get(row["post_id"], []),
        }
        for row in rows
    ]


async def _drafts(viewer: Viewer) -> Section:
    rows = await fetch(
        "SELECT place, title, body AS text, tags, saved_at FROM drafts WHERE member_id = :me ORDER BY saved_at",
        {"me": viewer.id},
    )
    return [{**dict(row), **_pick(row, "saved_at")} for row in rows]


async def _waiting_texts(viewer: Viewer) -> Section:
    """What is not public yet or was refused; what was released is among the posts."""
    rows = await fetch(
        """SELECT kind, state, title, body AS text, tags, submitted_at, refusal FROM waiting_texts
        WHERE author_id = :me AND state <> 'released' ORDER BY submitted_at, id""",
        {"me": viewer.id},
    )
    return [dict(row) for row in rows]


async def _kudos_given(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT p.id AS post_id, k.given_at, {_title(viewer)} FROM kudos k JOIN posts p ON p.id = k.post_id
        JOIN threads t ON t.id = p.thread_id WHERE k.member_id = :me ORDER BY k.given_at, k.id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [{**_place(row), **_pick(row, "given_at")} for row in rows]


async def _kudos_received(viewer: Viewer) -> Section:
    """Who gave is told as on the pages: of posts that the member may read, and of givers who are still there."""
    shown = f"{visible_in_spaces(viewer)} AND p.hidden_at IS NULL"
    rows = await fetch(
        f"""SELECT p.id AS post_id, k.given_at, {_title(viewer)},
        CASE WHEN {shown} THEN COALESCE(NULLIF(m.staff_name, ''), m.nickname) END AS given_by
        FROM kudos k JOIN posts p ON p.id = k.post_id JOIN threads t ON t.id = p.thread_id
        LEFT JOIN members m ON m.id = k.member_id AND m.erased_at IS NULL
        WHERE p.author_id = :me ORDER BY k.given_at, k.id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [{**_place(row), "given_by": row["given_by"] or "", **_pick(row, "given_at")} for row in rows]


async def _same_problems(viewer: Viewer) -> Section:
    return await _marked(viewer, "same_problems")


async def _follows(viewer: Viewer) -> Section:
    return await _marked(viewer, "follows")


async def _mutes(viewer: Viewer) -> Section:
    return await _marked(viewer, "thread_mutes")


async def _wishes(viewer: Viewer) -> Section:
    spaces = await fetch(
        """SELECT s.name AS space, x.wish, x.created_at FROM space_wishes x
        LEFT JOIN spaces s ON s.id = x.space_id AND s.id IN (:readable)
        WHERE x.member_id = :me ORDER BY x.created_at""",
        {"me": viewer.id, "readable": viewer.readable_space_ids},
    )
    tags = await fetch(
        "SELECT name AS tag, wish, created_at FROM tag_wishes WHERE member_id = :me ORDER BY created_at",
        {"me": viewer.id},
    )
    return [dict(row) for row in (*spaces, *tags)]


async def _marked(viewer: Viewer, table: str) -> Section:
    rows = await fetch(
        f"""SELECT x.created_at, {_title(viewer)} FROM {table} x JOIN threads t ON t.id = x.thread_id
        WHERE x.member_id = :me ORDER BY x.created_at""",  # noqa: S608
        {"me": viewer.id},
    )
    return [{**_place(row), **_pick(row, "created_at")} for row in rows]


async def _memberships(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT g.name AS "group", x.role, x.by_rule, x.wants_listing, x.joined_at FROM memberships x
        JOIN "groups" g ON g.id = x.group_id WHERE x.member_id = :me ORDER BY x.joined_at""",
        {"me": viewer.id},
    )
    left = await fetch(
        """SELECT g.name AS "group" FROM group_leavings x JOIN "groups" g ON g.id = x.group_id
        WHERE x.member_id = :me ORDER BY g.name""",
        {"me": viewer.id},
    )
    return [
        *(
            {**dict(row), "by_rule": bool(row["by_rule"]), "wants_listing": bool(row["wants_listing"])}
            for row in rows
        ),
        *({"group": row["group"], "has_left": True} for row in left),
    ]


_GROUP = f"""CASE WHEN {KNOWN_BY_VIEWER} THEN g.name ELSE '' END AS "group\""""
"""The name of a group `g`, where the member may know of it now."""


def _known_groups(viewer: Viewer) -> Item:
    return {
        "viewer": viewer.id,
        "me": viewer.id,
        "is_administrator": int(viewer.is_administrator),
        "now": now(),
    }


async def _join_requests(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT {_GROUP}, r.note, r.reason, r.created_at, r.decided_at FROM join_requests r
        JOIN "groups" g ON g.id = r.group_id WHERE r.member_id = :me ORDER BY r.created_at""",  # noqa: S608
        _known_groups(viewer),
    )
    return [dict(row) for row in rows]


async def _group_invitations(viewer: Viewer) -> Section:
    """Those that the member got, and those that the member made; of these not what became of them."""
    rows = await fetch(
        f"""SELECT {_GROUP}, y.role, y.created_at, y.expires_at, y.member_id,
        CASE WHEN y.member_id = :me THEN y.answered_at END AS answered_at,
        CASE WHEN y.member_id = :me THEN '' ELSE m.nickname END AS nickname
        FROM group_invitations y JOIN "groups" g ON g.id = y.group_id JOIN members m ON m.id = y.member_id
        WHERE y.member_id = :me OR (y.invited_by = :me AND m.erased_at IS NULL) ORDER BY y.created_at, y.id""",  # noqa: S608
        _known_groups(viewer),
    )
    return [
        {
            "group": row["group"],
            "role": row["role"],
            "nickname": row["nickname"],
            **_pick(row, "created_at", "expires_at", "answered_at"),
        }
        for row in rows
    ]


async def _group_links(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT {_GROUP}, l.most_uses, l.created_at, l.expires_at FROM group_links l
        JOIN "groups" g ON g.id = l.group_id WHERE l.invited_by = :me ORDER BY l.created_at, l.id""",  # noqa: S608
        _known_groups(viewer),
    )
    return [dict(row) for row in rows]


async def _mail_invitations(viewer: Viewer) -> Section:
    return await own_data.gather_mail_invitations(viewer.id)


async def _notifications(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT n.kind, CASE WHEN {for_team(viewer)} THEN n.note ELSE '' END AS note,
        {_GROUP}, n.created_at, n.read_at, n.thread_id, n.post_id,
        CASE WHEN t.author_id = :me OR {visible_in_spaces(viewer)} THEN t.title END AS thread,
        CASE WHEN t.author_id = :me OR {visible_in_spaces(viewer)} THEN t.slug END AS slug,
        CASE WHEN {visible_in_spaces(viewer)} OR g.id IS NOT NULL
        THEN COALESCE(NULLIF(m.staff_name, ''), m.nickname) END AS caused_by, (
          SELECT COUNT(*) FROM notification_thanks x WHERE x.notification_id = n.id) AS thanks_count
        FROM notifications n LEFT JOIN threads t ON t.id = n.thread_id
        LEFT JOIN "groups" g ON g.id = n.group_id
        LEFT JOIN members m ON m.id = n.actor_id AND m.erased_at IS NULL
        WHERE n.member_id = :me ORDER BY n.created_at, n.id""",  # noqa: S608
        _known_groups(viewer),
    )
    return [
        {
            "kind": row["kind"],
            "caused_by": row["caused_by"] or "",
            "thanks_count": row["thanks_count"],
            "group": row["group"],
            **_place(row),
            "note": row["note"],
            **_pick(row, "created_at", "read_at"),
        }
        for row in rows
    ]


async def _notification_choices(viewer: Viewer) -> Section:
    rows = await fetch(
        "SELECT topic, channel FROM notification_choices WHERE member_id = :me ORDER BY topic",
        {"me": viewer.id},
    )
    return [dict(row) for row in rows]


async def _mail_wishes(viewer: Viewer) -> Section:
    rows = await fetch(
        """SELECT tells_titles, quiet_from, quiet_until, stopped_at FROM mail_wishes WHERE member_id = :me""",
        {"me": viewer.id},
    )
    return [{**row, "tells_titles": bool(row["tells_titles"])} for row in rows]


async def _mails(viewer: Viewer) -> Section:
    """Mails about the community that were sent in the last weeks; what they told stands in the notifications."""
    rows = await fetch(
        """SELECT kind, created_at, ended_at, outcome FROM notification_mails WHERE member_id = :me
        ORDER BY created_at, id""",
        {"me": viewer.id},
    )
    return [dict(row) for row in rows]


async def _solutions(viewer: Viewer) -> Section:
    """Answers of the member that are solutions, and answers that the member accepted."""
    rows = await fetch(
        f"""SELECT x.post_id, x.accepted_at, {_title(viewer)},
        CASE WHEN p.author_id = :me THEN 1 ELSE 0 END AS is_own_answer,
        CASE WHEN x.accepted_by_id = :me THEN 1 ELSE 0 END AS accepted_by_me
        FROM solutions x JOIN posts p ON p.id = x.post_id JOIN threads t ON t.id = x.thread_id
        WHERE p.author_id = :me OR x.accepted_by_id = :me ORDER BY x.accepted_at, x.post_id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [
        {
            **_place(row),
            "is_own_answer": bool(row["is_own_answer"]),
            "accepted_by_me": bool(row["accepted_by_me"]),
            **_pick(row, "accepted_at"),
        }
        for row in rows
    ]


async def _satisfactions(viewer: Viewer) -> Section:
    """What the member answered when asked how satisfied they are with a solution."""
    rows = await fetch(
        f"""SELECT y.rating, y.note, y.answered_at, y.withdrawn_at, {_title(viewer)}
        FROM satisfactions y JOIN threads t ON t.id = y.thread_id
        WHERE t.author_id = :me AND y.answered_at IS NOT NULL ORDER BY y.answered_at, y.id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [
        {
            **_place(row),
            "rating": row["rating"],
            "note": row["note"],
            **_pick(row, "answered_at", "withdrawn_at"),
        }
        for row in rows
    ]


async def _faq_credits(viewer: Viewer) -> Section:
    """Entries of the FAQ that were made from what the member wrote, as far as the member may read them."""
    rows = await fetch(
        f"""SELECT e.id, e.slug, e.published_question AS question, x.post_id FROM faq_sources x
        JOIN posts p ON p.id = x.post_id JOIN faq_entries e ON e.id = x.entry_id
        WHERE p.author_id = :me AND x.fingerprint <> '' AND {visible_entries(viewer)}
        ORDER BY e.published_at, e.id""",  # noqa: S608
        {"me": viewer.id},
    )
    return [
        {
            "question": row["question"],
            "entry_url": f"{settings.base_url}/faq/{row['id']}-{row['slug']}",
            "post_url": _post_url(row["post_id"]),
        }
        for row in rows
    ]


async def _faq_feedback(viewer: Viewer) -> Section:
    rows = await fetch(
        f"""SELECT CASE WHEN {visible_entries(viewer)} THEN e.published_question ELSE '' END AS question,
        f.helpful, f.reason, f.reasons, f.created_at FROM faq_feedback f
        JOIN faq_entries e ON e.id = f.entry_id WHERE f.member_id = :me ORDER BY f.created_at""",  # noqa: S608
        {"me": viewer.id},
    )
    return [{**dict(row), "helpful": bool(row["helpful"]), **_pick(row, "created_at")} for row in rows]


async def _decisions(viewer: Viewer) -> Section:
    """What staff decided about the member's posts and threads, and about the member; not who decided."""
    rows = await fetch(
        f"""SELECT l.id, l.at, l.act, l.reason, p.id AS post_id, {_title(viewer)} FROM posts p
        JOIN threads t ON t.id = p.thread_id
        JOIN moderation_log l
        ON l.subject IN ('post:' || p.id, CASE WHEN p.kind = 'opening' THEN 'thread:' || t.id END)
        WHERE p.author_id = :me AND l.act IN (:acts) ORDER BY l.at, l.id""",  # noqa: S608
        {"me": viewer.id, "acts": TOLD_ACTS},
    )
    about_posts = [
        {"act": row["act"], **_place(row), "reason": row["reason"], **_pick(row, "at")} for row in rows
    ]
    own = await fetch(
        "SELECT at, act, reason FROM moderation_log WHERE subject = :subject AND act IN (:acts) ORDER BY at, id",
        {"subject": f"member:{viewer.id}", "acts": ACTS_ABOUT_MEMBERS},
    )
    about_member = [{"act": row["act"], "reason": row["reason"], **_pick(row, "at")} for row in own]
    return [*about_posts, *about_member]


SECTIONS: dict[str, Callable[[Viewer], Awaitable[Section]]] = {
    "account": _account,
    "profile": _profile,
    "sessions": _sessions,
    "sign_ons": _sign_ons,
    "second_factors": _second_factors,
    "mail_links": _mail_links,
    "consents": _consents,
    "attributes": _attributes,
    "reveals": _reveals,
    "posts": _posts,
    "drafts": _drafts,
    "waiting_texts": _waiting_texts,
    "attachments": files.attachments,
    "solutions": _solutions,
    "satisfactions": _satisfactions,
    "kudos_given": _kudos_given,
    "kudos_received": _kudos_received,
    "same_problems": _same_problems,
    "follows": _follows,
    "mutes": _mutes,
    "wishes": _wishes,
    "memberships": _memberships,
    "join_requests": _join_requests,
    "group_invitations": _group_invitations,
    "group_links": _group_links,
    "mail_invitations": _mail_invitations,
    "notifications": _notifications,
    "notification_choices": _notification_choices,
    "mail_wishes": _mail_wishes,
    "mails": _mails,
    "flags": notices.flags,
    "decisions": _decisions,
    "sanctions": standing.sanctions,
    "statements": notices.statements,
    "notices": notices.notices,
    "appeals": notices.appeals,
    "experts": standing.experts,
    "expert_questions": standing.expert_questions,
    "badges": standing.badges,
    "faq_credits": _faq_credits,
    "faq_feedback": _faq_feedback,
    "acts": staff_work.acts,
    "claims": staff_work.claims,
    "faq_versions": staff_work.faq_versions,
    "releases": staff_work.releases,
    "vocabulary": staff_work.vocabulary,
    "staff_notes": site_pages.staff_notes,
    "acceptances": site_pages.acceptances,
    "page_versions": site_pages.page_versions,
    "search_decisions": staff_work.search_decisions,
}
