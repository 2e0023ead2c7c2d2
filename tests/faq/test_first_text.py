"""The first draft of an entry says nothing that the thread does not say."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from community.core.errors import RuleBroken
from community.faq.asked import Asked, best_question, says_what_is_asked
from community.faq.drafting import SHORT_ANSWER_AIM, Draft, draft_answer
from community.faq.first_text import text_from_thread
from community.faq.reading import beginning_of, fit_beginning, may_be_taken, sentences
from community.threads.queries import get_thread
from tests.cast import Cast
from tests.factories import make_thread, viewer_for
from tests.faq.entries import make_solved


async def test_title_first_sentences_and_lists_of_the_solution_make_the_draft(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.open_space, cast.asker, cast.helper)
    viewer = await viewer_for(cast.moderator)
    proposed = await text_from_thread(await get_thread(thread.id, viewer), viewer)
    assert proposed.question == "Router lost its profile"
    assert proposed.short_answer == "The router has lost its profile. Load it again from the customer centre."
    assert proposed.steps == "1. Open the customer centre.\n2. Choose **Load profile**."
    assert (proposed.language, proposed.audience, proposed.category_id) == ("en", "public", None)


async def test_an_entry_from_a_space_that_is_not_open_is_proposed_for_members(cast: Cast) -> None:
    thread, _answer = await make_solved(cast.hidden_space, cast.asker, cast.helper)
    viewer = await viewer_for(cast.moderator)
    assert (await text_from_thread(await get_thread(thread.id, viewer), viewer)).audience == "members"


async def test_an_unsolved_thread_makes_no_entry(cast: Cast) -> None:
    thread = await make_thread(cast.open_space, cast.asker)
    viewer = await viewer_for(cast.moderator)
    with pytest.raises(RuleBroken):
        await text_from_thread(await get_thread(thread.id, viewer), viewer)


SOUP = """Router router Profil laden Sie bitte Ja Nein. die Adresse im Kundencenter. neu starten. Hallo Erika,
Danke! 1. 2. - * > ``` ``` - @erika https://x.example/ It restarts. This helps. z. B. **fett** `code`
wie oben. If not? Wählen Sie: Öffnen"""
TEXTS = st.lists(st.sampled_from([*SOUP.split(), "\n", "\n\n", "\n1. "]), max_size=60)


@given(question=TEXTS, body=TEXTS, language=st.sampled_from(["de", "en"]))
def test_no_word_is_invented(question: list[str], body: list[str], language: str) -> None:
    source = " ".join(body)
    draft = draft_answer(" ".join(question), source, language, ["Erika"])
    said = re.findall(r"\w+", f"{draft.short_answer} {draft.steps}".casefold())
    assert set(said) <= set(re.findall(r"\w+", source.casefold()))
    assert "erika" not in said


@pytest.mark.parametrize(
    "sentence",
    [
        "Danke für die Frage an alle.",
        "Hope this helps you a bit.",
        "Viele Grüße aus Köln sendet das Team",
        "Wie Marco schon geschrieben hat, ist der Port gesperrt.",
        "As Marco said, the port is closed.",
        "Fragen Sie @marco nach dem Port.",
        "I had the same problem last year.",
        "Ich hatte dasselbe Problem mit dem Gerät.",
        "Hast du es schon neu gestartet?",
        "Rufen Sie mich an unter 0171 2345678.",
        "Schreiben Sie an anna.beispielfrau@firma-xy.de eine Mail.",
        "Mehr dazu steht unter https://www.firma.example/hilfe im Netz.",
        "Siehe oben im zweiten Absatz der Antwort.",
        "Marco hat den Port gesperrt.",
        "So geht es Schritt für Schritt:",
        "Das Passwort lautet: sommer2026",
        "It is done by a technology called.",
    ],
)
def test_what_is_meant_for_the_people_of_a_thread_is_left_there(sentence: str) -> None:
    assert not may_be_taken(sentence, ["Marco"])


def test_the_sentences_that_answer_are_taken_in_their_order() -> None:
    body = """Moin Frank,

das kenne ich gut. Bei uns stand die Anlage zwei Tage still.

Die Rufumleitung richten Sie in der Telefonanlage unter Nebenstelle ein. Dort tragen Sie die Mobilnummer ein.

Viele Grüße
Birgit"""
    assert draft_answer("Wie richte ich eine Rufumleitung ein?", body, "de", ["Frank", "Birgit"]) == Draft(
        "Die Rufumleitung richten Sie in der Telefonanlage unter Nebenstelle ein. Dort tragen Sie die Mobilnummer "
        "ein.",
        "",
        answers=True,
    )


def test_a_yes_or_no_leads_the_answer_to_such_a_question() -> None:
    body = "Nein. Die Nummer bleibt bei einem Wechsel des Tarifs dieselbe. Unser Vertrieb war da sehr nett."
    assert draft_answer("Ändert sich die Nummer beim Wechsel des Tarifs?", body, "de").short_answer == (
        "Nein. Die Nummer bleibt bei einem Wechsel des Tarifs dieselbe."
    )


def test_a_sentence_that_leans_on_another_is_not_taken_without_it() -> None:
    body = "What a nice day this was for @everybody here. This loads the router profile again."
    assert draft_answer("How do I load the router profile?", body, "en") == Draft("", "", answers=False)


def test_lists_and_commands_stay_steps_behind_the_line_that_leads_to_them() -> None:
    body = """Restart the router service like this:

1. Open the console.
2. Run the command.

```
service router restart
```

- [one](https://a.example/)
- [two](https://b.example/)
"""
    assert draft_answer("How do I restart the router service?", body, "en").steps == (
        "Restart the router service like this:\n\n1. Open the console.\n2. Run the command.\n\n"
        "```\nservice router restart\n```"
    )


def test_of_steps_only_those_are_taken_that_say_what_to_do() -> None:
    question = "How do I restart the router service?"
    body = """- Open the console of the router service.
- See above.
- [Another thread](https://community.example/threads/17-secret-plans)
- Restart the service in [the portal](https://portal.example/x).
- Wait for green light.
- Thanks and good luck!
- Marco has more of it.
"""
    kept = "- Open the console of the router service.\n- Restart the service in the portal.\n- Wait for green light."
    assert draft_answer(question, f"{body}- Switch it on again.", "en", ["Marco"]).steps == (
        f"{kept}\n- Switch it on again."
    )
    # Most of it is no step.
    assert draft_answer(question, body, "en", ["Marco"]).steps == ""


def test_of_several_lists_those_are_taken_to_which_a_line_leads() -> None:
    body = "In the portal:\n\n- Open it.\n- Restart it.\n\nAnd more.\n\n- Red\n- Green"
    assert (
        draft_answer("How do I restart it?", body, "en").steps
        == "In the portal:\n\n- Open it.\n- Restart it."
    )


def test_steps_stay_where_only_the_line_before_them_is_somebodys() -> None:
    body = "Bei zwölf Geräten würde ich das Netz umstellen:\n\n1. Netz wählen.\n2. Router umstellen."
    assert (
        draft_answer("Wie stellen wir das Netz um?", body, "de").steps
        == "1. Netz wählen.\n2. Router umstellen."
    )


def test_not_at_the_beginning_is_no_yes_or_no() -> None:
    body = "Die Datei ist UTF-8. Nicht doppelklicken, sondern importieren."
    assert draft_answer("CSV-Datei mit Zeichensalat", body, "de").short_answer == body


def test_numbered_steps_are_taken_without_a_gap_or_not_at_all() -> None:
    question = "How do I restart the router service?"
    whole = "1. Open the console.\n2. Restart the service.\n3. Wait."
    assert draft_answer(question, f"{whole}\n4. Good luck!", "en").steps == whole
    assert draft_answer(question, whole.replace("Restart", "As Marco said, restart"), "en").steps == ""


@pytest.mark.parametrize(
    "command", ["snmp-server community weitnetz", "mysql -u root --password=sommer", "call 0171 2345678"]
)
def test_commands_with_something_secret_are_not_taken(command: str) -> None:
    assert draft_answer("How do I restart it?", f"```\nrestart\n{command}\n```", "en").steps == ""


def test_a_title_with_a_name_or_a_number_is_no_question() -> None:
    named = Asked("Router restarted, 0171 2345678", "How is the router restarted?", "en")
    clear = Asked("How do I restart the router?", "", "en")
    assert best_question([named, clear]) == "How do I restart the router?"
    assert best_question([named]) == "How is the router restarted?"
    assert best_question([Asked("Router of Marco", "It is broken.", "en")], ["Marco"]) == ""


def test_greetings_quotations_and_code_are_passed_over() -> None:
    body = "Hallo zusammen,\n\n> Alles kaputt.\n\n```\nreboot\n```\n\nBitte neu starten."
    assert beginning_of(body, SHORT_ANSWER_AIM) == "Bitte neu starten."


def test_nothing_that_is_true_of_the_asker_alone_begins_an_answer() -> None:
    body = "Bei Ihnen ist der Router das Problem. Der Router hält die Verbindung nicht, und er verliert sie wieder."
    assert not draft_answer("Warum verliert der Router die Verbindung?", body, "de").answers


def test_a_link_that_is_spoken_of_is_no_pointer() -> None:
    assert may_be_taken("You receive a mail with a link to the file.")
    assert not may_be_taken("You find it at LINK in the portal.")
    assert beginning_of("The file lies [here](https://files.example/x) for you.", SHORT_ANSWER_AIM) == (
        "The file lies LINK for you."
    )


def test_abbreviations_do_not_end_a_sentence() -> None:
    assert sentences("Nehmen Sie z. B. Port 5. Danach ca. 3 Minuten warten. Fertig.") == [
        "Nehmen Sie z. B. Port 5.",
        "Danach ca. 3 Minuten warten.",
        "Fertig.",
    ]


def test_the_short_answer_stays_short_but_keeps_its_first_sentence_whole() -> None:
    body = " ".join(f"Sentence number {number} says something." for number in range(40))
    assert len(beginning_of(body, SHORT_ANSWER_AIM)) <= 320
    long = "word " * 100 + "end."
    assert beginning_of(long, SHORT_ANSWER_AIM) == long


@pytest.mark.parametrize(
    ("title", "body", "question"),
    [
        (
            "Help please",
            "Hello Marco, it hurts. How do I load the router profile again? Thanks!",
            "How do I load the router profile again?",
        ),
        (
            "Zwei Standorte",
            "Hallo zusammen! Geht das? Meine Frage: Wie verbinden wir zwei Standorte mit einem VPN?",
            "Wie verbinden wir zwei Standorte mit einem VPN?",
        ),
        # What is wrong is said by the title, and the sentence asks only for a part of it.
        (
            "Der Drucker im Büro druckt keine Rechnungen mehr",
            "Muss ich den Drucker neu anmelden?",
            "Der Drucker im Büro druckt keine Rechnungen mehr",
        ),
        # Nobody knows what "it" is.
        ("Two sites", "We moved. Is it normal that it takes so long?", "Two sites"),
    ],
)
def test_a_title_that_asks_nothing_gives_way_to_the_sentence_that_asks(
    title: str, body: str, question: str
) -> None:
    language = "de" if "ü" in title or "Zwei" in title else "en"
    assert best_question([Asked(title, body, language)], ["Marco"]) == question


@pytest.mark.parametrize(
    ("title", "language", "expected"),
    [
        ("Two sites", "en", False),
        ("Hilfe bitte", "de", False),
        ("Tobacco-flavored lemonade", "en", False),
        ("How do I pay?", "en", True),
        ("Router restarts without an error", "en", True),
        ("Rufumleitung im Kundencenter einrichten", "de", True),
        ("Alter Anschluss und neuer Anschluss: der Unterschied", "de", True),
    ],
)
def test_a_subject_alone_is_no_question(title: str, language: str, expected: bool) -> None:
    assert says_what_is_asked(title, language) == expected


def test_an_answer_is_one_passage_from_a_sentence_that_can_open_it() -> None:
    filler = " ".join(
        f"Paragraphs like number {number} tell of the weather in the valley." for number in range(20)
    )
    body = f"""We see the chart below. That is why the router profile is lost.

The router profile is kept on a server. It is loaded again by a restart. As Marco said, the router is old. And it \
then blinks.

{filler}"""
    draft = draft_answer("How is the router profile loaded again?", body, "en", ["Marco"])
    assert draft.short_answer == "The router profile is kept on a server. It is loaded again by a restart."
    assert draft.answers


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        (
            "How many phones can I connect?",
            "Phones are connected with a cable. You can connect phones again later.",
        ),
        (
            "Why do phones lose the connection?",
            "Phones lose the connection. The connection of phones comes back.",
        ),
        ("What is the difference between fibre and copper?", "Fibre is a thread of glass. Fibre is fast."),
    ],
)
def test_a_draft_out_of_a_long_text_answers_what_was_asked(question: str, answer: str) -> None:
    filler = " ".join(
        f"Chapter {chr(97 + number)} tells of the weather in the valley." for number in range(25)
    )
    draft = draft_answer(question, f"{answer}\n\n{filler}", "en")
    assert draft.short_answer.startswith(answer[:20])
    assert not draft.answers


def test_of_two_things_both_are_spoken_of() -> None:
    body = """Fibre is a thread of glass that carries light. It is fast and stays fast over many kilometres. Nothing \
disturbs it on its way to you.

In contrast, copper is a wire, and what arrives depends on its length."""
    draft = draft_answer("What is the difference between fibre and copper?", body, "en")
    assert draft.short_answer.endswith(
        "In contrast, copper is a wire, and what arrives depends on its length."
    )
    assert draft.answers


def test_where_nothing_stands_before_the_steps_the_line_that_leads_to_them_is_the_answer() -> None:
    steps = "1. Choose a network.\n2. Set it on the router."
    body = f"I would change the smaller site, which takes a morning:\n\n{steps}\n\nThe third site comes soon."
    assert draft_answer("How do we connect two sites?", body, "en") == Draft(
        "I would change the smaller site, which takes a morning.", steps, answers=True
    )


def test_lists_that_say_nothing_alone_are_no_steps() -> None:
    question = "How do I restart the router?"
    examples = "Some examples:\n\n- The old router\n- The new router"
    for body in (
        f"{examples}\n\n{examples}",
        "Sources:\n\n- The manual of the old router\n- The manual of the new router",
        "One that\n\n- is restarted by the button on its back\n- has no button and is unplugged",
        "It looks like this:\n\n```\n+--|  |--+\n|  |  |  |\n```",
    ):
        assert draft_answer(question, body, "en").steps == ""


def test_the_beginning_of_a_solution_is_taken_without_what_is_meant_for_its_people() -> None:
    body = "Hello Asker! Thanks for asking. And then Marco restarted it. But so did we all. The router is old now."
    assert fit_beginning(body, 320, ["Marco"]) == "The router is old now."
    assert fit_beginning("Thanks a lot for it!", 320) == ""
