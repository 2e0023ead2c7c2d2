"""What a proposal says, taken from its threads at the moment when it is looked at."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from community.core.db import fetch
from community.faq.asked import Asked, best_question, is_for_everybody, says_what_is_asked
from community.faq.drafting import Draft, draft_answer
from community.threads.erased import erased_texts
from community.threads.writers import list_writers


@dataclass(frozen=True, slots=True)
class Texts:
    """The texts of one thread: its question, its solution where it has one that readers see, who wrote there."""

    title: str
    language: str
    body: str
    solution: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proposed:
    question: str
    draft: Draft
    language: str

    @property
    def is_worth_an_entry(self) -> bool:
        asks = says_what_is_asked(self.question, self.language) and is_for_everybody(self.question)
        return asks and self.draft.answers


async def load_texts(thread_ids: Iterable[int]) -> dict[int, Texts]:
    """Of threads that are neither hidden nor erased."""
    rows = await fetch(
        """SELECT t.id, t.title, t.language, p.kind, p.body FROM threads t
        JOIN posts p ON p.thread_id = t.id AND p.hidden_at IS NULL
        LEFT JOIN solutions x ON x.post_id = p.id
        WHERE t.id IN (:ids) AND t.hidden_at IS NULL AND (p.kind = 'opening' OR x.post_id IS NOT NULL)""",
        {"ids": sorted(set(thread_ids))},
    )
    names = await list_writers(row["id"] for row in rows)
    found: dict[int, Texts] = {}
    for row in rows:
        erased = erased_texts(row["language"])
        if row["title"] == erased.title:
            continue
        body = "" if row["body"] in (erased.by_author, erased.by_staff) else row["body"]
        before = found.get(row["id"]) or Texts(
            row["title"], row["language"], "", "", names.get(row["id"], ())
        )
        is_opening = row["kind"] == "opening"
        found[row["id"]] = replace(before, body=body) if is_opening else replace(before, solution=body)
    return found


async def propose(lead: int, others: Sequence[int], texts: Mapping[int, Texts]) -> Proposed | None:
    """Question and draft of a subject, made in a thread of its own because it works through whole texts."""
    if lead not in texts or not texts[lead].solution:
        return None
    chosen = [texts[each] for each in (lead, *others) if each in texts]
    return await asyncio.to_thread(_propose, chosen)


def _propose(texts: Sequence[Texts]) -> Proposed:
    lead = texts[0]
    names = {name for one in texts for name in one.names}
    question = best_question([Asked(one.title, one.body, one.language) for one in texts], names)
    draft = draft_answer(question, lead.solution, lead.language, names)
    return Proposed(question, draft, lead.language)
