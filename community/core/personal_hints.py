"""Finds in a text what could tell who its writer is, so that the form can ask before it is published.

A hint is a question, not a refusal. Too many of them and nobody reads them any more: technical texts are full
of numbers, so a number counts only where its shape or the words before it say what it is.
"""

import ipaddress
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from community.core.text import fold


class HintKind(StrEnum):
    MAIL_ADDRESS = "mail_address"
    IBAN = "iban"
    PHONE = "phone"
    CUSTOMER_NUMBER = "customer_number"
    IP_ADDRESS = "ip_address"
    OWN_NAME = "own_name"


@dataclass(frozen=True, slots=True)
class Hint:
    """`excerpt` is the piece of the text as it was typed."""

    kind: HintKind
    excerpt: str


MOST_HINTS = 20
_LONGEST_SCANNED = 65_000


def find(text: str, *, own_words: Iterable[str] = ()) -> tuple[Hint, ...]:
    """The hints in reading order, each excerpt once, at most `MOST_HINTS`.

    `own_words` are the member's real name, company and the like; each is looked for as a whole and, unless
    too general, by its parts.
    """
    scanned = text[:_LONGEST_SCANNED]
    found: list[tuple[int, int, HintKind]] = []
    # Earlier finders win where two see the same characters: an IBAN holds what looks like a phone number.
    for finder in (_mail_addresses, _ibans, _numbers_with_their_word, _phones, _ip_addresses):
        for start, end, kind in finder(scanned):
            if not any(start < other_end and other_start < end for other_start, other_end, _kind in found):
                found.append((start, end, kind))
    found.extend(_own_names(scanned, own_words))
    hints = dict.fromkeys(Hint(kind, scanned[start:end].strip()) for start, end, kind in sorted(found))
    return tuple(hints)[:MOST_HINTS]


_Place = tuple[int, int, HintKind]

_MAIL_ADDRESS = re.compile(
    r"(?<![\w.+\-/])[\w.+\-]{1,64}(?:@|\s?[(\[{](?:at|ät)[)\]}]\s?)(?:[\w\-]{1,63}\.){1,4}[^\W\d_]{2,24}"
    r"(?![\w@-])"
)
_EXAMPLE_DOMAINS = re.compile(
    r"[@.](?:example|beispiel|muster(?:firma)?|test|localhost|invalid)(?:\.|$)", re.IGNORECASE
)
_LOG_IN_ADDRESS = re.compile(r"(?:ssh|scp|sftp|git|rsync)\b[^\n@]{0,40}$", re.IGNORECASE)


def _mail_addresses(text: str) -> Iterator[_Place]:
    for match in _MAIL_ADDRESS.finditer(text):
        # Made-up addresses of manuals, and git@host, which is a command and nobody's mail.
        if _EXAMPLE_DOMAINS.search(match.group()) or match.group().startswith("git@"):
            continue
        if _LOG_IN_ADDRESS.search(text[max(0, match.start() - 60) : match.start()]):
            continue
        yield match.start(), match.end(), HintKind.MAIL_ADDRESS


_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z]{2}\d{2}(?:[ \xa0]?[A-Za-z0-9]){11,30}(?![A-Za-z0-9])")


def _ibans(text: str) -> Iterator[_Place]:
    for match in _IBAN.finditer(text):
        # A word behind the number may have been taken for its last groups: try shorter ones as well.
        end = match.end()
        while end - match.start() >= 15:
            if _is_iban(re.sub(r"\s", "", text[match.start() : end]).upper()):
                yield match.start(), end, HintKind.IBAN
                break
            shorter = max(text.rfind(" ", match.start(), end), text.rfind("\xa0", match.start(), end))
            if shorter < 0:
                break
            end = shorter


def _is_iban(number: str) -> bool:
    """Checksum of ISO 13616: country and check digits last, letters as numbers from 10; all modulo 97 is 1."""
    if not 15 <= len(number) <= 34 or not number.isascii():
        return False
    if number.startswith("DE") and not re.fullmatch(r"DE\d{20}", number):
        return False
    return int("".join(str(int(character, 36)) for character in number[4:] + number[:4])) % 97 == 1


_NUMBER_WORDS = re.compile(
    r"""\b(?:kunden|vertrags?|auftrags?|rechnungs?|buchungskonto|teilnehmer|mandanten|mitglieds?|zugangs|bestell|
             ticket|vorgangs|steuer|ust|handelsregister|personal|ausweis|versicherungs|konto|mahn)
        [\s\-]{0,2}(?:nummer|nr\b|num\b|id\b|kennung|zeichen|konto)\.?
      | \b(?:customer|client|contract|account|order|invoice|subscriber|membership|ticket|case|tax|vat|policy)
        [\s\-]{0,2}(?:number|no\b|num\b|id\b|nr\b|\#)\.?
      | \bbuchungskonto\b
      | \b(?:kd|vertr|ktr)\.?[\s\-]?nr\.?\b\.?
    """,
    re.IGNORECASE | re.VERBOSE,
)
_NUMBER_AFTER_WORD = re.compile(
    r"[\s:=#*_\"'(]{0,6}(?:(?:ist|lautet|is|was|war|von|of)\b[\s:]{1,3})?[\s*_\"']{0,3}"
    r"((?=(?:[A-Za-z./\-]{0,8}\d){4})[A-Za-z]{0,4}[\-/.]?\d[\dA-Za-z]*(?:[\-/. ]?\d[\dA-Za-z]*){0,6})",
    re.IGNORECASE,
)


def _numbers_with_their_word(text: str) -> Iterator[_Place]:
    for word in _NUMBER_WORDS.finditer(text):
        number = _NUMBER_AFTER_WORD.match(text, word.end())
        if number and sum(character.isdigit() for character in number.group(1)) >= 4:
            yield number.start(1), number.end(1), HintKind.CUSTOMER_NUMBER


_PHONE_WORD = re.compile(
    r"""\b(?:tel(?:efon)?(?:nummer|nr)?|fon|fax|mobil(?:nummer|telefon)?|handy(?:nummer|nr)?|durchwahl|rufnummer|
            rückruf|phone(?:\ number)?|mobile(?:\ number)?|cell|call|whatsapp|erreichbar|reach|anrufen|
            ruf(?:en)?|zurückrufen)\b[^\n\d+]{0,30}$""",
    re.IGNORECASE | re.VERBOSE,
)
# +49 228 1234567, 0049 (0)228/12 34-567, 0171 1234567, (0228) 123456, +1 (415) 555-2671
_PHONE = re.compile(
    r"""(?<![\w.,:/+=\#\-])
        (?!\d{4}\.\d{4}\.)  # a MAC address as some routers print it
        (?: (?:\+|00)[1-9]\d{0,2} [ \xa0\-./]? (?:\(0\)[ ]?)? \(?\d{1,5}\)? (?:[ \xa0\-/.]?\d){4,11}
          | \(0[1-9]\d{1,4}\) [ \xa0]? \d (?:[ \xa0\-/]?\d){3,9}
          | 0[1-9]\d{1,4} [ \xa0]?[/\-–][ \xa0]? \d (?:[ \xa0\-]?\d){3,9}
          | 0[1-9]\d{1,4} [ \xa0] \d{2} (?:[ \xa0\-]?\d){2,8}
          | 01[5-7]\d{8,9}
        )
        (?![\w]|[.,:]\d|[/\-]\d)""",
    re.VERBOSE,
)
_DIGITS_AFTER_PHONE_WORD = re.compile(
    r"(?<![\w.,:/+=#\-])\(?0?\d(?:[ \xa0\-/()]{0,2}\d){5,13}(?![\w]|[.,:]\d)"
)
_DATE_OR_TIME = re.compile(r"\d{1,2}[./\-]\d{1,2}[./\-]\d{2,4}|\d{4}-\d{2}-\d{2}|0\d{1,2}[/\-]\d{4}")
_SERVICE_NUMBER = re.compile(r"\(?0(?:800|180\d?|130|137|900|115|116)\b")


def _phones(text: str) -> Iterator[_Place]:
    taken_until = -1
    for match in _PHONE.finditer(text):
        digits = re.sub(r"\D", "", match.group())
        if 7 <= len(digits) <= 15 and not _is_other_number(match.group()):
            taken_until = match.end()
            yield match.start(), match.end(), HintKind.PHONE
    for match in _DIGITS_AFTER_PHONE_WORD.finditer(text):
        before = text[max(0, match.start() - 60) : match.start()]
        if (
            match.start() >= taken_until
            and _PHONE_WORD.search(before)
            and not _is_other_number(match.group())
        ):
            yield match.start(), match.end(), HintKind.PHONE


def _is_other_number(number: str) -> bool:
    return bool(_DATE_OR_TIME.fullmatch(number.strip()) or _SERVICE_NUMBER.match(number.strip()))


_IPV4 = re.compile(r"(?<![\w.\-])(?:\d{1,3}\.){3}\d{1,3}(?![\w]|\.\d|-\w)")
_IPV6 = re.compile(r"(?<![\w:.])(?:[0-9a-fA-F]{1,4}:|::)(?:[0-9a-fA-F]{0,4}:){1,7}[0-9a-fA-F]{0,4}(?![\w:.])")
_VERSION_WORD = re.compile(
    r"""(?:\bv|\bversion|\bver\.?|\brelease|\bfirmware|\bfw|\bbuild|\bsoftware|\bupdate|\bpatch|\btreiber|\bdriver|
           \bfritz!?os|\bagent|\bclient|\bapp|\bstand|\bnuget|\bpackage|\bpaket|\bkernel|\bios|\bbios|\bdll|\boid|
           \bsection|\bkapitel|\babschnitt|\bchrome|\bfirefox|\bedge|\bauf|\bab)
        (?:sversion|sstand|version|nummer|nr\.?)?[\s:=/(\-]{0,4}$""",
    re.IGNORECASE | re.VERBOSE,
)
# Resolvers that manuals name; they belong to nobody who writes here.
_WELL_KNOWN_ADDRESSES = frozenset(
    """8.8.8.8 8.8.4.4 1.1.1.1 1.0.0.1 9.9.9.9 149.112.112.112 208.67.222.222 208.67.220.220
    2001:4860:4860::8888 2001:4860:4860::8844 2606:4700:4700::1111 2606:4700:4700::1001 2620:fe::fe""".split()  # noqa: SIM905 - reads best as words
)


def _ip_addresses(text: str) -> Iterator[_Place]:
    for pattern in (_IPV4, _IPV6):
        for match in pattern.finditer(text):
            if _VERSION_WORD.search(text[max(0, match.start() - 24) : match.start()]):
                continue
            try:
                address = ipaddress.ip_address(match.group())
            except ValueError:
                continue
            # A first number below 5 is mostly a version ("2.4.1.0"); nearly nobody has such an address.
            is_version = address.version == 4 and int(match.group().partition(".")[0]) < 5
            # Of the second version only 2000::/3 is given to anybody; the rest is mostly C++.
            is_somebodys = address.is_global and not address.is_multicast
            is_somebodys = is_somebodys and (address.version == 4 or int(address) >> 125 == 1)
            if is_somebodys and not is_version and match.group().lower() not in _WELL_KNOWN_ADDRESSES:
                yield match.start(), match.end(), HintKind.IP_ADDRESS


_TOO_GENERAL = frozenset(
    """gmbh mbh kg kgaa ohg gbr ag se ug ev inc ltd llc corp und and the von van der den des das die dem
    zum zur im am an for fuer & co group gruppe holding service services deutschland germany
    solutions systems consulting bau it edv partner soehne team dr prof herr frau handel technik
    medien digital software hotel praxis kanzlei autohaus baeckerei metzgerei steuerberatung online
    web net com shop international bank energie logistik""".split()  # noqa: SIM905 - reads best as words
)
_ALSO_ORDINARY_WORDS = frozenset(
    """klein gross lang kurz schwarz weiss braun roth koch bauer mueller schmidt schneider fischer weber
    wagner becker richter schaefer winter sommer stark jung alt neu vogel wolf fuchs berg kaiser koenig engel
    sauer may mark will rose grant bill art frank ernst sun chip page link young long short black white brown
    green king baker cook mason hill stone wood fields""".split()  # noqa: SIM905 - reads best as words
)
_FORMS_OF_ADDRESS = (
    r"(?:herrn?|frau|familie|firma|mr\.?|mrs\.?|ms\.?|gez\.|name ist|my name is|ich bin|i am|i'm)\s+"
)
_SPELLINGS = {"ä": "(?:ä|ae)", "ö": "(?:ö|oe)", "ü": "(?:ü|ue)", "ß": "(?:ß|ss)"}


def _own_names(text: str, own_words: Iterable[str]) -> Iterator[_Place]:
    patterns = {pattern for words in own_words for pattern in _name_patterns(words)}
    for pattern in sorted(patterns):
        for match in re.finditer(pattern, text, re.IGNORECASE):
            yield match.start(), match.end(), HintKind.OWN_NAME


def _name_patterns(words: str) -> Iterator[str]:
    """Regular expressions for a name as a whole and for the parts of it that tell something alone."""
    parts = re.findall(r"\w+", words)
    telling = [part for part in parts if fold(part) not in _TOO_GENERAL and len(part) >= 2]
    if not telling:
        return
    if len(parts) > 1:
        # Without the legal form, which people leave out.
        yield _pattern(parts)
        if len(telling) > 1:
            yield _pattern(telling)
    for part in telling:
        if fold(part) in _ALSO_ORDINARY_WORDS:
            yield _FORMS_OF_ADDRESS + _pattern([part])
        elif len(part) >= 4 or (len(parts) == 1 and len(part) == 3):
            yield _pattern([part])


def _pattern(parts: list[str]) -> str:
    spelled = (
        "".join(_SPELLINGS.get(character, re.escape(character)) for character in part.lower())
        for part in parts
    )
    return r"(?<!\w)" + r"[\s.,&_/\-]{0,3}".join(spelled) + r"(?:s|'s|’s)?(?!\w)"
