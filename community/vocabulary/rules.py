"""What an entry of the vocabulary may look like, and what all entries together tell the search. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from community.core.i18n import gettext as _
from community.vocabulary.models import EntryKind
from search.configuration import STOP_WORDS, Configuration
from search.names import solid, spellings
from search.synonyms import LONGEST_ENTRY, Words, entry_key
from search.words import WORD

LONGEST_WORD = 60
"""Characters of one line."""
MOST_WORDS = 20
"""Lines of one entry: a group that is too wide makes results worse."""

_ONE_BY_FIRST_WORD = (EntryKind.NAME, EntryKind.ONE_WAY, EntryKind.JARGON)
_LINE_END = re.compile(r"[\n,;]")


@dataclass(frozen=True, slots=True)
class EntryDraft:
    """What somebody wants an entry to say. `replaces` names the group that ships in whose place it stands."""

    kind: EntryKind
    words: tuple[str, ...] = ()
    replaces: str | None = None


def read_words(text: str) -> tuple[str, ...]:
    """The words of a form: one in each line, or with commas between them."""
    lines = (" ".join(line.split()) for line in _LINE_END.split(text))
    return tuple(line for line in lines if line)


def to_configuration(entries: Iterable[EntryDraft], shipped: Sequence[Sequence[str]]) -> Configuration:
    """What the search is told: the groups that ship, unless an entry stands in their place, and the entries."""
    entries = list(entries)
    replaced = {entry.replaces for entry in entries if entry.replaces}
    synonyms = [tuple(group) for group in shipped if group[0] not in replaced]
    names, one_way = [], []
    for entry in entries:
        lower = tuple(word.lower() for word in entry.words)
        if entry.kind == EntryKind.JARGON:
            continue
        if entry.kind == EntryKind.NAME:
            names.append(entry.words[0])
        if entry.kind == EntryKind.ONE_WAY:
            one_way.append(lower)
        elif len(lower) > 1:
            synonyms.append(lower)
    return Configuration(synonyms=tuple(synonyms), one_way=tuple(one_way), names=tuple(names))


def find_problems(draft: EntryDraft, others: Iterable[EntryDraft]) -> list[str]:
    """Everything that is wrong with an entry beside the others (those that ship among them), as sentences."""
    words = draft.words
    if not words:
        return [_("Please write at least one word.")]
    is_searched = draft.kind != EntryKind.JARGON
    problems = [problem for word in words for problem in _problems_of_word(word, is_searched=is_searched)]
    if len(words) == 1 and draft.kind != EntryKind.NAME:
        problems.append(_("One word alone changes nothing. Please write at least one more."))
    if len(words) > MOST_WORDS:
        problems.append(
            _("These are %(count)d words; %(most)d are possible. Groups that are too wide find too much.")
            % {"count": len(words), "most": MOST_WORDS}
        )
    if not is_searched and draft.replaces:
        problems.append(_("This takes the place of words of the search. Please choose another kind."))
    if is_searched:
        problems += _doubles(words)
    problems += _taken(draft, others)
    return list(dict.fromkeys(problems))


def _problems_of_word(word: str, *, is_searched: bool) -> list[str]:
    parts = WORD.findall(word)
    if not parts:
        return [_("“%(word)s” holds neither a letter nor a digit.") % {"word": word}]
    if len(word) > LONGEST_WORD:
        cut = f"{word[:30]}…"
        return [
            _("“%(word)s” is too long; %(most)d characters are possible.")
            % {"word": cut, "most": LONGEST_WORD}
        ]
    if not is_searched:
        return []
    if max(len(way.split()) for way in spellings(word)) > LONGEST_ENTRY:
        return [
            _("“%(word)s” has too many words; %(most)d in a row are possible.")
            % {"word": word, "most": LONGEST_ENTRY}
        ]
    stops = [part for part in parts if part.lower() in STOP_WORDS]
    if stops:
        return [
            _("“%(word)s” holds “%(stop)s”, which the search leaves out. Please write it without.")
            % {"word": word, "stop": stops[0]}
        ]
    return []


def _doubles(words: Sequence[str]) -> list[str]:
    """Words that the search cannot tell apart: inflections, spellings of one name."""
    seen: dict[Words | str, str] = {}
    problems = []
    for word in words:
        keys: list[Words | str] = [key for key in (entry_key(word), solid(word)) if key]
        earlier = next((seen[key] for key in keys if key in seen), None)
        if earlier is not None:
            problems.append(
                _("“%(one)s” and “%(other)s” are the same to the search. One of them is enough.")
                % {"one": earlier, "other": word}
            )
        seen |= dict.fromkeys(keys, word)
    return problems


def _taken(draft: EntryDraft, others: Iterable[EntryDraft]) -> list[str]:
    """Words that another entry has already: a word stands in one group, a name is entered once.

    A name may stand in a group as well; it then brings its spellings there.
    """
    own = {entry_key(word): word for word in _synonyms_of(draft)}
    problems = []
    for other in others:
        for word in _synonyms_of(other):
            if entry_key(word) in own:
                problems.append(
                    _("“%(word)s” already stands in the group “%(group)s”. Please add the other words there.")
                    % {"word": own[entry_key(word)], "group": ", ".join(other.words[:4])}
                )
        same_kind = draft.kind == other.kind and draft.kind in _ONE_BY_FIRST_WORD
        if same_kind and solid(draft.words[0]) == solid(other.words[0]):
            problems.append(_("There is an entry for “%(word)s” already.") % {"word": other.words[0]})
    return problems


def _synonyms_of(draft: EntryDraft) -> tuple[str, ...]:
    """The words that find each other, except for a name itself and words of one direction."""
    if draft.kind == EntryKind.SAME:
        return draft.words
    return draft.words[1:] if draft.kind == EntryKind.NAME else ()
