"""Texts of entries for other websites: every address in them that leads into the community is whole."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

_IN_HTML = re.compile(r'\b(href|src)="/(?!/)')
_LINK = re.compile(r"(\]\(\s*<?)/(?!/)")
_REFERENCE = re.compile(r"^([\s>*+-]*\[[^\]]+\]:\s*<?)/(?!/)")
_CARD = re.compile(r"^([\s>*+-]*)(/faq/[1-9][0-9]{0,15}(?:[-?#]\S*)?)(\s*)$")
_CODE = re.compile(r"(`+[^`]*`+)")
_PARSER = MarkdownIt("commonmark")


def in_html(html: str, base: str) -> str:
    return _IN_HTML.sub(rf'\1="{base}/', html)


def in_markdown(text: str, base: str) -> str:
    """Links, what they refer to, and addresses of entries on lines of their own; code stays as it was typed."""
    lines = text.split("\n")
    whole = [_whole(line, base) for line in lines]
    if whole == lines:
        # So it is with nearly all texts, and what is code need not be found out.
        return text
    code = {
        number
        for token in _PARSER.parse(text)
        if token.type in ("fence", "code_block") and token.map
        for number in range(*token.map)
    }
    return "\n".join(lines[number] if number in code else line for number, line in enumerate(whole))


def _whole(line: str, base: str) -> str:
    line = _CARD.sub(rf"\1<{base}\2>\3", _REFERENCE.sub(rf"\1{base}/", line))
    pieces = _CODE.split(line)
    pieces[::2] = [_LINK.sub(rf"\1{base}/", piece) for piece in pieces[::2]]
    return "".join(pieces)
