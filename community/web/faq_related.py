"""Picking related entries in the form of an entry: ticked ones are kept, others are found by words."""

from __future__ import annotations

from collections.abc import Mapping

from community.core.viewer import Viewer
from community.faq.related import Candidate, find_candidates, list_candidates
from community.faq.rules import EntryText, split_ids
from community.web.faq_views import RelatedChoice, RelatedPicker
from community.web.parts import FormState

PREFIX = "related_"
LONGEST_WORDS = 100


def read_related(fields: Mapping[str, str]) -> tuple[int, ...]:
    """The ticked entries of the form, in its order."""
    numbers = (name.removeprefix(PREFIX) for name in fields if name.startswith(PREFIX))
    return tuple(
        int(number) for number in numbers if number.isascii() and number.isdecimal() and len(number) <= 16
    )


def related_fields(text: EntryText) -> dict[str, str]:
    return {f"{PREFIX}{number}": "1" for number in split_ids(text.related)}


async def picker_of(
    viewer: Viewer, form: FormState, *, besides: int, texts: tuple[EntryText, ...]
) -> RelatedPicker:
    """`texts` are those whose related entries have to be called by name on the page."""
    ticked = read_related(form.values)
    words = form.value("related_words").strip()[:LONGEST_WORDS]
    found = await find_candidates(viewer, words, besides=besides) if words else ()
    known = await list_candidates(viewer, {*ticked, *(n for text in texts for n in split_ids(text.related))})
    return RelatedPicker(
        ticked=tuple(_choice(known[number]) for number in ticked if number in known),
        found=tuple(_choice(one) for one in found if one.id not in ticked),
        is_searched=bool(words),
        titles={number: one.question for number, one in known.items()},
    )


def _choice(one: Candidate) -> RelatedChoice:
    return RelatedChoice(f"{PREFIX}{one.id}", one.question, one.language)
