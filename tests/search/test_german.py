"""Roots and parts of German words: derivations that a stemmer leaves apart, compounds however they are written."""

from __future__ import annotations

import pytest

from search.german import all_roots, leaves, parts, root


@pytest.mark.parametrize(
    "family",
    [
        "mitnehmen Mitnahme mitgenommen mitzunehmen",
        "ändern Änderung Änderungen geändert aendern andern",
        "portieren Portierung portiert",
        "kündigen Kündigung gekündigt kuendigen kundigen",
        "einrichten Einrichtung eingerichtet einzurichten",
        "anschließen Anschluss Anschlüsse Anschluß angeschlossen ANSCHLUSS",
        "umziehen Umzug umgezogen Umzüge",
        "abbrechen Abbruch Abbrüche abgebrochen",
        "weiterleiten Weiterleitung weitergeleitet",
        "verlieren Verlust verloren",
        "verbinden Verbindung verbunden",
        "anbieten Angebot Angebote Anbieter",
        "Straße Strasse Straßen",
    ],
)
def test_a_word_and_its_derivations_have_one_root(family: str) -> None:
    assert len({root(word) for word in family.split()}) == 1


@pytest.mark.parametrize(
    "pair", ["Karte Karton", "Vertrag Ertrag", "Tarif Termin", "Gerät Rat", "Mahnung Mangel"]
)
def test_words_that_only_look_alike_have_roots_of_their_own(pair: str) -> None:
    first, second = pair.split()
    assert root(first) != root(second)


@pytest.mark.parametrize("word", ["", "a", "4711", "🙂", "x" * 5_000, "ÄÖÜ", "İstanbul", "e" * 200 + "ung"])
def test_odd_words_are_read_without_an_error(word: str) -> None:
    assert isinstance(root(word), str)
    assert isinstance(all_roots(word), tuple)


@pytest.mark.parametrize(
    ("compound", "words"),
    [
        ("Rufnummernmitnahme", "Ruf Nummer mitnehmen"),
        ("Nummernmitnahme", "Nummer Mitnahme"),
        ("nummermitnehmen", "Nummer mitnehmen"),
        ("Kündigungsfrist", "Kündigung Frist"),
        ("kuendigungsfristen", "kündigen Frist"),
        ("Einzelverbindungsnachweis", "Einzel verbinden Nachweis"),
        ("Straßenverzeichnis", "Strasse Verzeichnis"),
    ],
)
def test_a_compound_has_the_roots_of_its_words(compound: str, words: str) -> None:
    assert leaves(compound) == tuple(root(word) for word in words.split())


def test_a_compound_is_found_by_every_level_of_it() -> None:
    assert set(parts("Rufnummernmitnahme")) >= {
        root("Rufnummer"),
        root("Ruf"),
        root("Nummer"),
        root("Mitnahme"),
    }
    assert root("Magenta") in all_roots("MagentaMobil")


@pytest.mark.parametrize(
    "word", ["Mitarbeiter", "Auftrag", "Unterlagen", "Verwaltung", "installation", "connection"]
)
def test_what_only_looks_like_a_compound_is_left_whole(word: str) -> None:
    assert parts(word) == ()
