"""Which version of a text is in force when, what is left to fill in, where its headings are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from community.core import markdown
from community.core.i18n import gettext as _
from community.core.text import slug

LEGAL_PAGES = ("imprint", "privacy", "terms", "netiquette")
"""What everybody may read, under /pages/."""
HANDBOOK = "handbook"
"""What staff alone may read, at an address of its own."""
PAGES = (*LEGAL_PAGES, HANDBOOK)

NUMBERS = {"imprint": 1, "privacy": 2, "terms": 3, "netiquette": 4, "handbook": 5}
"""By which the moderation log knows a page; a number is never given to another page."""

LONGEST_TEXT = 40_000
LONGEST_SUMMARY = 1_000
LONGEST_NOTE = 300
SHORTEST_REASON = 3
LONGEST_REASON = 500
SHORTEST_IMPRINT = 80
"""Characters. Name, address and a way of contact do not fit into less."""

PLACEHOLDER = re.compile(r"\[\[([^\[\]\n]{1,120})\]\]")
"""What the operator is to fill in: `[[name of the operator]]`."""
_ANCHOR = re.compile(r"^(#{1,6} .*?)\s*\{#([a-z][a-z0-9-]{0,40})\}\s*$", re.MULTILINE)
_HEADING = re.compile(r"<(h[2-6])>(.*?)</\1>", re.DOTALL)


def page_names() -> dict[str, str]:
    """What each page is called, in the reader's language."""
    return {
        "imprint": _("Imprint"),
        "privacy": _("Privacy"),
        "terms": _("Terms"),
        "netiquette": _("Netiquette"),
        HANDBOOK: _("Handbook of the team"),
    }


def public_url(page: str) -> str:
    """Where those who may read a page find it."""
    return "/moderation/handbook" if page == HANDBOOK else f"/pages/{page}"


def subject_of(page: str) -> str:
    """How the moderation log names a page."""
    return f"page:{NUMBERS[page]}"


# --- which version is in force ----------------------------------------------------------------------------


class Published(Protocol):
    @property
    def version(self) -> int: ...

    @property
    def valid_from(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Reign:
    """From when to when a version is in force; without an end, until a newer one is published."""

    version: int
    begins: datetime
    ends: datetime | None

    def holds_at(self, moment: datetime) -> bool:
        return self.begins <= moment and (self.ends is None or moment < self.ends)


def reigns(published: Iterable[Published]) -> list[Reign]:
    """When each version is in force, the newest first.

    The newest that has begun counts. One that was overtaken before its day came never does, so it is not in the list.
    """
    found: list[Reign] = []
    ends: datetime | None = None
    for version in sorted(published, key=lambda each: each.version, reverse=True):
        if ends is None or version.valid_from < ends:
            found.append(Reign(version.version, version.valid_from, ends))
            ends = version.valid_from
    return found


# --- texts ------------------------------------------------------------------------------------------------


def in_language(texts: Mapping[str, str], language: str) -> tuple[str, str]:
    """The text for a reader of this language, and the language that it is in."""
    for code in (language, "en", *sorted(texts)):
        if texts.get(code):
            return texts[code], code
    return "", language


def placeholders(text: str) -> tuple[str, ...]:
    """What is still to be filled in, each once, in reading order."""
    return tuple(dict.fromkeys(PLACEHOLDER.findall(text)))


def render(text: str) -> str:
    """Safe HTML. Each heading can be linked to; what is still to be filled in is marked.

    A heading may name its anchor, `## No insults {#insult}`, which then stays when its words change.
    """
    anchors = [match[2] for match in _ANCHOR.finditer(text)]
    named = [re.sub(r"^#+\s*", "", match[1]).strip() for match in _ANCHOR.finditer(text)]
    html = markdown.render(_ANCHOR.sub(r"\1", text), outermost=2)
    given = iter(zip(named, anchors, strict=True))
    upcoming = next(given, None)
    taken: set[str] = set()

    def with_anchor(match: re.Match[str]) -> str:
        nonlocal upcoming
        title = markdown.plain_text(match[2])
        if upcoming and slug(title) == slug(upcoming[0]):
            anchor, upcoming = upcoming[1], next(given, None)
        else:
            anchor = slug(title)
        number, wanted = 2, anchor
        while anchor in taken:
            anchor, number = f"{wanted}-{number}", number + 1
        taken.add(anchor)
        # Apart from the ids that the page itself has.
        return f'<{match[1]} id="p-{anchor}">{match[2]}</{match[1]}>'

    return PLACEHOLDER.sub(r"<mark>[\1]</mark>", _HEADING.sub(with_anchor, html))


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the netiquette that a decision can name as its ground."""

    anchor: str
    title: str

    @property
    def url(self) -> str:
        return f"/pages/netiquette#p-{self.anchor}"


def rules_in(text: str) -> tuple[Rule, ...]:
    """The headings that name their anchor: those are rules, and stay the same ones when they are worded anew."""
    return tuple(Rule(match[2], re.sub(r"^#+\s*", "", match[1]).strip()) for match in _ANCHOR.finditer(text))
