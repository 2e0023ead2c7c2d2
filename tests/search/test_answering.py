"""The rule by which a hit is quoted as the answer: right or absent."""

from __future__ import annotations

from dataclasses import replace

import pytest

from search.answering import Candidate, answers_title, choose_answer
from search.configuration import STOP_WORDS

FIXED_IP = Candidate(
    "Feste IPv4-Adresse nach der Umstellung auf Glasfaser verschwunden",
    "Die feste Adresse wird bei der Umstellung neu vergeben. Buchen Sie die Option im Portal.",
    20.0,
    is_entry=True,
)
INVOICE = Candidate("Rechnung als PDF herunterladen", "Im Portal unter Rechnungen, Knopf PDF.", 6.0)
OPEN = Candidate("Glasfaser fällt jeden Abend aus", "", 25.0)


def chosen(text: str, *candidates: Candidate) -> int | None:
    return choose_answer(text, candidates, STOP_WORDS)


@pytest.mark.parametrize(
    "text",
    [
        "Feste IPv4-Adresse nach der Umstellung auf Glasfaser verschwunden",
        "feste adresse glasfaser umstellung verschwunden",
        "Nach Umstellung auf Glasfasser ist die feste IPv4 Adresse verschwunden, was tun?",
        "feste ipv4 adressen umstellung glasfaser",
    ],
)
def test_the_same_question_in_other_words_is_answered(text: str) -> None:
    assert chosen(text, FIXED_IP, INVOICE) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "?!",
        "glasfaser",
        "die der das",
        "Wie backe ich Brot?",
        "Glasfaser verlegen im Neubau Kosten",
        "feste Anstellung nach der Umstellung",
        "adresse ändern",
    ],
)
def test_a_subject_or_another_question_is_not_answered(text: str) -> None:
    assert chosen(text, FIXED_IP, INVOICE) is None


def test_no_hit_is_no_answer() -> None:
    assert chosen("feste ip adresse glasfaser") is None


def test_a_hit_without_an_answer_is_never_quoted_nor_passed_over() -> None:
    """The best hit is another question: then the second best is not the answer to what was typed."""
    text = "feste ipv4 adresse umstellung glasfaser verschwunden"
    assert chosen(text, replace(FIXED_IP, answer="")) is None
    assert chosen(text, OPEN, FIXED_IP) is None


def test_two_hits_that_are_as_good_as_each_other_silence_the_answer() -> None:
    text = "feste ipv4 adresse umstellung glasfaser"
    rival = replace(FIXED_IP, title="Feste IPv6-Adresse nach der Umstellung auf Glasfaser", score=19.9)
    assert chosen(text, FIXED_IP, rival) is None


def test_an_entry_made_from_a_thread_is_quoted_before_the_thread() -> None:
    thread = replace(FIXED_IP, score=21.0, is_entry=False)
    assert chosen("feste ipv4 adresse umstellung glasfaser verschwunden", thread, FIXED_IP) == 1


def test_an_entry_right_behind_a_thread_that_asks_in_other_words_is_quoted() -> None:
    text = "feste ipv4 adresse umstellung glasfaser verschwunden"
    thread = Candidate("Nach dem Wechsel fehlt unsere feste Nummer im Netz", "Neu buchen.", 20.5)
    assert chosen(text, thread, FIXED_IP) == 1
    assert chosen(text, replace(thread, score=40.0), FIXED_IP) is None


def test_words_that_agree_but_for_without_mean_something_else() -> None:
    card = Candidate("Kann ich eine Karte mit Vertragslaufzeit buchen?", "Ja, das geht im Portal.", 9.0)
    assert chosen("Karte mit Vertragslaufzeit buchen", card) == 0
    assert chosen("Karte ohne Vertragslaufzeit buchen", card) is None
    assert chosen("Karte nicht mit Vertragslaufzeit buchen", card) is None


def test_four_words_in_a_row_of_a_title_ask_just_that() -> None:
    until = Candidate("Bis wann muss ich kündigen, und wo steht das Ende?", "Drei Monate vor dem Ende.", 12.0)
    assert chosen("Bis wann muss ich kuendigen", until, INVOICE) == 0
    assert chosen("muss ich kündigen", until, INVOICE) is None, "three words"
    assert chosen("Bis wann muss ich", until, INVOICE) is None, "none of them says what about"
    assert chosen("Bis wann kann ich kündigen", until, INVOICE) is None, "not in a row"
    assert chosen("Bis wann muss ich kündigen", replace(until, answer=""), INVOICE) is None


def test_an_entry_that_answers_the_title_is_offered_first_even_if_one_word_differs() -> None:
    assert answers_title("Feste Adresse nach der Umstellung auf Glasfaser ist weg", FIXED_IP, STOP_WORDS)
    assert not answers_title("Glasfaser verlegen im Neubau Kosten", FIXED_IP, STOP_WORDS)
    assert not answers_title("Glasfaser Umstellung", FIXED_IP, STOP_WORDS)
    assert not answers_title(FIXED_IP.title, replace(FIXED_IP, answer=""), STOP_WORDS)
