"""Private notes of the demo team, where colleagues would look for them."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.db import fetch
from community.core.viewer import Role, Viewer
from community.demonstration import shapes
from community.moderation.notes import Subject, add_note
from community.threads.history import Brought

ABOUT_THREAD = (
    "Mit der Technik geklärt: Der Fehler lag am Profil der Umstellung. Falls die Frage wiederkommt, bitte auf diese "
    "Lösung verweisen."
)
ABOUT_POST = "Stimmt das noch, @{nickname}? Seit dem letzten Update heißt der Menüpunkt anders, glaube ich."
ABOUT_MEMBER = "Fragt genau, braucht für Rückfragen aber manchmal etwas. Bitte nicht gleich schließen."


async def fill_notes(
    content: shapes.DemoContent, members: Mapping[str, int], threads: Mapping[str, Brought]
) -> None:
    author = next(member for member in content.members if member.role == Role.MODERATOR)
    by = Viewer(id=members[author.nickname], nickname=author.staff_name, role=Role.MODERATOR)
    first = threads["inet-feste-ip-umstellung"]
    await add_note(Subject(thread_id=first.thread_id), ABOUT_THREAD, by=by)
    colleague = next(member for member in content.members if member.role == Role.ADMINISTRATOR)
    question = ABOUT_POST.format(nickname=colleague.nickname)
    for row in await fetch("SELECT post_id FROM solutions WHERE thread_id = :id", {"id": first.thread_id}):
        await add_note(Subject(post_id=row["post_id"]), question, by=by)
    small = next(member for member in content.members if member.demo_login == "small")
    await add_note(Subject(member_id=members[small.nickname]), ABOUT_MEMBER, by=by)
