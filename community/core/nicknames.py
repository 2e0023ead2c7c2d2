"""What a nickname may be, and when two of them look alike.

The alphabet is a list of what is allowed, never of what is forbidden, and uniqueness is decided on a folded
key: ``Müller``, ``MUELLER`` and ``mu11er`` are one nickname to the eye, so they are one here.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import lru_cache

from community.core.i18n import gettext as _
from community.core.text import fold

SHORTEST = 3
LONGEST = 24

_SEPARATORS = "._-"

_LATIN_LETTERS = frozenset(
    character
    for first, last in ((0x41, 0x5A), (0x61, 0x7A), (0xC0, 0x17F), (0x218, 0x21B), (0x1E00, 0x1EFF))
    for character in map(chr, range(first, last + 1))
    if character.isalpha()
    and unicodedata.normalize("NFKC", character) == character
    and character != "ĸ"  # A Greenlandic letter that is out of use and looks like k.
)
_ALLOWED = _LATIN_LETTERS | frozenset("0123456789") | frozenset(_SEPARATORS)

# Letters of other scripts, and Latin rarities, that pass for ordinary letters. They cannot be typed into a
# nickname here, but names come from imports as well, and words to compare with come from anywhere.
_LOOK_ALIKES = str.maketrans(
    {
        stranger: letter
        for letter, strangers in {
            "a": "аαɑ", "b": "вьβꞵƅɓ", "c": "сƈ", "d": "ԁɗ", "e": "еэє€ҽ", "f": "ғƒ", "g": "ԍɡɠɢ", "h": "һнհ",
            "i": "іιɩɪ!", "j": "јϳ", "k": "кқκƙ", "l": "ʟƖǀ|ӏ", "m": "мʍ", "n": "лпηɴɲո", "o": "оοσөօ",
            "p": "рρƥ", "q": "ԛ", "r": "гʀ", "s": "ѕ$ꜱ", "t": "тτƭ", "u": "υμʋսц", "v": "νѵ", "w": "ԝωɯшա",
            "x": "хχ", "y": "уγүʏ", "z": "ᴢʐ",
        }.items()
        for stranger in strangers
    }
)  # fmt: skip

LOOK_ALIKE_LETTERS = {code: letter for code, letter in _LOOK_ALIKES.items() if chr(code).isalpha()}
"""For `str.translate`: letters of other scripts as the Latin ones they look like. Signs are left alone."""

RESERVED_ANYWHERE = (
    "admin", "administrator", "moderator", "moderation", "moderatorin", "support", "staff",
    "official", "offiziell", "kundenservice", "kundendienst", "kundenbetreuung", "customerservice",
    "helpdesk", "hotline", "webmaster", "postmaster", "hostmaster", "kundenkreis", "mitarbeiter",
    "employee", "sysadmin", "redaktion", "superuser",
)  # fmt: skip
"""A nickname with such a word in it could pass for the company itself."""

RESERVED_WHOLE = (
    "team", "teams", "mod", "mods", "system", "root", "service", "help", "hilfe", "info",
    "information", "kontakt", "contact", "sales", "vertrieb", "marketing", "security", "sicherheit",
    "datenschutz", "privacy", "legal", "recht", "impressum", "imprint", "editor", "operator",
    "betreiber", "owner", "inhaber", "manager", "bot", "guest", "gast", "anonym", "anonymous",
    "nobody", "niemand", "everyone", "everybody", "all", "alle", "here", "user", "users", "member",
    "members", "mitglied", "former", "formermember", "ehemaligesmitglied", "ehemalige", "deleted",
    "null", "none", "undefined", "unknown", "unbekannt", "me", "settings", "register", "login",
    "logout", "noreply", "news", "faq", "community", "forum", "test", "billing", "rechnung",
    "abuse", "feedback", "mail", "email", "expert", "experte", "expertin", "leitung", "direktion",
    "vorstand", "presse", "press",
)  # fmt: skip
"""Not as a whole nickname, with or without a number behind it."""

_TOO_GENERAL_AS_OWN_WORD = frozenset(
    """gmbh mbh kgaa ohg gbr ltd inc llc corp und and the von van der den des das die dem for fuer www com
    net org eu info web mail email online office kontakt contact service team co company group
    gruppe holding deutschland germany gmail googlemail gmx outlook hotmail live yahoo icloud
    freenet posteo proton protonmail aol mailbox dr prof herr frau mr mrs ms ing dipl example""".split()  # noqa: SIM905 - a list of words reads best as words
)


def nickname_key(nickname: str) -> str:
    """The same text for all nicknames that look alike; nicknames are unique by it.

    Case, accents and separators do not count; ``ä`` is ``ae`` is ``a``; ``l``, ``I``, ``i``, ``1`` are one
    letter, so are ``0`` and ``o``; ``rn`` is ``m`` and ``vv`` is ``w``; other scripts count as what
    they look like.
    """
    return _fold_pairs(_single_letters(_letters(nickname)))


def problem_with(
    nickname: str, *, own_words: Iterable[str] = (), reserved_names: Iterable[str] = ()
) -> str | None:
    """What is wrong with a nickname, for its owner and in the language of the request; None if nothing is.

    `own_words`: real name, company, mail address of the member: none of their parts may show in the nickname.
    `reserved_names`: names of staff and of the operating company: the nickname may not look like one of them.
    Whether the nickname is taken is not asked here.
    """
    return (
        _problem_with_spelling(nickname)
        or _problem_with_meaning(nickname, reserved_names)
        or (_reveals(nickname, own_words) and _("Your nickname must not show your own name or your company."))
        or None
    )


def closest_nickname(name: str) -> str | None:
    """The nickname nearest to a name from elsewhere, by the rules of this site; None where there is none.

    For imports: spaces become hyphens, what is not allowed is dropped, what is too long is cut.
    """
    composed = unicodedata.normalize("NFKC", name)
    if re.search(r"\w@[\w-]+\.\w", composed):
        return None  # A mail address stays one, however its signs are dropped.
    words = re.findall(r"[^\s._\-]+|[._\-]+|\s+", composed)
    kept = "".join(
        "".join(character for character in word if character in _ALLOWED) if word.strip() else "-"
        for word in words
    )
    single = re.sub(r"[._-]*-[._-]*|([._])[._]+", lambda match: match.group(1) or "-", kept)
    nickname = single.strip(_SEPARATORS)[:LONGEST].rstrip(_SEPARATORS)
    if re.search(r"\.[^\W\d_]{2,}$", nickname) or nickname.casefold().startswith("www."):
        nickname = nickname.replace(".", "-")
    return None if problem_with(nickname) else nickname


def _problem_with_spelling(nickname: str) -> str | None:
    if not SHORTEST <= len(nickname) <= LONGEST:
        return _("A nickname has 3 to 24 characters.")
    if any(character not in _ALLOWED for character in nickname):
        return _("A nickname consists of letters, digits, dots, hyphens and underscores.")
    if not any(character in _LATIN_LETTERS for character in nickname):
        return _("A nickname needs at least one letter.")
    if nickname[0] in _SEPARATORS or nickname[-1] in _SEPARATORS:
        return _("A nickname begins and ends with a letter or a digit.")
    if re.search(r"[._-]{2}", nickname):
        return _("Dots, hyphens and underscores may not stand side by side.")
    # Mail programs turn "example.com" into a link, wherever it stands.
    if re.search(r"\.[^\W\d_]{2,}$", nickname) or nickname.casefold().startswith("www."):
        return _("A nickname must not look like a web address.")
    return None


def _problem_with_meaning(nickname: str, reserved_names: Iterable[str]) -> str | None:
    readings = _readings(nickname)
    anywhere, wholes = _reserved_keys()
    names = {nickname_key(name) for name in reserved_names} - {""}
    if readings & (wholes | names) or any(word in reading for word in anywhere for reading in readings):
        return _("This nickname is reserved. Please choose another one.")
    return None


@lru_cache(maxsize=1)
def _reserved_keys() -> tuple[frozenset[str], frozenset[str]]:
    return frozenset(map(nickname_key, RESERVED_ANYWHERE)), frozenset(map(nickname_key, RESERVED_WHOLE))


def _reveals(nickname: str, own_words: Iterable[str]) -> bool:
    components = re.split(r"[\W\d_]+", nickname)
    component_keys = {nickname_key(component) for component in components}
    # Pairs are folded across the border of two words as well ("Super-Nora"), so look at words apart.
    readings = _readings(nickname) | component_keys
    for part in _telling_parts(own_words):
        spellings = {_single_letters(_letters(part)), nickname_key(part)}
        if any(len(spelling) >= 3 and spelling in reading for spelling in spellings for reading in readings):
            return True
        if spellings & component_keys and len(part) >= 2:
            return True
    return False


def _telling_parts(own_words: Iterable[str]) -> Iterator[str]:
    """The parts of names, companies and addresses by which somebody could be known."""
    for words in own_words:
        parts = [part for part in re.split(r"[\W_]+", unicodedata.normalize("NFKC", words)) if part]
        if "@" in words or re.fullmatch(r"[\w.\-]+\.[a-zA-Z]{2,}", words.strip()):
            parts = parts[:-1]  # The top-level domain is nobody's own.
        for part in parts:
            if fold(part) not in _TOO_GENERAL_AS_OWN_WORD:
                yield part
        # Initials with a point and the like are too short alone, but may be telling together.
        if len(parts) > 1 and "@" not in words:
            joined = "".join(parts)
            if len(joined) >= 4:
                yield joined


def _readings(nickname: str) -> set[str]:
    """All that a nickname can be read as: as it stands, without digits, with digits read as letters."""
    without_separators = re.sub(r"[._-]", "", nickname)
    spellings = {
        nickname,
        nickname.translate(str.maketrans("3457869", "eastbgg")),
        re.sub(r"\d", "", nickname),
        re.sub(r"^\d+|\d+$", "", without_separators),
    }
    letters = {_single_letters(_letters(spelling)) for spelling in spellings}
    return (letters | {_fold_pairs(spelling) for spelling in letters}) - {""}


def _letters(nickname: str) -> str:
    visible = "".join(
        character
        for character in unicodedata.normalize("NFKC", nickname)
        # Characters without a shape of their own: zero width, direction marks, soft hyphens.
        if unicodedata.category(character) not in ("Cf", "Cc", "Mn", "Me") or unicodedata.combining(character)
    )
    # Twice, because a look-alike may carry an accent and an accent may hide a look-alike.
    folded = fold(fold(visible).translate(_LOOK_ALIKES)).translate(_LOOK_ALIKES)
    return "".join(character for character in folded if character.isalnum())


def _single_letters(letters: str) -> str:
    return letters.translate(str.maketrans("01i", "oll"))


_PAIRS = (("rn", "m"), ("vv", "w"), ("ae", "a"), ("oe", "o"), ("ue", "u"))


def _fold_pairs(letters: str) -> str:
    folded, before = letters, ""
    while before != folded:
        before = folded
        for pair, single in _PAIRS:
            folded = folded.replace(pair, single)
    return folded
