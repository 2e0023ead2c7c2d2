"""The FAQ of the demo community, made by the same steps as by people: draft, review, release by somebody else."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.viewer import Viewer
from community.demonstration.faq_check import edit_sources, valid_until
from community.demonstration.faq_use import fill_uses, quote_entries
from community.demonstration.shapes import DemoContent
from community.faq.actions import draft_entry, release_entry, send_for_review
from community.faq.categories import make_category
from community.faq.rules import EntryText
from community.spaces.queries import load_viewer
from community.threads.history import Brought
from community.threads.queries import get_thread


async def fill_faq(content: DemoContent, members: Mapping[str, int], threads: Mapping[str, Brought]) -> None:
    """Write categories and entries; `members` by nickname, `threads` by their id in the files."""
    categories = {
        category.slug: await make_category(category.name, category.language)
        for category in content.categories
    }
    made = {}
    for entry in content.entries:
        editor = await _viewer(members[entry.drafted_by])
        thread = await get_thread(threads[entry.source].thread_id, editor)
        text = EntryText(
            question=entry.question,
            short_answer=entry.short_answer,
            steps=entry.steps,
            valid_for=entry.valid_for,
            valid_until=valid_until(entry.id),
            category_id=categories[entry.category],
            language=entry.language,
        )
        made[entry.id] = entry_id = await draft_entry(thread, text, by=editor)
        if entry.state != "draft":
            await send_for_review(entry_id, version=1, by=editor)
        if entry.state == "published":
            await release_entry(entry_id, version=1, by=await _viewer(members[entry.released_by]))
    await quote_entries(members, threads, made)
    await edit_sources(threads, made)
    await fill_uses(made)


async def _viewer(member_id: int) -> Viewer:
    viewer, _spaces = await load_viewer(member_id)
    return viewer
