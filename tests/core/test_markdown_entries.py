"""Addresses of FAQ entries in texts lose the words in them, and stand alone where they are a line of their own."""

from __future__ import annotations

import pytest

from community.core.markdown import render
from community.core.markdown_entries import cards_in, entry_in, with_whole_addresses, without_words
from community.settings import settings

LINK = '<a href="/faq/12" rel="nofollow ugc noreferrer">/faq/12</a>'
CARD = f'<p class="faq-card">{LINK}</p>'


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("/faq/12-how-so", CARD),
        (f"{settings.base_url}/faq/12-how-so", CARD),
        ("[/faq/12](/faq/12-how-so)", CARD),
        ("See:\n/faq/12-how-so\nand\nthen", f"<p>See:</p>\n{CARD}\n<p>and<br>\nthen</p>"),
        ("/faq/12\n/faq/12-how-so", f"{CARD}\n{CARD}"),
        (f"see {settings.base_url}/faq/12-how-so there", f"<p>see {LINK} there</p>"),
        ("> /faq/12-how-so", f"<blockquote>\n<p>{LINK}</p>\n</blockquote>"),
        ("- /faq/12-how-so", f"<ul>\n<li>{LINK}</li>\n</ul>"),
        ("`/faq/12-how-so`", "<p><code>/faq/12</code></p>"),
        ("/faq/billing", "<p>/faq/billing</p>"),
    ],
)
def test_what_becomes_of_an_address(text: str, html: str) -> None:
    assert render(text).strip() == html


def test_another_site_and_a_label_of_ones_own_stay_as_they_are() -> None:
    assert "https://evil.example/faq/12-how-so" in render("https://evil.example/faq/12-how-so")
    assert ">How so<" in render("[How so](/faq/12-how-so)")
    assert 'class="faq-card"' not in render("[How so](/faq/12-how-so)")


HERE = f"{settings.base_url}/faq/12-how-so"


@pytest.mark.parametrize(
    "text",
    [
        "[label](/faq/12-how-so)",
        f"[label]({HERE} 'As {HERE} says')",
        "[**bold**](/faq/12-how-so?answered=no#feedback)",
        "[deeper](/faq/12-how-so/feedback)",
        "[label][1] and [1]\n\n[1]: /faq/12-how-so",
        "![](/faq/12-how-so)",
        f"![see /faq/12-how-so]({HERE})",
        f"![see {HERE}](/attachments/1.png '/faq/12-how-so')",
        f"<{HERE}>",
        f"**{HERE}**: so",
        "You find it at (/faq/12-how-so), or: x/faq/12-how-so.",
        "z.B./faq/12-how-so and\\/faq/12-how-so",
        f"[log in](/login?next=%2Ffaq%2F12-how-so) or {settings.base_url}/login?next=/faq/12-how-so",
        "# /faq/12-how-so",
        "| /faq/12-how-so |\n|---|\n| /faq/12-how-so |",
        "```\nGET /faq/12-how-so\n```",
        "    GET /faq/12-how-so",
        "/faq/12-how-so\n\n" + "x" * 66_000,
    ],
)
def test_no_form_of_an_address_tells_the_words_in_it(text: str) -> None:
    html = render(text)
    assert "how-so" not in html
    assert "12" in html


def test_the_words_go_from_what_was_typed_too() -> None:
    typed = "[a](https://elsewhere.example)[b](/faq/12-how-so), https://elsewhere.example,/faq/12\\-how\\-so"
    assert without_words(typed) == (
        "[a](https://elsewhere.example)[b](/faq/12), https://elsewhere.example,/faq/12"
    )
    elsewhere = "https://elsewhere.example:8000/faq/12-how-so"
    assert without_words(elsewhere) == elsewhere


def test_a_text_is_taken_apart_and_nothing_gets_lost() -> None:
    html = render("One\n\n/faq/12\n\n/faq/13-x\n\nTwo")
    pieces = list(cards_in(html))
    assert [number for _piece, number in pieces] == [None, 12, 13, None]
    assert "".join(piece for piece, _number in pieces) == html


def test_only_addresses_of_entries_have_a_number() -> None:
    assert entry_in("/faq/12-how-so#feedback") == 12
    assert [entry_in(each) for each in ("/faq/", "/faq/012", "/faq/12/feedback", "x/faq/12")] == [None] * 4


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("/faq/7", "http://127.0.0.1:8000/faq/7"),
        (
            "See:\n/faq/7\nand /faq/12.",
            "See:\nhttp://127.0.0.1:8000/faq/7\nand http://127.0.0.1:8000/faq/12.",
        ),
        ("https://elsewhere.example/faq/7 docs/faq/7 /faq/7/use /faq/mobile", ""),
    ],
)
def test_in_what_leaves_the_site_addresses_are_whole(text: str, whole: str) -> None:
    assert with_whole_addresses(text) == (whole or text)
