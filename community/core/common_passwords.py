"""The passwords that are tried first: 30,000 that leaked most often, offline, in whatever disguise they come.

The list is that of the package zxcvbn (MIT). Its scorer is not used: it takes seconds for one long password.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

MOST_WORDS: Final = 2
"""Of so many a password may not consist; three words that do not belong together work well."""
SHORTEST_WORD: Final = 4
_DISGUISES: Final[tuple[dict[int, int], ...]] = (
    {},
    str.maketrans("013457@$8", "oieastasb"),
    str.maketrans("013457@$8", "oleastasb"),
)
"""As it is, and with figures read as the letters they stand for: 1 as i, and as l."""
_AROUND: Final = re.compile(r"^[\W\d_]+|[\W\d_]+$")
"""A year, an exclamation mark: what is put before or behind a word."""


def is_common(folded: str) -> bool:
    """Whether the password, in small letters, is nothing but one or two of these, with figures and signs between."""
    core = _AROUND.sub("", folded)
    spellings = (folded, *(core.translate(disguise) for disguise in _DISGUISES))
    return any(_fewest_words(spelling) <= MOST_WORDS for spelling in spellings)


def _fewest_words(text: str) -> int:
    """How many of the words cover all letters of the text; more than enough where they do not."""
    words, longest = _words()
    none = MOST_WORDS + 1
    fewest = [0] + [none] * len(text)
    for start in range(len(text)):
        so_far = fewest[start]
        if so_far > MOST_WORDS:
            continue
        if not text[start].isalpha():
            fewest[start + 1] = min(fewest[start + 1], so_far)
        for end in range(start + SHORTEST_WORD, min(len(text), start + longest) + 1):
            if so_far + 1 < fewest[end] and text[start:end] in words:
                fewest[end] = so_far + 1
    return fewest[-1] if any(map(str.isalpha, text)) else 0


@lru_cache(maxsize=1)
def _words() -> tuple[frozenset[str], int]:
    # Read when the first password is judged: 14 MB that most commands never need.
    from zxcvbn.frequency_lists import FREQUENCY_LISTS

    words = frozenset(word for word in FREQUENCY_LISTS["passwords"] if len(word) >= SHORTEST_WORD)
    return words | frozenset(_GERMAN), max(map(len, words))


_GERMAN: Final = (  # noqa: SIM905 - read and extended as a list of words, not as code
    "kennwort geheim geheimnis ichliebedich schatz schatzi engel mausi hase sonnenschein sonne sommer winter "
    "frühling herbst januar februar april juni juli august september oktober november dezember montag dienstag "
    "mittwoch donnerstag freitag samstag sonntag fussball fußball bayern münchen muenchen köln koeln frankfurt "
    "stuttgart düsseldorf duesseldorf dortmund leipzig bremen dresden hannover nürnberg nuernberg willkommen "
    "hallo hallihallo passwort deutschland firma büro buero arbeit urlaub lieblings internet computer"
).split()
