"""The worker's search for subjects that deserve an entry: a little at a time, so that it costs the same on any site.

Each call looks at the newest solutions, at the next ones of a walk through all of them, and once more at the open
proposals that were looked at longest ago. Two workers at once only repeat each other's work: a thread stands in one
proposal at most, and the database sees to it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from time import monotonic
from typing import Any

from community.core.clock import now
from community.core.db import (
    as_time,
    execute,
    fetch,
    fetch_one,
    in_transaction,
    is_unique_violation,
    random_id,
)
from community.core.rows import insert
from community.faq.words import telling
from community.proposing.actions import note_solutions
from community.proposing.figures import Searched, count, load_facts, load_searched
from community.proposing.models import Proposal, ProposalState, ProposalThread, Return
from community.proposing.rules import MOST_THREADS, Figures
from community.proposing.subjects import (
    Facts,
    alike_by_words,
    list_neighbours,
    load_vectors,
    subject_of,
    weigh_words,
)
from community.proposing.texts import load_texts, propose

NEWEST = 30
WALKED = 100
CATCHING_UP_SECONDS = 5.0
"""Of each minute, for as many solutions as can be looked at, until the walk has been through all of them."""
LOOKED_AT_AGAIN = 30
MOST_TRIED = 3
"""Solutions of one subject that are tried for a draft."""
MOST_ENTRIES = 5_000

_FIGURES = tuple(Figures.__slots__)
_SET_FIGURES = ", ".join(f"{name} = :{name}" for name in (*_FIGURES, "effect"))


async def look_for_proposals() -> None:
    """One call of the worker."""
    searched = await load_searched()
    await refresh_proposals(searched)
    await _look_at(await _newest_solutions(), searched)
    until = monotonic() + CATCHING_UP_SECONDS
    has_caught_up = False
    while not has_caught_up and monotonic() < until:
        thread_ids, has_caught_up = await _next_of_walk()
        await _look_at(thread_ids, searched)


async def walk_anew() -> None:
    """After much has come in at once: the walk begins again, and hurries until it has been through."""
    await execute("DELETE FROM faq_proposal_walks")


async def look_at_everything() -> int:
    """Walk through all solutions once, for the demo; how many proposals are open."""
    searched = await load_searched()
    reached: tuple[Any, int] | None = None
    while rows := await _solutions_after(reached):
        await _look_at([row["thread_id"] for row in rows], searched)
        reached = (rows[-1]["accepted_at"], rows[-1]["thread_id"])
    row = await fetch_one("SELECT COUNT(*) AS n FROM faq_proposals WHERE state = 'open'")
    return int(row["n"]) if row else 0


# --- which threads are looked at --------------------------------------------------------------------------


async def _newest_solutions() -> list[int]:
    rows = await fetch(
        f"SELECT thread_id FROM solutions ORDER BY accepted_at DESC, thread_id LIMIT {NEWEST}"  # noqa: S608
    )
    return [row["thread_id"] for row in rows]


async def _next_of_walk() -> tuple[list[int], bool]:
    """The next solutions in the order in which they were accepted; behind the last one it begins anew. And whether
    the walk has been at the end."""
    place = await fetch_one(
        "SELECT accepted_at, thread_id, has_caught_up FROM faq_proposal_walks WHERE id = 1"
    )
    reached = (as_time(place["accepted_at"]), place["thread_id"]) if place and place["accepted_at"] else None
    rows = await _solutions_after(reached)
    last = rows[-1] if len(rows) == WALKED else None
    has_caught_up = last is None or bool(place and place["has_caught_up"])
    await execute(
        """INSERT INTO faq_proposal_walks (id, accepted_at, thread_id, has_caught_up)
        VALUES (1, :at, :thread_id, :caught_up) ON CONFLICT (id) DO UPDATE SET accepted_at = excluded.accepted_at,
        thread_id = excluded.thread_id, has_caught_up = excluded.has_caught_up""",
        {
            "at": as_time(last["accepted_at"]) if last else None,
            "thread_id": last["thread_id"] if last else 0,
            "caught_up": has_caught_up,
        },
    )
    return [row["thread_id"] for row in rows], has_caught_up


async def _solutions_after(reached: tuple[Any, int] | None) -> Sequence[Any]:
    where = "WHERE (accepted_at, thread_id) > (:at, :thread_id)" if reached else ""
    return await fetch(
        f"""SELECT accepted_at, thread_id FROM solutions {where}
        ORDER BY accepted_at, thread_id LIMIT {WALKED}""",  # noqa: S608 - constants
        {"at": as_time(reached[0]), "thread_id": reached[1]} if reached else {},
    )


# --- looking at them --------------------------------------------------------------------------------------


async def _look_at(thread_ids: Sequence[int], searched: Sequence[Searched]) -> None:
    if not thread_ids:
        return
    neighbours = await list_neighbours(thread_ids)
    around = {each for beside in neighbours.values() for each in beside}
    facts = await load_facts([*thread_ids, *around])
    vectors = await load_vectors([*thread_ids, *around])
    weights = weigh_words([one.words for one in facts.values()])
    covered = await _load_covered([*facts])
    await _forget_withdrawn([*facts])
    for thread_id in thread_ids:
        one = facts.get(thread_id)
        if one is not None and one.post_id is not None and thread_id not in covered:
            subject = subject_of(one, neighbours[thread_id], facts, vectors, weights)
            await _look_at_subject(one, subject, covered, searched)


async def _load_covered(thread_ids: Sequence[int]) -> dict[int, int]:
    """The threads among these that entries were made from, with the entry."""
    rows = await fetch(
        """SELECT f.thread_id, f.entry_id FROM faq_sources f JOIN faq_entries e ON e.id = f.entry_id
        WHERE f.thread_id IN (:ids) AND e.state <> 'withdrawn'""",
        {"ids": list(thread_ids)},
    )
    return {row["thread_id"]: row["entry_id"] for row in rows}


async def _find_entry_like(subject: Sequence[Facts]) -> int | None:
    """The entry whose question asks what a subject asks."""
    rows = await fetch(
        f"""SELECT id, language, question FROM faq_entries WHERE state <> 'withdrawn'
        ORDER BY edited_at DESC LIMIT {MOST_ENTRIES}"""  # noqa: S608 - a constant
    )

    def find() -> int | None:
        asked = [(one.language, one.words) for one in subject]
        for row in rows:
            words = telling(row["question"], row["language"])
            if any(language == row["language"] and alike_by_words(each, words) for language, each in asked):
                return int(row["id"])
        return None

    # Thousands of questions are many words: not where other work waits.
    return await asyncio.to_thread(find)


async def _forget_withdrawn(thread_ids: Sequence[int]) -> None:
    """Decisions for an entry that is withdrawn or gone: its subject is as open as before."""
    await execute(
        """DELETE FROM faq_proposals WHERE state IN ('accepted', 'merged')
        AND id IN (SELECT proposal_id FROM faq_proposal_threads WHERE thread_id IN (:ids))
        AND NOT EXISTS (SELECT 1 FROM faq_entries e
          WHERE e.id = faq_proposals.entry_id AND e.state <> 'withdrawn')""",
        {"ids": list(thread_ids)},
    )


async def _look_at_subject(
    one: Facts, subject: Sequence[Facts], covered: Mapping[int, int], searched: Sequence[Searched]
) -> None:
    """A subject that is known already is joined; another one is proposed if it deserves it."""
    known = await _known(subject)
    own = known.get(one.id)
    if own is not None and own["state"] != ProposalState.DISMISSED:
        return
    beside = [row for row in known.values() if row["state"] in (ProposalState.OPEN, ProposalState.DISMISSED)]
    chosen = own or (beside[0] if beside else None)
    if chosen is not None:
        uncovered = [each for each in subject if each.id not in covered]
        await _join(chosen, one, uncovered, known, searched)
        return
    fresh = [each for each in subject if each.id not in known and each.id not in covered]
    figures = count(one, fresh, searched)
    lead = await _find_lead(fresh) if figures.reasons() else None
    if lead is None:
        return
    entries = [covered[each.id] for each in subject if each.id in covered]
    entries += [row["entry_id"] for row in known.values()]
    entry_id = entries[0] if entries else await _find_entry_like(subject)
    await _propose(fresh, lead, entry_id, figures)


async def _known(subject: Sequence[Facts]) -> dict[int, Any]:
    """The proposals in which threads of a subject stand, by thread."""
    rows = await fetch(
        """SELECT x.thread_id, x.post_id, p.id, p.state, p.entry_id, p.decided_effect
        FROM faq_proposal_threads x JOIN faq_proposals p ON p.id = x.proposal_id
        WHERE x.thread_id IN (:ids)""",
        {"ids": [one.id for one in subject]},
    )
    return {row["thread_id"]: row for row in rows}


async def _propose(subject: Sequence[Facts], lead: Facts, entry_id: int | None, figures: Figures) -> None:
    """A new proposal, drafted from the solution of `lead`."""
    proposal_id, moment = random_id(), now()
    try:
        async with in_transaction():
            await insert(
                Proposal,
                id=proposal_id,
                thread_id=lead.id,
                state=ProposalState.OPEN,
                entry_id=entry_id,
                effect=figures.effect,
                found_at=moment,
                looked_at=moment,
                **_columns(figures),
            )
            for one in subject:
                await _add_thread(proposal_id, one)
    except Exception as error:
        # Another worker was quicker with one of the threads; the next call meets what it made.
        if not is_unique_violation(error):
            raise


async def _find_lead(subject: Sequence[Facts]) -> Facts | None:
    """The thread with the most thanked solution of which a draft answers the question."""
    solved = sorted(
        (one for one in subject if one.post_id is not None), key=lambda one: (-one.kudos_count, one.id)
    )[:MOST_TRIED]
    texts = await load_texts(one.id for one in subject)
    for one in solved:
        proposed = await propose(one.id, [each.id for each in subject if each.id != one.id], texts)
        if proposed is not None and proposed.is_worth_an_entry:
            return one
    return None


async def _join(
    row: Any, one: Facts, subject: Sequence[Facts], known: Mapping[int, Any], searched: Sequence[Searched]
) -> None:
    """What was found about a subject that has a proposal: a dismissed one comes back if there is cause."""
    room = MOST_THREADS - await _count_threads(row["id"])
    new = [each for each in subject if each.id not in known][: max(0, room)]
    cause = ""
    if row["state"] == ProposalState.DISMISSED:
        cause = await _cause_to_return(row, one, new, known, searched)
        if not cause:
            return
    try:
        async with in_transaction():
            for each in new:
                await _add_thread(row["id"], each)
            if cause:
                await execute(
                    """UPDATE faq_proposals SET state = 'open', returned = :cause WHERE id = :id
                    AND state = 'dismissed'""",
                    {"id": row["id"], "cause": cause},
                )
    except Exception as error:
        if not is_unique_violation(error):
            raise
        return
    if new or cause:
        await _refresh(row["id"], searched)


async def _count_threads(proposal_id: int) -> int:
    row = await fetch_one(
        "SELECT COUNT(*) AS n FROM faq_proposal_threads WHERE proposal_id = :id", {"id": proposal_id}
    )
    return int(row["n"]) if row else 0


async def _cause_to_return(
    row: Any, one: Facts, new: Sequence[Facts], known: Mapping[int, Any], searched: Sequence[Searched]
) -> str:
    if any(each.post_id is not None for each in new):
        return Return.THREAD
    before = known.get(one.id)
    if before is not None and before["post_id"] != one.post_id:
        return Return.SOLUTION if before["post_id"] else Return.THREAD
    threads = [await _facts_of(row["id"]), *([new] if new else [])]
    subject = [each for part in threads for each in part]
    figures = count(one, subject, searched)
    return Return.FIGURES if figures.has_grown(row["decided_effect"]) else ""


# --- looking at open proposals again ----------------------------------------------------------------------


async def refresh_proposals(searched: Sequence[Searched]) -> None:
    """Work out those anew that were looked at longest ago."""
    rows = await fetch(
        f"""SELECT id FROM faq_proposals WHERE state = 'open' ORDER BY looked_at
        LIMIT {LOOKED_AT_AGAIN}"""  # noqa: S608 - a constant
    )
    for row in rows:
        await _refresh(row["id"], searched)


async def _facts_of(proposal_id: int) -> list[Facts]:
    rows = await fetch(
        "SELECT thread_id FROM faq_proposal_threads WHERE proposal_id = :id", {"id": proposal_id}
    )
    return list((await load_facts(row["thread_id"] for row in rows)).values())


async def _refresh(proposal_id: int, searched: Sequence[Searched]) -> None:
    """Bring an open proposal in line with its threads. One that nothing speaks for any more is dropped, or
    dismissed as before where it had come back."""
    subject = await _facts_of(proposal_id)
    covered = await _load_covered([one.id for one in subject])
    subject = [one for one in subject if one.id not in covered]
    lead = await _find_lead(subject)
    subject = [one for one in subject if lead is not None and one.circle == lead.circle]
    figures = count(lead, subject, searched) if lead else Figures()
    async with in_transaction():
        kept = [one.id for one in subject]
        if lead is None or not figures.reasons():
            await _drop(proposal_id)
            return
        changed = await execute(
            f"""UPDATE faq_proposals SET {_SET_FIGURES}, thread_id = :lead, looked_at = :now,
            entry_id = CASE WHEN EXISTS (SELECT 1 FROM faq_entries e WHERE e.id = faq_proposals.entry_id
              AND e.state <> 'withdrawn') THEN entry_id END
            WHERE id = :id AND state = 'open'""",  # noqa: S608 - names of ours
            {
                **_columns(figures),
                "effect": figures.effect,
                "lead": lead.id,
                "now": now(),
                "id": proposal_id,
            },
        )
        if not changed:
            return
        await execute(
            "DELETE FROM faq_proposal_threads WHERE proposal_id = :id AND thread_id NOT IN (:kept)",
            {"id": proposal_id, "kept": kept},
        )
        await note_solutions(proposal_id)


async def _drop(proposal_id: int) -> None:
    """That staff have dismissed it before is not forgotten."""
    await execute(
        "DELETE FROM faq_proposals WHERE id = :id AND state = 'open' AND returned = ''", {"id": proposal_id}
    )
    await execute(
        "UPDATE faq_proposals SET state = 'dismissed', returned = '' WHERE id = :id AND state = 'open'",
        {"id": proposal_id},
    )


async def _add_thread(proposal_id: int, one: Facts) -> None:
    await insert(
        ProposalThread, id=random_id(), proposal_id=proposal_id, thread_id=one.id, post_id=one.post_id
    )


def _columns(figures: Figures) -> dict[str, int]:
    return asdict(figures)
