"""What may be attached, under which name, and in which words a file is refused."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta

from community.core.errors import RuleBroken
from community.core.i18n import gettext as _
from community.core.i18n import number
from community.core.limits import FILES_PER_DAY as FILES_PER_DAY
from community.settings import settings

MEGABYTE = 1_000_000
MOST_FILES = 8
"""Of one post."""
KEPT_UNPOSTED = timedelta(days=1)

LONGEST_NAME = 80
TEXT_ENDINGS = frozenset(
    ".txt .log .csv .tsv .md .json .jsonl .xml .yaml .yml .ini .cfg .conf .toml .diff .patch".split()  # noqa: SIM905
)
"""Endings that no system runs when somebody opens a saved file; other texts get .txt behind theirs."""
ACCEPTED = ",".join([".png", ".jpg", ".jpeg", ".webp", ".gif", ".pdf", *sorted(TEXT_ENDINGS)])
"""What the browser's dialog offers; what counts is what the file holds."""
LONGEST_ALT = 200
_ENDINGS = {
    "image/png": (".png",),
    "image/jpeg": (".jpg", ".jpeg"),
    "image/webp": (".webp",),
    "application/pdf": (".pdf",),
}
_CUT = '\\/:*?"<>|%'


class FileRefused(RuleBroken):
    """A file that is not taken, with the reason in the words of the reader."""


def most_bytes() -> int:
    """Of one file."""
    return settings.attachments.file_megabytes * MEGABYTE


def shown_size(size: int) -> str:
    """ "640 KB", "1.2 MB"."""
    if size < 1_000:
        return _("%(size)s bytes") % {"size": number(size)}
    if size < MEGABYTE:
        return _("%(size)s KB") % {"size": number(round(size / 1_000))}
    return _("%(size)s MB") % {"size": number(round(size / MEGABYTE, 1))}


def clean_name(given: str, content_type: str) -> str:
    """The name as it is shown and saved: no path, no characters that hide or reorder others, the ending of its type.

    A browser of Windows may send a whole path, which would tell the account's name there.
    """
    text = unicodedata.normalize("NFC", given).replace("\\", "/").rpartition("/")[2]
    # Categories C: control, format (bidi marks, zero widths), surrogates, private use; Z: blanks, of which one stays.
    kept = (" " if unicodedata.category(each)[0] == "Z" else each for each in text)
    text = "".join(each for each in kept if unicodedata.category(each)[0] != "C" and each not in _CUT)
    text = re.sub(r" +", " ", text).strip(" .")
    stem, ending = _parted(text, content_type)
    return (stem[:LONGEST_NAME].strip(" .") or _("file")) + ending


def _parted(name: str, content_type: str) -> tuple[str, str]:
    """The name without the ending it has, and the ending it gets."""
    stem, dot, last = name.rpartition(".")
    ending = f".{last.lower()}" if dot and stem else ""
    if content_type.startswith("text/"):
        return (stem, ending) if ending in TEXT_ENDINGS else (name, ".txt")
    fitting = _ENDINGS[content_type]
    if ending in fitting:
        return stem, ending
    is_picture_ending = (
        ending in (".png", ".jpg", ".jpeg", ".webp", ".gif") and content_type != "application/pdf"
    )
    return (stem if is_picture_ending else name), fitting[0]


def refusal(code: str, name: str) -> str:
    """The sentence for a file that was not taken."""
    values = {"name": shown_name(name), "most": number(settings.attachments.file_megabytes)}
    sentences = {
        "large": _("%(name)s is larger than %(most)s MB."),
        "empty": _("%(name)s is empty."),
        "kind": _("%(name)s cannot be attached. Possible are pictures (PNG, JPEG, WebP, GIF), PDF, text and logs."),
        "markup": _("%(name)s is a web page or a drawing that can hold programs. Please attach a picture of it."),
        "pixels": _("%(name)s has too many pixels. Please make the picture smaller."),
        "broken": _("%(name)s cannot be read. Perhaps it is damaged."),
        "active": _("%(name)s holds programs, other files or forms that send something. Please print it as PDF."),
        "locked": _("%(name)s is protected by a password. Please attach it without."),
        "slow": _("%(name)s took too long to check. Please make it smaller."),
        "infected": _("%(name)s is refused by the virus scanner."),
        "unscanned": _("%(name)s could not be checked for viruses. Please try again in a few minutes."),
        "full": _("%(name)s could not be stored: there is no room for files at the moment. Please try again later."),
    }  # fmt: skip
    return sentences[code] % values


def clean_alt(given: str) -> str:
    """One line of words about a picture."""
    return " ".join(given.split())[:LONGEST_ALT].strip()


def file_gone() -> FileRefused:
    return FileRefused(_("One of your files is not there any more. Please attach it again."))


def shown_name(given: str) -> str:
    """A name in a sentence about a file that was not taken: its type is not known."""
    name = clean_name(given, "text/plain")
    return name.removesuffix(".txt") if not given.lower().endswith(".txt") else name
