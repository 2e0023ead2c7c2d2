"""How the sources of an entry stand now, beside what a person has found right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from community.core.db import fetch
from community.core.viewer import Viewer
from community.faq.models import CauseKind
from community.faq.rules import needs_clearance, seen_together, source_fingerprint


class Flaw(NamedTuple):
    """Something amiss with a source; `mark` says which solution, thread or access where that matters."""

    kind: str
    mark: str = ""

    def written(self) -> str:
        return f"{self.kind}:{self.mark}" if self.mark else self.kind


@dataclass(frozen=True, slots=True)
class Source:
    """A source as it stands now, beside what was found right."""

    id: int
    entry_id: int
    post_id: int
    space_id: int
    thread_id: int
    says: frozenset[str]
    """Every fingerprint that means "as it is now": a post that was carried may have been of another kind before."""
    fingerprint: str
    """What it says now."""
    is_answer: bool
    """Whether it may be the solution of the thread it stands in; what a split has made an opening post may not."""
    solution_id: int | None
    replaced_by: int | None
    shortcomings: frozenset[Flaw]
    """What is amiss with it whoever reads the entry, but its words and its solution."""
    narrowed: bool
    """Whether readers of the released entry may not read it; `draft_narrowed`: those of the version in work."""
    draft_narrowed: bool
    access: str
    kept: str
    accepted: frozenset[str]
    draft_kept: str
    draft_accepted: frozenset[str]

    def fingerprint_kept(self, kept: str) -> str:
        """What to keep of what it says now: `kept` if that means the same, so that what it was is not forgotten."""
        return kept if kept in self.says else self.fingerprint


_SOURCES = """
SELECT f.id, f.entry_id, f.post_id, f.fingerprint AS kept, f.accepted, f.draft_fingerprint, f.draft_accepted,
f.checked_thread_id, f.replaced_by_id, f.is_answer, p.kind, p.body, p.hidden_at, t.id AS thread_id, t.title,
t.space_id, t.hidden_at AS thread_hidden_at, s.access, x.post_id AS solution_id, o.title AS earlier_title,
e.published_audience, e.audience, p.erased_at
FROM faq_sources f JOIN faq_entries e ON e.id = f.entry_id JOIN posts p ON p.id = f.post_id
JOIN threads t ON t.id = p.thread_id JOIN spaces s ON s.id = t.space_id
LEFT JOIN solutions x ON x.thread_id = t.id LEFT JOIN threads o ON o.id = f.checked_thread_id
WHERE f.entry_id IN (:ids) ORDER BY p.created_at, p.id
"""


async def load_sources(entry_ids: Sequence[int]) -> dict[int, list[Source]]:
    """The sources of these entries, the oldest post first."""
    found: dict[int, list[Source]] = {entry_id: [] for entry_id in entry_ids}
    for row in await fetch(_SOURCES, {"ids": list(entry_ids)}):
        found[row["entry_id"]].append(_source(row))
    return found


def _source(row: Mapping[str, Any]) -> Source:
    present = source_fingerprint(row["kind"], row["title"], row["body"])
    is_opening = row["kind"] == "opening"
    was_carried = row["checked_thread_id"] is not None and row["checked_thread_id"] != row["thread_id"]
    before = present
    if was_carried:
        before = source_fingerprint(
            "answer" if is_opening else "opening", row["earlier_title"] or "", row["body"]
        )
    return Source(
        id=row["id"],
        entry_id=row["entry_id"],
        post_id=row["post_id"],
        space_id=row["space_id"],
        thread_id=row["thread_id"],
        says=frozenset({present, before}),
        fingerprint=present,
        is_answer=bool(row["is_answer"]) and not is_opening,
        solution_id=row["solution_id"],
        replaced_by=row["replaced_by_id"],
        shortcomings=frozenset(_shortcomings(row, was_carried)),
        narrowed=needs_clearance(row["published_audience"], [row["access"]]),
        draft_narrowed=needs_clearance(row["audience"], [row["access"]]),
        access=row["access"],
        kept=row["kept"],
        accepted=frozenset(row["accepted"].split()),
        draft_kept=row["draft_fingerprint"] or row["kept"],
        draft_accepted=frozenset(row["draft_accepted" if row["draft_fingerprint"] else "accepted"].split()),
    )


def _shortcomings(row: Mapping[str, Any], was_carried: bool) -> Iterable[Flaw]:
    if row["erased_at"] is not None:
        yield Flaw(CauseKind.ERASED)
    elif row["hidden_at"] is not None or row["thread_hidden_at"] is not None:
        yield Flaw(CauseKind.HIDDEN)
    if was_carried:
        yield Flaw(CauseKind.CARRIED, str(row["thread_id"]))


def flaws_of(sources: Sequence[Source], *, draft: bool = False) -> dict[int, frozenset[Flaw]]:
    """By the id of the source, for one entry: all that is amiss with it, found no matter or not, but its words.

    With `draft` for the version in work, which may rest on a source that the released one does not have yet.
    """
    used = [s for s in sources if (s.replaced_by is None if draft else s.kept)]
    posts = {source.post_id for source in used}
    flaws = {source.id: set(source.shortcomings) for source in sources}
    for source in sources:
        if source.draft_narrowed if draft else source.narrowed:
            flaws[source.id].add(Flaw(CauseKind.NARROWED, source.access))
    missing: set[int] = set()
    for source in used:
        # Of several answers of one thread the first stands for all.
        if source.is_answer and source.solution_id not in posts and source.thread_id not in missing:
            missing.add(source.thread_id)
            is_open = source.solution_id is None
            kind = CauseKind.REOPENED if is_open else CauseKind.OTHER_SOLUTION
            flaws[source.id].add(Flaw(kind, "" if is_open else str(source.solution_id)))
    return {source_id: frozenset(found) for source_id, found in flaws.items()}


def is_edited(source: Source, *, draft: bool = False) -> bool:
    """Whether it said something else when the text was last held against it."""
    kept = source.draft_kept if draft else source.kept
    return bool(kept) and kept not in source.says and Flaw(CauseKind.ERASED) not in source.shortcomings


def written(flaws: Iterable[Flaw]) -> str:
    return " ".join(sorted(flaw.written() for flaw in flaws))


def standing_of(sources: Sequence[Source]) -> dict[int, str]:
    """How each source of one entry stands now, as one value that changes with everything that could matter; but not
    with whom the text is for, which the form that has kept it may change itself.
    """
    flaws = flaws_of(sources, draft=True)
    return {
        source.id: f"{source.post_id} {source.fingerprint} {source.access} "
        + written(flaw for flaw in flaws[source.id] if flaw.kind != CauseKind.NARROWED)
        for source in sources
    }


def is_as_seen(sources: Sequence[Source], seen: str, by: Viewer) -> bool:
    """Whether those of the sources that `by` may read stand as they did in the form that has kept `seen`."""
    standing = standing_of(sources)
    return seen == seen_together(standing[source.id] for source in readable(sources, by))


def readable(sources: Sequence[Source], viewer: Viewer) -> list[Source]:
    return [source for source in sources if viewer.may_read(source.space_id)]


def with_new_readers(sources: Sequence[Source]) -> list[Source]:
    """Sources that readers of the version in work may not read without that anybody has said yes to it."""
    flaws = flaws_of(sources, draft=True)
    return [
        source
        for source in sources
        if any(
            f.kind == CauseKind.NARROWED and f.written() not in source.draft_accepted
            for f in flaws[source.id]
        )
    ]


def find_newly_narrowed(sources: Sequence[Source], viewer: Viewer) -> list[Source]:
    """Those that `viewer` may read and readers of the released text may not, without anybody's yes to it."""
    flaws = flaws_of(sources)
    return [
        source
        for source in readable(sources, viewer)
        if any(f.kind == CauseKind.NARROWED and f.written() not in source.accepted for f in flaws[source.id])
    ]


def have_moved_on(sources: Sequence[Source], *, kinds: Iterable[str] = CauseKind) -> bool:
    """Whether something of these `kinds` has happened to a source since the version in work was held against it."""
    flaws = flaws_of(sources, draft=True)
    return any(
        (CauseKind.EDITED in kinds and is_edited(source, draft=True))
        or any(f.kind in kinds and f.written() not in source.draft_accepted for f in flaws[source.id])
        for source in sources
        if source.replaced_by is None
    )
