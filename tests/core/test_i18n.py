"""Languages: texts, dates and numbers."""

import contextvars
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from community.core import i18n

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)

CATALOGUE = """
msgid ""
msgstr ""
"Language: {code}\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"Content-Type: text/plain; charset=utf-8\\n"

msgid "Test: good morning"
msgstr "{greeting}"

msgid "Test: %(num)d box"
msgid_plural "Test: %(num)d boxes"
msgstr[0] "%(num)d Kiste"
msgstr[1] "%(num)d Kisten"

msgctxt "button"
msgid "Test: open"
msgstr "Öffnen"

#, fuzzy
msgid "Test: unsure"
msgstr "unsicher"
"""


def write(folder: Path, code: str, greeting: str) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / f"{code}.po").write_text(CATALOGUE.format(code=code, greeting=greeting), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def project_catalogues_afterwards() -> Iterator[None]:
    yield
    i18n.load_catalogues()
    i18n.use("en")


def test_a_language_is_one_file(tmp_path: Path) -> None:
    i18n.load_catalogues([write(tmp_path / "locale", "nl", "Goedemorgen")])
    assert i18n.languages() == ("de", "en", "nl")
    assert i18n.language_names()["nl"] == "Nederlands"
    i18n.use("nl")
    assert i18n.gettext("Test: good morning") == "Goedemorgen"


def test_a_theme_lays_its_texts_over_those_of_its_parent(tmp_path: Path) -> None:
    parent, child = write(tmp_path / "parent", "de", "Guten Morgen"), write(tmp_path / "child", "de", "Moin")
    i18n.load_catalogues([parent, child])
    i18n.use("de")
    assert i18n.gettext("Test: good morning") == "Moin"
    assert i18n.gettext("Test: not translated") == "Test: not translated"


def test_plurals_and_contexts_choose_the_form(tmp_path: Path) -> None:
    i18n.load_catalogues([write(tmp_path / "locale", "de", "Moin")])
    i18n.use("de")
    forms = [i18n.ngettext("Test: %(num)d box", "Test: %(num)d boxes", n) % {"num": n} for n in (0, 1, 2)]
    assert forms == ["0 Kisten", "1 Kiste", "2 Kisten"]
    assert i18n.pgettext("button", "Test: open") == "Öffnen"
    assert i18n.pgettext("status", "Test: open") == "Test: open"


def test_an_unsure_translation_is_not_used(tmp_path: Path) -> None:
    i18n.load_catalogues([write(tmp_path / "locale", "de", "Moin")])
    i18n.use("de")
    assert i18n.gettext("Test: unsure") == "Test: unsure"


def test_two_requests_at_once_keep_their_languages() -> None:
    def language_after(code: str) -> str:
        i18n.use(code)
        return i18n.language()

    one, other = contextvars.copy_context(), contextvars.copy_context()
    assert (one.run(language_after, "de"), other.run(language_after, "en"), one.run(i18n.language)) == (
        "de",
        "en",
        "de",
    )


def test_an_unknown_language_falls_back_to_english() -> None:
    i18n.use("xx")
    assert i18n.language() == "en"


@pytest.mark.parametrize(
    ("member", "cookie", "content", "accept", "chosen"),
    [
        ("de", "en", "en", "en", "de"),
        (None, "de", "en", "en", "de"),
        (None, None, "de", "en", "de"),
        (None, None, None, "de-AT;q=0.9, en;q=0.5", "de"),
        (None, None, None, "en-GB,en;q=0.9,de;q=0.8", "en"),
        (None, None, None, "fr, de;q=0.2", "de"),
        (None, None, None, "fr", "en"),
        (None, None, None, "", "en"),
        (None, None, None, "de;q=x, *;q=1, ;;,=", "en"),
        (None, None, None, "de;q=0, en;q=0.1", "en"),
        ("xx", "yy", "zz", "de", "de"),
        ("xx", "../de", None, None, "en"),
    ],
)
def test_the_language_is_chosen_in_this_order(
    member: str | None, cookie: str | None, content: str | None, accept: str | None, chosen: str
) -> None:
    assert i18n.negotiate(member, cookie, content, accept) == chosen


def test_below_a_day_times_are_told_in_words_and_afterwards_as_a_date() -> None:
    def told(**ago: int) -> str:
        return i18n.time_ago(NOW - timedelta(**ago), NOW)

    i18n.use("de")
    assert [told(minutes=1), told(minutes=59), told(hours=1), told(hours=23)] == [
        "vor 1 Minute",
        "vor 59 Minuten",
        "vor 1 Stunde",
        "vor 23 Stunden",
    ]
    assert [told(days=5), told(days=400)] == ["17. Nov.", "18. Okt. 2025"]
    i18n.use("en")
    assert [told(seconds=5), told(minutes=59), told(hours=23), told(days=5), told(days=400)] == [
        "just now",
        "59 minutes ago",
        "23 hours ago",
        "17 Nov",
        "18 Oct 2025",
    ]


def test_a_date_that_lies_ahead_by_clock_error_is_just_now() -> None:
    assert i18n.time_ago(NOW + timedelta(seconds=3), NOW) == "just now"


def test_dates_are_those_of_berlin_unless_the_member_lives_elsewhere() -> None:
    midnight = datetime(2026, 7, 1, 22, 30, tzinfo=UTC)
    i18n.use("de")
    assert i18n.full_date(midnight) == "Donnerstag, 2. Juli 2026, 00:30"
    i18n.use("de", "America/New_York")
    assert i18n.full_date(midnight) == "Mittwoch, 1. Juli 2026, 18:30"


def test_numbers_follow_the_language() -> None:
    i18n.use("de")
    assert (i18n.number(1284), i18n.number(4.25), i18n.percent(0.814, 1)) == ("1.284", "4,25", "81,4\xa0%")
    i18n.use("en")
    assert (i18n.number(1284), i18n.number(4.25), i18n.percent(0.814)) == ("1,284", "4.25", "81%")


def test_names_are_sorted_as_in_a_german_dictionary() -> None:
    names = ["Zebra", "Ärger", "arg", "Straße", "Strasse", "Ober", "Öl", "Omen"]
    assert sorted(names, key=i18n.sort_key) == [
        "arg",
        "Ärger",
        "Ober",
        "Öl",
        "Omen",
        "Strasse",
        "Straße",
        "Zebra",
    ]
