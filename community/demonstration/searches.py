"""What people of the demo community searched for, and the words that its staff taught the search."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.rows import insert_many
from community.demonstration.shapes import DemoContent
from community.insights.models import SearchTerm
from community.insights.searches import day_before
from community.spaces.queries import load_viewer
from community.vocabulary.actions import add_entry
from community.vocabulary.models import EntryKind
from community.vocabulary.rules import EntryDraft


async def fill_searches(content: DemoContent, members: Mapping[str, int]) -> None:
    """Write words and searches; `members` by nickname."""
    for words in content.vocabulary:
        viewer, _spaces = await load_viewer(members[words.by])
        await add_entry(EntryDraft(EntryKind(words.kind), words.words), by=viewer)
    await insert_many(
        SearchTerm,
        [
            {
                "day": day_before(search.days_ago),
                "language": search.language,
                "words": search.words,
                "search_count": search.count,
                "nothing_count": search.nothing,
            }
            for search in content.searches
        ],
    )
