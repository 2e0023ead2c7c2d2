"""Quoting a stretch of a rendered text: whole paragraphs and steps, never half of one."""

from __future__ import annotations

import pytest

from community.core.markdown import render
from community.core.quotation import quote_passage


def counting(*words: str):
    return lambda text: sum(word in text.lower() for word in words)


LONG = """Das ist bekannt und hat mit dem Router nichts zu tun, sondern mit der Art des Anschlusses.

So geht es:

1. Im Portal anmelden.
2. **Feste Adresse** buchen.
3. Router neu starten.

| Was | Preis |
|---|---|
| Adresse | 5 |

Danach ist alles wie vorher. Bei uns hat es zwei Stunden gedauert, und das Telefon ging solange nicht."""


def test_a_short_text_is_quoted_whole() -> None:
    text = render("Ja, das geht.\n\n- so\n- oder so")
    assert quote_passage(text, counting("so"), 200).html == text


def test_steps_stay_steps_and_come_with_the_line_that_announces_them() -> None:
    quotation = quote_passage(render(LONG), counting("feste", "adresse", "buchen"), 80)
    assert quotation.html.startswith("<p>So geht es:</p>\n<ol>")
    assert "Router neu starten.</li>\n</ol>" in quotation.html
    assert "<table>" not in quotation.html
    assert (quotation.begins_later, quotation.ends_earlier) == (True, True)


def test_where_nothing_matches_the_beginning_is_quoted() -> None:
    quotation = quote_passage(render(LONG), counting("zebra"), 100)
    assert quotation.html.startswith("<p>Das ist bekannt")
    assert not quotation.begins_later


def test_a_long_paragraph_ends_with_a_sentence() -> None:
    text = render(
        "Der erste Satz steht hier, z. B. für <b> und &. Der zweite folgt ihm. " + "Noch einer. " * 30
    )
    quotation = quote_passage(text, counting("erste"), 75)
    assert quotation.html == (
        "<p>Der erste Satz steht hier, z. B. für &lt;b&gt; und &amp;. Der zweite folgt ihm.</p>"
    )
    assert quotation.ends_earlier


@pytest.mark.parametrize(
    "text", ["", "```\ncode < 1\n```", "> a\n>\n> b\n\nc", "a  \nb\n\n---\n\nc", "# x\n\ny"]
)
@pytest.mark.parametrize("most", [0, 3, 1000])
def test_every_element_that_is_opened_is_closed(text: str, most: int) -> None:
    quoted = quote_passage(render(text), counting("b"), most).html
    for tag in ("p", "pre", "code", "blockquote", "h3", "li"):
        assert quoted.count(f"<{tag}>") + quoted.count(f"<{tag} ") == quoted.count(f"</{tag}>")
