"""What keeps the time for parsing Markdown linear in the length of the text.

The parser looks for the end of each bracket anew and fills tables up with empty cells, so that a few thousand
characters could occupy a process for seconds. Here the ends of all brackets of a text are found in one pass,
and large tables are refused before they are built.
"""

import re
from functools import lru_cache
from types import SimpleNamespace

from markdown_it import MarkdownIt
from markdown_it import helpers as standard_helpers
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table as standard_table
from markdown_it.rules_core import StateCore
from markdown_it.rules_core.linkify import linkify as standard_linkify
from markdown_it.rules_inline import StateInline
from markdown_it.rules_inline.link import link as standard_link
from markdown_it.rules_inline.linkify import linkify as standard_linkify_inline

MAX_COLUMNS = 60
MAX_CELLS = 5_000
"""Of one table. A table that is larger is shown as the text it was typed as."""

MAX_NESTED_BRACKETS = 8

MAX_ADDRESSES = 200
MAX_COLONS = 1_500
"""Of one paragraph. With more of either, bare addresses stay text: each one is sought to its end."""

_BRACKETS = re.compile(
    r"""\\[\s\S]                                              # an escaped character
    | (?<!`)(`+)(?!`)(?:[\s\S]*?)(?<!`)\1(?!`)               # a code span
    | <[a-zA-Z][a-zA-Z0-9+.\-]{1,31}:[^<>\x00-\x20]*>        # an address in angle brackets
    | [\[\]]""",
    re.VERBOSE,
)


def limit_work(parser: MarkdownIt) -> None:
    """Replace the rules of `parser` that can take more than linear time."""
    parser.helpers = SimpleNamespace(  # type: ignore[assignment]
        parseLinkLabel=_end_of_label,
        parseLinkDestination=standard_helpers.parseLinkDestination,
        parseLinkTitle=standard_helpers.parseLinkTitle,
    )
    parser.inline.ruler.at("link", _link)
    parser.inline.ruler.at("linkify", _linkify_inline)
    parser.core.ruler.at("linkify", _linkify)
    parser.block.ruler.at("table", _table, {"alt": ["paragraph", "reference"]})


@lru_cache(maxsize=16)
def _ends_of_brackets(text: str) -> dict[int, int]:
    """Position of each opening bracket -> position of its closing one, without those that nest too deep."""
    ends: dict[int, int] = {}
    opened: list[list[int]] = []  # [position, how many levels of brackets lie inside]
    for match in _BRACKETS.finditer(text):
        if match.group() == "[":
            opened.append([match.start(), 0])
        elif match.group() == "]" and opened:
            position, height = opened.pop()
            if height < MAX_NESTED_BRACKETS:
                ends[position] = match.start()
            if opened:
                opened[-1][1] = max(opened[-1][1], height + 1)
    return ends


def _end_of_label(state: StateInline, start: int, disableNested: bool = False) -> int:  # noqa: N803, the parser passes this name
    end = _ends_of_brackets(state.src).get(start, -1)
    return end if end < state.posMax else -1


def _link(state: StateInline, silent: bool) -> bool:
    # Without the parser's own search nobody else prevents a link inside a link.
    return not state.linkLevel and standard_link(state, silent)


def _has_few_addresses(text: str) -> bool:
    return (
        text.count("://") + text.lower().count("mailto:") <= MAX_ADDRESSES and text.count(":") <= MAX_COLONS
    )


def _linkify_inline(state: StateInline, silent: bool) -> bool:
    # Counting is for the places where the rule would begin to work, not for every character.
    is_address = state.src.startswith("://", state.pos)
    return is_address and _has_few_addresses(state.src) and standard_linkify_inline(state, silent)


def _linkify(state: StateCore) -> None:
    crowded = [
        token for token in state.tokens if token.type == "inline" and not _has_few_addresses(token.content)
    ]
    if not crowded:
        standard_linkify(state)


def _table(state: StateBlock, start: int, end: int, silent: bool) -> bool:
    # Each line of a refused table would otherwise be counted again as the possible head of another one.
    if start < state.env.get("refused_table_until", 0) or not standard_table(state, start, end, True):
        return False
    columns = state.getLines(start + 1, start + 2, state.blkIndent, False).strip().strip("|").count("|") + 1
    last = start + 2
    while last < end and not state.isEmpty(last):
        last += 1
    if columns > MAX_COLUMNS or columns * (last - start) > MAX_CELLS:
        state.env["refused_table_until"] = last
        return False
    return silent or standard_table(state, start, end, False)
