"""Reports of what is illegal as staff of the demo company would find them: open, decided, and objected to."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.db import fetch
from community.core.submissions import new_key
from community.core.viewer import Role
from community.decisions.grounds import Ground, GroundKind
from community.demonstration.shapes import DemoContent
from community.moderation import actions, appeals
from community.moderation.models import Measure
from community.moderation.notice_rules import NoticeKind, flag_reason
from community.moderation.notices import Report, file_notice
from community.spaces.queries import load_viewer

OPEN = (
    "In diesem Beitrag steht der volle Name einer früheren Kollegin zusammen mit ihrer Durchwahl. "
    "Sie hat dem nicht zugestimmt und möchte, dass beides verschwindet."
)
DECIDED = (
    "Das Bild in diesem Beitrag stammt aus unserem Handbuch. Wir haben niemandem erlaubt, es zu zeigen; "
    "ich bitte darum, es zu entfernen."
)
QUOTED = "Hier wird ein Mitbewerber als Betrüger bezeichnet, ohne jeden Beleg. Das ist üble Nachrede."
REASON = "Der Beitrag nennt ein anderes Unternehmen betrügerisch, ohne dass sich das belegen ließe."
NICKNAME = (
    "So heißt unser Gartencenter in Altona. Wir schreiben hier nicht und haben niemanden gebeten, "
    "unter unserem Namen aufzutreten."
)
OBJECTION = (
    "Ich habe nur wiedergegeben, was in der Pressemitteilung der Verbraucherzentrale steht, und sie verlinkt. "
    "Bitte sehen Sie es sich noch einmal an."
)


async def fill_notices(content: DemoContent, members: Mapping[str, int]) -> None:
    """On three answers in open spaces that nobody of the demo log-ins has written; the objection is about one in a
    thread without staff, so that there is somebody who can decide about it."""
    posts = await fetch(
        """SELECT p.id, p.author_id FROM posts p JOIN threads t ON t.id = p.thread_id
        JOIN spaces s ON s.id = t.space_id JOIN members m ON m.id = p.author_id
        WHERE p.kind = 'answer' AND s.access = 'open' AND m.role = 'customer' AND t.language = 'de'
        AND p.kudos_count = 0 AND NOT EXISTS (SELECT 1 FROM solutions x WHERE x.post_id = p.id)
        ORDER BY CASE WHEN EXISTS (SELECT 1 FROM posts o JOIN members w ON w.id = o.author_id
          WHERE o.thread_id = p.thread_id AND w.role <> 'customer') THEN 1 ELSE 0 END,
        p.created_at DESC, p.id LIMIT 3"""
    )
    if len(posts) < 3:
        return
    staff = next(member for member in content.members if member.role == Role.MODERATOR)
    by, _spaces = await load_viewer(members[staff.nickname])
    await _report(posts[1]["id"], NoticeKind.PRIVACY, OPEN)
    about = Report(
        NoticeKind.OTHER_LAW, NICKNAME, "/members/gartencenter_rosa", nonce=new_key(), language="de"
    )
    await file_notice(f"member:{members['gartencenter_rosa']}", about, by=None)
    await _report(posts[2]["id"], NoticeKind.COPYRIGHT, DECIDED)
    await actions.dismiss_flags(
        posts[2]["id"],
        await _flags_of(posts[2]["id"]),
        by=by,
        reason="Das Bild hat der Autor selbst gezeichnet; es gleicht dem im Handbuch nur.",
    )
    await _report(posts[0]["id"], NoticeKind.DEFAMATION, QUOTED)
    await actions.uphold_flags(
        posts[0]["id"],
        await _flags_of(posts[0]["id"]),
        measure=Measure.NOTE,
        by=by,
        reason=REASON,
        ground=Ground(GroundKind.LAW, "§ 186 Strafgesetzbuch (üble Nachrede)"),
    )
    rows = await fetch(
        "SELECT id, member_id FROM statements WHERE subject = :post AND member_id IS NOT NULL",
        {"post": f"post:{posts[0]['id']}"},
    )
    for row in rows:
        await appeals.appeal_statement(row["id"], text=OBJECTION, by=row["member_id"])


async def _report(post_id: int, kind: NoticeKind, text: str) -> None:
    # Without name and address: the demo sends no mails to people who are not there.
    report = Report(kind=kind, text=text, url=f"/posts/{post_id}", nonce=new_key(), language="de")
    await actions.report_post(post_id, report, reason=flag_reason(kind), by=None)


async def _flags_of(post_id: int) -> list[int]:
    rows = await fetch("SELECT id FROM flags WHERE post_id = :id AND state = 'open'", {"id": post_id})
    return [row["id"] for row in rows]
