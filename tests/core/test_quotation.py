"""Quoting a stretch of a rendered text: whole paragraphs and steps, never half of one."""

from __future__ import annotations

import pytest

from community.core.markdown import render
from community.core.quotation import first_sentences, quote_passage


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


ARTICLE = """# Neues vom Netz

Wir bauen aus, u. a. im Norden: **31 Orte** bekommen ca. 200 Anschlüsse. Das dauert. Es gilt:

- Sie bekommen den Termin.

## Danach

Danach ist alles schneller."""


def test_a_text_begins_with_whole_sentences_of_its_first_paragraphs() -> None:
    text = render(ARTICLE)
    assert first_sentences(text, 90) == (
        "Wir bauen aus, u. a. im Norden: 31 Orte bekommen ca. 200 Anschlüsse. Das dauert."
    )
    assert first_sentences(text, 75) == "Wir bauen aus, u. a. im Norden: 31 Orte bekommen ca. 200 Anschlüsse."
    assert (
        first_sentences(render("Guten Tag!\n\n---\n\nAb März gilt das."), 90)
        == "Guten Tag! Ab März gilt das."
    )


@pytest.mark.parametrize(
    ("body", "beginning"),
    [
        ("Der Router Pro 4 ist da.\n\n## Was er kostet\n\nEr kostet 199 Euro.", "Der Router Pro 4 ist da."),
        ("Jetzt neu: Tarif Plus\n\n* 5 Euro\n* 10 GB", "Jetzt neu: Tarif Plus"),
        ("Wartung am 3. Mai!\n\n## Neuer Tarif\n\nAb heute kostet er 5 Euro.", "Wartung am 3. Mai!"),
        ("Hallo zusammen!\n\nDrei Dinge:\n\n1. Eins.\n\nDanach mehr.", "Hallo zusammen! Drei Dinge: Eins."),
        ("Guten Tag.\n\n| Was |\n|---|\n| Adresse |\n\nDas kostet es.", "Guten Tag. Was Adresse"),
        ("Guten Tag.\n\n## Neu\n\nAb März gilt das.", "Guten Tag. Ab März gilt das."),
        ("![Ein > Router](/attachments/1-a.png)\n\nAb März gilt das.", "Ab März gilt das."),
        ("![Ein Router](/attachments/1-a.png)", "Ein Router"),
    ],
)
def test_a_beginning_runs_into_no_other_matter(body: str, beginning: str) -> None:
    assert first_sentences(render(body), 200) == beginning


def test_a_text_without_sentences_begins_with_whole_words() -> None:
    endless = "immer weiter " * 40
    for body in (endless, f"- {endless}"):
        beginning = first_sentences(render(body), 60)
        assert len(beginning) <= 60
        assert beginning.endswith(("immer…", "weiter…"))
    assert first_sentences(render("## Nur das\n\n- Ein Punkt"), 60) == "Ein Punkt"
