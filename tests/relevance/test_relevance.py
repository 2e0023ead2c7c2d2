"""Measuring how well questions are found: the real command, real engines, sets of every shape."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from community.relevance.collections import CollectionUnreadable, Question
from community.relevance.duplicate_links import read_duplicate_links, without_pointers
from community.relevance.faq import chrf, grams, longest_common_f1, overlap_f1, words_of
from community.relevance.measuring import Answered, intervals, measure, set_ups
from community.relevance.question_sets import read_question_set
from community.settings import Settings, read
from tests.embedding_server import EmbeddingServer, embedding_server
from tests.importing.small_dump import answer, question, row
from tests.test_commands import PROJECT, community

__all__ = ["embedding_server"]

OWN_SET = PROJECT / "tests" / "relevance" / "questions.json"

DOCS = [
    {"id": "port", "question": "Wie nehme ich die Rufnummer mit?", "answer": "Mit dem Antrag im Portal."},
    {
        "id": "sim",
        "question": "Wie sperre ich die verlorene Karte?",
        "answer": "Unter 116 116 oder im Portal.",
    },
    {"id": "vpn", "question": "Why does the tunnel drop?", "answer": "The rekey interval is too short."},
]


def write(folder: Path, content: Any) -> Path:
    path = folder / "set.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content), "utf-8")
    return path


def write_set(folder: Path, queries: list[Any], docs: Sequence[Any] = DOCS) -> Path:
    return write(folder, {"docs": list(docs), "queries": queries})


def embedded_only(tmp_path: Path) -> Settings:
    return read({"VAR_DIR": str(tmp_path), "DEVELOPMENT": "1"})


# The command


def test_the_command_prints_one_json_object_and_leaves_no_index(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    given = community(tmp_path, "relevance", str(OWN_SET), "--json", TMPDIR=str(temporary))
    assert given.returncode == 0, given.stderr
    told = json.loads(given.stdout)
    assert (told["form"], told["set"]["kind"], told["set"]["documents"]) == (1, "questions", 20)
    assert {(one["surface"], one["group"]) for one in told["results"]} == {
        (surface, group) for surface in ("search", "similar") for group in ("raw", "paraphrases", "all")
    }
    for one in told["results"]:
        assert (one["engine"], one["embedder"]) == ("embedded", "words")
        low, high = one["intervals"]["mrr@10"]
        assert 0 <= low <= one["mrr@10"] <= high <= 1
        assert one["recall@1"] <= one["recall@3"] <= one["recall@5"] <= 1
        assert one["milliseconds"]["p50"] <= one["milliseconds"]["p95"]
    assert list(temporary.iterdir()) == []
    assert not (tmp_path / "index").exists()


def test_the_command_prints_a_table(tmp_path: Path) -> None:
    path = write_set(tmp_path, [{"id": "port", "raw": "Rufnummer"}])
    given = community(tmp_path, "relevance", str(path))
    assert given.returncode == 0
    assert "recall@1  recall@3  recall@5  mrr@10" in given.stdout
    assert given.stdout.count("embedded  words") == 4


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not JSON"),
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ([], "must hold one object"),
        ({"docs": []}, "`queries` must be a list"),
        ({"docs": {}, "queries": []}, "`docs` must be a list"),
        ({"docs": [], "queries": []}, "none of the docs"),
        ({"docs": DOCS, "queries": []}, "no query has"),
        ({"docs": DOCS, "queries": [{"id": "port"}]}, "no query has"),
    ],
)
def test_a_malformed_file_is_said_in_a_sentence(tmp_path: Path, content: Any, said: str) -> None:
    path = write(tmp_path, content)
    with pytest.raises(CollectionUnreadable, match=said):
        read_question_set(path)


def test_a_file_that_cannot_be_read_ends_the_command_with_a_sentence(tmp_path: Path) -> None:
    given = community(tmp_path, "relevance", str(tmp_path / "nowhere.json"), "--json")
    assert (given.returncode, given.stdout) == (1, "")
    assert "nowhere.json cannot be read" in given.stderr
    assert "Traceback" not in given.stderr
    empty = tmp_path / "empty"
    empty.mkdir()
    given = community(tmp_path, "relevance", str(empty))
    assert given.returncode == 1
    assert "Posts.xml" in given.stderr


def test_text_in_another_encoding_is_said(tmp_path: Path) -> None:
    path = tmp_path / "latin.json"
    path.write_bytes('{"docs": "ä"}'.encode("latin-1"))
    with pytest.raises(CollectionUnreadable, match="not UTF-8"):
        read_question_set(path)


# Sets of questions


def test_a_set_may_lack_everything_but_an_id_and_a_text(tmp_path: Path) -> None:
    docs = [*DOCS, {"id": 7, "question": "Nur eine Frage?"}, {"id": "answer", "answer": "Nur eine Antwort."}]
    queries = [
        {"id": "port", "raw": "Nummer behalten", "paraphrases": ["Nummer mitnehmen", "", None, 3]},
        {"id": 7, "paraphrases": {"somebody": ["Eins", "Zwei"], "else": "Drei"}, "raw_answer": None},
        {"id": "answer", "raw": ["A", "B"], "unknown": {"field": 1}},
        {"id": "sim"},
    ]
    collection = read_question_set(write_set(tmp_path, queries, docs))
    assert [each.text for each in collection.questions if "raw" in each.groups] == [
        "Nummer behalten",
        "A",
        "B",
    ]
    paraphrases = [each.text for each in collection.questions if "paraphrases" in each.groups]
    assert paraphrases == ["Nummer mitnehmen", "Eins", "Zwei", "Drei"]
    assert all("all" in each.groups for each in collection.questions)
    assert dict(collection.left_out) == {"query without text": 1}


def test_what_cannot_be_used_is_left_out_and_counted(tmp_path: Path) -> None:
    docs = [
        *DOCS,
        {"question": "no id"},
        {"id": "empty", "question": " "},
        "text",
        None,
        {"id": True, "question": "x"},
    ]
    queries = [{"id": "port", "raw": "x"}, {"id": "gone", "raw": "y"}, None, {"raw": "z"}]
    collection = read_question_set(write_set(tmp_path, queries, docs))
    assert len(collection.documents) == 3
    assert dict(collection.left_out) == {
        "doc without an id or without text": 5,
        "query without the id of a doc": 3,
    }


def test_two_docs_with_one_id_are_both_right(tmp_path: Path) -> None:
    docs = [{"id": "a", "question": "Erste"}, {"id": "a", "question": "Zweite"}]
    (question,) = read_question_set(write_set(tmp_path, [{"id": "a", "raw": "x"}], docs)).questions
    assert len(question.answered_by) == 2


def test_each_document_is_read_in_its_language(tmp_path: Path) -> None:
    collection = read_question_set(write_set(tmp_path, [{"id": "port", "raw": "x"}]))
    assert [document.lang for document in collection.documents] == ["de", "de", "en"]
    assert collection.language == "de"


async def test_odd_characters_are_no_obstacle(tmp_path: Path) -> None:
    text = '﻿{"docs": [{"id": "\\ud800", "question": "Zei\\u0000chen \\ud83d\\ude42 \\ud800"}],'
    text += '"queries": [{"id": "\\ud800", "raw": "zei\\u0007chen \\ue000\\udfff", "paraphrases": ["🙂", "(", "-"]}]}'
    collection = read_question_set(write(tmp_path, text))
    figures = await measure(collection, set_ups(embedded_only(tmp_path)), lambda label, count: None)
    assert [one.questions for one in figures] == [1, 3, 4] * 2


async def test_the_place_of_the_right_document_is_counted(tmp_path: Path) -> None:
    docs = [
        {"id": "first", "question": "Router Router Router", "answer": "Router"},
        {
            "id": "second",
            "question": "Ein Router in einem langen Titel mit vielen anderen Worten",
            "answer": "",
        },
        {"id": "never", "question": "Drucker", "answer": "Papier"},
    ]
    queries = [
        {"id": "first", "raw": "Router", "paraphrases": []},
        {"id": "second", "paraphrases": ["Router"]},
        {"id": "never", "paraphrases": ["Router", "Zugvogel"]},
    ]
    collection = read_question_set(write_set(tmp_path, queries, docs))
    figures = await measure(collection, set_ups(embedded_only(tmp_path)), lambda label, count: None)
    raw, paraphrases, together = (one for one in figures if one.surface == "search")
    assert raw.values == {"recall@1": 1, "recall@3": 1, "recall@5": 1, "mrr@10": 1}
    assert paraphrases.values["recall@1"] == 0
    assert paraphrases.values["recall@3"] == pytest.approx(1 / 3)
    assert paraphrases.values["mrr@10"] == pytest.approx(1 / 6)
    assert paraphrases.found_nothing == pytest.approx(1 / 3)
    assert together.questions == 4
    assert together.values["mrr@10"] == pytest.approx(1.5 / 4)


def test_the_search_server_is_measured_where_one_is_given(tmp_path: Path) -> None:
    alone = set_ups(embedded_only(tmp_path))
    both = set_ups(read({"VAR_DIR": str(tmp_path), "SEARCH_URL": "http://127.0.0.1:9"}))
    assert {one.engine for one in alone} == {"embedded"}
    assert {one.engine for one in both} == {"embedded", "meilisearch"}


def test_intervals_draw_all_ways_to_ask_one_thing_together() -> None:
    def answered(subject: str, place: int) -> Answered:
        return Answered(Question("x", frozenset({"a"}), ("raw",), subject), place, 10, 1.0)

    apart = intervals([answered(str(n), n % 2) for n in range(100)])["mrr@10"]
    together = intervals([answered(str(n % 2), n % 2) for n in range(100)])["mrr@10"]
    assert together == (0.0, 1.0)
    assert 0.35 < apart[0] < 0.5 < apart[1] < 0.65


# Dumps


def dump(folder: Path) -> Path:
    body = "<p>Text</p>"
    posts = [
        question(
            1, "How does the load get shared?", body, CreationDate="2020-01-01T00:00:00", AcceptedAnswerId=5
        ),
        answer(5, to=1, body="<p>Set the weight.</p>", Score=1),
        answer(6, to=1, body="<p>Buy another.</p>", Score=9),
        question(2, "Sharing load", body, CreationDate="2020-01-02T00:00:00"),
        question(3, "Balancing", body, CreationDate="2020-01-03T00:00:00"),
        question(4, "Colours of cables", body, CreationDate="2020-01-04T00:00:00"),
    ]
    links = [
        row(Id=1, PostId=2, RelatedPostId=1, LinkTypeId=3, CreationDate="2020-01-05T00:00:00"),
        row(Id=2, PostId=3, RelatedPostId=2, LinkTypeId=3, CreationDate="2020-01-05T00:00:00"),
        row(Id=3, PostId=1, RelatedPostId=4, LinkTypeId=1, CreationDate="2020-01-05T00:00:00"),
        row(Id=4, PostId=1, RelatedPostId=99, LinkTypeId=3, CreationDate="2020-01-05T00:00:00"),
    ]
    for name, rows in (("Posts", posts), ("PostLinks", links)):
        text = "\n".join(rows)
        (folder / f"{name}.xml").write_text(f"<{name.lower()}>{text}</{name.lower()}>", "utf-8")
    return folder


def test_duplicates_of_duplicates_are_one_group_and_only_older_ones_are_right(tmp_path: Path) -> None:
    collection = read_duplicate_links(dump(tmp_path))
    asked = {
        (each.asked_by, each.groups[0]): set(each.answered_by)
        for each in collection.questions
        if not each.body
    }
    assert asked == {
        ("thread-2", "duplicates, title"): {"thread-1"},
        ("thread-3", "duplicates, title"): {"thread-1", "thread-2"},
        ("thread-4", "linked, title"): {"thread-1"},
    }
    assert len(collection.questions) == 6


def test_a_dump_becomes_threads_with_solutions_and_answers(tmp_path: Path) -> None:
    first = read_duplicate_links(dump(tmp_path)).documents[0]
    assert (first.title, first.question, first.solution) == (
        "How does the load get shared?",
        "Text",
        "Set the weight.",
    )
    assert (first.answers, first.status, first.lang) == ("Buy another.", "solved", "en")


async def test_a_question_finds_neither_itself_nor_younger_ones(tmp_path: Path) -> None:
    collection = read_duplicate_links(dump(tmp_path))
    figures = await measure(collection, set_ups(embedded_only(tmp_path)), lambda label, count: None)
    groups = {(one.surface, one.group): one for one in figures}
    assert ("search", "duplicates, title and text") not in groups
    assert groups["search", "duplicates, title"].values["recall@1"] >= 0.5
    assert groups["similar", "duplicates, title and text"].questions == 2


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>See <a href='https://x.example/questions/1/title'>its title</a> now</p>", "See now"),
        ("<p>See <a href='https://x.example/help'>help</a></p>", "See help"),
        ("<blockquote><p><strong>Possible Duplicate:</strong> Title</p></blockquote><p>Text</p>", "Text"),
        ("<blockquote>Quoted</blockquote><p>Text</p>", "Quoted Text"),
        ("<p>One</p><pre><code>x = 1</code></pre><p>Two</p>", "One Two"),
    ],
)
def test_pointers_to_the_right_document_are_taken_out(html: str, text: str) -> None:
    assert without_pointers(html) == text


def test_words_and_the_configured_embedder_are_measured_apart(
    tmp_path: Path, embedding_server: EmbeddingServer
) -> None:
    asked = [{"id": "port", "paraphrases": ["Was wird aus der alten Durchwahl"]}]
    path = write_set(tmp_path, asked)
    chosen = {"EMBEDDER": "ollama", "EMBEDDER_URL": embedding_server.url, "EMBEDDER_MODEL": "small"}
    given = community(tmp_path, "relevance", str(path), "--json", **chosen)
    assert given.returncode == 0, given.stderr
    reached = {
        (one["embedder"], one["surface"]): one["recall@1"]
        for one in json.loads(given.stdout)["results"]
        if one["group"] == "all"
    }
    label = f"small at {embedding_server.url}"
    assert reached == {
        ("words", "search"): 0,
        ("words", "similar"): 0,
        (label, "search"): 1,
        (label, "similar"): 1,
    }


def test_an_embedder_that_is_away_is_said_in_a_sentence(tmp_path: Path) -> None:
    path = write_set(tmp_path, [{"id": "port", "raw": "Rufnummer"}])
    chosen = {"EMBEDDER": "rest", "EMBEDDER_URL": "http://127.0.0.1:9"}
    given = community(tmp_path, "relevance", str(path), "--json", **chosen)
    assert given.returncode == 1
    assert "No vectors" in given.stderr
    assert "Traceback" not in given.stderr


# The helpers of the FAQ


def test_drafts_and_subjects_are_measured_where_the_set_has_what_it_takes(tmp_path: Path) -> None:
    given = community(tmp_path, "relevance", str(OWN_SET), "--json")
    faq = json.loads(given.stdout)["faq"]
    drafts = {one["way"]: one for one in faq["drafts"]}
    assert set(drafts) == {"draft", "first sentences", "whole answer"}
    # What an editor would take out is taken out, and no word is put in.
    assert drafts["draft"]["rouge_l"] > drafts["whole answer"]["rouge_l"] + 0.1
    assert drafts["draft"]["chrf"] > drafts["first sentences"]["chrf"]
    assert (drafts["draft"]["invented"], drafts["draft"]["empty"], drafts["draft"]["pairs"]) == (0, 0, 6)
    assert drafts["draft"]["length"] < drafts["whole answer"]["length"]
    [words] = faq["clusters"]
    assert (words["way"], words["titles"], words["subjects"], words["precision"]) == ("words", 101, 20, 1)
    told = community(tmp_path, "relevance", str(OWN_SET)).stdout
    assert "FAQ: drafts against edited answers" in told
    assert "FAQ: pairs that ask the same" in told


def test_a_set_without_unedited_answers_has_no_figures_of_drafts(tmp_path: Path) -> None:
    path = write_set(tmp_path, [{"id": "port", "raw": "Nummer mitnehmen?"}])
    assert json.loads(community(tmp_path, "relevance", str(path), "--json").stdout)["faq"] == {
        "drafts": [],
        "clusters": [],
    }


def test_nearness_of_texts_is_counted_as_its_names_say() -> None:
    one, other = words_of("the red box opens"), words_of("the red door opens")
    assert overlap_f1(grams(one, 1), grams(other, 1)) == pytest.approx(3 / 4)
    assert overlap_f1(grams(one, 2), grams(other, 2)) == pytest.approx(1 / 3)
    assert longest_common_f1(one, other) == pytest.approx(3 / 4)
    assert longest_common_f1(words_of("a b c d"), words_of("d c b a")) == pytest.approx(1 / 4)
    assert (chrf("Antwort", "Antwort"), chrf("Antwort", "")) == (pytest.approx(1), 0)
    assert chrf("ab", "ac") == pytest.approx(0.25)


def test_subjects_are_told_apart_by_meaning_too(tmp_path: Path, embedding_server: EmbeddingServer) -> None:
    queries = [
        {"id": "port", "paraphrases": ["Rufnummer", "Portierung", "Durchwahl und Telefonnummer"]},
        {"id": "sim", "paraphrases": ["Drucker"]},
    ]
    chosen = {"EMBEDDER": "ollama", "EMBEDDER_URL": embedding_server.url, "EMBEDDER_MODEL": "small"}
    path = write_set(tmp_path, queries)
    faq = json.loads(community(tmp_path, "relevance", str(path), "--json", **chosen).stdout)["faq"]
    found = {one["way"]: (one["precision"], one["recall"]) for one in faq["clusters"]}
    label = f"small at {embedding_server.url}"
    assert found == {"words": (0, 0), label: (1, 1), f"words or {label}": (1, 1)}
