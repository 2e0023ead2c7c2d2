"""Why a released entry has to be checked: what is amiss with its sources and dates now, against what a person has
found right. Causes are made to fit that, whatever brought it about: so a missed fact or a second run does no harm,
nothing is raised twice, and what is taken back settles itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from community.core.clock import now
from community.core.db import as_time, execute, fetch
from community.core.i18n import local_time
from community.core.rows import insert
from community.core.viewer import Viewer
from community.faq.models import PUBLIC_STATES, CauseKind, EntryCause, EntryState
from community.faq.standing import (
    Flaw,
    Source,
    flaws_of,
    is_as_seen,
    is_edited,
    load_sources,
    readable,
    with_new_readers,
    written,
)

CHECK_EVERY = timedelta(days=365)
LEAST_UNHELPFUL = 3
UNHELPFUL_PERCENT = 40
"""Bad feedback: at least so many said no since the last check, and they are more than this share of all answers."""
URGENT = frozenset({CauseKind.NARROWED, CauseKind.ERASED, CauseKind.HIDDEN})
"""What readers see may be what they must not see: these stand on top of the queue."""


class Wanted(NamedTuple):
    """A cause that an entry has to have."""

    kind: str
    post_id: int | None = None
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Fitted:
    """What `fit_causes` has changed."""

    state_changed: bool
    urgency_changed: bool
    """Whether something that cannot wait has come or gone."""


def _wanted_for_sources(sources: Sequence[Source]) -> set[Wanted]:
    flaws = flaws_of(sources)
    wanted = set()
    for source in sources:
        if not source.kept:
            continue
        if is_edited(source):
            wanted.add(Wanted(CauseKind.EDITED, source.post_id))
        wanted |= {
            Wanted(flaw.kind, source.post_id, flaw.mark)
            for flaw in flaws[source.id]
            if flaw.written() not in source.accepted
        }
    return wanted


# --- dates and feedback -----------------------------------------------------------------------------------


def today() -> date:
    """The day it is where the community is at home."""
    return local_time(now()).date()


async def _wanted_for_entries(entry_ids: Sequence[int]) -> dict[int, set[Wanted]]:
    """Causes that do not come from sources, for those of the entries that are released."""
    rows = await fetch(
        """SELECT e.id, e.published_valid_until, e.checked_at,
        (SELECT COUNT(*) FROM faq_feedback f WHERE f.entry_id = e.id AND f.created_at > e.checked_at) AS answers,
        (SELECT COUNT(*) FROM faq_feedback f WHERE f.entry_id = e.id AND f.created_at > e.checked_at
          AND CASE WHEN f.helpful THEN 0 ELSE 1 END = 1) AS unhelpful
        FROM faq_entries e WHERE e.id IN (:ids) AND e.state IN (:states)""",
        {"ids": list(entry_ids), "states": list(PUBLIC_STATES)},
    )
    day, long_ago = today().isoformat(), now() - CHECK_EVERY
    wanted: dict[int, set[Wanted]] = {}
    for row in rows:
        checked_at = as_time(row["checked_at"])
        kinds = {
            CauseKind.EXPIRED: "" < row["published_valid_until"] < day,
            CauseKind.UNCHECKED: checked_at is not None and checked_at < long_ago,
            CauseKind.FEEDBACK: is_bad_feedback(row["answers"], row["unhelpful"]),
        }
        wanted[row["id"]] = {Wanted(kind) for kind, holds in kinds.items() if holds}
    return wanted


def is_bad_feedback(answers: int, unhelpful: int) -> bool:
    return unhelpful >= LEAST_UNHELPFUL and 100 * unhelpful > UNHELPFUL_PERCENT * answers


# --- causes made to fit -----------------------------------------------------------------------------------


async def find_unfitting(entry_ids: Sequence[int]) -> list[int]:
    """Those of the released entries whose causes, or state, do not say what is amiss now."""
    wanted = await _wanted_for_entries(entry_ids)
    sources = await load_sources(list(wanted))
    states = await fetch("SELECT id, state FROM faq_entries WHERE id IN (:ids)", {"ids": list(wanted)})
    raised = await _open_causes(list(wanted))
    unfitting = []
    for row in states:
        entry_id = row["id"]
        due = wanted[entry_id] | _wanted_for_sources(sources[entry_id])
        is_right = row["state"] == (EntryState.CHECK if due else EntryState.PUBLISHED)
        if due != set(raised[entry_id]) or not is_right or _outlived(sources[entry_id]):
            unfitting.append(entry_id)
    return unfitting


async def fit_causes(entry_id: int, *, by: int | None = None, how: str = "taken_back") -> Fitted:
    """Raise and settle causes, so that they say what is amiss now. In a transaction that holds the entry's row.

    What is settled was settled by `by`, in the way `how`. An entry that is not released has no causes.
    """
    moment = now()
    states = await fetch("SELECT state FROM faq_entries WHERE id = :id", {"id": entry_id})
    state = states[0]["state"]
    is_public = state in PUBLIC_STATES
    sources = (await load_sources([entry_id]))[entry_id]
    wanted: set[Wanted] = set()
    if is_public:
        wanted = (await _wanted_for_entries([entry_id]))[entry_id] | _wanted_for_sources(sources)
    raised = (await _open_causes([entry_id]))[entry_id]
    gone = [cause_id for cause, cause_id in raised.items() if cause not in wanted]
    if gone:
        await execute(
            """UPDATE faq_causes SET settled_at = :at, settled_by = :by, settled_how = :how WHERE id IN (:ids)""",
            {"at": moment, "by": by, "how": how, "ids": gone},
        )
    new = sorted(wanted - set(raised), key=str)
    for cause in new:
        await insert(EntryCause, entry_id=entry_id, **cause._asdict(), raised_at=moment)
    for source_id, accepted in _outlived(sources).items():
        await execute(
            "UPDATE faq_sources SET accepted = :accepted WHERE id = :id",
            {"accepted": accepted, "id": source_id},
        )
    await _keep_former(entry_id, sources)
    due_state = EntryState.CHECK if wanted else EntryState.PUBLISHED
    if is_public and state != due_state:
        await execute(
            "UPDATE faq_entries SET state = :state WHERE id = :id", {"state": due_state, "id": entry_id}
        )
    return Fitted(
        state_changed=is_public and state != due_state,
        urgency_changed=any(cause.kind in URGENT for cause in raised.keys() ^ wanted),
    )


async def _keep_former(entry_id: int, sources: Sequence[Source]) -> None:
    """What is not the solution any more takes the place of no source."""
    for source in sources:
        if source.replaced_by is not None and source.solution_id != source.replaced_by:
            await drop_replacement(entry_id, source)


async def drop_replacement(entry_id: int, source: Source) -> None:
    """The source stays, and what was to take its place goes, unless readers see that as a source already."""
    await execute("UPDATE faq_sources SET replaced_by_id = NULL WHERE id = :id", {"id": source.id})
    await execute(
        "DELETE FROM faq_sources WHERE entry_id = :id AND post_id = :post AND fingerprint = ''",
        {"id": entry_id, "post": source.replaced_by},
    )


async def _open_causes(entry_ids: Sequence[int]) -> dict[int, dict[Wanted, int]]:
    """By entry: each cause that is not settled, with its id."""
    found: dict[int, dict[Wanted, int]] = {entry_id: {} for entry_id in entry_ids}
    rows = await fetch(
        """SELECT id, entry_id, kind, post_id, mark FROM faq_causes
        WHERE entry_id IN (:ids) AND settled_at IS NULL ORDER BY id""",
        {"ids": list(entry_ids)},
    )
    for row in rows:
        found[row["entry_id"]][Wanted(row["kind"], row["post_id"], row["mark"])] = row["id"]
    return found


def _outlived(sources: Sequence[Source]) -> dict[int, str]:
    """By source what stays accepted, where something that was is not amiss any more: if it comes again, it counts."""
    flaws = flaws_of(sources)
    kept = {
        source: source.accepted & {flaw.written() for flaw in flaws[source.id]}
        for source in sources
        if source.accepted
    }
    return {
        source.id: " ".join(sorted(accepted))
        for source, accepted in kept.items()
        if accepted != source.accepted
    }


async def find_amiss_since(entry_id: int) -> tuple[datetime | None, datetime | None]:
    """Since when something is amiss, and something that cannot wait; None where nothing is."""
    rows = await fetch(
        """SELECT MIN(raised_at) AS since, MIN(CASE WHEN kind IN (:kinds) THEN raised_at END) AS urgent_since
        FROM faq_causes WHERE entry_id = :id AND settled_at IS NULL""",
        {"id": entry_id, "kinds": sorted(URGENT)},
    )
    return as_time(rows[0]["since"]), as_time(rows[0]["urgent_since"])


# --- what a person has found right ------------------------------------------------------------------------


async def keep_seen_for_draft(entry_id: int, seen: str, by: Viewer) -> None:
    """The version in work rests on the sources as they stand now, if `by` has seen them like that; but not that its
    readers may not read them: that takes a yes."""
    sources = (await load_sources([entry_id]))[entry_id]
    if not is_as_seen(sources, seen, by):
        return
    flaws = flaws_of(sources, draft=True)
    for source in readable(sources, by):
        accepted = written(flaw for flaw in flaws[source.id] if flaw.kind != CauseKind.NARROWED)
        await _keep_for_draft(source, source.fingerprint_kept(source.draft_kept), accepted)


async def clear_draft(entry_id: int, by: Viewer) -> None:
    """`by` has said yes to what readers of the version in work may not read now, of what `by` may read."""
    sources = (await load_sources([entry_id]))[entry_id]
    for source in readable(with_new_readers(sources), by):
        yes = Flaw(CauseKind.NARROWED, source.access).written()
        await _keep_for_draft(source, source.draft_kept, " ".join(sorted(source.draft_accepted | {yes})))


async def _keep_for_draft(source: Source, fingerprint: str, accepted: str) -> None:
    await execute(
        "UPDATE faq_sources SET draft_fingerprint = :fingerprint, draft_accepted = :accepted WHERE id = :id",
        {"fingerprint": fingerprint, "accepted": accepted, "id": source.id},
    )


async def take_over_draft(entry_id: int) -> None:
    """The released text is what was in work: it rests on the sources as that did."""
    await execute(
        """UPDATE faq_sources SET fingerprint = CASE WHEN draft_fingerprint <> '' THEN draft_fingerprint
        ELSE fingerprint END, accepted = CASE WHEN draft_fingerprint <> '' THEN draft_accepted ELSE accepted END,
        draft_fingerprint = '', draft_accepted = '' WHERE entry_id = :id""",
        {"id": entry_id},
    )
    await drop_replaced(entry_id)


async def accept_as_they_are(
    entry_id: int, sources: Sequence[Source], by: Viewer, *, has_newer: bool
) -> None:
    """The released text was held against those of the `sources`, as they were loaded, that `by` may read.

    Nobody has held a newer version against them: it goes on resting on what it has rested on.
    """
    flaws, of_draft = flaws_of(sources), flaws_of(sources, draft=True)
    for source in readable(sources, by):
        # Those taken in count from now on, so solutions are looked at as in work; who reads it, as released.
        found = {flaw for flaw in of_draft[source.id] if flaw.kind != CauseKind.NARROWED}
        found |= {flaw for flaw in flaws[source.id] if flaw.kind == CauseKind.NARROWED}
        await execute(
            """UPDATE faq_sources SET fingerprint = :fingerprint, accepted = :accepted,
            draft_fingerprint = :draft, draft_accepted = :draft_accepted WHERE id = :id""",
            {
                "fingerprint": source.fingerprint_kept(source.kept),
                "accepted": written(found),
                "draft": source.draft_kept if has_newer else "",
                "draft_accepted": " ".join(sorted(source.draft_accepted)) if has_newer else "",
                "id": source.id,
            },
        )
    await drop_replaced(entry_id)


async def drop_replaced(entry_id: int) -> None:
    """A source goes as soon as the text was held against the one that takes its place."""
    await execute(
        """DELETE FROM faq_sources WHERE entry_id = :id AND replaced_by_id IN
        (SELECT r.post_id FROM faq_sources r WHERE r.entry_id = :id AND r.fingerprint <> '')""",
        {"id": entry_id},
    )
