"""`community import stackexchange`: from a dump folder to threads in a space.

What lasts of a run is written thread by thread, each in one transaction with the notes on where it came from
(`imported_items`). So a run that was killed is resumed by running it again, and a newer dump adds what is new.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path

from community.core import i18n, outbox
from community.core.clock import now
from community.core.db import fetch_one, in_transaction, is_unique_violation, random_id
from community.core.i18n import gettext as _
from community.core.progress import Progress
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.importing.items import list_imported
from community.importing.stackexchange_dump import Dump, DumpUnreadable
from community.importing.stackexchange_members import bring_members, list_renamed
from community.importing.stackexchange_report import NAMES_ON_SCREEN, report_lines, write_report
from community.importing.stackexchange_staging import Staging
from community.importing.stackexchange_texts import Import
from community.importing.stackexchange_threads import IMPORT_ENDED, bring_question
from community.ranks import points
from community.ranks.actions import recompute_standings
from community.ranks.badges import apply_badges
from community.settings import settings
from community.spaces.models import Space, SpaceAccess, SpaceKind
from community.threads import history

LONGEST_SOURCE = 80


class ImportRefused(Exception):  # noqa: N818 - not an error of the program
    """What was asked for cannot be done; the message is for whoever called the command."""


async def import_dump(folder: Path, *, space_slug: str, language: str, source: str = "") -> int:
    """Bring in a dump and print the report; the exit status of the command.

    `source` is the name under which ids of the dump are remembered, the folder's own unless given: the next dump
    of the same site must come under the same name, and that of another site under another one.
    """
    try:
        await _import(_open(folder), space_slug, language, source or _name_of(folder))
    except (DumpUnreadable, ImportRefused) as refused:
        print(refused, file=sys.stderr)
        return 1
    except Exception as error:
        if not is_unique_violation(error):
            raise
        print("Another import of this dump is running. Wait for its end, then start again.", file=sys.stderr)
        return 1
    return 0


async def _import(dump: Dump, space_slug: str, language: str, source: str) -> None:
    if not re.fullmatch(r"[a-z]{2,3}(-[A-Za-z]{2,4})?", language):
        raise ImportRefused(f"{language!r} is no code of a language, such as en or de.")
    if not 1 <= len(source) <= LONGEST_SOURCE:
        raise ImportRefused(f"The name of a source has 1 to {LONGEST_SOURCE} characters.")
    with Staging(settings.var_dir) as staging:
        try:
            staging.fill(dump)
        except OSError as error:
            raise ImportRefused(f"The dump cannot be read: {error}") from error
        if not staging.count_questions():
            raise ImportRefused(f"There is no question in {dump.folder} that could be read.")
        async for items in list_imported(source):
            staging.note_items(items)
        run = Import(
            staging=staging,
            source=source,
            space_id=await _find_or_make_space(space_slug, language, source),
            language=language,
            base_url=_base_url(source),
            report=dump.report,
        )
        await bring_members(staging, source, run.came_in)
        await _bring_threads(run)
        await _relate_threads(run)
        await _settle(run)
        await _say(run)


def _open(folder: Path) -> Dump:
    try:
        return Dump(folder)
    except OSError as error:
        raise ImportRefused(f"The folder cannot be read: {error}") from error


def _name_of(folder: Path) -> str:
    """Also where the folder is given as "."."""
    return folder.resolve().name


async def _find_or_make_space(given: str, language: str, source: str) -> int:
    address = slug(given)
    row = await fetch_one("SELECT id, kind FROM spaces WHERE slug = :slug", {"slug": address})
    if row is not None:
        if row["kind"] != SpaceKind.QUESTIONS:
            raise ImportRefused(f"The space {address} is not one for questions. Please choose another one.")
        return int(row["id"])
    if address in ("-", "new"):
        raise ImportRefused(f"No address of a space can be made from {given!r}.")
    space_id = random_id()
    async with in_transaction():
        last = await fetch_one("SELECT COALESCE(MAX(position), 0) AS position FROM spaces")
        await insert(
            Space,
            id=space_id,
            slug=address,
            name=address.replace("-", " ").capitalize(),
            purpose=_purpose(language, source),
            kind=str(SpaceKind.QUESTIONS),
            access=str(SpaceAccess.OPEN),
            language=language,
            position=last["position"] + 1 if last else 1,
            created_at=now(),
        )
        await raise_site_stamp()
        await outbox.record("space.made", space_id=space_id)
    return space_id


def _purpose(language: str, source: str) -> str:
    """In the language of the space, not in that of whoever runs the command."""
    before = i18n.language()
    i18n.use(language)
    try:
        return _("Questions and answers from %(site)s") % {"site": source}
    finally:
        i18n.use(before)


def _base_url(source: str) -> str:
    """Dumps are named after their site: ``beer.stackexchange.com``."""
    is_domain = re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)*\.[a-z]{2,}", source.lower())
    return f"https://{source.lower()}/" if is_domain else ""


async def _bring_threads(run: Import) -> None:
    with Progress("Threads", run.staging.count_questions()) as progress:
        for question in run.staging.questions():
            await bring_question(run, question)
            progress.advance()


async def _relate_threads(run: Import) -> None:
    """Duplicates and links, once all threads are there."""
    with Progress("Related threads") as progress:
        for question_id, related_id, is_duplicate in run.staging.links():
            one = run.staging.local_id("thread", question_id)
            other = run.staging.local_id("thread", related_id)
            if one and other and await _are_both_there(one, other):
                kind = "duplicate" if is_duplicate else "linked"
                async with in_transaction():
                    run.came_in[f"{kind} threads"] += await history.relate(one, other, kind)
            progress.advance()


async def _are_both_there(one: int, other: int) -> bool:
    row = await fetch_one(
        "SELECT COUNT(*) AS n FROM threads WHERE id IN (:one, :other)", {"one": one, "other": other}
    )
    return row is not None and row["n"] == 2


async def _settle(run: Import) -> None:
    """Figures of the space and of all who wrote; then what waited for all threads to be there becomes due."""
    changed = int(await history.settle_space(run.space_id))
    with Progress("Figures", run.staging.count("users")) as progress:
        for users in run.staging.users():
            members = {run.staging.local_id("member", user.id) for user in users} - {None}
            changed += await history.settle_members([member for member in members if member is not None])
            progress.advance(len(users))
    with Progress("Points") as progress:
        changed += bool(await points.recount(progress.advance))
    if changed:
        await recompute_standings()
        await apply_badges(tell=False)
    await outbox.make_due(IMPORT_ENDED)


async def _say(run: Import) -> None:
    renamed = await list_renamed(run.staging)
    path = write_report(run, renamed, settings.var_dir)
    print("\n".join(report_lines(run, renamed, most_names=NAMES_ON_SCREEN)))
    print(f"\nThis report is in {path}")
