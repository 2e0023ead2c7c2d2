"""Hashing, checking and judging passwords.

Argon2id with 19 MiB, two passes and one lane, the smaller of the settings that OWASP's Password Storage Cheat
Sheet recommends: about 0.17 s on a small server, where the library's default takes four times as long and
64 MiB. Hashing is the most expensive thing a stranger can ask for, so one runs at a time, in a thread, and
only a few may wait.
"""

import base64
import logging
import os
import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import Final, TypeVar

import anyio.to_thread
from anyio import CapacityLimiter
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError

from community.core.common_passwords import is_common
from community.core.i18n import gettext as _

logger = logging.getLogger(__name__)

Result = TypeVar("Result")

SHORTEST: Final = 12
LONGEST: Final = 200
MOST_WAITING: Final = 20

TIME_COST: Final = 2
MEMORY_KIBIBYTES: Final = 19_456
LANES: Final = 1

# Words that very many passwords are made of. They count as little as the member's own name does.
COMMON_WORDS: Final = (  # noqa: SIM905 - read and extended as a list of words, not as code
    "passwort password kennwort geheim secret letmein welcome willkommen hallo hello ichliebedich iloveyou "
    "qwertzuiop qwertyuiop qwertz qwerty asdfghjkl asdf yxcvbnm zxcvbnm abcdefghijkl abcdef abc "
    "12345678910 1234567890 0123456789 123456789 12345678 1234567 123456 12345 1234 123 "
    "987654321 87654321 7654321 654321 54321 4321 111111 000000 "
    "admin administrator master login internet computer kundenkreis community"
).split()
SHORTEST_REST: Final = 8
SHORTEST_OWN_WORD: Final = 3
FEWEST_CHARACTERS: Final = 5


class TooBusy(Exception):  # noqa: N818 - it says what the reader is told, as `RuleBroken` and `NotFound` do
    """More passwords wait to be hashed than the server can work off in a few seconds; answered as 503."""


_hasher = PasswordHasher(time_cost=TIME_COST, memory_cost=MEMORY_KIBIBYTES, parallelism=LANES)
_one_at_a_time = CapacityLimiter(1)
_in_line = 0


async def hash_password(password: str) -> str:
    """The hash to store, in the PHC string format. Raises TooBusy."""
    return await _in_turn(lambda: _hasher.hash(_as_bytes(password)))


async def verify(stored_hash: str | None, password: str) -> bool:
    """Whether the password belongs to the hash. Raises TooBusy.

    Pass None for an account that does not exist, or the empty text of one without a password: the same work is
    done, so that the time of the answer does not tell whether an address has an account.
    """
    known = bool(stored_hash) and len(password) <= LONGEST
    to_check = stored_hash if known and stored_hash else _UNMATCHED_HASH
    matches = await _in_turn(lambda: _matches(to_check, password[:LONGEST]))
    return matches and known


def needs_rehash(stored_hash: str) -> bool:
    """Whether the hash was made with other costs than today's; then hash again after a log-in."""
    try:
        return _hasher.check_needs_rehash(stored_hash)
    except InvalidHashError:
        return True


def problem_with(password: str, own_words: Iterable[str] = ()) -> str | None:
    """What keeps this password from being accepted, as a sentence for the reader, or None.

    `own_words` are the member's nickname, names, company and mail address: a password that is nothing but
    these and very common words is refused. Length counts characters, not bytes, and no kinds of characters
    are demanded (NIST SP 800-63B, 3.1.1.2).
    """
    if len(password) < SHORTEST:
        return _("Please choose a password with at least %(count)d characters.") % {"count": SHORTEST}
    if len(password) > LONGEST:
        return _("Please choose a password with at most %(count)d characters.") % {"count": LONGEST}
    folded = _fold(password)
    if len(set(folded)) < FEWEST_CHARACTERS or _is_repetition(folded):
        return _("This password is too easy to guess. Several words that do not belong together work well.")
    own = _parts_of(own_words)
    if len(_without(folded, own)) < SHORTEST_REST:
        return _("Please do not make your password from your name, nickname, company or mail address.")
    if is_common(folded) or len(_without(folded, _longest_first(own, COMMON_WORDS))) < SHORTEST_REST:
        return _("This password is too easy to guess. Several words that do not belong together work well.")
    return None


def _unmatched_hash() -> str:
    """A hash with today's costs that no password has; building it from random bytes takes no hashing."""
    salt, digest = (base64.b64encode(os.urandom(size)).decode().rstrip("=") for size in (16, 32))
    return f"$argon2id$v=19$m={MEMORY_KIBIBYTES},t={TIME_COST},p={LANES}${salt}${digest}"


_UNMATCHED_HASH: Final = _unmatched_hash()


def _matches(stored_hash: str, password: str) -> bool:
    try:
        return _hasher.verify(stored_hash, _as_bytes(password))
    except VerifyMismatchError:
        return False
    except (InvalidHashError, VerificationError):
        logger.exception("A stored password hash cannot be read")
        return False


async def _in_turn(work: Callable[[], Result]) -> Result:
    """Run `work` in a thread as soon as nobody else's is running."""
    global _in_line
    if _in_line > MOST_WAITING:
        raise TooBusy
    _in_line += 1
    try:
        return await anyio.to_thread.run_sync(work, limiter=_one_at_a_time)
    finally:
        _in_line -= 1


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()


def _parts_of(own_words: Iterable[str]) -> list[str]:
    """Each word, whole and in its parts ("erika@acme.de" gives "erika" and "acme" too), longest first."""
    parts = set()
    for word in own_words:
        folded = _fold(word).strip()
        parts.add(folded)
        parts.update(re.split(r"[\W_]+", folded))
    return sorted((part for part in parts if len(part) >= SHORTEST_OWN_WORD), key=len, reverse=True)


def _longest_first(*lists: Iterable[str]) -> list[str]:
    return sorted((word for words in lists for word in words), key=len, reverse=True)


def _without(folded: str, words: Iterable[str]) -> str:
    """What is left of the password when the words and all that is not a letter or digit are taken out."""
    for word in words:
        folded = folded.replace(word, " ")
    return re.sub(r"[\W_]+", "", folded)


def _is_repetition(folded: str) -> bool:
    """Whether the text is one shorter text said again and again, as "blumeblumeblume" is."""
    # A text is its own rotation by less than its length exactly when it repeats a part of itself.
    return folded in (folded + folded)[1:-1]


def _as_bytes(password: str) -> bytes:
    # Keyboards disagree on whether "ü" is one character or two. A lone surrogate cannot be typed, but sent.
    return unicodedata.normalize("NFC", password).encode("utf-8", "surrogatepass")
