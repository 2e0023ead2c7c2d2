"""Everything we send to the search server against what its documentation specifies, without a server."""

from __future__ import annotations

import itertools
import re
from pathlib import Path
from typing import Any

import pytest

from search.configuration import TEXT_LIMITS, Configuration, load_configuration, server_settings
from search.index import Document, Query
from search.meilisearch import MeilisearchEngine
from search.meilisearch_requests import (
    generous_requests,
    instant_queries,
    related_request,
    search_request,
    to_row,
)
from search.words import WORD, cleaned, telling_words
from tests.search.documents import ALL, EVERYBODY, MEMBERS_OF_7, PORTING
from tests.search.meilisearch_specification import (
    FEDERATION,
    LONGEST_FILTERED_VALUE,
    LONGEST_KEY,
    MOST_POSITIONS,
    MOST_QUERY_WORDS,
    NOT_IN_FEDERATED_QUERIES,
    SEARCH,
    SEARCH_OF_MANY,
    SETTINGS,
    problems,
    right_for,
)
from tests.search.test_contract_hostile import HOSTILE
from tests.search.test_meilisearch_requests import KEY, Peer, peer

__all__ = ["peer"]  # a fixture

DOCUMENTATION = Path(__file__).parents[2] / "docs" / "search.md"

TEXTS = [
    "",
    "rechnung",
    "Wie kann ich die Rechnung vom letzten Monat im Portal als PDF herunterladen und drucken",
    *HOSTILE,
]


def queries() -> list[Query]:
    """Every filter with and without a value, every order, both languages."""
    found = [
        Query(text, EVERYBODY, typing=typing, language=language, sort=sort)
        for text, typing, language, sort in itertools.product(
            TEXTS, (False, True), ("de", "en", "fr"), ("relevance", "newest", "kudos")
        )
    ]
    narrow: dict[str, Any] = {
        "kinds": ("thread", "faq"),
        "space_id": 7,
        "tags": ('a"b\\c', "x" * 2_000),
        "status": ("solved",),
        "staff_answered": False,
        "since": 1_700_000_000,
        "facets": ("kind", "space_id", "tags", "status", "staff_answered"),
        "without": ("thread-1", "faq-2"),
        "limit": 10_000,
        "offset": 10_000,
    }
    found += [Query("rechnung", MEMBERS_OF_7, **{name: value}) for name, value in narrow.items()]
    return [*found, Query("rechnung", MEMBERS_OF_7, **narrow)]


def all_searches(query: Query) -> list[dict[str, Any]]:
    words = telling_words(query.text, (), typing=query.typing)
    found = [search_request(query, strategy) for strategy in ("all", "last", "frequency")]
    found += generous_requests(query, words)
    found.append(related_request(query, query.text, query.text, "thread-1", ()))
    return found


def test_every_search_has_known_parameters_of_the_right_type() -> None:
    for query in queries():
        for request in all_searches(query):
            assert problems(request, SEARCH, ("q",)) == [], query


def test_a_sentence_is_sent_with_the_words_that_the_server_reads() -> None:
    """Words of any question are left out, so that none of those that say something is beyond the tenth."""
    sentence = TEXTS[2]
    for request in all_searches(Query(sentence, EVERYBODY)):
        assert len(WORD.findall(request["q"])) <= MOST_QUERY_WORDS
    assert search_request(Query(sentence, EVERYBODY), "all")["q"].split()[:2] == ["Rechnung", "letzten"]


def test_queries_of_a_federated_search_hold_nothing_that_belongs_to_the_whole() -> None:
    for query in queries():
        for request in instant_queries(query, "content"):
            assert problems(request, SEARCH_OF_MANY, ("indexUid", "q")) == []
            assert not NOT_IN_FEDERATED_QUERIES & request.keys() - {"facets"}


@pytest.mark.parametrize(
    "configuration",
    [
        Configuration(),
        load_configuration(),
        Configuration((("a b", "c"),), one_way=(("x", "y", "z"),), names=("SIP-Trunk", "MagentaBusiness")),
    ],
)
def test_the_settings_have_known_names_and_types(configuration: Configuration) -> None:
    settings = server_settings(configuration)
    assert problems(settings, SETTINGS) == []


def test_the_settings_name_attributes_that_documents_have() -> None:
    settings = server_settings(load_configuration())
    present = {name for document in ALL for name in to_row(document)}
    languages = {f"{name}_{language}" for name in TEXT_LIMITS for language in ("de", "en")}
    assert set(settings["searchableAttributes"]) <= present | languages
    assert set(settings["sortableAttributes"]) <= present
    filterable = {name for rule in settings["filterableAttributes"] for name in rule["attributePatterns"]}
    assert filterable <= present
    sorted_by = {rule.partition(":")[0] for rule in settings["rankingRules"] if ":" in rule}
    assert sorted_by <= present


def test_every_filter_sort_and_facet_is_declared_in_the_settings() -> None:
    settings = server_settings(load_configuration())
    rules = settings["filterableAttributes"]
    equality = {n for r in rules if r["features"]["filter"]["equality"] for n in r["attributePatterns"]}
    comparison = {n for r in rules if r["features"]["filter"]["comparison"] for n in r["attributePatterns"]}
    for query in queries():
        for request in all_searches(query):
            for condition in request["filter"]:
                name, operator = re.match(r"(?:NOT )?(\w+) (IN|NOT IN|=|!=|>=)", condition).groups()  # type: ignore[union-attr]
                assert name in (comparison if operator == ">=" else equality), condition
            assert {one.partition(":")[0] for one in request.get("sort", [])} <= set(
                settings["sortableAttributes"]
            )
            assert set(request.get("facets", [])) <= equality


def test_documents_stay_within_the_limits_of_the_server() -> None:
    long = Document(
        key="thread-9007199254740993",
        kind="thread",
        audience=2**53 - 1,
        title="a " * 100_000,
        question="b " * 100_000,
        solution="c " * 100_000,
        answers="d " * 100_000,
        tags=tuple("ü" * 5_000 + str(number) for number in range(200)),
    )
    row = to_row(cleaned(long))
    assert re.fullmatch(r"[A-Za-z0-9_-]+", row["key"])
    assert len(row["key"].encode()) <= LONGEST_KEY
    assert all(len(tag.encode()) <= LONGEST_FILTERED_VALUE for tag in row["tags"])
    for name, value in row.items():
        if isinstance(value, str):
            assert len(value.split()) <= MOST_POSITIONS, name
        if isinstance(value, int):
            assert abs(value) <= 2**53


async def test_every_request_goes_to_a_known_route_and_needs_a_documented_right(peer: Peer) -> None:
    engine = MeilisearchEngine(peer.url, KEY)
    await engine.setup()
    async with engine.rebuild() as new:
        await new.upsert([PORTING])
    await engine.upsert([PORTING])
    await engine.delete(["thread-1"])
    await engine.health()
    await engine.publish_configuration()
    written = {right_for(method, path) for method, path, *_ in peer.requests}
    peer.requests.clear()
    await engine.search(Query("rechnung herunterladen", EVERYBODY))
    await engine.instant("rech", EVERYBODY)
    await engine.related("Rechnung", "", EVERYBODY)
    asked = {right_for(method, path) for method, path, *_ in peer.requests}
    for _, path, body, _ in peer.requests:
        if path == "/multi-search" and body["federation"] is not None:
            assert problems(body["federation"], FEDERATION) == []
    await engine.remove()
    await engine.close()
    assert asked == {"search"}
    keys = re.findall(r'"actions": \[([^\]]*)\]', DOCUMENTATION.read_text("utf-8"))
    for_web, for_worker = (set(re.findall(r'"([\w.]+)"', key)) for key in keys)
    assert for_web == asked
    assert written <= for_worker


def test_the_table_notices_what_is_wrong() -> None:
    assert problems({"q": 1}, SEARCH) == ["q cannot be 1"]
    assert problems({"queri": "x"}, SEARCH) == ["queri is unknown"]
    assert problems({"matchingStrategy": "any"}, SEARCH)
    assert problems({"rankingScoreThreshold": 3}, SEARCH)
    assert problems({"typoTolerance": {"minWordSizeForTypos": {"oneTypo": "5"}}}, SETTINGS)
    assert problems({"rankingRules": ["best"]}, SETTINGS)
    with pytest.raises(KeyError):
        right_for("POST", "/indexes/content/settings")
