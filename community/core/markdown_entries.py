"""Links to the site's own FAQ entries in members' texts.

An entry's address holds its question. A text that everybody reads must not tell the question of an entry that only
members may read, and must not go stale with it: so wherever such an address stands, in links, labels, pictures, plain
text and code, it is written with the number alone, which leads on to the present address. Where it stands on a line
of its own it becomes a paragraph with a class, in whose place a page shows the entry to those who may read it
(`community.web.faq_cards`); everywhere else it stays a link.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from markdown_it.token import Token

from community.settings import settings

CARD_CLASS = "faq-card"
_PATH = re.compile(r"/faq/([1-9][0-9]{0,15})(?:-[\w%-]{0,300})?(?:[?#]\S{0,300})?")
_SLASH = "(?:/|%2F)"
_WITH_WORDS = re.compile(
    rf"({_SLASH}faq{_SLASH}[1-9][0-9]{{0,15}})\\?-(?:\w|\\?-|%(?!2F|23|3F)[0-9A-F]{{2}})+", re.IGNORECASE
)
"""In Markdown a hyphen may stand behind a backslash."""
_PLAIN_PATH = re.compile(r"(?<!\S)(/faq/[1-9][0-9]{0,15})(?![\w/-])")
_LONGEST_HOST = 300
_HOST = re.compile(r"[\w.%:@-]+")
_BREAKS = frozenset({"softbreak", "hardbreak"})
_CARD = re.compile(
    rf"""<p class="{CARD_CLASS}"><a href="/faq/([0-9]{{1,16}})"[^>]*>/faq/[0-9]{{1,16}}</a></p>\n?"""
)


def entry_in(address: str) -> int | None:
    """The number of the entry that an address of this site leads to; None for any other address."""
    match = _PATH.fullmatch(address.strip().removeprefix(settings.base_url))
    return int(match[1]) if match else None


def without_words(text: str) -> str:
    """`text` with the number alone in each address of an entry here; an address of another site stays as it is."""
    return _WITH_WORDS.sub(_cut, text)


def _cut(match: re.Match[str]) -> str:
    before = match.string[max(0, match.start() - _LONGEST_HOST) : match.start()]
    _scheme, slashes, host = before.rpartition("//")
    is_elsewhere = slashes and _HOST.fullmatch(host) and host.casefold() != _own_host()
    return match[0] if is_elsewhere else match[1]


def _own_host() -> str:
    return settings.base_url.partition("//")[2].rstrip("/").casefold()


def with_whole_addresses(text: str) -> str:
    """Plain text that leaves the site: addresses of entries in it begin with the name of the site."""
    return _PLAIN_PATH.sub(rf"{settings.base_url}\1", text)


def cards_in(html: str) -> Iterator[tuple[str, int | None]]:
    """Rendered text in pieces: HTML (with None), then the HTML of a card with the number of its entry, and so on."""
    end = 0
    for match in _CARD.finditer(html) if CARD_CLASS in html else ():
        if match.start() > end:
            yield html[end : match.start()], None
        yield match.group(), int(match[1])
        end = match.end()
    if end < len(html):
        yield html[end:], None


def link_entries(tokens: Sequence[Token]) -> list[Token]:
    """The tokens of a line or more, their addresses of entries with the number alone; one on its own is a link."""
    found: list[Token] = []
    for line in _lines(tokens):
        number = _only_entry(line)
        if number is not None:
            found += [*_link(number), *(token for token in line if token.type in _BREAKS)]
            continue
        for position, token in enumerate(line):
            label = line[position + 1] if position + 1 < len(line) else None
            if token.type != "link_open" or label is None or label.type != "text":
                continue
            linked = entry_in(str(token.attrs.get("href", "")))
            if linked is not None and entry_in(label.content) == linked:
                token.attrs["href"] = label.content = f"/faq/{linked}"
        found += line
    take_words_off(found)
    return found


def take_words_off(tokens: Iterable[Token]) -> None:
    """Of what the tokens say, and of the addresses and descriptions in them."""
    for token in tokens:
        token.content = without_words(token.content)
        for name in ("href", "src", "title", "alt"):
            if name in token.attrs:
                token.attrs[name] = without_words(str(token.attrs[name]))
        take_words_off(token.children or [])


def set_entries_apart(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens of a text in whose paragraphs, not in quotations and lists, each such line stands alone."""
    for position, token in enumerate(tokens):
        inside = tokens[position - 1] if position else None
        if token.type != "inline" or inside is None or inside.type != "paragraph_open" or inside.level:
            yield token
            continue
        lines = list(_lines(token.children or []))
        if not any(_only_entry(line) is not None for line in lines):
            yield token
            continue
        yield from _apart(lines, inside, token, tokens[position + 1])


def _apart(lines: list[list[Token]], opening: Token, inline: Token, closing: Token) -> Iterator[Token]:
    """What stands between the opening of the first paragraph and the closing of the last one."""
    groups: list[tuple[bool, list[Token]]] = []
    for line in lines:
        stripped = line[:-1] if line and line[-1].type in _BREAKS else line
        is_card = _only_entry(stripped) is not None
        if groups and not is_card and not groups[-1][0]:
            groups[-1][1].extend(line)
        else:
            groups.append((is_card, list(stripped if is_card else line)))
    for number, (is_card, children) in enumerate(groups):
        if children and children[-1].type in _BREAKS:
            children = children[:-1]
        start = opening if number == 0 else Token(opening.type, "p", 1, block=True)
        if is_card:
            start.attrs["class"] = CARD_CLASS
        if number:
            yield Token(closing.type, "p", -1, block=True)
            yield start
        yield Token("inline", "", 0, children=children, content=inline.content, level=inline.level)


def _lines(tokens: Iterable[Token]) -> Iterator[list[Token]]:
    """Each line with the break at its end. A break inside of a link or of emphasis ends none."""
    line: list[Token] = []
    depth = 0
    for token in tokens:
        depth += token.nesting
        line.append(token)
        if token.type in _BREAKS and depth == 0:
            yield line
            line = []
    if line:
        yield line


def _only_entry(line: Sequence[Token]) -> int | None:
    """The entry whose address is all that stands on the line; None for every other line."""
    said = [
        token
        for token in line
        if token.type not in _BREAKS and (token.type != "text" or token.content.strip())
    ]
    if len(said) == 1 and said[0].type == "text":
        return entry_in(said[0].content)
    if [token.type for token in said] != ["link_open", "text", "link_close"]:
        return None
    number = entry_in(str(said[0].attrs.get("href", "")))
    return number if number is not None and entry_in(said[1].content) == number else None


def _link(number: int) -> list[Token]:
    path = f"/faq/{number}"
    return [
        Token("link_open", "a", 1, attrs={"href": path}),
        Token("text", "", 0, content=path),
        Token("link_close", "a", -1),
    ]
