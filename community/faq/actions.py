"""Writing the FAQ. Each action is one transaction; each begins with a lock on the entry's row, so that of two people
at the same moment the second meets what the first has done.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from community.core import markdown, outbox
from community.core.clock import now
from community.core.db import execute, execute_many, fetch, fetch_one, in_transaction, random_id
from community.core.errors import Conflict, NotFound, RuleBroken
from community.core.i18n import gettext as _
from community.core.rows import insert
from community.core.site_stamp import raise_site_stamp
from community.core.text import slug
from community.core.viewer import Viewer
from community.decisions.actions import log, record_release
from community.decisions.work import WorkKind, finish_work, put_work
from community.faq.causes import (
    clear_draft,
    find_amiss_since,
    fit_causes,
    keep_seen_for_draft,
    take_over_draft,
)
from community.faq.changes import note_changes
from community.faq.claims import carry_on, demand_nobody_else, find_holder_id
from community.faq.languages import demand_free_language, list_same
from community.faq.models import (
    PUBLIC_STATES,
    CauseKind,
    Entry,
    EntryRevision,
    EntryState,
)
from community.faq.queries import list_writers
from community.faq.rules import EntryText, digest_of, source_fingerprint, text_of
from community.faq.schedules import drop_schedule, is_scheduled
from community.faq.standing import Source, have_moved_on, is_as_seen, load_sources, with_new_readers
from community.threads.queries import ThreadView


async def draft_entry(
    thread: ThreadView | None, text: EntryText, *, by: Viewer, also: Sequence[int] = ()
) -> int:
    """Draft an entry and answer its id. Made from a solved thread, its sources are the opening post and the solution,
    and those of the solved threads `also`; one that answers what people search for has none.
    """
    entry_id, moment, text = random_id(), now(), text.as_kept()
    async with in_transaction():
        sources = await _posts_of_solved([thread.id, *also]) if thread else []
        await insert(
            Entry,
            id=entry_id,
            category_id=text.category_id,
            state=EntryState.DRAFT,
            language=text.language,
            audience=text.audience,
            related=text.related,
            question=text.question,
            short_answer=text.short_answer,
            steps=text.steps,
            valid_for=text.valid_for,
            valid_until=text.valid_until,
            edited_by=by.id,
            created_at=moment,
            edited_at=moment,
            slug=slug(text.question),
            published_question="",
            published_short_answer="",
            published_steps="",
            published_html="",
            published_valid_for="",
        )
        await _keep_sources(entry_id, sources)
        await _keep_revision(entry_id, 1, text, by.id, moment)
    return entry_id


async def edit_entry(
    entry_id: int, text: EntryText, *, version: int, by: Viewer, seen: str = "", digest: str = ""
) -> int:
    """Replace what editors work on and answer the new version; what the public reads stays as it is.

    `version` is the one the editor saw, `digest` what `digest_of` made of its text: if the entry has moved on, or the
    text has lost the name of an erased member, `Conflict` is raised and nothing is written. Any edit takes the entry
    out of review and takes back the yes to sources that the readers may not read. `seen` is what `seen_together` made
    of the sources in view: if they still say that, their fingerprints are renewed.
    `TakenBySomebody` while somebody else is on it in the queue: it would be taken from under their hands.
    """
    moment, text = now(), text.as_kept()
    async with in_transaction():
        entry = await lock_entry(entry_id, version)
        if digest and digest != digest_of(text_of(entry)):
            raise _changed_meanwhile()
        await demand_nobody_else(entry_id, by)
        if entry["state"] == EntryState.WITHDRAWN:
            raise RuleBroken(_("A withdrawn entry has to be taken up again before it is edited."))
        if text.language != entry["language"]:
            await demand_free_language(entry["original_id"] or entry_id, text.language, besides=entry_id)
        is_public = entry["state"] in PUBLIC_STATES
        await execute(
            """UPDATE faq_entries SET question = :question, short_answer = :short_answer, steps = :steps,
            valid_for = :valid_for, valid_until = :valid_until, category_id = :category_id, language = :language,
            audience = :audience, related = :related, version = :next, edited_by = :by, edited_at = :at,
            cleared_by = NULL, state = :state, newer_state = :newer_state, slug = :slug WHERE id = :id""",
            {
                "id": entry_id,
                "question": text.question,
                "short_answer": text.short_answer,
                "steps": text.steps,
                "valid_for": text.valid_for,
                "valid_until": text.valid_until,
                "category_id": text.category_id,
                "language": text.language,
                "audience": text.audience,
                "related": text.related,
                "next": version + 1,
                "by": by.id,
                "at": moment,
                "state": entry["state"] if is_public else EntryState.DRAFT,
                "newer_state": EntryState.DRAFT if is_public else "",
                "slug": entry["slug"] if entry["published_version"] else slug(text.question),
            },
        )
        await drop_schedule(entry_id, by=by)
        await _keep_revision(entry_id, version + 1, text, by.id, moment)
        await keep_seen_for_draft(entry_id, seen, by)
        await note_work(entry_id, goes_on=True)
    return version + 1


async def send_for_review(
    entry_id: int, *, version: int, by: Viewer, cleared: bool = False, seen: str = ""
) -> None:
    """Ask for a second person's release. `cleared` is the yes of `by` to sources that the readers may not read;
    `seen` is as for `edit_entry`, and a yes to anything else than what was seen is none (`Conflict`)."""
    async with in_transaction():
        entry = await lock_entry(entry_id, version)
        column = _column_of_stage(entry, EntryState.DRAFT)
        if column is None:
            raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
        if entry["category_id"] is None:
            raise RuleBroken(_("Please choose a category before somebody else looks at the entry."))
        sources = (await load_sources([entry_id]))[entry_id]
        needs_yes = _need_clearance(sources)
        if needs_yes:
            _demand_yes(sources, seen, by, cleared=cleared)
        await execute(
            f"UPDATE faq_entries SET {column} = 'in_review', cleared_by = :cleared_by WHERE id = :id",  # noqa: S608
            {"id": entry_id, "cleared_by": by.id if needs_yes else None},
        )
        await keep_seen_for_draft(entry_id, seen, by)
        await note_work(entry_id)
        if needs_yes:
            await clear_draft(entry_id, by)
            await log("faq.cleared", f"faq:{entry_id}", by=by, reason="", version=version)
        await log("faq.sent_for_review", f"faq:{entry_id}", by=by, reason="", version=version)


async def send_back(entry_id: int, *, version: int, by: Viewer, reason: str) -> None:
    """Take an entry out of review, with what is to be changed."""
    if not reason.strip():
        raise RuleBroken(_("Please say why."))
    async with in_transaction():
        entry = await lock_entry(entry_id, version)
        await demand_nobody_else(entry_id, by)
        column = _column_of_stage(entry, EntryState.IN_REVIEW)
        if column is None:
            raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
        await execute(
            f"UPDATE faq_entries SET {column} = 'draft', cleared_by = NULL WHERE id = :id",  # noqa: S608
            {"id": entry_id},
        )
        releaser = await drop_schedule(entry_id, by=by)
        await note_work(entry_id)
        why = await log("faq.sent_back", f"faq:{entry_id}", by=by, reason=reason, version=version)
        await outbox.record("faq.sent_back", entry_id=entry_id, by=by.id, released_by=releaser, log=why)


async def release_entry(entry_id: int, *, version: int, by: Viewer) -> None:
    """Publish exactly this version. Refused for all who wrote in it since the last release (`RuleBroken`), while
    somebody else is on it (`TakenBySomebody`), and for whoever comes second (`Conflict`)."""
    # A version's text never changes, so it may be rendered before the lock is taken.
    html = await asyncio.to_thread(markdown.render, await _steps_of(entry_id, version))
    moment = now()
    async with in_transaction():
        entry = await lock_releasable(entry_id, version, by=by)
        writers = await list_writers(entry_id, after_version=entry["published_version"] or 0)
        await record_release(
            f"faq:{entry_id}", version, drafted_by=entry["edited_by"], by=by, writers=writers
        )
        await execute(
            """UPDATE faq_entries SET state = 'published', newer_state = '', slug = :slug,
            published_version = version, published_question = question, published_short_answer = short_answer,
            published_steps = steps, published_html = :html, published_valid_for = valid_for,
            published_valid_until = valid_until,
            published_language = language, published_audience = audience, published_category_id = category_id,
            published_related = related,
            published_at = COALESCE(published_at, :at), changed_at = :at, checked_at = :at, checked_role = :role,
            withdrawn_at = NULL WHERE id = :id""",
            {
                "id": entry_id,
                "slug": slug(entry["question"]),
                "html": html,
                "at": moment,
                "role": str(by.role),
            },
        )
        await drop_schedule(entry_id)
        await raise_site_stamp()
        await note_changes(await list_same(entry_id))
        # A source that has changed since the text was held against it has the entry checked at once.
        await take_over_draft(entry_id)
        await fit_causes(entry_id, by=by.id, how="released")
        await note_work(entry_id)
        await log("faq.released", f"faq:{entry_id}", by=by, reason="", version=version)
        await outbox.record("faq.published", entry_id=entry_id, by=by.id)


async def withdraw_entry(entry_id: int, *, by: Viewer, reason: str, is_prompted: bool = False) -> None:
    """Take an entry away from all readers; with the reason in the log. Its text stays for editors.

    `TakenBySomebody` while somebody else is on it in the queue, unless what was decided about a report or an
    objection prompts it: that has a claim of its own, and does not wait for an editor.
    """
    if not reason.strip():
        raise RuleBroken(_("Please say why."))
    moment = now()
    async with in_transaction():
        entry = await lock_entry(entry_id)
        if not is_prompted:
            await demand_nobody_else(entry_id, by)
        if entry["state"] == EntryState.WITHDRAWN:
            raise Conflict(_("The entry is withdrawn already."))
        await execute(
            """UPDATE faq_entries SET state = 'withdrawn', newer_state = '', withdrawn_at = :at, cleared_by = NULL
            WHERE id = :id""",
            {"id": entry_id, "at": moment},
        )
        await drop_schedule(entry_id, by=by)
        await raise_site_stamp()
        await note_changes(await list_same(entry_id))
        await fit_causes(entry_id, by=by.id, how="withdrawn")
        await note_work(entry_id)
        await log("faq.withdrawn", f"faq:{entry_id}", by=by, reason=reason)
        await outbox.record("faq.withdrawn", entry_id=entry_id, by=by.id)


async def restore_entry(entry_id: int, *, by: Viewer) -> int:
    """Take a withdrawn entry up again as a draft and answer its new version, which needs a release of its own."""
    moment = now()
    async with in_transaction():
        entry = await lock_entry(entry_id)
        if entry["state"] != EntryState.WITHDRAWN:
            raise Conflict(_("The entry is not withdrawn any more."))
        version = int(entry["version"]) + 1
        await execute(
            """UPDATE faq_entries SET state = 'draft', newer_state = '', version = :version, edited_by = :by,
            edited_at = :at, cleared_by = NULL WHERE id = :id""",
            {"id": entry_id, "version": version, "by": by.id, "at": moment},
        )
        await _keep_revision(entry_id, version, text_of(entry), by.id, moment)
        await log("faq.restored", f"faq:{entry_id}", by=by, reason="")
    return version


# --- what the actions share ---------------------------------------------------------------------------


async def lock_entry(entry_id: int, version: int | None = None) -> dict[str, Any]:
    """The entry's row, which nobody else changes until the transaction ends; `Conflict` if it is another version."""
    if not await execute("UPDATE faq_entries SET version = version WHERE id = :id", {"id": entry_id}):
        raise NotFound
    row = await fetch_one("SELECT * FROM faq_entries WHERE id = :id", {"id": entry_id})
    if row is None:
        raise NotFound
    if version is not None and row["version"] != version:
        raise _changed_meanwhile()
    return dict(row)


def _changed_meanwhile() -> Conflict:
    return Conflict(_("Somebody else has changed this entry meanwhile."))


async def lock_releasable(entry_id: int, version: int, *, by: Viewer) -> dict[str, Any]:
    """The row of an entry, locked, of which this version waits for a second person and could be released by one."""
    entry = await lock_entry(entry_id, version)
    await demand_nobody_else(entry_id, by)
    if _column_of_stage(entry, EntryState.IN_REVIEW) is None:
        raise Conflict(_("The entry does not wait for this step any more. Please look at it again."))
    sources = (await load_sources([entry_id]))[entry_id]
    if (entry["cleared_by"] is None and _need_clearance(sources)) or with_new_readers(sources):
        raise _clearance_missing()
    if have_moved_on(sources, kinds=(CauseKind.ERASED, CauseKind.HIDDEN)):
        raise RuleBroken(
            _(
                "A source was hidden or erased meanwhile. Please send the text back, so that it is looked through."
            )
        )
    return entry


async def note_work(entry_id: int, *, goes_on: bool = False) -> None:
    """For every change of state, in its transaction: an entry in review, or to be checked, waits for staff.

    A version whose release is scheduled waits for nobody. With `goes_on`, whoever is on the entry stays on it.
    """
    row = await fetch_one(
        "SELECT state, newer_state, edited_by, published_version FROM faq_entries WHERE id = :id",
        {"id": entry_id},
    )
    subject = f"faq:{entry_id}"
    holder = await find_holder_id(entry_id) if goes_on else None
    for kind in (WorkKind.FAQ, WorkKind.DRAFT):
        await finish_work(kind, subject)
    if row is None:
        return
    stages = (row["state"], row["newer_state"])
    to_check = row["state"] == EntryState.CHECK
    to_release = EntryState.IN_REVIEW in stages and not await is_scheduled(entry_id)
    if to_check or to_release:
        # Whoever wrote a newer version may still check the released text; releasing has a rule of its own.
        only_release = not to_check
        kept_from: Collection[int] = ()
        if only_release:
            kept_from = await list_writers(entry_id, after_version=row["published_version"] or 0)
        since, urgent_since = await find_amiss_since(entry_id)
        await put_work(
            WorkKind.FAQ,
            subject,
            space_id=None,
            since=since or now(),
            due_at=urgent_since,
            not_for=row["edited_by"] if only_release else None,
            kept_from=kept_from,
        )
    if holder is not None and (to_check or to_release or EntryState.DRAFT in stages):
        await carry_on(entry_id, holder)


async def rest_on_more(entry: dict[str, Any], *, by: Viewer) -> None:
    """An entry, locked, has got another source. A version in review was not held against it: it is a draft again."""
    entry_id = entry["id"]
    column = _column_of_stage(entry, EntryState.IN_REVIEW)
    back = f", {column} = 'draft'" if column else ""
    await execute(f"UPDATE faq_entries SET cleared_by = NULL{back} WHERE id = :id", {"id": entry_id})  # noqa: S608
    if column:
        releaser = await drop_schedule(entry_id, by=by)
        await log("faq.sent_back", f"faq:{entry_id}", by=by, reason="", version=entry["version"])
        await outbox.record("faq.rests_on_more", entry_id=entry_id, by=by.id, released_by=releaser)
    await note_work(entry_id, goes_on=True)


def _column_of_stage(entry: dict[str, Any], stage: EntryState) -> str | None:
    """The column that says that the version in work stands at `stage`; None if it stands elsewhere."""
    if entry["state"] == stage:
        return "state"
    if entry["state"] in PUBLIC_STATES and entry["newer_state"] == stage:
        return "newer_state"
    return None


async def _steps_of(entry_id: int, version: int) -> str:
    row = await fetch_one(
        "SELECT steps FROM faq_revisions WHERE entry_id = :id AND version = :version",
        {"id": entry_id, "version": version},
    )
    if row is None:
        raise NotFound
    return str(row["steps"])


async def _keep_revision(entry_id: int, version: int, text: EntryText, by: int, moment: datetime) -> None:
    await insert(
        EntryRevision,
        entry_id=entry_id,
        version=version,
        question=text.question,
        short_answer=text.short_answer,
        steps=text.steps,
        valid_for=text.valid_for,
        valid_until=text.valid_until,
        audience=text.audience,
        category_id=text.category_id,
        language=text.language,
        related=text.related,
        edited_by=by,
        saved_at=moment,
    )


async def add_sources(entry_id: int, thread_ids: Sequence[int], *, by: Viewer) -> None:
    """Let an entry be made from these solved threads as well; a source that it has keeps its fingerprint.

    The yes to sources that its readers may not read was given without the new ones, so it is taken back.
    """
    async with in_transaction():
        entry = await lock_entry(entry_id)
        await demand_nobody_else(entry_id, by)
        if entry["state"] == EntryState.WITHDRAWN:
            raise RuleBroken(_("A withdrawn entry has to be taken up again before it is edited."))
        posts = await _posts_of_solved(thread_ids)
        await _keep_sources(entry_id, posts, unread=entry["published_version"] is not None)
        await rest_on_more(entry, by=by)


async def _keep_sources(entry_id: int, posts: Sequence[dict[str, Any]], *, unread: bool = False) -> None:
    """With `unread` the released text was made without them: only the version in work rests on them."""
    await execute_many(
        """INSERT INTO faq_sources
        (id, entry_id, post_id, thread_id, checked_thread_id, is_answer, fingerprint, draft_fingerprint)
        VALUES (:id, :entry_id, :post_id, :thread_id, :thread_id, :is_answer,
          CASE WHEN :unread = 1 THEN '' ELSE :fingerprint END, CASE WHEN :unread = 1 THEN :fingerprint ELSE '' END)
        ON CONFLICT (entry_id, post_id) DO NOTHING""",
        [
            {
                "id": random_id(),
                "entry_id": entry_id,
                "post_id": post["id"],
                "thread_id": post["thread_id"],
                "is_answer": post["kind"] == "answer",
                "fingerprint": source_fingerprint(post["kind"], post["title"], post["body"]),
                "unread": int(unread),
            }
            for post in posts
        ],
    )


async def _posts_of_solved(thread_ids: Sequence[int]) -> list[dict[str, Any]]:
    """The opening posts and solutions of these threads."""
    rows = await fetch(
        """SELECT p.id, p.kind, p.body, t.title, t.id AS thread_id
        FROM threads t JOIN solutions x ON x.thread_id = t.id
        JOIN posts p ON p.thread_id = t.id AND (p.kind = 'opening' OR p.id = x.post_id)
        WHERE t.id IN (:ids) AND t.hidden_at IS NULL AND p.hidden_at IS NULL""",
        {"ids": list(thread_ids)},
    )
    if len(rows) < 2 * len(thread_ids):
        raise RuleBroken(_("Only a solved thread can become an FAQ entry."))
    return [dict(row) for row in rows]


def _need_clearance(sources: Iterable[Source]) -> bool:
    """Looked at by what the spaces of the sources are now: a thread may have been moved since the draft."""
    return any(source.draft_narrowed for source in sources)


def _demand_yes(sources: Sequence[Source], seen: str, by: Viewer, *, cleared: bool) -> None:
    """The text gives nothing away: only who has read all that it could give away can say so."""
    if not (cleared and all(by.may_read(source.space_id) for source in sources if source.draft_narrowed)):
        raise _clearance_missing()
    if not is_as_seen(sources, seen, by):
        raise Conflict(_("A source has changed while you were looking. Please look at it again."))


def _clearance_missing() -> RuleBroken:
    return RuleBroken(
        _(
            "The readers of this entry may not read all of its sources. Please confirm that it gives nothing away."
        )
    )


async def follow_sources(thread_ids: Sequence[int]) -> None:
    """Sources are posts: they count for the threads they stand in now, for all that stand in these threads."""
    await execute(
        """UPDATE faq_sources SET thread_id = (SELECT p.thread_id FROM posts p WHERE p.id = faq_sources.post_id)
        WHERE post_id IN (SELECT p.id FROM posts p WHERE p.thread_id IN (:threads))""",
        {"threads": list(thread_ids)},
    )
