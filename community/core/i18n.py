"""Languages: translated texts, dates and numbers in the language of the reader.

English is the language of the message ids. Every other language is one file, ``community/locale/<code>.po``,
read with Babel and compiled in memory; a theme may lay its own file over it. The language of the current
request lives in a context variable that `use` sets.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path
from typing import Literal, NamedTuple
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_timedelta, parse_pattern
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal, format_percent
from babel.support import Translations

SOURCE_LANGUAGE = "en"
"""The language the message ids are written in; it needs no catalogue."""

DEFAULT_TIME_ZONE = "Europe/Berlin"

CATALOGUE_FOLDER = Path(__file__).parent.parent / "locale"

# Dates in English follow European order and the 24-hour clock, as the readers of this site expect.
_FORMATTING_LOCALES = {"en": "en_GB"}

_language: ContextVar[str] = ContextVar("language", default=SOURCE_LANGUAGE)
_time_zone: ContextVar[str] = ContextVar("time_zone", default=DEFAULT_TIME_ZONE)


# --- catalogues ---------------------------------------------------------------------------------------


def read_catalogue(path: Path) -> Translations:
    """Compile one ``.po`` file in memory; messages marked fuzzy are left out."""
    with path.open("rb") as source:
        catalogue = read_po(source, locale=path.stem)
    compiled = BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return Translations(fp=compiled)


def load_catalogues(overlays: Iterable[Path] = ()) -> None:
    """(Re)read the catalogues: the project's own, then each folder of `overlays` on top, later ones winning.

    Called once at start with the folders of the theme; without it the project's own catalogues are in use.
    """
    loaded: dict[str, NullTranslations] = {SOURCE_LANGUAGE: NullTranslations()}
    for folder in (CATALOGUE_FOLDER, *overlays):
        for path in sorted(folder.glob("*.po")):
            catalogue = read_catalogue(path)
            earlier = loaded.get(path.stem)
            if isinstance(earlier, Translations):
                earlier.merge(catalogue)
            else:
                loaded[path.stem] = catalogue
    _catalogues.clear()
    _catalogues.update(loaded)
    language_names.cache_clear()


_catalogues: dict[str, NullTranslations] = {}


def translations() -> NullTranslations:
    """The catalogue of the language in use."""
    return _catalogues[_language.get()]


def gettext(message: str) -> str:
    """`message` in the language of the reader, or as it is where the catalogue has no translation."""
    return translations().gettext(message)


def ngettext(singular: str, plural: str, n: int) -> str:
    """The form of the message that fits the number `n`; the caller fills in the placeholders."""
    return translations().ngettext(singular, plural, n)


def pgettext(context: str, message: str) -> str:
    """Like `gettext`, for words whose translation depends on the place ("Open": a status, a button)."""
    return translations().pgettext(context, message)


def npgettext(context: str, singular: str, plural: str, n: int) -> str:
    """Like `ngettext`, with a context."""
    return translations().npgettext(context, singular, plural, n)


def N_(message: str) -> str:  # noqa: N802 - the usual name; the catalogues' tool knows it
    """Marks a text for the catalogues that is translated later, where the reader is known."""
    return message


# --- the language of the request ----------------------------------------------------------------------


def use(language: str, time_zone: str | None = None) -> None:
    """Set language and time zone of the current task. An unknown language falls back to English."""
    _language.set(language if language in _catalogues else SOURCE_LANGUAGE)
    _time_zone.set(time_zone or DEFAULT_TIME_ZONE)


def language() -> str:
    """The code of the language in use, such as ``de``."""
    return _language.get()


def time_zone() -> str:
    """The name of the time zone in use, such as ``Europe/Berlin``."""
    return _time_zone.get()


def languages() -> tuple[str, ...]:
    """The codes of all languages there are, in alphabetical order."""
    return tuple(sorted(_catalogues))


@lru_cache
def language_names() -> Mapping[str, str]:
    """Code to name, each name in its own language: ``{"de": "Deutsch", "en": "English"}``."""
    return {code: (Locale.parse(code).get_display_name(code) or code).capitalize() for code in languages()}


def negotiate(
    member_choice: str | None = None,
    cookie: str | None = None,
    content_language: str | None = None,
    accept_header: str | None = None,
    *,
    default: str = SOURCE_LANGUAGE,
) -> str:
    """Choose the language of a page.

    The first of these that names a language we have wins: the choice of the signed-in member, the cookie
    set by the language link, the language of the content (for pages that show content in one language, so
    that guests get one page per URL), the browser's ``Accept-Language`` header. Otherwise `default`.
    """
    for wish in (member_choice, cookie, content_language):
        if wish in _catalogues:
            return str(wish)
    return _best_accepted(accept_header or "") or default


def _best_accepted(header: str) -> str | None:
    """The language with the highest quality in an ``Accept-Language`` header; ``de-AT`` counts as ``de``."""
    best, best_quality = None, 0.0
    for entry in header[:500].split(","):
        tag, _, parameter = entry.partition(";")
        code = tag.strip().replace("_", "-").partition("-")[0].lower()
        try:
            quality = float(parameter.strip().removeprefix("q=")) if parameter.strip() else 1.0
        except ValueError:
            continue
        if code in _catalogues and quality > best_quality:
            best, best_quality = code, quality
    return best


# --- dates --------------------------------------------------------------------------------------------


def _formatting_locale(code: str) -> Locale:
    return Locale.parse(_FORMATTING_LOCALES.get(code, code))


def _names_of(names: Mapping[int, str], number_of: Callable[[datetime], int]) -> Callable[[datetime], str]:
    # A copy: what Babel gives looks through several layers at every access.
    copied = dict(names.items())
    return lambda moment: copied[number_of(moment)]


def _month(locale: Locale, width: str) -> Callable[[datetime], str]:
    return _names_of(locale.months["format"][width], lambda moment: moment.month)


def _week_day(locale: Locale, width: str) -> Callable[[datetime], str]:
    return _names_of(locale.days["format"][width], lambda moment: moment.weekday())


# For each field of a pattern: from the locale to the function that writes it.
_PIECES: dict[str, Callable[[Locale], Callable[[datetime], str]]] = {
    "y": lambda locale: lambda moment: str(moment.year),
    "MMMM": lambda locale: _month(locale, "wide"),
    "MMM": lambda locale: _month(locale, "abbreviated"),
    "MM": lambda locale: lambda moment: f"{moment.month:02}",
    "M": lambda locale: lambda moment: str(moment.month),
    "EEEE": lambda locale: _week_day(locale, "wide"),
    "EEE": lambda locale: _week_day(locale, "abbreviated"),
    "d": lambda locale: lambda moment: str(moment.day),
    "dd": lambda locale: lambda moment: f"{moment.day:02}",
    "HH": lambda locale: lambda moment: f"{moment.hour:02}",
    "H": lambda locale: lambda moment: str(moment.hour),
    "mm": lambda locale: lambda moment: f"{moment.minute:02}",
}


class _DatePattern:
    """A CLDR date pattern taken apart once. Babel does that on every call: a page shows forty dates."""

    def __init__(self, pattern: str, locale: Locale) -> None:
        pieces = re.split(r"%\((\w+)\)s", str(parse_pattern(pattern).format))
        self.literals = [piece.replace("%%", "%") for piece in pieces[::2]]
        self.fields = [_PIECES[name](locale) for name in pieces[1::2]]

    def format(self, moment: datetime) -> str:
        parts = [self.literals[0]]
        for field, literal in zip(self.fields, self.literals[1:], strict=True):
            parts += (field(moment), literal)
        return "".join(parts)


class _Written(NamedTuple):
    """A moment as it is written, whatever the time is now."""

    year: int
    day: str
    day_and_year: str
    full: str


@lru_cache(maxsize=8192)
def _written(moment: datetime, code: str, zone: str) -> _Written:
    local = moment.astimezone(_zone(zone))
    kinds = (_pattern(code, kind).format(local) for kind in ("day", "day_and_year", "full"))
    return _Written(local.year, *kinds)


@lru_cache
def _pattern(code: str, kind: str) -> _DatePattern:
    locale = _formatting_locale(code)
    day = {
        "day": lambda: locale.datetime_skeletons["MMMd"].pattern,
        "day_and_year": lambda: locale.datetime_skeletons["yMMMd"].pattern,
        "full": lambda: f"{locale.date_formats['full'].pattern}, HH:mm",
        "long": lambda: locale.date_formats["long"].pattern,
        "month": lambda: locale.datetime_skeletons["yMMMM"].pattern,
    }[kind]()
    return _DatePattern(day, locale)


def local_time(moment: datetime) -> datetime:
    """`moment` (aware) in the reader's time zone."""
    return moment.astimezone(_zone(_time_zone.get()))


def noon_of(day: date) -> datetime:
    """A moment at which it is that day for the reader, so that a day can be written like any other date."""
    return datetime.combine(day, time(12), _zone(_time_zone.get()))


@lru_cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


IN_WORDS = timedelta(hours=24)
"""For how long a moment is written as its distance from now."""


def time_ago(moment: datetime, now: datetime | None = None) -> str:
    """Below 24 hours in words ("3 hours ago", "vor 3 Stunden"), afterwards the short date."""
    seconds = ((now or datetime.now(UTC)) - moment).total_seconds()
    if seconds < 60:
        return gettext("just now")
    if seconds < 3600:
        return _ago(_language.get(), "minute", int(seconds // 60))
    if seconds < IN_WORDS.total_seconds():
        return _ago(_language.get(), "hour", int(seconds // 3600))
    return short_date(moment, now)


@lru_cache(maxsize=512)
def _ago(code: str, unit: Literal["minute", "hour"], count: int) -> str:
    seconds = count * (60 if unit == "minute" else 3600)
    # The threshold is how many of a smaller unit make a larger one; it must not turn 59 minutes into an hour.
    return format_timedelta(
        -seconds, granularity=unit, threshold=100, add_direction=True, locale=_formatting_locale(code)
    )


def short_date(moment: datetime, now: datetime | None = None) -> str:
    """Day and month ("17 Nov", "17. Nov."), with the year where it is not the current one."""
    written = _written(moment, _language.get(), _time_zone.get())
    this_year = local_time(now or datetime.now(UTC)).year
    return written.day if written.year == this_year else written.day_and_year


def long_date(moment: datetime) -> str:
    """Day, month in full and year: "17 November 2026"."""
    return _pattern(_language.get(), "long").format(local_time(moment))


def full_date(moment: datetime) -> str:
    """Week day, date and time: "Tuesday 17 November 2026, 09:24"."""
    return _written(moment, _language.get(), _time_zone.get()).full


def month_name(day: date) -> str:
    """Month and year: "November 2026"."""
    return _pattern(_language.get(), "month").format(datetime(day.year, day.month, 1, tzinfo=UTC))


# --- numbers ------------------------------------------------------------------------------------------


def number(value: float) -> str:
    """A number with the separators of the language: 1,284 or 1.284."""
    if -1000 < value < 1000 and isinstance(value, int):
        return str(value)
    return format_decimal(value, locale=_formatting_locale(_language.get()))


def percent(share: float, digits: int = 0) -> str:
    """A share between 0 and 1 as a percentage: "81%" or "81 %"."""
    pattern = _formatting_locale(_language.get()).percent_formats[None].pattern
    places = "." + "0" * digits if digits else ""
    return format_percent(
        share, format=pattern.replace("0", "0" + places, 1), locale=_formatting_locale(_language.get())
    )


# --- order --------------------------------------------------------------------------------------------

_DIN_5007_1 = str.maketrans(
    {
        "ä": "a",
        "ö": "o",
        "ü": "u",
        "ß": "ss",
        "é": "e",
        "è": "e",
        "ê": "e",
        "á": "a",
        "à": "a",
        "â": "a",
        "ç": "c",
    }
)


def sort_key(text: str) -> tuple[str, str]:
    """Key for sorting names and tags by DIN 5007-1 (dictionary order: ä as a, ß as ss), case ignored."""
    folded = text.casefold()
    return folded.translate(_DIN_5007_1), text


load_catalogues()
