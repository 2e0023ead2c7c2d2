"""What somebody has written in a mail, without what their mail program put around it.

Line by line, each looked at a bounded number of times, so that no mail takes long. What is in doubt is left out at
the end (a signature holds a name and a telephone number) and kept in the middle.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from community.core.reply_addresses import MARK

_LONGEST_LOOKED_AT = 400
"""Of a line: nothing that a mail program writes by itself is longer."""

_ORIGINAL = re.compile(
    r"""-{2,}\s?(?:original(?:\ message|nachricht)|ursprüngliche\ (?:nachricht|e-mail|mail)|forwarded\ message
        |weitergeleitete\ nachricht|reply\ message|message\ d'origine|mensaje\ original)\s?-{2,}
      | begin\ forwarded\ message:|anfang\ der\ weitergeleiteten\ nachricht:""",
    re.IGNORECASE | re.VERBOSE,
)
_HEADER = re.compile(
    r"[*_\s]{0,3}(von|from|gesendet|sent|datum|date|an|to|cc|kopie|betreff|subject|antwort an|reply-to)"
    r"[*_\s]{0,3}:",
    re.IGNORECASE,
)
_SENDERS = frozenset({"von", "from"})
_MOMENTS = frozenset({"gesendet", "sent", "datum", "date"})
_SUBJECTS = frozenset({"betreff", "subject", "an", "to"})
_ATTRIBUTION_BEGINS = re.compile(
    r"(?:am|on|le|el|il|op|den)\s|\d{4}-\d\d-\d\d|\d{1,2}[./]\d{1,2}[./]\d{2,4}", re.I
)
_ATTRIBUTION_ENDS = re.compile(
    r"\b(?:schrieb|wrote|geschrieben|a écrit|escribió|ha scritto|schreef)\b[^:]{0,150}:$", re.IGNORECASE
)
_MOMENT_OR_ADDRESS = re.compile(r"\d{1,2}:\d\d|@|\d{4}")

_SENT_WITH = re.compile(
    r"""(?:sent\ from\ (?:my|outlook|mail|yahoo|samsung|gmail|the|proton)|sent\ via
      | (?:von\ meinem|von\ meiner)\ .{1,40}\ gesendet | gesendet\ (?:von|mit|aus|über)\ \S
      | diese\ nachricht\ wurde\ von\ mein | (?:get|holen\ sie\ sich)\ outlook\ f | outlook\ für\ (?:ios|android)
      | envoyé\ de\ mon)""",
    re.IGNORECASE | re.VERBOSE,
)
# Closings that begin no sentence, and short ones that might.
_CLOSING = re.compile(
    r"""(?:(?:vielen?\ )?(?:dank|danke)\ (?:und\ |im\ voraus\ und\ )|thanks?\ (?:and|&)\ |thank\ you\ and\ )?
        (?:(?:mit|mit\ den)\ )?
        (?:(?:freundliche[nmr]?|beste[nr]?|viele[n]?|schöne[nr]?|liebe[nr]?|herzliche[nr]?|sonnige[nr]?|kollegiale[nr]?)
           \ (?:gr(?:ü|ue|u)(?:ß|ss)(?:en|e)?)
          | mfg\b | (?:best|kind|warm|kindest|warmest)\ (?:regards|wishes) | yours\ (?:sincerely|faithfully|truly)
          | hochachtungsvoll | m\.\ ?f\.\ ?g\. )""",
    re.IGNORECASE | re.VERBOSE,
)
_SHORT_CLOSING = re.compile(
    r"(?:gr(?:u|ü|ue)(?:ß|ss)e?|lg|vg|bg|regards|cheers|sincerely|best|greetings|ciao)\b", re.IGNORECASE
)
_LONGEST_CLOSING = 70
_MOST_WORDS_OF_SHORT_CLOSING = 3


def own_words(text: str) -> str:
    """The text without quoted mails, their headings, and the signature."""
    lines = [line.rstrip() for line in text.replace("\xa0", " ").splitlines()]
    kept = list(_without_quotes(lines))
    end = _begin_of_signature(kept)
    return _tidy(kept[:end])


def _without_quotes(lines: Sequence[str]) -> Iterator[str]:
    """The lines up to where another mail begins, without those quoted by a > in between."""
    code = _lines_of_code(lines)
    place = 0
    while place < len(lines):
        line = lines[place].strip()[:_LONGEST_LOOKED_AT]
        if place in code:
            yield lines[place]
        elif _is_mark(line) or _ORIGINAL.match(line) or _begins_header(lines, place):
            return
        elif line.startswith(">"):
            pass
        elif length := _length_of_attribution(lines, place):
            if not _is_quoted(lines, place + length):
                return
            place += length
            continue
        else:
            yield lines[place]
        place += 1


def _is_mark(line: str) -> bool:
    return line.startswith(MARK[0]) and line.endswith(MARK[1])


def _lines_of_code(lines: Sequence[str]) -> frozenset[int]:
    """Numbers of the lines between two fences of Markdown: a > is no quotation there."""
    fences = [number for number, line in enumerate(lines) if line.startswith("```")]
    pairs = zip(fences[::2], fences[1::2], strict=False)
    return frozenset(number for first, last in pairs for number in range(first, last + 1))


def _filled(lines: Sequence[str], place: int, most: int) -> list[str]:
    """The first few lines from here that are not empty; only so many are looked at."""
    near = (line.strip()[:_LONGEST_LOOKED_AT] for line in lines[place : place + 2 * most])
    return [line for line in near if line][:most]


def _begins_header(lines: Sequence[str], place: int) -> bool:
    """Whether "From: … Sent: … To: …" stands here, as Outlook begins the mail answered, or the rule over it."""
    line = lines[place].strip()[:_LONGEST_LOOKED_AT]
    if len(line) >= 10 and not line.strip("_-"):
        return place + 1 < len(lines) and _is_header(_filled(lines, place + 1, 6))
    return _is_header(_filled(lines, place, 6)) if _HEADER.match(line) else False


def _is_header(lines: Sequence[str]) -> bool:
    names: set[str] = set()
    for line in lines:
        match = _HEADER.match(line)
        if not match:
            # A long list of receivers goes over several lines.
            if not names:
                return False
            continue
        names.add(match[1].lower())
    return bool(names & _SENDERS and names & _MOMENTS and names & _SUBJECTS)


def _length_of_attribution(lines: Sequence[str], place: int) -> int:
    """How many lines from here say "On that day somebody wrote:"; 0 if none."""
    if not _ATTRIBUTION_BEGINS.match(lines[place].lstrip()[:_LONGEST_LOOKED_AT]):
        return 0
    joined = ""
    for length, line in enumerate(lines[place : place + 4], start=1):
        joined = f"{joined} {line.strip()}".strip()
        if not line.strip() or len(joined) > _LONGEST_LOOKED_AT:
            return 0
        if _ATTRIBUTION_ENDS.search(joined):
            is_one = _MOMENT_OR_ADDRESS.search(joined) or _is_quoted(lines, place + length)
            return length if is_one else 0
    return 0


def _is_quoted(lines: Sequence[str], place: int) -> bool:
    return any(line.startswith(">") for line in _filled(lines, place, 1))


def _begin_of_signature(lines: Sequence[str]) -> int:
    """The number of the line from which on the text is a signature; that after the last one if there is none."""
    code = _lines_of_code(lines)
    for number, line in enumerate(lines):
        if number in code:
            continue
        said = line.strip()
        if said in ("--", "—", "––") or (len(said) >= 10 and not said.strip("_")):
            return number
        if len(said) <= _LONGEST_CLOSING and (_SENT_WITH.match(said) or _is_closing(said)):
            return number
    return len(lines)


def _is_closing(line: str) -> bool:
    if _CLOSING.match(line):
        return True
    is_short = len(line.split()) <= _MOST_WORDS_OF_SHORT_CLOSING and not line.endswith((".", "?", ":"))
    return is_short and bool(_SHORT_CLOSING.match(line))


def _tidy(lines: Sequence[str]) -> str:
    """Without more than one empty line in a row."""
    kept: list[str] = []
    for line in lines:
        if line or (kept and kept[-1]):
            kept.append(line)
    return "\n".join(kept).strip("\n")
