"""What is hinted at in German and English sentences, and what is not."""

from __future__ import annotations

import pytest

from community.faq.readability import check, has_passive, split_sentences


@pytest.mark.parametrize(
    "sentence",
    [
        "Das Gerät wird im Kundencenter eingerichtet.",
        "Die Rechnung wurde gestern verschickt.",
        "Sobald der Anschluss geschaltet wird, blinkt die Lampe.",
        "Ihre Nummer kann nicht übernommen werden.",
        "Der Vertrag ist gekündigt worden.",
        "Alle Ports werden beim Neustart konfiguriert.",
    ],
)
def test_german_passive_is_found(sentence: str) -> None:
    assert has_passive(sentence, "de")


@pytest.mark.parametrize(
    "sentence",
    [
        "Wir werden Ihnen den Code geben.",
        "Die Lampe wird rot.",
        "Es wird morgen wieder gehen.",
        "Das wird teuer, und der Tarif endet.",
        "Sie werden die Änderung sofort bemerken.",
        "Richten Sie das Gerät im Kundencenter ein.",
        "Der Tarif wird bekannt.",
        "Werden Sie Kunde, bekommen Sie einen Router mit alten Geräten.",
    ],
)
def test_what_is_no_german_passive_is_left_alone(sentence: str) -> None:
    assert not has_passive(sentence, "de")


def test_english_passive() -> None:
    for sentence in ("The code is sent by mail.", "It was not configured.", "Ports are then opened."):
        assert has_passive(sentence, "en"), sentence
    for sentence in (
        "We send the code.",
        "It is based on firmware 7.",
        "You are in need.",
        "The light is red.",
    ):
        assert not has_passive(sentence, "en"), sentence


def test_sentences_end_where_people_end_them() -> None:
    text = "Das gilt z. B. für Router. Es kostet ca. 5 Euro bzw. nichts!\nZweite Zeile ohne Punkt"
    assert list(split_sentences(text)) == [
        "Das gilt z. B. für Router.",
        "Es kostet ca. 5 Euro bzw. nichts!",
        "Zweite Zeile ohne Punkt",
    ]


def test_long_sentences_and_jargon_are_named() -> None:
    long = "Wenn Sie " + "sehr " * 20 + "lange warten, rufen Sie an."
    found = check(f"{long} Wir melden uns zeitnah.", "de")
    assert [(hint.kind, hint.excerpt) for hint in found.hints] == [("long", long), ("jargon", "zeitnah")]
    english = check("Restart it prior to the update.", "en")
    assert [(hint.kind, hint.excerpt, hint.instead) for hint in english.hints] == [
        ("jargon", "prior to", "before")
    ]
    assert check("Le routeur est allumé.", "fr").hints == ()


def test_the_figure_tells_easy_from_hard() -> None:
    easy = "Schalten Sie das Gerät aus. Warten Sie kurz. Schalten Sie es dann wieder an. " * 4
    hard = "Die Inbetriebnahme kundenspezifischer Infrastruktur erfordert Konfigurationsvoraussetzungen. " * 6
    gentle, harsh = check(easy, "de").ease, check(hard, "de").ease
    assert gentle is not None
    assert harsh is not None
    assert gentle > 60 > 30 > harsh
    assert check("Zu kurz.", "de").ease is None


def test_the_company_s_own_list_stands_beside_ours_and_before_it() -> None:
    many = {f"Wort{number}": "x" for number in range(1000)} | {"IT": "Technik"}
    found = check("Die IT startet. If it blinks, it restarts. CPEs blink.", "de", many | {"CPE": "Router"})
    assert [(hint.excerpt, hint.instead) for hint in found.hints] == [("IT", "Technik"), ("CPEs", "Router")]
    jargon = {"C++-Anschluss": "Leitung", "Zeitnah": "am selben Tag", "CPE": "router"}
    found = check("Der C++-Anschluss kommt zeitnah. Das obliegt uns.", "de", jargon)
    assert [(hint.excerpt, hint.instead) for hint in found.hints] == [
        ("C++-Anschluss", "Leitung"),
        ("zeitnah", "am selben Tag"),
        ("obliegt", "ist Aufgabe von"),
    ]
    assert [hint.instead for hint in check("Restart the CPE, not the CPEs2.", "en", jargon).hints] == [
        "router"
    ]
