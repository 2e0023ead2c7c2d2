import string
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.pagination import Cursor, page_of, pages, read_cursor
from community.core.text import fold, slug


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Warum läuft's nicht?", "warum-laeufts-nicht"),
        ("Größe & Straße: ÖPNV", "groesse-strasse-oepnv"),
        ("Smörrebröd à la crème", "smoerrebroed-a-la-creme"),
        ("C++ / C#", "c-c"),
        ("???", "-"),
        ("", "-"),
        ("Żółw İstanbul", "zolw-istanbul"),
        ("IPv6 (Dual-Stack)", "ipv6-dual-stack"),
    ],
)
def test_a_slug_is_readable(title: str, expected: str) -> None:
    assert slug(title) == expected


@given(st.text())
def test_a_slug_is_never_empty_nor_too_long_nor_in_need_of_quoting(title: str) -> None:
    made = slug(title)
    assert 1 <= len(made) <= 80
    assert set(made) <= set(string.ascii_lowercase + string.digits + "-")


def test_a_long_slug_ends_with_a_whole_word() -> None:
    assert slug("one two three four", longest=10) == "one-two"
    assert slug("one two", longest=7) == "one-two"
    assert slug("x" * 200, longest=10) == "x" * 10


def test_folding_makes_spellings_equal() -> None:
    assert fold("Größe") == fold("GROESSE") == fold("Gro\u0308ße") == "groesse"
    assert fold("café") == "cafe"


@given(st.datetimes(timezones=st.just(UTC)), st.integers(0, 2**53 - 1))
def test_a_cursor_comes_back_exactly(time: datetime, row_id: int) -> None:
    cursor = Cursor(time, row_id)
    assert read_cursor(str(cursor)) == cursor


@given(st.text(alphabet=string.ascii_letters + string.digits + "-_=+/ä", max_size=30))
def test_a_spoilt_cursor_is_no_cursor_and_no_error(text: str) -> None:
    cursor = read_cursor(text)
    assert cursor is None or isinstance(cursor, Cursor)


@pytest.mark.parametrize("text", [None, "", "x", "a" * 22 + "b", "_" * 22, "é" * 22])
def test_what_is_no_cursor_starts_the_list_anew(text: str | None) -> None:
    assert read_cursor(text) is None


@pytest.mark.parametrize(
    ("total", "current", "expected"),
    [
        (0, 1, [1]),
        (20, 1, [1]),
        (21, 1, [1, 2]),
        (400, 8, [1, None, 7, 8, 9, None, 20]),
        (400, 1, [1, 2, None, 20]),
        (400, 3, [1, 2, 3, 4, None, 20]),
        (400, 4, [1, 2, 3, 4, 5, None, 20]),
        (400, 20, [1, None, 19, 20]),
        (100, 3, [1, 2, 3, 4, 5]),
    ],
)
def test_a_pager_shows_the_ends_and_the_neighbours(
    total: int, current: int, expected: list[int | None]
) -> None:
    assert list(pages(total, 20, current)) == expected


def test_a_pager_never_leaves_the_list() -> None:
    assert pages(45, 20, 99).current == 3
    assert pages(45, 20, -1).current == 1
    last = pages(45, 20, 3)
    assert (last.offset, last.previous, last.next) == (40, 2, None)
    assert not pages(0, 20, 1).is_needed


def test_the_page_of_a_row_is_found_by_its_position() -> None:
    assert [page_of(position, 20) for position in (0, 19, 20, 40)] == [1, 1, 2, 3]
