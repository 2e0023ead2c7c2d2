"""Taking the nickname of somebody who has gone out of what others wrote. Pure text work."""

from __future__ import annotations

import re
from urllib.parse import quote

from community.core.i18n import gettext as _
from community.core.markdown import MENTION
from community.core.nicknames import nickname_key

_CODE = re.compile(r"(^(?P<fence>`{3,}|~{3,})[\s\S]*?(?:^(?P=fence)|\Z)|`[^`\n]+`)", re.MULTILINE)
"""What is code mentions nobody, and must not be changed: "@media" and "@override" are words of languages."""
_LINE_START = re.compile(r"(?:^|\n)[>\s]*\Z")


def without_nickname(text: str, nickname: str) -> str:
    """`text` with "former member" in the place of each ``@nickname``, and no link to the profile any more."""
    if "@" not in text and "/members/" not in text:
        return text
    pieces, end = [], 0
    for code in _CODE.finditer(text):
        pieces += [_replaced(text[end : code.start()], nickname), code.group()]
        end = code.end()
    return "".join([*pieces, _replaced(text[end:], nickname)])


def _replaced(text: str, nickname: str) -> str:
    key = nickname_key(nickname)

    def word(match: re.Match[str]) -> str:
        if nickname_key(match.group(1)) != key:
            return match.group()
        begins_line = _LINE_START.search(text[: match.start()])
        return _("Former member") if begins_line else _("former member")

    address = f"(?:{re.escape(quote(nickname))}|{re.escape(nickname)})"
    profile = re.compile(rf"/members/{address}(?![\w%.-]*\w)", re.IGNORECASE)
    return MENTION.sub(word, profile.sub("/members", text))


def links_to(html: str, nickname: str) -> bool:
    """Whether rendered HTML holds a link to the profile."""
    return f'href="/members/{quote(nickname)}"' in html
